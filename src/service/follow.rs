//! The index follower: keeps this node's index, and the rules that run from it, equal to the database. See ARCHITECTURE.md, "PostgreSQL is the truth".

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, spawn_blocking};

use super::diagnose::{Changed, Diagnoser};
use super::rebuild::{Bulk, FollowError, bulk, touched};
use crate::domain::FailureId;
use crate::search::{Checkpoint, Document, Opened, SearchError, SearchIndex};
use crate::store::Database;
use crate::store::change::{self, Hint, Hints};

/// How this node's index stands to the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexStatus {
    /// Whether it holds a state of the database at all.
    pub ready: bool,
    /// The newest change that it holds.
    pub n: i64,
    /// The newest change whose rules run; none while they are being read after the start. A moment behind `n` at times.
    pub rules_n: Option<i64>,
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

type Verifying = JoinHandle<Result<(), SearchError>>;

/// Follows the database until it is told to stop. One per node.
pub struct Follower {
    database: Database,
    index: SearchIndex,
    diagnoser: Diagnoser,
    status: watch::Sender<IndexStatus>,
    must_rebuild: Option<String>,
    rebuilding: Option<JoinHandle<Result<Bulk, FollowError>>>,
    verifying: Option<Verifying>,
    /// Wakes the task that keeps the rules.
    rules_changed: Arc<Notify>,
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

    /// A follower for an index that has just been opened, and a view of how it stands.
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
            verifying: None,
            rules_changed: Arc::new(Notify::new()),
            // Never: what has just been opened is verified first of all.
            verified_at: DateTime::UNIX_EPOCH,
            pruned_at: now,
        };
        (follower, view)
    }

    /// Follows until `stop` is set or dropped. Trouble is logged and shown in the status, and tried again.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut hints = None;
        let keeping =
            tokio::spawn(keep_rules(self.diagnoser.clone(), Arc::clone(&self.rules_changed), self.status.clone()));
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                () = self.turn(&mut hints) => {}
            }
        }
        keeping.abort();
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
        while let Some((documents, newest)) = self.next_changes(checkpoint).await? {
            let changed = documents.iter().map(|(id, _)| *id).collect();
            let index = self.index.clone();
            spawn_blocking(move || index.apply(documents, newest)).await??;
            checkpoint = newest;
            self.followed_to(checkpoint);
            // Only now: compiling and joining rules takes longer than a change may take to be found.
            self.note(Changed::These(changed));
        }
        self.followed_to(checkpoint);
        Ok(())
    }

    fn note(&self, changed: Changed) {
        self.diagnoser.note(changed);
        self.rules_changed.notify_one();
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
        let mut changes = change::from(&mut snapshot, checkpoint.n, Self::BATCH).await?;
        if changes.first().is_none_or(|known| (known.n, known.token) != (checkpoint.n, checkpoint.token)) {
            return Err(FollowError::Lost(format!(
                "change {} of the index is not in the database: it was restored, or the index is more than a week behind",
                checkpoint.n
            )));
        }
        changes.remove(0);
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
        self.verifying = None;
        self.verified_at = Utc::now();
        self.note(Changed::Everything);
        self.status.send_modify(|status| status.rebuilding = None);
        Ok(())
    }

    /// At the start, once a day and whenever something looks wrong the checksums of the index; once an hour the changes
    /// that nobody needs any more.
    async fn upkeep(&mut self) -> Result<(), FollowError> {
        let now = Utc::now();
        if let Some(verifying) = self.verifying.take_if(|task| task.is_finished())
            && let Err(error) = verifying.await?
        {
            tracing::error!(error = &error as &dyn std::error::Error, "the index is damaged");
            self.must_rebuild = Some(error.to_string());
        }
        let since = now - self.verified_at;
        let is_due = since > TimeDelta::days(1) || since > TimeDelta::minutes(1) && self.index.take_suspicion();
        if is_due && self.verifying.is_none() && self.must_rebuild.is_none() {
            self.verified_at = now;
            let index = self.index.clone();
            self.verifying = Some(spawn_blocking(move || index.verify()));
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

/// Brings the rules after the index whenever that has changed, several changes at a time, and never takes more than a
/// quarter of a core for it.
async fn keep_rules(diagnoser: Diagnoser, changed: Arc<Notify>, status: watch::Sender<IndexStatus>) {
    loop {
        let (began, checkpoint) = (Instant::now(), diagnoser.index().checkpoint());
        let reader = diagnoser.clone();
        match spawn_blocking(move || reader.refresh()).await {
            Ok(Ok(())) => {
                let n = checkpoint.map(|checkpoint| checkpoint.n);
                status.send_if_modified(|status| std::mem::replace(&mut status.rules_n, n) != n);
            }
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot read the rules from the index");
                tokio::time::sleep(Follower::POLL).await;
            }
            Err(panicked) => tracing::error!(error = &panicked as &dyn std::error::Error, "reading the rules"),
        }
        tokio::time::sleep(3 * began.elapsed()).await;
        if !diagnoser.is_behind() {
            changed.notified().await;
        }
    }
}
