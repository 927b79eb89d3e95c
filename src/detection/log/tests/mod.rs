//! The language as a whole: what a rule says of a log.

mod corpus;

use super::LogRule;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

/// Reads a log as it would be pasted, on a day after all of those in the tests.
fn read(log: &str) -> Signals<'_> {
    Signals::read(log, chrono::DateTime::from_timestamp(1_780_000_000, 0).expect("a moment"))
}
