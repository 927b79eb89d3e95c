//! A whole node in this process: server, index and follower, on a database that others may write to as well.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use casebook::domain::Policy;
use casebook::domain::clock::SystemClock;
use casebook::search::SearchIndex;
use casebook::service::account::Passwords;
use casebook::service::diagnose::Diagnoser;
use casebook::service::follow::Follower;
use casebook::store::Database;
use casebook::web::server::{self, Listening};
use casebook::web::{AppState, HotPages, Lanes, Patience, Rates, Settings};
use tokio::sync::watch;

use crate::Outcome;

/// How long a node may take to be ready.
const PATIENCE: Duration = Duration::from_secs(120);

/// A node; it stops when dropped.
pub struct Node {
    /// What it searches.
    pub index: SearchIndex,
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

struct Started {
    index: SearchIndex,
    address: SocketAddr,
}

impl Node {
    /// Starts a node on the index in `data`, and waits until that holds the database.
    pub fn start(url: &str, data: &Path) -> Outcome<Self> {
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = mpsc::channel();
        let (url, data) = (url.to_owned(), data.to_owned());
        let thread = std::thread::spawn(move || {
            let failed = tell.clone();
            if let Err(error) = run(&url, &data, stopped, &tell) {
                failed.send(Err(error)).unwrap_or_default();
            }
        });
        let Started { index, address } = told.recv_timeout(PATIENCE)??;
        Ok(Self { index, address, stop, thread: Some(thread) })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap_or_default();
        }
    }
}

fn run(
    url: &str,
    data: &Path,
    mut stopped: watch::Receiver<bool>,
    tell: &mpsc::Sender<Outcome<Started>>,
) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let database = Database::lazy(url)?;
        let (index, opened) = SearchIndex::open(&data.join("index"))?;
        let diagnoser = Diagnoser::new(index.clone())?;
        let (follower, mut status) = Follower::new(database.clone(), diagnoser.clone(), opened);
        let settings = Settings::new(Policy::TRYING, data.to_owned());
        let state = AppState {
            database,
            index: index.clone(),
            diagnoser,
            clock: Arc::new(SystemClock),
            settings,
            index_status: status.clone(),
            pages: HotPages::default(),
            lanes: Lanes::default(),
            passwords: Passwords::default(),
            rates: Rates::off(),
        };
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let addresses = vec![([127, 0, 0, 1], 0).into()];
        let listening = Listening { addresses, workers, patience: Patience::default() };
        let server = server::bind(state, &listening)?;
        let address = *server.addresses().first().ok_or("the server has no address")?;
        let following = tokio::spawn(follower.run(stopped.clone()));
        status.wait_for(|status| status.ready).await?;
        tell.send(Ok(Started { index, address }))?;
        let handle = server.handle();
        let serving = tokio::spawn(server.run());
        stopped.wait_for(|stop| *stop).await?;
        handle.stop(false).await;
        serving.await??;
        following.await?;
        Ok(())
    })
}
