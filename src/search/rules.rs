//! The rules of everything published, as the index holds them: the book of a node is made of these alone.

use tantivy::TantivyDocument;
use tantivy::collector::DocSetCollector;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

use super::SearchIndex;
use super::error::{Doing, SearchError};
use super::results::{read_card, read_json};
use super::schema::{Fields, HAS_RULES, Key};
use crate::domain::{FailureId, Rule};

impl SearchIndex {
    /// Every failure that has rules, by id, with its rules (without their examples) in their order.
    pub fn rules(&self) -> Result<Vec<(FailureId, Vec<Rule>)>, SearchError> {
        self.suspecting(|| {
            let generation = self.current();
            let searcher = generation.searcher();
            let mut rules = Vec::new();
            for address in searcher.search(&having_rules(&generation.fields), &DocSetCollector).doing("search")? {
                let document: TantivyDocument = searcher.doc(address).doing("read")?;
                let id = read_card(&generation.fields, &document)?.id;
                rules.push((id, read_json(&document, generation.fields.rules)?));
            }
            rules.sort_unstable_by_key(|(id, _)| *id);
            Ok(rules)
        })
    }

    /// The same of some failures only, in no order; those without rules are left out.
    pub fn rules_of(
        &self,
        failures: impl IntoIterator<Item = FailureId>,
    ) -> Result<Vec<(FailureId, Vec<Rule>)>, SearchError> {
        self.suspecting(|| {
            let generation = self.current();
            let searcher = generation.searcher();
            let fields = &generation.fields;
            let mut rules = Vec::new();
            for id in failures {
                let is = |query: TermQuery| (Occur::Must, Box::new(query) as Box<dyn Query>);
                let term = fields.key(Key::Id, &id.to_string());
                let itself = TermQuery::new(term, IndexRecordOption::Basic);
                let query = BooleanQuery::new(vec![is(itself), is(having_rules(fields))]);
                for address in searcher.search(&query, &DocSetCollector).doing("search")? {
                    let document: TantivyDocument = searcher.doc(address).doing("read")?;
                    rules.push((id, read_json(&document, fields.rules)?));
                }
            }
            Ok(rules)
        })
    }
}

fn having_rules(fields: &Fields) -> TermQuery {
    TermQuery::new(fields.key(Key::Rules, HAS_RULES), IndexRecordOption::Basic)
}
