//! From Markdown to plain text, for the search index, feeds and one-line previews.

use pulldown_cmark::{Event, TagEnd};

/// The words without the markup. Blocks, list items and table rows are separated by newlines; code and the text of
/// links and images are kept; raw HTML is text, as it is on the page.
pub fn to_text(markdown: &str) -> String {
    of_events(super::parser(markdown))
}

/// Plain text of at most `max_chars` characters on one line, cut at the end of a sentence, or where none ends in the
/// second half, at the end of a word and then marked with `…`.
pub fn excerpt(markdown: &str, max_chars: usize) -> String {
    let text = to_text(markdown).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().nth(max_chars).is_none() {
        return text;
    }
    let Some((limit, _)) = text.char_indices().nth(max_chars.saturating_sub(1)) else {
        return String::new();
    };
    let window = &text[..limit];
    if let Some(end) = last_sentence(window).filter(|&end| end > limit / 2) {
        return window[..end].to_owned();
    }
    let word_ends_here = text[limit..].starts_with(' ');
    // Text without spaces (Chinese, or one long word) is cut where it is rather than thrown away.
    let cut = if word_ends_here { limit } else { window.rfind(' ').filter(|&at| at > limit / 2).unwrap_or(limit) };
    let kept = window[..cut].trim_end_matches([' ', ',', ';', ':', '.', '，', '。', '、']);
    if max_chars == 0 { String::new() } else { format!("{kept}…") }
}

/// Where the last whole sentence ends.
fn last_sentence(text: &str) -> Option<usize> {
    let western = [". ", "? ", "! "].iter().filter_map(|mark| text.rfind(mark).map(|at| at + 1)).max();
    let eastern = ['。', '？', '！'].iter().filter_map(|&mark| text.rfind(mark).map(|at| at + mark.len_utf8())).max();
    western.max(eastern)
}

pub(super) fn of_events<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(words)
            | Event::Code(words)
            | Event::Html(words)
            | Event::InlineHtml(words)
            | Event::InlineMath(words)
            | Event::DisplayMath(words)
            | Event::FootnoteReference(words) => text.push_str(&words),
            Event::SoftBreak | Event::End(TagEnd::TableCell) => text.push(' '),
            Event::HardBreak => text.push('\n'),
            Event::Start(tag) if is_block(tag.to_end()) => end_line(&mut text),
            Event::End(tag) if is_block(tag) => end_line(&mut text),
            Event::Start(_) | Event::End(_) | Event::Rule | Event::TaskListMarker(_) => {}
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn is_block(tag: TagEnd) -> bool {
    !matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image | TagEnd::TableCell
    )
}

fn end_line(text: &mut String) {
    while text.ends_with(' ') {
        text.pop();
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{excerpt, to_text};

    #[test]
    fn blocks_are_lines_and_markup_is_gone() {
        let markdown = "# Title\n\nA *b* `c`\nd [e](https://x.example).\n\n- one\n  - two\n\n```sh\nls -l\npwd\n```\n\n\
                        |h|i|\n|-|-|\n|1|2|\n\n---\n![alt](x.png) <b>";
        let text = "Title\nA b c d e.\none\ntwo\nls -l\npwd\nh i\n1 2\nalt <b>";
        assert_eq!(to_text(markdown), text);
    }

    #[test]
    fn an_excerpt_ends_with_a_whole_word() {
        assert_eq!(excerpt("All pods\nstopped.", 40), "All pods stopped.");
        assert_eq!(excerpt("All pods stopped.", 17), "All pods stopped.");
        assert_eq!(excerpt("All pods stopped.", 16), "All pods…");
        assert_eq!(excerpt("All pods stopped.", 9), "All pods…");
        assert_eq!(excerpt("部署停滞了一个多小时", 5), "部署停滞…");
        assert_eq!(excerpt("abc", 0), "");
    }

    proptest! {
        #[test]
        fn an_excerpt_is_one_line_within_its_bound(markdown in ".{0,200}", max in 0usize..80) {
            let excerpt = excerpt(&markdown, max);
            prop_assert!(excerpt.chars().count() <= max);
            prop_assert!(!excerpt.contains('\n'));
        }
    }
}
