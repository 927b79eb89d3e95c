//! The functions of jq that take a regular expression. It is compiled once, so it has to be written out.

use std::sync::Arc;

use regex::{Captures, Regex};

use super::filter::Filter;
use super::run::Runner;
use super::value::{Json, Members};
use super::work::Stop;

/// What is done with what an expression finds.
#[derive(Debug)]
pub(super) enum Search {
    Test,
    /// The named groups of the first match, or of each.
    Capture(Reach),
    /// The first match, or each: the text, or the groups where there are some.
    Scan,
    /// The first match, or each, with its place and groups.
    Match(Reach),
    Split,
    /// Each match, or the first, gives way to what a filter makes of its named groups.
    Replace(Reach, Box<Filter>),
}

/// How many matches are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    First,
    All,
}

impl Search {
    /// The function of a name; a replacement comes in with [`Self::filter`].
    pub(super) fn named(name: &str, arguments: usize) -> Option<Self> {
        Some(match (name, arguments) {
            ("test", 1 | 2) => Self::Test,
            ("capture", 1 | 2) => Self::Capture(Reach::First),
            ("scan", 1 | 2) => Self::Scan,
            ("match", 1 | 2) => Self::Match(Reach::First),
            ("splits", 1 | 2) => Self::Split,
            ("sub", 2 | 3) => Self::Replace(Reach::First, Box::new(Filter::Identity)),
            ("gsub", 2 | 3) => Self::Replace(Reach::All, Box::new(Filter::Identity)),
            _ => return None,
        })
    }

    /// The filter of a call.
    pub(super) fn filter(self, name: &str, arguments: Vec<Filter>) -> Result<Filter, String> {
        let mut arguments = arguments.into_iter();
        let pattern = written(arguments.next());
        let search = match self {
            Self::Replace(reach, _) => Self::Replace(reach, Box::new(arguments.next().unwrap_or(Filter::Identity))),
            other @ (Self::Test | Self::Capture(_) | Self::Scan | Self::Match(_) | Self::Split) => other,
        };
        let (Some(pattern), Some(flags)) = (pattern, written(arguments.next())) else {
            return Err(format!("found `{name}` with an expression that is computed; expected a string"));
        };
        let mut prefix = String::new();
        for flag in flags.chars() {
            match flag {
                'i' | 's' => prefix.push(flag),
                'g' => {}
                _ => return Err(format!("found the flag `{flag}` of `{name}`; expected g, i or s")),
            }
        }
        let pattern = if prefix.is_empty() { pattern } else { format!("(?{prefix}){pattern}") };
        let search = if flags.contains('g') { search.of_all() } else { search };
        super::super::term::regex(&pattern).map(|(regex, _)| Filter::Search(search, regex))
    }

    fn of_all(self) -> Self {
        match self {
            Self::Capture(_) => Self::Capture(Reach::All),
            Self::Match(_) => Self::Match(Reach::All),
            Self::Replace(_, filter) => Self::Replace(Reach::All, filter),
            other @ (Self::Test | Self::Scan | Self::Split) => other,
        }
    }
}

/// A string that is written out; an empty one where nothing or null is.
fn written(filter: Option<Filter>) -> Option<String> {
    match filter {
        Some(Filter::Literal(Json::Text(text))) => Some(text.to_string()),
        None | Some(Filter::Literal(Json::Null)) => Some(String::new()),
        Some(_) => None,
    }
}

impl Runner {
    /// Runs one over a string.
    pub(super) fn search(
        &mut self,
        search: &Search,
        regex: &Regex,
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        let Json::Text(text) = input else { return Err(Stop::raised("cannot be searched: not a string")) };
        self.work.spend(1 + text.len() / 16)?;
        match search {
            Search::Test => answers.push(Json::Bool(regex.is_match(text))),
            Search::Capture(reach) => {
                for captures in self.matches(regex, text, *reach)? {
                    answers.push(groups(regex, &captures));
                }
            }
            Search::Scan => {
                for captures in self.matches(regex, text, Reach::All)? {
                    let groups: Vec<Json> = captures.iter().skip(1).map(group).collect();
                    answers.push(if groups.is_empty() { group(captures.get(0)) } else { Json::list(groups) });
                }
            }
            Search::Match(reach) => {
                for captures in self.matches(regex, text, *reach)? {
                    self.work.spend(1 + text.len() * captures.len() / 16)?;
                    answers.push(found(regex, text, &captures));
                }
            }
            Search::Split => {
                for part in regex.split(text) {
                    self.work.spend(1 + part.len() / 16)?;
                    answers.push(Json::text(part));
                }
            }
            Search::Replace(reach, filter) => {
                let replaced = self.replaced(regex, text, *reach, filter)?;
                answers.push(Json::text(replaced));
            }
        }
        Ok(())
    }

    fn matches<'t>(&mut self, regex: &Regex, text: &'t str, reach: Reach) -> Result<Vec<Captures<'t>>, Stop> {
        let most = if reach == Reach::All { usize::MAX } else { 1 };
        let mut all = Vec::new();
        for captures in regex.captures_iter(text).take(most) {
            self.work.spend(1 + 2 * captures.len())?;
            all.push(captures);
        }
        Ok(all)
    }

    fn replaced(&mut self, regex: &Regex, text: &str, reach: Reach, filter: &Filter) -> Result<String, Stop> {
        let mut replaced = String::new();
        let mut end = 0;
        for captures in self.matches(regex, text, reach)? {
            let Some(whole) = captures.get(0) else { continue };
            let with = self.all(filter, &groups(regex, &captures))?;
            let Some(Json::Text(with)) = with.first() else { return Err(Stop::raised("cannot put in: not a string")) };
            self.work.spend(with.len() / 16)?;
            replaced.push_str(&text[end..whole.start()]);
            replaced.push_str(with);
            end = whole.end();
        }
        replaced.push_str(&text[end..]);
        Ok(replaced)
    }
}

fn group(group: Option<regex::Match<'_>>) -> Json {
    group.map_or(Json::Null, |group| Json::text(group.as_str()))
}

/// The named groups of a match, as an object.
fn groups(regex: &Regex, captures: &Captures<'_>) -> Json {
    let named = regex.capture_names().flatten();
    let members: Members = named.map(|name| (Arc::from(name), group(captures.name(name)))).collect();
    Json::Map(Arc::new(members))
}

/// A match with its place, in characters, and its groups.
fn found(regex: &Regex, text: &str, captures: &Captures<'_>) -> Json {
    let place = |group: Option<regex::Match<'_>>, more: (&str, Json)| {
        let offset = group.map_or(-1.0, |group| text[..group.start()].chars().count() as f64);
        let length = group.map_or(0.0, |group| group.as_str().chars().count() as f64);
        let string = group.map_or(Json::Null, |group| Json::text(group.as_str()));
        let members = [("offset", Json::Number(offset)), ("length", Json::Number(length)), ("string", string), more];
        Json::Map(Arc::new(members.into_iter().map(|(name, value)| (Arc::from(name), value)).collect()))
    };
    let inner = regex.capture_names().zip(captures.iter()).skip(1);
    let inner = inner.map(|(name, group)| place(group, ("name", name.map_or(Json::Null, Json::text)))).collect();
    place(captures.get(0), ("captures", Json::list(inner)))
}
