//! Functions that run their arguments themselves.

use std::sync::Arc;

use super::super::filter::Filter;
use super::super::run::Runner;
use super::super::value::{Json, Members};
use super::super::work::Stop;
use super::bare::entry;

#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Filtered {
    All,
    Any,
    First,
    IsOneOf,
    Limit,
    Map,
    MapValues,
    Range,
    Select,
    SortBy,
    WithEntries,
}

impl Filtered {
    pub(super) fn named(name: &str, arguments: usize) -> Option<Self> {
        Some(match (name, arguments) {
            ("all", 1 | 2) => Self::All,
            ("any", 1 | 2) => Self::Any,
            ("first", 1) => Self::First,
            ("IN", 1) => Self::IsOneOf,
            ("limit", 2) => Self::Limit,
            ("map", 1) => Self::Map,
            ("map_values", 1) => Self::MapValues,
            ("range", 1 | 2) => Self::Range,
            ("select", 1) => Self::Select,
            ("sort_by", 1) => Self::SortBy,
            ("with_entries", 1) => Self::WithEntries,
            _ => return None,
        })
    }
}

impl Runner {
    /// Calls one.
    pub(super) fn filtered(
        &mut self,
        filtered: Filtered,
        first: &Filter,
        second: Option<&Filter>,
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        match filtered {
            Filtered::Select => {
                let chosen = self.all(first, input)?;
                answers.extend(chosen.iter().filter(|value| value.is_true()).map(|_| input.clone()));
            }
            Filtered::Map => {
                let items = self.items(input)?;
                answers.push(Json::list(self.mapped(first, items)?));
            }
            Filtered::MapValues => answers.push(self.map_values(first, input)?),
            Filtered::WithEntries => {
                let Json::Map(members) = input else { return Err(Stop::raised("has no entries")) };
                let entries = members.iter().map(entry).collect();
                let mapped = Json::list(self.mapped(first, entries)?);
                answers.push(self.object_of(&mapped)?);
            }
            Filtered::SortBy => {
                let mut keyed = Vec::new();
                for item in self.items(input)? {
                    let key = self.all(first, &item)?;
                    keyed.push(Json::list(vec![Json::list(key), item]));
                }
                let sorted = self.sorted(&keyed)?;
                let item = |pair: &Json| if let Json::List(pair) = pair { pair.get(1).cloned() } else { None };
                answers.push(Json::list(sorted.iter().filter_map(item).collect()));
            }
            Filtered::First => self.limit(1, first, input, answers)?,
            Filtered::Limit => {
                for count in self.all(first, input)? {
                    let Json::Number(count) = count else { return Err(Stop::raised("a limit is not a number")) };
                    self.limit(count.max(0.0) as usize, second.unwrap_or(&Filter::Identity), input, answers)?;
                }
            }
            Filtered::Range => self.range(first, second, input, answers)?,
            Filtered::IsOneOf => {
                let values = self.all(first, input)?;
                answers.push(Json::Bool(self.holds_item(&values, input)?));
            }
            Filtered::Any => answers.push(Json::Bool(self.is_any(true, first, second, input)?)),
            Filtered::All => answers.push(Json::Bool(!self.is_any(false, first, second, input)?)),
        }
        Ok(())
    }

    /// What a filter answers for each item.
    fn mapped(&mut self, filter: &Filter, items: Vec<Json>) -> Result<Vec<Json>, Stop> {
        let mut mapped = Vec::new();
        for item in items {
            mapped.extend(self.all(filter, &item)?);
        }
        Ok(mapped)
    }

    fn map_values(&mut self, filter: &Filter, input: &Json) -> Result<Json, Stop> {
        let Json::Map(members) = input else {
            let mut mapped = Vec::new();
            for item in self.items(input)? {
                mapped.extend(self.all(filter, &item)?.into_iter().next());
            }
            return Ok(Json::list(mapped));
        };
        let mut mapped = Members::new();
        for (name, value) in members.iter() {
            if let Some(value) = self.all(filter, value)?.into_iter().next() {
                mapped.insert(Arc::clone(name), value);
            }
        }
        Ok(Json::Map(Arc::new(mapped)))
    }

    /// The first answers of a filter; what comes after them, an error too, does not count.
    fn limit(&mut self, count: usize, filter: &Filter, input: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        if count == 0 {
            return Ok(());
        }
        let (values, stop) = self.run(filter, input);
        let is_enough = values.len() >= count;
        answers.extend(values.into_iter().take(count));
        match stop {
            Some(stop @ Stop::Exhausted) => Err(stop),
            Some(stop @ Stop::Raised(_)) if !is_enough => Err(stop),
            Some(Stop::Raised(_)) | None => Ok(()),
        }
    }

    fn range(
        &mut self,
        first: &Filter,
        second: Option<&Filter>,
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        let firsts = self.all(first, input)?;
        let (froms, tos) = match second {
            Some(second) => (firsts, self.all(second, input)?),
            None => (vec![Json::Number(0.0)], firsts),
        };
        for from in &froms {
            for to in &tos {
                let (Json::Number(from), Json::Number(to)) = (from, to) else {
                    return Err(Stop::raised("a range is not of numbers"));
                };
                let mut next = *from;
                while next < *to {
                    self.work.spend(1)?;
                    answers.push(Json::Number(next));
                    next += 1.0;
                }
            }
        }
        Ok(())
    }

    /// Whether the condition is as said for any item: of the input, or of what the first of two arguments answers.
    fn is_any(&mut self, wanted: bool, first: &Filter, second: Option<&Filter>, input: &Json) -> Result<bool, Stop> {
        let ((items, stop), condition) = match second {
            Some(condition) => (self.run(first, input), condition),
            None => ((self.items(input)?, None), first),
        };
        for item in items {
            if self.all(condition, &item)?.iter().any(|answer| answer.is_true() == wanted) {
                return Ok(true);
            }
        }
        stop.map_or(Ok(false), Err)
    }
}
