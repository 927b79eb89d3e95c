//! `casebook export DIR`: everything published as story files.

use std::path::PathBuf;
use std::process::ExitCode;

use super::node::{Node, NodeOptions};
use super::{Failed, runtime, say};
use crate::service::export;

/// Arguments of `casebook export`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder to write to; made when it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    node: NodeOptions,
}

/// Exports one state of the library.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let node = Node::visiting(&options.node)?;
    let written = runtime()?.block_on(async {
        let database = node.database().await?;
        export::export(&database, &options.folder).await.map_err(Failed::because("the export stopped"))
    })?;
    say(&format!("{written} files written to {}", options.folder.display()));
    Ok(ExitCode::SUCCESS)
}
