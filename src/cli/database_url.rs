//! `casebook database-url`: the address of the database that runs, for psql and pg_dump.

use std::process::ExitCode;

use super::node::{self, NodeOptions};
use super::{Failed, say};

/// Arguments of `casebook database-url`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    node: NodeOptions,
}

/// Prints the address.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    say(&node::running_url(&options.node)?);
    Ok(ExitCode::SUCCESS)
}
