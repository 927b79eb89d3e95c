//! Failures that resemble a text that is being written, and those that belong beside one that is read.

use std::collections::{HashMap, HashSet};

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::SearchIndex;
use super::common_words;
use super::compile::term_query;
use super::error::{Doing, SearchError};
use super::results::{card_at, read_card, read_texts};
use super::schema::Fields;
use super::words::{Role, words};
use crate::domain::matching::{Card, Field};
use crate::domain::{FailureId, FailureKind};

/// A known failure that resembles a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Similar {
    /// The failure.
    pub card: Card,
    /// From 0 to 1, where 1 is practically the same text. From about 0.5 a person would call it the same incident.
    pub similarity: f32,
}

/// How many terms of a text are looked up.
const MOST_TERMS: usize = 48;
/// Less than this is not worth a look.
const LEAST_SIMILARITY: f32 = 0.15;
/// Fewer terms say too little to be compared on their own.
const FEWEST_TERMS: usize = 3;

impl SearchIndex {
    /// What a person who writes this title and symptom should look at before going on, most similar first.
    pub(super) fn similar_unguarded(
        &self,
        title: &str,
        symptom: &str,
        limit: usize,
    ) -> Result<Vec<Similar>, SearchError> {
        let generation = self.current();
        let searcher = generation.searcher();
        let fields = &generation.fields;
        let weights = Weights { searcher: &searcher, fields };
        let asked_title = weights.of(&[title])?;
        let asked = weights.of(&[title, symptom])?;
        if asked.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let query = any_term(fields, &asked);
        let found = searcher.search(&query, &TopDocs::with_limit(limit + 10).order_by_score()).doing("search")?;
        let mut similar = Vec::new();
        for (_, address) in found {
            let document: TantivyDocument = searcher.doc(address).doing("read")?;
            let texts = read_texts(fields, &document)?;
            let of =
                |wanted: Field| texts.iter().filter(move |(field, _)| *field == wanted).map(|(_, text)| text.as_str());
            let known_titles = weights.of(&of(Field::Title).flat_map(str::lines).collect::<Vec<_>>())?;
            let known_text = weights.of(&of(Field::Title).chain(of(Field::Symptom)).collect::<Vec<_>>())?;
            let similarity = title_similarity(&asked_title, &in_scripts_of(&asked_title, known_titles))
                .max(text_similarity(&asked, &in_scripts_of(&asked, known_text)));
            if similarity >= LEAST_SIMILARITY {
                similar.push(Similar { card: read_card(fields, &document)?, similarity });
            }
        }
        similar.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        similar.truncate(limit);
        Ok(similar)
    }

    /// What to read beside a record: of the same pattern first, then of a similar symptom, technology and category.
    pub(super) fn related_unguarded(&self, id: FailureId, limit: usize) -> Result<Vec<Card>, SearchError> {
        let generation = self.current();
        let searcher = generation.searcher();
        let fields = &generation.fields;
        let Some(own) = find(&searcher, fields, id)? else { return Ok(Vec::new()) };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let document: TantivyDocument = searcher.doc(own).doing("read")?;
        let card = read_card(fields, &document)?;
        let texts = read_texts(fields, &document)?;
        let telling: Vec<&str> = texts
            .iter()
            .filter(|(field, _)| matches!(field, Field::Title | Field::Symptom))
            .map(|(_, text)| text.as_str())
            .collect();
        let terms = Weights { searcher: &searcher, fields }.of(&telling)?;
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Should, Box::new(any_term(fields, &terms)))];
        // Words alone relate nothing: in a small library everything has some. One fact has to be shared.
        let mut facts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut fact = |term: Term, worth: f32| {
            let exact = TermQuery::new(term, IndexRecordOption::Basic);
            facts.push((Occur::Should, Box::new(exact.clone())));
            clauses.push((Occur::Should, Box::new(ConstScoreQuery::new(Box::new(exact), worth))));
        };
        let mut patterns: Vec<String> = card.patterns.iter().map(|pattern| pattern.slug.to_string()).collect();
        if card.kind == FailureKind::Pattern {
            patterns.push(card.slug.to_string());
        }
        for pattern in &patterns {
            fact(Term::from_field_text(fields.pattern, pattern), 1000.0);
            fact(Term::from_field_text(fields.address, &format!("{}/{pattern}", FailureKind::Pattern)), 1000.0);
        }
        for technology in &card.technologies {
            fact(Term::from_field_text(fields.technology, technology.as_str()), 3.0);
        }
        fact(Term::from_field_text(fields.category, card.category.as_str()), 3.0);
        let itself = TermQuery::new(Term::from_field_text(fields.id, &id.to_string()), IndexRecordOption::Basic);
        let query = BooleanQuery::new(vec![
            (Occur::Must, Box::new(BooleanQuery::new(clauses))),
            (Occur::Must, Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::new(facts)), 0.0))),
            (Occur::MustNot, Box::new(itself)),
        ]);
        let found = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score()).doing("search")?;
        found
            .into_iter()
            // A shared technology or a stray word alone relates nothing.
            .filter(|&(score, _)| score >= 6.0)
            .map(|(_, address)| card_at(&searcher, fields, address))
            .collect()
    }
}

/// Where a published record is in the index.
pub(super) fn find(searcher: &Searcher, fields: &Fields, id: FailureId) -> Result<Option<DocAddress>, SearchError> {
    let query = TermQuery::new(Term::from_field_text(fields.id, &id.to_string()), IndexRecordOption::Basic);
    let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score()).doing("search")?;
    Ok(found.first().map(|&(_, address)| address))
}

/// Weighs the terms of a text by how rare they are.
struct Weights<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
}

impl Weights<'_> {
    fn of(&self, texts: &[&str]) -> Result<HashMap<String, f32>, SearchError> {
        let terms: HashSet<String> = texts
            .iter()
            .flat_map(|text| words(text))
            .flat_map(|word| word.terms)
            .filter(|term| term.role != Role::Compound && !common_words::is_stop_word(&term.text))
            .map(|term| term.text)
            .collect();
        let documents = self.searcher.num_docs() as f32;
        terms
            .into_iter()
            .map(|term| {
                let frequency =
                    self.searcher.doc_freq(&Term::from_field_text(self.fields.all, &term)).doing("search")?;
                let weight = (1.0 + (documents + 1.0) / (frequency as f32 + 1.0)).ln();
                Ok((term, weight))
            })
            .collect()
    }
}

fn any_term(fields: &Fields, terms: &HashMap<String, f32>) -> BooleanQuery {
    let mut telling: Vec<(&String, f32)> = terms.iter().map(|(term, &weight)| (term, weight)).collect();
    telling.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let clauses = telling
        .into_iter()
        .take(MOST_TERMS)
        .flat_map(|(term, _)| {
            [(Field::Title, 2.0), (Field::Aliases, 2.0), (Field::Symptom, 1.0)].map(|(field, boost)| {
                let query = term_query(fields.text(field), term);
                (Occur::Should, Box::new(BoostQuery::new(query, boost)) as Box<dyn Query>)
            })
        })
        .collect();
    BooleanQuery::new(clauses)
}

/// Leaves out what is written in a script that the text asked about does not use: a failure holds its translations
/// too, and would otherwise never be the same as a text in one language.
fn in_scripts_of(asked: &HashMap<String, f32>, known: HashMap<String, f32>) -> HashMap<String, f32> {
    let uses = |is_latin: bool| asked.keys().any(|term| term.is_ascii() == is_latin);
    let (latin, other) = (uses(true), uses(false));
    let mostly_other = asked.keys().filter(|term| !term.is_ascii()).count() * 2 > asked.len();
    known
        .into_iter()
        .filter(|(term, _)| asked.contains_key(term) || if term.is_ascii() { latin && !mostly_other } else { other })
        .collect()
}

/// The weight of what both have, as a share of what either has.
fn overlap(a: &HashMap<String, f32>, b: &HashMap<String, f32>) -> f32 {
    let both = shared(a, b);
    let either = total(a) + total(b) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

fn shared(a: &HashMap<String, f32>, b: &HashMap<String, f32>) -> f32 {
    a.iter().filter(|(term, _)| b.contains_key(*term)).map(|(_, weight)| weight).sum()
}

fn total(terms: &HashMap<String, f32>) -> f32 {
    terms.values().sum()
}

fn title_similarity(asked: &HashMap<String, f32>, known: &HashMap<String, f32>) -> f32 {
    if asked.len() < FEWEST_TERMS || known.len() < FEWEST_TERMS { 0.0 } else { overlap(asked, known) }
}

/// Half for how much is the same, half for how much of the new text is known: a text half written is found too.
fn text_similarity(asked: &HashMap<String, f32>, known: &HashMap<String, f32>) -> f32 {
    if asked.len() < FEWEST_TERMS {
        return overlap(asked, known);
    }
    let contained = shared(asked, known) / total(asked).max(f32::MIN_POSITIVE);
    (overlap(asked, known) + contained) / 2.0
}
