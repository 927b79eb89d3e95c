//! The thread that keeps PostgreSQL running: it alone starts the server, waits for it, and starts it again.
//!
//! A thread of its own, because the kernel ends the server with the thread that spawned it, and the threads of
//! an async runtime's blocking pool end whenever they have been idle for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::server::{Plan, Server};
use super::{PostgresError, leftovers};

/// How often the supervisor looks after the server.
const WATCH: Duration = Duration::from_millis(100);
/// How often it looks at the size of the log.
const WATCH_LOG: Duration = Duration::from_secs(60);
/// The first and the longest pause before a restart. The longest is what an operator waits who made room on a full
/// disk. Pools wait longer and longer too, so a late start costs their users more than itself.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// A server that ran this long was not broken from the start, so that the pauses begin anew.
const HEALTHY: Duration = Duration::from_secs(1);

/// Nothing is ever sent: the channel closes when the server shall stop.
enum Never {}

/// A handle on the thread. [`Supervisor::stop`] must be called for the thread to end.
#[derive(Debug)]
pub(super) struct Supervisor {
    running: Option<(Sender<Never>, JoinHandle<()>)>,
}

impl Supervisor {
    /// Starts the thread and the server, and returns when the server is ready or has failed.
    pub fn start(plan: Plan, restarts: Arc<AtomicU32>) -> Result<Self, PostgresError> {
        let (stop, stopped) = mpsc::channel();
        let (report, first_start) = mpsc::channel();
        let cluster = plan.cluster.clone();
        let watch = Watch { plan, stopped, restarts };
        let thread = std::thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || match watch.launch() {
                Ok(server) => {
                    report.send(Ok(())).unwrap_or_default();
                    watch.over(server);
                }
                Err(error) => report.send(Err(error)).unwrap_or_default(),
            })
            .map_err(PostgresError::io("start a thread for", &cluster))?;
        first_start.recv().unwrap_or(Err(PostgresError::Stopped))?;
        Ok(Self { running: Some((stop, thread)) })
    }

    /// Stops the server and the thread, and waits for both.
    pub fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the thread that watches PostgreSQL panicked");
            }
        }
    }
}

/// What the thread works with.
struct Watch {
    plan: Plan,
    stopped: Receiver<Never>,
    restarts: Arc<AtomicU32>,
}

impl Watch {
    /// Clears away what was left, spawns the server and waits until it accepts connections, however long it
    /// replays its log after a crash.
    fn launch(&self) -> Result<Server, PostgresError> {
        leftovers::clear(&self.plan.cluster, &self.plan.socket)?;
        let mut server = self.plan.spawn()?;
        let begun = Instant::now();
        let mut patience = Duration::from_secs(10);
        while !server.is_ready(&self.plan.cluster) {
            if let Some(status) = server.ended()? {
                return Err(server.failure(status));
            }
            if self.is_stopped_within(Duration::from_millis(5)) {
                server.stop();
                return Err(PostgresError::Stopped);
            }
            if begun.elapsed() > patience {
                tracing::info!(seconds = begun.elapsed().as_secs(), "PostgreSQL is still starting");
                patience *= 2;
            }
        }
        Ok(server)
    }

    /// Keeps the server running until told to stop.
    fn over(&self, mut server: Server) {
        let mut pause = PAUSES.0;
        let mut begun = Instant::now();
        let mut log_seen = Instant::now();
        while !self.is_stopped_within(WATCH) {
            match server.ended() {
                Ok(None) => {}
                Ok(Some(status)) => {
                    tracing::error!(%status, log = %self.plan.log.display(), "PostgreSQL ended unasked; starting it again");
                    if begun.elapsed() > HEALTHY {
                        pause = PAUSES.0;
                    }
                    let Some(next) = self.relaunch(&mut pause) else { return };
                    server = next;
                    begun = Instant::now();
                    self.restarts.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => tracing::error!(%error, "cannot tell whether PostgreSQL runs"),
            }
            if log_seen.elapsed() > WATCH_LOG {
                log_seen = Instant::now();
                self.plan.trim_log();
            }
        }
        server.stop();
    }

    /// Tries until the server is back, however long (a full disk may take hours to be noticed), or until told
    /// to stop. The pauses grow, also from one call to the next.
    fn relaunch(&self, pause: &mut Duration) -> Option<Server> {
        loop {
            if self.is_stopped_within(*pause) {
                return None;
            }
            *pause = (*pause * 2).min(PAUSES.1);
            match self.launch() {
                Ok(server) => return Some(server),
                Err(PostgresError::Stopped) => return None,
                Err(error) => tracing::error!(%error, "PostgreSQL does not start; trying again"),
            }
        }
    }

    fn is_stopped_within(&self, time: Duration) -> bool {
        match self.stopped.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
            Ok(never) => match never {},
        }
    }
}
