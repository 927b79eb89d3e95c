//! `casebook serve`: the database, the follower and the web server, started in that order and stopped in reverse.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::node::{Node, NodeOptions};
use super::progress::Progress;
use super::{Failed, chain, complain, runtime, say};
use crate::domain::clock::SystemClock;
use crate::domain::{Email, Local, Policy, Reading, Submission};
use crate::search::SearchIndex;
use crate::service::diagnose::Diagnoser;
use crate::service::follow::{Follower, IndexStatus};
use crate::service::{import, library};
use crate::store::Database;
use crate::web::server::{self, BoundServer, Listening};
use crate::web::{AppState, HotPages, Lanes, Patience, RateLimit, Rates, Settings};

/// Arguments of `casebook serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The address to listen on; port 0 takes a free one. May be repeated
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", env = "CASEBOOK_LISTEN", value_delimiter = ',')]
    listen: Vec<SocketAddr>,
    #[command(flatten)]
    node: NodeOptions,
    /// Accept no submissions
    #[arg(long, env = "CASEBOOK_READ_ONLY")]
    read_only: bool,
    /// Who may read, search and match
    #[arg(long, value_name = "WHO", value_enum, default_value = "public", env = "CASEBOOK_READING")]
    reading: Readers,
    /// Who may hand stories in; what comes without an account always goes through review
    #[arg(long, value_name = "WHO", value_enum, default_value = "members", env = "CASEBOOK_SUBMISSION")]
    submission: Submitters,
    /// Let requests from this machine do everything without an account: for one person's own machine
    #[arg(long, env = "CASEBOOK_TRUST_LOCAL")]
    trust_local: bool,
    /// A name by which this server may be called, besides addresses and localhost. May be repeated
    #[arg(long = "host", value_name = "NAME", env = "CASEBOOK_HOSTS", value_delimiter = ',')]
    hosts: Vec<String>,
    /// The address that people use, for links and secure cookies: https://casebook.example.com
    #[arg(long, value_name = "URL", env = "CASEBOOK_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<String>,
    /// How often one address may ask: 2 for twice as often as usual, or off. Requests that --trust-local trusts are
    /// never counted
    #[arg(long, value_name = "N", default_value = "1", env = "CASEBOOK_RATE_LIMIT")]
    rate_limit: RateLimit,
    /// Where to report a vulnerability of this instance, for /.well-known/security.txt: an e-mail or https address
    #[arg(long, value_name = "ADDRESS", env = "CASEBOOK_SECURITY_CONTACT", value_parser = security_contact)]
    security_contact: Option<String>,
    /// How many threads answer requests [default: one for each core]
    #[arg(long, value_name = "N", env = "CASEBOOK_WORKERS", value_parser = clap::value_parser!(u8).range(1..=64))]
    workers: Option<u8>,
    /// Start without the built-in stories
    #[arg(long, env = "CASEBOOK_NO_LIBRARY")]
    no_library: bool,
}

/// Who may read.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Readers {
    /// Everybody who reaches the server
    Public,
    /// Accounts only
    Members,
}

/// Who may hand stories in.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Submitters {
    /// Everybody
    Open,
    /// Accounts with the role of author, editor or admin
    Members,
}

impl Options {
    fn policy(&self) -> Policy {
        Policy {
            reading: match self.reading {
                Readers::Public => Reading::Public,
                Readers::Members => Reading::Members,
            },
            submission: match self.submission {
                _ if self.read_only => Submission::Off,
                Submitters::Open => Submission::Open,
                Submitters::Members => Submission::Members,
            },
            local: if self.trust_local { Local::Trusted } else { Local::Like },
        }
    }
}

pub(super) fn public_url(text: &str) -> Result<String, String> {
    let address = crate::domain::WebAddress::parse(text).map_err(|invalid| invalid.to_string())?;
    Ok(address.as_str().trim_end_matches('/').to_owned())
}

fn security_contact(text: &str) -> Result<String, String> {
    if let Ok(address) = Email::parse(text) {
        return Ok(format!("mailto:{address}"));
    }
    match crate::domain::WebAddress::parse(text) {
        Ok(address) if address.as_str().starts_with("https://") => Ok(address.as_str().to_owned()),
        Ok(_) | Err(_) => {
            Err(format!("found {text:?}; expected an e-mail address or a page such as https://example.com/security"))
        }
    }
}

/// Serves until it is told to stop by SIGTERM or Ctrl+C; requests under way get 30 s.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let started = Instant::now();
    let node = Node::serving(&options.node)?;
    let folder = node.folder.as_ref().ok_or_else(|| Failed::new("the data folder is not claimed"))?;
    let data = folder.path().to_owned();
    runtime()?.block_on(async {
        let database = prepared(&node).await?;
        let (index, opened) =
            SearchIndex::open(&data.join("index")).map_err(Failed::because("cannot open the search index"))?;
        let diagnoser = Diagnoser::unread(index);
        let (follower, status) = Follower::new(database.clone(), diagnoser.clone(), opened);
        // Before the long work, so that a port in use is known at once; connections wait in the backlog until then.
        let server = bind(options, &data, database.clone(), diagnoser, status.clone())?;
        if !options.no_library {
            import_built_in(&database).await?;
        }
        let (stop, stopped) = watch::channel(false);
        let following = tokio::spawn(follower.run(stopped));
        wait_for_index(status).await;
        greet(options, &server, started);
        serve(server).await?;
        stop.send_replace(true);
        if let Err(error) = following.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the index follower ended badly");
        }
        database.close().await;
        Ok(())
    })?;
    drop(node);
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The database, waited for: in a cluster of machines it may come up after this one.
async fn prepared(node: &Node) -> Result<Database, Failed> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let deadline = Instant::now() + PATIENCE;
    loop {
        match node.database().await {
            Ok(database) => return Ok(database),
            Err(failed) if Instant::now() > deadline || !failed.may_pass() => return Err(failed),
            Err(failed) => {
                complain(&format!("{}; trying again", chain(&failed)));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn bind(
    options: &Options,
    data: &Path,
    database: Database,
    diagnoser: Diagnoser,
    status: watch::Receiver<IndexStatus>,
) -> Result<BoundServer, Failed> {
    let policy = options.policy();
    let settings = Settings {
        policy,
        hosts: options.hosts.clone(),
        public_url: options.public_url.clone(),
        security_contact: options.security_contact.clone(),
        data: data.to_owned(),
    };
    let index = diagnoser.index().clone();
    let state = AppState {
        database,
        index,
        diagnoser,
        clock: Arc::new(SystemClock),
        settings,
        index_status: status,
        pages: HotPages::default(),
        lanes: Lanes::default(),
        rates: Rates::new(options.rate_limit),
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let workers = options.workers.map_or(cores, usize::from);
    let addresses: Vec<String> = options.listen.iter().map(ToString::to_string).collect();
    let hint = "is another one running there? --listen chooses another address";
    let listening = Listening { addresses: options.listen.clone(), workers, patience: Patience::default() };
    server::bind(state, &listening)
        .map_err(Failed::because(format!("cannot listen on {} ({hint})", addresses.join(", "))))
}

async fn import_built_in(database: &Database) -> Result<(), Failed> {
    let (library, errors) = library::built_in();
    for error in &errors {
        tracing::error!("built-in library: {error}");
    }
    let mut progress = Progress::new("importing stories");
    let report =
        import::import(database, &SystemClock, &library, |now| progress.set(now.done as u64, now.total as u64))
            .await
            .map_err(Failed::because("cannot import the built-in stories"))?;
    if report.added + report.updated > 0 {
        tracing::info!(added = report.added, updated = report.updated, "imported the built-in stories");
    }
    Ok(())
}

/// Shows the index being built. Trouble is no reason to wait: the server answers with what it has, and tries on.
async fn wait_for_index(mut status: watch::Receiver<IndexStatus>) {
    let mut progress = Progress::new("indexing");
    loop {
        let now = status.borrow_and_update().clone();
        if now.ready || now.trouble.is_some() {
            return;
        }
        if let Some(rebuilding) = now.rebuilding {
            progress.set(rebuilding.done, rebuilding.total);
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

fn greet(options: &Options, server: &BoundServer, started: Instant) {
    let addresses: Vec<String> = server.addresses().iter().map(|address| format!("http://{address}")).collect();
    let writing = if options.read_only { " (read-only)" } else { "" };
    say(&format!("Casebook is at {}{writing}", addresses.join(" and ")));
    tracing::info!(milliseconds = started.elapsed().as_millis() as u64, "ready");
}

async fn serve(server: BoundServer) -> Result<(), Failed> {
    let handle = server.handle();
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::because("cannot listen for SIGTERM"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::because("cannot listen for Ctrl+C"))?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping; requests under way get up to 30 s");
        handle.stop(true).await;
    });
    server.run().await.map_err(Failed::because("the web server failed"))
}
