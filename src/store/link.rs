//! Links that are good once: to set Casebook up, to join, to choose a new password.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Connection, StoreError};
use crate::domain::{AccountId, Email, Role};

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To make the first account, that of an admin.
    SetUp,
    /// To make an account of that address and role.
    Invitation {
        /// Whom it was made for.
        email: Email,
        /// What they may do.
        role: Role,
    },
    /// To choose a password for that account.
    Reset(AccountId),
}

/// A link that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is withdrawn by. It lets nobody in.
    pub id: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    /// When it stops to be good.
    pub expires_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    purpose: String,
    account_id: Option<Uuid>,
    email: Option<String>,
    role: Option<String>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<Row> for Link {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::inconsistent(format!("link {}", row.id), why);
        let purpose = match (row.purpose.as_str(), row.account_id, row.email, row.role) {
            ("setup", ..) => Purpose::SetUp,
            ("reset", Some(account), ..) => Purpose::Reset(AccountId(account)),
            ("invitation", _, Some(email), Some(role)) => Purpose::Invitation {
                email: Email::parse(&email).map_err(|why| wrong(why.to_string()))?,
                role: Role::parse(&role).map_err(|why| wrong(why.to_string()))?,
            },
            _ => return Err(wrong(format!("its parts do not belong to the purpose {}", row.purpose))),
        };
        Ok(Self { id: row.id, purpose, expires_at: row.expires_at })
    }
}

/// Adds a link. Those that were made before for the same purpose are void from then on.
pub async fn insert(
    connection: &mut Connection,
    hash: &[u8; 32],
    purpose: &Purpose,
    by: Option<AccountId>,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    void(connection, purpose).await?;
    let (name, account, email, role) = match purpose {
        Purpose::SetUp => ("setup", None, None, Some(Role::Admin)),
        Purpose::Invitation { email, role } => ("invitation", None, Some(email.as_str()), Some(*role)),
        Purpose::Reset(account) => ("reset", Some(account.0), None, None),
    };
    sqlx::query!(
        "INSERT INTO entry_link (id, token_hash, purpose, account_id, email, role, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Uuid::now_v7(),
        &hash[..],
        name,
        account,
        email,
        role.map(Role::as_str),
        by.map(|by| by.0),
        now,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes every unused link of that purpose void.
pub async fn void(connection: &mut Connection, purpose: &Purpose) -> Result<(), StoreError> {
    match purpose {
        Purpose::SetUp => {
            sqlx::query!("DELETE FROM entry_link WHERE purpose = 'setup' AND used_at IS NULL")
                .execute(connection)
                .await?
        }
        Purpose::Invitation { email, .. } => {
            sqlx::query!(
                "DELETE FROM entry_link
                 WHERE purpose = 'invitation' AND lower(email) = lower($1) AND used_at IS NULL",
                email.as_str()
            )
            .execute(connection)
            .await?
        }
        Purpose::Reset(account) => {
            sqlx::query!(
                "DELETE FROM entry_link WHERE purpose = 'reset' AND account_id = $1 AND used_at IS NULL",
                account.0
            )
            .execute(connection)
            .await?
        }
    };
    Ok(())
}

/// The link of that secret, if it can still be used.
pub async fn find(
    connection: &mut Connection,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Link>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, purpose, account_id, email, role, expires_at
         FROM entry_link
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        &hash[..],
        now
    )
    .fetch_optional(connection)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Uses a link up. Of two that try, one gets it.
pub async fn use_up(
    connection: &mut Connection,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Link>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "UPDATE entry_link
         SET used_at = $2
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
         RETURNING id, purpose, account_id, email, role, expires_at",
        &hash[..],
        now
    )
    .fetch_optional(connection)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The invitations that nobody has taken yet, newest first.
pub async fn invitations(connection: &mut Connection, now: DateTime<Utc>) -> Result<Vec<Link>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, purpose, account_id, email, role, expires_at
         FROM entry_link
         WHERE purpose = 'invitation' AND used_at IS NULL AND expires_at > $1
         ORDER BY created_at DESC, id",
        now
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Forgets links that were used, or could no longer be, before that time.
pub async fn prune(connection: &mut Connection, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let done = sqlx::query!("DELETE FROM entry_link WHERE expires_at < $1 OR used_at < $1", before)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Withdraws an invitation that nobody has taken yet; gives whom it was for.
pub async fn withdraw(connection: &mut Connection, id: Uuid) -> Result<Option<String>, StoreError> {
    let email = sqlx::query_scalar!(
        "DELETE FROM entry_link
         WHERE id = $1 AND purpose = 'invitation' AND used_at IS NULL
         RETURNING email",
        id
    )
    .fetch_optional(connection)
    .await?;
    Ok(email.flatten())
}
