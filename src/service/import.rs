//! Story files come in: new ones are added, changed ones become new revisions, and what people edited is left alone.

use std::collections::HashMap;

use super::submit::{SubmitError, refuse_unknown_patterns, same_content};
use crate::domain::clock::Clock;
use crate::domain::{FailureId, FailureKind, Line, Record, RevisionNumber, Slug};
use crate::store::imported_file::{self, ImportedFile};
use crate::store::record::{self, Content, Saving};
use crate::store::{Connection, Database, StoreError};
use crate::story_file::Library;

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that are new.
    pub added: usize,
    /// Records that got a new revision.
    pub updated: usize,
    /// Files that say what the library says already.
    pub unchanged: usize,
    /// Files that were left out because people edited the record since, or because its address belongs to another record.
    pub kept: Vec<(FailureKind, Slug)>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files looked at.
    pub done: usize,
    /// Files in all.
    pub total: usize,
}

/// Files a transaction. Small enough that a killed import repeats little, large enough that commits do not dominate.
const BATCH: usize = 100;

/// Imports a library, patterns first. It can be repeated, killed half-way and started again: a file that
/// came in as it is now is passed over.
pub async fn import(
    database: &Database,
    clock: &dyn Clock,
    library: &Library,
    mut progress: impl FnMut(Progress),
) -> Result<Report, SubmitError> {
    let patterns = library.patterns.iter().map(|(slug, pattern, facts)| (slug, Content::Pattern(pattern), facts));
    let stories = library.stories.iter().map(|(slug, story, facts)| (slug, Content::Story(story), facts));
    let files: Vec<File<'_>> =
        patterns.chain(stories).map(|(slug, content, facts)| File { slug, content, digest: &facts.sha256 }).collect();
    let mut report = Report::default();
    for (index, batch) in files.chunks(BATCH).enumerate() {
        let mut transaction = database.begin().await?;
        imported_file::lock(&mut transaction).await?;
        let known = imported_file::list(&mut transaction).await?;
        let known: HashMap<_, _> = known.into_iter().map(|file| ((file.kind, file.slug.clone()), file)).collect();
        for file in batch {
            let before = known.get(&(file.content.kind(), file.slug.clone()));
            import_one(&mut transaction, clock, *file, before, &mut report).await?;
        }
        Database::commit(transaction).await?;
        progress(Progress { done: index * BATCH + batch.len(), total: files.len() });
    }
    Ok(report)
}

#[derive(Clone, Copy)]
struct File<'a> {
    slug: &'a Slug,
    content: Content<'a>,
    digest: &'a str,
}

async fn import_one(
    connection: &mut Connection,
    clock: &dyn Clock,
    file: File<'_>,
    before: Option<&ImportedFile>,
    report: &mut Report,
) -> Result<(), SubmitError> {
    if before.is_some_and(|before| before.digest == file.digest) {
        report.unchanged += 1;
        return Ok(());
    }
    if let Content::Story(story) = file.content {
        refuse_unknown_patterns(connection, &story.patterns).await?;
    }
    let kind = file.content.kind();
    let existing = match before {
        Some(before) => record::find(connection, before.id).await?,
        None => record::find_by_slug(connection, kind, file.slug).await?,
    };
    let saved = match existing {
        None => add(connection, clock, file).await?,
        Some(existing) if same_content(&existing, file.content) => {
            report.unchanged += 1;
            imported_file::remember(connection, &remembered(file, existing.id(), revision(&existing)), clock.now())
                .await?;
            return Ok(());
        }
        Some(existing) if before.is_some_and(|before| before.revision == revision(&existing)) => {
            let note = note(imported_file::NOTE_AGAIN);
            let (id, base) = (existing.id(), revision(&existing));
            let slug = existing.slug();
            let number = record::revise(connection, id, base, slug, file.content, saving(note.as_ref(), clock)).await?;
            report.updated += 1;
            Some((id, number))
        }
        Some(_) => None,
    };
    match saved {
        Some((id, number)) => {
            if number == RevisionNumber::FIRST {
                report.added += 1;
            }
            imported_file::remember(connection, &remembered(file, id, number), clock.now()).await?;
        }
        None => report.kept.push((kind, file.slug.clone())),
    }
    Ok(())
}

async fn add(
    connection: &mut Connection,
    clock: &dyn Clock,
    file: File<'_>,
) -> Result<Option<(FailureId, RevisionNumber)>, StoreError> {
    let id = FailureId::new();
    // Looked up a moment ago, it was free; a submission may have been quicker.
    if !record::claim_address(connection, file.content.kind(), file.slug, id).await? {
        return Ok(None);
    }
    let note = note(imported_file::NOTE);
    record::insert(connection, id, file.slug, file.content, saving(note.as_ref(), clock)).await?;
    Ok(Some((id, RevisionNumber::FIRST)))
}

fn remembered(file: File<'_>, id: FailureId, revision: RevisionNumber) -> ImportedFile {
    ImportedFile { kind: file.content.kind(), slug: file.slug.clone(), id, revision, digest: file.digest.to_owned() }
}

fn revision(record: &Record) -> RevisionNumber {
    match record {
        Record::Story(entry) => entry.revision,
        Record::Pattern(entry) => entry.revision,
    }
}

fn saving<'a>(note: Option<&'a Line>, clock: &dyn Clock) -> Saving<'a> {
    Saving { note, by: None, at: clock.now() }
}

fn note(text: &str) -> Option<Line> {
    Line::parse(text).ok()
}
