//! Functions of the input alone.

use std::cmp::Ordering;
use std::sync::Arc;

use super::super::run::Runner;
use super::super::value::{Json, Members};
use super::super::work::Stop;

#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Bare {
    Add,
    All,
    Any,
    Downcase,
    Empty,
    Error,
    First,
    Flatten,
    FromEntries,
    FromJson,
    Keys,
    /// Passes on values of these types.
    Kinds(&'static [&'static str]),
    Last,
    Length,
    Max,
    Min,
    Not,
    Number(fn(f64) -> f64),
    Recurse,
    Reverse,
    Sort,
    ToEntries,
    ToJson,
    ToNumber,
    ToString,
    Trim,
    Type,
    Unique,
    Upcase,
}

impl Bare {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "abs" => Self::Number(f64::abs),
            "add" => Self::Add,
            "all" => Self::All,
            "any" => Self::Any,
            "arrays" => Self::Kinds(&["array"]),
            "ascii_downcase" => Self::Downcase,
            "ascii_upcase" => Self::Upcase,
            "booleans" => Self::Kinds(&["boolean"]),
            "ceil" => Self::Number(f64::ceil),
            "empty" => Self::Empty,
            "error" => Self::Error,
            "first" => Self::First,
            "flatten" => Self::Flatten,
            "floor" => Self::Number(f64::floor),
            "from_entries" => Self::FromEntries,
            "fromjson" => Self::FromJson,
            "iterables" => Self::Kinds(&["array", "object"]),
            "keys" | "keys_unsorted" => Self::Keys,
            "last" => Self::Last,
            "length" => Self::Length,
            "max" => Self::Max,
            "min" => Self::Min,
            "not" => Self::Not,
            "nulls" => Self::Kinds(&["null"]),
            "numbers" => Self::Kinds(&["number"]),
            "objects" => Self::Kinds(&["object"]),
            "recurse" => Self::Recurse,
            "reverse" => Self::Reverse,
            "round" => Self::Number(f64::round),
            "scalars" => Self::Kinds(&["null", "boolean", "number", "string"]),
            "sort" => Self::Sort,
            "strings" => Self::Kinds(&["string"]),
            "to_entries" => Self::ToEntries,
            "tojson" => Self::ToJson,
            "tonumber" => Self::ToNumber,
            "tostring" => Self::ToString,
            "trim" => Self::Trim,
            "type" => Self::Type,
            "unique" => Self::Unique,
            "values" => Self::Kinds(&["boolean", "number", "string", "array", "object"]),
            _ => return None,
        })
    }
}

impl Runner {
    /// Calls one.
    pub(super) fn bare(&mut self, bare: Bare, input: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        let answer = match (bare, input) {
            (Bare::Empty, _) => return Ok(()),
            (Bare::Error, _) => return Err(Stop::Raised(input.clone())),
            (Bare::Recurse, _) => return self.recurse(input, answers),
            (Bare::Kinds(kinds), _) => {
                answers.extend(kinds.contains(&input.kind()).then(|| input.clone()));
                return Ok(());
            }
            (Bare::Not, _) => Json::Bool(!input.is_true()),
            (Bare::Type, _) => Json::text(input.kind()),
            (Bare::ToJson, _) => Json::text(input.written(&mut self.work)?),
            (Bare::ToString, _) => Json::text(self.string(input)?),
            (Bare::Any, _) => Json::Bool(self.items(input)?.iter().any(Json::is_true)),
            (Bare::All, _) => Json::Bool(self.items(input)?.iter().all(Json::is_true)),
            (Bare::Add, _) => {
                let items = self.items(input)?;
                items.iter().try_fold(Json::Null, |sum, item| self.sum(&sum, item))?
            }
            (Bare::FromEntries, _) => self.object_of(input)?,
            (Bare::Keys, Json::Map(members)) => {
                Json::list(members.keys().map(|name| Json::Text(Arc::clone(name))).collect())
            }
            (Bare::ToEntries, Json::Map(members)) => Json::list(members.iter().map(entry).collect()),
            (Bare::Length, Json::Map(members)) => Json::Number(members.len() as f64),
            (Bare::Length, Json::Null) => Json::Number(0.0),
            (Bare::Length, Json::Number(number)) => Json::Number(number.abs()),
            (Bare::ToNumber, Json::Number(number)) => Json::Number(*number),
            (Bare::Number(function), Json::Number(number)) => Json::Number(function(*number)),
            (_, Json::List(items)) => self.of_list(bare, items)?,
            (_, Json::Text(text)) => self.of_text(bare, text)?,
            _ => return Err(refused(input.kind())),
        };
        answers.push(answer);
        Ok(())
    }

    fn of_list(&mut self, bare: Bare, items: &[Json]) -> Result<Json, Stop> {
        match bare {
            Bare::First => Ok(items.first().cloned().unwrap_or(Json::Null)),
            Bare::Last => Ok(items.last().cloned().unwrap_or(Json::Null)),
            Bare::Length => Ok(Json::Number(items.len() as f64)),
            Bare::Keys => Ok(Json::list((0..items.len()).map(|index| Json::Number(index as f64)).collect())),
            Bare::Reverse => Ok(Json::list(items.iter().rev().cloned().collect())),
            Bare::Sort => self.sorted(items).map(Json::list),
            Bare::Min => Ok(self.sorted(items)?.into_iter().next().unwrap_or(Json::Null)),
            Bare::Max => Ok(self.sorted(items)?.pop().unwrap_or(Json::Null)),
            Bare::Unique => self.unique(items).map(Json::list),
            Bare::Flatten => self.flattened(items).map(Json::list),
            Bare::Add
            | Bare::All
            | Bare::Any
            | Bare::Downcase
            | Bare::Empty
            | Bare::Error
            | Bare::FromEntries
            | Bare::FromJson
            | Bare::Kinds(_)
            | Bare::Not
            | Bare::Number(_)
            | Bare::Recurse
            | Bare::ToEntries
            | Bare::ToJson
            | Bare::ToNumber
            | Bare::ToString
            | Bare::Trim
            | Bare::Type
            | Bare::Upcase => Err(refused("array")),
        }
    }

    fn of_text(&mut self, bare: Bare, text: &str) -> Result<Json, Stop> {
        match bare {
            Bare::Length => Ok(Json::Number(text.chars().count() as f64)),
            Bare::ToNumber => text.parse().map(Json::Number).map_err(|_| Stop::raised("cannot be read as a number")),
            Bare::FromJson => {
                self.work.spend(text.len())?;
                Json::read(text).ok_or_else(|| Stop::raised("cannot be read as JSON"))
            }
            Bare::Downcase => Ok(Json::text(text.to_ascii_lowercase())),
            Bare::Upcase => Ok(Json::text(text.to_ascii_uppercase())),
            Bare::Trim => Ok(Json::text(text.trim())),
            Bare::Add
            | Bare::All
            | Bare::Any
            | Bare::Empty
            | Bare::Error
            | Bare::First
            | Bare::Flatten
            | Bare::FromEntries
            | Bare::Keys
            | Bare::Kinds(_)
            | Bare::Last
            | Bare::Max
            | Bare::Min
            | Bare::Not
            | Bare::Number(_)
            | Bare::Recurse
            | Bare::Reverse
            | Bare::Sort
            | Bare::ToEntries
            | Bare::ToJson
            | Bare::ToString
            | Bare::Type
            | Bare::Unique => Err(refused("string")),
        }
    }

    /// Sorted by jq's order of values, equal ones as they stood. By merging, since a comparison may run out of work.
    pub(super) fn sorted(&mut self, items: &[Json]) -> Result<Vec<Json>, Stop> {
        if items.len() < 2 {
            return Ok(items.to_vec());
        }
        let (left, right) = items.split_at(items.len() / 2);
        let (left, right) = (self.sorted(left)?, self.sorted(right)?);
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        let mut merged = Vec::with_capacity(items.len());
        while let (Some(one), Some(two)) = (left.peek(), right.peek()) {
            let next = match one.compare(two, &mut self.work)? {
                Ordering::Greater => right.next(),
                Ordering::Less | Ordering::Equal => left.next(),
            };
            merged.extend(next);
        }
        merged.extend(left.chain(right));
        Ok(merged)
    }

    fn unique(&mut self, items: &[Json]) -> Result<Vec<Json>, Stop> {
        let mut unique: Vec<Json> = Vec::new();
        for item in self.sorted(items)? {
            let is_known = unique.last().map_or(Ok(false), |last| last.equals(&item, &mut self.work))?;
            if !is_known {
                unique.push(item);
            }
        }
        Ok(unique)
    }

    fn flattened(&mut self, items: &[Json]) -> Result<Vec<Json>, Stop> {
        let mut all = Vec::new();
        // A stack of our own: a program may nest lists deeper than JSON may.
        let mut left: Vec<Json> = items.iter().rev().cloned().collect();
        while let Some(item) = left.pop() {
            self.work.spend(1)?;
            match item {
                Json::List(inner) => {
                    self.work.spend(inner.len())?;
                    left.extend(inner.iter().rev().cloned());
                }
                other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Map(_)) => {
                    all.push(other);
                }
            }
        }
        Ok(all)
    }

    /// The object with these entries.
    pub(super) fn object_of(&mut self, input: &Json) -> Result<Json, Stop> {
        let mut members = Members::new();
        for item in self.items(input)? {
            let Json::Map(item) = item else { return Err(Stop::raised("an entry is not an object")) };
            let named = |names: &[&str]| names.iter().find_map(|&name| item.get(name)).cloned().unwrap_or(Json::Null);
            let key = self.string(&named(&["key", "k", "name", "Name", "Key", "K"]))?;
            members.insert(Arc::from(key), named(&["value", "v", "Value", "V"]));
        }
        Ok(Json::Map(Arc::new(members)))
    }
}

fn refused(kind: &str) -> Stop {
    Stop::raised(format!("cannot be applied to: {kind}"))
}

pub(super) fn entry((name, value): (&Arc<str>, &Json)) -> Json {
    let members = [(Arc::from("key"), Json::Text(Arc::clone(name))), (Arc::from("value"), value.clone())];
    Json::Map(Arc::new(members.into()))
}
