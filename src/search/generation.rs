//! One index on disk or in memory: its reader, its writer and the checkpoint it has reached.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use tantivy::directory::{Directory, MmapDirectory};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher};

use super::document::{Checkpoint, Document};
use super::error::{Doing, SearchError};
use super::facets::KeptFacets;
use super::schema::{self, Fields, Key};
use super::tokenizer::{self, Lettered, Terms};
use crate::domain::FailureId;

/// What a writer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Some records at a time, each batch committed: one thread, so that a batch is one segment; segments are merged.
    Following,
    /// Everything at once: a thread for each core. Merging is left to the writer that follows: until it has merged, a
    /// search looks into some more segments, which costs it less than the merging would cost the rebuild.
    Filling,
}

/// What one thread of a writer may hold in memory before it writes a segment, in bytes.
const MEMORY_FOLLOWING: usize = 20_000_000;
const MEMORY_FILLING: usize = 64_000_000;

/// How many there have been.
static GENERATIONS: AtomicU64 = AtomicU64::new(0);

/// A state of the index as searches see it. Equal ones give equal answers; it changes in the same moment in which searches
/// begin to see something else, and no state ever comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Edition {
    /// Which index of this process.
    generation: u64,
    /// Which of its commits.
    reload: u64,
}

pub(super) struct Generation {
    /// Tells it from every other one of this process.
    number: u64,
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

    /// Opens what is in a folder. Whether its files are whole is not looked at, which takes seconds for a large index:
    /// see [`Generation::verify`].
    pub(super) fn open(folder: &Path) -> Result<Self, SearchError> {
        guarded(|| {
            let (schema, fields) = schema::build();
            let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from).doing("open")?;
            let index = Index::open(directory).doing("open")?;
            if index.schema() != schema {
                return Err(SearchError::Damaged("it has another schema".to_owned()));
            }
            Self::around(index, fields, Some(folder.to_owned()))
        })
    }

    fn around(index: Index, fields: Fields, folder: Option<PathBuf>) -> Result<Self, SearchError> {
        index.tokenizers().register(tokenizer::NAME, Terms::new(Lettered::No));
        index.tokenizers().register(tokenizer::NAME_OF_LETTERED, Terms::new(Lettered::Yes));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().doing("read")?;
        let payload = index.load_metas().doing("read")?.payload;
        let checkpoint = payload.as_deref().and_then(Checkpoint::parse);
        let number = GENERATIONS.fetch_add(1, Ordering::Relaxed);
        let (writer, checkpoint) = (Mutex::new(None), Mutex::new(checkpoint));
        Ok(Self { number, index, reader, folder, fields, facets: KeptFacets::default(), writer, checkpoint })
    }

    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    pub(super) fn edition(&self) -> Edition {
        Edition { generation: self.number, reload: self.searcher().generation().generation_id() }
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
        // What is described was in the list before, so the list is read second. The library checks only files that it
        // names, so a damaged list would hide damage.
        let described = self.index.load_metas().doing("verify")?.list_segment_files();
        let managed = self.index.directory().list_managed_files();
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

    /// A writer that fills an empty generation, of which there may be no other meanwhile.
    pub(super) fn filling(&self) -> Result<IndexWriter, SearchError> {
        let writer = self.writer_for(Purpose::Filling)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(writer)
    }

    fn writer_for(&self, purpose: Purpose) -> Result<IndexWriter, SearchError> {
        let (threads, memory) = match purpose {
            Purpose::Following => (1, MEMORY_FOLLOWING),
            Purpose::Filling => (available_parallelism().map_or(1, NonZero::get).min(8), MEMORY_FILLING),
        };
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .num_merge_threads(1)
            .memory_budget_per_thread(memory)
            .build();
        self.index.writer_with_options(options).doing("write to")
    }

    fn stage(&self, writer: &IndexWriter, id: FailureId, document: Option<Document>) -> Result<(), SearchError> {
        writer.delete_term(self.fields.key(Key::Id, &id.to_string()));
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
        let result = guarded(|| match slot.as_mut() {
            Some(writer) => work(writer),
            None => {
                let writer = self.writer_for(Purpose::Following)?;
                writer.set_merge_policy(Box::new(merging_little()));
                work(slot.insert(writer))
            }
        });
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

/// The library's own policy, but for what counts as small: with its 10,000 documents, every eighth commit of a few
/// documents would write up to 10,000 anew.
fn merging_little() -> LogMergePolicy {
    const SMALL: u32 = 1_000;
    let mut policy = LogMergePolicy::default();
    policy.set_min_layer_size(SMALL);
    policy
}

/// Runs something that damage on disk may make panic, and says so instead.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
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
