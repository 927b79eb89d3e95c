//! Rules over metrics: Prometheus alerting rules. Casebook checks and exports them, and knows their alerts when pasted.
//!
//! Deliberately absent: evaluating the expression, which needs a Prometheus; its unit tests are run by promtool.

mod compile;
mod expression;
mod template;
mod duration;
mod alert;
pub mod unit_test;
pub mod export;

use std::collections::BTreeMap;

use super::RuleError;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

/// A metric rule, checked: Prometheus loads it. Durations are kept as they were written (`1d2h`).
///
/// The fields are those of <https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricRule {
    /// The name of the alert; not empty.
    pub alert: String,
    /// The PromQL expression: an instant vector or a scalar.
    pub expr: String,
    /// How long the expression must hold before the alert fires.
    pub hold_for: Option<String>,
    /// How long the alert goes on firing after the expression has ceased to hold.
    pub keep_firing_for: Option<String>,
    /// Labels by name; values may be templates.
    pub labels: BTreeMap<String, String>,
    /// Annotations by name; values may be templates.
    pub annotations: BTreeMap<String, String>,
}

impl MetricRule {
    /// Compiles the YAML of one alerting rule: `alert`, `expr`, and where given `for`, `keep_firing_for`, `labels`,
    /// `annotations`. An item of a list and a rule file that holds nothing else are read as well.
    pub fn compile(text: &str) -> Result<Self, RuleError> {
        compile::compile(text)
    }

    /// Looks for its alert among the pasted alerts.
    pub fn run(&self, signals: &Signals<'_>) -> Option<Verdict> {
        alert::find(self, signals)
    }
}
