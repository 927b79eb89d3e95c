//! A log as entries: a stamped line with the lines that belong to it.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};

/// The entries of a log, in the order of the paste.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// The entries.
    pub entries: Vec<LogEntry>,
    /// Whether any entry has a stamp; windows cannot be checked where none has.
    pub is_stamped: bool,
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
}

impl Entries {
    /// Reads a text as a log. Any text is one: without stamps every line is an entry.
    pub fn read(text: &str, _now: DateTime<Utc>) -> Self {
        let mut start = 0;
        let entries = text
            .split('\n')
            .filter_map(|line| {
                let span = start..start + line.len();
                start = span.end + 1;
                (!line.trim().is_empty()).then(|| LogEntry { stamp: None, seen: Seen::Line(span.clone()), span })
            })
            .collect();
        Self { entries, is_stamped: false }
    }
}
