//! Running a filter: one value in, a list of values out, and perhaps an error after them.

use std::cmp::Ordering;
use std::sync::Arc;

use jaq_core::ops::Cmp;

use super::filter::{Filter, Piece};
use super::index::{indexed, sliced};
use super::math::size;
use super::value::{Json, Members};
use super::work::{Stop, Work};

/// What a filter answered, and what stopped it if anything did.
pub(super) type Answers = (Vec<Json>, Option<Stop>);

/// Runs one program over one line.
pub(super) struct Runner {
    pub(super) work: Work,
    /// Those bound by `as`, the innermost last.
    variables: Vec<(String, Json)>,
}

impl Runner {
    pub(super) fn for_line(bytes: usize) -> Self {
        Self { work: Work::for_line(bytes), variables: Vec::new() }
    }

    /// All answers, and what came after them.
    pub(super) fn run(&mut self, filter: &Filter, input: &Json) -> Answers {
        let mut answers = Vec::new();
        let stop = self.each(filter, input, &mut answers).err();
        (answers, stop)
    }

    /// Puts the answers into a list; what was answered before an error stays in it.
    fn each(&mut self, filter: &Filter, input: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        self.work.spend(1)?;
        match filter {
            Filter::Identity => answers.push(input.clone()),
            Filter::Recurse => self.recurse(input, answers)?,
            Filter::Literal(literal) => answers.push(literal.clone()),
            Filter::Text(pieces) => self.text(pieces, input, answers)?,
            Filter::List(inner) => {
                let items = inner.as_deref().map_or(Ok(Vec::new()), |inner| self.all(inner, input))?;
                answers.push(Json::list(items));
            }
            Filter::Map(members) => self.map(members, input, answers)?,
            Filter::Negate(inner) => {
                for value in self.all(inner, input)? {
                    let Json::Number(number) = value else { return Err(Stop::raised("cannot be negated")) };
                    answers.push(Json::Number(-number));
                }
            }
            Filter::Pipe(first, then) => return self.chain(first, then, input, answers, None),
            Filter::Bind(first, name, then) => return self.chain(first, then, input, answers, Some(name)),
            Filter::Variable(name) => {
                let bound = self.variables.iter().rev().find(|(bound, _)| bound == name);
                let (_, value) = bound.ok_or_else(|| Stop::raised("the variable is not bound"))?;
                answers.push(value.clone());
            }
            Filter::Comma(first, second) => {
                self.each(first, input, answers)?;
                self.each(second, input, answers)?;
            }
            Filter::Alternative(first, second) => self.alternative(first, second, input, answers)?,
            Filter::And(first, second) => self.logic(first, second, input, answers, false)?,
            Filter::Or(first, second) => self.logic(first, second, input, answers, true)?,
            Filter::Math(operator, left, right) => {
                for (left, right) in self.pairs(left, right, input)? {
                    answers.push(self.math(*operator, &left, &right)?);
                }
            }
            Filter::Compare(operator, left, right) => {
                for (left, right) in self.pairs(left, right, input)? {
                    let order = left.compare(&right, &mut self.work)?;
                    answers.push(Json::Bool(holds(*operator, order)));
                }
            }
            Filter::If(condition, then, otherwise) => {
                for value in self.all(condition, input)? {
                    self.each(if value.is_true() { then } else { otherwise }, input, answers)?;
                }
            }
            Filter::Try(inner, catch) => self.attempt(inner, catch.as_deref(), input, answers)?,
            Filter::Index(head, index) => {
                for (head, index) in self.path_pairs(head, index, input)? {
                    answers.push(indexed(&head, &index)?);
                }
            }
            Filter::Slice(head, from, to) => self.slice(head, from.as_deref(), to.as_deref(), input, answers)?,
            Filter::Iterate(head) => {
                for value in self.all(head, input)? {
                    self.iterate(&value, answers)?;
                }
            }
            Filter::Search(search, regex) => self.search(search, regex, input, answers)?,
            Filter::Reduce(items, name, start, step) => {
                let items = self.all(items, input)?;
                for mut sum in self.all(start, input)? {
                    for item in &items {
                        self.variables.push((name.clone(), item.clone()));
                        let next = self.all(step, &sum);
                        self.variables.pop();
                        sum = next?.pop().unwrap_or(Json::Null);
                    }
                    answers.push(sum);
                }
            }
            Filter::Call(builtin, arguments) => self.call(*builtin, arguments, input, answers)?,
        }
        Ok(())
    }

    /// All answers, or the error.
    pub(super) fn all(&mut self, filter: &Filter, input: &Json) -> Result<Vec<Json>, Stop> {
        let mut answers = Vec::new();
        self.each(filter, input, &mut answers)?;
        Ok(answers)
    }

    fn chain(
        &mut self,
        first: &Filter,
        then: &Filter,
        input: &Json,
        answers: &mut Vec<Json>,
        name: Option<&String>,
    ) -> Result<(), Stop> {
        let (values, stop) = self.run(first, input);
        for value in values {
            match name {
                Some(name) => {
                    self.variables.push((name.clone(), value));
                    let result = self.each(then, input, answers);
                    self.variables.pop();
                    result?;
                }
                None => self.each(then, &value, answers)?,
            }
        }
        stop.map_or(Ok(()), Err)
    }

    /// Every left with every right; jq has the right ones vary slowest.
    fn pairs(&mut self, left: &Filter, right: &Filter, input: &Json) -> Result<Vec<(Json, Json)>, Stop> {
        let (rights, lefts) = (self.all(right, input)?, self.all(left, input)?);
        self.work.spend(lefts.len() * rights.len())?;
        Ok(rights.iter().flat_map(|right| lefts.iter().map(|left| (left.clone(), right.clone()))).collect())
    }

    /// Every head with every index.
    fn path_pairs(&mut self, head: &Filter, index: &Filter, input: &Json) -> Result<Vec<(Json, Json)>, Stop> {
        let (heads, indices) = (self.all(head, input)?, self.all(index, input)?);
        self.work.spend(heads.len() * indices.len())?;
        Ok(heads.iter().flat_map(|head| indices.iter().map(|index| (head.clone(), index.clone()))).collect())
    }

    /// The items of a list, the values of an object.
    pub(super) fn iterate(&mut self, value: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        match value {
            Json::List(items) => {
                self.work.spend(items.len())?;
                answers.extend(items.iter().cloned());
            }
            Json::Map(members) => {
                self.work.spend(members.len())?;
                answers.extend(members.values().cloned());
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {
                return Err(Stop::raised(format!("cannot iterate over: {}", value.kind())));
            }
        }
        Ok(())
    }

    pub(super) fn recurse(&mut self, value: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        // A stack of our own: lists that a program nests could be deeper than what JSON allows.
        let mut left = vec![value.clone()];
        while let Some(value) = left.pop() {
            self.work.spend(1)?;
            if matches!(value, Json::List(_) | Json::Map(_)) {
                let mut inner = Vec::new();
                self.iterate(&value, &mut inner)?;
                left.extend(inner.into_iter().rev());
            }
            answers.push(value);
        }
        Ok(())
    }

    fn text(&mut self, pieces: &[Piece], input: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        let mut texts = vec![String::new()];
        for piece in pieces {
            let ends: Vec<String> = match piece {
                Piece::Text(text) => vec![text.clone()],
                Piece::Filter(filter) => {
                    let values = self.all(filter, input)?;
                    values.iter().map(|value| self.string(value)).collect::<Result<_, _>>()?
                }
            };
            let length: usize = texts.iter().chain(&ends).map(|text| text.len() + 16).sum();
            self.work.spend(length.saturating_mul(texts.len().max(ends.len())) / 16)?;
            texts = ends.iter().flat_map(|end| texts.iter().map(move |text| format!("{text}{end}"))).collect();
        }
        answers.extend(texts.into_iter().map(Json::text));
        Ok(())
    }

    /// A value as `tostring` says it.
    pub(super) fn string(&mut self, value: &Json) -> Result<String, Stop> {
        match value {
            Json::Text(text) => {
                self.work.spend(text.len() / 16)?;
                Ok(text.to_string())
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::List(_) | Json::Map(_) => {
                value.written(&mut self.work)
            }
        }
    }

    fn map(&mut self, members: &[(Filter, Filter)], input: &Json, answers: &mut Vec<Json>) -> Result<(), Stop> {
        let mut maps = vec![Members::new()];
        for (name, value) in members {
            let (names, values) = (self.all(name, input)?, self.all(value, input)?);
            self.work.spend(maps.len() * names.len() * values.len() * members.len())?;
            let mut grown = Vec::new();
            for map in &maps {
                for name in &names {
                    let Json::Text(name) = name else { return Err(Stop::raised("a key is not a string")) };
                    for value in &values {
                        let mut map = map.clone();
                        map.insert(Arc::clone(name), value.clone());
                        grown.push(map);
                    }
                }
            }
            maps = grown;
        }
        answers.extend(maps.into_iter().map(|map| Json::Map(Arc::new(map))));
        Ok(())
    }

    fn alternative(
        &mut self,
        first: &Filter,
        second: &Filter,
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        let (values, stop) = self.run(first, input);
        if let Some(Stop::Exhausted) = stop {
            return Err(Stop::Exhausted);
        }
        let before = answers.len();
        answers.extend(values.into_iter().filter(Json::is_true));
        if answers.len() == before { self.each(second, input, answers) } else { Ok(()) }
    }

    /// `and` and `or`: what decides on the left is not asked on the right.
    fn logic(
        &mut self,
        first: &Filter,
        second: &Filter,
        input: &Json,
        answers: &mut Vec<Json>,
        decides: bool,
    ) -> Result<(), Stop> {
        for left in self.all(first, input)? {
            if left.is_true() == decides {
                answers.push(Json::Bool(decides));
                continue;
            }
            let rights = self.all(second, input)?;
            answers.extend(rights.iter().map(|right| Json::Bool(right.is_true())));
        }
        Ok(())
    }

    fn attempt(
        &mut self,
        inner: &Filter,
        catch: Option<&Filter>,
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        match (self.each(inner, input, answers), catch) {
            (Err(Stop::Raised(error)), Some(catch)) => self.each(catch, &error, answers),
            (Ok(()) | Err(Stop::Raised(_)), _) => Ok(()),
            (Err(Stop::Exhausted), _) => Err(Stop::Exhausted),
        }
    }

    fn slice(
        &mut self,
        head: &Filter,
        from: Option<&Filter>,
        to: Option<&Filter>,
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        let heads = self.all(head, input)?;
        let mut end = |filter: Option<&Filter>| match filter {
            Some(filter) => self.all(filter, input),
            None => Ok(vec![Json::Null]),
        };
        let (froms, tos) = (end(from)?, end(to)?);
        for head in &heads {
            for to in &tos {
                for from in &froms {
                    let sliced = sliced(head, from, to)?;
                    self.work.spend(size(&sliced))?;
                    answers.push(sliced);
                }
            }
        }
        Ok(())
    }

    pub(super) fn holds_item(&mut self, items: &[Json], item: &Json) -> Result<bool, Stop> {
        for other in items {
            if other.equals(item, &mut self.work)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn holds(operator: Cmp, order: Ordering) -> bool {
    match operator {
        Cmp::Lt => order.is_lt(),
        Cmp::Le => order.is_le(),
        Cmp::Gt => order.is_gt(),
        Cmp::Ge => order.is_ge(),
        Cmp::Eq => order.is_eq(),
        Cmp::Ne => order.is_ne(),
    }
}
