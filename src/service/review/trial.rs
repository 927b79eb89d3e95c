//! The rules of a failure over their own examples.

use super::sentence::{lines_of, noise, silence};
use super::{ExampleAt, Expected, Now, examples_of};
use crate::detection::{Compiled, RuleError};
use crate::domain::input::FieldError;
use crate::domain::matching::Verdict;
use crate::domain::{Rule, RuleKind};
use crate::evidence::Signals;
use crate::service::promtool;

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
    /// The example is a unit test of a metric rule: what promtool said, or why it was not asked.
    UnitTest(promtool::Outcome),
}

impl Tried {
    /// Whether the rule did what the example wants of it; unknown of what was not run.
    pub fn is_right(&self) -> Option<bool> {
        let fired = match &self.outcome {
            Outcome::Run(Some(Verdict::Fired(_))) | Outcome::UnitTest(promtool::Outcome::Fired) => true,
            Outcome::Run(_) | Outcome::UnitTest(promtool::Outcome::Silent) => false,
            Outcome::UnitTest(promtool::Outcome::Skipped(_)) => return None,
            Outcome::UnitTest(promtool::Outcome::Wrong(_)) => return Some(false),
        };
        Some(fired == (self.at.expected == Expected::Fires))
    }

    /// The lines of the example that the rule met, from 1.
    pub fn lines(&self) -> Vec<u32> {
        match &self.outcome {
            Outcome::Run(verdict) => lines_of(verdict.as_ref()),
            Outcome::UnitTest(_) => Vec::new(),
        }
    }

    /// Why it was not run, as a sentence; nothing when it was.
    pub fn skipped(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::UnitTest(promtool::Outcome::Skipped(why)) => Some(why),
            Outcome::Run(_) | Outcome::UnitTest(_) => None,
        }
    }

    /// What is wrong with it, naming the line that broke it; `text` is the example's.
    pub fn complaint(&self, text: &str) -> Option<String> {
        match (&self.outcome, self.at.expected) {
            (Outcome::Run(verdict), Expected::Fires) => silence(verdict.as_ref()),
            (Outcome::Run(verdict), Expected::Silent) => noise(verdict.as_ref(), text),
            (Outcome::UnitTest(promtool::Outcome::Wrong(why)), _) => Some(why.clone()),
            (Outcome::UnitTest(promtool::Outcome::Silent), Expected::Fires) => {
                Some("the unit test does not fire it; expected it to fire".to_owned())
            }
            (Outcome::UnitTest(promtool::Outcome::Fired), Expected::Silent) => {
                Some("the unit test fires it; expected it to stay silent".to_owned())
            }
            (Outcome::UnitTest(_), _) => None,
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
                let why = "promtool was not asked: the metric examples were not run";
                Outcome::UnitTest(promtool::Outcome::Skipped(why.to_owned()))
            } else {
                Outcome::Run(compiled.run(&Signals::read(text.as_str(), now)))
            };
            Tried { at, outcome }
        })
        .collect();
    Trial { rule: index, broken: None, examples }
}

/// Lets promtool run the unit tests of metric rules, of many failures in one process. Blocks, for
/// [`promtool::LIMIT`] at the longest. Where promtool fails, they stay as they were: not run, with the reason.
pub fn run_unit_tests<'t>(failures: impl IntoIterator<Item = (&'t [Rule], &'t mut [Trial])>) {
    let (mut cases, mut places) = (Vec::new(), Vec::new());
    for (rules, trials) in failures {
        for trial in trials {
            let rule = &rules[trial.rule];
            for (tried, (_, text)) in trial.examples.iter_mut().zip(examples_of(trial.rule, rule)) {
                if matches!(tried.outcome, Outcome::UnitTest(_)) {
                    cases.push((rule, text));
                    places.push(&mut tried.outcome);
                }
            }
        }
    }
    if cases.is_empty() {
        return;
    }
    let outcomes = promtool::run_examples(&cases).unwrap_or_else(|error| {
        tracing::warn!(%error, "metric examples were not run");
        cases.iter().map(|_| promtool::Outcome::Skipped(format!("{error}: the metric examples were not run"))).collect()
    });
    for (place, outcome) in places.into_iter().zip(outcomes) {
        *place = Outcome::UnitTest(outcome);
    }
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
