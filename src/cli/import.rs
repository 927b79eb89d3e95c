//! `casebook import DIR`: story files, or the rules of others, into the library.

use std::path::PathBuf;
use std::process::ExitCode;

use super::node::{Node, NodeOptions};
use super::progress::Progress;
use super::{Failed, complain, runtime, say, taken_in};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::{FailureKind, Line, Slug, WebAddress};
use crate::service::take_in::{self, Gathered, Stated};
use crate::service::{import, library, picture};
use crate::story_file::Library;

/// Arguments of `casebook import`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder of story files; of CRE rules a folder or file; of Prometheus rules any number of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Whose format the files are in; without it they are story files
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<Format>,
    /// Write story files to this folder instead of the library; needs no database
    #[arg(long, value_name = "FOLDER", requires = "from")]
    to: Option<PathBuf>,
    /// Where the rules were published [default: told from a git checkout, or from the folders of CRE]
    #[arg(long, value_name = "URL", requires = "from", value_parser = WebAddress::parse)]
    source: Option<WebAddress>,
    /// Their licence, as an SPDX expression [default: told from a file LICENSE beside or above them]
    #[arg(long, value_name = "SPDX", requires = "from", value_parser = Line::parse)]
    license: Option<Line>,
    #[command(flatten)]
    node: NodeOptions,
}

/// Formats of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Common Reliability Enumerations: YAML rules with the logs that they fire on beside them
    Cre,
    /// Alerting rules in rule files, or in objects of the kind PrometheusRule
    PrometheusRules,
}

/// Imports what is right, and says what is not. Exit status 1 when story files were wrong, or a format of others gave nothing.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    match options.from {
        None => story_files(options),
        Some(format) => rules_of_others(options, format),
    }
}

fn story_files(options: &Options) -> Result<ExitCode, Failed> {
    let [folder] = options.paths.as_slice() else {
        return Err(Failed::new("found several folders; expected one folder of story files, or --from and a format"));
    };
    let (library, errors) = library::read_folder(folder).map_err(Failed::because("cannot read the story files"))?;
    for error in &errors {
        complain(&format!("{}/{error}", folder.display()));
    }
    let node = Node::visiting(&options.node)?;
    let (report, pictures) = runtime()?.block_on(async {
        let database = node.database().await?;
        let report = into_database(&database, &library).await?;
        let pictures = picture::import(&database, &SystemClock, &library, folder)
            .await
            .map_err(Failed::because("the import of the pictures stopped; it can be run again"))?;
        Ok::<_, Failed>((report, pictures))
    })?;
    say(&format!("{} added, {} updated, {} unchanged", report.added, report.updated, report.unchanged));
    say_kept(&report.kept);
    for (path, reason) in &pictures.refused {
        complain(&format!("{}: {reason}", path.display()));
    }
    if pictures.added + pictures.unchanged > 0 {
        say(&format!("pictures: {} added, {} unchanged", pictures.added, pictures.unchanged));
    }
    let is_right = errors.is_empty() && pictures.refused.is_empty();
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn rules_of_others(options: &Options, format: Format) -> Result<ExitCode, Failed> {
    let mut gathered = gather(options, format)?;
    let candidates = gathered.accept();
    let guessed = candidates.iter().filter(|candidate| candidate.taken.category_is_guessed).count();
    let count = candidates.len();
    let report = match &options.to {
        Some(folder) => {
            let present = take_in::present_in(folder).map_err(Failed::because("cannot read what is there already"))?;
            let library = take_in::library(candidates, &present);
            take_in::write(&library, folder).map_err(Failed::because("cannot write the story files"))?
        }
        None => {
            let node = Node::visiting(&options.node)?;
            runtime()?.block_on(async {
                let database = node.database().await?;
                let present = take_in::present(&database)
                    .await
                    .map_err(Failed::because("cannot read what the library has already"))?;
                into_database(&database, &take_in::library(candidates, &present)).await
            })?
        }
    };
    let kept = report.kept.len();
    let (added, updated, unchanged) = (report.added, report.updated, report.unchanged);
    taken_in::say_report(&gathered, guessed);
    say_kept(&report.kept);
    say(&format!(
        "{added} added, {updated} updated, {unchanged} unchanged, {} skipped{}",
        gathered.refused.len(),
        if kept > 0 { format!(", {kept} left alone") } else { String::new() },
    ));
    Ok(if count > 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn gather(options: &Options, format: Format) -> Result<Gathered, Failed> {
    let stated = Stated { source: options.source.clone(), license: options.license.clone() };
    let mut progress = Progress::new("reading rules");
    let mut show = |done: usize, total: usize| progress.set(done as u64, total as u64);
    let gathered = match (format, options.paths.as_slice()) {
        (Format::Cre, [folder]) => take_in::cre(folder, &stated, SystemClock.now(), &mut show),
        (Format::Cre, _) => return Err(Failed::new("found several paths; expected one folder or file of CRE rules")),
        (Format::PrometheusRules, paths) => take_in::prometheus(paths, &stated, &mut show),
    };
    gathered.map_err(Failed::because("cannot read the rules"))
}

async fn into_database(database: &crate::store::Database, library: &Library) -> Result<import::Report, Failed> {
    let mut progress = Progress::new("importing");
    import::import(database, &SystemClock, library, |now| progress.set(now.done as u64, now.total as u64))
        .await
        .map_err(Failed::because("the import stopped; what came in before stays, and it can be run again"))
}

fn say_kept(kept: &[(FailureKind, Slug)]) {
    for (kind, slug) in kept {
        say(&format!("left alone: {kind} {slug}, because it was edited here or its address belongs to another record"));
    }
}
