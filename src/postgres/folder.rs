//! The data folder: made, and claimed for one process.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FlockOperation;

use super::PostgresError;

/// A data folder that belongs to this process for as long as a clone of this value lives.
///
/// Claimed before anything else, and by nodes with their own `DATABASE_URL` too: their search index is in it.
/// The claim is an flock on `<data>/app.lock`, which the kernel releases when the process ends in any way.
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
    _lock: Arc<File>,
}

impl DataFolder {
    /// Makes the folder if need be and claims it. [`PostgresError::FolderInUse`] names the process that has it.
    ///
    /// A new folder is closed to other users (0700). Root's is 0711: PostgreSQL runs as another user then and
    /// must pass through. Files that should stay private there need their own mode.
    pub fn claim(path: impl AsRef<Path>) -> Result<Self, PostgresError> {
        let path = path.as_ref();
        make(path)?;
        let path = fs::canonicalize(path).map_err(PostgresError::io("find", path))?;
        let lock = lock(&path)?;
        Ok(Self { path, _lock: Arc::new(lock) })
    }

    /// Where it is: absolute, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Free bytes, for ordinary users, on the file system that holds `path`.
///
/// PostgreSQL stops when its disk is full; refusing writes while there is still room (512 MiB) avoids that.
pub fn free_space(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn make(path: &Path) -> Result<(), PostgresError> {
    let root = rustix::process::geteuid().is_root();
    if !path.exists() {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(PostgresError::io("create", parent))?;
        }
        let made = DirBuilder::new().mode(0o700).create(path);
        // Another process may have been quicker; the lock decides between the two.
        if let Err(error) = made
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(PostgresError::io("create", path)(error));
        }
    }
    let empty = fs::read_dir(path).map_err(PostgresError::io("read", path))?.next().is_none();
    if root && empty {
        // Only ever an empty folder: one with contents was given its mode by someone who had a reason.
        let mode = fs::metadata(path).map_err(PostgresError::io("read", path))?.mode() & 0o7777;
        fs::set_permissions(path, Permissions::from_mode(mode | 0o011)).map_err(PostgresError::io("open up", path))?;
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, PostgresError> {
    let path = folder.join("app.lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(PostgresError::io("open", &path))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            return Err(PostgresError::FolderInUse { folder: folder.to_owned(), holder: holder(&mut file) });
        }
        Err(error) => return Err(PostgresError::io("lock", &path)(error.into())),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(PostgresError::io("write", &path))?;
    Ok(file)
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    // The holder may be about to write its number: between its lock and its write the file is empty.
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("process {}", text.trim()),
        Ok(_) | Err(_) => "another process".to_owned(),
    }
}
