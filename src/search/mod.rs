//! The full-text projection: what is published, ready to be searched and matched. It holds no truth, follows the
//! database change by change and is rebuilt beside itself whenever it is missing, damaged or from another version.
//! Everything here blocks; nothing here knows the database.

mod document;
mod error;
mod generation;
mod rebuild;
mod schema;
mod storage;

mod tokenizer;
mod words;

mod compile;
mod facets;
mod lexicon;
mod naming;
mod postings;
mod query;
mod request;
mod results;
mod scoring;
mod snippet;
mod tally;

mod common_words;
mod diagnose;
mod evidence;
mod glossary;
mod grouping;
mod marks;
mod next;
mod reasons;
mod rules;
mod similar;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;

pub use self::document::{Checkpoint, Document};
pub use self::error::SearchError;
pub use self::facets::{FacetCount, Facets};
pub use self::query::{Clause, ParsedQuery, Qualifier};
pub use self::rebuild::Rebuild;
pub use self::request::{Filters, SearchRequest, Sort};
pub use self::results::{Fragment, Hit, SearchResults, Snippet};
pub use self::similar::Similar;

use self::generation::{Generation, lock};
use self::storage::{Current, Storage};
use crate::domain::FailureId;

/// A handle on the index. Clones share it; a search keeps the generation that it began with, so that a rebuild
/// never stops it.
#[derive(Clone)]
pub struct SearchIndex {
    shared: Arc<Shared>,
}

struct Shared {
    current: ArcSwap<Generation>,
    /// None for an index in memory.
    storage: Option<Storage>,
    /// Held while writing to the current generation and while another becomes current.
    writing: Mutex<()>,
}

/// What was found at opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// A whole index that has come up to this change.
    Ready(Checkpoint),
    /// Nothing usable, for the reason given. The index works and is empty, in memory only, until it is rebuilt.
    MustRebuild(String),
}

impl SearchIndex {
    /// An empty index in memory.
    pub fn in_memory() -> Result<Self, SearchError> {
        Ok(Self::around(Generation::in_memory()?, None))
    }

    /// Opens the index in a folder (`<data>/index`), checks every checksum and removes what a crash or an older
    /// version left beside it. Only one process may have a folder open; the caller holds the lock of the data folder.
    pub fn open(folder: &Path) -> Result<(Self, Opened), SearchError> {
        let storage = Storage::new(folder)?;
        let found = match storage.current() {
            Current::None(reason) => Err(reason.to_owned()),
            Current::Folder(path) => match Generation::open(&path) {
                Ok(generation) => match generation.checkpoint() {
                    Some(checkpoint) => Ok((path, generation, checkpoint)),
                    None => Err("the index does not say which change it has reached".to_owned()),
                },
                Err(error) => Err(error.to_string()),
            },
        };
        match found {
            Ok((path, generation, checkpoint)) => {
                storage.remove_others(Some(&path));
                Ok((Self::around(generation, Some(storage)), Opened::Ready(checkpoint)))
            }
            Err(reason) => {
                storage.remove_others(None);
                Ok((Self::around(Generation::in_memory()?, Some(storage)), Opened::MustRebuild(reason)))
            }
        }
    }

    fn around(generation: Generation, storage: Option<Storage>) -> Self {
        let shared = Shared { current: ArcSwap::from_pointee(generation), storage, writing: Mutex::new(()) };
        Self { shared: Arc::new(shared) }
    }

    /// Brings records to their present state (`None` removes one) and commits them with the change they come up to.
    /// Doing the same twice does no harm. When it fails, nothing of it is committed and it can be repeated.
    pub fn apply(
        &self,
        changes: Vec<(FailureId, Option<Document>)>,
        checkpoint: Checkpoint,
    ) -> Result<(), SearchError> {
        let _writing = lock(&self.shared.writing);
        self.shared.current.load_full().apply(changes, checkpoint)
    }

    /// Begins a new generation beside the one that is searched.
    pub fn begin_rebuild(&self) -> Result<Rebuild, SearchError> {
        Rebuild::begin(self.clone())
    }

    /// The change that the index has reached; none before the first commit.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.current().checkpoint()
    }

    /// Compares every file with its checksum. An error of the kind [`SearchError::Damaged`] calls for a rebuild.
    pub fn verify(&self) -> Result<(), SearchError> {
        let generation = self.current();
        generation.verify().or_else(|error| {
            // A rebuild that finished meanwhile has removed the files that were being read.
            let current = self.current();
            if Arc::ptr_eq(&generation, &current) { Err(error) } else { current.verify() }
        })
    }

    /// How many failures can be found.
    pub fn document_count(&self) -> u64 {
        self.current().searcher().num_docs()
    }

    fn current(&self) -> Arc<Generation> {
        self.shared.current.load_full()
    }
}
