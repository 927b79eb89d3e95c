//! The embedded database against the PostgreSQL of this machine.

mod kills;
mod life;
mod refusals;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Cluster, DataFolder, Durability, Settings};

/// In memory where that is possible: these tests are about processes and files, not about disks.
fn temporary() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.expect("a temporary folder")
}

fn set_mode(folder: &Path, mode: u32) {
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).expect("the folder is ours");
}

fn settings() -> Settings {
    Settings { durability: Durability::ThrowAway, ..Settings::default() }
}

/// Claims a folder that is free, or will be at once: a process that another test is just making holds a copy of every
/// lock of this one until it becomes another program.
fn claimed(data: &Path) -> DataFolder {
    until("the folder", Duration::from_secs(10), || DataFolder::claim(data).ok())
}

fn start(data: &Path) -> Cluster {
    let folder = claimed(data);
    Cluster::start(&settings(), &folder).expect("PostgreSQL starts")
}

/// As in production: nothing that was committed is lost when PostgreSQL is killed.
fn start_durable(data: &Path) -> Cluster {
    let folder = claimed(data);
    Cluster::start(&Settings::default(), &folder).expect("PostgreSQL starts")
}

fn psql(cluster: &Cluster, statement: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", &cluster.url(), "-c", statement]);
    command.stdin(Stdio::null());
    command
}

fn try_sql(cluster: &Cluster, statement: &str) -> Result<String, String> {
    let output = psql(cluster, statement).output().expect("psql runs");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn sql(cluster: &Cluster, statement: &str) -> String {
    try_sql(cluster, statement).expect("the statement succeeds")
}

fn until<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < patience, "waited {patience:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
