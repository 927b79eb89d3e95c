//! One run of the PostgreSQL server: spawned, awaited, stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::access::Access;
use super::account::{Account, end_with_this_thread};
use super::binaries::Binaries;
use super::{Durability, PORT, PostgresError};

/// The log is cut when it is larger than this, in bytes.
const LARGEST_LOG: u64 = 10 * 1024 * 1024;

/// How much of the log an error quotes, in bytes.
const LOG_TAIL: u64 = 2048;

/// All that a start of the server needs, the same for every restart.
#[derive(Debug)]
pub(super) struct Plan {
    pub binaries: Binaries,
    pub account: Account,
    pub cluster: PathBuf,
    pub socket: PathBuf,
    pub access: Access,
    pub log: PathBuf,
    pub durability: Durability,
}

impl Plan {
    /// Keeps the log bounded: what is over 10 MiB moves to `postgres.log.1`. Also while the server runs: it only
    /// ever appends, so it goes on at the new end. No reason not to run when that fails.
    pub fn trim_log(&self) {
        let trim = || {
            let log = open_log(&self.log)?;
            if log.metadata()?.len() > LARGEST_LOG {
                fs::copy(&self.log, self.log.with_extension("log.1"))?;
                log.set_len(0)?;
            }
            io::Result::Ok(())
        };
        if let Err(error) = trim() {
            tracing::warn!(%error, log = %self.log.display(), "cannot keep the log of PostgreSQL short");
        }
    }

    /// Spawns the server, which stops by itself when the calling thread ends.
    pub fn spawn(&self) -> Result<Server, PostgresError> {
        self.trim_log();
        let log = open_log(&self.log).map_err(PostgresError::io("open", &self.log))?;
        let already = log.metadata().map_err(PostgresError::io("read", &self.log))?.len();
        let stdout = log.try_clone().map_err(PostgresError::io("open", &self.log))?;
        let program = self.binaries.program("postgres");
        let mut command = self.account.command(&program);
        command.arg("-D").arg(&self.cluster);
        for (name, value) in [
            ("listen_addresses", String::new()),
            ("port", PORT.to_string()),
            // A list of folders, so the name is quoted for those with a comma or a space in it.
            ("unix_socket_directories", format!("\"{}\"", self.socket.to_string_lossy().replace('"', "\"\""))),
            ("unix_socket_permissions", "0700".to_owned()),
            ("hba_file", self.access.hba.to_string_lossy().into_owned()),
            ("ident_file", self.access.ident.to_string_lossy().into_owned()),
            ("logging_collector", "off".to_owned()),
            ("log_destination", "stderr".to_owned()),
        ] {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.args(self.durability.arguments()).stdout(stdout).stderr(log);
        // Ctrl-C in a terminal goes to the whole group of the foreground process: PostgreSQL must outlive the
        // requests that Casebook still finishes then.
        command.process_group(0);
        end_with_this_thread(&mut command, Signal::INT);
        let child = command.spawn().map_err(PostgresError::io("run", &program))?;
        Ok(Server { child, log: self.log.clone(), already })
    }
}

/// A server process of ours. Only its owner waits for it, so its id cannot become another process's meanwhile.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    log: PathBuf,
    /// The length of the log when this run began.
    already: u64,
}

impl Server {
    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, PostgresError> {
        self.child.try_wait().map_err(PostgresError::io("wait for PostgreSQL in", &self.log))
    }

    /// Whether it accepts connections, as it notes itself in `postmaster.pid`: line 1 is its process id,
    /// line 8 its state.
    pub fn is_ready(&self, cluster: &Path) -> bool {
        let text = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        lines.next() == Some(&self.child.id().to_string()) && lines.nth(6) == Some("ready")
    }

    /// The error for a server that ended before it was ready, with what it said last.
    pub fn failure(&self, status: ExitStatus) -> PostgresError {
        let tail = tail(&self.log, self.already).unwrap_or_else(|error| format!("(not readable: {error})"));
        PostgresError::Start { how: status.to_string(), log: self.log.clone(), tail: tail.trim().to_owned() }
    }

    /// Stops it: fast shutdown, then immediate shutdown, then SIGKILL. Half a minute at worst.
    pub fn stop(mut self) {
        let Some(process) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        for (signal, patience) in [(Signal::INT, 20), (Signal::QUIT, 5), (Signal::KILL, 5)] {
            rustix::process::kill_process(process, signal).unwrap_or_default();
            let deadline = Instant::now() + Duration::from_secs(patience);
            while Instant::now() < deadline {
                match self.child.try_wait() {
                    Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                    Ok(Some(_)) | Err(_) => return,
                }
            }
            tracing::warn!(?signal, "PostgreSQL did not stop in {patience} s");
        }
    }
}

fn open_log(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

fn tail(log: &Path, already: u64) -> io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(already.max(length.saturating_sub(LOG_TAIL))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
