//! Failures that resemble a text that is being written, and those that belong beside one that is read.

use std::collections::{HashMap, HashSet};

use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Searcher, TantivyDocument};

use super::SearchIndex;
use super::common_words;
use super::error::{Doing, SearchError};
use super::lexicon::Lexicon;
use super::results::{read_card, read_texts};
use super::schema::{Fields, Key};
use super::scoring::{AnyOf, Name, RankedWord};
use super::words::{Role, each_word};
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

/// How many terms of a text candidates are looked for by, the most telling first.
const MOST_TERMS: usize = 16;
/// How many candidates are compared beside those that are asked for.
const MORE_CANDIDATES: usize = 10;
/// How much of a text is compared, in bytes: a symptom is told in its first paragraphs.
const LONGEST_TEXT: usize = 8000;
/// Less than this is not worth a look.
const LEAST_SIMILARITY: f32 = 0.15;
/// Fewer terms say too little to be compared on their own.
const FEWEST_TERMS: usize = 3;

/// What a shared fact is worth beside a failure that is read, where a telling word is worth about as much.
const SAME_PATTERN: f32 = 1000.0;
const SAME_FACT: f32 = 3.0;
/// A shared technology or a stray word alone relates nothing.
const LEAST_RELATED: f32 = 6.0;

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
        let mut weights = Weights { lexicon: Lexicon::new(&searcher, fields.all) };
        let asked_title = weights.of([title])?;
        let asked = weights.of([title, symptom])?;
        if asked.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let top = TopDocs::with_limit(limit + MORE_CANDIDATES).order_by_score();
        let (found, _) = searcher.search(&weights.any_of(fields, &asked)?, &(top, Count)).doing("search")?;
        let mut similar = Vec::new();
        for (_, address) in found {
            let document: TantivyDocument = searcher.doc(address).doing("read")?;
            let texts = read_texts(fields, &document);
            let of = |wanted: Field| texts.iter().filter(move |(field, _)| *field == wanted).map(|(_, text)| *text);
            let known_titles = weights.of(of(Field::Title).flat_map(str::lines))?;
            let known_text = weights.of(of(Field::Title).chain(of(Field::Symptom)))?;
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
        let texts = read_texts(fields, &document);
        let telling = texts.iter().filter(|(field, _)| matches!(field, Field::Title | Field::Symptom));
        let mut weights = Weights { lexicon: Lexicon::new(&searcher, fields.all) };
        let terms = weights.of(telling.map(|(_, text)| *text))?;
        let query = related_query(fields, &card, weights.any_of(fields, &terms)?);
        let top = TopDocs::with_limit(limit + MORE_CANDIDATES).order_by_score();
        let (found, _) = searcher.search(&query, &(top, Count)).doing("search")?;
        let mut related = Vec::new();
        for (_, address) in found.into_iter().filter(|&(score, _)| score >= LEAST_RELATED) {
            let other: TantivyDocument = searcher.doc(address).doing("read")?;
            let other = read_card(fields, &other)?;
            if related.len() < limit && shares_a_fact(&card, &other) {
                related.push(other);
            }
        }
        Ok(related)
    }
}

/// Records with telling words of this one or of its patterns; shared facts bring them forward.
fn related_query(fields: &Fields, card: &Card, words: AnyOf) -> BooleanQuery {
    let exact = |key, value: &str| TermQuery::new(fields.key(key, value), IndexRecordOption::Basic);
    let worth = |query: TermQuery, worth: f32| -> (Occur, Box<dyn Query>) {
        (Occur::Should, Box::new(ConstScoreQuery::new(Box::new(query), worth)))
    };
    let mut one_of: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Should, Box::new(words))];
    for pattern in patterns_of(card) {
        one_of.push(worth(exact(Key::Pattern, pattern), SAME_PATTERN));
        one_of.push(worth(exact(Key::Address, &format!("{}/{pattern}", FailureKind::Pattern)), SAME_PATTERN));
    }
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![
        (Occur::Must, Box::new(BooleanQuery::new(one_of))),
        (Occur::MustNot, Box::new(exact(Key::Id, &card.id.to_string()))),
        worth(exact(Key::Category, card.category.as_str()), SAME_FACT),
    ];
    clauses.extend(card.technologies.iter().map(|tag| worth(exact(Key::Technology, tag.as_str()), SAME_FACT)));
    BooleanQuery::new(clauses)
}

/// The patterns that a record is of; a pattern is of itself.
fn patterns_of(card: &Card) -> Vec<&str> {
    let own = (card.kind == FailureKind::Pattern).then_some(card.slug.as_str());
    card.patterns.iter().map(|pattern| pattern.slug.as_str()).chain(own).collect()
}

/// Words alone relate nothing: in a small library everything has some.
fn shares_a_fact(a: &Card, b: &Card) -> bool {
    let (of_a, of_b) = (patterns_of(a), patterns_of(b));
    a.category == b.category
        || a.technologies.iter().any(|tag| b.technologies.contains(tag))
        || of_a.iter().any(|slug| of_b.contains(slug))
}

/// Where a published record is in the index.
pub(super) fn find(searcher: &Searcher, fields: &Fields, id: FailureId) -> Result<Option<DocAddress>, SearchError> {
    let query = TermQuery::new(fields.key(Key::Id, &id.to_string()), IndexRecordOption::Basic);
    let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score()).doing("search")?;
    Ok(found.first().map(|&(_, address)| address))
}

/// Weighs the terms of texts by how rare they are.
struct Weights<'a> {
    lexicon: Lexicon<'a>,
}

impl Weights<'_> {
    fn of<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> Result<HashMap<String, f32>, SearchError> {
        let mut terms = HashSet::new();
        for text in texts {
            each_word(&text[..text.floor_char_boundary(LONGEST_TEXT)], |word| {
                let telling = word.terms.into_iter().filter(|term| term.role != Role::Compound);
                terms.extend(telling.map(|term| term.text).filter(|term| !common_words::is_stop_word(term)));
            });
        }
        let mut weights = HashMap::with_capacity(terms.len());
        for term in terms {
            let frequency = self.lexicon.frequency(&term)?;
            weights.insert(term, self.lexicon.weight(frequency));
        }
        Ok(weights)
    }

    fn any_of(&mut self, fields: &Fields, terms: &HashMap<String, f32>) -> Result<AnyOf, SearchError> {
        let mut telling = Vec::with_capacity(terms.len());
        for (term, &worth) in terms {
            if self.lexicon.frequency(term)? > 0 {
                telling.push((worth, term));
            }
        }
        telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let words = telling.into_iter().take(MOST_TERMS);
        let words = words.map(|(worth, term)| RankedWord { names: vec![Name { terms: vec![term.clone()], worth }] });
        Ok(AnyOf { field: fields.all, words: words.collect(), mean_length: self.lexicon.mean_length()? })
    }
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
