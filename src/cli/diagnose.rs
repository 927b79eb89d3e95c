//! `casebook match`: the known failures that evidence points to, in the terminal.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use super::answer::{Color, Printer};
use super::{Failed, complain, say};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::matching::Evidence;
use crate::service::answer::Answer;
use crate::service::diagnose::Diagnoser;
use crate::service::{library, offline};

/// Arguments of `casebook match`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The evidence; - or nothing reads standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// The Casebook to ask
    #[arg(long, value_name = "URL", env = "CASEBOOK_SERVER", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// Match against a folder of story files instead, without a server
    #[arg(long, value_name = "DIR")]
    stories: Option<PathBuf>,
    /// Print the answer as JSON, as the API gives it
    #[arg(long)]
    json: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto")]
    color: Color,
    /// How many known failures to show
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u8).range(1..=50))]
    limit: u8,
}

/// Exit status 0 when something known matches, 1 when nothing does.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let evidence = read(options)?;
    let answer = match &options.stories {
        Some(folder) => ask_folder(options, folder, &evidence)?,
        None => ask_server(options, &evidence)?,
    };
    if options.json {
        let json = serde_json::to_string_pretty(&answer).map_err(Failed::because("cannot write the answer as JSON"))?;
        say(&json);
    } else {
        Printer::new(&evidence, options.color).print(&answer);
    }
    Ok(if answer.matches.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn read(options: &Options) -> Result<Evidence, Failed> {
    let name = options.file.display();
    // One byte more than is allowed tells too much from just enough.
    let limit = Evidence::MAX as u64 + 1;
    let mut bytes = Vec::new();
    let read = if options.file.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(&options.file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(Failed::because(format!("cannot read the evidence from {name}")))?;
    if bytes.len() > Evidence::MAX {
        return Err(Failed::new("more than 1 MiB of evidence; cut it down, for example with: tail -c 1000000"));
    }
    let text = String::from_utf8(bytes).map_err(Failed::because("the evidence is not UTF-8 text"))?;
    Evidence::parse(&text).map_err(Failed::because("cannot use the evidence"))
}

fn ask_folder(options: &Options, folder: &std::path::Path, evidence: &Evidence) -> Result<Answer, Failed> {
    let (library, errors) = library::read_folder(folder).map_err(Failed::because("cannot read the story files"))?;
    if !errors.is_empty() {
        let hint = format!("casebook check {}", folder.display());
        complain(&format!("{} errors in the story files; what is right is used. See: {hint}", errors.len()));
    }
    let now = SystemClock.now();
    let diagnoser = offline::index(library, now)
        .and_then(Diagnoser::new)
        .map_err(Failed::because("cannot index the story files"))?;
    let limit = usize::from(options.limit);
    let diagnosis = diagnoser.diagnose(evidence, now, limit).map_err(Failed::because("cannot match"))?;
    Ok(Answer::new(&diagnosis, ""))
}

fn ask_server(options: &Options, evidence: &Evidence) -> Result<Answer, Failed> {
    let server = options.server.trim_end_matches('/');
    let hint = "is it running? --server names another one, --stories DIR needs none";
    let mut response = ureq::post(format!("{server}/api/v1/match"))
        .config()
        .http_status_as_error(false)
        .timeout_global(Some(std::time::Duration::from_secs(30)))
        .build()
        .send_json(serde_json::json!({ "evidence": evidence.as_str(), "limit": options.limit }))
        .map_err(Failed::because(format!("cannot reach {server} ({hint})")))?;
    let status = response.status();
    if !status.is_success() {
        let problem = response.body_mut().read_json::<serde_json::Value>().unwrap_or_default();
        let detail = problem["detail"].as_str().or(problem["title"].as_str()).unwrap_or("no reason given").to_owned();
        return Err(Failed::new(format!("{server} answered {status}: {detail}")));
    }
    let mut answer: Answer =
        response.body_mut().read_json().map_err(Failed::because(format!("cannot read the answer of {server}")))?;
    for found in &mut answer.matches {
        if found.url.starts_with('/') {
            found.url = format!("{server}{}", found.url);
        }
    }
    Ok(answer)
}
