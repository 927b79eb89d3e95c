//! Pictures: their bytes, whose record they belong to, and who may see them.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{AccountId, FailureId, PictureFormat, PictureId};

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPicture {
    /// Stable for ever; what it shows never changes.
    pub id: PictureId,
    /// The record, published or yet to be, that it was added to.
    pub failure: FailureId,
    /// What the bytes are.
    pub format: PictureFormat,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Who may see a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Whoever may read: its record is published.
    Published,
    /// Whoever asks has added it, or writes a draft of its record.
    Own,
    /// Only those who review.
    Others,
}

/// The pictures of a record, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// How many.
    pub count: i64,
    /// All together.
    pub bytes: i64,
}

/// Waits until nobody else adds pictures to a record, and keeps others waiting until the transaction ends.
pub async fn lock(connection: &mut Connection, failure: FailureId) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('picture ' || $1::text, 0))", failure.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// The picture of a record that has these bytes, by their SHA-256.
pub async fn same(
    connection: &mut Connection,
    failure: FailureId,
    digest: &[u8; 32],
) -> Result<Option<PictureId>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM picture WHERE failure_id = $1 AND digest = $2 ORDER BY id LIMIT 1",
        failure.0,
        &digest[..]
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(PictureId))
}

/// How many pictures a record has.
pub async fn held(connection: &mut Connection, failure: FailureId) -> Result<Held, StoreError> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "count!", coalesce(sum(octet_length(bytes)), 0) AS "bytes!"
           FROM picture
           WHERE failure_id = $1"#,
        failure.0
    )
    .fetch_one(connection)
    .await?;
    Ok(Held { count: row.count, bytes: row.bytes })
}

/// Whether somebody else is writing this record, which nobody has published yet, or it was withdrawn.
pub async fn is_of_others(
    connection: &mut Connection,
    failure: FailureId,
    account: Option<AccountId>,
) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"SELECT CASE WHEN f.id IS NULL
                       THEN EXISTS (SELECT 1 FROM draft d
                                    WHERE d.failure_id = $1 AND d.author_id IS DISTINCT FROM $2)
                       ELSE f.status <> 'published'
                  END AS "found!"
           FROM (SELECT 1) AS always
           LEFT JOIN failure f ON f.id = $1"#,
        failure.0,
        account.map(|id| id.0)
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// Keeps a picture. False when there is one of this id.
pub async fn insert(
    connection: &mut Connection,
    picture: &StoredPicture,
    digest: &[u8; 32],
    by: Option<AccountId>,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "INSERT INTO picture (id, failure_id, digest, media_type, width, height, bytes, added_by, added_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO NOTHING",
        picture.id.0,
        picture.failure.0,
        &digest[..],
        picture.format.as_str(),
        pixels(picture.width)?,
        pixels(picture.height)?,
        picture.bytes,
        by.map(|id| id.0),
        at
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Who may see a picture, as it looks to somebody; none if there is no such picture.
pub async fn standing(
    connection: &mut Connection,
    id: PictureId,
    account: Option<AccountId>,
) -> Result<Option<Standing>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT coalesce(f.status = 'published', false) AS "is_published!",
                  coalesce(p.added_by = $2, false)
                      OR EXISTS (SELECT 1 FROM draft d
                                 WHERE d.failure_id = p.failure_id AND d.author_id = $2) AS "is_own!"
           FROM picture p
           LEFT JOIN failure f ON f.id = p.failure_id
           WHERE p.id = $1"#,
        id.0,
        account.map(|id| id.0)
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| match (row.is_published, row.is_own) {
        (true, _) => Standing::Published,
        (false, true) => Standing::Own,
        (false, false) => Standing::Others,
    }))
}

/// A picture, whoever may see it.
pub async fn find(connection: &mut Connection, id: PictureId) -> Result<Option<StoredPicture>, StoreError> {
    let row = sqlx::query!(
        "SELECT failure_id, media_type, width, height, bytes
         FROM picture
         WHERE id = $1",
        id.0
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let format = PictureFormat::parse(&row.media_type)
        .map_err(|why| StoreError::inconsistent(format!("format of picture {id}"), why))?;
    let (width, height) = (row.width.unsigned_abs(), row.height.unsigned_abs());
    Ok(Some(StoredPicture { id, failure: FailureId(row.failure_id), format, width, height, bytes: row.bytes }))
}

fn pixels(side: u32) -> Result<i32, StoreError> {
    i32::try_from(side).map_err(|why| StoreError::inconsistent("side of a picture", why))
}
