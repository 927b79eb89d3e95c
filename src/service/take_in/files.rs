//! Finds and reads the files of others: without following folders in circles, and without trusting their size.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::service::library::FolderError;

/// Nobody writes rules deeper than this; a bound against folders without end.
const DEEPEST: usize = 16;
/// The largest file of rules that is read, in bytes.
const LARGEST_RULES: u64 = 4 << 20;
/// Of a log, the last so many bytes are read.
const MOST_OF_LOG: u64 = 8 << 20;

/// The files with one of these extensions in some folders, and those that are named themselves; sorted, each once.
/// What is hidden, and folders that are links, are passed over.
pub(super) fn find(roots: &[PathBuf], extensions: &[&str]) -> Result<Vec<PathBuf>, FolderError> {
    let mut found = Vec::new();
    for root in roots {
        let metadata = std::fs::metadata(root).map_err(|source| FolderError { path: root.clone(), source })?;
        if metadata.is_dir() {
            collect(root, extensions, DEEPEST, &mut found)?;
        } else {
            found.push(root.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn collect(folder: &Path, extensions: &[&str], depth: usize, found: &mut Vec<PathBuf>) -> Result<(), FolderError> {
    let error = |source| FolderError { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth > 0 {
                collect(&path, extensions, depth - 1, found)?;
            }
        } else if has_extension(&path, extensions) && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| extensions.contains(&extension.as_str()))
}

/// The text of a file of rules; or why it cannot be read, in a sentence without a full stop.
pub(super) fn rules(path: &Path) -> Result<String, String> {
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(LARGEST_RULES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST_RULES {
        return Err(format!("the file is larger than {} MiB; expected rules", LARGEST_RULES >> 20));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        format!("line {line} has bytes that are not UTF-8")
    })?;
    if text.contains('\0') {
        return Err("the file has NUL characters; expected text".to_owned());
    }
    Ok(text)
}

/// A log as it can be kept: what is neither UTF-8 nor printable by any means becomes U+FFFD.
pub(super) fn log(path: &Path) -> Result<String, String> {
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    let is_cut = length > MOST_OF_LOG;
    if is_cut {
        file.seek(SeekFrom::Start(length - MOST_OF_LOG)).map_err(|error| error.to_string())?;
    }
    file.take(MOST_OF_LOG).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}").replace("\r\n", "\n").replace('\r', "\n");
    // The first line is half a line then.
    let start = if is_cut { text.find('\n').map_or(0, |newline| newline + 1) } else { 0 };
    Ok(text[start..].to_owned())
}

/// The first few KiB of a text, whatever its encoding.
pub(super) fn beginning(path: &Path) -> Option<String> {
    const ENOUGH: u64 = 16 << 10;
    let mut bytes = Vec::new();
    open(path).ok()?.take(ENOUGH).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Opens what is a file: a pipe would be waited for without end.
fn open(path: &Path) -> Result<File, String> {
    let is_file = std::fs::metadata(path).map_err(|error| error.to_string())?.is_file();
    if !is_file {
        return Err("it is no file".to_owned());
    }
    File::open(path).map_err(|error| error.to_string())
}
