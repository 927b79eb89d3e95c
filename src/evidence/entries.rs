//! A log as entries: a stamped line with the lines that belong to it.

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
    /// When, in nanoseconds since 1970, by the entry's own stamp.
    pub stamp: Option<i64>,
    /// Its bytes in the paste, folded lines included, without the last line end.
    pub span: Range<usize>,
    /// What the terms of rules see, as pieces of the paste put together without line ends: one for each folded line.
    /// A stamp that its format sets apart (RFC 3339 before the first space, CRI) is left out.
    pub seen: Vec<Range<usize>>,
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
                (!line.trim().is_empty()).then(|| LogEntry { stamp: None, seen: vec![span.clone()], span })
            })
            .collect();
        Self { entries, is_stamped: false }
    }
}
