//! The index made anew, beside the one that serves, from one state of the database.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::{JoinError, spawn_blocking};

use super::filling::{Filling, PAGE, Page};
use super::project::{Patterns, document};
use crate::domain::{FailureId, FailureKind, Record, Slug};
use crate::search::{Checkpoint, Rebuild, SearchError, SearchIndex};
use crate::store::{self, Connection, Database, StoreError, change, record};

/// Why following or rebuilding stopped.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index failed.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The index is of another history than the database, or too far behind it.
    #[error("{0}")]
    Lost(String),
    /// The database does not answer.
    #[error("the database has not answered for {} s", .0.as_secs())]
    Silent(std::time::Duration),
    /// The thread that wrote the index panicked.
    #[error("writing the index panicked")]
    Panicked,
}

impl From<JoinError> for FollowError {
    fn from(_panicked: JoinError) -> Self {
        Self::Panicked
    }
}

/// An index that holds one state of the database, and which one. It serves once it is finished.
pub struct Bulk {
    /// The index beside.
    pub rebuild: Rebuild,
    /// The state that it holds.
    pub checkpoint: Checkpoint,
}

/// Builds an index of everything published. `progress` is told how many documents are done, of how many.
///
/// One task reads pages from the database while a thread for each core projects them, cuts their words and hands them to
/// the index, whose own threads write. These threads give way to those that answer searches.
pub async fn bulk(
    database: &Database,
    index: &SearchIndex,
    progress: impl Fn(u64, u64) + Send,
) -> Result<Bulk, FollowError> {
    let mut snapshot = database.snapshot().await?;
    let position = change::position(&mut snapshot).await?;
    let total = record::count_published(&mut snapshot).await?;
    let filling = Filling::begin(index.clone())?;
    let mut patterns = Patterns::new();
    for kind in [FailureKind::Pattern, FailureKind::Story] {
        let known = Arc::new(std::mem::take(&mut patterns));
        let mut last: Option<FailureId> = None;
        loop {
            let records = record::published_after(&mut snapshot, kind, last, PAGE).await?;
            let Some(newest) = records.last() else { break };
            last = Some(newest.id());
            for record in &records {
                if let Record::Pattern(entry) = record {
                    patterns.insert(entry.slug.clone(), entry.clone());
                }
            }
            let instances = instance_counts(&mut snapshot, &records).await?;
            if !filling.take(Page { records, patterns: Arc::clone(&known), instances }).await {
                break;
            }
            progress(filling.done(), total);
        }
    }
    let rebuild = filling.finish().await?;
    progress(total, total);
    Ok(Bulk { rebuild, checkpoint: Checkpoint { n: position.n, token: position.token } })
}

/// Rebuilds an index that nothing follows and makes it serve: `casebook reindex` on a node that is not running.
pub async fn rebuild(
    database: &Database,
    index: &SearchIndex,
    progress: impl Fn(u64, u64) + Send,
) -> Result<Checkpoint, FollowError> {
    let Bulk { rebuild, checkpoint } = bulk(database, index, progress).await?;
    spawn_blocking(move || rebuild.finish(checkpoint)).await??;
    Ok(checkpoint)
}

/// What some changes do to the index: every record that they touch, as it stands in the same state of the database.
pub(super) async fn touched(
    snapshot: &mut Connection,
    changed: &[FailureId],
) -> Result<Vec<(FailureId, Option<crate::search::Document>)>, StoreError> {
    let mut ids = changed.to_vec();
    // A pattern's words are in the documents of its stories, and the number of its stories is in its own.
    ids.extend(store::pattern::touched_by(snapshot, changed).await?);
    ids.sort_unstable();
    ids.dedup();
    let records = record::find_all(snapshot, &ids).await?;
    let patterns = patterns_of(snapshot, &records).await?;
    let instances = instance_counts(snapshot, &records).await?;
    let mut records: HashMap<FailureId, Record> = records.into_iter().map(|record| (record.id(), record)).collect();
    Ok(ids
        .into_iter()
        .map(|id| {
            let live = records.remove(&id).filter(|record| record.status() == crate::domain::Status::Published);
            let count = instances.get(&id).copied().unwrap_or_default();
            (id, live.map(|record| document(&record, &patterns, count)))
        })
        .collect())
}

async fn patterns_of(snapshot: &mut Connection, records: &[Record]) -> Result<Patterns, StoreError> {
    let named = records.iter().filter_map(|record| match record {
        Record::Story(entry) => Some(entry.content.patterns.iter().cloned()),
        Record::Pattern(_) => None,
    });
    let mut slugs: Vec<Slug> = named.flatten().collect();
    if slugs.is_empty() {
        return Ok(Patterns::new());
    }
    slugs.sort_unstable();
    slugs.dedup();
    let found = record::find_by_slugs(snapshot, FailureKind::Pattern, &slugs).await?;
    Ok(found
        .into_iter()
        .filter_map(|record| match record {
            Record::Pattern(entry) => Some((entry.slug.clone(), entry)),
            Record::Story(_) => None,
        })
        .collect())
}

async fn instance_counts(snapshot: &mut Connection, records: &[Record]) -> Result<HashMap<FailureId, u32>, StoreError> {
    let patterns: Vec<FailureId> =
        records.iter().filter(|record| record.kind() == FailureKind::Pattern).map(Record::id).collect();
    if patterns.is_empty() { Ok(HashMap::new()) } else { store::pattern::instance_counts(snapshot, &patterns).await }
}
