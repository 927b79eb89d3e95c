//! Text that people write: one line, a title, or Markdown.

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::invalid::parsed_text;

/// One line of text without control characters, trimmed, 1 to 300 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line(String);

/// The title of a story or pattern: a [`Line`] of at most 160 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Title(String);

/// Markdown (CommonMark with tables) of at most 64 KiB. Line ends are `\n`; blank lines around it are dropped.
/// Empty is allowed: a field that nobody has filled in yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Markdown(String);

impl Line {
    /// The longest line, in characters.
    pub const MAX: usize = 300;

    /// Parses one line, trimming white space at both ends.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        one_line(text, Self::MAX).map(Self)
    }
}

impl Title {
    /// The longest title, in characters.
    pub const MAX: usize = 160;

    /// Parses a title, trimming white space at both ends.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        one_line(text, Self::MAX).map(Self)
    }
}

impl Markdown {
    /// The longest text, in bytes.
    pub const MAX: usize = 64 * 1024;

    /// Parses Markdown. Only its size and NUL (which PostgreSQL cannot store) can be wrong.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let kept = tidied(text)?;
        if kept.len() > Self::MAX {
            return Err(Invalid::described(
                format!("{} bytes", kept.len()),
                format!("at most {} bytes (64 KiB)", Self::MAX),
            ));
        }
        Ok(Self(kept))
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `\n` line ends, no blank lines around it, no NUL.
pub(super) fn tidied(text: &str) -> Result<String, Invalid> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = text.trim_end().trim_start_matches('\n');
    // A first line of white space only is a blank line too, but indentation before text is code.
    let kept = kept
        .char_indices()
        .find(|(_, c)| !c.is_whitespace())
        .map_or("", |(first, _)| &kept[kept[..first].rfind('\n').map_or(0, |newline| newline + 1)..]);
    match kept.chars().position(|c| c == '\0') {
        Some(at) => {
            Err(Invalid::described(format!("a NUL character at position {}", at + 1), "text without NUL characters"))
        }
        None => Ok(kept.to_owned()),
    }
}

fn one_line(text: &str, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    let expected = || format!("one line of 1 to {max} characters");
    if text.is_empty() || text.chars().any(char::is_control) || text.contains(['\u{2028}', '\u{2029}']) {
        return Err(Invalid::new(text, expected()));
    }
    let length = text.chars().count();
    if length > max {
        return Err(Invalid::described(format!("{length} characters"), expected()));
    }
    Ok(text.to_owned())
}

parsed_text!(Line, Title, Markdown);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Line, Markdown, Title};

    #[test]
    fn blank_lines_around_markdown_are_dropped_and_indentation_kept() {
        let parsed = Markdown::parse("\r\n  \n    code\r\nmore \n\n").expect("fine");
        assert_eq!(parsed.as_str(), "    code\nmore");
        assert!(Markdown::parse(" \n\t\n").expect("fine").is_empty());
    }

    #[test]
    fn nul_and_size_are_refused_with_what_was_found() {
        assert!(Markdown::parse("ab\0").expect_err("NUL").to_string().contains("position 3"));
        let large = "x".repeat(Markdown::MAX + 1);
        assert!(Markdown::parse(&large).expect_err("large").to_string().contains("65537 bytes"));
    }

    #[test]
    fn a_line_has_no_control_characters() {
        assert!(Line::parse("a\nb").is_err());
        assert!(Line::parse("a\u{1b}b").is_err());
        assert_eq!(Line::parse("  مرحبا 世界 🌍 ").expect("fine").as_str(), "مرحبا 世界 🌍");
        assert!(Title::parse(&"好".repeat(160)).is_ok());
        assert!(Title::parse(&"好".repeat(161)).is_err());
    }

    proptest! {
        #[test]
        fn parsing_markdown_twice_changes_nothing(text in "[ \\t\\r\\na-c#\u{a0}]{0,60}") {
            let once = Markdown::parse(&text).expect("fine");
            prop_assert_eq!(Markdown::parse(once.as_str()).expect("fine"), once);
        }
    }
}
