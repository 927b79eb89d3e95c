//! What editors do with published records: withdraw, merge, publish again, restore an earlier revision.

use crate::domain::clock::Clock;
use crate::domain::input::FieldError;
use crate::domain::{
    Actor, Deed, FailureAddress, FailureId, FailureKind, Line, Record, RevisionNumber, Saved, Slug, Status,
};
use crate::service::review::published::{self, Purpose, ReviewError, Written};
use crate::service::submit::same_content;
use crate::store::keeping::{self, Kept, Standing, Withdrawing};
use crate::store::record::{self, Content, Saving};
use crate::store::{self, Connection, Database, StoreError};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// There is no such record, or no such revision of it.
    #[error("there is no such record")]
    NotFound,
    /// The record is not published any more.
    #[error("it was withdrawn in the meantime")]
    Withdrawn,
    /// The record is published.
    #[error("it is not withdrawn")]
    NotWithdrawn,
    /// A record was to be merged into itself.
    #[error("a record cannot be merged into itself")]
    Itself,
    /// The other record was merged into this one.
    #[error("the other one was merged into this one")]
    Circle,
    /// The other record is withdrawn.
    #[error("the other one is withdrawn itself")]
    KeptWithdrawn,
    /// The other record is of another kind.
    #[error("a story and a pattern cannot be merged")]
    OtherKind,
    /// Somebody saved a newer revision in the meantime; here it is.
    #[error("it is at revision {} by now", .0.revision())]
    Stale(Box<Record>),
    /// The newest revision says what would be restored.
    #[error("the newest revision says the same")]
    Same,
    /// The rules of the earlier revision do not do any more what their examples want, or fire elsewhere.
    #[error("its detection rules have to be mended first")]
    Rules(Vec<FieldError>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rules could not be run.
    #[error(transparent)]
    Review(ReviewError),
}

/// Takes a record back: it is found no more, and its address says why.
pub async fn withdraw(
    database: &Database,
    clock: &dyn Clock,
    id: FailureId,
    reason: &Line,
    by: &Actor,
) -> Result<(), KeepError> {
    let mut transaction = database.begin().await?;
    keeping::one_at_a_time(&mut transaction).await?;
    let standing = published_standing(&mut transaction, id).await?;
    let withdrawing = Withdrawing { reason, by: by.account(), at: clock.now(), merged_into: None };
    if !keeping::withdraw(&mut transaction, id, withdrawing).await? {
        return Err(KeepError::Withdrawn);
    }
    log(&mut transaction, clock, by, Deed::Withdrawn, &standing, reason.as_str()).await?;
    Ok(Database::commit(transaction).await?)
}

/// Merges a record into another, or into what that one was merged into: the address of the first leads to the second
/// from then on, and whatever names the first counts for the second.
pub async fn merge(
    database: &Database,
    clock: &dyn Clock,
    id: FailureId,
    into: FailureId,
    reason: &Line,
    by: &Actor,
) -> Result<Kept, KeepError> {
    let mut transaction = database.begin().await?;
    keeping::one_at_a_time(&mut transaction).await?;
    let merged = published_standing(&mut transaction, id).await?;
    let kept = end_of(&mut transaction, into).await?;
    match (kept.id == id, into == id) {
        (true, true) => return Err(KeepError::Itself),
        (true, false) => return Err(KeepError::Circle),
        (false, _) => {}
    }
    if kept.kind != merged.kind {
        return Err(KeepError::OtherKind);
    }
    let title = match record::find(&mut transaction, kept.id).await? {
        Some(record) if record.status() == Status::Published => record.failure().title.to_string(),
        Some(_) | None => return Err(KeepError::KeptWithdrawn),
    };
    let withdrawing = Withdrawing { reason, by: by.account(), at: clock.now(), merged_into: Some(kept.id) };
    if !keeping::withdraw(&mut transaction, id, withdrawing).await? {
        return Err(KeepError::Withdrawn);
    }
    keeping::touch(&mut transaction, kept.id).await?;
    let detail = format!("into {}: {reason}", address(kept.kind, &kept.slug));
    log(&mut transaction, clock, by, Deed::Merged, &merged, &detail).await?;
    Database::commit(transaction).await?;
    Ok(Kept { id: kept.id, slug: kept.slug, title })
}

/// Publishes a withdrawn or merged record again, as it was.
pub async fn reinstate(database: &Database, clock: &dyn Clock, id: FailureId, by: &Actor) -> Result<(), KeepError> {
    let mut transaction = database.begin().await?;
    keeping::one_at_a_time(&mut transaction).await?;
    let standing = keeping::standing(&mut transaction, id).await?.ok_or(KeepError::NotFound)?;
    if !keeping::reinstate(&mut transaction, id).await? {
        return Err(KeepError::NotWithdrawn);
    }
    let kept = standing.withdrawal.as_ref().and_then(|withdrawal| withdrawal.kept.as_ref());
    let mut detail = String::new();
    if let Some(kept) = kept {
        // What named this one counts for that one no more.
        keeping::touch(&mut transaction, kept.id).await?;
        detail = format!("it was merged into {}", address(standing.kind, &kept.slug));
    }
    log(&mut transaction, clock, by, Deed::Reinstated, &standing, &detail).await?;
    Ok(Database::commit(transaction).await?)
}

/// An earlier revision that is to be the newest again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoring {
    /// The record.
    pub id: FailureId,
    /// The earlier revision.
    pub number: RevisionNumber,
    /// The newest one, as far as whoever restores has seen.
    pub base: RevisionNumber,
    /// What is noted of the new revision.
    pub note: Line,
}

/// Saves what an earlier revision says as a new one. The address stays.
pub async fn restore(
    database: &Database,
    clock: &dyn Clock,
    restoring: Restoring,
    by: &Actor,
) -> Result<Saved, KeepError> {
    let Restoring { id, number, base, note } = restoring;
    let mut connection = database.connection().await?;
    let current = record::find(&mut connection, id).await?.ok_or(KeepError::NotFound)?;
    if current.status() != Status::Published {
        return Err(KeepError::Withdrawn);
    }
    if current.revision() != base {
        return Err(KeepError::Stale(Box::new(current)));
    }
    let earlier = record::at_revision(&mut connection, id, number).await?.ok_or(KeepError::NotFound)?;
    let content = content(&earlier);
    if same_content(&current, content) {
        return Err(KeepError::Same);
    }
    review(&mut connection, clock, &earlier).await?;
    drop(connection);
    let mut transaction = database.begin().await?;
    let saving = Saving { note: Some(&note), by: by.account(), at: clock.now() };
    let saved = match record::revise(&mut transaction, id, base, current.slug(), content, saving).await {
        Ok(revision) => Saved { id, kind: current.kind(), slug: current.slug().clone(), revision },
        // Somebody else committed while this one waited for the row.
        Err(StoreError::Stale { .. }) => {
            drop(transaction);
            let mut connection = database.connection().await?;
            let current = record::find(&mut connection, id).await?.ok_or(KeepError::NotFound)?;
            return Err(KeepError::Stale(Box::new(current)));
        }
        Err(error) => return Err(error.into()),
    };
    let subject = address(saved.kind, &saved.slug);
    let detail = format!("revision {number} as revision {}", saved.revision);
    store::audit::append(&mut transaction, by, Deed::Restored, &subject, &detail, clock.now()).await?;
    Database::commit(transaction).await?;
    Ok(saved)
}

/// What others published since may have made the rules of an earlier revision wrong. Those of patterns are reviewed
/// where they come from: in files.
async fn review(connection: &mut Connection, clock: &dyn Clock, earlier: &Record) -> Result<(), KeepError> {
    let Record::Story(entry) = earlier else { return Ok(()) };
    let written = Written::from(&entry.content);
    match published::examine(connection, clock.now(), entry.id, written, Purpose::Save).await {
        Ok(examined) if examined.errors.is_empty() => Ok(()),
        Ok(examined) => Err(KeepError::Rules(examined.errors)),
        Err(ReviewError::Store(error)) => Err(error.into()),
        Err(error @ ReviewError::Thread(_)) => Err(KeepError::Review(error)),
    }
}

async fn published_standing(connection: &mut Connection, id: FailureId) -> Result<Standing, KeepError> {
    let standing = keeping::standing(connection, id).await?.ok_or(KeepError::NotFound)?;
    if standing.withdrawal.is_some() { Err(KeepError::Withdrawn) } else { Ok(standing) }
}

/// The record itself, or what is left at the end of the merges that it went into.
async fn end_of(connection: &mut Connection, id: FailureId) -> Result<Standing, KeepError> {
    let named = keeping::standing(connection, id).await?.ok_or(KeepError::NotFound)?;
    match named.withdrawal.as_ref().and_then(|withdrawal| withdrawal.kept.as_ref()) {
        Some(kept) => keeping::standing(connection, kept.id).await?.ok_or(KeepError::NotFound),
        None => Ok(named),
    }
}

async fn log(
    connection: &mut Connection,
    clock: &dyn Clock,
    by: &Actor,
    deed: Deed,
    subject: &Standing,
    detail: &str,
) -> Result<(), StoreError> {
    let subject = address(subject.kind, &subject.slug);
    store::audit::append(connection, by, deed, &subject, detail, clock.now()).await
}

fn address(kind: FailureKind, slug: &Slug) -> String {
    FailureAddress { kind, slug: slug.clone() }.to_string()
}

fn content(record: &Record) -> Content<'_> {
    match record {
        Record::Story(entry) => Content::Story(&entry.content),
        Record::Pattern(entry) => Content::Pattern(&entry.content),
    }
}
