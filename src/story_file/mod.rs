//! Stories and patterns as files: reading with every error and its line, printing so that nothing is lost. No I/O.
//!
//! The format is described in `docs/story-files.md`.

mod blank;
#[cfg(test)]
mod errors;
mod facts;
mod library;
mod parse;
mod print;
#[cfg(test)]
mod round_trip;
mod sections;
mod timeline;
mod yaml;

pub use blank::blank;
pub use library::{FileFacts, Library, read_library};
pub use print::{print_pattern, print_story};

use std::collections::BTreeMap;

use crate::domain::{Pattern, Story};

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct FileError {
    /// The file, as it was named by the caller.
    pub file: String,
    /// The line, from 1: of the value, or of what it is missing from.
    pub line: usize,
    /// The field, what was found and what was expected.
    pub message: String,
}

/// Reads a story; `file` is the name for errors. Every error is reported, in the order of lines.
pub fn parse_story(file: &str, text: &str) -> Result<Story, Vec<FileError>> {
    parse::story(text).map(|(story, ..)| story).map_err(|problems| in_file(file, problems))
}

/// Reads a pattern; `file` is the name for errors. Every error is reported, in the order of lines.
pub fn parse_pattern(file: &str, text: &str) -> Result<Pattern, Vec<FileError>> {
    parse::pattern(text).map(|(pattern, _)| pattern).map_err(|problems| in_file(file, problems))
}

/// Where the fields of a file stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldLines(BTreeMap<String, usize>);

impl FieldLines {
    /// The line, from 1, of a field by its path (`rules[0].text`), or of the nearest thing around it; the first line of
    /// the file at last.
    pub fn of(&self, path: &str) -> usize {
        facts::ancestors(path).find_map(|path| self.0.get(path)).copied().unwrap_or(1)
    }
}

/// A problem in a file that has no name yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    line: usize,
    message: String,
}

impl Problem {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

fn in_file(file: &str, mut problems: Vec<Problem>) -> Vec<FileError> {
    problems.sort_by_key(|problem| problem.line);
    let named = |Problem { line, message }| FileError { file: file.to_owned(), line, message };
    problems.into_iter().map(named).collect()
}
