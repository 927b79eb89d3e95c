//! `casebook check DIR`: everything that is wrong with a folder of story files, for people and for CI.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failed, say};
use crate::service::library;

/// Arguments of `casebook check`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder of story files
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Prints every error as `file:line: message`. Exit status 1 when there is one.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let (library, errors) =
        library::read_folder(&options.folder).map_err(Failed::because("cannot read the story files"))?;
    for error in &errors {
        say(&options.folder.join(error.to_string()).display().to_string());
    }
    let (stories, patterns) = (library.stories.len(), library.patterns.len());
    if errors.is_empty() {
        say(&format!("{stories} stories and {patterns} patterns are right"));
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("{} errors; {stories} stories and {patterns} patterns are right", errors.len()));
    Ok(ExitCode::from(1))
}
