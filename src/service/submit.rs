//! A story is published, or a new revision of one.

use std::path::Path;

use crate::domain::clock::Clock;
use crate::domain::{
    Actor, Deed, Entry, FailureId, FailureKind, Line, Record, RevisionNumber, Saved, Slug, Status, Story,
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

/// Saves and publishes a new story. Sent again with the same id, it answers what the first one did; sent again with
/// other content (someone went back and went on writing) it is a stale save, which nobody may take for a saved one.
pub async fn submit(database: &Database, clock: &dyn Clock, submission: Submission) -> Result<Saved, SubmitError> {
    let Submission { id, story, note, by } = submission;
    let mut transaction = database.begin().await?;
    refuse_unknown_patterns(&mut transaction, &story.patterns).await?;
    let wanted = Slug::from_title(story.failure.title.as_str(), &format!("story-{}", id.short()));
    let slug = claim(&mut transaction, FailureKind::Story, &wanted, id).await?;
    let content = Content::Story(&story);
    let saving = Saving { note: note.as_ref(), by: by.account(), at: clock.now() };
    if !record::insert(&mut transaction, id, &slug, content, saving).await? {
        drop(transaction);
        let mut connection = database.connection().await?;
        // The id may be that of a pattern: then there is no story of it, and never will be.
        return match record::find(&mut connection, id).await? {
            Some(Record::Story(current)) => {
                let first = store::story::at_revision(&mut connection, id, RevisionNumber::FIRST).await?;
                if first.is_some_and(|first| first.content == story) {
                    Ok(saved(&current, current.revision))
                } else {
                    Err(SubmitError::Stale { current: Box::new(current) })
                }
            }
            Some(Record::Pattern(_)) | None => Err(SubmitError::NotFound),
        };
    }
    log(&mut transaction, &by, Deed::Published, &slug, RevisionNumber::FIRST, clock).await?;
    Database::commit(transaction).await?;
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
    let current = store::story::find(&mut transaction, id).await?;
    let current = current.filter(|entry| entry.status == Status::Published).ok_or(SubmitError::NotFound)?;
    if current.content == story {
        return Ok(saved(&current, current.revision));
    }
    if current.revision != base {
        return Err(SubmitError::Stale { current: Box::new(current) });
    }
    refuse_unknown_patterns(&mut transaction, &story.patterns).await?;
    let fallback = format!("story-{}", id.short());
    let suggested = Slug::from_title(story.failure.title.as_str(), &fallback);
    // A title that still suggests the same address keeps it, even one that was chosen by hand.
    let slug = if suggested == Slug::from_title(current.content.failure.title.as_str(), &fallback) {
        current.slug.clone()
    } else {
        claim(&mut transaction, FailureKind::Story, &suggested, id).await?
    };
    let content = Content::Story(&story);
    let saving = Saving { note: note.as_ref(), by: by.account(), at: clock.now() };
    match record::revise(&mut transaction, id, base, &slug, content, saving).await {
        Ok(revision) => {
            log(&mut transaction, by, Deed::Revised, &slug, revision, clock).await?;
            Database::commit(transaction).await?;
            Ok(Saved { id, kind: FailureKind::Story, slug, revision })
        }
        // Two saves at the same moment: the other one committed while this one waited for the row.
        Err(StoreError::Stale { .. }) => {
            drop(transaction);
            let mut connection = database.connection().await?;
            let current = store::story::find(&mut connection, id).await?.ok_or(SubmitError::NotFound)?;
            Err(SubmitError::Stale { current: Box::new(current) })
        }
        Err(error) => Err(error.into()),
    }
}

async fn log(
    connection: &mut Connection,
    by: &Actor,
    deed: Deed,
    slug: &Slug,
    revision: RevisionNumber,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let detail = format!("revision {revision}");
    store::audit::append(connection, by, deed, &format!("stories/{slug}"), &detail, clock.now()).await
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
