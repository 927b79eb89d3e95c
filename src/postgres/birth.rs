//! Making a new cluster: complete and on disk, or not there at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rustix::process::Signal;

use super::account::{Account, end_with_this_thread};
use super::binaries::Binaries;
use super::{DATABASE, Durability, PostgresError, ROLE, SUPERUSER, leftovers};

/// Appended to `postgresql.conf`: starting values for a small machine, for its administrator to change.
const TUNING: &str = "
# Set by Casebook when it made this cluster; yours to change. Where and for whom PostgreSQL listens
# is set on its command line at every start.
shared_buffers = 128MB
max_connections = 50
effective_cache_size = 512MB
max_wal_size = 512MB
wal_compression = on
random_page_cost = 1.1
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
";

/// Makes the cluster and its database beside the place where it belongs, then moves it there in one step,
/// so that whatever kills this half-way leaves nothing that looks like a cluster.
pub(super) fn create(
    cluster: &Path,
    binaries: &Binaries,
    account: &Account,
    durability: Durability,
) -> Result<(), PostgresError> {
    let unfinished = unfinished(cluster);
    leftovers::end_processes_in(&unfinished)?;
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(PostgresError::io("remove", &unfinished))?;
    }
    // Made here, not by initdb, because its user may have no right to make folders beside it.
    DirBuilder::new().mode(0o700).create(&unfinished).map_err(PostgresError::io("create", &unfinished))?;
    std::os::unix::fs::chown(&unfinished, Some(account.uid), Some(account.gid))
        .map_err(PostgresError::io("hand over", &unfinished))?;
    initdb(&unfinished, binaries, account, durability)?;
    let settings = unfinished.join("postgresql.conf");
    OpenOptions::new()
        .append(true)
        .open(&settings)
        .and_then(|mut file| file.write_all(TUNING.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(PostgresError::io("write", &settings))?;
    create_database(&unfinished, binaries, account, durability)?;
    sync(&unfinished)?;
    fs::rename(&unfinished, cluster).map_err(PostgresError::io("move into place", &unfinished))?;
    sync(cluster.parent().unwrap_or(cluster))
}

/// Where a cluster is made.
pub(super) fn unfinished(cluster: &Path) -> PathBuf {
    cluster.with_extension("new")
}

fn initdb(folder: &Path, binaries: &Binaries, account: &Account, durability: Durability) -> Result<(), PostgresError> {
    // Sorted by code point: fast, the same on every machine, and not broken by an update of the C library.
    // Upper and lower case as Unicode has them, except on machines without that locale.
    for character_types in ["C.UTF-8", "C"] {
        let mut command = account.command(binaries.program("initdb"));
        command.arg("--pgdata").arg(folder);
        command.args(["--encoding=UTF8", "--locale=C", "--lc-ctype", character_types, "--data-checksums"]);
        command.args(["--auth-local=peer", "--auth-host=reject", "--username", SUPERUSER]);
        match durability {
            Durability::Full => {}
            Durability::ThrowAway => drop(command.arg("--no-sync")),
        }
        let output = run(command, "")?;
        if output.status.success() {
            return Ok(());
        }
        let text = text_of(&output);
        if character_types == "C" || !text.contains("locale") {
            return Err(PostgresError::Creation { step: "initdb", output: text });
        }
    }
    Ok(())
}

/// Makes the role and the database in single-user mode: no socket, no other client, no server to wait for.
fn create_database(
    folder: &Path,
    binaries: &Binaries,
    account: &Account,
    durability: Durability,
) -> Result<(), PostgresError> {
    let mut command = account.command(binaries.program("postgres"));
    // Without exit_on_error, single-user mode reports a failed statement and ends as if all were well.
    command.arg("--single").args(["-c", "exit_on_error=on"]).args(durability.arguments()).arg("-D").arg(folder);
    command.arg("postgres");
    // One statement a line: single-user mode ends a statement at the end of the line.
    let statements = format!(
        "CREATE ROLE {ROLE} LOGIN CREATEDB\n\
         CREATE DATABASE {DATABASE} OWNER {ROLE}\n"
    );
    let output = run(command, &statements)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(PostgresError::Creation { step: "creating the database", output: text_of(&output) })
    }
}

fn run(mut command: Command, input: &str) -> Result<Output, PostgresError> {
    let program = PathBuf::from(command.get_program());
    // What it has done so far is thrown away at the next start, so there is nothing to end gently.
    end_with_this_thread(&mut command, Signal::KILL);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(PostgresError::io("run", &program))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that has ended early does not read; its status and output tell why.
        stdin.write_all(input.as_bytes()).unwrap_or_default();
    }
    child.wait_with_output().map_err(PostgresError::io("wait for", &program))
}

fn text_of(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    format!("{} ({})", text.trim(), output.status)
}

fn sync(folder: &Path) -> Result<(), PostgresError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(PostgresError::io("save", folder))
}

impl Durability {
    /// What it means on PostgreSQL's command line.
    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Full => &["-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on"],
            Self::ThrowAway => &["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"],
        }
    }
}
