//! API tokens: made, listed and revoked by their owners. Whose a token is that came with a request, says `session.rs`.

use chrono::{DateTime, Utc};

use super::{Connection, StoreError};
use crate::domain::{AccountId, Line, Scope, TokenId};

/// A token as its owner sees it; the token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is revoked by.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: Line,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops to be good.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Adds a token.
pub async fn insert(
    connection: &mut Connection,
    account: AccountId,
    token: &Token,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO api_token (id, account_id, name, token_hash, scope, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        token.id.0,
        account.0,
        token.name.as_str(),
        &hash[..],
        token.scope.as_str(),
        token.created_at,
        token.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody's tokens that are not revoked, newest first; those that have expired too.
pub async fn list(connection: &mut Connection, account: AccountId) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, name, scope, created_at, expires_at, last_used_at
         FROM api_token
         WHERE account_id = $1 AND revoked_at IS NULL
         ORDER BY created_at DESC, id",
        account.0
    )
    .fetch_all(connection)
    .await?;
    let token = |id, name: &str, scope: &str| {
        let parsed = Line::parse(name).and_then(|name| Ok((name, Scope::parse(scope)?)));
        parsed.map_err(|why| StoreError::inconsistent(format!("token {id}"), why))
    };
    rows.into_iter()
        .map(|row| {
            let (name, scope) = token(row.id, &row.name, &row.scope)?;
            Ok(Token {
                id: TokenId(row.id),
                name,
                scope,
                created_at: row.created_at,
                expires_at: row.expires_at,
                last_used_at: row.last_used_at,
            })
        })
        .collect()
}

/// Revokes one of somebody's tokens; gives its name if it was theirs and good.
pub async fn revoke(
    connection: &mut Connection,
    account: AccountId,
    id: TokenId,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar!(
        "UPDATE api_token
         SET revoked_at = $3
         WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL
         RETURNING name",
        id.0,
        account.0,
        now
    )
    .fetch_optional(connection)
    .await?;
    Ok(name)
}
