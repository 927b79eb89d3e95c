//! `casebook import DIR`: story files into the library.

use std::path::PathBuf;
use std::process::ExitCode;

use super::node::{Node, NodeOptions};
use super::progress::Progress;
use super::{Failed, complain, runtime, say};
use crate::domain::clock::SystemClock;
use crate::service::{import, library};

/// Arguments of `casebook import`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder of story files
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    node: NodeOptions,
}

/// Imports what is right, and says what is not. Exit status 1 when files were wrong.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let (library, errors) =
        library::read_folder(&options.folder).map_err(Failed::because("cannot read the story files"))?;
    for error in &errors {
        complain(&format!("{}/{error}", options.folder.display()));
    }
    let node = Node::visiting(&options.node)?;
    let report = runtime()?.block_on(async {
        let database = node.database().await?;
        let mut progress = Progress::new("importing");
        import::import(&database, &SystemClock, &library, |now| progress.set(now.done as u64, now.total as u64))
            .await
            .map_err(Failed::because("the import stopped; what came in before stays, and it can be run again"))
    })?;
    say(&format!("{} added, {} updated, {} unchanged", report.added, report.updated, report.unchanged));
    for (kind, slug) in &report.kept {
        say(&format!("left alone: {kind} {slug}, because it was edited here or its address belongs to another record"));
    }
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
