//! Who may connect: the socket's folder, and the rules by which PostgreSQL knows its user.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::{PORT, PostgresError, ROLE, SUPERUSER};

/// The kernel takes 107 bytes for a socket's address; the rest is room for PostgreSQL's lock file and for care.
const LONGEST_SOCKET: usize = 90;

/// The name of the folders below the temporary folder starts so.
const TEMPORARY: &str = "casebook-";

/// The rule files, which replace those inside the cluster.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub hba: PathBuf,
    pub ident: PathBuf,
}

/// The file name of the socket.
pub(super) fn socket_name() -> String {
    format!(".s.PGSQL.{PORT}")
}

/// Makes the folder for the socket, which only `account` (and root) can enter.
pub(super) fn socket_folder(data: &Path, account: &Account) -> Result<PathBuf, PostgresError> {
    let folder = socket_path(data)?;
    make_private(&folder, account)?;
    Ok(folder)
}

/// Where the socket of a data folder is: `<data>/run`, or, where that is too long for a socket or cannot be written in
/// a database's address, a folder below the temporary one.
pub(super) fn socket_path(data: &Path) -> Result<PathBuf, PostgresError> {
    let usual = data.join("run");
    if fits(&usual) {
        return Ok(usual);
    }
    let found = fs::metadata(data).map_err(PostgresError::io("read", data))?;
    let name = format!("{TEMPORARY}{:x}-{:x}", found.dev(), found.ino());
    let folder = std::env::temp_dir().join(&name);
    Ok(if fits(&folder) { folder } else { Path::new("/tmp").join(&name) })
}

/// Removes a folder that [`socket_folder`] made below the temporary one; `<data>/run` stays.
pub(super) fn remove_socket_folder(folder: &Path) {
    if folder.file_name().is_some_and(|name| name.as_bytes().starts_with(TEMPORARY.as_bytes())) {
        // Only an empty folder goes, and one that stays does no harm: the next start takes it over.
        fs::remove_dir(folder).unwrap_or_default();
    }
}

/// Writes who may connect as whom. At every start, because Casebook may be another user this time.
///
/// PostgreSQL asks the kernel who is at the other end of the socket (peer), so there is no password.
pub(super) fn write_rules(data: &Path, account: &Account) -> Result<Access, PostgresError> {
    let current = Account::current()?;
    let mut names = vec![current.name.as_str()];
    if account.name != current.name {
        names.push(&account.name);
    }
    let hba = "# Written by Casebook at every start.\n\
               local all         all peer map=casebook\n\
               local replication all peer map=casebook\n";
    let mut ident = String::from("# Written by Casebook at every start.\n");
    for name in names {
        for role in [ROLE, SUPERUSER] {
            ident.push_str(&format!("casebook \"{name}\" {role}\n"));
        }
    }
    let access = Access { hba: data.join("postgres-hba.conf"), ident: data.join("postgres-ident.conf") };
    write(&access.hba, hba)?;
    write(&access.ident, &ident)?;
    Ok(access)
}

fn fits(folder: &Path) -> bool {
    let socket = folder.join(socket_name());
    // psql takes a comma for the end of the host.
    socket.as_os_str().len() <= LONGEST_SOCKET && socket.to_str().is_some_and(|text| !text.contains(','))
}

fn make_private(folder: &Path, account: &Account) -> Result<(), PostgresError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {
            chown(folder, Some(account.uid), Some(account.gid)).map_err(PostgresError::io("hand over", folder))?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(PostgresError::io("create", folder)(error)),
    }
    // Below the temporary folder anyone may have put one of that name, or a link, to listen in our place.
    let found = fs::symlink_metadata(folder).map_err(PostgresError::io("read", folder))?;
    if found.is_dir() && found.uid() == account.uid && found.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(PostgresError::SocketFolder { folder: folder.to_owned(), user: account.name.clone() })
    }
}

fn write(path: &Path, text: &str) -> Result<(), PostgresError> {
    // Readable for PostgreSQL's user whatever the umask; there is no secret in it.
    fs::write(path, text)
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o644)))
        .map_err(PostgresError::io("write", path))
}
