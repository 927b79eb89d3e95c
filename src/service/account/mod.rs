//! Accounts: how people get in, what they change of their own, and what admins change of others'.

use crate::domain::{Account, Member, SessionId, Via};
use crate::identity::SecretHash;
use crate::identity::password::HashFailure;
use crate::identity::secret::NoRandomness;
use crate::store::StoreError;

mod passwords;
mod sessions;
pub mod login;
pub mod entry;
pub mod own;
pub mod tokens;
pub mod members;
pub mod sweep;

pub use passwords::Passwords;
pub use sessions::{log_out, start};

/// What went wrong that is nobody's fault who asked.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashFailure),
    /// The operating system gave no randomness.
    #[error("no randomness for a secret")]
    Randomness(#[from] NoRandomness),
    /// The list of stolen passwords could not be read.
    #[error("the list of breached passwords cannot be read")]
    Breached(#[source] std::io::Error),
    /// The work on a password broke off.
    #[error("the work on a password broke off")]
    BrokenOff(#[from] tokio::task::JoinError),
    /// More passwords are being hashed than the machine has room for.
    #[error("too many passwords are being checked at the moment")]
    Busy,
}

/// The browser that somebody comes with.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Where it is, for the list of sessions.
    pub address: String,
    /// What counts as one address when logins are counted.
    pub network: String,
    /// What it calls itself.
    pub user_agent: String,
    /// The session that it has now: it ends when another one begins.
    pub session: Option<SecretHash>,
}

/// Somebody as they act in a session, for the audit log.
fn acting(account: &Account, session: SessionId) -> Member {
    Member { account: account.id, name: account.name.clone(), role: account.role, via: Via::Session(session) }
}
