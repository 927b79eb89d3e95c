//! Everything that is published, as story files that import back to the same records, with the pictures that they show.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::picture;
use crate::domain::{FailureKind, PictureAddress, PictureId, Record};
use crate::store::{Connection, Database, StoreError, record};
use crate::story_file;

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes every published record into a folder, and the pictures that they show, from one state of the database. Says how
/// many files that is.
pub async fn export(database: &Database, folder: &Path) -> Result<usize, ExportError> {
    const PAGE: i64 = 200;
    let mut snapshot = database.snapshot().await?;
    let mut written = 0;
    let mut pictures = BTreeSet::new();
    for &kind in FailureKind::ALL {
        let folder = match kind {
            FailureKind::Story => folder.to_owned(),
            FailureKind::Pattern => folder.join("patterns"),
        };
        std::fs::create_dir_all(&folder).map_err(|source| ExportError::Write { path: folder.clone(), source })?;
        let mut last = None;
        loop {
            let page = record::published_after(&mut snapshot, kind, last, PAGE).await?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.id());
            for record in &page {
                let path = folder.join(format!("{}.md", record.slug()));
                let text = print(record);
                pictures.extend(PictureAddress::named_in(&text));
                std::fs::write(&path, text).map_err(|source| ExportError::Write { path, source })?;
                written += 1;
            }
        }
    }
    Ok(written + export_pictures(&mut snapshot, pictures, &folder.join(picture::FOLDER)).await?)
}

async fn export_pictures(
    connection: &mut Connection,
    named: BTreeSet<PictureId>,
    folder: &Path,
) -> Result<usize, ExportError> {
    let mut written = 0;
    for id in named {
        let Some(picture) = picture::published(connection, id).await? else { continue };
        let path = folder.join(picture::file_name(id, picture.format));
        let writing = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &picture.bytes));
        writing.map_err(|source| ExportError::Write { path, source })?;
        written += 1;
    }
    Ok(written)
}

fn print(record: &Record) -> String {
    match record {
        Record::Story(entry) => story_file::print_story(&entry.content),
        Record::Pattern(entry) => story_file::print_pattern(&entry.content),
    }
}
