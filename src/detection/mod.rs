//! Detection rules: compiled from their text, run over evidence, exported in the field's own formats.
//! Three languages, one each a folder: `log` (CRE), `manifest` (CEL), `metric` (Prometheus). No I/O.

pub mod log;
pub mod manifest;
pub mod metric;
mod book;

pub use self::book::{BookRule, RuleBook};

use crate::domain::matching::Verdict;
use crate::domain::{Rule, RuleKind};
use crate::evidence::Signals;

/// Why the text of a rule is not a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct RuleError {
    /// The line of the rule's text, from 1, where it can be known.
    pub line: Option<u32>,
    /// What was found and what was expected.
    pub message: String,
}

/// A rule, ready to run.
#[derive(Debug)]
pub enum Compiled {
    /// Over log entries.
    Log(log::LogRule),
    /// Over Kubernetes objects.
    Manifest(manifest::ManifestRule),
    /// Over alerts; the expression itself needs a Prometheus.
    Metric(metric::MetricRule),
}

impl Compiled {
    /// Compiles a rule, or says what is wrong with its text.
    pub fn new(rule: &Rule) -> Result<Self, RuleError> {
        let text = rule.text.as_str();
        Ok(match rule.kind {
            RuleKind::Log => Self::Log(log::LogRule::compile(text)?),
            RuleKind::Manifest => Self::Manifest(manifest::ManifestRule::compile(text)?),
            RuleKind::Metric => Self::Metric(metric::MetricRule::compile(text)?),
        })
    }

    /// Runs it; nothing where it has nothing to say.
    pub fn run(&self, signals: &Signals<'_>) -> Option<Verdict> {
        match self {
            Self::Log(rule) => rule.run(signals),
            Self::Manifest(rule) => rule.run(signals),
            Self::Metric(rule) => rule.run(signals),
        }
    }
}
