//! What a person pasted, read as signals: log entries with their stamps, Kubernetes objects, alerts, and the rest.
//! Mixed pastes are normal. Also the masking of secrets, before anything is shown again. No I/O, no regex of a user.

mod stamp;
mod entries;
mod lines;
mod tree;
mod blocks;
mod objects;
mod alerts;
pub mod mask;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub use self::alerts::Alert;
pub use self::entries::{Entries, Level, LogEntry, Seen};
use self::lines::Lines;
pub use self::objects::{Object, ObjectError, objects_in};

/// Evidence, read. All ranges are bytes of [`Signals::text`], on character boundaries; lines count from 1.
#[derive(Debug, Clone)]
pub struct Signals<'t> {
    /// The text as it was pasted, with `\n` line ends.
    pub text: &'t str,
    /// Where each line begins, ascending; the first is 0.
    pub line_starts: Vec<usize>,
    /// The text as log entries: stack traces folded into the line they belong to.
    pub log: Entries,
    /// Kubernetes objects found in pasted YAML or JSON, `List` kinds taken apart.
    pub objects: Vec<Object>,
    /// Alerts found in pasted Alertmanager or Prometheus JSON.
    pub alerts: Vec<Alert>,
}

impl<'t> Signals<'t> {
    /// Reads a paste. `now` settles stamps without a year: the year in which they lie nearest to now.
    pub fn read(text: &'t str, now: DateTime<Utc>) -> Self {
        let line_starts = lines::starts(text);
        let lines = Lines::new(text, &line_starts);
        let blocks = blocks::read(lines);
        let objects = objects::read(lines, &blocks);
        let alerts = alerts::read(text);
        Self { text, log: Entries::read(text, now), objects, alerts, line_starts }
    }

    /// The line, from 1, on which a byte stands.
    pub fn line_of(&self, byte: usize) -> u32 {
        self.line_starts.partition_point(|&start| start <= byte) as u32
    }
}
