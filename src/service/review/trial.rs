//! The rules of a failure over their own examples.

use super::sentence::{noise, numbers, silence};
use super::{ExampleAt, Expected, Now, examples_of};
use crate::detection::{Compiled, RuleError};
use crate::domain::input::FieldError;
use crate::domain::matching::Verdict;
use crate::domain::{Rule, RuleKind};
use crate::evidence::Signals;

/// What came of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Which rule, from 0.
    pub rule: usize,
    /// What is wrong with its text; its examples were not run then.
    pub broken: Option<RuleError>,
    /// What came of its examples: those to fire on first.
    pub examples: Vec<Tried>,
}

/// What came of one example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Which one.
    pub at: ExampleAt,
    /// What the rule made of it.
    pub outcome: Outcome,
}

/// What a rule made of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was run; nothing where it had nothing to say.
    Run(Option<Verdict>),
    /// The example is a unit test of a metric rule, which only promtool can run.
    UnitTest,
}

impl Tried {
    /// Whether the rule did what the example wants of it; unknown of what was not run.
    pub fn is_right(&self) -> Option<bool> {
        let Outcome::Run(verdict) = &self.outcome else { return None };
        let fired = matches!(verdict, Some(Verdict::Fired(_)));
        Some(fired == (self.at.expected == Expected::Fires))
    }

    /// The lines of the example that the rule met, from 1.
    pub fn lines(&self) -> Vec<u32> {
        match &self.outcome {
            Outcome::Run(verdict) => numbers(verdict.as_ref()),
            Outcome::UnitTest => Vec::new(),
        }
    }

    /// What is wrong with it, naming the line that broke it; `text` is the example's.
    pub fn complaint(&self, text: &str) -> Option<String> {
        let Outcome::Run(verdict) = &self.outcome else { return None };
        match self.at.expected {
            Expected::Fires => silence(verdict.as_ref()),
            Expected::Silent => noise(verdict.as_ref(), text),
        }
    }
}

/// Runs every rule over its own examples.
pub fn trials(rules: &[Rule], now: Now) -> Vec<Trial> {
    rules.iter().enumerate().map(|(index, rule)| trial(index, rule, now)).collect()
}

fn trial(index: usize, rule: &Rule, now: Now) -> Trial {
    let compiled = match Compiled::new(rule) {
        Ok(compiled) => compiled,
        Err(error) => return Trial { rule: index, broken: Some(error), examples: Vec::new() },
    };
    let examples = examples_of(index, rule)
        .map(|(at, text)| {
            let outcome = if is_unit_test(rule.kind, text.as_str()) {
                Outcome::UnitTest
            } else {
                Outcome::Run(compiled.run(&Signals::read(text.as_str(), now)))
            };
            Tried { at, outcome }
        })
        .collect();
    Trial { rule: index, broken: None, examples }
}

/// Every rule that does not compile, is silent on an example that it must fire on, or fires on one that it must not.
/// Unit tests of metric rules are not run here.
pub fn own_examples(rules: &[Rule], now: Now) -> Vec<FieldError> {
    complaints(rules, &trials(rules, now))
}

/// What is wrong with rules by trials of them, in the order of their fields.
pub fn complaints(rules: &[Rule], trials: &[Trial]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (trial, rule) in trials.iter().zip(rules) {
        if let Some(error) = &trial.broken {
            errors.push(FieldError { field: format!("rules[{}].text", trial.rule), message: error.to_string() });
        }
        for (tried, (_, text)) in trial.examples.iter().zip(examples_of(trial.rule, rule)) {
            if let Some(message) = tried.complaint(text.as_str()) {
                errors.push(FieldError { field: tried.at.to_string(), message });
            }
        }
    }
    errors
}

/// Whether an example is a unit test as promtool reads them, rather than a pasted alert.
pub(super) fn is_unit_test(kind: RuleKind, text: &str) -> bool {
    let is_series = |line: &str| line.trim_start().trim_start_matches("- ").starts_with("input_series:");
    kind == RuleKind::Metric && text.lines().any(is_series)
}
