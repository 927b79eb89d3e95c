//! What a person pasted, read as signals: log entries with their stamps, Kubernetes objects, alerts, and the rest.
//! Mixed pastes are normal. Also the masking of secrets, before anything is shown again. No I/O, no regex of a user.

mod stamp;
mod entries;
mod lines;
mod tree;
mod blocks;
mod objects;
mod alerts;
mod events;
mod traces;
mod parts;
mod prose;
pub mod mask;
pub mod chat;
#[cfg(test)]
pub(crate) mod tests;

use std::ops::Range;

use chrono::{DateTime, Utc};

pub use self::alerts::Alert;
use self::blocks::Block;
pub use self::entries::{Entries, Level, LogEntry, Seen, TimeOrder};
use self::events::EventTables;
pub use self::events::{Event, EventType};
use self::lines::Lines;
pub use self::objects::{Object, ObjectError, objects_in};
use self::parts::Claims;
pub use self::parts::{Part, PartKind};
pub use self::traces::Trace;

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
    /// Alerts found in pasted Alertmanager or Prometheus JSON, and in mails and messages about them.
    pub alerts: Vec<Alert>,
    /// Events of a cluster: of tables that `kubectl` prints, and objects of kind Event.
    pub events: Vec<Event>,
    /// Stack traces.
    pub traces: Vec<Trace>,
    /// What the paste is made of, in order.
    pub parts: Vec<Part>,
}

impl<'t> Signals<'t> {
    /// Reads a paste. `now` settles stamps without a year: the year in which they lie nearest to now.
    ///
    /// Takes time linear in the length of the text; whatever it holds, it is read as far as it can be.
    pub fn read(text: &'t str, now: DateTime<Utc>) -> Self {
        let line_starts = lines::starts(text);
        let lines = Lines::new(text, &line_starts);
        let blocks = blocks::read(lines);
        let objects = objects::read(lines, &blocks);
        let alerts = alerts::read(lines, &blocks);
        let tables = events::read(lines);
        let traces = traces::read(lines);
        let log = Entries::read(text, now);
        let structured = claims(&blocks, &objects, &alerts, &tables, &traces);
        let parts = Claims { lines, structured, log: &log }.parts();
        let mut events = tables.events;
        events.extend(events::of_objects(lines, &objects));
        events.sort_by_key(|event| event.span.start);
        Self { text, log, objects, alerts, events, traces, parts, line_starts }
    }

    fn lines(&self) -> Lines<'_> {
        Lines::new(self.text, &self.line_starts)
    }

    /// The line, from 1, on which a byte stands.
    pub fn line_of(&self, byte: usize) -> u32 {
        self.line_starts.partition_point(|&start| start <= byte) as u32
    }
}

/// The lines that are known to be something: first come, first served.
fn claims(
    blocks: &[Block],
    objects: &[Object],
    alerts: &[Alert],
    tables: &EventTables,
    traces: &[Trace],
) -> Vec<(PartKind, Range<u32>)> {
    let mut claims = Vec::new();
    for block in blocks {
        let first = objects.partition_point(|object| object.line < block.lines.start);
        let has_object = objects.get(first).is_some_and(|object| block.lines.contains(&object.line));
        let first = alerts.partition_point(|alert| alert.line < block.lines.start);
        let has_alert = alerts.get(first).is_some_and(|alert| block.lines.contains(&alert.line));
        let kind = if has_object {
            PartKind::Objects
        } else if has_alert {
            PartKind::Alerts
        } else {
            PartKind::Output
        };
        claims.push((kind, block.lines.clone()));
    }
    claims.extend(tables.lines.iter().map(|lines| (PartKind::Events, lines.clone())));
    claims.extend(traces.iter().map(|trace| (PartKind::Trace, trace.lines.clone())));
    claims.extend(alerts.iter().map(|alert| (PartKind::Alerts, alert.line..alert.line + 1)));
    claims
}
