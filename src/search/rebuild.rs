//! Building a generation beside the one that is searched, and putting it in its place.

use std::path::PathBuf;
use std::sync::Arc;

use tantivy::{IndexWriter, TantivyError};

use super::SearchIndex;
use super::document::{Checkpoint, Document};
use super::error::{Doing, SearchError};
use super::generation::{Generation, lock};
use super::storage::Storage;
use crate::domain::FailureId;

/// A generation under construction. Dropping it unfinished removes it.
pub struct Rebuild {
    index: SearchIndex,
    generation: Arc<Generation>,
    /// Writes the documents of the snapshot; none once they are complete.
    filling: Option<IndexWriter>,
    /// None in memory, and once finished.
    folder: Option<PathBuf>,
}

impl Rebuild {
    pub(super) fn begin(index: SearchIndex) -> Result<Self, SearchError> {
        let folder = index.shared.storage.as_ref().map(Storage::fresh);
        let generation = match &folder {
            Some(folder) => Generation::create(folder),
            None => Generation::in_memory(),
        };
        let begun = generation.and_then(|generation| Ok((generation.filling()?, generation)));
        match begun {
            Ok((filling, generation)) => {
                Ok(Self { index, generation: Arc::new(generation), filling: Some(filling), folder })
            }
            Err(error) => {
                if let Some(folder) = folder {
                    Storage::remove(&folder);
                }
                Err(error)
            }
        }
    }

    /// Adds a document of the snapshot. Each record comes once, before the first [`Rebuild::apply`]; several threads
    /// may add at the same time.
    pub fn add(&self, document: Document) -> Result<(), SearchError> {
        let document = document.into_tantivy(&self.generation.fields)?;
        match &self.filling {
            Some(writer) => writer.add_document(document).doing("write to").map(|_| ()),
            None => Err(SearchError::Engine {
                doing: "add to",
                source: TantivyError::InvalidArgument("the snapshot was complete already".to_owned()),
            }),
        }
    }

    /// Writes out the snapshot and hands over to the writer that follows.
    fn complete(&mut self) -> Result<(), SearchError> {
        let Some(mut writer) = self.filling.take() else { return Ok(()) };
        writer.commit().doing("commit").map(|_| ())
    }

    /// Catches up with what changed while the snapshot was read, up to `checkpoint`. Nothing is visible before
    /// [`Rebuild::finish`].
    pub fn apply(
        &mut self,
        changes: Vec<(FailureId, Option<Document>)>,
        checkpoint: Checkpoint,
    ) -> Result<(), SearchError> {
        self.complete()?;
        self.generation.apply(changes, checkpoint)
    }

    /// Commits, makes this the generation that is searched, here and after a restart, and removes the old one.
    /// Searches under way end on the old one.
    pub fn finish(mut self, checkpoint: Checkpoint) -> Result<(), SearchError> {
        self.complete()?;
        self.generation.apply(Vec::new(), checkpoint)?;
        let shared = Arc::clone(&self.index.shared);
        let _writing = lock(&shared.writing);
        if let (Some(storage), Some(folder)) = (&shared.storage, &self.folder) {
            storage.publish(folder)?;
            storage.set_verified();
        }
        self.folder = None;
        let old = shared.current.swap(Arc::clone(&self.generation));
        old.retire();
        if let Some(folder) = &old.folder {
            Storage::remove(folder);
        }
        Ok(())
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            self.filling = None;
            self.generation.retire();
            Storage::remove(&folder);
        }
    }
}
