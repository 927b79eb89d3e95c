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
        let prefilter = Prefilter::new(rules.iter().map(|rule| match &*rule.compiled {
            Compiled::Log(log) => Some(log),
            Compiled::Manifest(_) | Compiled::Metric(_) => None,
        }));
        Self { rules, prefilter }
    }

    /// The rules, in the order they were given.
    pub fn rules(&self) -> &[BookRule] {
        &self.rules
    }

    /// What the rules say about some evidence, in their order; those with nothing to say are left out. The answer is
    /// that of running each rule by itself.
    pub fn run(&self, signals: &Signals<'_>) -> Vec<Finding> {
        let found = self.prefilter.search(signals);
        let verdict = |index: usize, rule: &BookRule| match &*rule.compiled {
            Compiled::Log(log) => log.run_among(signals, &self.prefilter.candidates(index, &found)?),
            Compiled::Manifest(manifest) if !signals.objects.is_empty() => manifest.run(signals),
            Compiled::Metric(metric) if !signals.alerts.is_empty() => metric.run(signals),
            Compiled::Manifest(_) | Compiled::Metric(_) => None,
        };
        let rules = self.rules.iter().enumerate();
        rules
            .filter_map(|(index, rule)| {
                let verdict = verdict(index, rule)?;
                Some(Finding { failure: rule.failure, rule: rule.name.clone(), kind: rule.kind, verdict })
            })
            .collect()
    }
}
