//! What a killed predecessor leaves: processes that still use the cluster, then files that say so.
//!
//! Called with the data folder claimed, so whatever still works in the cluster is nobody's. `pg_ctl status` is
//! no judge of that: it takes a zombie, or a stranger with a reused process id, for a running server.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::{PostgresError, access};

/// Ends every PostgreSQL process that works in `cluster` and removes the files by which it held it.
///
/// The socket itself stays until PostgreSQL replaces it: to a pool that tries meanwhile, a socket that refuses means
/// "not yet", and one that is missing means failure.
pub(super) fn clear(cluster: &Path, socket: &Path) -> Result<(), PostgresError> {
    end_processes_in(cluster)?;
    for file in [cluster.join("postmaster.pid"), socket.join(format!("{}.lock", access::socket_name()))] {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PostgresError::io("remove", &file)(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Ends every PostgreSQL process whose working folder is `cluster`, gently where that is possible.
pub(super) fn end_processes_in(cluster: &Path) -> Result<(), PostgresError> {
    let found = processes_in(cluster)?;
    if found.is_empty() {
        return Ok(());
    }
    tracing::warn!(processes = found.len(), cluster = %cluster.display(), "ending PostgreSQL left over by an earlier start");
    let servers: Vec<Pid> = found.into_iter().filter(|&process| is_server(process)).collect();
    if !servers.is_empty() {
        send(&servers, Signal::INT);
        if all_gone(cluster, Duration::from_secs(30))? {
            return Ok(());
        }
    }
    // Session processes without their server: the shared memory they hold is of no use to anyone, and they
    // keep the cluster from starting. Nothing committed can be lost with them.
    for (signal, patience) in [(Signal::INT, 300), (Signal::QUIT, 700), (Signal::KILL, 2_000)] {
        send(&processes_in(cluster)?, signal);
        if all_gone(cluster, Duration::from_millis(patience))? {
            return Ok(());
        }
    }
    match processes_in(cluster)?.first() {
        None => Ok(()),
        Some(process) => {
            let process = process.as_raw_nonzero().get().unsigned_abs();
            Err(PostgresError::Leftover { process, cluster: cluster.to_owned() })
        }
    }
}

/// The processes named postgres whose working folder is `cluster`, by identity rather than by path.
/// Zombies have no working folder, and those of other users cannot be seen and cannot be ours.
pub(super) fn processes_in(cluster: &Path) -> Result<Vec<Pid>, PostgresError> {
    let Ok(wanted) = fs::metadata(cluster) else { return Ok(Vec::new()) };
    let all = Path::new("/proc");
    let entries = fs::read_dir(all).map_err(PostgresError::io("list the processes in", all))?;
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw)
        else {
            continue;
        };
        let named_so = fs::read(entry.path().join("comm")).is_ok_and(|name| name == b"postgres\n");
        let works_there = || {
            fs::metadata(entry.path().join("cwd"))
                .is_ok_and(|folder| folder.dev() == wanted.dev() && folder.ino() == wanted.ino())
        };
        if named_so && works_there() {
            found.push(process);
        }
    }
    Ok(found)
}

/// Whether a process is a server (or a single-user one) rather than one of a server's children, which call
/// themselves `postgres: what they do`.
fn is_server(process: Pid) -> bool {
    let path = format!("/proc/{}/cmdline", process.as_raw_nonzero());
    fs::read(path).is_ok_and(|line| !line.starts_with(b"postgres: "))
}

fn send(processes: &[Pid], signal: Signal) {
    for &process in processes {
        // One that has ended meanwhile is what we want; one that may not be ended is reported by the caller.
        rustix::process::kill_process(process, signal).unwrap_or_default();
    }
}

fn all_gone(cluster: &Path, patience: Duration) -> Result<bool, PostgresError> {
    let deadline = Instant::now() + patience;
    loop {
        if processes_in(cluster)?.is_empty() {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
