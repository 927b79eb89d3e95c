//! A paste as a person sees it: stretches of prose, log, objects, events, alerts, traces and other output, in order.

use std::collections::BTreeMap;
use std::ops::Range;

use super::lines::Lines;
use super::{Entries, Signals, prose};

/// What a stretch of a paste is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// Sentences that someone wrote.
    Prose,
    /// Lines of a log.
    Log,
    /// Kubernetes objects.
    Objects,
    /// A table of events.
    Events,
    /// Alerts.
    Alerts,
    /// A stack trace.
    Trace,
    /// What a program printed that is none of these: a description, a table, a configuration.
    Output,
}

/// A stretch of a paste.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its lines, from 1; the last is excluded. The first and the last of them are not blank.
    pub lines: Range<u32>,
}

/// What takes which lines; of two that claim a line the earlier has it.
pub(super) struct Claims<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) structured: Vec<(PartKind, Range<u32>)>,
    pub(super) log: &'a Entries,
}

impl Claims<'_> {
    /// The parts: they do not overlap, and every line that is not blank lies in one.
    pub(super) fn parts(&self) -> Vec<Part> {
        let count = usize::try_from(self.lines.count()).unwrap_or(usize::MAX);
        let mut kinds: Vec<Option<PartKind>> = vec![None; count + 1];
        for (kind, range) in &self.structured {
            for line in range.clone() {
                if let Some(slot) = kinds.get_mut(index(line)) {
                    slot.get_or_insert(*kind);
                }
            }
        }
        self.claim_stamped(&mut kinds);
        self.claim_rest(&mut kinds);
        let mut parts: Vec<Part> = Vec::new();
        for line in 1..=self.lines.count() {
            let Some(kind) = kinds[index(line)].filter(|_| !self.lines.get(line).trim().is_empty()) else { continue };
            match parts.last_mut() {
                Some(last) if last.kind == kind => last.lines.end = line + 1,
                Some(_) | None => parts.push(Part { kind, lines: line..line + 1 }),
            }
        }
        parts
    }

    /// The line that has the stamp: what a log folds into it may be what someone wrote below. An entry with the stamp of
    /// the one before may have none of its own.
    fn claim_stamped(&self, kinds: &mut [Option<PartKind>]) {
        let mut before = None;
        for entry in &self.log.entries {
            if entry.stamp != before
                && let Some(slot) = kinds.get_mut(index(self.lines.of(entry.span.start)))
            {
                slot.get_or_insert(PartKind::Log);
            }
            before = entry.stamp;
        }
    }

    /// What nothing claimed: by its looks, or with its neighbours.
    fn claim_rest(&self, kinds: &mut [Option<PartKind>]) {
        let mut above: Option<PartKind> = None;
        for line in 1..=self.lines.count() {
            let text = self.lines.get(line);
            if text.trim().is_empty() {
                above = None;
            } else if let Some(kind) = kinds[index(line)] {
                above = Some(kind);
            } else {
                let below = kinds.get(index(line) + 1).copied().flatten();
                let kind = prose::kind_of(text, above, below);
                kinds[index(line)] = Some(kind);
                above = Some(kind);
            }
        }
    }
}

fn index(line: u32) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

impl Signals<'_> {
    /// What was read, in numbers for people: `12 log lines, 1 Deployment and 3 events`.
    pub fn summary(&self) -> String {
        let mut counts: Vec<String> = Vec::new();
        let lines_of = |kind: PartKind| -> usize {
            let parts = self.parts.iter().filter(|part| part.kind == kind);
            let lines = parts.flat_map(|part| part.lines.clone());
            lines.filter(|&line| !self.lines().get(line).trim().is_empty()).count()
        };
        counts.extend(counted(lines_of(PartKind::Prose), "line of prose", "lines of prose"));
        counts.extend(counted(lines_of(PartKind::Log), "log line", "log lines"));
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for object in self.objects.iter().filter(|object| object.kind != "Event") {
            *kinds.entry(object.kind.as_str()).or_default() += 1;
        }
        const MOST_KINDS: usize = 5;
        if kinds.len() > MOST_KINDS {
            counts.extend(counted(kinds.values().sum(), "object", "Kubernetes objects"));
        } else {
            counts.extend(kinds.into_iter().filter_map(|(kind, count)| counted(count, kind, &plural(kind))));
        }
        counts.extend(counted(self.events.len(), "event", "events"));
        counts.extend(counted(self.alerts.len(), "alert", "alerts"));
        counts.extend(counted(self.traces.len(), "stack trace", "stack traces"));
        counts.extend(counted(lines_of(PartKind::Output), "line of other output", "lines of other output"));
        match counts.split_last() {
            None => "nothing".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
        }
    }
}

fn counted(count: usize, one: &str, several: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {several}")),
    }
}

/// `Ingresses`, `NetworkPolicies`, `Endpoints`.
fn plural(kind: &str) -> String {
    if kind.ends_with("Endpoints") {
        return kind.to_owned();
    }
    if kind.ends_with(['s', 'x']) || kind.ends_with("ch") {
        return format!("{kind}es");
    }
    match kind.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        Some(_) | None => format!("{kind}s"),
    }
}
