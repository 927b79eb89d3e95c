//! What can go wrong with the embedded database, each with its way out.

use std::io;
use std::path::{Path, PathBuf};

/// Why the data folder or the embedded PostgreSQL could not be had.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum PostgresError {
    #[error(
        "the data folder {} is in use by {holder}: stop it, or choose another data folder \
         (nodes that share a database through DATABASE_URL need one each)",
        folder.display()
    )]
    FolderInUse { folder: PathBuf, holder: String },

    #[error(
        "no PostgreSQL found (looked in {looked_in}): install it (on Debian and Ubuntu: apt install postgresql), \
         name the folder that holds `postgres` and `initdb`, or set DATABASE_URL to a PostgreSQL that runs elsewhere"
    )]
    NoBinaries { looked_in: String },

    #[error(
        "the database in {} was made by PostgreSQL {made_by}, and this machine has {found}: \
         either install that version (on Debian and Ubuntu: apt install postgresql-{made_by}), \
         or move the data over: where PostgreSQL {made_by} runs, dump it with pg_dump, then move this folder aside, \
         start Casebook anew and restore the dump into the new database", cluster.display()
    )]
    OtherMajor { cluster: PathBuf, made_by: u32, found: String },

    #[error("there is no user {name} on this machine to run PostgreSQL as: create it or choose another")]
    UnknownUser { name: String },

    #[error(
        "PostgreSQL needs a user with a name, and user id {id} has none in /etc/passwd: \
         add an entry for it, start Casebook as another user, or set DATABASE_URL"
    )]
    NamelessUser { id: u32 },

    #[error("only root can run PostgreSQL as another user ({wanted}): start Casebook as root or as {wanted}")]
    NotRoot { wanted: String },

    #[error(
        "the database in {} belongs to {owner}, and Casebook runs as {current}: \
         start it as {owner}, or as root, or choose another data folder", cluster.display()
    )]
    NotTheOwner { cluster: PathBuf, owner: String, current: String },

    #[error(
        "PostgreSQL refuses to run as root, and the database in {0} belongs to root: \
         give it to the user that should run it (chown -R postgres: {0})", cluster.display()
    )]
    OwnedByRoot { cluster: PathBuf },

    #[error(
        "PostgreSQL refuses to run as root, so it runs as {user}, who may not pass through {}: \
         choose a data folder elsewhere (for example /var/lib/casebook), let {user} pass (chmod o+x {}), \
         start Casebook as an ordinary user, or set DATABASE_URL", barrier.display(), barrier.display()
    )]
    Unreachable { barrier: PathBuf, user: String },

    #[error("{} cannot be run as {user}", program.display())]
    NotRunnable { program: PathBuf, user: String, source: io::Error },

    #[error("{step} failed and no database was made: {output}")]
    Creation { step: &'static str, output: String },

    #[error("PostgreSQL did not start ({how}). The end of {}:\n{tail}", log.display())]
    Start { how: String, log: PathBuf, tail: String },

    #[error("PostgreSQL was asked to stop before it was ready")]
    Stopped,

    #[error("process {process}, left over from an earlier start, still uses {} and cannot be ended: end it", cluster.display())]
    Leftover { process: u32, cluster: PathBuf },

    #[error("{} is not a folder that only {user} can use: remove it, or choose a data folder with a shorter path", folder.display())]
    SocketFolder { folder: PathBuf, user: String },

    #[error("cannot {doing} {}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

impl PostgresError {
    /// Says what was being done to which file, for `map_err`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
