//! `casebook check DIR`: everything that is wrong with a folder of story files, for people and for CI.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::sarif::{self, Finding, Level};
use super::{Failed, say};
use crate::service::library;
use crate::story_file::FileError;

/// Arguments of `casebook check`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder of story files
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
    /// Write what was found as SARIF 2.1.0 too; - writes it to standard output instead of the lines
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

/// Prints every finding as `file:line: level: message`. Exit status 1 when there is an error among them.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let (library, errors) =
        library::read_folder(&options.folder).map_err(Failed::because("cannot read the story files"))?;
    let mut findings: Vec<Finding> = errors.iter().map(|error| file_error(&options.folder, error)).collect();
    findings.sort();
    let (stories, patterns) = (library.stories.len(), library.patterns.len());
    report(options, &findings, &format!("{stories} stories and {patterns} patterns are right"))
}

fn report(options: &Options, findings: &[Finding], right: &str) -> Result<ExitCode, Failed> {
    if let Some(to) = &options.sarif {
        sarif::write(findings, to)?;
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    if options.sarif.as_deref() != Some(Path::new("-")) {
        findings.iter().for_each(|finding| say(&finding.to_string()));
        match errors + warnings {
            0 => say(right),
            _ => say(&format!("{errors} errors, {warnings} warnings; {right}")),
        }
    }
    let is_wrong = errors > 0 || (options.strict && warnings > 0);
    Ok(if is_wrong { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn file_error(folder: &Path, error: &FileError) -> Finding {
    Finding {
        file: folder.join(&error.file).display().to_string(),
        line: error.line,
        rule_id: "story-file".to_owned(),
        about: "A story file says what docs/story-files.md asks for".to_owned(),
        level: Level::Error,
        message: error.message.clone(),
        help_uri: None,
    }
}
