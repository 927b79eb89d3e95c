//! The full-text projection: what is published, ready to be searched and matched. It holds no truth, follows the
//! database change by change and is rebuilt beside itself whenever it is missing, damaged or from another version.
//! Everything here blocks; nothing here knows the database.

mod document;
mod error;
mod generation;
mod guard;
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
mod noise;
mod passages;
mod ranking;
mod reasons;
mod rules;
mod similar;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;

pub use self::diagnose::Ranked;
pub use self::document::{Checkpoint, Document};
pub use self::error::SearchError;
pub use self::facets::{FacetCount, Facets};
pub use self::generation::Edition;
pub use self::glossary::{GlossaryError, extend_glossary};
pub use self::grouping::Grounds;
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
    /// Whether something came out of the index that only damage, or a mistake of ours, explains.
    suspect: AtomicBool,
    /// None for an index in memory.
    storage: Option<Storage>,
    /// Held while writing to the current generation and while another becomes current.
    writing: Mutex<()>,
}

/// What was found at opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// An index that has come up to this change. Whether it is whole is for [`SearchIndex::verify`] to say, soon.
    Ready(Checkpoint),
    /// Nothing usable, for the reason given. The index works and is empty, in memory only, until it is rebuilt.
    MustRebuild(String),
}

impl SearchIndex {
    /// An empty index in memory.
    pub fn in_memory() -> Result<Self, SearchError> {
        Ok(Self::around(Generation::in_memory()?, None))
    }

    /// Opens the index in a folder (`<data>/index`), in milliseconds whatever its size, and removes what a crash or an
    /// older version left beside it. Checksums are not validated: that takes seconds and is to be done at once by
    /// [`SearchIndex::verify`], while the index is searched. Only where a process died before it came to that are they
    /// validated here. Only one process may have a folder open; the caller holds the lock of the data folder.
    pub fn open(folder: &Path) -> Result<(Self, Opened), SearchError> {
        let storage = Storage::new(folder)?;
        let found = match storage.current() {
            Current::None(reason) => Err(reason.to_owned()),
            Current::Folder(path) => match opened(&storage, &path) {
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
        let current = ArcSwap::from_pointee(generation);
        let shared = Shared { current, suspect: AtomicBool::new(false), storage, writing: Mutex::new(()) };
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
        self.suspecting(|| self.shared.current.load_full().apply(changes, checkpoint))
    }

    /// Begins a new generation beside the one that is searched.
    pub fn begin_rebuild(&self) -> Result<Rebuild, SearchError> {
        Rebuild::begin(self.clone())
    }

    /// The state that searches see from now on, or a later one. What was read after this was asked is at least so new.
    pub fn edition(&self) -> Edition {
        self.current().edition()
    }

    /// The change that the index has reached; none before the first commit.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.current().checkpoint()
    }

    /// Compares every file with its checksum. An error of the kind [`SearchError::Damaged`] calls for a rebuild.
    pub fn verify(&self) -> Result<(), SearchError> {
        let generation = self.current();
        let verified = generation.verify();
        // A rebuild that finished meanwhile has removed the files that were being read, and made new ones.
        if Arc::ptr_eq(&generation, &self.current()) {
            verified?;
            self.shared.set_verified();
        }
        Ok(())
    }

    /// How many failures can be found.
    pub fn document_count(&self) -> u64 {
        self.current().searcher().num_docs()
    }

    fn current(&self) -> Arc<Generation> {
        self.shared.current.load_full()
    }
}

impl Shared {
    fn set_verified(&self) {
        if let Some(storage) = &self.storage {
            storage.set_verified();
        }
    }
}

impl Drop for Shared {
    /// Ended in order: not of damage.
    fn drop(&mut self) {
        self.set_verified();
    }
}

fn opened(storage: &Storage, path: &Path) -> Result<Generation, SearchError> {
    let generation = Generation::open(path)?;
    if storage.died_unverified() {
        generation.verify()?;
        storage.set_verified();
    } else {
        storage.set_unverified();
    }
    Ok(generation)
}
