//! Rules over Kubernetes objects: CEL, as in a ValidatingAdmissionPolicy, true where the failure is possible.

use super::RuleError;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

/// A manifest rule, ready to run.
#[derive(Debug)]
pub struct ManifestRule {}

impl ManifestRule {
    /// Compiles a CEL expression over `object`.
    pub fn compile(_text: &str) -> Result<Self, RuleError> {
        Ok(Self {})
    }

    /// Runs it over every object.
    pub fn run(&self, _signals: &Signals<'_>) -> Option<Verdict> {
        None
    }
}
