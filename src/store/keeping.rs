//! What became of records after they were published: withdrawn, merged into another, published again.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{AccountId, FailureId, FailureKind, Line, Slug, Status};

/// How a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The record.
    pub id: FailureId,
    /// Story or pattern.
    pub kind: FailureKind,
    /// Its present address.
    pub slug: Slug,
    /// What became of it; nothing where it is published.
    pub withdrawal: Option<Withdrawal>,
}

/// That a record was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// Who did it, as people are told.
    pub by: String,
    /// Where its readers are led, where it was merged into another: what is left at the end of all merges.
    pub kept: Option<Kept>,
}

/// A record that another was merged into. It is of the same kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on Entry and Failure")]
pub struct Kept {
    pub id: FailureId,
    pub slug: Slug,
    pub title: String,
}

/// What a record is withdrawn with.
#[derive(Debug, Clone, Copy)]
pub struct Withdrawing<'a> {
    /// Why.
    pub reason: &'a Line,
    /// Who, where they have an account.
    pub by: Option<AccountId>,
    /// When.
    pub at: DateTime<Utc>,
    /// The record that says the same, where there is one.
    pub merged_into: Option<FailureId>,
}

/// Waits until nobody else withdraws, merges or reinstates, and keeps it so to the end of the transaction. Several merges
/// that each look right could close a circle together.
pub async fn one_at_a_time(connection: &mut Connection) -> Result<(), StoreError> {
    // Any number that nothing else locks.
    sqlx::query!(r#"SELECT pg_advisory_xact_lock(6155120008) AS "locked: ()""#).execute(connection).await?;
    Ok(())
}

/// How a record stands.
pub async fn standing(connection: &mut Connection, id: FailureId) -> Result<Option<Standing>, StoreError> {
    let Some(row) = sqlx::query!(
        r#"SELECT f.kind, f.slug, f.status, f.withdrawn_at, f.withdrawal_reason, f.withdrawn_by, a.name AS "name?",
                  k.id AS "kept_id?", k.slug AS "kept_slug?", kr.title AS "kept_title?"
           FROM failure f
           LEFT JOIN account a ON a.id = f.withdrawn_by
           LEFT JOIN failure k ON f.merged_into IS NOT NULL AND k.id = kept_record(f.id)
           LEFT JOIN revision kr ON kr.failure_id = k.id AND kr.number = k.latest_revision
           WHERE f.id = $1"#,
        id.0
    )
    .fetch_optional(connection)
    .await?
    else {
        return Ok(None);
    };
    let wrong = |why| StoreError::inconsistent(format!("record {id}"), why);
    let status = Status::parse(&row.status).map_err(wrong)?;
    let kept = match (row.kept_id, row.kept_slug, row.kept_title) {
        (Some(id), Some(slug), Some(title)) => {
            Some(Kept { id: FailureId(id), slug: Slug::parse(&slug).map_err(wrong)?, title })
        }
        _ => None,
    };
    let by = match (row.name, row.withdrawn_by) {
        (Some(name), _) => name,
        (None, Some(_)) => "a former member".to_owned(),
        (None, None) => "this machine".to_owned(),
    };
    let withdrawn_at = row.withdrawn_at.filter(|_| status == Status::Withdrawn);
    let reason = row.withdrawal_reason.unwrap_or_default();
    Ok(Some(Standing {
        id,
        kind: FailureKind::parse(&row.kind).map_err(wrong)?,
        slug: Slug::parse(&row.slug).map_err(wrong)?,
        withdrawal: withdrawn_at.map(|at| Withdrawal { at, reason, by, kept }),
    }))
}

/// Withdraws a published record. False where it is not published.
pub async fn withdraw(
    connection: &mut Connection,
    id: FailureId,
    withdrawing: Withdrawing<'_>,
) -> Result<bool, StoreError> {
    let updated = sqlx::query!(
        "UPDATE failure
         SET status = 'withdrawn', withdrawn_at = $2, withdrawal_reason = $3, withdrawn_by = $4, merged_into = $5
         WHERE id = $1 AND status = 'published'",
        id.0,
        withdrawing.at,
        withdrawing.reason.as_str(),
        withdrawing.by.map(|id| id.0),
        withdrawing.merged_into.map(|id| id.0)
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Publishes a withdrawn record again. False where it is not withdrawn.
pub async fn reinstate(connection: &mut Connection, id: FailureId) -> Result<bool, StoreError> {
    let updated = sqlx::query!(
        "UPDATE failure
         SET status = 'published', withdrawn_at = NULL, withdrawal_reason = NULL, withdrawn_by = NULL, merged_into = NULL
         WHERE id = $1 AND status = 'withdrawn'",
        id.0
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Has every index read a record again that did not change itself: one more or less counts for it.
pub async fn touch(connection: &mut Connection, id: FailureId) -> Result<(), StoreError> {
    sqlx::query!("UPDATE failure SET status = status WHERE id = $1", id.0).execute(connection).await?;
    Ok(())
}
