//! Rules that others wrote, in their own formats, read as patterns. No I/O.
//!
//! Reading is lenient, since real files break their own schemas here and there: what can be understood is taken, and
//! what was not as expected is said. Rules are not run here.

mod yaml;
mod excerpt;
mod words;
mod technology;
mod category;
mod reference;
mod draft;
pub mod cre;
pub mod prometheus;
pub mod license;
mod address;

pub use self::address::{Present, settle};

use crate::domain::{Line, Pattern, WebAddress};

/// What is known of a file besides its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where it can be found on the web.
    pub source: Option<WebAddress>,
    /// Its licence, where it is known.
    pub license: Option<Line>,
}

/// A pattern made from what somebody else wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What it is called where it comes from: `CRE-2024-0007`, `KubePodCrashLooping`.
    pub id: String,
    /// The pattern. Its log rules have no examples yet.
    pub pattern: Pattern,
    /// The line of the file on which each of its rules begins, from 1.
    pub lines: Vec<usize>,
    /// Whether the category was told from words, because the source does not say it.
    pub category_is_guessed: bool,
    /// What had to be shortened or left out, in sentences without a full stop.
    pub remarks: Vec<String>,
}

/// A rule that cannot be a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line of the file, from 1.
    pub line: usize,
    /// What it is called, as far as that is known.
    pub id: String,
    /// Why, in a sentence without a full stop.
    pub why: String,
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The patterns.
    pub taken: Vec<Taken>,
    /// What looks like a rule and cannot be a pattern.
    pub refused: Vec<Refused>,
    /// Rules of a sort that no pattern needs: recording rules of Prometheus.
    pub passed_over: usize,
}

impl Found {
    fn add(&mut self, line: usize, id: &str, result: Result<Taken, String>) {
        match result {
            Ok(taken) => self.taken.push(taken),
            Err(why) => self.refused.push(Refused { line, id: id.to_owned(), why }),
        }
    }
}
