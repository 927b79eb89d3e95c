//! Drafts: what is being written, as the form was sent. Each belongs to whoever began it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Connection, StoreError};
use crate::domain::{
    AccountId, Actor, Draft, DraftId, DraftVersion, FailureId, ReviewStep, RevisionNumber, Slug, Status,
};

/// Whose drafts are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Those of an account.
    Account(AccountId, String),
    /// Those of whoever sits at the machine that Casebook runs on.
    ThisMachine,
}

impl Owner {
    /// Whose drafts an actor has; strangers have none here.
    pub fn of(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::Anonymous => None,
            Actor::ThisMachine => Some(Self::ThisMachine),
            Actor::Member(member) => Some(Self::Account(member.account, member.name.to_string())),
        }
    }

    /// Whether a draft is theirs.
    pub fn has(&self, draft: &Draft) -> bool {
        match self {
            Self::Account(account, _) => draft.author == Some(*account),
            Self::ThisMachine => draft.author.is_none() && draft.author_name == self.name(),
        }
    }

    /// Their name, as drafts keep it.
    pub fn name(&self) -> &str {
        match self {
            Self::Account(_, name) => name,
            Self::ThisMachine => Actor::ThisMachine.name(),
        }
    }

    fn account(&self) -> Option<Uuid> {
        match self {
            Self::Account(account, _) => Some(account.0),
            Self::ThisMachine => None,
        }
    }
}

/// What is written into a draft when it is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// Which draft, by an id that the page made.
    pub id: DraftId,
    /// The record that it will be, or that it changes.
    pub failure: FailureId,
    /// The revision that it was begun from.
    pub base: Option<RevisionNumber>,
    /// What it is called so far.
    pub title: String,
    /// The form, URL-encoded.
    pub form: String,
    /// The page that saves it.
    pub saved_from: String,
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub id: DraftId,
    /// What it is called so far; may be empty.
    pub title: String,
    /// The address of the story that it changes, or that it became.
    pub story: Option<Slug>,
    /// The revision that it was begun from; none for a new story.
    pub base: Option<RevisionNumber>,
    /// How it stands.
    pub status: Status,
    /// When it was last saved.
    pub saved_at: DateTime<Utc>,
    /// What happened to it last in review.
    pub step: Option<ReviewStep>,
}

struct DraftRow {
    id: Uuid,
    failure_id: Uuid,
    base: Option<i32>,
    author_id: Option<Uuid>,
    author_name: String,
    status: String,
    title: String,
    form: String,
    version: i32,
    created_at: DateTime<Utc>,
    saved_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
}

impl TryFrom<DraftRow> for Draft {
    type Error = StoreError;

    fn try_from(row: DraftRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DraftId(row.id),
            failure: FailureId(row.failure_id),
            base: row.base.map(RevisionNumber),
            author: row.author_id.map(AccountId),
            author_name: row.author_name,
            status: status(row.id, &row.status)?,
            title: row.title,
            form: row.form,
            version: DraftVersion(row.version),
            created_at: row.created_at,
            saved_at: row.saved_at,
            submitted_at: row.submitted_at,
        })
    }
}

fn status(id: Uuid, text: &str) -> Result<Status, StoreError> {
    Status::parse(text).map_err(|why| StoreError::inconsistent(format!("draft {id}"), why))
}

/// A draft, whoever's it is.
pub async fn find(connection: &mut Connection, id: DraftId) -> Result<Option<Draft>, StoreError> {
    sqlx::query_as!(
        DraftRow,
        "SELECT id, failure_id, base, author_id, author_name, status, title, form, version, created_at, saved_at,
                submitted_at
         FROM draft
         WHERE id = $1",
        id.0
    )
    .fetch_optional(connection)
    .await?
    .map(Draft::try_from)
    .transpose()
}

/// A draft that nobody else changes until the transaction ends.
#[derive(Debug, Clone)]
pub struct Held {
    /// It, whoever's it is.
    pub draft: Draft,
    /// The page that saved it last, by the name that the page has for itself.
    pub saved_from: String,
}

/// Holds a draft.
pub async fn hold(connection: &mut Connection, id: DraftId) -> Result<Option<Held>, StoreError> {
    let saved_from = sqlx::query_scalar!("SELECT saved_from FROM draft WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(saved_from) = saved_from else { return Ok(None) };
    Ok(find(connection, id).await?.map(|draft| Held { draft, saved_from }))
}

/// Begins a draft, at version 1; `author` has no account where a visitor hands it in. False when there is one of that id.
pub async fn insert(
    connection: &mut Connection,
    author: Option<&Owner>,
    author_name: &str,
    writing: &Writing,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "INSERT INTO draft (id, failure_id, base, author_id, author_name, status, title, form, version, saved_from,
                            created_at, saved_at)
         VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, 1, $8, $9, $9)
         ON CONFLICT (id) DO NOTHING",
        writing.id.0,
        writing.failure.0,
        writing.base.map(|base| base.0),
        author.and_then(Owner::account),
        author_name,
        writing.title,
        writing.form,
        writing.saved_from,
        now
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Saves a draft anew; it must be held.
pub async fn update(connection: &mut Connection, writing: &Writing, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE draft
         SET failure_id = $2, base = $3, title = $4, form = $5, saved_from = $6, saved_at = $7, version = version + 1
         WHERE id = $1",
        writing.id.0,
        writing.failure.0,
        writing.base.map(|base| base.0),
        writing.title,
        writing.form,
        writing.saved_from,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves a draft on its way; `submitted_at` is when it was last handed in, and stays as it is where there is none.
pub async fn set_status(
    connection: &mut Connection,
    id: DraftId,
    status: Status,
    submitted_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE draft
         SET status = $2, submitted_at = coalesce($3, submitted_at)
         WHERE id = $1",
        id.0,
        status.as_str(),
        submitted_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a draft and all that was said about it.
pub async fn remove(connection: &mut Connection, id: DraftId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM draft WHERE id = $1", id.0).execute(connection).await?;
    Ok(())
}

/// How many drafts somebody is writing.
pub async fn count_open(connection: &mut Connection, owner: &Owner) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!"
           FROM draft
           WHERE author_id IS NOT DISTINCT FROM $1 AND (author_id IS NOT NULL OR author_name = $2) AND status = 'draft'"#,
        owner.account(),
        owner.name()
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// The draft that somebody last saved and has not handed in: of a change to that record, or of any new story.
pub async fn newest_open(
    connection: &mut Connection,
    owner: &Owner,
    changes: Option<FailureId>,
) -> Result<Option<(DraftId, DateTime<Utc>)>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, saved_at
         FROM draft
         WHERE author_id IS NOT DISTINCT FROM $1 AND (author_id IS NOT NULL OR author_name = $2) AND status = 'draft'
           AND (CASE WHEN $3::uuid IS NULL THEN base IS NULL ELSE failure_id = $3 AND base IS NOT NULL END)
         ORDER BY saved_at DESC
         LIMIT 1",
        owner.account(),
        owner.name(),
        changes.map(|id| id.0)
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (DraftId(row.id), row.saved_at)))
}

/// Somebody's drafts: those that are still on their way first, then the others; in each the last saved first.
pub async fn list(connection: &mut Connection, owner: &Owner, limit: i64) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.title, d.base, d.status, d.saved_at, f.slug AS "slug?",
                  (SELECT e.kind
                   FROM review_event e
                   WHERE e.draft_id = d.id AND e.kind <> 'commented'
                   ORDER BY e.n DESC
                   LIMIT 1) AS step
           FROM draft d
           LEFT JOIN failure f ON f.id = d.failure_id AND f.kind = 'story'
           WHERE d.author_id IS NOT DISTINCT FROM $1 AND (d.author_id IS NOT NULL OR d.author_name = $2)
           ORDER BY d.status IN ('published', 'withdrawn'), d.saved_at DESC
           LIMIT $3"#,
        owner.account(),
        owner.name(),
        limit
    )
    .fetch_all(connection)
    .await?;
    let wrong = |id: Uuid| move |why| StoreError::inconsistent(format!("draft {id}"), why);
    let listed = rows.into_iter().map(|row| {
        Ok(Listed {
            id: DraftId(row.id),
            title: row.title,
            story: row.slug.map(|slug| Slug::parse(&slug)).transpose().map_err(wrong(row.id))?,
            base: row.base.map(RevisionNumber),
            status: status(row.id, &row.status)?,
            saved_at: row.saved_at,
            step: row.step.map(|step| ReviewStep::parse(&step)).transpose().map_err(wrong(row.id))?,
        })
    });
    listed.collect()
}

/// What happened last to a draft in review, comments aside.
pub async fn last_step(connection: &mut Connection, id: DraftId) -> Result<Option<ReviewStep>, StoreError> {
    let step = sqlx::query_scalar!(
        "SELECT kind
         FROM review_event
         WHERE draft_id = $1 AND kind <> 'commented'
         ORDER BY n DESC
         LIMIT 1",
        id.0
    )
    .fetch_optional(connection)
    .await?;
    let wrong = |why| StoreError::inconsistent(format!("draft {id}"), why);
    step.map(|step| ReviewStep::parse(&step)).transpose().map_err(wrong)
}
