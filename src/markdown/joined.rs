//! Lines that continue in Chinese or Japanese, joined as those scripts are written: without a space between them.

use std::iter::Peekable;

use pulldown_cmark::Event;

/// Leaves out the ends of lines that have such writing on both sides.
pub(super) struct Joined<'a, I: Iterator<Item = Event<'a>>> {
    events: Peekable<I>,
    /// What the text before this event ends with.
    before: Option<char>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Joined<'a, I> {
    pub(super) fn new(events: I) -> Self {
        Self { events: events.peekable(), before: None }
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for Joined<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        let event = self.events.next()?;
        if let Event::Text(words) | Event::Code(words) = &event {
            self.before = words.chars().next_back();
            return Some(event);
        }
        let is_between = matches!(event, Event::SoftBreak)
            && self.before.is_some_and(is_spaceless)
            && self.events.peek().and_then(first).is_some_and(is_spaceless);
        if is_between { self.next() } else { Some(event) }
    }
}

fn first(event: &Event<'_>) -> Option<char> {
    if let Event::Text(words) | Event::Code(words) = event { words.chars().next() } else { None }
}

/// Han, kana and their punctuation. Korean has spaces between its words.
fn is_spaceless(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{312f}' | '\u{31a0}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use crate::markdown::{to_html, to_text};

    #[test]
    fn chinese_goes_on_without_a_space_and_everything_else_with_one() {
        for (written, read) in [
            ("数据库被打\n满，又没有", "数据库被打满，又没有"),
            ("重启之后，\n缓存是空的。\n\n下一段", "重启之后，缓存是空的。\n下一段"),
            ("two\nwords", "two words"),
            ("节点\nNotReady", "节点 NotReady"),
            ("파드가\n멈춘다", "파드가 멈춘다"),
            ("一\n\n二", "一\n二"),
            ("- 一\n- 二", "一\n二"),
        ] {
            assert_eq!(to_text(written), read);
        }
        assert_eq!(to_html("打\n满\nfull").as_str(), "<p>打满\nfull</p>\n");
    }
}
