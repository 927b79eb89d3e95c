//! The entries of a log in the order of their stamps, and the entries among them that a condition hits.

use crate::evidence::{LogEntry, Seen, Signals, TimeOrder};

use super::term::Term;

/// The entries of a log by rank: first by stamp, then by line. Lines that were written late are so put where they
/// belong; a log without stamps is in the order of its lines, and its ranks stand for time.
#[derive(Debug)]
pub(super) struct Timeline<'s> {
    text: &'s str,
    entries: &'s [LogEntry],
    /// The entry of each rank, where that is not simply the entry of that number.
    order: Option<&'s TimeOrder>,
    /// The stamp of what stands before the first stamp; nothing where there are no stamps.
    first_stamp: Option<i64>,
}

/// The entries that a term may hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// Any of them.
    All,
    /// None but these: their numbers in [`crate::evidence::Entries::entries`], ascending.
    These(Vec<u32>),
}

/// A place in the order of a timeline.
pub(super) type Rank = u32;

impl<'s> Timeline<'s> {
    /// Takes the entries in the order of time.
    pub(super) fn of(signals: &'s Signals<'_>) -> Self {
        let first_stamp = signals.log.entries.iter().find_map(|entry| entry.stamp);
        Self { order: signals.log.by_time.as_ref(), first_stamp, ..Self::in_lines(signals) }
    }

    /// Leaves the entries as they stand, as if they had no stamps.
    pub(super) fn in_lines(signals: &'s Signals<'_>) -> Self {
        Self { text: signals.text, entries: &signals.log.entries, order: None, first_stamp: None }
    }

    /// Whether time can be told.
    pub(super) fn is_stamped(&self) -> bool {
        self.first_stamp.is_some()
    }

    /// The entry of a rank, which must be one of this timeline.
    pub(super) fn entry(&self, rank: Rank) -> &'s LogEntry {
        let index = self.order.map_or(rank, |order| order.entry(rank));
        &self.entries[index as usize]
    }

    /// When, in nanoseconds; without stamps, the rank.
    pub(super) fn at(&self, rank: Rank) -> i64 {
        match self.first_stamp {
            Some(first) => self.entry(rank).stamp.unwrap_or(first),
            None => i64::from(rank),
        }
    }

    /// The ranks that a term hits, ascending.
    pub(super) fn hits(&self, term: &Term, candidates: &Candidates) -> Vec<Rank> {
        let mut folded = String::new();
        let mut hits = self.ranks(candidates);
        hits.retain(|&rank| term.hits(self.seen(rank, &mut folded)));
        hits.sort_unstable();
        hits
    }

    /// The first rank that a term hits; candidates are tried in the order of lines.
    pub(super) fn first_hit(&self, term: &Term, candidates: &Candidates) -> Option<Rank> {
        let mut folded = String::new();
        self.ranks(candidates).into_iter().find(|&rank| term.hits(self.seen(rank, &mut folded)))
    }

    fn ranks(&self, candidates: &Candidates) -> Vec<Rank> {
        match candidates {
            Candidates::All => (0..Rank::try_from(self.entries.len()).unwrap_or(Rank::MAX)).collect(),
            Candidates::These(entries) => {
                entries.iter().map(|&entry| self.order.map_or(entry, |order| order.rank(entry))).collect()
            }
        }
    }

    /// What a term sees of an entry; `folded` is room for entries of several lines.
    fn seen<'r>(&self, rank: Rank, folded: &'r mut String) -> &'r str
    where
        's: 'r,
    {
        match &self.entry(rank).seen {
            Seen::Line(range) => &self.text[range.clone()],
            Seen::Decoded(decoded) => decoded,
            Seen::Folded(ranges) => {
                folded.clear();
                ranges.iter().for_each(|range| folded.push_str(&self.text[range.clone()]));
                folded
            }
        }
    }
}
