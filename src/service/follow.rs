//! The index follower: keeps this node's index, and the rules that run from it, equal to the database. See ARCHITECTURE.md, "PostgreSQL is the truth".

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

use super::diagnose::Diagnoser;
use super::rebuild::{Bulk, FollowError, bulk, touched};
use crate::domain::FailureId;
use crate::search::{Checkpoint, Document, Opened, SearchIndex};
use crate::store::Database;
use crate::store::change::{self, Hint, Hints};

/// How this node's index stands to the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexStatus {
    /// Whether it holds a state of the database at all.
    pub ready: bool,
    /// The newest change that it holds.
    pub n: i64,
    /// Why and how far it is being rebuilt, if it is.
    pub rebuilding: Option<Rebuilding>,
    /// What keeps it from following, if something does.
    pub trouble: Option<String>,
}

/// A rebuild under way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on IndexStatus")]
pub struct Rebuilding {
    pub reason: String,
    pub done: u64,
    pub total: u64,
}

/// What some changes do to the index, and the newest of them.
type Touched = (Vec<(FailureId, Option<Document>)>, Checkpoint);

/// Follows the database until it is told to stop. One per node.
pub struct Follower {
    database: Database,
    index: SearchIndex,
    diagnoser: Diagnoser,
    status: watch::Sender<IndexStatus>,
    must_rebuild: Option<String>,
    rebuilding: Option<JoinHandle<Result<Bulk, FollowError>>>,
    verified_at: DateTime<Utc>,
    pruned_at: DateTime<Utc>,
}

impl Follower {
    /// The longest that a change waits when the hint of it is lost.
    const POLL: Duration = Duration::from_secs(1);
    /// The longest that the database may take to tell the next changes.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// Changes applied in one commit of the index.
    const BATCH: i64 = 500;

    /// A follower for an index that has just been opened (and its checksums validated), and a view of how it stands.
    pub fn new(database: Database, diagnoser: Diagnoser, opened: Opened) -> (Self, watch::Receiver<IndexStatus>) {
        let (must_rebuild, initial) = match opened {
            Opened::Ready(checkpoint) => (None, IndexStatus { n: checkpoint.n, ..IndexStatus::default() }),
            Opened::MustRebuild(reason) => (Some(reason), IndexStatus::default()),
        };
        let (status, view) = watch::channel(initial);
        let now = Utc::now();
        let follower = Self {
            database,
            index: diagnoser.index().clone(),
            diagnoser,
            status,
            must_rebuild,
            rebuilding: None,
            verified_at: now,
            pruned_at: now,
        };
        (follower, view)
    }

    /// Follows until `stop` is set or dropped. Trouble is logged and shown in the status, and tried again.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut hints = None;
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                () = self.turn(&mut hints) => {}
            }
        }
        if let Some(task) = self.rebuilding.take() {
            task.abort();
        }
    }

    async fn turn(&mut self, hints: &mut Option<Hints>) {
        if let Err(error) = self.step().await {
            self.report(&error);
        }
        if hints.is_none() {
            match Hints::listen(&self.database).await {
                // A change between the last step and this moment had no listener: look once more before waiting.
                Ok(listening) => {
                    *hints = Some(listening);
                    return;
                }
                Err(error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "not listening for changes");
                    tokio::time::sleep(Self::POLL).await;
                    return;
                }
            }
        }
        let Some(listening) = hints.as_mut() else { return };
        // A rebuild that ends is not announced; a short wait notices it soon.
        let patience = if self.rebuilding.is_some() { Duration::from_millis(20) } else { Self::POLL };
        match listening.wait(patience).await {
            Ok(Hint::Reindex) => self.must_rebuild = Some("it was asked for".to_owned()),
            Ok(Hint::Change | Hint::Nothing) => {}
            Err(_gone) => *hints = None,
        }
    }

    async fn step(&mut self) -> Result<(), FollowError> {
        self.upkeep().await?;
        if let Some(reason) = self.must_rebuild.clone()
            && self.rebuilding.is_none()
        {
            self.begin_rebuild(reason);
        }
        if self.rebuilding.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(task) = self.rebuilding.take()
        {
            self.finish_rebuild(task.await?).await?;
        }
        if let Some(checkpoint) = self.index.checkpoint() {
            match self.follow(checkpoint).await {
                Err(FollowError::Lost(reason)) if self.must_rebuild.is_none() => {
                    tracing::warn!(reason, "the index has to be rebuilt");
                    self.must_rebuild = Some(reason);
                }
                Err(FollowError::Lost(_)) => {}
                followed => followed?,
            }
        }
        Ok(())
    }

    async fn follow(&self, mut checkpoint: Checkpoint) -> Result<(), FollowError> {
        self.keep_rules().await?;
        while let Some((documents, newest)) = self.next_changes(checkpoint).await? {
            let index = self.index.clone();
            spawn_blocking(move || index.apply(documents, newest)).await??;
            self.keep_rules().await?;
            checkpoint = newest;
            self.followed_to(checkpoint);
        }
        self.followed_to(checkpoint);
        Ok(())
    }

    /// Before a state of the index is said to be reached, its rules run.
    async fn keep_rules(&self) -> Result<(), FollowError> {
        if self.diagnoser.is_behind() {
            let diagnoser = self.diagnoser.clone();
            spawn_blocking(move || diagnoser.refresh()).await??;
        }
        Ok(())
    }

    fn followed_to(&self, checkpoint: Checkpoint) {
        self.status.send_if_modified(|status| {
            let current = IndexStatus { ready: true, n: checkpoint.n, trouble: None, ..status.clone() };
            std::mem::replace(status, current.clone()) != current
        });
    }

    /// Bounded in time: a machine that vanished sends no error, and following would stop without a word.
    async fn next_changes(&self, checkpoint: Checkpoint) -> Result<Option<Touched>, FollowError> {
        match tokio::time::timeout(Self::PATIENCE, self.changes_after(checkpoint)).await {
            Ok(changes) => changes,
            Err(_elapsed) => Err(FollowError::Silent(Self::PATIENCE)),
        }
    }

    /// The documents that the changes after a checkpoint touch, or none when there are no changes.
    async fn changes_after(&self, checkpoint: Checkpoint) -> Result<Option<Touched>, FollowError> {
        let mut snapshot = self.database.snapshot().await?;
        if change::token(&mut snapshot, checkpoint.n).await? != Some(checkpoint.token) {
            return Err(FollowError::Lost(format!(
                "change {} of the index is not in the database: it was restored, or the index is more than a week behind",
                checkpoint.n
            )));
        }
        let changes = change::after(&mut snapshot, checkpoint.n, Self::BATCH).await?;
        let Some(newest) = changes.last() else { return Ok(None) };
        let newest = Checkpoint { n: newest.n, token: newest.token };
        let changed: Vec<FailureId> = changes.iter().map(|change| change.id).collect();
        Ok(Some((touched(&mut snapshot, &changed).await?, newest)))
    }

    fn begin_rebuild(&mut self, reason: String) {
        tracing::info!(reason, "rebuilding the index");
        let rebuilding = Rebuilding { reason, done: 0, total: 0 };
        self.status.send_modify(|status| status.rebuilding = Some(rebuilding));
        let (database, index, status) = (self.database.clone(), self.index.clone(), self.status.clone());
        self.rebuilding = Some(tokio::spawn(async move {
            bulk(&database, &index, |done, total| {
                status.send_modify(|status| {
                    if let Some(rebuilding) = &mut status.rebuilding {
                        (rebuilding.done, rebuilding.total) = (done, total);
                    }
                });
            })
            .await
        }));
    }

    async fn finish_rebuild(&mut self, bulk: Result<Bulk, FollowError>) -> Result<(), FollowError> {
        let Bulk { mut rebuild, mut checkpoint } = bulk?;
        while let Some((documents, newest)) = self.next_changes(checkpoint).await? {
            rebuild = spawn_blocking(move || rebuild.apply(documents, newest).map(|()| rebuild)).await??;
            checkpoint = newest;
        }
        spawn_blocking(move || rebuild.finish(checkpoint)).await??;
        tracing::info!(n = checkpoint.n, documents = self.index.document_count(), "the index is rebuilt");
        self.must_rebuild = None;
        self.verified_at = Utc::now();
        self.status.send_modify(|status| status.rebuilding = None);
        Ok(())
    }

    /// Once a day the checksums of the index, once an hour the changes that nobody needs any more.
    async fn upkeep(&mut self) -> Result<(), FollowError> {
        let now = Utc::now();
        if now - self.verified_at > TimeDelta::days(1) {
            self.verified_at = now;
            let index = self.index.clone();
            if let Err(error) = spawn_blocking(move || index.verify()).await? {
                tracing::error!(error = &error as &dyn std::error::Error, "the index is damaged");
                self.must_rebuild = Some(error.to_string());
            }
        }
        if now - self.pruned_at > TimeDelta::hours(1) {
            self.pruned_at = now;
            let mut connection = self.database.connection().await?;
            change::prune(&mut connection).await?;
        }
        Ok(())
    }

    fn report(&self, error: &FollowError) {
        let text = error.to_string();
        let is_new = self.status.borrow().trouble.as_deref() != Some(text.as_str());
        if is_new {
            tracing::warn!(error = error as &dyn std::error::Error, "the index cannot follow the database for now");
            self.status.send_modify(|status| status.trouble = Some(text));
        }
    }
}
