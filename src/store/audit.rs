//! The audit log: written in the transaction of what it tells of, never changed (a trigger sees to it).

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{AccountId, Actor, AuditLine, Deed};

/// Adds a line. `subject` is what it was done to; `detail` says more and never holds a secret.
pub async fn append(
    connection: &mut Connection,
    actor: &Actor,
    deed: Deed,
    subject: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO audit (at, actor_id, actor_name, action, subject, detail)
         VALUES ($1, $2, $3, $4, $5, $6)",
        now,
        actor.account().map(|id| id.0),
        actor.name(),
        deed.as_str(),
        subject,
        detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which lines are looked for; without anything all are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A part of the name of whoever did it, in any case.
    pub who: Option<String>,
    /// What was done.
    pub deed: Option<Deed>,
    /// A part of what it was done to, in any case.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Only before.
    pub until: Option<DateTime<Utc>>,
}

/// The lines that are looked for, newest first, of those with a number below `below` where there is one.
pub async fn newest(
    connection: &mut Connection,
    wanted: &Wanted,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditLine>, StoreError> {
    let rows = sqlx::query_as!(
        AuditRow,
        "SELECT n, at, actor_id, actor_name, action, subject, detail
         FROM audit
         WHERE ($1::text IS NULL OR position(lower($1) IN lower(actor_name)) > 0)
           AND ($2::text IS NULL OR action = $2)
           AND ($3::text IS NULL OR position(lower($3) IN lower(subject)) > 0)
           AND ($4::timestamptz IS NULL OR at >= $4)
           AND ($5::timestamptz IS NULL OR at < $5)
           AND ($6::bigint IS NULL OR n < $6)
         ORDER BY n DESC
         LIMIT $7",
        wanted.who,
        wanted.deed.map(Deed::as_str),
        wanted.subject,
        wanted.from,
        wanted.until,
        below,
        limit
    )
    .fetch_all(connection)
    .await?;
    lines(rows)
}

/// The lines after number `after` up to number `last`, oldest first: for an export, which reads everything in pages.
pub async fn between(
    connection: &mut Connection,
    after: i64,
    last: i64,
    limit: i64,
) -> Result<Vec<AuditLine>, StoreError> {
    let rows = sqlx::query_as!(
        AuditRow,
        "SELECT n, at, actor_id, actor_name, action, subject, detail
         FROM audit
         WHERE n > $1 AND n <= $2
         ORDER BY n
         LIMIT $3",
        after,
        last,
        limit
    )
    .fetch_all(connection)
    .await?;
    lines(rows)
}

/// The number of the newest line; 0 where there is none.
pub async fn last(connection: &mut Connection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT coalesce(max(n), 0) AS "last!" FROM audit"#).fetch_one(connection).await?)
}

struct AuditRow {
    n: i64,
    at: DateTime<Utc>,
    actor_id: Option<uuid::Uuid>,
    actor_name: String,
    action: String,
    subject: String,
    detail: String,
}

fn lines(rows: Vec<AuditRow>) -> Result<Vec<AuditLine>, StoreError> {
    rows.into_iter()
        .map(|row| {
            let deed = Deed::parse(&row.action);
            let deed = deed.map_err(|why| StoreError::inconsistent(format!("line {} of the audit log", row.n), why))?;
            Ok(AuditLine {
                n: row.n,
                at: row.at,
                actor: row.actor_id.map(AccountId),
                actor_name: row.actor_name,
                deed,
                subject: row.subject,
                detail: row.detail,
            })
        })
        .collect()
}
