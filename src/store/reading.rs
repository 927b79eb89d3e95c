//! What members have read, and what changed since.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{AccountId, FailureId, FailureKind, RevisionNumber, Slug};

/// Which revision somebody read last, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on the type")]
pub struct Reading {
    pub revision: RevisionNumber,
    pub at: DateTime<Utc>,
}

/// A record that changed since somebody read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRecord {
    /// Story or pattern.
    pub kind: FailureKind,
    /// Its present address.
    pub slug: Slug,
    /// Its present title.
    pub title: String,
    /// What was read.
    pub read: Reading,
    /// What there is now.
    pub newest: RevisionNumber,
    /// When that was saved.
    pub saved_at: DateTime<Utc>,
    /// What is noted of it.
    pub note: Option<String>,
}

impl ChangedRecord {
    /// How many revisions are new.
    pub fn count(&self) -> u64 {
        u64::from(self.newest.0.abs_diff(self.read.revision.0))
    }
}

/// What somebody read last of a record.
pub async fn last(
    connection: &mut Connection,
    account: AccountId,
    id: FailureId,
) -> Result<Option<Reading>, StoreError> {
    let row =
        sqlx::query!("SELECT revision, at FROM reading WHERE account_id = $1 AND failure_id = $2", account.0, id.0)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|row| Reading { revision: RevisionNumber(row.revision), at: row.at }))
}

/// Remembers that somebody read a revision. An earlier one than was read already changes nothing.
pub async fn remember(
    connection: &mut Connection,
    account: AccountId,
    id: FailureId,
    reading: Reading,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO reading (account_id, failure_id, revision, at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, failure_id) DO UPDATE
         SET revision = EXCLUDED.revision, at = EXCLUDED.at
         WHERE reading.revision <= EXCLUDED.revision",
        account.0,
        id.0,
        reading.revision.0,
        reading.at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The published records that changed since somebody read them, the latest change first.
pub async fn changed(
    connection: &mut Connection,
    account: AccountId,
    limit: i64,
) -> Result<Vec<ChangedRecord>, StoreError> {
    let rows = sqlx::query!(
        "SELECT f.id, f.kind, f.slug, f.latest_revision, r.title, r.saved_at, r.note, g.revision, g.at
         FROM reading g
         JOIN failure f ON f.id = g.failure_id AND f.latest_revision > g.revision
         JOIN revision r ON r.failure_id = f.id AND r.number = f.latest_revision
         WHERE g.account_id = $1 AND f.status = 'published'
         ORDER BY r.saved_at DESC, f.id
         LIMIT $2",
        account.0,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let wrong = |why| StoreError::inconsistent(format!("record {}", row.id), why);
            Ok(ChangedRecord {
                kind: FailureKind::parse(&row.kind).map_err(wrong)?,
                slug: Slug::parse(&row.slug).map_err(wrong)?,
                title: row.title,
                read: Reading { revision: RevisionNumber(row.revision), at: row.at },
                newest: RevisionNumber(row.latest_revision),
                saved_at: row.saved_at,
                note: row.note,
            })
        })
        .collect()
}

/// Takes everything that was ever read as read as it stood at an instant: what was saved after it is still new.
pub async fn catch_up(
    connection: &mut Connection,
    account: AccountId,
    seen: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE reading
         SET revision = newer.number, at = $3
         FROM (SELECT r.failure_id, max(r.number) AS number
               FROM reading g
               JOIN revision r ON r.failure_id = g.failure_id
               WHERE g.account_id = $1 AND r.number > g.revision AND r.saved_at <= $2
               GROUP BY r.failure_id) AS newer
         WHERE reading.account_id = $1 AND reading.failure_id = newer.failure_id",
        account.0,
        seen,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}
