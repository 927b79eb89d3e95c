//! Sessions and API tokens: whom a secret that came with a request belongs to; sessions begun, listed and ended.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Connection, StoreError};
use crate::domain::{AccountId, Line, Member, Role, Scope, SessionId, TokenId, Via};

/// How long a session lasts that nobody uses.
pub const IDLE: TimeDelta = TimeDelta::hours(12);

/// How long a session lasts at most.
pub const WHOLE: TimeDelta = TimeDelta::days(14);

/// How exactly it is known when a session or a token was last used.
const EXACTNESS: TimeDelta = TimeDelta::minutes(1);

/// Whose session it is, if it is one that still lasts. Notes that it was seen.
pub async fn member_of_session(
    connection: &mut Connection,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Member>, StoreError> {
    let Some(row) = sqlx::query!(
        "SELECT s.id, s.seen_at, a.id AS account_id, a.name, a.role
         FROM session s
         JOIN account a ON a.id = s.account_id
         WHERE s.token_hash = $1 AND s.ends_at > $2 AND s.seen_at > $3 AND a.disabled_at IS NULL",
        &hash[..],
        now,
        now - IDLE
    )
    .fetch_optional(&mut *connection)
    .await?
    else {
        return Ok(None);
    };
    if now - row.seen_at > EXACTNESS {
        // Never an insert: a session that was revoked meanwhile must not come back.
        sqlx::query!("UPDATE session SET seen_at = $2 WHERE id = $1", row.id, now).execute(connection).await?;
    }
    member(row.account_id, &row.name, &row.role, Via::Session(SessionId(row.id))).map(Some)
}

/// Whose an API token is, or why it is nobody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenOwner {
    /// It is good.
    Known(Member),
    /// It was good once.
    Expired,
    /// It never was, was revoked, or its account was shut.
    Unknown,
}

/// Whose API token it is. Notes that it was used.
pub async fn member_of_token(
    connection: &mut Connection,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<TokenOwner, StoreError> {
    let Some(row) = sqlx::query!(
        "SELECT t.id, t.scope, t.expires_at, t.last_used_at, a.id AS account_id, a.name, a.role
         FROM api_token t
         JOIN account a ON a.id = t.account_id
         WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND a.disabled_at IS NULL",
        &hash[..]
    )
    .fetch_optional(&mut *connection)
    .await?
    else {
        return Ok(TokenOwner::Unknown);
    };
    if row.expires_at <= now {
        return Ok(TokenOwner::Expired);
    }
    if row.last_used_at.is_none_or(|before| now - before > EXACTNESS) {
        sqlx::query!("UPDATE api_token SET last_used_at = $2 WHERE id = $1", row.id, now).execute(connection).await?;
    }
    let scope = Scope::parse(&row.scope).map_err(|why| StoreError::inconsistent(format!("token {}", row.id), why))?;
    member(row.account_id, &row.name, &row.role, Via::Token(TokenId(row.id), scope)).map(TokenOwner::Known)
}

fn member(account: uuid::Uuid, name: &str, role: &str, via: Via) -> Result<Member, StoreError> {
    let parsed = Line::parse(name).and_then(|name| Ok((name, Role::parse(role)?)));
    let (name, role) = parsed.map_err(|why| StoreError::inconsistent(format!("account {account}"), why))?;
    Ok(Member { account: AccountId(account), name, role, via })
}

/// A session that begins.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// What it is revoked by.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// Of the secret in the cookie.
    pub hash: [u8; 32],
    /// What the browser calls itself.
    pub user_agent: &'a str,
    /// Where it is.
    pub address: &'a str,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What it is revoked by.
    pub id: SessionId,
    /// When somebody logged in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
    /// What the browser called itself.
    pub user_agent: String,
    /// Where it was.
    pub address: String,
}

/// Begins a session.
pub async fn insert(
    connection: &mut Connection,
    session: &NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO session (id, token_hash, account_id, created_at, seen_at, ends_at, user_agent, address)
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7)",
        session.id.0,
        &session.hash[..],
        session.account.0,
        now,
        now + WHOLE,
        session.user_agent,
        session.address
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody's sessions that still last, the one used last first.
pub async fn list(
    connection: &mut Connection,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<Session>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, created_at, seen_at, user_agent, address
         FROM session
         WHERE account_id = $1 AND ends_at > $2 AND seen_at > $3
         ORDER BY seen_at DESC, id",
        account.0,
        now,
        now - IDLE
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Session {
            id: SessionId(row.id),
            created_at: row.created_at,
            seen_at: row.seen_at,
            user_agent: row.user_agent,
            address: row.address,
        })
        .collect())
}

/// Ends one of somebody's sessions; gives what its browser called itself, if it was theirs.
pub async fn end(connection: &mut Connection, account: AccountId, id: SessionId) -> Result<Option<String>, StoreError> {
    let ended = sqlx::query_scalar!(
        "DELETE FROM session
         WHERE id = $1 AND account_id = $2
         RETURNING user_agent",
        id.0,
        account.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(ended)
}

/// Ends the session of a secret, whosever it is: the browser that has it begins another one.
pub async fn end_by_secret(connection: &mut Connection, hash: &[u8; 32]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM session WHERE token_hash = $1", &hash[..]).execute(connection).await?;
    Ok(())
}

/// Ends all of somebody's sessions but one, or all of them. Gives how many they were.
pub async fn end_all(
    connection: &mut Connection,
    account: AccountId,
    but: Option<SessionId>,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "DELETE FROM session
         WHERE account_id = $1 AND ($2::uuid IS NULL OR id <> $2)",
        account.0,
        but.map(|but| but.0)
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets the sessions that are over.
pub async fn prune(connection: &mut Connection, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let done = sqlx::query!("DELETE FROM session WHERE ends_at <= $1 OR seen_at <= $2", now, now - IDLE)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
