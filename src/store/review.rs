//! Drafts on their way through review: what waits, what was said about it, and where it stands.

use super::{Connection, StoreError, draft};
use crate::domain::{AccountId, Draft, DraftId, Email, FailureId, ReviewEvent, ReviewStep, Slug, Status};
use chrono::{DateTime, Utc};

/// A draft in the queue: what a list shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The draft.
    pub id: DraftId,
    /// What it is called so far; may be empty.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// The story that it changes; none for a new one.
    pub changes: Option<Slug>,
    /// When it was handed in.
    pub since: DateTime<Utc>,
}

/// What is added to the conversation about a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// What was done.
    pub step: ReviewStep,
    /// The path of the field that it is about; none for the whole.
    pub field: Option<&'a str>,
    /// What was said; may be empty.
    pub words: &'a str,
}

/// A draft of a new story that was handed in under the id that the story will have.
pub async fn find_new(connection: &mut Connection, failure: FailureId) -> Result<Option<Draft>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT id
         FROM draft
         WHERE failure_id = $1 AND base IS NULL
         ORDER BY id
         LIMIT 1",
        failure.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    match id {
        Some(id) => draft::find(connection, DraftId(id)).await,
        None => Ok(None),
    }
}

/// What waits for a reviewer, longest first.
pub async fn queue(connection: &mut Connection, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.title, d.author_name, d.base, d.saved_at, d.submitted_at, f.slug AS "slug?"
           FROM draft d
           LEFT JOIN failure f ON f.id = d.failure_id
           WHERE d.status = 'in_review'
           ORDER BY d.submitted_at, d.id
           LIMIT $1"#,
        limit
    )
    .fetch_all(connection)
    .await?;
    let waiting = rows.into_iter().map(|row| {
        let slug = row.slug.filter(|_| row.base.is_some()).map(|slug| Slug::parse(&slug)).transpose();
        let changes = slug.map_err(|why| StoreError::inconsistent(format!("address of draft {}", row.id), why))?;
        Ok(Waiting {
            id: DraftId(row.id),
            title: row.title,
            author: row.author_name,
            changes,
            since: row.submitted_at.unwrap_or(row.saved_at),
        })
    });
    waiting.collect()
}

/// How many drafts wait for a reviewer.
pub async fn count_waiting(connection: &mut Connection) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM draft WHERE status = 'in_review'"#)
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

/// The conversation about a draft, in the order of time.
pub async fn events(connection: &mut Connection, id: DraftId) -> Result<Vec<ReviewEvent>, StoreError> {
    let rows = sqlx::query!(
        "SELECT n, at, actor_id, actor_name, kind, field, words
         FROM review_event
         WHERE draft_id = $1
         ORDER BY n",
        id.0
    )
    .fetch_all(connection)
    .await?;
    let events = rows.into_iter().map(|row| {
        let step = ReviewStep::parse(&row.kind)
            .map_err(|why| StoreError::inconsistent(format!("event {} of draft {id}", row.n), why))?;
        Ok(ReviewEvent {
            n: row.n,
            at: row.at,
            actor: row.actor_id.map(AccountId),
            actor_name: row.actor_name,
            step,
            field: row.field,
            words: row.words,
        })
    });
    events.collect()
}

/// Adds what somebody did, by account and name, to the conversation, and gives its number. The draft has to be held.
pub async fn say(
    connection: &mut Connection,
    id: DraftId,
    (account, name): (Option<AccountId>, &str),
    said: Said<'_>,
    now: DateTime<Utc>,
) -> Result<i32, StoreError> {
    let n = sqlx::query_scalar!(
        "INSERT INTO review_event (draft_id, n, at, actor_id, actor_name, kind, field, words)
         SELECT $1, COALESCE(MAX(n), 0) + 1, $2::timestamptz, $3::uuid, $4::text, $5::text, $6::text, $7::text
         FROM review_event
         WHERE draft_id = $1
         RETURNING n",
        id.0,
        now,
        account.map(|id| id.0),
        name,
        said.step.as_str(),
        said.field,
        said.words
    )
    .fetch_one(connection)
    .await?;
    Ok(n)
}

/// Moves a draft on from where it was read. False when it is not there any more.
pub async fn move_on(
    connection: &mut Connection,
    draft: &Draft,
    status: Status,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let moved = sqlx::query!(
        "UPDATE draft
         SET status = $4, submitted_at = CASE WHEN $4 = 'in_review' THEN $5 ELSE submitted_at END
         WHERE id = $1 AND status = $2 AND version = $3",
        draft.id.0,
        draft.status.as_str(),
        draft.version.0,
        status.as_str(),
        now
    )
    .execute(connection)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// The most reviewers that are written to about one draft.
const MOST_REVIEWERS: i64 = 200;

/// Where the reviewers are written to who want to be, but for one of them.
pub async fn reviewers(connection: &mut Connection, except: Option<AccountId>) -> Result<Vec<Email>, StoreError> {
    let rows = sqlx::query_scalar!(
        "SELECT email
         FROM account
         WHERE role IN ('editor', 'admin') AND notified AND disabled_at IS NULL AND id IS DISTINCT FROM $1
         ORDER BY id
         LIMIT $2",
        except.map(|id| id.0),
        MOST_REVIEWERS
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|email| address(email)).collect()
}

/// Where somebody is written to, if they want to be.
pub async fn address_of(connection: &mut Connection, account: AccountId) -> Result<Option<Email>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT email
         FROM account
         WHERE id = $1 AND notified AND disabled_at IS NULL",
        account.0
    )
    .fetch_optional(connection)
    .await?;
    found.map(|email| address(&email)).transpose()
}

fn address(email: &str) -> Result<Email, StoreError> {
    Email::parse(email).map_err(|why| StoreError::inconsistent("address of an account", why))
}
