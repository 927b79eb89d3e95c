//! The order of time among entries, settled once for all rules.

use super::LogEntry;

/// Entries by rank: first by stamp, then by line. What stands before the first stamp comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeOrder {
    entry_of: Vec<u32>,
    rank_of: Vec<u32>,
}

impl TimeOrder {
    /// The order of some entries, where that is not the order in which they stand.
    pub(super) fn of(entries: &[LogEntry]) -> Option<Self> {
        let first = entries.iter().find_map(|entry| entry.stamp)?;
        let stamp = |entry: &LogEntry| entry.stamp.unwrap_or(first);
        if entries.is_sorted_by_key(stamp) {
            return None;
        }
        let mut entry_of: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
        entry_of.sort_by_key(|&entry| entries.get(entry as usize).map(stamp));
        let mut rank_of = vec![0; entry_of.len()];
        for (rank, &entry) in (0..).zip(&entry_of) {
            rank_of[entry as usize] = rank;
        }
        Some(Self { entry_of, rank_of })
    }

    /// The number of the entry at a rank.
    pub fn entry(&self, rank: u32) -> u32 {
        self.entry_of[rank as usize]
    }

    /// The rank of the entry of a number.
    pub fn rank(&self, entry: u32) -> u32 {
        self.rank_of[entry as usize]
    }
}
