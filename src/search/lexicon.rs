//! What the index knows of a word: how many failures have it, and which words begin with it or are spelt nearly like it.

use std::collections::HashMap;

use tantivy::query::{Bm25StatisticsProvider, FuzzyTermQuery};
use tantivy::schema::Field as TantivyField;
use tantivy::{Searcher, Term};

use super::error::{Doing, SearchError};

/// A term with the number of documents that have it.
pub(super) type Known = (String, u64);

/// The terms of one field.
pub(super) struct Lexicon<'a> {
    searcher: &'a Searcher,
    field: TantivyField,
    documents: f32,
    frequencies: HashMap<String, u64>,
}

impl<'a> Lexicon<'a> {
    pub(super) fn new(searcher: &'a Searcher, field: TantivyField) -> Self {
        // Records that were replaced count until their segment is merged, here as in the frequencies.
        let documents = searcher.segment_readers().iter().map(|reader| f64::from(reader.max_doc())).sum::<f64>() as f32;
        Self { searcher, field, documents, frequencies: HashMap::new() }
    }

    /// How many documents have a term.
    pub(super) fn frequency(&mut self, text: &str) -> Result<u64, SearchError> {
        if let Some(&known) = self.frequencies.get(text) {
            return Ok(known);
        }
        let found = self.searcher.doc_freq(&Term::from_field_text(self.field, text)).doing("search")?;
        self.frequencies.insert(text.to_owned(), found);
        Ok(found)
    }

    /// How much a term tells that so many documents have: near 0 for one that all have.
    pub(super) fn rarity(&self, frequency: u64) -> f32 {
        rarity(frequency as f32, self.documents)
    }

    /// The same for a term in a text of its own, which nobody else may have: never 0, and little less for a common one.
    pub(super) fn weight(&self, frequency: u64) -> f32 {
        (1.0 + (self.documents + 1.0) / (frequency as f32 + 1.0)).ln()
    }

    /// How many tokens a document has on average.
    pub(super) fn mean_length(&self) -> Result<f32, SearchError> {
        let tokens = self.searcher.total_num_tokens(self.field).doing("search")?;
        Ok(tokens as f32 / self.documents.max(1.0))
    }

    /// The terms that begin with what was typed, most frequent first. At most `most_read` are looked at.
    pub(super) fn beginning_with(&self, beginning: &str, most_read: usize) -> Result<Vec<Known>, SearchError> {
        let readers = self.searcher.segment_readers();
        let of_each = most_read.div_ceil(readers.len().max(1));
        let mut found = Vec::new();
        for reader in readers {
            let inverted = reader.inverted_index(self.field).doing("search")?;
            let mut stream = inverted.terms().range().ge(beginning.as_bytes()).into_stream().doing("search")?;
            let mut read = 0;
            while read < of_each && stream.advance() && stream.key().starts_with(beginning.as_bytes()) {
                found.extend(known(stream.key(), stream.value().doc_freq));
                read += 1;
            }
        }
        Ok(most_frequent_first(found))
    }

    /// The terms that differ by one slip, or two in a long word, and begin with the same letter; most frequent first.
    pub(super) fn spelt_like(&self, text: &str) -> Result<Vec<Known>, SearchError> {
        let is_word = text.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_word || !(FEWEST_LETTERS..=MOST_LETTERS).contains(&text.len()) {
            return Ok(Vec::new());
        }
        let slips = if text.len() < LONG_WORD { 1 } else { 2 };
        let near = FuzzyTermQuery::new(Term::from_field_text(self.field, text), slips, true);
        // One letter of many: the rest of a large dictionary is not even looked at.
        let first = text.as_bytes()[0];
        let mut found = Vec::new();
        // Making it takes longer than running it.
        let automaton = near.automaton().doing("search")?;
        for reader in self.searcher.segment_readers() {
            let inverted = reader.inverted_index(self.field).doing("search")?;
            let alike = inverted.terms().search(&automaton).ge([first]).lt([first + 1]);
            let mut stream = alike.into_stream().doing("search")?;
            while stream.advance() {
                found.extend(known(stream.key(), stream.value().doc_freq));
            }
        }
        Ok(most_frequent_first(found))
    }
}

/// How much a term tells that so many of all documents have, as BM25 weighs it.
pub(super) fn rarity(frequency: f32, documents: f32) -> f32 {
    (1.0 + (documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln()
}

/// Shorter words have too many neighbours, longer ones are no words.
const FEWEST_LETTERS: usize = 5;
const MOST_LETTERS: usize = 24;
/// From here on two slips are forgiven.
const LONG_WORD: usize = 8;

fn known(term: &[u8], frequency: u32) -> Option<Known> {
    Some((std::str::from_utf8(term).ok()?.to_owned(), frequency.into()))
}

/// The frequencies of all segments together.
fn most_frequent_first(found: Vec<Known>) -> Vec<Known> {
    let mut together: HashMap<String, u64> = HashMap::with_capacity(found.len());
    for (term, frequency) in found {
        *together.entry(term).or_default() += frequency;
    }
    let mut sorted: Vec<Known> = together.into_iter().collect();
    sorted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sorted
}
