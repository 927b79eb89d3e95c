//! Stories: one incident each.

use super::{Connection, StoreError, record};
use crate::domain::{Entry, FailureId, FailureKind, Record, RevisionNumber, Slug, Story};

/// The story at this address, present or former: compare its slug to see whether it moved.
pub async fn find_by_slug(connection: &mut Connection, slug: &Slug) -> Result<Option<Entry<Story>>, StoreError> {
    record::find_by_slug(connection, FailureKind::Story, slug).await?.map(story).transpose()
}

/// One revision of a story.
pub async fn at_revision(
    connection: &mut Connection,
    id: FailureId,
    number: RevisionNumber,
) -> Result<Option<Entry<Story>>, StoreError> {
    record::at_revision(connection, id, number).await?.map(story).transpose()
}

/// The newest revision of a story. The id may come from outside: that of a pattern is no story's.
pub async fn find(connection: &mut Connection, id: FailureId) -> Result<Option<Entry<Story>>, StoreError> {
    let found = record::find(connection, id).await?.filter(|record| record.kind() == FailureKind::Story);
    found.map(story).transpose()
}

fn story(record: Record) -> Result<Entry<Story>, StoreError> {
    match record {
        Record::Story(entry) => Ok(entry),
        Record::Pattern(entry) => Err(StoreError::inconsistent(format!("story {}", entry.id), "it is a pattern")),
    }
}
