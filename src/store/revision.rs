//! The history of a record.

use super::imported_file::{NOTE, NOTE_AGAIN};
use super::{Connection, StoreError};
use crate::domain::{FailureId, Line, Revision, RevisionNumber, SavedBy};

/// Every revision of a record, newest first.
pub async fn list(connection: &mut Connection, id: FailureId) -> Result<Vec<Revision>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT r.number, r.saved_at, r.title, r.note, r.saved_by, a.name AS "name?"
           FROM revision r
           LEFT JOIN account a ON a.id = r.saved_by
           WHERE r.failure_id = $1
           ORDER BY r.number DESC"#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let note = row.note.as_deref().map(Line::parse).transpose();
            let note =
                note.map_err(|why| StoreError::inconsistent(format!("note of revision {} of {id}", row.number), why))?;
            let by = match (row.name, row.saved_by) {
                (Some(name), _) => SavedBy::Member(name),
                (None, Some(_)) => SavedBy::FormerMember,
                (None, None) if matches!(row.note.as_deref(), Some(NOTE | NOTE_AGAIN)) => SavedBy::Import,
                (None, None) => SavedBy::ThisMachine,
            };
            Ok(Revision { number: RevisionNumber(row.number), saved_at: row.saved_at, title: row.title, note, by })
        })
        .collect()
}
