//! Many rules together: run over one paste at the price of a few, by looking first for the literals that each must find.

use std::sync::Arc;

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

/// The rules of a library, ready to run together.
#[derive(Debug, Default)]
pub struct RuleBook {
    rules: Vec<BookRule>,
}

impl RuleBook {
    /// A book of these rules.
    pub fn new(rules: Vec<BookRule>) -> Self {
        Self { rules }
    }

    /// The rules, in the order they were given.
    pub fn rules(&self) -> &[BookRule] {
        &self.rules
    }

    /// What the rules say about some evidence, in their order; those with nothing to say are left out.
    pub fn run(&self, signals: &Signals<'_>) -> Vec<Finding> {
        self.rules
            .iter()
            .filter_map(|rule| {
                let verdict = rule.compiled.run(signals)?;
                Some(Finding { failure: rule.failure, rule: rule.name.clone(), kind: rule.kind, verdict })
            })
            .collect()
    }
}
