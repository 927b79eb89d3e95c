//! What was pasted into the match page, made into the beginning of a symptom.

use crate::domain::Markdown;

/// What is kept of a paste, in bytes: a symptom takes 64 KiB, and there should be room to say something about it.
const KEPT: usize = Markdown::MAX - 4 * 1024;

/// A sentence stays a sentence. Several lines are a paste: they go into a fenced code block, so that Markdown
/// leaves every character of them alone. What does not fit is cut, and the text says how much.
pub fn to_symptom(evidence: &str) -> String {
    let text = evidence.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_end().trim_start_matches('\n');
    let kept = &text[..text.floor_char_boundary(KEPT)];
    let cut = text.len() - kept.len();
    if cut == 0 && is_fenced(text) {
        // The match page has done it already.
        return format!("{text}\n");
    }
    let mut symptom = if kept.lines().filter(|line| !line.trim().is_empty()).count() > 1 {
        let fence = "`".repeat(longest_run(kept).max(2) + 1);
        format!("{fence}text\n{}\n{fence}\n", kept.trim_end())
    } else {
        kept.trim().to_owned()
    };
    if cut > 0 {
        symptom.push_str(&format!("\n({cut} more bytes were pasted than fit here.)\n"));
    }
    symptom
}

/// Whether the whole text is one code block.
fn is_fenced(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let fence = &first[..first.len() - first.trim_start_matches('`').len()];
    let body = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(fence));
    fence.len() >= 3 && body.is_some_and(|body| body.ends_with('\n') && longest_run(body) < fence.len())
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::to_symptom;
    use crate::domain::Markdown;

    #[test]
    fn a_sentence_stays_a_sentence() {
        assert_eq!(to_symptom("  deployment stuck for an hour \r\n"), "deployment stuck for an hour");
    }

    #[test]
    fn several_lines_are_fenced_and_keep_their_indentation() {
        assert_eq!(to_symptom("  a: 1\r\n  b: 2\r\n"), "```text\n  a: 1\n  b: 2\n```\n");
    }

    #[test]
    fn a_paste_with_fences_cannot_close_the_fence_around_it() {
        assert!(to_symptom("```\n# heading\n````\n").starts_with("`````text\n"));
    }

    #[test]
    fn what_is_fenced_already_is_left_as_it_is() {
        let fenced = "````text\na\n```\nb\n````\n";
        assert_eq!(to_symptom(fenced), fenced);
        assert!(to_symptom("```\na\n```\nb\n```\n").starts_with("````text\n"), "two blocks are a paste");
    }

    #[test]
    fn a_paste_that_does_not_fit_is_cut_and_says_so() {
        let symptom = to_symptom(&"好 line\n".repeat(100_000));
        assert!(symptom.contains("more bytes were pasted"));
        Markdown::parse(&symptom).expect("fits");
    }
}
