//! Which failures are worth scoring: those in which telling words stand.

use std::collections::HashSet;

use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query};
use tantivy::{DocAddress, Searcher};

use super::SYNONYM;
use super::weighing::{Weighed, Weights};
use crate::search::compile::term_query;
use crate::search::error::{Doing, SearchError};
use crate::search::schema::Fields;

/// How many passages look for candidates of their own, and by how many words.
const ASKING_PASSAGES: usize = 12;
const ASKING_WORDS: usize = 16;
/// By how many words the evidence as a whole looks for candidates.
const ASKING_WORDS_OF_WHOLE: usize = 40;
/// How many candidates the whole finds, and each passage.
const FOUND_BY_WHOLE: usize = 100;
const FOUND_BY_PASSAGE: usize = 20;
/// In a large library, words that more failures than this share have find nothing that rarer words do not.
const FREQUENT: f32 = 0.05;
const LARGE_LIBRARY: f32 = 2_000.0;
const ENOUGH_RARE_WORDS: usize = 4;

impl Weighed<'_> {
    /// Where some of the words stand, in the order of the index.
    pub(super) fn candidates(&self, searcher: &Searcher, fields: &Fields) -> Result<Vec<DocAddress>, SearchError> {
        let mut found: HashSet<DocAddress> = HashSet::new();
        let passages =
            self.passages.iter().take(ASKING_PASSAGES).map(|weights| (weights, ASKING_WORDS, FOUND_BY_PASSAGE));
        // One passage is the whole.
        let passages = passages.skip(usize::from(self.passages.len() < 2));
        for (weights, words, limit) in
            std::iter::once((&self.whole, ASKING_WORDS_OF_WHOLE, FOUND_BY_WHOLE)).chain(passages)
        {
            let query = self.query(fields, weights, words);
            // With a count beside it the collector scores every match: faster than skipping, from a few words on.
            let (top, _) =
                searcher.search(&query, &(TopDocs::with_limit(limit).order_by_score(), Count)).doing("search")?;
            found.extend(top.into_iter().map(|(_, address)| address));
        }
        let mut found: Vec<DocAddress> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found)
    }

    fn query(&self, fields: &Fields, weights: &Weights, most: usize) -> BooleanQuery {
        let is_rare = |text: &str| {
            let frequency = self.frequencies.get(text);
            frequency > 0.0
                && (self.frequencies.documents < LARGE_LIBRARY || frequency < FREQUENT * self.frequencies.documents)
        };
        let text_of = |term: usize| self.reading.terms[term].text.as_str();
        let rare = weights.words.iter().filter(|(term, _)| is_rare(text_of(*term))).take(ENOUGH_RARE_WORDS).count();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut ask = |text: &str, weight: f32| {
            if self.frequencies.get(text) > 0.0 && (rare < ENOUGH_RARE_WORDS || is_rare(text)) {
                clauses.push((Occur::Should, Box::new(BoostQuery::new(term_query(fields.all, text), weight))));
            }
        };
        for &(term, weight) in weights.words.iter().take(most) {
            ask(text_of(term), weight);
            let synonyms = &self.reading.terms[term].synonyms;
            synonyms.iter().flatten().for_each(|part| ask(part, SYNONYM * weight));
        }
        BooleanQuery::new(clauses)
    }
}
