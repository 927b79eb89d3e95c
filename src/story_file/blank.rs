//! A story or a pattern that is yet to be written: every key, and beside it what belongs there.

use super::print::quoted;
use crate::domain::{FailureKind, Title};

/// Stands in the files for the title as it is written in YAML.
const TITLE: &str = "TITLE";

/// The text of a file with this title and nothing else. Checking it says what is missing.
pub fn blank(kind: FailureKind, title: &Title) -> String {
    let file = match kind {
        FailureKind::Story => include_str!("blank/story.md"),
        FailureKind::Pattern => include_str!("blank/pattern.md"),
    };
    file.replacen(TITLE, &quoted(title.as_str()), 1)
}

#[cfg(test)]
mod tests {
    use super::blank;
    use crate::domain::{FailureKind, Title};
    use crate::story_file::{parse_pattern, parse_story};

    #[test]
    fn whatever_the_title_is_only_what_is_left_empty_is_wrong() {
        for title in ["Pods hang", "A: \"b\" # c", "- x", "没有地址", "TITLE", "{{ title }}"] {
            let title = Title::parse(title).expect("a title");
            let story = parse_story("s.md", &blank(FailureKind::Story, &title)).expect_err("much is missing");
            let pattern = parse_pattern("p.md", &blank(FailureKind::Pattern, &title)).expect_err("much is missing");
            assert!(story.len() > pattern.len());
            for error in story.iter().chain(&pattern) {
                assert!(error.message.contains("found nothing"), "{error}");
                assert!(!error.message.contains("title:") || error.message.contains("references"), "{error}");
            }
        }
    }
}
