//! API tokens: made once, shown once, revoked at any time.

use chrono::{DateTime, TimeDelta, Utc};

use super::AccountError;
use crate::domain::{Actor, Deed, Line, Member, Scope, TokenId};
use crate::identity::Secret;
use crate::store::token::{self, Token};
use crate::store::{Database, audit};

/// The longest that a token is good, in days.
pub const MOST_DAYS: u16 = 366;

/// The most tokens that an account has at a time.
pub const MOST: usize = 50;

/// The account has as many tokens as it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyTokens;

/// Makes a token; the secret is shown to its owner and kept nowhere.
pub async fn make(
    database: &Database,
    member: &Member,
    (name, scope, days): (Line, Scope, u16),
    now: DateTime<Utc>,
) -> Result<Result<Secret, TooManyTokens>, AccountError> {
    let secret = Secret::new()?;
    let lasts = TimeDelta::days(i64::from(days.clamp(1, MOST_DAYS)));
    let token = Token { id: TokenId::new(), name, scope, created_at: now, expires_at: now + lasts, last_used_at: None };
    let mut transaction = database.begin().await?;
    if token::list(&mut transaction, member.account).await?.len() >= MOST {
        return Ok(Err(TooManyTokens));
    }
    token::insert(&mut transaction, member.account, &token, &secret.hash()).await?;
    let detail = format!("{}, until {}", scope.as_str(), token.expires_at.format("%Y-%m-%d"));
    let actor = Actor::Member(member.clone());
    audit::append(&mut transaction, &actor, Deed::TokenMade, token.name.as_str(), &detail, now).await?;
    Database::commit(transaction).await?;
    Ok(Ok(secret))
}

/// Revokes a token of one's own.
pub async fn revoke(database: &Database, member: &Member, id: TokenId, now: DateTime<Utc>) -> Result<(), AccountError> {
    let mut transaction = database.begin().await?;
    if let Some(name) = token::revoke(&mut transaction, member.account, id, now).await? {
        let actor = Actor::Member(member.clone());
        audit::append(&mut transaction, &actor, Deed::TokenRevoked, &name, "", now).await?;
    }
    Database::commit(transaction).await?;
    Ok(())
}
