//! Sessions and API tokens: whom a secret that came with a request belongs to.

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

/// Whose API token it is, if it is one that is good. Notes that it was used.
pub async fn member_of_token(
    connection: &mut Connection,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Member>, StoreError> {
    let Some(row) = sqlx::query!(
        "SELECT t.id, t.scope, t.last_used_at, a.id AS account_id, a.name, a.role
         FROM api_token t
         JOIN account a ON a.id = t.account_id
         WHERE t.token_hash = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL AND a.disabled_at IS NULL",
        &hash[..],
        now
    )
    .fetch_optional(&mut *connection)
    .await?
    else {
        return Ok(None);
    };
    if row.last_used_at.is_none_or(|before| now - before > EXACTNESS) {
        sqlx::query!("UPDATE api_token SET last_used_at = $2 WHERE id = $1", row.id, now).execute(connection).await?;
    }
    let scope = Scope::parse(&row.scope).map_err(|why| StoreError::inconsistent(format!("token {}", row.id), why))?;
    member(row.account_id, &row.name, &row.role, Via::Token(TokenId(row.id), scope)).map(Some)
}

fn member(account: uuid::Uuid, name: &str, role: &str, via: Via) -> Result<Member, StoreError> {
    let parsed = Line::parse(name).and_then(|name| Ok((name, Role::parse(role)?)));
    let (name, role) = parsed.map_err(|why| StoreError::inconsistent(format!("account {account}"), why))?;
    Ok(Member { account: AccountId(account), name, role, via })
}
