//! What an import brought in, so that the next one can tell new, changed and edited records apart.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{FailureId, FailureKind, RevisionNumber, Slug};

/// What is noted of the first revision that came from a file.
pub const NOTE: &str = "Imported from its file";

/// What is noted of a later one.
pub const NOTE_AGAIN: &str = "Imported from its file again";

/// A file as it was when it was last imported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented in migrations/0003_imported_files.sql")]
pub struct ImportedFile {
    pub kind: FailureKind,
    pub slug: Slug,
    pub id: FailureId,
    pub revision: RevisionNumber,
    pub digest: String,
}

/// All files that were ever imported.
pub async fn list(connection: &mut Connection) -> Result<Vec<ImportedFile>, StoreError> {
    let rows = sqlx::query!("SELECT kind, slug, failure_id, revision, digest FROM imported_file")
        .fetch_all(connection)
        .await?;
    rows.into_iter()
        .map(|row| {
            let what = format!("imported file {} {}", row.kind, row.slug);
            let parsed = FailureKind::parse(&row.kind).and_then(|kind| Ok((kind, Slug::parse(&row.slug)?)));
            let (kind, slug) = parsed.map_err(|why| StoreError::inconsistent(what, why))?;
            Ok(ImportedFile {
                kind,
                slug,
                id: FailureId(row.failure_id),
                revision: RevisionNumber(row.revision),
                digest: row.digest,
            })
        })
        .collect()
}

/// Remembers a file as imported now.
pub async fn remember(connection: &mut Connection, file: &ImportedFile, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO imported_file (kind, slug, failure_id, revision, digest, imported_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (kind, slug) DO UPDATE
         SET failure_id = excluded.failure_id, revision = excluded.revision, digest = excluded.digest,
             imported_at = excluded.imported_at",
        file.kind.as_str(),
        file.slug.as_str(),
        file.id.0,
        file.revision.0,
        file.digest,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets one import at a time touch the library, across nodes; held until the transaction ends.
pub async fn lock(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::query!("LOCK TABLE imported_file IN SHARE ROW EXCLUSIVE MODE").execute(connection).await?;
    Ok(())
}
