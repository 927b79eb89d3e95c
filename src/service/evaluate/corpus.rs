//! What queries are asked of: documents of a file, or a library of stories, in an index in memory.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Document;
use crate::domain::matching::{Card, Evidence, Field};
use crate::domain::{Category, FailureId, FailureKind, Rule, Slug};
use crate::search::{Checkpoint, Document as Indexed, Ranked, SearchError, SearchIndex};
use crate::service::diagnose::Diagnoser;
use crate::service::offline;
use crate::service::take_in::{self, Stated};
use crate::story_file::Library;

/// A library to ask, with the names of what is in it.
pub struct Corpus {
    diagnoser: Diagnoser,
    names: HashMap<FailureId, String>,
}

/// A corpus that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The index did not take it.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Two documents are called the same.
    #[error("two documents are called {0}")]
    Repeated(String),
}

/// Rules by the id of the document that they belong to.
pub type Rules = HashMap<String, Vec<Rule>>;

impl Corpus {
    /// The documents, each with its rules, but for those left out.
    pub fn of_documents(
        documents: &[Document],
        rules: &Rules,
        left_out: &HashSet<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, CorpusError> {
        let mut names = HashMap::new();
        let mut changes = Vec::with_capacity(documents.len());
        let mut seen = HashSet::new();
        for (number, document) in documents.iter().enumerate() {
            if !seen.insert(document.id.as_str()) {
                return Err(CorpusError::Repeated(document.id.clone()));
            }
            if left_out.contains(document.id.as_str()) {
                continue;
            }
            let id = FailureId(Uuid::from_u128(number as u128 + 1));
            names.insert(id, document.id.clone());
            let rules = rules.get(&document.id).cloned().unwrap_or_default();
            changes.push((id, Some(indexed(id, document, rules, now))));
        }
        let index = SearchIndex::in_memory()?;
        index.apply(changes, Checkpoint { n: 0, token: Uuid::nil() })?;
        Ok(Self { diagnoser: Diagnoser::new(index)?, names })
    }

    /// Stories and patterns, called by their addresses' last part.
    pub fn of_library(library: Library, now: DateTime<Utc>) -> Result<Self, CorpusError> {
        Ok(Self { diagnoser: Diagnoser::new(offline::index(library, now)?)?, names: HashMap::new() })
    }

    /// An index as it is, called as in [`Corpus::of_library`].
    pub fn of_index(index: SearchIndex) -> Result<Self, CorpusError> {
        Ok(Self { diagnoser: Diagnoser::new(index)?, names: HashMap::new() })
    }

    /// How many failures there are to find.
    pub fn len(&self) -> u64 {
        self.diagnoser.index().document_count()
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn rank(
        &self,
        evidence: &Evidence,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(Vec<String>, Ranked)>, SearchError> {
        let ranked = self.diagnoser.rank(evidence, now, limit)?;
        let name = |card: &Card| self.names.get(&card.id).cloned().unwrap_or_else(|| card.slug.to_string());
        Ok(ranked.into_iter().map(|ranked| (ranked.cards.iter().map(name).collect(), ranked)).collect())
    }
}

/// The rules of a folder of Common Reliability Enumerations, by their ids.
pub fn cre_rules(folder: &Path, now: DateTime<Utc>) -> Result<Rules, crate::service::library::FolderError> {
    let gathered = take_in::cre(folder, &Stated::default(), now, &mut |_, _| {})?;
    let rules = gathered.candidates.into_iter().map(|one| (one.taken.id, one.taken.pattern.failure.rules));
    Ok(rules.collect())
}

fn indexed(id: FailureId, document: &Document, rules: Vec<Rule>, now: DateTime<Utc>) -> Indexed {
    let slug = Slug::from_title(&format!("document {}", id.0.as_u128()), "document");
    Indexed {
        card: Card {
            id,
            kind: FailureKind::Pattern,
            slug,
            title: document.title.clone(),
            summary: String::new(),
            root_cause: String::new(),
            remediation: String::new(),
            category: Category::ALL[0],
            technologies: Vec::new(),
            organization: None,
            severity: None,
            started_at: None,
            duration: None,
            patterns: Vec::new(),
            checks: Vec::new(),
            instances: 0,
            updated_at: now,
            translations: Vec::new(),
            language: None,
        },
        texts: vec![(Field::Title, document.title.clone()), (Field::Summary, document.text.clone())],
        year: None,
        rules,
    }
}
