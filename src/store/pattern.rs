//! Patterns, and which stories are instances of them.

use std::collections::HashMap;

use sqlx::types::Json;
use uuid::Uuid;

use super::{Connection, StoreError, record};
use crate::domain::{Entry, FailureId, FailureKind, Pattern, Provenance, Record, RevisionNumber, Slug};

/// The pattern at this address, present or former: compare its slug to see whether it moved.
pub async fn find_by_slug(connection: &mut Connection, slug: &Slug) -> Result<Option<Entry<Pattern>>, StoreError> {
    match record::find_by_slug(connection, FailureKind::Pattern, slug).await? {
        Some(Record::Story(entry)) => Err(StoreError::inconsistent(format!("pattern {}", entry.id), "it is a story")),
        Some(Record::Pattern(entry)) => Ok(Some(entry)),
        None => Ok(None),
    }
}

/// A pattern's name, for choosing one in a form and for linking to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on Entry and Pattern")]
pub struct PatternName {
    pub id: FailureId,
    pub slug: String,
    pub title: String,
}

/// The names of all published patterns, by title.
pub async fn names(connection: &mut Connection) -> Result<Vec<PatternName>, StoreError> {
    let names = sqlx::query_as!(
        NameRow,
        "SELECT f.id, f.slug, r.title
         FROM failure f
         JOIN revision r ON r.failure_id = f.id AND r.number = f.latest_revision
         WHERE f.kind = 'pattern' AND f.status = 'published'
         ORDER BY r.title, f.id"
    )
    .fetch_all(connection)
    .await?;
    Ok(names.into_iter().map(PatternName::from).collect())
}

/// The ids of the patterns at some addresses, present or former; addresses without one are not in the answer.
pub async fn ids(connection: &mut Connection, slugs: &[Slug]) -> Result<HashMap<String, FailureId>, StoreError> {
    let slugs: Vec<String> = slugs.iter().map(Slug::to_string).collect();
    let rows = sqlx::query!("SELECT slug, failure_id FROM address WHERE kind = 'pattern' AND slug = ANY($1)", &slugs)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.slug, FailureId(row.failure_id))).collect())
}

/// Every address that a pattern has or had; and, with its provenance, each one that a file was imported to.
pub async fn origins(connection: &mut Connection) -> Result<Vec<(Slug, Option<Provenance>)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT slug AS "slug!", NULL::jsonb AS "provenance: Json<Provenance>"
           FROM address
           WHERE kind = 'pattern'
           UNION ALL
           SELECT i.slug, r.provenance
           FROM imported_file i
           JOIN failure f ON f.id = i.failure_id
           JOIN revision r ON r.failure_id = f.id AND r.number = f.latest_revision
           WHERE i.kind = 'pattern'"#
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let slug = Slug::parse(&row.slug)
                .map_err(|why| StoreError::inconsistent(format!("address patterns/{}", row.slug), why))?;
            Ok((slug, row.provenance.map(|provenance| provenance.0)))
        })
        .collect()
}

/// How many published stories are instances of each of some patterns, of those included that were merged into it; a
/// pattern without any is not in the answer.
pub async fn instance_counts(
    connection: &mut Connection,
    patterns: &[FailureId],
) -> Result<HashMap<FailureId, u32>, StoreError> {
    let patterns: Vec<Uuid> = patterns.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"WITH RECURSIVE named AS (
               SELECT pattern AS kept, pattern AS id
               FROM unnest($1::uuid[]) AS pattern
               UNION
               SELECT named.kept, f.id
               FROM named
               JOIN failure f ON f.merged_into = named.id
           )
           SELECT named.kept AS "kept!", count(DISTINCT f.id) AS "count!"
           FROM named
           JOIN revision_pattern rp ON rp.pattern_id = named.id
           JOIN failure f ON f.id = rp.failure_id AND f.latest_revision = rp.number
           WHERE f.status = 'published'
           GROUP BY named.kept"#,
        &patterns
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (FailureId(row.kept), u32::try_from(row.count).unwrap_or(u32::MAX))).collect())
}

/// The stories that are instances of any of some patterns, or of one that was merged into it.
pub async fn instances(connection: &mut Connection, patterns: &[FailureId]) -> Result<Vec<FailureId>, StoreError> {
    let patterns: Vec<Uuid> = patterns.iter().map(|id| id.0).collect();
    let ids = sqlx::query_scalar!(
        "WITH RECURSIVE named AS (
             SELECT unnest($1::uuid[]) AS id
             UNION
             SELECT f.id
             FROM named
             JOIN failure f ON f.merged_into = named.id
         )
         SELECT DISTINCT f.id
         FROM revision_pattern rp
         JOIN failure f ON f.id = rp.failure_id AND f.latest_revision = rp.number
         WHERE rp.pattern_id = ANY(ARRAY(SELECT id FROM named))",
        &patterns
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(FailureId).collect())
}

/// The records whose index entry a change of some others touches: the stories that are instances of a pattern, which are
/// found by its words, and the patterns that any revision of a story ever named, which count their instances.
pub async fn touched_by(connection: &mut Connection, changed: &[FailureId]) -> Result<Vec<FailureId>, StoreError> {
    let changed: Vec<Uuid> = changed.iter().map(|id| id.0).collect();
    let ids = sqlx::query_scalar!(
        r#"WITH RECURSIVE named AS (
               SELECT unnest($1::uuid[]) AS id
               UNION
               SELECT f.id
               FROM named
               JOIN failure f ON f.merged_into = named.id
           )
           SELECT f.id AS "id!"
           FROM revision_pattern rp
           JOIN failure f ON f.id = rp.failure_id AND f.latest_revision = rp.number
           WHERE rp.pattern_id = ANY(ARRAY(SELECT id FROM named))
           UNION
           SELECT CASE WHEN p.merged_into IS NULL THEN p.id ELSE kept_record(p.id) END
           FROM revision_pattern rp
           JOIN failure p ON p.id = rp.pattern_id
           WHERE rp.failure_id = ANY($1)"#,
        &changed
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(FailureId).collect())
}

/// Records which patterns a revision names. The slugs must exist; the caller has looked.
pub(super) async fn link(
    connection: &mut Connection,
    story: FailureId,
    number: RevisionNumber,
    patterns: &[Slug],
) -> Result<(), StoreError> {
    let slugs: Vec<String> = patterns.iter().map(Slug::to_string).collect();
    sqlx::query!(
        "INSERT INTO revision_pattern (failure_id, number, position, pattern_id)
         SELECT $1, $2, min(named.position)::integer, a.failure_id
         FROM unnest($3::text[]) WITH ORDINALITY AS named (slug, position)
         JOIN address a ON a.kind = 'pattern' AND a.slug = named.slug
         GROUP BY a.failure_id",
        story.0,
        number.0,
        &slugs
    )
    .execute(connection)
    .await?;
    Ok(())
}

struct NameRow {
    id: Uuid,
    slug: String,
    title: String,
}

impl From<NameRow> for PatternName {
    fn from(row: NameRow) -> Self {
        Self { id: FailureId(row.id), slug: row.slug, title: row.title }
    }
}
