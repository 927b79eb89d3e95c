//! What other visitors see while somebody floods the server: `make bench-flood`. A node of its own on loopback, some two
//! minutes; each flood beside the quiet state of the same run. `LOGIN=/path` names another address to log in at.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a table for people is what it is for")]

mod node;
mod crowd;
mod onlooker;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use casebook_benches::Outcome;
use casebook_benches::client::{Connection, Encoding, get};

use crate::crowd::{Crowd, Dripping, Logins, Sessions};
use crate::node::Node;
use crate::onlooker::Seen;

/// How long each state is watched.
const LASTING: Duration = Duration::from_secs(25);

/// How many people are logged in and browse.
const SESSIONS: usize = 1_000;

/// How many connections try to log in, each from an address of its own.
const LOGINS: usize = 200;

/// How many connections send a body that drips in.
const DRIPPING: usize = 500;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flood: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let node = Node::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let address = node.address;
        let sessions = node.sessions(SESSIONS).await?;
        let login = std::env::var("LOGIN").unwrap_or_else(|_| "/login".to_owned());
        let mut states = vec![("quiet", watched(address, None).await?)];
        let browsing: Arc<dyn Crowd> = Arc::new(Sessions { cookies: sessions });
        states.push(("1,000 sessions browse", watched(address, Some(browsing)).await?));
        if is_there(address, &login).await? {
            let logins: Arc<dyn Crowd> = Arc::new(Logins { path: login, connections: LOGINS });
            states.push(("200 addresses try to log in", watched(address, Some(logins)).await?));
        } else {
            println!("skipped: there is nothing at {login} to log in at");
        }
        let dripping: Arc<dyn Crowd> = Arc::new(Dripping { connections: DRIPPING });
        states.push(("500 bodies drip in", watched(address, Some(dripping)).await?));
        report(&states);
        Ok(())
    })
}

/// What onlookers see while a crowd does what it does.
async fn watched(address: SocketAddr, crowd: Option<Arc<dyn Crowd>>) -> Outcome<(Seen, String)> {
    let until = tokio::time::Instant::now() + LASTING + Duration::from_secs(2);
    let crowd = crowd.map(|crowd| tokio::spawn(crowd.come(address, until)));
    // The crowd takes a moment to assemble.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let seen = onlooker::watch(address, LASTING).await?;
    let did = match crowd {
        Some(crowd) => crowd.await?,
        None => String::new(),
    };
    Ok((seen, did))
}

async fn is_there(address: SocketAddr, path: &str) -> Outcome<bool> {
    let mut connection = Connection::open(address).await?;
    Ok(connection.send(&get(path, Encoding::Plain)).await?.status == 200)
}

fn report(states: &[(&str, (Seen, String))]) {
    let Some((_, (quiet, _))) = states.first() else { return };
    let (cores, version) = (std::thread::available_parallelism().map_or(0, usize::from), env!("CARGO_PKG_VERSION"));
    println!(
        "\nWhat others saw, in milliseconds, and as a multiple of the quiet state ({cores} cores; benches {version}):\n"
    );
    println!("| meanwhile | what | answers | other than 200 | p50 | p99 | p50, times quiet | p99, times quiet |");
    println!("|---|---|---|---|---|---|---|---|");
    for (state, (seen, _)) in states {
        for (kind, before) in seen.kinds.iter().zip(&quiet.kinds) {
            let (p50, p99) = (kind.times.milliseconds_at(0.5), kind.times.milliseconds_at(0.99));
            println!(
                "| {state} | {} | {} | {} | {p50:.2} | {p99:.1} | {:.1} | {:.1} |",
                kind.name,
                kind.times.len(),
                kind.refused,
                p50 / before.times.milliseconds_at(0.5),
                p99 / before.times.milliseconds_at(0.99),
            );
        }
    }
    println!();
    for (state, (_, did)) in states.iter().filter(|(_, (_, did))| !did.is_empty()) {
        println!("{state}: {did}");
    }
}
