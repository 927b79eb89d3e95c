//! The threads that fill an index with everything there is: they turn records into documents while more are being read.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

use tokio::sync::{mpsc, oneshot};

use super::project::{Patterns, document};
use super::rebuild::FollowError;
use crate::domain::{FailureId, Record};
use crate::search::{Rebuild, SearchError, SearchIndex};

/// Records read at a time.
pub(super) const PAGE: i64 = 500;
/// Pages that may wait for a thread: what is read ahead, and so held in memory.
const AHEAD: usize = 2;
/// By how much less than others these threads are favoured where there are too few cores for all (see nice(1)).
const NICENESS: i32 = 10;

/// Some records on their way into the index.
pub(super) struct Page {
    pub(super) records: Vec<Record>,
    /// The patterns that its stories name.
    pub(super) patterns: Arc<Patterns>,
    /// How many stories its patterns have.
    pub(super) instances: HashMap<FailureId, u32>,
}

/// An index being filled. Dropping it gives the index up.
pub(super) struct Filling {
    pages: mpsc::Sender<Page>,
    done: Arc<AtomicU64>,
    filled: oneshot::Receiver<Result<Rebuild, SearchError>>,
}

impl Filling {
    pub(super) fn begin(index: SearchIndex) -> Result<Self, FollowError> {
        let (pages, waiting) = mpsc::channel(AHEAD);
        let (tell, filled) = oneshot::channel();
        let done = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&done);
        let work = move || {
            // Every thread that is made from here on, those of the index too, is as modest as this one.
            if let Err(error) = rustix::process::nice(NICENESS) {
                tracing::debug!(%error, "the rebuild runs at full priority");
            }
            // Whoever began it may have gone.
            tell.send(fill(&index, waiting, &counter)).unwrap_or_default();
        };
        Builder::new().name("rebuild".to_owned()).spawn(work).map_err(|_| FollowError::Panicked)?;
        Ok(Self { pages, done, filled })
    }

    /// Hands over a page as soon as there is room; false when the threads have given up, for a reason that
    /// [`Filling::finish`] tells.
    pub(super) async fn take(&self, page: Page) -> bool {
        self.pages.send(page).await.is_ok()
    }

    /// How many documents the index has taken.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Waits until every page is in.
    pub(super) async fn finish(self) -> Result<Rebuild, FollowError> {
        let Self { pages, filled, .. } = self;
        drop(pages);
        Ok(filled.await.map_err(|_| FollowError::Panicked)??)
    }
}

fn fill(index: &SearchIndex, pages: mpsc::Receiver<Page>, done: &AtomicU64) -> Result<Rebuild, SearchError> {
    let rebuild = index.begin_rebuild()?;
    let pages = Mutex::new(pages);
    let threads = available_parallelism().map_or(1, NonZero::get);
    scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| add_pages(&rebuild, &pages, done))).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(added) => added,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    Ok(rebuild)
}

fn add_pages(rebuild: &Rebuild, pages: &Mutex<mpsc::Receiver<Page>>, done: &AtomicU64) -> Result<(), SearchError> {
    let next = || pages.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
    while let Some(Page { records, patterns, instances }) = next() {
        for record in &records {
            let count = instances.get(&record.id()).copied().unwrap_or_default();
            if let Err(error) = rebuild.add(document(record, &patterns, count)) {
                pages.lock().unwrap_or_else(PoisonError::into_inner).close();
                return Err(error);
            }
        }
        done.fetch_add(records.len() as u64, Ordering::Relaxed);
    }
    Ok(())
}
