//! Functions of the input and one value.

use super::super::index::indexed;
use super::super::math::{size, split};
use super::super::run::Runner;
use super::super::value::Json;
use super::super::work::Stop;

#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Valued {
    Contains,
    EndsWith,
    Error,
    GetPath,
    Has,
    In,
    Index,
    Inside,
    Join,
    Split,
    StartsWith,
    TrimEnd,
    TrimStart,
}

impl Valued {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "contains" => Self::Contains,
            "endswith" => Self::EndsWith,
            "error" => Self::Error,
            "getpath" => Self::GetPath,
            "has" => Self::Has,
            "in" => Self::In,
            "index" => Self::Index,
            "inside" => Self::Inside,
            "join" => Self::Join,
            "ltrimstr" => Self::TrimStart,
            "rtrimstr" => Self::TrimEnd,
            "split" => Self::Split,
            "startswith" => Self::StartsWith,
            _ => return None,
        })
    }
}

impl Runner {
    /// Calls one.
    pub(super) fn valued(&mut self, valued: Valued, input: &Json, value: &Json) -> Result<Json, Stop> {
        self.work.spend(1 + size(value))?;
        Ok(match (valued, input, value) {
            (Valued::Error, _, _) => return Err(Stop::Raised(value.clone())),
            (Valued::Contains, _, _) => Json::Bool(self.contains(input, value)?),
            (Valued::Inside, _, _) => Json::Bool(self.contains(value, input)?),
            (Valued::Has, _, _) => Json::Bool(has(input, value)?),
            (Valued::In, _, _) => Json::Bool(has(value, input)?),
            (Valued::GetPath, _, Json::List(path)) => {
                path.iter().try_fold(input.clone(), |value, step| indexed(&value, step))?
            }
            (Valued::StartsWith, Json::Text(text), Json::Text(start)) => Json::Bool(text.starts_with(&**start)),
            (Valued::EndsWith, Json::Text(text), Json::Text(end)) => Json::Bool(text.ends_with(&**end)),
            (Valued::Index, Json::Text(text), Json::Text(part)) => {
                self.work.spend(text.len() / 16)?;
                let found = text.find(&**part).filter(|_| !part.is_empty());
                found.map_or(Json::Null, |at| Json::Number(text[..at].chars().count() as f64))
            }
            (Valued::Index, Json::List(items), item) => self.index_of(items, item)?,
            (Valued::Split, Json::Text(text), Json::Text(separator)) => {
                self.work.spend(text.len())?;
                split(text, separator)
            }
            (Valued::Join, Json::List(items), Json::Text(separator)) => {
                let mut texts = Vec::new();
                for item in items.iter() {
                    self.work.spend(1 + separator.len() / 16)?;
                    texts.push(if matches!(item, Json::Null) { String::new() } else { self.string(item)? });
                }
                Json::text(texts.join(separator))
            }
            (Valued::TrimStart, Json::Text(text), Json::Text(start)) => {
                Json::text(text.strip_prefix(&**start).unwrap_or(text))
            }
            (Valued::TrimEnd, Json::Text(text), Json::Text(end)) => {
                Json::text(text.strip_suffix(&**end).unwrap_or(text))
            }
            (Valued::TrimStart | Valued::TrimEnd, _, _) => input.clone(),
            _ => {
                let (input, value) = (input.kind(), value.kind());
                return Err(Stop::raised(format!("cannot be applied to: {input} and {value}")));
            }
        })
    }

    fn index_of(&mut self, items: &[Json], item: &Json) -> Result<Json, Stop> {
        for (index, other) in items.iter().enumerate() {
            if other.equals(item, &mut self.work)? {
                return Ok(Json::Number(index as f64));
            }
        }
        Ok(Json::Null)
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

fn has(whole: &Json, key: &Json) -> Result<bool, Stop> {
    match (whole, key) {
        (Json::Map(members), Json::Text(name)) => Ok(members.contains_key(name)),
        (Json::List(items), Json::Number(index)) => Ok(*index >= 0.0 && *index < items.len() as f64),
        _ => Err(Stop::raised(format!("cannot have: {} and {}", whole.kind(), key.kind()))),
    }
}
