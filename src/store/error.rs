//! What can go wrong with the database, told apart by what the caller can do about it.

use crate::domain::{FailureId, RevisionNumber};

/// A failed store operation.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is shutting down; trying again later may help.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The address of the database makes no sense.
    #[error("the database address is not a postgres:// address that can be used")]
    Address {
        /// What is wrong with it.
        source: sqlx::Error,
    },
    /// A migration could not be applied.
    #[error("the database could not be brought to this version's shape")]
    Migration {
        /// Which, and why.
        source: sqlx::migrate::MigrateError,
    },
    /// Somebody saved a newer revision in the meantime.
    #[error("record {id} is at a revision other than {base}")]
    Stale {
        /// The record.
        id: FailureId,
        /// The revision that the save was based on.
        base: RevisionNumber,
    },
    /// A row holds what the domain says is impossible.
    #[error("the database holds an impossible {what}: {why}")]
    Inconsistent {
        /// Which row.
        what: String,
        /// What is impossible about it.
        why: String,
    },
    /// Anything else: a bug here, or a database that somebody changed by hand.
    #[error("the database refused a statement")]
    Query(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open, and whatever is not known to pass is a bug")]
    fn from(error: sqlx::Error) -> Self {
        let unavailable = match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                true
            }
            // 08: connection; 53: resources; 57: operator intervention (shutdown, crash, statement timeout); 58: system.
            sqlx::Error::Database(refusal) => {
                refusal.code().is_some_and(|code| ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)))
            }
            sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
            _ => false,
        };
        if unavailable { Self::Unavailable(error) } else { Self::Query(error) }
    }
}

impl StoreError {
    /// For a row that cannot be.
    pub(super) fn inconsistent(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self::Inconsistent { what: what.into(), why: why.to_string() }
    }
}
