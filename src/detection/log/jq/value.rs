//! JSON values that are cheap to copy, ordered and compared as jq does.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::work::{Stop, Work};

/// A JSON value. Numbers are floating-point, as in Go's reading of JSON.
#[derive(Debug, Clone)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(Arc<str>),
    List(Arc<Vec<Json>>),
    Map(Arc<Members>),
}

/// The members of an object, by name.
pub(super) type Members = BTreeMap<Arc<str>, Json>;

impl Json {
    /// Reads a text that is JSON from end to end.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<serde_json::Value>(text).ok().map(Self::from)
    }

    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(items))
    }

    pub(super) fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    /// The name of its type, as `type` says it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }

    /// Where its type stands in jq's order of values.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Number(_) => 3,
            Self::Text(_) => 4,
            Self::List(_) => 5,
            Self::Map(_) => 6,
        }
    }

    /// Compares as jq does. Values may share parts many times over, so each look at one is work.
    pub(super) fn compare(&self, other: &Self, work: &mut Work) -> Result<Ordering, Stop> {
        work.spend(1)?;
        Ok(match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.partial_cmp(two).unwrap_or(Ordering::Less),
            (Self::Text(one), Self::Text(two)) => {
                work.spend(one.len().min(two.len()) / 16)?;
                one.cmp(two)
            }
            (Self::List(one), Self::List(two)) => {
                for (one, two) in one.iter().zip(two.iter()) {
                    match one.compare(two, work)? {
                        Ordering::Equal => {}
                        unequal @ (Ordering::Less | Ordering::Greater) => return Ok(unequal),
                    }
                }
                one.len().cmp(&two.len())
            }
            (Self::Map(one), Self::Map(two)) => {
                work.spend(one.len().min(two.len()))?;
                match one.keys().cmp(two.keys()) {
                    Ordering::Equal => {}
                    unequal @ (Ordering::Less | Ordering::Greater) => return Ok(unequal),
                }
                for (one, two) in one.values().zip(two.values()) {
                    match one.compare(two, work)? {
                        Ordering::Equal => {}
                        unequal @ (Ordering::Less | Ordering::Greater) => return Ok(unequal),
                    }
                }
                Ordering::Equal
            }
            _ => self.rank().cmp(&other.rank()),
        })
    }

    pub(super) fn equals(&self, other: &Self, work: &mut Work) -> Result<bool, Stop> {
        Ok(self.compare(other, work)? == Ordering::Equal)
    }

    /// As `tojson` writes it.
    pub(super) fn written(&self, work: &mut Work) -> Result<String, Stop> {
        let mut text = String::new();
        self.write(&mut text, work)?;
        Ok(text)
    }

    fn write(&self, text: &mut String, work: &mut Work) -> Result<(), Stop> {
        work.spend(1)?;
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
            Self::Number(number) => text.push_str(&written_number(*number)),
            Self::Text(string) => quote(string, text, work)?,
            Self::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    item.write(text, work)?;
                }
                text.push(']');
            }
            Self::Map(members) => {
                text.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    quote(name, text, work)?;
                    text.push(':');
                    value.write(text, work)?;
                }
                text.push('}');
            }
        }
        Ok(())
    }
}

fn quote(string: &str, text: &mut String, work: &mut Work) -> Result<(), Stop> {
    work.spend(string.len() / 16)?;
    text.push_str(&serde_json::Value::from(string).to_string());
    Ok(())
}

fn written_number(number: f64) -> String {
    if number.is_nan() {
        return "null".to_owned();
    }
    let number = number.clamp(f64::MIN, f64::MAX);
    if number.fract() == 0.0 && number.abs() < 1e17 {
        format!("{number:.0}")
    } else {
        format!("{number:e}").replace("e0", "")
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(bool) => Self::Bool(bool),
            serde_json::Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(string) => Self::text(string),
            serde_json::Value::Array(items) => Self::list(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (Arc::from(name.as_str()), Self::from(value)));
                Self::Map(Arc::new(members.collect()))
            }
        }
    }
}
