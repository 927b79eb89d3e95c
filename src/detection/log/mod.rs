//! Rules over logs, in the language of Common Reliability Enumerations. `docs/log-rules.md` says how each part is read.

mod literals;

pub use self::literals::Literals;

use super::RuleError;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

/// A log rule, ready to run.
#[derive(Debug)]
pub struct LogRule {
    required: Vec<Literals>,
}

impl LogRule {
    /// Compiles the text: `set: …` or `sequence: …`, with `terms: …` beside it; a whole CRE document with one rule, too.
    pub fn compile(_text: &str) -> Result<Self, RuleError> {
        Ok(Self { required: Vec::new() })
    }

    /// What the text must contain for each positive term to hit, one for each distinct term and at most 64. The rule
    /// can fire only where all of them may hit; it can say anything at all only where one of them may.
    pub fn required(&self) -> &[Literals] {
        &self.required
    }

    /// Runs it over the log entries.
    pub fn run(&self, _signals: &Signals<'_>) -> Option<Verdict> {
        None
    }
}
