//! The answer to some evidence as a terminal shows it: ranked, with the lines that proved it, cut to the width.

use std::collections::HashMap;
use std::io::IsTerminal;

use super::say;
use crate::domain::matching::Evidence;
use crate::evidence::mask::mask;
use crate::markdown;
use crate::service::answer::{Answer, AnswerMatch, AnswerReason};
use crate::service::diagnose::line_numbers;

/// When there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Color {
    /// In a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// Prints answers; what they hold was written by others and never reaches the terminal raw.
pub(super) struct Printer {
    /// The lines of the evidence by their numbers, secrets masked.
    lines: HashMap<u32, String>,
    /// What was masked: `2 tokens and 3 addresses`.
    masked: Option<String>,
    width: usize,
    ink: Ink,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Plain,
    Coloured,
}

/// A way to set words apart, as the terminal is told.
type Style = &'static str;
const BOLD: Style = "1";
const DIM: Style = "2";
const RED: Style = "1;31";
const GREEN: Style = "1;32";
const YELLOW: Style = "1;33";

/// How wide the output is where nobody says.
const USUAL_WIDTH: usize = 100;
/// How many lines that a rule met are quoted.
const QUOTED: usize = 4;
/// How many reasons, or parts that a rule did not find, are shown.
const REASONS: usize = 3;

impl Printer {
    pub(super) fn new(evidence: &Evidence, color: Color) -> Self {
        let masked = mask(evidence.as_str());
        let numbers = line_numbers(evidence, &masked);
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_coloured = match color {
            Color::Auto => std::io::stdout().is_terminal() && !refused,
            Color::Always => true,
            Color::Never => false,
        };
        let width = rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col));
        Self {
            lines: numbers.into_iter().zip(masked.text.split('\n').map(str::to_owned)).collect(),
            masked: masked.tally(),
            width: width.filter(|width| *width >= 40).unwrap_or(USUAL_WIDTH),
            ink: if is_coloured { Ink::Coloured } else { Ink::Plain },
        }
    }

    pub(super) fn print(&self, answer: &Answer) {
        if answer.matches.is_empty() {
            say("Nothing known matches.");
            return;
        }
        if !answer.read.is_empty() {
            let masked = self.masked.as_ref().map(|tally| format!(" Masked in what is quoted: {tally}."));
            let read = format!("Read as {}.{}", harmless(&answer.read), masked.unwrap_or_default());
            say(&self.styled(DIM, &read));
        }
        for (rank, found) in answer.matches.iter().enumerate() {
            say("");
            self.print_match(rank + 1, found);
        }
        if let Some(next) = &answer.next {
            let purpose =
                if answer.matches.len() > 1 { "To tell the first two apart, run:" } else { "To be sure, run:" };
            say("");
            say(purpose);
            say(&format!("   {}", self.styled(BOLD, &harmless(&next.command))));
            say(&format!("   {}", harmless(&next.means)));
        }
    }

    fn print_match(&self, rank: usize, found: &AnswerMatch) {
        let by = found.organization.as_ref().map(|name| format!(" ({})", harmless(name))).unwrap_or_default();
        say(&format!("{rank}. {}{by}", self.styled(BOLD, &harmless(&found.title))));
        let style = match found.confidence.as_str() {
            "fired" => RED,
            "strong" => GREEN,
            _ => YELLOW,
        };
        let confidence = self.styled(style, &format!("{:<11}", harmless(&found.confidence)));
        say(&format!("   {confidence} {} {:.2}", harmless(&found.kind), found.score));
        let is_rule = |reason: &&AnswerReason| matches!(reason, AnswerReason::Rule { .. });
        found.reasons.iter().filter(is_rule).for_each(|reason| self.print_reason(reason));
        for against in &found.contradicted {
            self.row("against", &format!("{} (rule “{}”)", against.by, against.rule));
        }
        found
            .reasons
            .iter()
            .filter(|reason| !is_rule(reason))
            .take(REASONS)
            .for_each(|reason| self.print_reason(reason));
        for expected in found.expects.iter().take(REASONS) {
            self.row("expects", &format!("{} (rule “{}”)", expected.missing.join(", "), expected.rule));
        }
        self.row("cause", &markdown::excerpt(&found.root_cause, 240));
        self.row("remedy", &markdown::excerpt(&found.remediation, 240));
        if found.url.starts_with("http") {
            self.row("read on", &found.url);
        } else {
            self.row("file", &format!("{}.md", found.slug));
        }
    }

    fn print_reason(&self, reason: &AnswerReason) {
        match reason {
            AnswerReason::Words { field, terms, .. } => self.row(&field.replace('_', " "), &terms.join(", ")),
            AnswerReason::Rule { rule, kind, of, lines, subject, remarks } => {
                let of = of.as_ref().map(|of| format!(", of “{}”", of.title)).unwrap_or_default();
                self.row("rule", &format!("{rule} ({kind}{of})"));
                subject.iter().for_each(|subject| self.row("on", subject));
                lines.iter().take(QUOTED).for_each(|line| self.quote(*line));
                if lines.len() > QUOTED {
                    self.row("", &format!("and {} more lines", lines.len() - QUOTED));
                }
                remarks.iter().for_each(|remark| self.row("note", remark));
            }
        }
    }

    fn row(&self, name: &str, text: &str) {
        let name = self.styled(DIM, &format!("{:<11}", harmless(name)));
        say(&format!("   {name} {}", harmless(text)));
    }

    /// A line of the evidence, as far as it fits.
    fn quote(&self, line: u32) {
        let Some(text) = self.lines.get(&line) else { return };
        let margin = format!("{line:>14}");
        let room = self.width.saturating_sub(margin.len() + 3);
        // What cannot be seen is not made harmless: a line may be a mebibyte long.
        let seen = &text[..text.floor_char_boundary(8 * self.width)];
        say(&format!("{} {}", self.styled(RED, &margin), fitted(harmless(seen).trim(), room)));
    }

    fn styled(&self, style: Style, text: &str) -> String {
        match self.ink {
            Ink::Plain => text.to_owned(),
            Ink::Coloured => format!("\u{1b}[{style}m{text}\u{1b}[0m"),
        }
    }
}

/// One line that does nothing to a terminal: no escapes, and nothing that turns the direction of writing.
fn harmless(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => ' ',
            c if c.is_control() || turns(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// The beginning of a text that takes at most so many columns; Chinese, Japanese and Korean take two for a character.
fn fitted(text: &str, columns: usize) -> String {
    let wide = |c: char| matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    let mut taken = 0;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        taken += if wide(c) { 2 } else { 1 };
        if taken > columns {
            return format!("{}…", &text[..end.min(at)]);
        }
        // Where it is cut there must be room for the sign that says so.
        if taken < columns {
            end = at + c.len_utf8();
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{fitted, harmless};

    #[test]
    fn nothing_that_others_wrote_commands_the_terminal() {
        assert_eq!(
            harmless("a\u{1b}[2Jb\r\u{9b}1m\tc\u{202e}d\u{7}"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}1m c\u{fffd}d\u{fffd}"
        );
        assert_eq!(harmless("节点 é 👩 0/256"), "节点 é 👩 0/256");
    }

    #[test]
    fn a_line_is_cut_to_the_columns_it_takes() {
        assert_eq!(fitted("abcdef", 6), "abcdef");
        assert_eq!(fitted("abcdefg", 6), "abcde…");
        assert_eq!(fitted("节点节点", 8), "节点节点");
        assert_eq!(fitted("节点节点节", 8), "节点节…");
        assert_eq!(fitted("", 0), "");
        assert_eq!(fitted("ab", 0), "…");
    }
}
