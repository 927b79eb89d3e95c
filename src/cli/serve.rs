//! `casebook serve`: the database, the follower and the web server, started in that order and stopped in reverse.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::mail::MailOptions;
use super::node::{Node, NodeOptions};
use super::oidc::OidcOptions;
use super::progress::Progress;
use super::{Failed, chain, complain, runtime};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::{Email, Local, Policy, Reading, Submission};
use crate::identity::oidc::Provider;
use crate::identity::password::Breached;
use crate::search::SearchIndex;
use crate::service::account::{Passwords, entry, sweep};
use crate::service::diagnose::Diagnoser;
use crate::service::follow::{Follower, IndexStatus};
use crate::service::{import, library};
use crate::store::Database;
use crate::web::server::{self, BoundServer, Listening};
use crate::web::{AppState, HotPages, Lanes, Network, Patience, RateLimit, Rates, Settings};

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
    /// A proxy, or the network that proxies are in, whose X-Forwarded-For header says where requests come from. May be
    /// repeated
    #[arg(long = "trusted-proxy", value_name = "ADDR", env = "CASEBOOK_TRUSTED_PROXIES", value_delimiter = ',')]
    trusted_proxies: Vec<Network>,
    /// A file of passwords that nobody may choose: sorted lines of upper-case SHA-1 and count, as from Have I Been Pwned
    #[arg(long, value_name = "FILE", env = "CASEBOOK_BREACHED_PASSWORDS")]
    breached_passwords: Option<PathBuf>,
    #[command(flatten)]
    mail: MailOptions,
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
    #[command(flatten)]
    oidc: OidcOptions,
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
    let oidc = options.oidc.provider(options.public_url.as_deref())?;
    let node = Node::serving(&options.node)?;
    let folder = node.folder.as_ref().ok_or_else(|| Failed::new("the data folder is not claimed"))?;
    let data = folder.path().to_owned();
    runtime()?.block_on(async {
        let database = prepared(&node).await?;
        let office = options.mail.office(&database, options.public_url.as_deref())?;
        let (index, opened) =
            SearchIndex::open(&data.join("index")).map_err(Failed::because("cannot open the search index"))?;
        let diagnoser = Diagnoser::unread(index);
        let (follower, status) = Follower::new(database.clone(), diagnoser.clone(), opened);
        // Before the long work, so that a port in use is known at once; connections wait in the backlog until then.
        let server = bind(options, &data, oidc, database.clone(), diagnoser, status.clone())?;
        if !options.no_library {
            import_built_in(&database).await?;
        }
        let (stop, stopped) = watch::channel(false);
        let sweeping = tokio::spawn(sweep::run(database.clone(), Arc::new(SystemClock), stopped.clone()));
        let following = tokio::spawn(follower.run(stopped.clone()));
        let writing = office.map(|office| tokio::spawn(office.run(stopped)));
        wait_for_index(status).await;
        greet(options, &server, &database, started).await?;
        serve(server).await?;
        stop.send_replace(true);
        for (what, work) in [("index follower", following), ("sweep", sweeping)] {
            if let Err(error) = work.await {
                tracing::error!(error = &error as &dyn std::error::Error, "the {what} ended badly");
            }
        }
        if let Some(Err(error)) = join(writing).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the sending of letters ended badly");
        }
        database.close().await;
        Ok(())
    })?;
    drop(node);
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

async fn join(task: Option<tokio::task::JoinHandle<()>>) -> Option<Result<(), tokio::task::JoinError>> {
    match task {
        Some(task) => Some(task.await),
        None => None,
    }
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
    oidc: Option<Arc<Provider>>,
    database: Database,
    diagnoser: Diagnoser,
    status: watch::Receiver<IndexStatus>,
) -> Result<BoundServer, Failed> {
    let policy = options.policy();
    let settings = Settings {
        policy,
        hosts: options.hosts.clone(),
        public_url: options.public_url.clone(),
        trusted_proxies: options.trusted_proxies.clone(),
        security_contact: options.security_contact.clone(),
        data: data.to_owned(),
        oidc,
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
        passwords: Passwords::new(breached(options)?),
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

fn breached(options: &Options) -> Result<Option<Breached>, Failed> {
    let Some(path) = &options.breached_passwords else { return Ok(None) };
    let because = Failed::because(format!("cannot use the breached passwords in {}", path.display()));
    Breached::open(path).map(Some).map_err(because)
}

/// Says where Casebook is, and, while nobody has an account, by which link the first one is made. The link goes to standard
/// output only: logs are read by others, and kept.
async fn greet(options: &Options, server: &BoundServer, database: &Database, started: Instant) -> Result<(), Failed> {
    let addresses: Vec<String> = server.addresses().iter().map(|address| format!("http://{address}")).collect();
    let writing = if options.read_only { " (read-only)" } else { "" };
    let mut greeting = format!("Casebook is at {}{writing}\n", addresses.join(" and "));
    if !options.read_only {
        let link = entry::set_up_link(database, SystemClock.now()).await;
        if let Some(secret) = link.map_err(Failed::because("cannot make the set-up link"))? {
            let base = options.public_url.clone().or(addresses.into_iter().next()).unwrap_or_default();
            let base = base.replacen("//0.0.0.0:", "//127.0.0.1:", 1).replacen("//[::]:", "//[::1]:", 1);
            greeting.push_str(&format!(
                "Nobody has an account yet. The first admin makes one here (good once, for 24 hours):\n{base}/setup?token={}\n",
                secret.reveal()
            ));
        }
    }
    // Whoever started it may have stopped listening: that is no reason not to serve.
    std::io::stdout().write_all(greeting.as_bytes()).unwrap_or_default();
    tracing::info!(milliseconds = started.elapsed().as_millis() as u64, "ready");
    Ok(())
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
