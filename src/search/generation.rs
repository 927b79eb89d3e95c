//! One index on disk or in memory: its reader, its writer and the checkpoint it has reached.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tantivy::directory::{Directory, MmapDirectory};
use tantivy::indexer::IndexWriterOptions;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};

use super::document::{Checkpoint, Document};
use super::error::{Doing, SearchError};
use super::facets::KeptFacets;
use super::schema::{self, Fields};
use super::tokenizer;
use crate::domain::FailureId;

/// What the writer may hold in memory before it writes a segment, in bytes.
const WRITER_MEMORY: usize = 50_000_000;

pub(super) struct Generation {
    index: Index,
    reader: IndexReader,
    /// None in memory.
    pub(super) folder: Option<PathBuf>,
    pub(super) fields: Fields,
    /// What searches keep of its facets.
    pub(super) facets: KeptFacets,
    /// Made at the first write: a node that only searches needs no writer, and a failed one is replaced.
    writer: Mutex<Option<IndexWriter>>,
    checkpoint: Mutex<Option<Checkpoint>>,
}

impl Generation {
    pub(super) fn in_memory() -> Result<Self, SearchError> {
        let (schema, fields) = schema::build();
        let index = Index::builder().schema(schema).create_in_ram().doing("create")?;
        Self::around(index, fields, None)
    }

    pub(super) fn create(folder: &Path) -> Result<Self, SearchError> {
        std::fs::create_dir_all(folder).map_err(|source| SearchError::storage("create", folder, source))?;
        let (schema, fields) = schema::build();
        let index = Index::builder().schema(schema).create_in_dir(folder).doing("create")?;
        Self::around(index, fields, Some(folder.to_owned()))
    }

    /// Opens and verifies what is in a folder. Damage may make the library panic, which is caught.
    pub(super) fn open(folder: &Path) -> Result<Self, SearchError> {
        guarded(|| {
            let (schema, fields) = schema::build();
            let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from).doing("open")?;
            let index = Index::open(directory).doing("open")?;
            if index.schema() != schema {
                return Err(SearchError::Damaged("it has another schema".to_owned()));
            }
            let generation = Self::around(index, fields, Some(folder.to_owned()))?;
            generation.check()?;
            Ok(generation)
        })
    }

    fn around(index: Index, fields: Fields, folder: Option<PathBuf>) -> Result<Self, SearchError> {
        index.tokenizers().register(tokenizer::NAME, tokenizer::Words);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().doing("read")?;
        let payload = index.load_metas().doing("read")?.payload;
        let checkpoint = payload.as_deref().and_then(Checkpoint::parse);
        let facets = KeptFacets::default();
        Ok(Self { index, reader, folder, fields, facets, writer: Mutex::new(None), checkpoint: Mutex::new(checkpoint) })
    }

    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    pub(super) fn checkpoint(&self) -> Option<Checkpoint> {
        *lock(&self.checkpoint)
    }

    /// Whether every file is what was written.
    pub(super) fn verify(&self) -> Result<(), SearchError> {
        guarded(|| {
            // A merge may take away a file between the listing and the reading; a damaged file stays damaged.
            self.check().or_else(|_| self.check())
        })
    }

    fn check(&self) -> Result<(), SearchError> {
        let managed = self.index.directory().list_managed_files();
        let described = self.index.load_metas().doing("verify")?.list_segment_files();
        // The library checks only files that its list of files names, so a damaged list would hide damage.
        let directory = self.index.directory();
        for file in described.into_iter().filter(|file| !managed.contains(file)) {
            if directory.exists(&file).unwrap_or(true) {
                return Err(SearchError::Damaged(format!("{} is not in the list of files", file.display())));
            }
        }
        let damaged = self.index.validate_checksum().doing("verify")?;
        if let Some(file) = damaged.iter().min() {
            return Err(SearchError::Damaged(format!("the checksum of {} does not hold", file.display())));
        }
        // The file that describes the segments has no checksum of its own: its numbers are compared with the segments.
        for reader in self.searcher().segment_readers() {
            let stored = reader.get_store_reader(1).doing("verify")?.space_usage();
            let alive = reader
                .alive_bitset()
                .map_or(reader.max_doc() as usize, tantivy::fastfield::AliveBitSet::num_alive_docs);
            let ids = reader.get_fieldnorms_reader(self.fields.all).doing("verify")?.num_docs();
            if alive != reader.num_docs() as usize || ids != reader.max_doc() {
                return Err(SearchError::Damaged(format!(
                    "segment {} has {alive} of {ids} documents in {}, not {} of {}",
                    reader.segment_id(),
                    stored.total(),
                    reader.num_docs(),
                    reader.max_doc()
                )));
            }
        }
        Ok(())
    }

    /// Replaces or removes records and commits. Searches that begin after it returns see the change.
    pub(super) fn apply(
        &self,
        changes: Vec<(FailureId, Option<Document>)>,
        checkpoint: Checkpoint,
    ) -> Result<(), SearchError> {
        self.write(|writer| {
            for (id, document) in changes {
                self.stage(writer, id, document)?;
            }
            Self::commit(writer, checkpoint)
        })?;
        *lock(&self.checkpoint) = Some(checkpoint);
        self.reader.reload().doing("reload")
    }

    /// Adds a document that is known not to be there yet to the next commit.
    pub(super) fn add(&self, document: Document) -> Result<(), SearchError> {
        self.write(|writer| writer.add_document(document.into_tantivy(&self.fields)?).doing("write to").map(|_| ()))
    }

    fn stage(&self, writer: &IndexWriter, id: FailureId, document: Option<Document>) -> Result<(), SearchError> {
        writer.delete_term(Term::from_field_text(self.fields.id, &id.to_string()));
        if let Some(document) = document {
            writer.add_document(document.into_tantivy(&self.fields)?).doing("write to")?;
        }
        Ok(())
    }

    fn commit(writer: &mut IndexWriter, checkpoint: Checkpoint) -> Result<(), SearchError> {
        let mut prepared = writer.prepare_commit().doing("commit")?;
        prepared.set_payload(&checkpoint.to_string());
        prepared.commit().doing("commit").map(|_| ())
    }

    fn write<T>(&self, work: impl FnOnce(&mut IndexWriter) -> Result<T, SearchError>) -> Result<T, SearchError> {
        let mut slot = lock(&self.writer);
        let writer = match slot.as_mut() {
            Some(writer) => writer,
            None => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(WRITER_MEMORY)
                    .build();
                slot.insert(self.index.writer_with_options(options).doing("write to")?)
            }
        };
        let result = work(writer);
        if result.is_err() {
            // A writer that failed once (a full disk) refuses everything after; half a batch must not be committed later.
            *slot = None;
        }
        result
    }

    /// Stops writing for good: what was staged and not committed is dropped.
    pub(super) fn retire(&self) {
        *lock(&self.writer) = None;
    }
}

/// Runs something that damage on disk may make panic.
fn guarded<T>(work: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "it cannot be read".to_owned());
        Err(SearchError::Damaged(reason))
    })
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the lock guards is replaced whole, so a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
