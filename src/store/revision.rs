//! The history of a record.

use super::{Connection, StoreError};
use crate::domain::{FailureId, Line, Revision, RevisionNumber};

/// Every revision of a record, newest first.
pub async fn list(connection: &mut Connection, id: FailureId) -> Result<Vec<Revision>, StoreError> {
    let rows = sqlx::query!(
        "SELECT number, saved_at, title, note
         FROM revision
         WHERE failure_id = $1
         ORDER BY number DESC",
        id.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let note = row.note.as_deref().map(Line::parse).transpose();
            let note =
                note.map_err(|why| StoreError::inconsistent(format!("note of revision {} of {id}", row.number), why))?;
            Ok(Revision { number: RevisionNumber(row.number), saved_at: row.saved_at, title: row.title, note })
        })
        .collect()
}
