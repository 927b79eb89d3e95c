//! Where story files come from: a folder, or the library that is compiled into the program.

use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use crate::domain::Slug;
use crate::story_file::{self, FileError, Library};

/// The stories that every Casebook starts with.
#[derive(RustEmbed)]
#[folder = "stories/"]
struct BuiltIn;

/// A folder that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub struct FolderError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// The library that is compiled in, with whatever is wrong with it.
pub fn built_in() -> (Library, Vec<FileError>) {
    let files =
        BuiltIn::iter().filter_map(|path| BuiltIn::get(&path).map(|file| (path.into_owned(), file.data.into_owned())));
    story_file::read_library(files, &[])
}

/// The library in a folder: `*.md` in it are stories, `patterns/*.md` patterns. Files that are wrong are reported; the
/// rest is read. A team's stories may name the built-in patterns without a copy of them.
pub fn read_folder(folder: &Path) -> Result<(Library, Vec<FileError>), FolderError> {
    let mut files = Vec::new();
    for (prefix, folder) in [("", folder.to_owned()), ("patterns/", folder.join("patterns"))] {
        if !prefix.is_empty() && !folder.exists() {
            continue;
        }
        for path in markdown_files(&folder)? {
            let bytes = std::fs::read(&path).map_err(|source| FolderError { path: path.clone(), source })?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((format!("{prefix}{name}"), bytes));
        }
    }
    let known: Vec<Slug> = built_in().0.patterns.into_iter().map(|(slug, ..)| slug).collect();
    Ok(story_file::read_library(files, &known))
}

fn markdown_files(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let error = |source| FolderError { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.extension().is_some_and(|extension| extension == "md") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
