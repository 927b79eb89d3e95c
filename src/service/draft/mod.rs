//! Drafts are kept while they are written, handed in, and given up. Whoever saves one on top of what they have not seen
//! is told; nobody's words are written over.

pub mod submit;

use chrono::{DateTime, Utc};

use crate::domain::clock::Clock;
use crate::domain::{Actor, Draft, DraftId, DraftVersion, Status};
use crate::store::draft::{self, Held, Owner, Writing};
use crate::store::{self, Connection, Database, StoreError};

/// The most drafts that somebody may be writing at the same time.
pub const MOST_OPEN: i64 = 200;

/// Why a draft was not saved. Nothing was written in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// It was saved from another page in the meantime; here it is.
    #[error("the draft was saved from another page in the meantime")]
    Stale(Box<Draft>),
    /// It is no longer being written.
    #[error("the draft is {}", .0.label().to_lowercase())]
    Settled(Status),
    /// There is none of that id, or it is somebody else's, which is the same to those who ask.
    #[error("there is no such draft")]
    NotFound,
    /// They are writing more than anybody can.
    #[error("{MOST_OPEN} drafts are being written already")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Saves a draft, or begins one. `seen` is the version that the page had, 0 if none. Sent again, it answers what the first
/// one did.
pub async fn keep(
    database: &Database,
    clock: &dyn Clock,
    owner: &Owner,
    writing: &Writing,
    seen: DraftVersion,
) -> Result<DraftVersion, DraftError> {
    let mut transaction = database.begin().await?;
    let version = keep_in(&mut transaction, clock, owner, writing, seen).await?;
    Database::commit(transaction).await?;
    Ok(version)
}

pub(super) async fn keep_in(
    connection: &mut Connection,
    clock: &dyn Clock,
    owner: &Owner,
    writing: &Writing,
    seen: DraftVersion,
) -> Result<DraftVersion, DraftError> {
    let now = clock.now();
    let held = match draft::hold(connection, writing.id).await? {
        Some(held) => held,
        None => {
            if begin(connection, owner, writing, now).await? {
                return Ok(DraftVersion(1));
            }
            // Begun twice at the same moment: the other one was first.
            draft::hold(connection, writing.id).await?.ok_or(DraftError::NotFound)?
        }
    };
    let Held { draft: found, saved_from } = held;
    if !owner.has(&found) {
        return Err(DraftError::NotFound);
    }
    if found.status != Status::Draft {
        return Err(DraftError::Settled(found.status));
    }
    if found.form == writing.form && found.base == writing.base {
        return Ok(found.version);
    }
    let is_its_own = !writing.saved_from.is_empty() && saved_from == writing.saved_from;
    if found.version != seen && !is_its_own {
        return Err(DraftError::Stale(Box::new(found)));
    }
    draft::update(connection, writing, now).await?;
    Ok(DraftVersion(found.version.0 + 1))
}

/// Begins a draft; false when there is one of that id.
async fn begin(
    connection: &mut Connection,
    owner: &Owner,
    writing: &Writing,
    now: DateTime<Utc>,
) -> Result<bool, DraftError> {
    // Sent off just before the story was published, and come after it.
    let is_over = writing.base.is_none() && store::story::find(connection, writing.failure).await?.is_some();
    if is_over {
        return Err(DraftError::Settled(Status::Published));
    }
    if draft::count_open(connection, owner).await? >= MOST_OPEN {
        return Err(DraftError::TooMany);
    }
    Ok(draft::insert(connection, Some(owner), owner.name(), writing, now).await?)
}

/// Gives a draft up. One that was never handed in is gone; what was said about another stays.
pub async fn discard(database: &Database, owner: &Owner, id: DraftId) -> Result<(), DraftError> {
    let mut transaction = database.begin().await?;
    let held = draft::hold(&mut transaction, id).await?.filter(|held| owner.has(&held.draft));
    let found = held.ok_or(DraftError::NotFound)?.draft;
    match (found.status, found.submitted_at) {
        (Status::Draft, None) => draft::remove(&mut transaction, id).await?,
        (Status::Draft, Some(_)) => draft::set_status(&mut transaction, id, Status::Withdrawn, None).await?,
        (status @ (Status::InReview | Status::Published | Status::Withdrawn), _) => {
            return Err(DraftError::Settled(status));
        }
    }
    Database::commit(transaction).await?;
    Ok(())
}

/// Notes that what a draft says was published without review. A draft that was never saved is nothing to note.
pub async fn published(database: &Database, actor: &Actor, id: DraftId) -> Result<(), DraftError> {
    let Some(owner) = Owner::of(actor) else { return Ok(()) };
    let mut transaction = database.begin().await?;
    let held = draft::hold(&mut transaction, id).await?;
    if held.is_some_and(|held| owner.has(&held.draft) && held.draft.status == Status::Draft) {
        draft::set_status(&mut transaction, id, Status::Published, None).await?;
        Database::commit(transaction).await?;
    }
    Ok(())
}
