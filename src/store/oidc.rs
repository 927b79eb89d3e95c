//! Accounts as a login through an OpenID provider finds, makes and changes them.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{AccountId, Email, Line, Role};

/// An account that somebody may turn out to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: AccountId,
    /// What it is called.
    pub name: Line,
    /// What it may do.
    pub role: Role,
    /// Whether it was shut.
    pub is_disabled: bool,
    /// Whether it has another way in already: a password, or somebody at a provider.
    pub is_taken: bool,
}

/// Makes others who log in as the same person wait until this transaction ends: the first of them makes the account.
pub async fn wait_for_turn(connection: &mut Connection, issuer: &str, subject: &str) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))", issuer, subject)
        .execute(connection)
        .await?;
    Ok(())
}

/// The account of somebody at a provider.
pub async fn by_subject(connection: &mut Connection, issuer: &str, subject: &str) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, name, role, disabled_at
         FROM account
         WHERE oidc_issuer = $1 AND oidc_subject = $2
         FOR UPDATE",
        issuer,
        subject
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| found(row.id, &row.name, &row.role, row.disabled_at, true)).transpose()
}

/// The account with an e-mail address.
pub async fn by_email(connection: &mut Connection, email: &Email) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, name, role, disabled_at,
             (password_hash IS NOT NULL OR oidc_subject IS NOT NULL) AS \"is_taken!\"
         FROM account
         WHERE lower(email) = lower($1)
         FOR UPDATE",
        email.as_str()
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| found(row.id, &row.name, &row.role, row.disabled_at, row.is_taken)).transpose()
}

fn found(
    id: uuid::Uuid,
    name: &str,
    role: &str,
    disabled_at: Option<DateTime<Utc>>,
    is_taken: bool,
) -> Result<Found, StoreError> {
    let parsed = Line::parse(name).and_then(|name| Ok((name, Role::parse(role)?)));
    let (name, role) = parsed.map_err(|why| StoreError::inconsistent(format!("account {id}"), why))?;
    Ok(Found { id: AccountId(id), name, role, is_disabled: disabled_at.is_some(), is_taken })
}

/// A new account of somebody at a provider.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// What it is called.
    pub name: &'a Line,
    /// Its address.
    pub email: &'a Email,
    /// What it may do.
    pub role: Role,
    /// Who says who it is.
    pub issuer: &'a str,
    /// What the provider calls them.
    pub subject: &'a str,
}

/// Makes an account; none if its e-mail address is another's.
pub async fn insert(
    connection: &mut Connection,
    new: NewAccount<'_>,
    now: DateTime<Utc>,
) -> Result<Option<AccountId>, StoreError> {
    let id = AccountId::new();
    let made = sqlx::query!(
        "INSERT INTO account (id, name, email, role, oidc_issuer, oidc_subject, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT DO NOTHING",
        id.0,
        new.name.as_str(),
        new.email.as_str(),
        new.role.as_str(),
        new.issuer,
        new.subject,
        now
    )
    .execute(connection)
    .await?;
    Ok((made.rows_affected() == 1).then_some(id))
}

/// Says who it is at the provider that an account belongs to.
pub async fn link(
    connection: &mut Connection,
    account: AccountId,
    issuer: &str,
    subject: &str,
) -> Result<(), StoreError> {
    sqlx::query!("UPDATE account SET oidc_issuer = $2, oidc_subject = $3 WHERE id = $1", account.0, issuer, subject)
        .execute(connection)
        .await?;
    Ok(())
}
