//! `casebook export`: everything published as story files, and its detection rules as files for the tools that run them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::node::{Node, NodeOptions};
use super::{Failed, complain, runtime, say};
use crate::service::export;
use crate::service::promtool::{self, Checked};
use crate::service::rules::{self, RuleFormat};
use crate::store::Database;

/// Arguments of `casebook export`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder to write story files to; made when it is not there
    #[arg(value_name = "DIR", required_unless_present = "rules")]
    folder: Option<PathBuf>,
    /// The folder to write the detection rules to, as prometheus.yml, cre.yaml and policies.yaml
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// The address that people use, for the links from rules to their stories
    #[arg(long, value_name = "URL", env = "CASEBOOK_PUBLIC_URL", value_parser = super::serve::public_url,
          default_value = "http://localhost:8080")]
    public_url: String,
    #[command(flatten)]
    node: NodeOptions,
}

/// Exports one state of the library.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let node = Node::visiting(&options.node)?;
    runtime()?.block_on(async {
        let database = node.database().await?;
        if let Some(folder) = &options.folder {
            let written = export::export(&database, folder).await.map_err(Failed::because("the export stopped"))?;
            say(&format!("{written} files written to {}", folder.display()));
        }
        match &options.rules {
            Some(folder) => export_rules(&database, folder, &options.public_url).await,
            None => Ok(ExitCode::SUCCESS),
        }
    })
}

/// Exit status 1 says that Prometheus would not load the file; where promtool is missing, nobody knows.
async fn export_rules(database: &Database, folder: &Path, base: &str) -> Result<ExitCode, Failed> {
    let mut snapshot = database.snapshot().await.map_err(Failed::because("cannot read the library"))?;
    let published = rules::published(&mut snapshot).await.map_err(Failed::because("cannot read the rules"))?;
    std::fs::create_dir_all(folder).map_err(Failed::because(format!("cannot make {}", folder.display())))?;
    let mut exit = ExitCode::SUCCESS;
    for &format in RuleFormat::ALL {
        let file = rules::print(format, &published, base);
        let path = folder.join(format.file_name());
        std::fs::write(&path, &file.text).map_err(Failed::because(format!("cannot write {}", path.display())))?;
        say(&format!("{} {} rules written to {}", file.rules, format.kind(), path.display()));
        file.notes.iter().for_each(|note| complain(note));
        if format == RuleFormat::Prometheus
            && let Checked::Refused(why) =
                promtool::check(&file.text).map_err(Failed::because("cannot check the rules"))?
        {
            why.iter().for_each(|line| complain(&format!("promtool refuses {}: {line}", path.display())));
            exit = ExitCode::from(1);
        }
    }
    Ok(exit)
}
