//! Letters that wait to be sent, and the office that sends them.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Connection, StoreError};
use crate::domain::Email;

/// A letter on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is marked by.
    pub id: Uuid,
    /// Who gets it.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// How often it has been tried, this time included.
    pub attempts: i32,
}

/// How long an office counts as open after it was last kept up: as long as a letter is tried.
const OPEN: TimeDelta = TimeDelta::days(1);

/// The public address that links in letters begin with; none while nobody sends letters.
pub async fn office(connection: &mut Connection, now: DateTime<Utc>) -> Result<Option<String>, StoreError> {
    let site = sqlx::query_scalar!("SELECT site FROM post_office WHERE seen_at > $1", now - OPEN)
        .fetch_optional(connection)
        .await?;
    Ok(site)
}

/// Says that letters are sent from here, and what their links begin with.
pub async fn keep_office(connection: &mut Connection, site: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO post_office (site, seen_at)
         VALUES ($1, $2)
         ON CONFLICT (one) DO UPDATE SET site = $1, seen_at = $2",
        site,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a letter to be sent at once.
pub async fn insert(
    connection: &mut Connection,
    recipient: &Email,
    (subject, body): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO letter (id, recipient, subject, body, created_at, next_at)
         VALUES ($1, $2, $3, $4, $5, $5)",
        Uuid::now_v7(),
        recipient.as_str(),
        subject,
        body,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes one letter that is due. It is due again when the time that its try may take is over, longer after each try, so
/// that what a node has in hand when it dies is not lost. Nodes never take the same one.
pub async fn take(connection: &mut Connection, now: DateTime<Utc>) -> Result<Option<Letter>, StoreError> {
    let letter = sqlx::query_as!(
        Letter,
        "UPDATE letter
         SET attempts = attempts + 1, next_at = $1 + LEAST(interval '4 hours', interval '2 minutes' * 2 ^ LEAST(attempts, 10))
         WHERE id = (
             SELECT id
             FROM letter
             WHERE sent_at IS NULL AND failed_at IS NULL AND next_at <= $1
             ORDER BY next_at
             LIMIT 1
             FOR UPDATE SKIP LOCKED
         )
         RETURNING id, recipient, subject, body, created_at, attempts",
        now
    )
    .fetch_optional(connection)
    .await?;
    Ok(letter)
}

/// What came of a letter in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A server took it.
    Sent,
    /// It is not tried any more.
    Failed,
}

/// Marks a letter that is done with. Its text is forgotten: it may hold a link that lets somebody in.
pub async fn finish(connection: &mut Connection, id: Uuid, end: End, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE letter
         SET body = '', sent_at = CASE WHEN $2 THEN $3::timestamptz END, failed_at = CASE WHEN $2 THEN NULL ELSE $3 END
         WHERE id = $1",
        id,
        end == End::Sent,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets letters that were written before a time, whatever became of them.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM letter WHERE created_at < $1", before).execute(connection).await?;
    Ok(())
}
