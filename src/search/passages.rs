//! Cuts evidence into passages: what one line of a log says, one sentence of a paragraph, one field of a JSON record.

use std::ops::Range;

/// A longer line is cut into its sentences or fields.
const LONG_LINE: usize = 240;
/// How far into a line its level is looked for, in bytes.
const LEVEL_WITHIN: usize = 160;

/// A stretch of evidence that says one thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Passage<'e> {
    pub(super) text: &'e str,
    /// How much it counts beside others: 1 for a line that does not say.
    pub(super) emphasis: f32,
}

/// What the first line of a description counts more: people begin with what it is about.
const HEADLINE: f32 = 1.8;
/// What a line says that calls itself an error, and one that calls itself information.
const ERROR: f32 = 1.2;
const INFORMATION: f32 = 0.85;

/// The passages of evidence, in order.
pub(super) fn passages(evidence: &str) -> impl Iterator<Item = Passage<'_>> {
    let lines = evidence.lines().filter(|line| !line.trim().is_empty());
    lines.enumerate().flat_map(|(number, line)| {
        let emphasis = if number == 0 && is_headline(line) { HEADLINE } else { emphasis(line) };
        cut(line).map(move |text| Passage { text, emphasis })
    })
}

/// A record in JSON gives its fields, a long line its sentences, anything else itself.
fn cut(line: &str) -> impl Iterator<Item = &str> {
    let is_record = line.contains("\":");
    let fields: Box<dyn Iterator<Item = &str>> =
        if is_record { Box::new(line.split(",\"")) } else { Box::new(std::iter::once(line)) };
    fields.flat_map(|field| {
        let sentences: Box<dyn Iterator<Item = &str>> = if field.len() < LONG_LINE {
            Box::new(std::iter::once(field))
        } else {
            Box::new(field.split_inclusive(['。', '！', '？', ';', '；']).flat_map(|part| part.split_inclusive(". ")))
        };
        sentences
    })
}

/// Whether a word is the name of a field of a JSON record: `"receiver": …`. What it holds tells, not how it is called.
/// A field that lost its opening quotation mark to the cut is one, too.
pub(super) fn is_field_name(passage: &str, word: &Range<usize>) -> bool {
    let opened = word.start == 0 || passage[..word.start].ends_with('"');
    let rest = &passage[word.end..];
    opened && rest.strip_prefix('"').is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// A first line in plain words and not too many of them.
fn is_headline(line: &str) -> bool {
    const MOST_WORDS: usize = 20;
    let starts_plainly = !line.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '{' | '['));
    starts_plainly && level(line).is_none() && line.split_whitespace().take(MOST_WORDS + 1).count() <= MOST_WORDS
}

fn emphasis(line: &str) -> f32 {
    match level(line) {
        Some(Level::Error) => ERROR,
        Some(Level::Information) => INFORMATION,
        Some(Level::Warning) | None => 1.0,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Information,
}

/// The worst that a line calls itself near its beginning.
fn level(line: &str) -> Option<Level> {
    let start = &line[..line.floor_char_boundary(LEVEL_WITHIN)];
    let words = start.split(|c: char| !c.is_ascii_alphanumeric());
    let levels = words.filter_map(|word| {
        let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
        if is(&["error", "err", "erro", "fatal", "panic", "critical", "emerg"]) {
            Some(Level::Error)
        } else if is(&["warn", "warning"]) {
            Some(Level::Warning)
        } else if is(&["info", "inf", "debug", "dbg", "trace", "notice", "normal"]) {
            Some(Level::Information)
        } else {
            None
        }
    });
    levels.min_by_key(|level| *level as u8)
}

#[cfg(test)]
mod tests {
    use super::{is_field_name, level, passages};
    use crate::search::words::words;

    fn texts(evidence: &str) -> Vec<&str> {
        passages(evidence).map(|passage| passage.text).collect()
    }

    #[test]
    fn lines_fields_and_sentences_are_passages() {
        assert_eq!(texts("one line\n\n  \ntwo"), ["one line", "two"]);
        assert_eq!(
            texts(r#"{"status":"firing","alertname":"KubePodCrashLooping"}"#),
            [r#"{"status":"firing""#, r#"alertname":"KubePodCrashLooping"}"#]
        );
        let paragraph = "The pool ran dry. ".repeat(20);
        assert_eq!(texts(&paragraph).len(), 20);
    }

    #[test]
    fn the_names_of_fields_are_told_from_what_they_hold() {
        let named = |passage: &str| -> Vec<String> {
            let names = words(passage).into_iter().filter(|word| is_field_name(passage, &word.range));
            names.map(|word| passage[word.range].to_owned()).collect()
        };
        assert_eq!(named(r#"{"msg" : "disk full""#), ["msg"]);
        assert_eq!(named(r#"alertname":"TargetDown""#), ["alertname"]);
        assert!(named("error: \"disk full\"").is_empty());
    }

    #[test]
    fn errors_count_more_than_information_and_a_headline_most() {
        let weighed: Vec<f32> =
            passages("Shop is down\nERROR no pool\nINFO ready\nplain").map(|passage| passage.emphasis).collect();
        assert!(weighed[0] > weighed[1] && weighed[1] > weighed[3] && weighed[3] > weighed[2], "{weighed:?}");
        assert!(level("2024-01-01 level=info msg=\"error free\"").is_some());
    }
}
