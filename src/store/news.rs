//! What was published or changed of late, for feeds.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{FailureId, FailureKind, RevisionNumber, Slug};

/// A published record as a feed tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on Entry and Failure")]
pub struct News {
    pub id: FailureId,
    pub kind: FailureKind,
    pub slug: Slug,
    pub title: String,
    /// Markdown.
    pub summary: String,
    pub category: String,
    pub revision: RevisionNumber,
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

/// The published records that were saved last, the latest first.
pub async fn latest(connection: &mut Connection, limit: i64) -> Result<Vec<News>, StoreError> {
    let rows = sqlx::query!(
        "SELECT f.id, f.kind, f.slug, f.published_at, r.number, r.saved_at, r.title, r.summary, r.category
         FROM revision r
         JOIN failure f ON f.id = r.failure_id AND f.latest_revision = r.number
         WHERE f.status = 'published'
         ORDER BY r.saved_at DESC, f.id
         LIMIT $1",
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let wrong = |why| StoreError::inconsistent(format!("record {}", row.id), why);
            Ok(News {
                id: FailureId(row.id),
                kind: FailureKind::parse(&row.kind).map_err(wrong)?,
                slug: Slug::parse(&row.slug).map_err(wrong)?,
                title: row.title,
                summary: row.summary,
                category: row.category,
                revision: RevisionNumber(row.number),
                published_at: row.published_at,
                updated_at: row.saved_at,
            })
        })
        .collect()
}
