//! Many rules together: run over one paste at the price of a few, by looking first for the literals that each must find.

mod prefilter;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::prefilter::Prefilter;
use super::Compiled;
use crate::domain::matching::Finding;
use crate::domain::{FailureId, Line, RuleKind};
use crate::evidence::Signals;

/// One rule of the book.
#[derive(Debug, Clone)]
pub struct BookRule {
    /// Whose rule it is.
    pub failure: FailureId,
    /// What it recognises.
    pub name: Line,
    /// Its language.
    pub kind: RuleKind,
    /// The rule; shared, since a new book keeps what has not changed.
    pub compiled: Arc<Compiled>,
}

/// The rules of a library, ready to run together. It never changes: another library is another book.
#[derive(Debug, Default)]
pub struct RuleBook {
    rules: Vec<BookRule>,
    prefilter: Prefilter,
}

impl RuleBook {
    /// A book of these rules. Making one for 5,000 rules takes some tens of milliseconds.
    pub fn new(rules: Vec<BookRule>) -> Self {
        let prefilter = Prefilter::new(rules.iter().map(|rule| &*rule.compiled));
        Self { rules, prefilter }
    }

    /// The rules, in the order they were given.
    pub fn rules(&self) -> &[BookRule] {
        &self.rules
    }

    /// What the rules say about some evidence, in their order; those with nothing to say are left out. The answer is
    /// that of running each rule by itself.
    pub fn run(&self, signals: &Signals<'_>) -> Vec<Finding> {
        let terms = self.prefilter.terms(signals);
        self.rules
            .iter()
            .zip(terms)
            .filter(|(_, terms)| !terms.is_empty())
            .filter_map(|(rule, terms)| {
                let verdict = match &*rule.compiled {
                    Compiled::Log(log) => log.run_where(signals, |term| terms.has(term)),
                    other @ (Compiled::Manifest(_) | Compiled::Metric(_)) => other.run(signals),
                }?;
                Some(Finding { failure: rule.failure, rule: rule.name.clone(), kind: rule.kind, verdict })
            })
            .collect()
    }
}
