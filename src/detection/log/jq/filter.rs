//! The part of jq that rules may use, as a tree: made from what jaq's parser reads, or refused by name.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::ops::{Cmp, Math};
use jaq_core::path::{Opt, Part};
use regex::Regex;

use super::builtin::Builtin;
use super::search::Search;
use super::value::Json;

/// From one value to any number of values.
#[derive(Debug)]
pub(super) enum Filter {
    Identity,
    /// `..`
    Recurse,
    Literal(Json),
    /// A string with programs in it.
    Text(Vec<Piece>),
    List(Option<Box<Filter>>),
    Map(Vec<(Filter, Filter)>),
    Negate(Box<Filter>),
    Pipe(Box<Filter>, Box<Filter>),
    /// `… as $name | …`
    Bind(Box<Filter>, String, Box<Filter>),
    Variable(String),
    Comma(Box<Filter>, Box<Filter>),
    /// `//`
    Alternative(Box<Filter>, Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Math(Math, Box<Filter>, Box<Filter>),
    Compare(Cmp, Box<Filter>, Box<Filter>),
    If(Box<Filter>, Box<Filter>, Box<Filter>),
    Try(Box<Filter>, Option<Box<Filter>>),
    Index(Box<Filter>, Box<Filter>),
    /// `[from:to]`
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    /// `[]`
    Iterate(Box<Filter>),
    /// `reduce … as $name (start; step)`
    Reduce(Box<Filter>, String, Box<Filter>, Box<Filter>),
    Search(Search, Regex),
    Call(Builtin, Vec<Filter>),
}

#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Filter(Filter),
}

/// Deeper programs are refused, so that nothing that walks one runs out of stack.
const DEEPEST: usize = 100;

pub(super) fn read(term: &Term<&str>) -> Result<Filter, String> {
    Reader { depth: 0 }.filter(term)
}

#[derive(Clone, Copy)]
struct Reader {
    depth: usize,
}

impl Reader {
    fn boxed(self, term: &Term<&str>) -> Result<Box<Filter>, String> {
        self.filter(term).map(Box::new)
    }

    fn filter(mut self, term: &Term<&str>) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("found a program that is nested too deeply; expected a simpler one".to_owned());
        }
        Ok(match term {
            Term::Id => Filter::Identity,
            Term::Recurse => Filter::Recurse,
            Term::Num(number) => Filter::Literal(Json::Number(
                number.parse().map_err(|_| format!("found the number `{number}`; expected one that jq reads"))?,
            )),
            Term::Str(None, parts) => self.text(parts)?,
            Term::Str(Some("@text"), parts) => self.text(parts)?,
            Term::Str(Some(format), _) => return Err(not_supported(format)),
            Term::Arr(inner) => Filter::List(inner.as_deref().map(|inner| self.boxed(inner)).transpose()?),
            Term::Obj(members) => Filter::Map(
                members.iter().map(|(key, value)| self.member(key, value.as_ref())).collect::<Result<_, _>>()?,
            ),
            Term::Neg(inner) => Filter::Negate(self.boxed(inner)?),
            Term::BinOp(left, operator, right) => self.operation(left, operator, right)?,
            Term::TryCatch(inner, catch) => {
                Filter::Try(self.boxed(inner)?, catch.as_deref().map(|catch| self.boxed(catch)).transpose()?)
            }
            Term::IfThenElse(branches, otherwise) => {
                let otherwise =
                    otherwise.as_deref().map_or(Ok(Filter::Identity), |otherwise| self.filter(otherwise))?;
                branches.iter().rev().try_fold(otherwise, |otherwise, (condition, then)| {
                    Ok::<_, String>(Filter::If(self.boxed(condition)?, self.boxed(then)?, Box::new(otherwise)))
                })?
            }
            Term::Var(name) => Filter::Variable((*name).to_owned()),
            Term::Path(head, path) => {
                path.0.iter().try_fold(self.filter(head)?, |head, (part, optional)| self.part(head, part, *optional))?
            }
            Term::Call(name, arguments) => self.call(name, arguments)?,
            Term::Def(..) => return Err(not_supported("def")),
            Term::Fold("reduce", items, Pattern::Var(name), parts) if parts.len() == 2 => {
                let (start, step) = (self.boxed(&parts[0])?, self.boxed(&parts[1])?);
                Filter::Reduce(self.boxed(items)?, (*name).to_owned(), start, step)
            }
            Term::Fold(name, ..) => return Err(not_supported(name)),
            Term::Label(..) | Term::Break(_) => return Err(not_supported("label")),
        })
    }

    fn text(self, parts: &[StrPart<&str, Term<&str>>]) -> Result<Filter, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        for part in parts {
            match part {
                StrPart::Term(term) => pieces.push(Piece::Filter(self.filter(term)?)),
                StrPart::Str(text) => pieces.push(Piece::Text((*text).to_owned())),
                StrPart::Char(character) => pieces.push(Piece::Text(character.to_string())),
            }
        }
        let literal: Option<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(text.as_str()),
                Piece::Filter(_) => None,
            })
            .collect();
        Ok(literal.map_or(Filter::Text(pieces), |literal| Filter::Literal(Json::text(literal))))
    }

    /// `{key: value}`, `{key}` for `{key: .key}`, `{$name}` for `{name: $name}`.
    fn member(self, key: &Term<&str>, value: Option<&Term<&str>>) -> Result<(Filter, Filter), String> {
        let name = if let Term::Var(name) = key {
            Filter::Literal(Json::text(name.trim_start_matches('$')))
        } else {
            self.filter(key)?
        };
        let value = match (value, key) {
            (Some(value), _) => self.filter(value)?,
            (None, Term::Var(_)) => self.filter(key)?,
            (None, _) => Filter::Index(Box::new(Filter::Identity), self.boxed(key)?),
        };
        Ok((name, value))
    }

    fn operation(self, left: &Term<&str>, operator: &BinaryOp<&str>, right: &Term<&str>) -> Result<Filter, String> {
        if let BinaryOp::Pipe(Some(pattern)) = operator {
            let Pattern::Var(name) = pattern else { return Err(not_supported("a pattern after `as`")) };
            return Ok(Filter::Bind(self.boxed(left)?, (*name).to_owned(), self.boxed(right)?));
        }
        let (left, right) = (self.boxed(left)?, self.boxed(right)?);
        Ok(match operator {
            BinaryOp::Pipe(_) => Filter::Pipe(left, right),
            BinaryOp::Comma => Filter::Comma(left, right),
            BinaryOp::Alt => Filter::Alternative(left, right),
            BinaryOp::And => Filter::And(left, right),
            BinaryOp::Or => Filter::Or(left, right),
            BinaryOp::Math(operator) => Filter::Math(*operator, left, right),
            BinaryOp::Cmp(operator) => Filter::Compare(*operator, left, right),
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                return Err(not_supported("an assignment"));
            }
        })
    }

    fn part(self, head: Filter, part: &Part<Term<&str>>, optional: Opt) -> Result<Filter, String> {
        let head = Box::new(head);
        let filter = match part {
            Part::Index(index) => Filter::Index(head, self.boxed(index)?),
            Part::Range(None, None) => Filter::Iterate(head),
            Part::Range(from, to) => {
                let end = |end: &Option<Term<&str>>| end.as_ref().map(|end| self.boxed(end)).transpose();
                Filter::Slice(head, end(from)?, end(to)?)
            }
        };
        Ok(match optional {
            Opt::Optional => Filter::Try(Box::new(filter), None),
            Opt::Essential => filter,
        })
    }

    fn call(self, name: &str, arguments: &[Term<&str>]) -> Result<Filter, String> {
        let literal = match (name, arguments.len()) {
            ("null", 0) => Some(Json::Null),
            ("true", 0) => Some(Json::Bool(true)),
            ("false", 0) => Some(Json::Bool(false)),
            _ => None,
        };
        if let Some(literal) = literal {
            return Ok(Filter::Literal(literal));
        }
        let arguments: Vec<Filter> = arguments.iter().map(|term| self.filter(term)).collect::<Result<_, _>>()?;
        if let Some(search) = Search::named(name, arguments.len()) {
            return search.filter(name, arguments);
        }
        match Builtin::named(name, arguments.len()) {
            Some(builtin) => Ok(Filter::Call(builtin, arguments)),
            None => Err(not_supported(&format!("{name}/{}", arguments.len()))),
        }
    }
}

pub(super) fn not_supported(what: &str) -> String {
    format!("found {what} in jq, which is not supported: a rule's program chooses a line in bounded time")
}
