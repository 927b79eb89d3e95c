//! What can go wrong with the index, said so that a person can act on it.

use std::path::{Path, PathBuf};

/// A failure of the index. The index holds no truth: rebuilding it from the database mends all but a full or unwritable disk.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The folder could not be read or written.
    #[error("cannot {doing} {}: {source}; check that the data folder is writable and not full", path.display())]
    Storage {
        /// What was tried, such as `create`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The search library refused an operation.
    #[error("cannot {doing} the search index: {source}")]
    Engine {
        /// What was tried, such as `search`.
        doing: &'static str,
        /// What the library said.
        source: tantivy::TantivyError,
    },
    /// A file of the index is not what was written.
    #[error("the search index is damaged ({0}); it must be rebuilt")]
    Damaged(String),
}

impl SearchError {
    /// Whether files that are not what was written may be the cause.
    pub(super) fn may_be_damage(&self) -> bool {
        use tantivy::TantivyError::{DataCorruption, ErrorInThread};
        match self {
            Self::Damaged(_) => true,
            Self::Engine { source, .. } => matches!(source, DataCorruption(_) | ErrorInThread(_)),
            Self::Storage { .. } => false,
        }
    }

    pub(super) fn storage(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Storage { doing, path: path.to_owned(), source }
    }
}

/// Names what was being done when the library failed.
pub(super) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, SearchError>;
}

impl<T, E: Into<tantivy::TantivyError>> Doing<T> for Result<T, E> {
    fn doing(self, doing: &'static str) -> Result<T, SearchError> {
        self.map_err(|source| SearchError::Engine { doing, source: source.into() })
    }
}
