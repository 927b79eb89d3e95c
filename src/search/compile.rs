//! Turns a parsed query into queries of the search library: words into one query that ranks, all else into conditions
//! that must hold and rank nothing.

use std::ops::Bound;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{Searcher, Term};

use super::error::SearchError;
use super::facets::Facet;
use super::lexicon::Lexicon;
use super::naming::{self, Asked, Ending, Named};
use super::query::{Clause, ParsedQuery, Qualifier};
use super::request::Filters;
use super::results::{HasWords, nothing};
use super::schema::{Fields, HAS_RULES, Key, TEXT_FIELDS};
use super::scoring::AnyOf;
use super::snippet::Marker;
use super::words::{Role, words};
use crate::domain::FailureKind;
use crate::domain::matching::Field;

/// How many words are ranked by, and how many steps of a phrase are read.
const MOST_WORDS: usize = ParsedQuery::MOST_CLAUSES;
/// How much of one clause is read, in bytes: text without spaces is one.
const LONGEST_CLAUSE: usize = 2000;
/// How many words a beginning in a condition may stand for, and how many of the dictionary are looked at for them.
const MOST_LONGER: usize = 50;
const MOST_READ: usize = 3000;

/// Queries with what each is to the whole.
type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// A query ready to be run.
pub(super) struct Compiled {
    words: Option<Box<dyn Query>>,
    conditions: Clauses,
    /// Only stories, or only patterns.
    kind: Option<FailureKind>,
    marker: Marker,
}

impl Compiled {
    /// Marks what is met in what is found.
    pub(super) fn marker(&self) -> &Marker {
        &self.marker
    }

    pub(super) fn has_words(&self) -> HasWords {
        if self.words.is_some() { HasWords::Yes } else { HasWords::No }
    }

    /// The kind that is listed whole, if nothing else is asked for; none where something is.
    pub(super) fn asks_for_all_of(&self) -> Option<Option<FailureKind>> {
        (self.words.is_none() && self.conditions.is_empty()).then_some(self.kind)
    }

    /// The query narrowed by the filters, but for those of one facet.
    pub(super) fn with_filters(&self, fields: &Fields, filters: &Filters, except: Option<Facet>) -> Box<dyn Query> {
        let mut clauses: Clauses = self.conditions.iter().map(|(occur, query)| (*occur, query.box_clone())).collect();
        if let Some(kind) = self.kind {
            clauses.push((Occur::Must, any_of(vec![fields.key(Key::Kind, kind.as_str())])));
        }
        let mut narrow = |facet: Facet, values: Vec<Term>| {
            if except != Some(facet) && !values.is_empty() {
                clauses.push((Occur::Must, any_of(values)));
            }
        };
        let key = |key: Key, value: &str| fields.key(key, value);
        narrow(Facet::Category, filters.category.iter().map(|v| key(Key::Category, v.as_str())).collect());
        narrow(Facet::Technology, filters.technology.iter().map(|v| key(Key::Technology, v.as_str())).collect());
        narrow(Facet::Severity, filters.severity.iter().map(|v| key(Key::Severity, v.as_str())).collect());
        let organizations = filters.organization.iter().map(|v| key(Key::Organization, &v.to_lowercase()));
        narrow(Facet::Organization, organizations.collect());
        narrow(Facet::Year, filters.year.iter().map(|&v| Term::from_field_i64(fields.year, v.into())).collect());
        if !filters.pattern.is_empty() {
            clauses
                .push((Occur::Must, any_of(filters.pattern.iter().map(|v| key(Key::Pattern, v.as_str())).collect())));
        }
        match &self.words {
            Some(words) if clauses.is_empty() => return words.box_clone(),
            Some(words) => clauses.push((Occur::Must, words.box_clone())),
            None if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) => {
                clauses.push((Occur::Must, Box::new(AllQuery)));
            }
            None => {}
        }
        Box::new(BooleanQuery::new(clauses))
    }
}

/// Compiles a query. `kind` is a condition of the page, beside those of the query.
pub(super) fn compile(
    searcher: &Searcher,
    fields: &Fields,
    parsed: &ParsedQuery,
    kind: Option<FailureKind>,
) -> Result<Compiled, SearchError> {
    let compiler = Compiler { searcher, fields };
    let mut conditions = compiler.qualifiers(parsed);
    let mut asked = Vec::new();
    for (place, clause) in parsed.clauses.iter().enumerate() {
        let ending =
            if parsed.is_unfinished && place + 1 == parsed.clauses.len() { Ending::Open } else { Ending::Finished };
        compiler.clause(clause, ending, &mut asked, &mut conditions)?;
    }
    asked.truncate(MOST_WORDS);
    let mut lexicon = Lexicon::new(searcher, fields.all);
    let Named { words, marked } = naming::name(&mut lexicon, &asked)?;
    let asks_for_text = parsed.clauses.iter().any(|clause| match clause {
        Clause::Word(_) | Clause::Beginning(_) | Clause::Phrase(_) | Clause::In(..) => true,
        Clause::Is(_) | Clause::Without(_) => false,
    });
    let words: Option<Box<dyn Query>> = match (asks_for_text, words.is_empty()) {
        (false, _) => None,
        (true, true) => Some(nothing()),
        (true, false) => {
            let mean_length = lexicon.mean_length()?;
            Some(Box::new(AnyOf { field: fields.all, words: words.into(), mean_length }))
        }
    };
    Ok(Compiled { words, conditions, kind, marker: Marker::of(marked) })
}

/// Where a text has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Anything,
    One(Field),
}

struct Compiler<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
}

impl Compiler<'_> {
    /// Adds what a clause ranks by and what it demands.
    fn clause(
        &self,
        clause: &Clause,
        ending: Ending,
        asked: &mut Vec<Asked>,
        conditions: &mut Clauses,
    ) -> Result<(), SearchError> {
        match clause {
            Clause::Word(text) => asked.extend(asked_of(text, ending)),
            Clause::Beginning(text) => asked.extend(asked_of(text, Ending::Wildcard)),
            Clause::Phrase(text) => {
                asked.extend(asked_of(text, Ending::Finished));
                conditions.push((Occur::Must, unscored(self.text(Within::Anything, text, Ending::Finished)?)));
            }
            Clause::In(_, inner) => {
                self.ranked_within(inner, ending, asked);
                conditions.push((Occur::Must, unscored(self.demanded(clause, ending)?)));
            }
            Clause::Without(inner) => {
                conditions.push((Occur::MustNot, self.demanded(inner, Ending::Finished)?));
            }
            Clause::Is(_) => {}
        }
        Ok(())
    }

    /// What is asked for in one field ranks as it would in all.
    fn ranked_within(&self, inner: &Clause, ending: Ending, asked: &mut Vec<Asked>) {
        match inner {
            Clause::Word(text) => asked.extend(asked_of(text, ending)),
            Clause::Beginning(text) => asked.extend(asked_of(text, Ending::Wildcard)),
            Clause::Phrase(text) => asked.extend(asked_of(text, Ending::Finished)),
            Clause::In(..) | Clause::Is(_) | Clause::Without(_) => {}
        }
    }

    /// What meets a clause, as a condition.
    fn demanded(&self, clause: &Clause, ending: Ending) -> Result<Box<dyn Query>, SearchError> {
        let anything = Within::Anything;
        match clause {
            Clause::Word(text) => self.text(anything, text, ending),
            Clause::Phrase(text) => self.text(anything, text, Ending::Finished),
            Clause::Beginning(text) => self.text(anything, text, Ending::Wildcard),
            Clause::In(field, inner) => {
                let field = Within::One(*field);
                match &**inner {
                    Clause::Word(text) => self.text(field, text, ending),
                    Clause::Beginning(text) => self.text(field, text, Ending::Wildcard),
                    Clause::Phrase(text) => self.text(field, text, Ending::Finished),
                    Clause::In(..) | Clause::Is(_) | Clause::Without(_) => Ok(nothing()),
                }
            }
            Clause::Is(qualifier) => Ok(self.qualifier(qualifier)),
            Clause::Without(inner) => self.demanded(inner, ending),
        }
    }

    /// A word or a phrase that stands in one kind of text, or in any one of them, step by step.
    fn text(&self, within: Within, text: &str, ending: Ending) -> Result<Box<dyn Query>, SearchError> {
        let mut steps = Vec::new();
        let mut position = 0;
        for word in words(beginning_of(text)) {
            let own = word.terms.into_iter().filter(|term| term.role == Role::Step);
            steps.extend(own.map(|term| (position + term.position, term.text)));
            position += word.width;
        }
        steps.truncate(MOST_WORDS);
        let (all, texts) = (self.fields.all, self.fields.texts);
        // One word in any text is a word in the field that has all; a phrase has to stand in one text.
        let kinds: Vec<Option<Field>> = match within {
            Within::One(field) => vec![Some(field)],
            Within::Anything if steps.len() == 1 => vec![None],
            Within::Anything => TEXT_FIELDS.map(Some).to_vec(),
        };
        let beginning = last_letters(text);
        let open = ending != Ending::Finished && !beginning.is_empty();
        let mut alternatives: Vec<Box<dyn Query>> = Vec::new();
        for kind in kinds {
            let handle = if kind.is_some() { texts } else { all };
            let written = |word: &str| kind.map_or_else(|| word.to_owned(), |field| self.fields.word_text(field, word));
            let terms = steps.iter().map(|(at, text)| (*at, Term::from_field_text(handle, &written(text))));
            match (steps.as_slice(), open) {
                ([], _) => {}
                ([(_, only)], false) => alternatives.push(term_query(handle, &written(only))),
                ([(_, only)], true) => {
                    alternatives.push(term_query(handle, &written(only)));
                    let longer = Lexicon::new(self.searcher, handle).beginning_with(&written(&beginning), MOST_READ)?;
                    let longer = longer.iter().take(MOST_LONGER);
                    alternatives.extend(longer.map(|(term, _)| term_query(handle, term)));
                }
                (_, false) => alternatives.push(Box::new(PhraseQuery::new_with_offset(terms.collect()))),
                ([before @ .., (at, _)], true) => {
                    let mut terms: Vec<(usize, Term)> = terms.take(before.len()).collect();
                    terms.push((*at, Term::from_field_text(handle, &written(&beginning))));
                    alternatives.push(Box::new(PhrasePrefixQuery::new_with_offset(terms)));
                }
            }
        }
        Ok(match alternatives.len() {
            0 => nothing(),
            _ => Box::new(BooleanQuery::union(alternatives)),
        })
    }

    /// Qualifiers of one kind are alternatives, but bounds on the year all hold.
    fn qualifiers(&self, parsed: &ParsedQuery) -> Clauses {
        let mut groups: Vec<(std::mem::Discriminant<Qualifier>, Clauses)> = Vec::new();
        let mut conditions: Clauses = Vec::new();
        for clause in &parsed.clauses {
            let Clause::Is(qualifier) = clause else { continue };
            let query = self.qualifier(qualifier);
            if matches!(qualifier, Qualifier::FromYear(_) | Qualifier::UntilYear(_)) {
                conditions.push((Occur::Must, query));
                continue;
            }
            let kind = std::mem::discriminant(qualifier);
            match groups.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, alternatives)) => alternatives.push((Occur::Should, query)),
                None => groups.push((kind, vec![(Occur::Should, query)])),
            }
        }
        conditions.extend(groups.into_iter().map(|(_, any)| (Occur::Must, unscored(Box::new(BooleanQuery::new(any))))));
        conditions
    }

    fn qualifier(&self, qualifier: &Qualifier) -> Box<dyn Query> {
        let fields = self.fields;
        let exact = |key, value: &str| any_of(vec![fields.key(key, value)]);
        let year = |year: i32| Term::from_field_i64(fields.year, year.into());
        let years = |from: Bound<Term>, until: Bound<Term>| unscored(Box::new(RangeQuery::new(from, until)));
        match qualifier {
            Qualifier::Category(category) => exact(Key::Category, category.as_str()),
            Qualifier::Technology(technology) => exact(Key::Technology, technology.as_str()),
            Qualifier::Severity(severity) => exact(Key::Severity, severity.as_str()),
            Qualifier::Organization(name) => exact(Key::Organization, name),
            Qualifier::Kind(kind) => exact(Key::Kind, kind.as_str()),
            Qualifier::Pattern(slug) => exact(Key::Pattern, slug.as_str()),
            Qualifier::HasRule => exact(Key::Rules, HAS_RULES),
            Qualifier::Year(from, until) if from > until => nothing(),
            Qualifier::Year(from, until) => years(Bound::Included(year(*from)), Bound::Included(year(*until))),
            Qualifier::FromYear(from) => years(Bound::Included(year(*from)), Bound::Unbounded),
            Qualifier::UntilYear(until) => years(Bound::Unbounded, Bound::Included(year(*until))),
        }
    }
}

/// The words of a clause. Only the last may be unfinished.
fn asked_of(text: &str, ending: Ending) -> Vec<Asked> {
    let text = beginning_of(text);
    let mut asked: Vec<Asked> = words(text)
        .into_iter()
        .map(|word| Asked { text: text[word.range.clone()].to_owned(), word, ending: Ending::Finished })
        .collect();
    if let Some(last) = asked.last_mut().filter(|last| text.ends_with(&last.text)) {
        last.ending = ending;
    }
    asked
}

fn beginning_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_CLAUSE)]
}

/// What an unfinished word begins with, as the index writes it; empty when that is too short to look for.
fn last_letters(text: &str) -> String {
    let lower = beginning_of(text).to_lowercase();
    let last = lower.rsplit(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    if last.chars().count() < 2 { String::new() } else { last.to_owned() }
}

pub(super) fn term_query(field: TantivyField, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
}

fn any_of(terms: Vec<Term>) -> Box<dyn Query> {
    let clauses = terms
        .into_iter()
        .map(|term| (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>));
    unscored(Box::new(BooleanQuery::new(clauses.collect())))
}

fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
