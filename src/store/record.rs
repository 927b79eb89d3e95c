//! Stories and patterns alike: reading them in bulk, and saving a revision.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::row::{RecordRow, select_records};
use super::{Connection, StoreError};
use crate::domain::{
    AccountId, Failure, FailureId, FailureKind, Line, Moment, Pattern, Record, RevisionNumber, Slug, Status, Story,
};

/// What a revision says.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the kinds are documented on FailureKind")]
pub enum Content<'a> {
    Story(&'a Story),
    Pattern(&'a Pattern),
}

/// What a revision is saved with.
#[derive(Debug, Clone, Copy)]
pub struct Saving<'a> {
    /// Why, or from where.
    pub note: Option<&'a Line>,
    /// Who, where they have an account.
    pub by: Option<AccountId>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Content<'_> {
    /// Story or pattern.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Story(_) => FailureKind::Story,
            Self::Pattern(_) => FailureKind::Pattern,
        }
    }

    /// The fields that stories and patterns share.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Story(story) => &story.failure,
            Self::Pattern(pattern) => &pattern.failure,
        }
    }
}

/// The newest revision of the record at this address, present or former: compare its slug to see whether it moved.
pub async fn find_by_slug(
    connection: &mut Connection,
    kind: FailureKind,
    slug: &Slug,
) -> Result<Option<Record>, StoreError> {
    select_records!(
        "r.number = f.latest_revision
           AND f.id = (SELECT a.failure_id FROM address a WHERE a.kind = $1 AND a.slug = $2)",
        kind.as_str(),
        slug.as_str()
    )
    .fetch_optional(connection)
    .await?
    .map(Record::try_from)
    .transpose()
}

/// The newest revision of a record.
pub async fn find(connection: &mut Connection, id: FailureId) -> Result<Option<Record>, StoreError> {
    Ok(find_all(connection, &[id]).await?.pop())
}

/// The newest revisions of some records, in no order; ids that do not exist are passed over.
pub async fn find_all(connection: &mut Connection, ids: &[FailureId]) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    records(select_records!("r.number = f.latest_revision AND f.id = ANY($1)", &ids).fetch_all(connection).await?)
}

/// The newest revisions of the records of one kind at some addresses, present or former, in no order; addresses without
/// one are passed over.
pub async fn find_by_slugs(
    connection: &mut Connection,
    kind: FailureKind,
    slugs: &[Slug],
) -> Result<Vec<Record>, StoreError> {
    let slugs: Vec<String> = slugs.iter().map(Slug::to_string).collect();
    records(
        select_records!(
            "r.number = f.latest_revision
               AND f.id IN (SELECT a.failure_id FROM address a WHERE a.kind = $1 AND a.slug = ANY($2))",
            kind.as_str(),
            &slugs
        )
        .fetch_all(connection)
        .await?,
    )
}

/// One revision of a record, whatever came after it.
pub async fn at_revision(
    connection: &mut Connection,
    id: FailureId,
    number: RevisionNumber,
) -> Result<Option<Record>, StoreError> {
    select_records!("f.id = $1 AND r.number = $2", id.0, number.0)
        .fetch_optional(connection)
        .await?
        .map(Record::try_from)
        .transpose()
}

/// A page of published records of one kind, by id after `after`: for exports and rebuilds, which read everything.
pub async fn published_after(
    connection: &mut Connection,
    kind: FailureKind,
    after: Option<FailureId>,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let after = after.map_or(Uuid::nil(), |id| id.0);
    records(
        select_records!(
            "r.number = f.latest_revision AND f.kind = $1 AND f.status = 'published' AND f.id > $2
             ORDER BY f.id
             LIMIT $3",
            kind.as_str(),
            after,
            limit
        )
        .fetch_all(connection)
        .await?,
    )
}

/// How many records are published.
pub async fn count_published(connection: &mut Connection) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM failure WHERE status = 'published'"#)
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

/// Takes an address for a record. False when another record has, or ever had, it.
///
/// The conflict names no constraint: the table has two that the same row can meet, and a save sent twice at the same
/// moment met the second one now and then (23505) while only the first was looked at.
pub async fn claim_address(
    connection: &mut Connection,
    kind: FailureKind,
    slug: &Slug,
    id: FailureId,
) -> Result<bool, StoreError> {
    sqlx::query!(
        "INSERT INTO address (kind, slug, failure_id)
         VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        kind.as_str(),
        slug.as_str(),
        id.0
    )
    .execute(&mut *connection)
    .await?;
    let owner = sqlx::query_scalar!(
        "SELECT failure_id FROM address WHERE kind = $1 AND slug = $2",
        kind.as_str(),
        slug.as_str()
    )
    .fetch_one(connection)
    .await?;
    Ok(owner == id.0)
}

/// Saves revision 1 of a new, published record. Its address must have been claimed in the same transaction.
/// False when a record of this id exists already: the same submission, sent twice.
pub async fn insert(
    connection: &mut Connection,
    id: FailureId,
    slug: &Slug,
    content: Content<'_>,
    saving: Saving<'_>,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "INSERT INTO failure (id, kind, slug, status, latest_revision, created_at, published_at)
         VALUES ($1, $2, $3, $4, 1, $5, $5)
         ON CONFLICT (id) DO NOTHING",
        id.0,
        content.kind().as_str(),
        slug.as_str(),
        Status::Published.as_str(),
        saving.at
    )
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    insert_revision(connection, id, RevisionNumber::FIRST, content, saving).await?;
    Ok(true)
}

/// Saves the revision after `base`, or says that `base` is not the newest.
pub async fn revise(
    connection: &mut Connection,
    id: FailureId,
    base: RevisionNumber,
    slug: &Slug,
    content: Content<'_>,
    saving: Saving<'_>,
) -> Result<RevisionNumber, StoreError> {
    let next = base.next();
    let updated = sqlx::query!(
        "UPDATE failure
         SET latest_revision = $3, slug = $4
         WHERE id = $1 AND latest_revision = $2",
        id.0,
        base.0,
        next.0,
        slug.as_str()
    )
    .execute(&mut *connection)
    .await?;
    if updated.rows_affected() == 0 {
        return Err(StoreError::Stale { id, base });
    }
    insert_revision(connection, id, next, content, saving).await?;
    Ok(next)
}

async fn insert_revision(
    connection: &mut Connection,
    id: FailureId,
    number: RevisionNumber,
    content: Content<'_>,
    saving: Saving<'_>,
) -> Result<(), StoreError> {
    let failure = content.failure();
    let (story, pattern) = match content {
        Content::Story(story) => (Some(story), None),
        Content::Pattern(pattern) => (None, Some(pattern)),
    };
    let incident = story.map(|story| &story.incident);
    let moments =
        incident.map_or([None; 3], |incident| [incident.started_at, incident.detected_at, incident.resolved_at]);
    let [started, detected, resolved] = moments.map(|moment| moment.map(Moment::start));
    let [started_precision, detected_precision, resolved_precision] =
        moments.map(|moment| moment.map(|moment| moment.precision().as_str()));
    sqlx::query!(
        r#"INSERT INTO revision (
               failure_id, number, saved_at, note, title, summary, symptom, root_cause, contributing_factors, remediation,
               rules, category, technologies, "references", translations, checks, provenance, aliases, organization,
               started_at, started_precision, detected_at, detected_precision, resolved_at, resolved_precision,
               duration, severity, trigger, detected_by, impact, timeline, lessons, action_items, facts, saved_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                   $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)"#,
        id.0,
        number.0,
        saving.at,
        saving.note.map(Line::as_str),
        failure.title.as_str(),
        failure.summary.as_str(),
        failure.symptom.as_str(),
        failure.root_cause.as_str(),
        &strings(&failure.contributing_factors),
        failure.remediation.as_str(),
        Json(&failure.rules) as _,
        failure.category.as_str(),
        &strings(&failure.technologies),
        Json(&failure.references) as _,
        Json(&failure.translations) as _,
        Json(&failure.checks) as _,
        failure.provenance.as_ref().map(Json) as _,
        &pattern.map(|pattern| strings(&pattern.aliases)).unwrap_or_default(),
        incident.map(|incident| incident.organization.as_str()),
        started,
        started_precision,
        detected,
        detected_precision,
        resolved,
        resolved_precision,
        incident.and_then(|incident| incident.duration.as_ref()).map(Line::as_str),
        incident.and_then(|incident| incident.severity).map(|severity| severity.as_str()),
        incident.and_then(|incident| incident.trigger).map(|trigger| trigger.as_str()),
        incident.and_then(|incident| incident.detected_by).map(|way| way.as_str()),
        incident.map_or("", |incident| incident.impact.as_str()),
        Json(story.map_or(&[][..], |story| &story.timeline)) as _,
        story.map_or("", |story| story.lessons.as_str()),
        Json(story.map_or(&[][..], |story| &story.action_items)) as _,
        Json(story.map_or(&[][..], |story| &story.facts)) as _,
        saving.by.map(|id| id.0),
    )
    .execute(&mut *connection)
    .await?;
    if let Some(story) = story {
        super::pattern::link(connection, id, number, &story.patterns).await?;
    }
    Ok(())
}

fn strings<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

pub(super) fn records(rows: Vec<RecordRow>) -> Result<Vec<Record>, StoreError> {
    rows.into_iter().map(Record::try_from).collect()
}
