//! Turns a parsed query into queries of the search library. Word matches add up over the fields; how many of the
//! words are met weighs more than how well.

use std::collections::HashSet;
use std::ops::Bound;

use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, PhraseQuery,
    Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{Searcher, Term};

use super::common_words;
use super::error::{Doing, SearchError};
use super::facets::Facet;
use super::query::{Clause, ParsedQuery, Qualifier};
use super::request::Filters;
use super::results::{HasWords, nothing};
use super::schema::{Fields, TEXT_FIELDS};
use super::words::{Role, Word, words};
use crate::domain::FailureKind;
use crate::domain::matching::Field;

/// What meeting one more word is worth: more than the text scores of the words together, as a rule.
const ANOTHER_WORD: f32 = 32.0;
/// How many terms a misspelt or unfinished word may stand for.
const MOST_EXPANSIONS: usize = 20;

/// How many clauses of a query, words of it and steps of a phrase are read: whoever pastes a log here wants to match it.
const MOST_CLAUSES: usize = 64;

/// Queries with what each is to the whole.
type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// A query ready to be run.
pub(super) struct Compiled {
    words: Option<Box<dyn Query>>,
    conditions: Clauses,
    marked: HashSet<String>,
}

impl Compiled {
    /// The terms to mark in what is found.
    pub(super) fn marked(&self) -> &HashSet<String> {
        &self.marked
    }

    pub(super) fn has_words(&self) -> HasWords {
        if self.words.is_some() { HasWords::Yes } else { HasWords::No }
    }

    /// The query narrowed by the filters, but for those of one facet.
    pub(super) fn with_filters(&self, fields: &Fields, filters: &Filters, except: Option<Facet>) -> Box<dyn Query> {
        let base = self.words.as_ref().map_or_else(|| Box::new(AllQuery) as Box<dyn Query>, |words| words.box_clone());
        let mut clauses = vec![(Occur::Must, base)];
        clauses.extend(self.conditions.iter().map(|(occur, query)| (*occur, query.box_clone())));
        let mut narrow = |facet: Facet, values: Vec<Term>| {
            if except != Some(facet) && !values.is_empty() {
                clauses.push((Occur::Must, any_of(values)));
            }
        };
        let text = Term::from_field_text;
        narrow(Facet::Category, filters.category.iter().map(|v| text(fields.category, v.as_str())).collect());
        narrow(Facet::Technology, filters.technology.iter().map(|v| text(fields.technology, v.as_str())).collect());
        narrow(Facet::Severity, filters.severity.iter().map(|v| text(fields.severity, v.as_str())).collect());
        narrow(
            Facet::Organization,
            filters.organization.iter().map(|v| text(fields.organization_key, &v.to_lowercase())).collect(),
        );
        narrow(Facet::Year, filters.year.iter().map(|&v| Term::from_field_i64(fields.year, v.into())).collect());
        if !filters.pattern.is_empty() {
            clauses.push((
                Occur::Must,
                any_of(filters.pattern.iter().map(|v| text(fields.pattern, v.as_str())).collect()),
            ));
        }
        Box::new(BooleanQuery::new(clauses))
    }
}

/// How much a word counts in each field when results are ranked.
pub(super) fn boost(field: Field) -> f32 {
    match field {
        Field::Title | Field::Aliases => 4.0,
        Field::Symptom => 2.5,
        Field::Summary | Field::RootCause | Field::Rules => 1.5,
        Field::Pattern | Field::Tags => 1.2,
        Field::Remediation => 1.0,
        Field::Details => 0.8,
    }
}

/// Compiles a query. `kind` is a condition of the page, beside those of the query.
pub(super) fn compile(
    searcher: &Searcher,
    fields: &Fields,
    parsed: &ParsedQuery,
    kind: Option<FailureKind>,
) -> Result<Compiled, SearchError> {
    let mut compiler = Compiler { searcher, fields, marked: HashSet::new(), ranked: Vec::new() };
    let mut conditions = compiler.qualifiers(parsed);
    if let Some(kind) = kind {
        conditions.push((Occur::Must, any_of(vec![Term::from_field_text(fields.kind, kind.as_str())])));
    }
    let mut asked = Vec::new();
    for clause in parsed.clauses.iter().take(MOST_CLAUSES) {
        match clause {
            Clause::Word(text) => asked.extend(words(text)),
            Clause::Phrase(text) => {
                let phrase = compiler.phrase(text, Marking::Mark);
                compiler.ranked.push((Occur::Should, phrase.box_clone()));
                conditions.push((Occur::Must, unscored(phrase)));
            }
            Clause::Without(inner) => conditions.push((Occur::MustNot, compiler.excluded(inner))),
            Clause::Is(_) => {}
        }
    }
    asked.truncate(MOST_CLAUSES);
    let only_stop_words = asked.iter().all(is_stop_word);
    let last = asked.len().saturating_sub(1);
    for (index, word) in asked.iter().enumerate() {
        if only_stop_words || !is_stop_word(word) {
            compiler.word(word, parsed.unfinished.as_deref().filter(|_| index == last))?;
        }
    }
    let asks_for_text = parsed.clauses.iter().any(|clause| matches!(clause, Clause::Word(_) | Clause::Phrase(_)));
    let Compiler { ranked, marked, .. } = compiler;
    let words: Option<Box<dyn Query>> = match (asks_for_text, ranked.is_empty()) {
        (false, _) => None,
        (true, true) => Some(nothing()),
        (true, false) => Some(Box::new(BooleanQuery::new(ranked))),
    };
    Ok(Compiled { words, conditions, marked })
}

fn is_stop_word(word: &Word) -> bool {
    word.terms.iter().all(|term| common_words::is_stop_word(&term.text))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marking {
    Mark,
    Leave,
}

struct Compiler<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    marked: HashSet<String>,
    ranked: Clauses,
}

impl Compiler<'_> {
    /// Adds a word: what it is worth to be met at all, and how well each field meets it.
    fn word(&mut self, word: &Word, unfinished: Option<&str>) -> Result<(), SearchError> {
        let steps = word.terms.iter().filter(|term| term.role != Role::Compound).count().max(1);
        let last_step = word.terms.iter().rposition(|term| term.role == Role::Step);
        for (index, term) in word.terms.iter().enumerate() {
            let mut meant = vec![(term.text.clone(), 1.0)];
            if term.role != Role::Compound {
                let frequency =
                    self.searcher.doc_freq(&Term::from_field_text(self.fields.all, &term.text)).doing("search")?;
                if unfinished.is_some() && Some(index) == last_step {
                    let beginning = unfinished.unwrap_or_default().to_lowercase();
                    let beginning = beginning.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                    meant.extend(self.beginning_with(beginning)?.into_iter().map(|longer| (longer, 0.5)));
                }
                if frequency == 0 && meant.len() == 1 {
                    meant.extend(self.spelt_like(&term.text)?.into_iter().map(|near| (near, 0.5)));
                }
                let share = ANOTHER_WORD / steps as f32;
                let met = meant.iter().map(|(text, weight)| {
                    Box::new(ConstScoreQuery::new(term_query(self.fields.all, text), share * weight)) as Box<dyn Query>
                });
                self.ranked.push((Occur::Should, Box::new(DisjunctionMaxQuery::new(met.collect()))));
            }
            let by_field = meant.iter().flat_map(|(text, weight)| {
                self.fields.texts.iter().zip(TEXT_FIELDS).map(move |(&handle, field)| {
                    Box::new(BoostQuery::new(term_query(handle, text), boost(field) * weight)) as Box<dyn Query>
                })
            });
            self.ranked.push((Occur::Should, Box::new(DisjunctionMaxQuery::with_tie_breaker(by_field.collect(), 0.2))));
            self.marked.extend(meant.into_iter().map(|(text, _)| text));
        }
        Ok(())
    }

    /// A phrase in any one field.
    fn phrase(&mut self, text: &str, marking: Marking) -> Box<dyn Query> {
        let mut steps = Vec::new();
        let mut position = 0;
        for word in words(text) {
            for term in word.terms {
                if marking == Marking::Mark && !common_words::is_stop_word(&term.text) {
                    self.marked.insert(term.text.clone());
                }
                if term.role == Role::Step {
                    steps.push((position + term.position, term.text));
                }
            }
            position += word.width;
        }
        steps.truncate(MOST_CLAUSES);
        let in_field = |field: TantivyField| -> Option<Box<dyn Query>> {
            let mut terms: Vec<(usize, Term)> =
                steps.iter().map(|(at, text)| (*at, Term::from_field_text(field, text))).collect();
            match terms.len() {
                0 => None,
                1 => terms
                    .pop()
                    .map(|(_, term)| Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)) as Box<dyn Query>),
                _ => Some(Box::new(PhraseQuery::new_with_offset(terms))),
            }
        };
        let clauses: Clauses = self
            .fields
            .texts
            .iter()
            .zip(TEXT_FIELDS)
            .filter_map(|(&handle, field)| {
                in_field(handle)
                    .map(|query| (Occur::Should, Box::new(BoostQuery::new(query, boost(field))) as Box<dyn Query>))
            })
            .collect();
        if clauses.is_empty() { nothing() } else { Box::new(BooleanQuery::new(clauses)) }
    }

    fn excluded(&mut self, clause: &Clause) -> Box<dyn Query> {
        match clause {
            Clause::Word(text) | Clause::Phrase(text) => self.phrase(text, Marking::Leave),
            Clause::Is(qualifier) => self.qualifier(qualifier),
            Clause::Without(inner) => self.excluded(inner),
        }
    }

    /// Qualifiers of one kind are alternatives, but bounds on the year all hold.
    fn qualifiers(&self, parsed: &ParsedQuery) -> Clauses {
        let mut groups: Vec<(std::mem::Discriminant<Qualifier>, Clauses)> = Vec::new();
        let mut conditions: Clauses = Vec::new();
        for clause in parsed.clauses.iter().take(MOST_CLAUSES) {
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
        let exact = |field, text: &str| any_of(vec![Term::from_field_text(field, text)]);
        let year = |year: i32| Term::from_field_i64(fields.year, year.into());
        let years = |from: Bound<Term>, until: Bound<Term>| unscored(Box::new(RangeQuery::new(from, until)));
        match qualifier {
            Qualifier::Category(category) => exact(fields.category, category.as_str()),
            Qualifier::Technology(technology) => exact(fields.technology, technology.as_str()),
            Qualifier::Severity(severity) => exact(fields.severity, severity.as_str()),
            Qualifier::Organization(name) => exact(fields.organization_key, name),
            Qualifier::Kind(kind) => exact(fields.kind, kind.as_str()),
            Qualifier::Year(from, until) if from > until => nothing(),
            Qualifier::Year(from, until) => years(Bound::Included(year(*from)), Bound::Included(year(*until))),
            Qualifier::FromYear(from) => years(Bound::Included(year(*from)), Bound::Unbounded),
            Qualifier::UntilYear(until) => years(Bound::Unbounded, Bound::Included(year(*until))),
        }
    }

    /// The most frequent terms that begin with what was typed.
    fn beginning_with(&self, beginning: &str) -> Result<Vec<String>, SearchError> {
        if beginning.chars().count() < 2 {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for reader in self.searcher.segment_readers() {
            let inverted = reader.inverted_index(self.fields.all).doing("search")?;
            let mut stream = inverted.terms().range().ge(beginning.as_bytes()).into_stream().doing("search")?;
            let mut seen = 0;
            while seen < 500 && stream.advance() {
                let Some(term) = std::str::from_utf8(stream.key()).ok().filter(|term| term.starts_with(beginning))
                else {
                    break;
                };
                found.push((stream.value().doc_freq, term.to_owned()));
                seen += 1;
            }
        }
        Ok(most_frequent(found))
    }

    /// The most frequent terms one slip away, two for a long word.
    fn spelt_like(&self, text: &str) -> Result<Vec<String>, SearchError> {
        let letters = text.chars().count();
        if letters < 5 || text.chars().any(|c| c.is_numeric()) || !text.is_ascii() {
            return Ok(Vec::new());
        }
        let slips = if letters < 8 { 1 } else { 2 };
        let term = Term::from_field_text(self.fields.all, text);
        let near = FuzzyTermQuery::new(term, slips, true);
        let mut found = Vec::new();
        for reader in self.searcher.segment_readers() {
            let inverted = reader.inverted_index(self.fields.all).doing("search")?;
            let automaton = near.automaton().doing("search")?;
            let mut stream = inverted.terms().search(automaton).into_stream().doing("search")?;
            while stream.advance() {
                if let Ok(term) = std::str::from_utf8(stream.key()) {
                    found.push((stream.value().doc_freq, term.to_owned()));
                }
            }
        }
        Ok(most_frequent(found))
    }
}

fn most_frequent(mut found: Vec<(u32, String)>) -> Vec<String> {
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut known = HashSet::new();
    found.retain(|(_, term)| known.insert(term.clone()));
    found.into_iter().take(MOST_EXPANSIONS).map(|(_, term)| term).collect()
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
