//! Fields of a source made to fit those of a pattern: shortened where they are too long, and in place of what the source
//! does not say, that it does not say it.

use super::{Origin, Taken};
use crate::domain::input::{MAX_ENTRIES, PatternInput, ProvenanceInput};
use crate::domain::{Line, Markdown, Title, WebAddress};

/// A pattern under way, with what has to be said about how it was read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub input: PatternInput,
    pub remarks: Vec<String>,
}

impl Draft {
    /// One line of at most so many characters; white space of every kind is one space.
    pub fn line(&mut self, field: &str, text: &str, most: usize) -> String {
        let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(most) {
            None => line,
            Some(_) => {
                self.remarks.push(format!("{field}: cut to {most} characters"));
                let kept: String = line.chars().take(most - 1).collect();
                format!("{}…", kept.trim_end())
            }
        }
    }

    /// A title.
    pub fn title(&mut self, text: &str) -> String {
        self.line("title", text, Title::MAX)
    }

    /// A line such as a name or a factor.
    pub fn short(&mut self, field: &str, text: &str) -> String {
        self.line(field, text, Line::MAX)
    }

    /// Markdown, or the placeholder where the source has none.
    pub fn prose(&mut self, field: &str, text: &str, placeholder: &str) -> String {
        const MARK: &str = "\n\n(Cut here.)";
        let text = text.replace('\0', "\u{fffd}");
        let text = text.trim_end();
        if text.trim().is_empty() {
            return placeholder.to_owned();
        }
        if text.len() <= Markdown::MAX {
            return text.to_owned();
        }
        self.remarks.push(format!("{field}: cut to {} bytes", Markdown::MAX));
        let room = text.floor_char_boundary(Markdown::MAX - MARK.len());
        format!("{}{MARK}", &text[..room])
    }

    /// Entries of a list, as many as a record has room for.
    pub fn at_most<T>(&mut self, field: &str, mut entries: Vec<T>) -> Vec<T> {
        if entries.len() > MAX_ENTRIES {
            self.remarks.push(format!("{field}: {} of {} entries were taken", MAX_ENTRIES, entries.len()));
            entries.truncate(MAX_ENTRIES);
        }
        entries
    }

    /// Says where the pattern comes from.
    pub fn provenance(&mut self, id: &str, author: &str, source: Option<&WebAddress>, origin: &Origin) {
        self.input.failure.provenance = ProvenanceInput {
            id: self.short("id", id),
            source: source.map(WebAddress::to_string).unwrap_or_default(),
            author: self.short("author", author),
            license: origin.license.as_ref().map_or_else(|| "unknown".to_owned(), Line::to_string),
        };
    }

    /// The pattern, or everything that is wrong with it in one sentence.
    pub fn finish(self, taken: impl FnOnce(crate::domain::Pattern, Vec<String>) -> Taken) -> Result<Taken, String> {
        match self.input.parse() {
            Ok(pattern) => Ok(taken(pattern, self.remarks)),
            Err(errors) => {
                let errors = errors.iter().map(|error| format!("{}: {}", error.field, error.message));
                Err(errors.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Draft;
    use crate::domain::Markdown;

    #[test]
    fn what_is_too_long_is_cut_and_said() {
        let mut draft = Draft::default();
        assert_eq!(draft.title(" a\n b\u{7} "), "a b");
        assert_eq!(draft.title(&"好 ".repeat(100)).chars().count(), 160);
        let prose = draft.prose("cause", &"é".repeat(Markdown::MAX), "nothing");
        assert!(Markdown::parse(&prose).is_ok_and(|prose| prose.as_str().ends_with("(Cut here.)")));
        assert_eq!(draft.remarks, ["title: cut to 160 characters", "cause: cut to 65536 bytes"]);
        assert_eq!(draft.prose("cause", " \n", "The source states no cause."), "The source states no cause.");
    }
}
