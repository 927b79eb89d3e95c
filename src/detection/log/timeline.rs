//! The entries of a log in the order of their stamps, and the entries among them that a condition hits.

use crate::evidence::{LogEntry, Seen, Signals};

use super::term::Term;

/// The entries of a log by rank: first by stamp, then by line. Lines that were written late are so put where they
/// belong; a log without stamps is in the order of its lines, and its ranks stand for time.
#[derive(Debug)]
pub(super) struct Timeline<'s> {
    text: &'s str,
    entries: &'s [LogEntry],
    /// The entry of each rank, where that is not simply the entry of that number.
    order: Option<Vec<u32>>,
    /// The stamp of what stands before the first stamp; nothing where there are no stamps.
    first_stamp: Option<i64>,
}

/// A place in the order of a timeline.
pub(super) type Rank = u32;

impl<'s> Timeline<'s> {
    /// Orders the entries.
    pub(super) fn of(signals: &'s Signals<'_>) -> Self {
        let mut timeline = Self::in_lines(signals);
        timeline.first_stamp = timeline.entries.iter().find_map(|entry| entry.stamp);
        let Some(first) = timeline.first_stamp else { return timeline };
        let stamp = |entry: &LogEntry| entry.stamp.unwrap_or(first);
        if !timeline.entries.is_sorted_by_key(stamp) {
            let mut order: Vec<u32> = (0..u32::try_from(timeline.entries.len()).unwrap_or(u32::MAX)).collect();
            order.sort_by_key(|&index| timeline.entries.get(index as usize).map(stamp));
            timeline.order = Some(order);
        }
        timeline
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
        let index = self.order.as_ref().map_or(rank, |order| order[rank as usize]);
        &self.entries[index as usize]
    }

    /// When, in nanoseconds; without stamps, the rank.
    pub(super) fn at(&self, rank: Rank) -> i64 {
        match self.first_stamp {
            Some(first) => self.entry(rank).stamp.unwrap_or(first),
            None => i64::from(rank),
        }
    }

    /// The ranks that each of some terms hits, ascending. Each entry is put together once for all of them.
    pub(super) fn hits(&self, terms: &[&Term]) -> Vec<Vec<Rank>> {
        let mut hits = vec![Vec::new(); terms.len()];
        let mut folded = String::new();
        for rank in self.ranks() {
            let seen = self.seen(rank, &mut folded);
            for (term, hits) in terms.iter().zip(&mut hits) {
                if term.hits(seen) {
                    hits.push(rank);
                }
            }
        }
        hits
    }

    /// The first rank that a term hits.
    pub(super) fn first_hit(&self, term: &Term) -> Option<Rank> {
        let mut folded = String::new();
        self.ranks().find(|&rank| term.hits(self.seen(rank, &mut folded)))
    }

    fn ranks(&self) -> std::ops::Range<Rank> {
        0..Rank::try_from(self.entries.len()).unwrap_or(Rank::MAX)
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
