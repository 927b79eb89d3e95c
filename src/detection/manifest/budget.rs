//! The work one rule may do on one paste, counted as it is done, so that no expression over no object runs away.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cel::ExecutionError;
use cel::common::types::{CelBytes, CelInt, CelList, CelMap, CelOptional, CelString, MAP_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use regex::Regex;

/// The steps one rule may take over all objects of one paste: a step is one part of the expression evaluated once, or
/// 16 bytes copied or compared. A rule that looks at every field of a megabyte of manifests takes some hundred thousand.
pub(super) const MOST_STEPS: u64 = 2_000_000;

/// The name that the budget has in a rewritten expression. `@` begins no name that a person can write.
pub(super) const BUDGET: &str = "@budget";

static BUDGET_TYPE: Type = Type::new_unspecified_type("@budget");

/// Steps that are left, and the regular expressions that are compiled already. Clones share what is left.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    left: Arc<AtomicU64>,
    patterns: Arc<HashMap<String, Regex>>,
}

impl Budget {
    /// A full budget for one run.
    pub(super) fn new(patterns: Arc<HashMap<String, Regex>>) -> Self {
        Self::of(MOST_STEPS, patterns)
    }

    /// So many steps.
    pub(super) fn of(steps: u64, patterns: Arc<HashMap<String, Regex>>) -> Self {
        Self { left: Arc::new(AtomicU64::new(steps)), patterns }
    }

    /// Takes steps away, or fails when they are not there. Once it has failed, it fails always: `a || b` looks at `b`
    /// after `a` has failed, and must not get far.
    pub(super) fn spend(&self, steps: u64) -> Result<(), ExecutionError> {
        let left = self.left.load(Ordering::Relaxed);
        match left.checked_sub(steps) {
            Some(rest) if left > 0 => {
                self.left.store(rest, Ordering::Relaxed);
                Ok(())
            }
            Some(_) | None => {
                self.left.store(0, Ordering::Relaxed);
                Err(ExecutionError::function_error("budget", too_much()))
            }
        }
    }

    /// Whether it was overdrawn.
    pub(super) fn is_spent(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// A regular expression: the one compiled with the rule, or, if the pattern is put together as the rule runs, a new one.
    pub(super) fn pattern(&self, text: &str) -> Result<Regex, ExecutionError> {
        if let Some(pattern) = self.patterns.get(text) {
            return Ok(pattern.clone());
        }
        self.spend(1_000 + 50 * text.len() as u64)?;
        compile_pattern(text).map_err(|message| ExecutionError::function_error("matches", message))
    }

    /// The steps that handling a value takes, at least 1. Values of the object itself are shared, so they count as one.
    pub(super) fn weigh(value: &dyn Val) -> u64 {
        if let Some(text) = value.downcast_ref::<CelString>() {
            1 + text.inner().len() as u64 / 16
        } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
            1 + bytes.inner().len() as u64 / 16
        } else if let Some(list) = value.downcast_ref::<CelList>() {
            1 + list.inner().iter().map(|item| Self::weigh(item.as_ref())).sum::<u64>()
        } else if let Some(map) = value.downcast_ref::<CelMap>() {
            1 + map.inner().iter().map(|(key, item)| Self::weigh(key.inner()) + Self::weigh(item.as_ref())).sum::<u64>()
        } else if let Some(optional) = value.downcast_ref::<CelOptional>() {
            1 + optional.option().map_or(0, Self::weigh)
        } else {
            1
        }
    }
}

/// What is said of a rule that does too much.
pub(super) fn too_much() -> String {
    format!("it takes more than {MOST_STEPS} steps on this object; expected loops over less")
}

/// Compiles a regular expression: linear in time, limited in size.
pub(super) fn compile_pattern(text: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(text).size_limit(1 << 20).dfa_size_limit(1 << 20).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "found a regular expression that is too large; expected a shorter one".into()
        }
        regex::Error::Syntax(message) => {
            let reason = message.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
            format!("found the regular expression {text:?}: {reason}")
        }
        other => format!("found the regular expression {text:?}: {other}"),
    })
}

impl Val for Budget {
    fn get_type(&self) -> &Type {
        Self::cel_type()
    }

    fn cel_type() -> &'static Type {
        &BUDGET_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}

impl StaticVal for Budget {}

/// The budget among the arguments of a rewritten call, where it stands first.
pub(super) fn of<'b>(args: &'b [CowVal<'_, '_>]) -> Result<&'b Budget, ExecutionError> {
    args.first()
        .and_then(|first| first.downcast_ref::<Budget>())
        .ok_or_else(|| ExecutionError::function_error("budget", "it is missing from the call"))
}

/// `@pay(budget, value)`: the value, once what handling it takes is paid.
pub(super) fn pay<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = args.pop().ok_or(ExecutionError::MissingArgumentOrTarget)?;
    of(&args)?.spend(Budget::weigh(value.as_ref()))?;
    Ok(value)
}

/// `@walk(budget, value)`: the same for a function that looks at all of the value, the object's own parts included.
pub(super) fn walk<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = args.pop().ok_or(ExecutionError::MissingArgumentOrTarget)?;
    let budget = of(&args)?;
    walk_through(budget, value.as_ref())?;
    Ok(value)
}

fn walk_through(budget: &Budget, value: &dyn Val) -> Result<(), ExecutionError> {
    let (Some(parts), Some(indexer)) = (value.as_iterable(), value.as_indexer()) else {
        return budget.spend(Budget::weigh(value));
    };
    budget.spend(1)?;
    let is_map = *value.get_type() == MAP_TYPE;
    let mut parts = parts.iter();
    while let Some(part) = parts.next() {
        if is_map {
            budget.spend(Budget::weigh(part))?;
            walk_through(budget, indexer.get(part)?.as_ref())?;
        } else {
            walk_through(budget, part)?;
        }
    }
    Ok(())
}

/// `@range(budget, steps, list)`: the list or map, once a loop over it is paid that takes so many steps for each element.
pub(super) fn range<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = args.pop().ok_or(ExecutionError::MissingArgumentOrTarget)?;
    let budget = of(&args)?;
    let steps = args.get(1).and_then(|steps| steps.downcast_ref::<CelInt>()).map_or(1, |steps| *steps.inner() as u64);
    let elements = value.as_sizer().map_or(0, |sizer| *sizer.size().inner() as u64);
    budget.spend(elements.saturating_mul(steps).saturating_add(Budget::weigh(value.as_ref())))?;
    Ok(value)
}
