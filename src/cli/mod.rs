//! The command line: one file a command. What it prints for people goes to standard output, logs and progress to standard error.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::search;
use crate::store::StoreError;
use crate::telemetry::LogFormat;

mod mail;
mod node;
mod progress;
mod serve;
mod oidc;
mod import;
mod taken_in;
mod export;
mod new;
mod check;
mod sarif;
mod diagnose;
mod eval;
mod answer;
mod reindex;
mod user;
mod database_url;

const LOGGING: &str =
    "RUST_LOG chooses what is logged: error, warn, info (the default), debug, or for each part: info,sqlx=debug";

/// A postmortem knowledge base: match a symptom to the failures that are already known.
#[derive(Debug, Parser)]
#[command(name = "casebook", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = LOGGING)]
pub struct Arguments {
    /// How log lines look
    #[arg(long, global = true, value_enum, default_value = "text", env = "CASEBOOK_LOG_FORMAT")]
    pub log_format: LogFormat,
    /// A file of names that your team uses for one another, beside those that Casebook knows: one thing to a line, such
    /// as "basket = cart service"
    #[arg(long, global = true, value_name = "FILE", env = "CASEBOOK_GLOSSARY", hide_short_help = true)]
    glossary: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the web server
    #[command(after_help = LOGGING)]
    Serve(Box<serve::Options>),
    /// Bring a folder of story files, or the rules of others, into the library
    Import(import::Options),
    /// Write everything published as story files
    Export(export::Options),
    /// Begin a story or a pattern as a file to fill in
    New(new::Options),
    /// Check a folder of story files and report everything that is wrong
    Check(check::Options),
    /// Match evidence to known failures: exit status 0 known, 1 unknown, 2 error
    Match(diagnose::Options),
    /// Measure matching by judged queries
    Eval(eval::Options),
    /// Make the search index anew from the database
    Reindex(reindex::Options),
    /// Make, list and change accounts
    User(user::Options),
    /// Print the address of the database, for psql
    DatabaseUrl(database_url::Options),
}

/// Why a command failed: a sentence for people, with the chain of causes behind it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Failed {
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Failed {
    /// Whether trying again may help: only when the database could not be reached.
    fn may_pass(&self) -> bool {
        let mut cause = self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static));
        while let Some(error) = cause {
            if matches!(error.downcast_ref::<StoreError>(), Some(StoreError::Unavailable(_))) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// For `map_err`: what was being done, and the error that ended it.
    fn because<E: std::error::Error + Send + Sync + 'static>(message: impl Into<String>) -> impl FnOnce(E) -> Self {
        let message = message.into();
        move |source| Self { message, source: Some(Box::new(source)) }
    }
}

/// Runs the command and gives its exit status: 0 done, 1 a negative answer, 2 an error.
pub fn run(arguments: Arguments) -> ExitCode {
    if let Err(failed) = arguments.glossary.as_deref().map_or(Ok(()), extend_glossary) {
        complain(&chain(&failed));
        return ExitCode::from(2);
    }
    let result = match arguments.command {
        Command::Serve(options) => serve::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Export(options) => export::run(&options),
        Command::New(options) => new::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Match(options) => diagnose::run(&options),
        Command::Eval(options) => eval::run(&options),
        Command::Reindex(options) => reindex::run(&options),
        Command::User(options) => user::run(&options),
        Command::DatabaseUrl(options) => database_url::run(&options),
    };
    result.unwrap_or_else(|failed| {
        complain(&chain(&failed));
        ExitCode::from(2)
    })
}

fn extend_glossary(path: &Path) -> Result<(), Failed> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(Failed::because(format!("cannot read the glossary {name}")))?;
    search::extend_glossary(&text).map_err(Failed::because(format!("cannot use the glossary {name}")))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Transparent wrappers repeat their cause's words.
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

/// Prints a line for people or pipes. A closed pipe (`| head`) ends the program quietly, as it does others.
fn say(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}

fn complain(message: &str) {
    // Standard error that is closed leaves nowhere to say so.
    writeln!(std::io::stderr(), "casebook: {message}").unwrap_or_default();
}

/// A runtime for the commands that talk to the database.
fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failed::because("cannot start the threads for the database"))
}
