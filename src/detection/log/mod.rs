//! Rules over logs, in the language of Common Reliability Enumerations. `docs/log-rules.md` says how each part is read.

use super::RuleError;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

/// A log rule, ready to run.
#[derive(Debug)]
pub struct LogRule {}

impl LogRule {
    /// Compiles the text: `set: …` or `sequence: …`, with `terms: …` beside it; a whole CRE document with one rule, too.
    pub fn compile(_text: &str) -> Result<Self, RuleError> {
        Ok(Self {})
    }

    /// Runs it over the log entries.
    pub fn run(&self, _signals: &Signals<'_>) -> Option<Verdict> {
        None
    }
}
