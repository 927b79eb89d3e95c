//! Rules that others wrote come in as patterns: found in folders, proved on the logs beside them, and given addresses.

mod files;
mod origin;
mod example;
mod cre;
mod prometheus;
mod destination;

use std::path::{Path, PathBuf};

pub use self::cre::{Log, read as cre};
pub use self::destination::{library, present, present_in, slugs, write};
pub use self::origin::Stated;
pub use self::prometheus::read as prometheus;
use crate::intake::Taken;

/// A pattern that may come in.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The file that its first rule stands in.
    pub file: PathBuf,
    /// The pattern, with examples.
    pub taken: Taken,
    /// Where the examples of its first rule are from: those to fire on, then those to be silent on.
    pub logs: Vec<Log>,
    /// What its rules do wrong: the path of the field, and the complaint. A pattern with any does not come in.
    pub complaints: Vec<crate::domain::input::FieldError>,
}

/// Something that has to be said of a file, in a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is called so there; nothing where that is not known.
    pub id: String,
    /// What has to be said.
    pub text: String,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: ", self.file.display(), self.line)?;
        if !self.id.is_empty() {
            write!(f, "{}: ", self.id)?;
        }
        f.write_str(&self.text)
    }
}

/// Everything that was found.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// How many files were read.
    pub files: usize,
    /// The patterns, ordered by the id that their source gives them.
    pub candidates: Vec<Candidate>,
    /// What looks like a rule and cannot be a pattern.
    pub refused: Vec<Remark>,
    /// Logs that are no examples, and why.
    pub examples_left_out: Vec<Remark>,
    /// What was shortened or left out of patterns.
    pub remarks: Vec<Remark>,
    /// Files that hold no rules.
    pub passed_over: Vec<PathBuf>,
    /// Recording rules of Prometheus: they say nothing about failures.
    pub recording: usize,
}

impl Gathered {
    /// Takes out the patterns whose rules do something wrong, as refused ones, and gives the rest.
    pub fn accept(&mut self) -> Vec<Candidate> {
        let (right, wrong) = std::mem::take(&mut self.candidates)
            .into_iter()
            .partition::<Vec<_>, _>(|candidate| candidate.complaints.is_empty());
        self.refused.extend(wrong.into_iter().map(|candidate| {
            let complaints: Vec<_> = candidate.complaints.iter().map(|error| candidate.sentence(error)).collect();
            candidate.remark(complaints.join("; "))
        }));
        self.refused.sort();
        right
    }
}

impl Candidate {
    fn remark(&self, text: String) -> Remark {
        let line = self.taken.lines.first().copied().unwrap_or(1);
        Remark { file: self.file.clone(), line, id: self.taken.id.clone(), text }
    }

    /// What is wrong with a rule, with the log's name in place of the example's path.
    fn sentence(&self, error: &crate::domain::input::FieldError) -> String {
        let log = self.logs.iter().find(|log| log.field == error.field);
        match log.and_then(|log| log.file.file_name()) {
            Some(name) => format!("{}: {}", name.to_string_lossy(), error.message),
            None => error.message.clone(),
        }
    }
}

/// How far the work is: so many of so many files.
pub type Progress<'p> = &'p mut dyn FnMut(usize, usize);

/// A path for reports: as it was given.
fn name(path: &Path) -> String {
    path.display().to_string()
}
