//! The functions of jq that rules may call: those that look at a line, none that loop or reach out of it.

use std::sync::Arc;

use super::filter::Filter;
use super::math::{size, split};
use super::run::Runner;
use super::value::Json;
use super::work::Stop;

/// A function, told apart by name and number of arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    Add,
    All,
    Any,
    Contains,
    Downcase,
    Empty,
    EndsWith,
    Error,
    First,
    FromJson,
    Has,
    Inside,
    IsOneOf,
    Join,
    Keys,
    Kinds(&'static [&'static str]),
    Last,
    Length,
    Map,
    Not,
    Recurse,
    Select,
    Split,
    StartsWith,
    ToEntries,
    ToJson,
    ToNumber,
    ToString,
    Trim,
    TrimEnd,
    TrimStart,
    Type,
    Upcase,
}

impl Builtin {
    /// The function of a name, where rules may call it.
    pub(super) fn named(name: &str, arguments: usize) -> Option<Self> {
        Some(match (name, arguments) {
            ("add", 0) => Self::Add,
            ("all", 0..=2) => Self::All,
            ("any", 0..=2) => Self::Any,
            ("contains", 1) => Self::Contains,
            ("ascii_downcase", 0) => Self::Downcase,
            ("empty", 0) => Self::Empty,
            ("endswith", 1) => Self::EndsWith,
            ("error", 0 | 1) => Self::Error,
            ("first", 0 | 1) => Self::First,
            ("fromjson", 0) => Self::FromJson,
            ("has", 1) => Self::Has,
            ("inside", 1) => Self::Inside,
            ("IN", 1) => Self::IsOneOf,
            ("join", 1) => Self::Join,
            ("keys" | "keys_unsorted", 0) => Self::Keys,
            ("nulls", 0) => Self::Kinds(&["null"]),
            ("booleans", 0) => Self::Kinds(&["boolean"]),
            ("numbers", 0) => Self::Kinds(&["number"]),
            ("strings", 0) => Self::Kinds(&["string"]),
            ("arrays", 0) => Self::Kinds(&["array"]),
            ("objects", 0) => Self::Kinds(&["object"]),
            ("iterables", 0) => Self::Kinds(&["array", "object"]),
            ("values", 0) => Self::Kinds(&["boolean", "number", "string", "array", "object"]),
            ("scalars", 0) => Self::Kinds(&["null", "boolean", "number", "string"]),
            ("last", 0) => Self::Last,
            ("length", 0) => Self::Length,
            ("map", 1) => Self::Map,
            ("not", 0) => Self::Not,
            ("recurse", 0) => Self::Recurse,
            ("select", 1) => Self::Select,
            ("split", 1) => Self::Split,
            ("startswith", 1) => Self::StartsWith,
            ("to_entries", 0) => Self::ToEntries,
            ("tojson", 0) => Self::ToJson,
            ("tonumber", 0) => Self::ToNumber,
            ("tostring", 0) => Self::ToString,
            ("trim", 0) => Self::Trim,
            ("rtrimstr", 1) => Self::TrimEnd,
            ("ltrimstr", 1) => Self::TrimStart,
            ("type", 0) => Self::Type,
            ("ascii_upcase", 0) => Self::Upcase,
            _ => return None,
        })
    }
}

impl Runner {
    /// Calls a function that has the arguments it was looked up with.
    pub(super) fn call(
        &mut self,
        builtin: Builtin,
        arguments: &[Filter],
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        self.work.spend(size(input))?;
        let Some(argument) = arguments.first() else { return self.call_bare(builtin, input, answers) };
        match builtin {
            Builtin::Select => {
                let chosen = self.all(argument, input)?;
                answers.extend(chosen.iter().filter(|value| value.is_true()).map(|_| input.clone()));
            }
            Builtin::Map => {
                let mut items = Vec::new();
                for item in self.items(input)? {
                    items.extend(self.all(argument, &item)?);
                }
                answers.push(Json::list(items));
            }
            Builtin::First => match self.run(argument, input) {
                (values, _) if !values.is_empty() => answers.extend(values.into_iter().next()),
                (_, stop) => stop.map_or(Ok(()), Err)?,
            },
            Builtin::Any | Builtin::All => {
                let (items, stop) = match arguments {
                    [generator, _] => self.run(generator, input),
                    _ => (self.items(input)?, None),
                };
                let answer = self.any_or_all(builtin, items, arguments.last())?;
                answers.push(match (answer, stop) {
                    (Some(answer), _) => Json::Bool(answer),
                    (None, Some(stop)) => return Err(stop),
                    (None, None) => Json::Bool(builtin == Builtin::All),
                });
            }
            Builtin::IsOneOf => {
                let values = self.all(argument, input)?;
                answers.push(Json::Bool(self.holds_item(&values, input)?));
            }
            _ => {
                for value in self.all(argument, input)? {
                    answers.push(self.call_with(builtin, input, &value)?);
                }
            }
        }
        Ok(())
    }

    fn items(&mut self, input: &Json) -> Result<Vec<Json>, Stop> {
        let mut items = Vec::new();
        self.iterate(input, &mut items)?;
        Ok(items)
    }

    /// The answer as soon as an item decides it; nothing where none does.
    fn any_or_all(
        &mut self,
        builtin: Builtin,
        items: Vec<Json>,
        condition: Option<&Filter>,
    ) -> Result<Option<bool>, Stop> {
        let decides = builtin == Builtin::Any;
        for item in items {
            let answers = match condition {
                Some(condition) => self.all(condition, &item)?,
                None => vec![item],
            };
            if answers.iter().any(|answer| answer.is_true() == decides) {
                return Ok(Some(decides));
            }
        }
        Ok(None)
    }

    /// A function without arguments.
    fn call_bare(&mut self, builtin: Builtin, input: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        let answer = match (builtin, input) {
            (Builtin::Empty, _) => return Ok(()),
            (Builtin::Error, _) => return Err(Stop::Raised(input.clone())),
            (Builtin::Recurse, _) => return self.recurse(input, answers),
            (Builtin::Kinds(kinds), _) => {
                answers.extend(kinds.contains(&input.kind()).then(|| input.clone()));
                return Ok(());
            }
            (Builtin::Not, _) => Json::Bool(!input.is_true()),
            (Builtin::Type, _) => Json::text(input.kind()),
            (Builtin::ToJson, _) => Json::text(input.written(&mut self.work)?),
            (Builtin::ToString, _) => Json::text(self.string(input)?),
            (Builtin::Any | Builtin::All, _) => {
                let items = self.items(input)?;
                let answer = self.any_or_all(builtin, items, None)?;
                Json::Bool(answer.unwrap_or(builtin == Builtin::All))
            }
            (Builtin::Add, _) => {
                let mut sum = Json::Null;
                for item in self.items(input)? {
                    sum = self.sum(&sum, &item)?;
                }
                sum
            }
            (Builtin::First | Builtin::Last, Json::List(items)) => {
                let item = if builtin == Builtin::First { items.first() } else { items.last() };
                item.cloned().unwrap_or(Json::Null)
            }
            (Builtin::Length, Json::Null) => Json::Number(0.0),
            (Builtin::Length, Json::Number(number)) => Json::Number(number.abs()),
            (Builtin::Length, Json::Text(text)) => Json::Number(text.chars().count() as f64),
            (Builtin::Length, Json::List(items)) => Json::Number(items.len() as f64),
            (Builtin::Length, Json::Map(members)) => Json::Number(members.len() as f64),
            (Builtin::Keys, Json::Map(members)) => {
                Json::list(members.keys().map(|name| Json::Text(Arc::clone(name))).collect())
            }
            (Builtin::Keys, Json::List(items)) => {
                Json::list((0..items.len()).map(|index| Json::Number(index as f64)).collect())
            }
            (Builtin::ToEntries, Json::Map(members)) => Json::list(members.iter().map(entry).collect()),
            (Builtin::ToNumber, Json::Number(number)) => Json::Number(*number),
            (Builtin::ToNumber, Json::Text(text)) => {
                Json::Number(text.parse().map_err(|_| Stop::raised("cannot be read as a number"))?)
            }
            (Builtin::FromJson, Json::Text(text)) => {
                self.work.spend(text.len())?;
                Json::read(text).ok_or_else(|| Stop::raised("cannot be read as JSON"))?
            }
            (Builtin::Downcase, Json::Text(text)) => Json::text(text.to_ascii_lowercase()),
            (Builtin::Upcase, Json::Text(text)) => Json::text(text.to_ascii_uppercase()),
            (Builtin::Trim, Json::Text(text)) => Json::text(text.trim()),
            _ => return Err(Stop::raised(format!("cannot be applied to: {}", input.kind()))),
        };
        answers.push(answer);
        Ok(())
    }

    /// A function of the input and one value.
    fn call_with(&mut self, builtin: Builtin, input: &Json, value: &Json) -> Result<Json, Stop> {
        self.work.spend(1 + size(value))?;
        Ok(match (builtin, input, value) {
            (Builtin::Error, _, _) => return Err(Stop::Raised(value.clone())),
            (Builtin::Contains, _, _) => Json::Bool(self.contains(input, value)?),
            (Builtin::Inside, _, _) => Json::Bool(self.contains(value, input)?),
            (Builtin::StartsWith, Json::Text(text), Json::Text(start)) => Json::Bool(text.starts_with(&**start)),
            (Builtin::EndsWith, Json::Text(text), Json::Text(end)) => Json::Bool(text.ends_with(&**end)),
            (Builtin::Has, Json::Map(members), Json::Text(name)) => Json::Bool(members.contains_key(name)),
            (Builtin::Has, Json::List(items), Json::Number(index)) => {
                Json::Bool(*index >= 0.0 && *index < items.len() as f64)
            }
            (Builtin::Split, Json::Text(text), Json::Text(separator)) => {
                self.work.spend(text.len())?;
                split(text, separator)
            }
            (Builtin::Join, Json::List(items), Json::Text(separator)) => {
                let mut texts = Vec::new();
                for item in items.iter() {
                    self.work.spend(1 + separator.len() / 16)?;
                    texts.push(if matches!(item, Json::Null) { String::new() } else { self.string(item)? });
                }
                Json::text(texts.join(separator))
            }
            (Builtin::TrimStart, Json::Text(text), Json::Text(start)) => {
                Json::text(text.strip_prefix(&**start).unwrap_or(text))
            }
            (Builtin::TrimEnd, Json::Text(text), Json::Text(end)) => {
                Json::text(text.strip_suffix(&**end).unwrap_or(text))
            }
            (Builtin::TrimStart | Builtin::TrimEnd, _, _) => input.clone(),
            _ => {
                let (input, value) = (input.kind(), value.kind());
                return Err(Stop::raised(format!("cannot be applied to: {input} and {value}")));
            }
        })
    }

    /// Whether one value holds another: part of a string, members of an object, items of a list.
    fn contains(&mut self, whole: &Json, part: &Json) -> Result<bool, Stop> {
        self.work.spend(size(part))?;
        match (whole, part) {
            (Json::Text(whole), Json::Text(part)) => {
                self.work.spend(whole.len() / 16)?;
                Ok(whole.contains(&**part))
            }
            (Json::Map(whole), Json::Map(part)) => {
                for (name, part) in part.iter() {
                    let Some(whole) = whole.get(name) else { return Ok(false) };
                    if !self.contains_if_alike(whole, part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Json::List(whole), Json::List(parts)) => {
                for part in parts.iter() {
                    let mut is_held = false;
                    for whole in whole.iter() {
                        is_held = is_held || self.contains_if_alike(whole, part)?;
                    }
                    if !is_held {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ if whole.kind() == part.kind() => whole.equals(part, &mut self.work),
            _ => Err(Stop::raised(format!("cannot have one contain the other: {} and {}", whole.kind(), part.kind()))),
        }
    }

    /// Inside of lists and objects, values of unlike kinds do not hold each other; that is no error.
    fn contains_if_alike(&mut self, whole: &Json, part: &Json) -> Result<bool, Stop> {
        self.work.spend(1)?;
        if whole.kind() == part.kind() { self.contains(whole, part) } else { Ok(false) }
    }
}

fn entry((name, value): (&Arc<str>, &Json)) -> Json {
    let members = [(Arc::from("key"), Json::Text(Arc::clone(name))), (Arc::from("value"), value.clone())];
    Json::Map(Arc::new(members.into()))
}
