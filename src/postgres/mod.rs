//! The embedded database: a private PostgreSQL that lives in the data folder and stops with the process.
//!
//! For those who have no PostgreSQL server yet. Whoever sets `DATABASE_URL` needs only [`DataFolder`] and
//! [`free_space`] from here. What it promises:
//!
//! - one process to a data folder, by a lock that the kernel releases whatever happens to the process;
//! - durable by default: checksums on, fsync on, and nothing that looks like a cluster until one is complete;
//! - reachable only by its own user, over a Unix socket, without a password that could leak;
//! - back by itself when PostgreSQL is killed, and no PostgreSQL left behind when Casebook is.
//!
//! Deliberately absent: SQL beyond the birth of the database, migrations, pools (all in the store), and upgrades
//! from one major version to another, which are refused with both ways out.

mod access;
mod account;
mod binaries;
mod birth;
mod error;
mod folder;
mod leftovers;
mod server;
mod supervisor;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub use error::PostgresError;
pub use folder::{DataFolder, free_space};

use account::Account;
use binaries::Binaries;
use server::Plan;
use supervisor::Supervisor;

/// The role that Casebook connects as. It owns its database and may create others, and is not a superuser.
const ROLE: &str = "casebook";
/// The bootstrap superuser, for administration by hand (`psql -U postgres`).
const SUPERUSER: &str = "postgres";
/// The name of the database.
const DATABASE: &str = "casebook";
/// The port, which over a Unix socket is only a part of the file name.
const PORT: u16 = 5432;

/// How the embedded cluster is run. Where it lives is said by the [`DataFolder`].
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The folder that holds `postgres` and `initdb`; looked for on the machine when absent.
    pub binaries: Option<PathBuf>,
    /// The user that runs PostgreSQL when Casebook is started as root and there is no cluster yet.
    /// Otherwise `postgres`, else `nobody`.
    pub run_as: Option<String>,
    /// What a power cut may cost.
    pub durability: Durability,
}

/// What a power cut may cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    #[default]
    Full,
    /// Everything: for clusters that live as long as a test run.
    ThrowAway,
}

/// A running PostgreSQL with an empty database for Casebook in it. Stops when dropped.
#[derive(Debug)]
pub struct Cluster {
    socket: PathBuf,
    restarts: Arc<AtomicU32>,
    supervisor: Supervisor,
    /// Held until PostgreSQL has stopped, also when the caller lets go of its own handle first.
    _folder: DataFolder,
}

impl Cluster {
    /// Starts the cluster in `<data>/postgres`, after making it if there is none and after clearing away what a
    /// killed predecessor left. Returns when it accepts connections: below a second for a new one, well below
    /// for an old one, longer after a crash with much to replay. Blocks; call it outside async code.
    pub fn start(settings: &Settings, folder: &DataFolder) -> Result<Self, PostgresError> {
        let cluster = folder.path().join("postgres");
        let born = binaries::version_of(&cluster)?;
        let binaries = Binaries::find(settings.binaries.as_deref(), born, &cluster)?;
        let account = Account::choose(&cluster, settings.run_as.as_deref())?;
        account.must_reach(folder.path(), &binaries)?;
        if born.is_none() {
            birth::create(&cluster, &binaries, &account, settings.durability)?;
        }
        let socket = access::socket_folder(folder.path(), &account)?;
        let access = access::write_rules(folder.path(), &account)?;
        let log = folder.path().join("postgres.log");
        let plan =
            Plan { binaries, account, cluster, socket: socket.clone(), access, log, durability: settings.durability };
        let restarts = Arc::new(AtomicU32::new(0));
        let supervisor = Supervisor::start(plan, Arc::clone(&restarts))?;
        Ok(Self { socket, restarts, supervisor, _folder: folder.clone() })
    }

    /// The folder with the socket, the same across restarts of PostgreSQL.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The role to connect as.
    pub fn user(&self) -> &str {
        ROLE
    }

    /// The address of the database, for sqlx and for `psql`. Holds no secret.
    ///
    /// The port and the TLS mode are spelled out because both clients would take them from the environment.
    pub fn url(&self) -> String {
        address(&self.socket)
    }

    /// How often PostgreSQL has died unasked and been started again.
    pub fn restarts(&self) -> u32 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Stops PostgreSQL and waits until it is gone: milliseconds as a rule, half a minute at worst. Blocks.
    /// The same as dropping the cluster, for places where it should be seen.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.supervisor.stop();
        access::remove_socket_folder(&self.socket);
    }
}

/// Whether PostgreSQL's user could pass to a data folder, made or not. Root's own folders are closed to it as a rule.
/// A machine without PostgreSQL gives true: [`Cluster::start`] says what is missing.
pub fn can_reach(data: &Path, settings: &Settings) -> bool {
    let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let Some(existing) = data.ancestors().find(|folder| folder.exists()) else { return true };
    let cluster = data.join("postgres");
    let binaries = Binaries::find(settings.binaries.as_deref(), None, &cluster);
    match (binaries, Account::choose(&cluster, settings.run_as.as_deref())) {
        (Ok(binaries), Ok(account)) => {
            !matches!(account.must_reach(existing, &binaries), Err(PostgresError::Unreachable { .. }))
        }
        _ => true,
    }
}

/// The address of the cluster that another process runs in a data folder, for commands beside it.
pub fn running_url(data: &Path) -> Result<String, PostgresError> {
    let data = data.canonicalize().map_err(PostgresError::io("find", data))?;
    let socket = access::socket_path(&data)?;
    std::fs::metadata(socket.join(access::socket_name())).map_err(PostgresError::io("find the socket in", &socket))?;
    Ok(address(&socket))
}

fn address(socket: &Path) -> String {
    let host = percent_encoded(socket);
    format!("postgres:///{DATABASE}?host={host}&port={PORT}&user={ROLE}&sslmode=disable")
}

/// `path` with every byte that has a meaning in a URL escaped.
fn percent_encoded(path: &Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;

    let mut text = String::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").unwrap_or_default();
        }
    }
    text
}
