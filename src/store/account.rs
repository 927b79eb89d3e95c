//! Accounts: who they are, what they may do, and the hash of their password.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{Account, AccountId, Email, Letters, Line, Role};

/// An account with what proves whose it is.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// A PHC string; none for those who log in elsewhere, or have not chosen a password yet.
    pub password_hash: Option<String>,
}

/// Another account has that e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailTaken;

struct Row {
    id: uuid::Uuid,
    name: String,
    email: String,
    role: String,
    password_hash: Option<String>,
    created_at: DateTime<Utc>,
    disabled_at: Option<DateTime<Utc>>,
    notified: bool,
}

impl TryFrom<Row> for Credentials {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |why| StoreError::inconsistent(format!("account {}", row.id), why);
        let account = Account {
            id: AccountId(row.id),
            name: Line::parse(&row.name).map_err(wrong)?,
            email: Email::parse(&row.email).map_err(wrong)?,
            role: Role::parse(&row.role).map_err(wrong)?,
            created_at: row.created_at,
            disabled_at: row.disabled_at,
            letters: if row.notified { Letters::Wanted } else { Letters::Unwanted },
        };
        Ok(Self { account, password_hash: row.password_hash })
    }
}

/// Whether there is any account.
pub async fn any(connection: &mut Connection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!("SELECT EXISTS (SELECT 1 FROM account) AS \"any!\"").fetch_one(connection).await?)
}

/// Adds an account, unless another one has its address.
pub async fn insert(
    connection: &mut Connection,
    account: &Account,
    password_hash: Option<&str>,
) -> Result<Result<(), EmailTaken>, StoreError> {
    let done = sqlx::query!(
        "INSERT INTO account (id, name, email, role, password_hash, created_at, notified)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT DO NOTHING",
        account.id.0,
        account.name.as_str(),
        account.email.as_str(),
        account.role.as_str(),
        password_hash,
        account.created_at,
        account.letters == Letters::Wanted
    )
    .execute(connection)
    .await?;
    Ok(if done.rows_affected() == 1 { Ok(()) } else { Err(EmailTaken) })
}

/// The account of that id.
pub async fn find(connection: &mut Connection, id: AccountId) -> Result<Option<Credentials>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, email, role, password_hash, created_at, disabled_at, notified
         FROM account
         WHERE id = $1",
        id.0
    )
    .fetch_optional(connection)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The account of that id, kept from changing until the transaction ends.
pub async fn hold(connection: &mut Connection, id: AccountId) -> Result<Option<Credentials>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, email, role, password_hash, created_at, disabled_at, notified
         FROM account
         WHERE id = $1
         FOR UPDATE",
        id.0
    )
    .fetch_optional(connection)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The account of that address.
pub async fn find_by_email(connection: &mut Connection, email: &Email) -> Result<Option<Credentials>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, email, role, password_hash, created_at, disabled_at, notified
         FROM account
         WHERE lower(email) = lower($1)",
        email.as_str()
    )
    .fetch_optional(connection)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Everybody, by name.
pub async fn list(connection: &mut Connection) -> Result<Vec<Account>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, email, role, password_hash, created_at, disabled_at, notified
         FROM account
         ORDER BY lower(name), id"
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Credentials::try_from(row).map(|found| found.account)).collect()
}

/// Those who are admins and may log in, kept so until the transaction ends.
pub async fn hold_admins(connection: &mut Connection) -> Result<Vec<AccountId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM account
         WHERE role = 'admin' AND disabled_at IS NULL
         ORDER BY id
         FOR UPDATE"
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Changes what somebody says of themselves.
pub async fn set_profile(
    connection: &mut Connection,
    id: AccountId,
    name: &Line,
    email: &Email,
    letters: Letters,
) -> Result<Result<(), EmailTaken>, StoreError> {
    let done = sqlx::query!(
        "UPDATE account
         SET name = $2, email = $3, notified = $4
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM account other WHERE lower(other.email) = lower($3) AND other.id <> $1)",
        id.0,
        name.as_str(),
        email.as_str(),
        letters == Letters::Wanted
    )
    .execute(connection)
    .await?;
    Ok(if done.rows_affected() == 1 { Ok(()) } else { Err(EmailTaken) })
}

/// Changes the hash of the password.
pub async fn set_password(connection: &mut Connection, id: AccountId, hash: &str) -> Result<(), StoreError> {
    sqlx::query!("UPDATE account SET password_hash = $2 WHERE id = $1", id.0, hash).execute(connection).await?;
    Ok(())
}

/// Changes what somebody may do.
pub async fn set_role(connection: &mut Connection, id: AccountId, role: Role) -> Result<(), StoreError> {
    sqlx::query!("UPDATE account SET role = $2 WHERE id = $1", id.0, role.as_str()).execute(connection).await?;
    Ok(())
}

/// Shuts an account, or opens it again.
pub async fn set_disabled(
    connection: &mut Connection,
    id: AccountId,
    since: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    sqlx::query!("UPDATE account SET disabled_at = $2 WHERE id = $1", id.0, since).execute(connection).await?;
    Ok(())
}
