//! How common the words of some evidence are in the library.

use std::collections::HashMap;

use tantivy::{Searcher, Term};

use crate::search::error::{Doing, SearchError};
use crate::search::evidence::Reading;
use crate::search::lexicon;
use crate::search::schema::Fields;

/// In how many failures each text of some evidence (a word or a part of a synonym) stands, in any field.
pub(in crate::search) struct Frequencies<'r> {
    known: HashMap<&'r str, f32>,
    /// How many failures there are.
    pub(in crate::search) documents: f32,
}

impl<'r> Frequencies<'r> {
    /// Counts every text of the evidence.
    pub(in crate::search) fn of(
        searcher: &Searcher,
        fields: &Fields,
        reading: &'r Reading,
    ) -> Result<Self, SearchError> {
        let mut known = HashMap::new();
        for term in &reading.terms {
            for text in std::iter::once(&term.text).chain(term.synonyms.iter().flatten()) {
                if !known.contains_key(text.as_str()) {
                    let count = searcher.doc_freq(&Term::from_field_text(fields.all, text)).doing("search")?;
                    known.insert(text.as_str(), count as f32);
                }
            }
        }
        Ok(Self { known, documents: searcher.num_docs() as f32 })
    }

    /// In how many failures a text stands.
    pub(in crate::search) fn get(&self, text: &str) -> f32 {
        self.known.get(text).copied().unwrap_or(0.0)
    }

    /// How much a text tells by how few failures have it.
    pub(super) fn rarity(&self, text: &str) -> f32 {
        lexicon::rarity(self.get(text), self.documents)
    }
}
