//! The audit log: written in the transaction of what it tells of, never changed (a trigger sees to it).

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{Actor, Deed};

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
