//! A log as entries: a stamped line with the lines that belong to it.
//!
//! `preq`, the reference of the rule language, settles on one format for a file and drops what stands before the first
//! stamp. A paste is often put together from several sources, so here each line is looked at by itself:
//!
//! - A line with a stamp begins an entry, in whatever format. Unstamped lines below it are folded into it, as in the
//!   reference, so that a stack trace is one entry (`fold` says where that ends). Lines of the formats that stamp every
//!   line (CRI, Docker's JSON) fold nothing.
//! - A line without a stamp that is not folded is an entry as well. It has the stamp of the entry before it: the order
//!   of a paste is mostly the order of time. Nothing that was pasted is lost.
//! - Terms see RFC 3339 and CRI lines without their stamp, Docker's lines decoded, and all others whole.

mod fold;
mod order;
mod level;
mod template;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};

use self::fold::Look;
pub use self::level::Level;
pub use self::order::TimeOrder;
use super::stamp::fields::json_fields;
use super::stamp::{self, Calendar, Form, Stamp};

/// The entries of a log, in the order of the paste.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// The entries.
    pub entries: Vec<LogEntry>,
    /// Whether any entry has a stamp; windows cannot be checked where none has.
    pub is_stamped: bool,
    /// The order of time, where it is not the order of the paste.
    pub by_time: Option<TimeOrder>,
}

/// One entry: the unit that the terms of a log rule are tried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When, in nanoseconds since 1970: by its own stamp or, where it has none, by that of the entry before it.
    /// Nothing before the first stamp of the paste.
    pub stamp: Option<i64>,
    /// Its bytes in the paste, folded lines included, without the last line end.
    pub span: Range<usize>,
    /// What the terms of rules see of it.
    pub seen: Seen,
}

/// What the terms of rules see of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// These bytes of one line of the paste; a stamp that its format sets apart (RFC 3339 before the first space, CRI)
    /// is left out.
    Line(Range<usize>),
    /// These bytes of the paste, one range a line, put together without line ends.
    Folded(Vec<Range<usize>>),
    /// The text that the line holds in escaped form (Docker's JSON); it stands nowhere in the paste as it is.
    Decoded(String),
}

impl LogEntry {
    /// What the terms of rules see, as text. `text` is the paste that the entry was read from.
    pub fn seen<'e>(&'e self, text: &'e str) -> Cow<'e, str> {
        match &self.seen {
            Seen::Line(range) => Cow::Borrowed(&text[range.clone()]),
            Seen::Folded(ranges) => ranges.iter().map(|range| &text[range.clone()]).collect::<String>().into(),
            Seen::Decoded(decoded) => Cow::Borrowed(decoded),
        }
    }

    /// Where a stretch of what is seen stands in the paste: one range for each line that it touches. Of a decoded entry
    /// it is the whole line.
    pub fn places(&self, stretch: &Range<usize>) -> Vec<Range<usize>> {
        let ranges = match &self.seen {
            Seen::Line(range) => std::slice::from_ref(range),
            Seen::Folded(ranges) => ranges,
            Seen::Decoded(_) => return vec![self.span.clone()],
        };
        let mut before = 0;
        let mut places = Vec::new();
        for range in ranges {
            let start = stretch.start.max(before);
            let end = stretch.end.min(before + range.len());
            if start < end {
                places.push(range.start + start - before..range.start + end - before);
            }
            before += range.len();
        }
        places
    }

    /// How bad its first line says it is.
    pub fn level(&self, text: &str) -> Option<Level> {
        let (line, message) = self.first_line(text);
        Level::of(line, &line[message..])
    }

    /// Its first line with numbers, ids, paths and quoted values replaced by `<number>`, `<id>` and so on: the same for
    /// lines that differ in nothing else. At most some 400 bytes.
    pub fn template(&self, text: &str) -> String {
        let (line, message) = self.first_line(text);
        template::of(&line[message..])
    }

    /// The first line of what is seen, and the byte of it at which the message begins.
    pub fn first_line<'e>(&'e self, text: &'e str) -> (&'e str, usize) {
        let line = match &self.seen {
            Seen::Line(range) => &text[range.clone()],
            Seen::Folded(ranges) => ranges.first().map_or("", |range| &text[range.clone()]),
            Seen::Decoded(decoded) => decoded.lines().next().unwrap_or_default(),
        };
        (line, stamp::message(line))
    }
}

/// One line of the paste.
struct Line {
    span: Range<usize>,
    stamp: Option<Stamp>,
    look: Look,
}

impl Entries {
    /// Entries that were read one by one.
    pub fn new(entries: Vec<LogEntry>) -> Self {
        Self {
            is_stamped: entries.iter().any(|entry| entry.stamp.is_some()),
            by_time: TimeOrder::of(&entries),
            entries,
        }
    }

    /// Reads a text as a log. Any text is one: without stamps every line is an entry, but for those of stack traces.
    pub fn read(text: &str, now: DateTime<Utc>) -> Self {
        let lines = lines(text, now);
        let looks: Vec<Look> = lines.iter().map(|line| line.look).collect();
        let next_stamped = next_stamped(&lines);
        let mut entries = Vec::new();
        let mut stamp = None;
        let mut index = 0;
        while let Some(line) = lines.get(index) {
            let below = index + 1;
            if line.look == Look::Blank {
                index = below;
                continue;
            }
            let length = match line.stamp.map(|stamp| stamp.form) {
                Some(Form::Cri(_) | Form::Docker) => 0,
                Some(Form::Rfc3339(_) | Form::Within) => fold::folded(&looks[below..next_stamped[index]]),
                None => looks[below..].iter().take_while(|look| **look == Look::Trace).count(),
            };
            stamp = line.stamp.map(|stamp| stamp.nanoseconds).or(stamp);
            entries.push(entry(text, stamp, line, &lines[below..below + length]));
            index = below + length;
        }
        Self::new(entries)
    }
}

fn lines(text: &str, now: DateTime<Utc>) -> Vec<Line> {
    let mut calendar = Calendar::new(now);
    let mut start = 0;
    text.split('\n')
        .map(|line| {
            let span = start..start + line.len();
            start = span.end + 1;
            let stamp = stamp::read(line, &mut calendar);
            // How a stamped line looks is never asked; it only must not end a run of traces by chance.
            let look = if stamp.is_some() { Look::Section } else { Look::of(line) };
            Line { span, stamp, look }
        })
        .collect()
}

/// For each line the index of the next one with a stamp, or the number of lines.
fn next_stamped(lines: &[Line]) -> Vec<usize> {
    let mut next = lines.len();
    let mut found: Vec<usize> = (0..lines.len())
        .rev()
        .map(|index| {
            let after = next;
            if lines[index].stamp.is_some() {
                next = index;
            }
            after
        })
        .collect();
    found.reverse();
    found
}

fn entry(text: &str, stamp: Option<i64>, first: &Line, folded: &[Line]) -> LogEntry {
    let span = first.span.start..folded.last().unwrap_or(first).span.end;
    let line = match first.stamp.map(|stamp| stamp.form) {
        Some(Form::Docker) => {
            if let Some(decoded) = docker_message(&text[first.span.clone()]) {
                return LogEntry { stamp, span, seen: Seen::Decoded(decoded) };
            }
            first.span.clone()
        }
        Some(Form::Cri(message) | Form::Rfc3339(message)) => first.span.start + message..first.span.end,
        Some(Form::Within) | None => first.span.clone(),
    };
    if folded.is_empty() {
        return LogEntry { stamp, span, seen: Seen::Line(line) };
    }
    let below = folded.iter().filter(|line| line.look != Look::Blank).map(|line| line.span.clone());
    LogEntry { stamp, span, seen: Seen::Folded(std::iter::once(line).chain(below).collect()) }
}

fn docker_message(line: &str) -> Option<String> {
    let mut decoded = json_fields(line.trim_start()).find(|field| field.key == "log")?.decoded()?;
    decoded.truncate(decoded.trim_end_matches(['\n', '\r']).len());
    Some(decoded)
}
