//! Everything that is published, as story files that import back to the same records.

use std::path::{Path, PathBuf};

use crate::domain::{FailureKind, Record};
use crate::store::{Database, StoreError, record};
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

/// Writes every published record into a folder, from one state of the database, and says how many.
pub async fn export(database: &Database, folder: &Path) -> Result<usize, ExportError> {
    const PAGE: i64 = 200;
    let mut snapshot = database.snapshot().await?;
    let mut written = 0;
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
                std::fs::write(&path, print(record)).map_err(|source| ExportError::Write { path, source })?;
                written += 1;
            }
        }
    }
    Ok(written)
}

fn print(record: &Record) -> String {
    match record {
        Record::Story(entry) => story_file::print_story(&entry.content),
        Record::Pattern(entry) => story_file::print_pattern(&entry.content),
    }
}
