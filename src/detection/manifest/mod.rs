//! Rules over Kubernetes objects: CEL, as in a ValidatingAdmissionPolicy, true where the failure is possible.

mod text;
mod signatures;
mod check;
mod budget;
mod metered;
mod object;
mod library;
mod reach;
mod export;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use cel::common::types::{CelBool, CelNull};
use cel::{Context, ExecutionError, Value};
use regex::Regex;

use self::budget::{BUDGET, Budget};
use self::metered::Metered;
use super::RuleError;
use crate::domain::matching::{Place, Proof, Verdict};
use crate::evidence::{Object, Signals};

pub use self::export::{Source, policy};

/// More objects than this are only counted in the remark of a proof.
const MOST_NAMED: usize = 5;

/// A manifest rule, ready to run.
#[derive(Debug)]
pub struct ManifestRule {
    expression: String,
    metered: Metered,
    patterns: Arc<HashMap<String, Regex>>,
    kinds: Option<Vec<String>>,
}

impl ManifestRule {
    /// Compiles a CEL expression over `object`. What a rule can be known to do wrong is an error here, and not a silence
    /// later: functions and variables that do not exist, arguments that do not fit, patterns and quantities that cannot be
    /// read.
    pub fn compile(text: &str) -> Result<Self, RuleError> {
        let parsed = text::parse(text)?;
        let patterns = Arc::new(check::check(&parsed)?);
        let kinds = reach::kinds(&parsed.tree).map(|kinds| kinds.into_iter().collect());
        let metered = metered::metered(parsed.tree).ok_or_else(|| RuleError {
            line: None,
            message:
                "found an expression that is nested too deeply; expected fewer brackets, macros and operators within \
                      each other"
                    .to_owned(),
        })?;
        Ok(Self { expression: text.trim().to_owned(), metered, patterns, kinds })
    }

    /// The expression, as it was written.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The kinds of objects that the rule can be true of, in order; nothing where the expression does not say.
    pub fn kinds(&self) -> Option<&[String]> {
        self.kinds.as_deref()
    }

    /// Whether the rule is true of an object; or why that cannot be told, which for a match means that it is not.
    pub fn evaluate(&self, object: &Object) -> Result<bool, String> {
        self.is_true_of(object, &Budget::new(self.patterns.clone()))
    }

    /// The line that tells most about why the rule is true of an object; nothing where it is not, or that cannot be told.
    pub fn finds(&self, object: &Object) -> Option<u32> {
        let budget = Budget::new(self.patterns.clone());
        (self.is_true_of(object, &budget) == Ok(true)).then(|| self.line(object, &budget))
    }

    /// Runs it over every object.
    pub fn run(&self, signals: &Signals<'_>) -> Option<Verdict> {
        let budget = Budget::new(self.patterns.clone());
        let met: Vec<&Object> =
            signals.objects.iter().filter(|object| self.is_true_of(object, &budget) == Ok(true)).collect();
        let (first, others) = met.split_first()?;
        let mut places: Vec<Place> = met
            .iter()
            .take(Proof::MOST_PLACES)
            .filter_map(|object| place(signals, self.line(object, &budget)))
            .collect();
        places.sort_by_key(|place| place.line);
        places.dedup();
        Some(Verdict::Fired(Proof {
            places,
            subject: Some(subject(first)),
            remarks: remark(others).into_iter().collect(),
        }))
    }

    fn is_true_of(&self, object: &Object, budget: &Budget) -> Result<bool, String> {
        if self.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&object.kind)) {
            return Ok(false);
        }
        let context = self.context(object, budget);
        let answer = budget.spend(self.metered.steps).and_then(|()| Value::resolve_val(&self.metered.tree, &context));
        match answer {
            _ if budget.is_spent() => Err(budget::too_much()),
            Err(error) => Err(explain(&error)),
            Ok(answer) => match answer.downcast_ref::<CelBool>() {
                Some(answer) => Ok(*answer.inner()),
                None => Err(format!("it gives a value of type {}; expected true or false", answer.get_type().name())),
            },
        }
    }

    fn context<'v>(&self, object: &'v Object, budget: &Budget) -> Context<'v, 'v> {
        let mut context = Context::with_env(library::environment());
        context.add_variable_as_val("object", object::value(&object.value));
        context.add_variable_as_val("oldObject", Box::new(CelNull));
        context.add_variable_as_val(BUDGET, Box::new(budget.clone()));
        context
    }

    /// The line of the field that tells most about why the rule is true of an object, or the line it begins on.
    fn line(&self, object: &Object, budget: &Budget) -> u32 {
        object.line_of(&reach::Search::new(&object.value, self.context(object, budget)).field(&self.metered.tree))
    }
}

/// A line of the evidence, without the blanks around it.
fn place(signals: &Signals<'_>, line: u32) -> Option<Place> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let start = *signals.line_starts.get(index)?;
    let end = signals.line_starts.get(index + 1).copied().unwrap_or(signals.text.len());
    let text = signals.text.get(start..end)?;
    let start = start + (text.len() - text.trim_start().len());
    Some(Place { line, span: start..start + text.trim().len() })
}

/// `Deployment web/frontend`.
pub fn subject(object: &Object) -> String {
    match (&object.namespace, &object.name) {
        (Some(namespace), Some(name)) => format!("{} {namespace}/{name}", object.kind),
        (None, Some(name)) => format!("{} {name}", object.kind),
        (_, None) => object.kind.clone(),
    }
}

/// What to say of the objects beside the first.
fn remark(others: &[&Object]) -> Option<String> {
    let count = others.len();
    let names: Vec<String> = others.iter().take(MOST_NAMED).map(|object| subject(object)).collect();
    match count {
        0 => None,
        1 => Some(format!("and 1 more object: {}", names.join(", "))),
        _ if count > MOST_NAMED => Some(format!("and {count} more objects: {}, …", names.join(", "))),
        _ => Some(format!("and {count} more objects: {}", names.join(", "))),
    }
}

/// An error of the evaluation in words for people.
#[expect(clippy::wildcard_enum_match_arm, reason = "the crate's other errors say what they are")]
fn explain(error: &ExecutionError) -> String {
    match error {
        ExecutionError::FunctionError { function, message } if function == "budget" => message.clone(),
        ExecutionError::FunctionError { function, message } if function.starts_with(['_', '@']) => message.clone(),
        ExecutionError::FunctionError { function, message } => format!("{function}(): {message}"),
        ExecutionError::NoSuchKey(key) => format!("there is no {key}; has(…) or .?{key} asks whether there is"),
        ExecutionError::NoSuchOverload(call) => {
            let function = call.function().trim_start_matches('@').trim_matches('_');
            format!("found {function} with {}, which CEL does not have", call.argument_types().join(", "))
        }
        other => other.to_string(),
    }
}
