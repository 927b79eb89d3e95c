//! Arithmetic: `+`, `-`, `*`, `/` and `%` of numbers, and what they mean of strings, lists and objects.

use std::sync::Arc;

use jaq_core::ops::Math;

use super::run::Runner;
use super::value::Json;
use super::work::Stop;

impl Runner {
    /// One operation. A string cannot be multiplied, nor objects merged.
    pub(super) fn math(&mut self, operator: Math, left: &Json, right: &Json) -> Result<Json, Stop> {
        self.work.spend(size(left) + size(right))?;
        match (operator, left, right) {
            (Math::Add, Json::Null, other) | (Math::Add, other, Json::Null) => Ok(other.clone()),
            (Math::Add, Json::Text(left), Json::Text(right)) => Ok(Json::text(format!("{left}{right}"))),
            (Math::Add, Json::List(left), Json::List(right)) => {
                Ok(Json::list(left.iter().chain(right.iter()).cloned().collect()))
            }
            (Math::Add, Json::Map(left), Json::Map(right)) => {
                let members = left.iter().chain(right.iter()).map(|(name, value)| (Arc::clone(name), value.clone()));
                Ok(Json::Map(Arc::new(members.collect())))
            }
            (Math::Sub, Json::List(left), Json::List(right)) => {
                let mut kept = Vec::new();
                for item in left.iter() {
                    if !self.holds_item(right, item)? {
                        kept.push(item.clone());
                    }
                }
                Ok(Json::list(kept))
            }
            (Math::Div, Json::Text(left), Json::Text(right)) => Ok(split(left, right)),
            (_, Json::Number(left), Json::Number(right)) => arithmetic(operator, *left, *right),
            _ => Err(Stop::raised(format!(
                "cannot be combined with {}: {} and {}",
                operator.as_str(),
                left.kind(),
                right.kind()
            ))),
        }
    }

    /// `left + right`.
    pub(super) fn sum(&mut self, left: &Json, right: &Json) -> Result<Json, Stop> {
        self.math(Math::Add, left, right)
    }
}

fn arithmetic(operator: Math, left: f64, right: f64) -> Result<Json, Stop> {
    let number = match operator {
        Math::Add => left + right,
        Math::Sub => left - right,
        Math::Mul => left * right,
        Math::Div if right == 0.0 => return Err(Stop::raised("cannot be divided by zero")),
        Math::Div => left / right,
        Math::Rem if right.trunc() == 0.0 => return Err(Stop::raised("cannot be divided by zero")),
        Math::Rem => left.trunc() % right.trunc(),
    };
    Ok(Json::Number(number))
}

/// The parts of a string between separators; its characters where the separator is empty.
pub(super) fn split(text: &str, separator: &str) -> Json {
    if text.is_empty() {
        return Json::list(Vec::new());
    }
    if separator.is_empty() {
        return Json::list(text.chars().map(|character| Json::text(character.to_string())).collect());
    }
    Json::list(text.split(separator).map(Json::text).collect())
}

/// How much a copy of the outermost layer costs.
pub(super) fn size(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 1,
        Json::Text(text) => 1 + text.len() / 16,
        Json::List(items) => 1 + items.len(),
        Json::Map(members) => 1 + members.len(),
    }
}
