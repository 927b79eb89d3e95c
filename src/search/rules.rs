//! The rules of everything published, as the index holds them: the book of a node is made of these alone.

use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{TantivyDocument, Term};

use super::SearchIndex;
use super::document::HAS_RULES;
use super::error::{Doing, SearchError};
use super::results::{read_card, read_json};
use crate::domain::{FailureId, Rule};

impl SearchIndex {
    /// Every failure that has rules, by id, with its rules (without their examples) in their order.
    pub fn rules(&self) -> Result<Vec<(FailureId, Vec<Rule>)>, SearchError> {
        let generation = self.current();
        let searcher = generation.searcher();
        let fields = &generation.fields;
        let query = TermQuery::new(Term::from_field_text(fields.has_rules, HAS_RULES), IndexRecordOption::Basic);
        let mut rules = Vec::new();
        for address in searcher.search(&query, &DocSetCollector).doing("search")? {
            let document: TantivyDocument = searcher.doc(address).doing("read")?;
            rules.push((read_card(fields, &document)?.id, read_json(&document, fields.rules)?));
        }
        rules.sort_unstable_by_key(|(id, _)| *id);
        Ok(rules)
    }
}
