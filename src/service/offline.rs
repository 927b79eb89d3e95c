//! Matching without a server or a database: an index in memory over a library of files.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::project::{Patterns, document};
use crate::domain::{Entry, FailureId, Record, RevisionNumber, Slug, Status};
use crate::search::{Checkpoint, SearchError, SearchIndex};
use crate::story_file::Library;

/// Indexes a library in memory.
pub fn index(library: Library, now: DateTime<Utc>) -> Result<SearchIndex, SearchError> {
    let patterns: Patterns =
        library.patterns.into_iter().map(|(slug, pattern, _)| (slug.clone(), entry(slug, pattern, now))).collect();
    let stories = library.stories.into_iter().map(|(slug, story, _)| Record::Story(entry(slug, story, now)));
    let records: Vec<Record> = stories.chain(patterns.values().cloned().map(Record::Pattern)).collect();
    let mut instances: HashMap<Slug, u32> = HashMap::new();
    for record in &records {
        if let Record::Story(story) = record {
            story.content.patterns.iter().for_each(|slug| *instances.entry(slug.clone()).or_default() += 1);
        }
    }
    let changes = records
        .iter()
        .map(|record| {
            let instances = match record {
                Record::Pattern(pattern) => instances.get(&pattern.slug).copied().unwrap_or_default(),
                Record::Story(_) => 0,
            };
            (record.id(), Some(document(record, &patterns, instances)))
        })
        .collect();
    let index = SearchIndex::in_memory()?;
    index.apply(changes, Checkpoint { n: 0, token: uuid::Uuid::nil() })?;
    Ok(index)
}

fn entry<T>(slug: Slug, content: T, now: DateTime<Utc>) -> Entry<T> {
    Entry {
        id: FailureId::new(),
        slug,
        status: Status::Published,
        revision: RevisionNumber::FIRST,
        created_at: now,
        updated_at: now,
        published_at: Some(now),
        content,
    }
}
