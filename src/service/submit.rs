//! A story is published, or a new revision of one.

use std::path::Path;

use crate::domain::clock::Clock;
use crate::domain::{
    AccountId, Actor, Deed, Entry, FailureId, FailureKind, Line, Record, RevisionNumber, Saved, Slug, Status, Story,
};
use crate::postgres;
use crate::store::record::{self, Content, Saving};
use crate::store::{self, Connection, Database, StoreError};

/// A new story on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Made when the form was first shown, so that a form sent twice makes one story.
    pub id: FailureId,
    /// What it says.
    pub story: Story,
    /// Why, or from where.
    pub note: Option<Line>,
    /// Who hands it in.
    pub by: Actor,
}

/// Why a story was not saved. Nothing was written in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Somebody saved a newer revision in the meantime; here it is.
    #[error("the story was changed in the meantime; it is at revision {} now", current.revision)]
    Stale {
        /// The story as it stands.
        current: Box<Entry<Story>>,
    },
    /// The story names patterns that do not exist.
    #[error("no such pattern: {}", list(.0))]
    UnknownPatterns(Vec<Slug>),
    /// There is no such story.
    #[error("there is no such story")]
    NotFound,
    /// The disk is nearly full; PostgreSQL would stop if it filled up.
    #[error("the disk of the database is nearly full: {} MiB are free, {} MiB are needed", free >> 20, LEAST_FREE >> 20)]
    NoSpace {
        /// Free bytes.
        free: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes are refused below this many free bytes.
pub const LEAST_FREE: u64 = 512 << 20;

/// Refuses a write when the disk under the embedded database is nearly full.
pub fn ensure_space(data: &Path) -> Result<(), SubmitError> {
    match postgres::free_space(data) {
        Ok(free) if free < LEAST_FREE => Err(SubmitError::NoSpace { free }),
        // Not knowing is no reason to refuse: the database itself will say when it cannot write.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Who publishes something, and whose words it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Publisher<'a> {
    /// Whoever is told of in the audit log.
    pub actor: &'a Actor,
    /// Whose words they are, where they have an account.
    pub author: Option<AccountId>,
    /// What the audit log says beside the revision; may be empty.
    pub remark: &'a str,
}

impl<'a> Publisher<'a> {
    /// Somebody who publishes their own words.
    fn alone(actor: &'a Actor) -> Self {
        Self { actor, author: actor.account(), remark: "" }
    }
}

/// Saves and publishes a new story. Sent again with the same id, it answers what the first one did; sent again with
/// other content (someone went back and went on writing) it is a stale save, which nobody may take for a saved one.
pub async fn submit(database: &Database, clock: &dyn Clock, submission: Submission) -> Result<Saved, SubmitError> {
    let Submission { id, story, note, by } = submission;
    let mut transaction = database.begin().await?;
    let saved = insert(&mut transaction, clock, id, &story, note.as_ref(), Publisher::alone(&by)).await?;
    Database::commit(transaction).await?;
    Ok(saved)
}

/// The same within a transaction of the caller's.
pub(super) async fn insert(
    transaction: &mut Connection,
    clock: &dyn Clock,
    id: FailureId,
    story: &Story,
    note: Option<&Line>,
    publisher: Publisher<'_>,
) -> Result<Saved, SubmitError> {
    refuse_unknown_patterns(transaction, &story.patterns).await?;
    let wanted = Slug::from_title(story.failure.title.as_str(), &format!("story-{}", id.short()));
    // Of the same story it is the address that it has already.
    let slug = claim(transaction, FailureKind::Story, &wanted, id).await?;
    let saving = Saving { note, by: publisher.author, at: clock.now() };
    if !record::insert(transaction, id, &slug, Content::Story(story), saving).await? {
        // The id may be that of a pattern: then there is no story of it, and never will be.
        return match record::find(transaction, id).await? {
            Some(Record::Story(current)) => {
                let first = store::story::at_revision(transaction, id, RevisionNumber::FIRST).await?;
                if first.is_some_and(|first| first.content == *story) {
                    Ok(saved(&current, current.revision))
                } else {
                    Err(SubmitError::Stale { current: Box::new(current) })
                }
            }
            Some(Record::Pattern(_)) | None => Err(SubmitError::NotFound),
        };
    }
    log(transaction, publisher, Deed::Published, &slug, RevisionNumber::FIRST, clock).await?;
    Ok(Saved { id, kind: FailureKind::Story, slug, revision: RevisionNumber::FIRST })
}

/// Saves a new revision of a story that was read at revision `base`. A story that says what it said before is left as it is.
pub async fn revise(
    database: &Database,
    clock: &dyn Clock,
    id: FailureId,
    base: RevisionNumber,
    story: Story,
    note: Option<Line>,
    by: &Actor,
) -> Result<Saved, SubmitError> {
    let mut transaction = database.begin().await?;
    let saved = replace(&mut transaction, clock, (id, base), &story, note.as_ref(), Publisher::alone(by)).await?;
    Database::commit(transaction).await?;
    Ok(saved)
}

/// The same within a transaction of the caller's; `before` is the story and the revision that it was read at.
pub(super) async fn replace(
    transaction: &mut Connection,
    clock: &dyn Clock,
    before: (FailureId, RevisionNumber),
    story: &Story,
    note: Option<&Line>,
    publisher: Publisher<'_>,
) -> Result<Saved, SubmitError> {
    let (id, base) = before;
    let current = store::story::find(transaction, id).await?;
    let current = current.filter(|entry| entry.status == Status::Published).ok_or(SubmitError::NotFound)?;
    if current.content == *story {
        return Ok(saved(&current, current.revision));
    }
    if current.revision != base {
        return Err(SubmitError::Stale { current: Box::new(current) });
    }
    refuse_unknown_patterns(transaction, &story.patterns).await?;
    let fallback = format!("story-{}", id.short());
    let suggested = Slug::from_title(story.failure.title.as_str(), &fallback);
    // A title that still suggests the same address keeps it, even one that was chosen by hand.
    let slug = if suggested == Slug::from_title(current.content.failure.title.as_str(), &fallback) {
        current.slug.clone()
    } else {
        claim(transaction, FailureKind::Story, &suggested, id).await?
    };
    let saving = Saving { note, by: publisher.author, at: clock.now() };
    match record::revise(transaction, id, base, &slug, Content::Story(story), saving).await {
        Ok(revision) => {
            log(transaction, publisher, Deed::Revised, &slug, revision, clock).await?;
            Ok(Saved { id, kind: FailureKind::Story, slug, revision })
        }
        // Two saves at the same moment: the other one committed while this one waited for the row.
        Err(StoreError::Stale { .. }) => {
            let current = store::story::find(transaction, id).await?.ok_or(SubmitError::NotFound)?;
            Err(SubmitError::Stale { current: Box::new(current) })
        }
        Err(error) => Err(error.into()),
    }
}

async fn log(
    connection: &mut Connection,
    publisher: Publisher<'_>,
    deed: Deed,
    slug: &Slug,
    revision: RevisionNumber,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let remark = if publisher.remark.is_empty() { String::new() } else { format!("; {}", publisher.remark) };
    let detail = format!("revision {revision}{remark}");
    store::audit::append(connection, publisher.actor, deed, &format!("stories/{slug}"), &detail, clock.now()).await
}

/// Takes the wanted address, or the first free one with a number behind it.
pub(super) async fn claim(
    connection: &mut Connection,
    kind: FailureKind,
    wanted: &Slug,
    id: FailureId,
) -> Result<Slug, StoreError> {
    const ATTEMPTS: u32 = 20;
    if record::claim_address(connection, kind, wanted, id).await? {
        return Ok(wanted.clone());
    }
    for number in 2..ATTEMPTS {
        let numbered = wanted.numbered(number);
        if record::claim_address(connection, kind, &numbered, id).await? {
            return Ok(numbered);
        }
    }
    // Twenty of the same title: the digits of the id are nobody else's. The title would leave no room for them all.
    let unique = Slug::from_title(&format!("{kind}-{}", id.0.simple()), "");
    record::claim_address(connection, kind, &unique, id).await?;
    Ok(unique)
}

pub(super) async fn refuse_unknown_patterns(connection: &mut Connection, patterns: &[Slug]) -> Result<(), SubmitError> {
    let known = store::pattern::ids(connection, patterns).await?;
    let unknown: Vec<Slug> = patterns.iter().filter(|slug| !known.contains_key(slug.as_str())).cloned().collect();
    if unknown.is_empty() { Ok(()) } else { Err(SubmitError::UnknownPatterns(unknown)) }
}

fn saved(entry: &Entry<Story>, revision: RevisionNumber) -> Saved {
    Saved { id: entry.id, kind: FailureKind::Story, slug: entry.slug.clone(), revision }
}

fn list(slugs: &[Slug]) -> String {
    slugs.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
}

/// Whether a record says this already.
pub(super) fn same_content(record: &Record, content: Content<'_>) -> bool {
    match (record, content) {
        (Record::Story(entry), Content::Story(story)) => entry.content == *story,
        (Record::Pattern(entry), Content::Pattern(pattern)) => entry.content == *pattern,
        (Record::Story(_), Content::Pattern(_)) | (Record::Pattern(_), Content::Story(_)) => false,
    }
}
