//! The operating-system user that PostgreSQL runs as: PostgreSQL refuses root.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use super::PostgresError;
use super::binaries::Binaries;

/// A user of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// The user this process runs as.
    pub fn current() -> Result<Self, PostgresError> {
        Self::with_id(rustix::process::geteuid().as_raw())
    }

    /// Who shall run PostgreSQL: this process's own user, or, for root, the owner of the cluster if there is one,
    /// else `run_as`, else `postgres`, else `nobody`.
    pub fn choose(cluster: &Path, run_as: Option<&str>) -> Result<Self, PostgresError> {
        let current = Self::current()?;
        let owner = match fs::metadata(cluster) {
            Ok(found) => Some(found.uid()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(PostgresError::io("read", cluster)(error)),
        };
        match owner {
            Some(0) => Err(PostgresError::OwnedByRoot { cluster: cluster.to_owned() }),
            Some(owner) if current.uid == 0 => Self::with_id(owner),
            Some(owner) if owner != current.uid => Err(PostgresError::NotTheOwner {
                cluster: cluster.to_owned(),
                owner: Self::with_id(owner).map_or_else(|_| format!("user id {owner}"), |account| account.name),
                current: current.name,
            }),
            Some(_) => Ok(current),
            None if current.uid == 0 => match run_as {
                Some(name) => Self::with_name(name),
                None => Self::with_name("postgres").or_else(|_| Self::with_name("nobody")),
            },
            None => match run_as {
                Some(wanted) if wanted != current.name => Err(PostgresError::NotRoot { wanted: wanted.to_owned() }),
                Some(_) | None => Ok(current),
            },
        }
    }

    /// A command that runs as this user, without anything of this process's environment that PostgreSQL heeds
    /// (`PGDATA`, `PGOPTIONS`…), in a folder that every user may enter.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        for kept in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        if rustix::process::geteuid().is_root() {
            // Setting the uid as root also drops root's supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Fails unless this user can run PostgreSQL and pass through every folder down to `folder`.
    ///
    /// Tried rather than read off the mode bits: access lists, mounts and security modules have a say too.
    pub fn must_reach(&self, folder: &Path, binaries: &Binaries) -> Result<(), PostgresError> {
        let program = binaries.program("postgres");
        let try_in = |place: &Path| {
            self.command(&program).arg("--version").current_dir(place).stdout(Stdio::null()).status().map(drop)
        };
        if try_in(folder).is_ok() {
            return Ok(());
        }
        let mut from_the_top: Vec<&Path> = folder.ancestors().collect();
        from_the_top.reverse();
        for place in from_the_top {
            match try_in(place) {
                Ok(()) => {}
                Err(source) if place == Path::new("/") => {
                    return Err(PostgresError::NotRunnable { program, user: self.name.clone(), source });
                }
                Err(_) => {
                    return Err(PostgresError::Unreachable { barrier: place.to_owned(), user: self.name.clone() });
                }
            }
        }
        Ok(())
    }

    fn with_name(name: &str) -> Result<Self, PostgresError> {
        look_up(name, |account| account.name == name)
            .ok_or_else(|| PostgresError::UnknownUser { name: name.to_owned() })
    }

    fn with_id(id: u32) -> Result<Self, PostgresError> {
        look_up(&id.to_string(), |account| account.uid == id).ok_or(PostgresError::NamelessUser { id })
    }
}

/// Sends `signal` to the command's process when the calling THREAD ends: the kernel follows threads here, not
/// processes, so call it from a thread that lives as long as the child should.
pub(super) fn end_with_this_thread(command: &mut Command, signal: Signal) {
    let parent = rustix::process::getpid();
    let tie = move || {
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        // The parent may have been killed before the line above took effect; nobody would send the signal then.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::Error::from(rustix::io::Errno::SRCH));
        }
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed. The closure makes two plain system
    // calls (prctl, getppid), takes no lock and allocates nothing: its errors are bare error numbers.
    unsafe { command.pre_exec(tie) };
}

/// Finds an account in /etc/passwd, else through the machine's name service (LDAP and the like).
fn look_up(key: &str, is_it: impl Fn(&Account) -> bool) -> Option<Account> {
    let search = |text: &str| text.lines().filter_map(parse_entry).find(|account| is_it(account));
    let file = fs::read("/etc/passwd").unwrap_or_default();
    search(&String::from_utf8_lossy(&file)).or_else(|| {
        let answer = Command::new("getent").args(["passwd", key]).stdin(Stdio::null()).output().ok()?;
        search(&String::from_utf8_lossy(&answer.stdout))
    })
}

/// One line of passwd(5): `name:password:uid:gid:…`.
fn parse_entry(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Account { name, uid, gid })
}
