//! Sessions begin and end, and the audit log says so.

use chrono::{DateTime, Utc};

use super::{AccountError, Browser, acting};
use crate::domain::{Account, Actor, Deed, Member, SessionId, Via};
use crate::identity::Secret;
use crate::store::session::{self, NewSession};
use crate::store::{Connection, Database, audit};

/// Begins a session and gives the secret for the cookie, in the caller's transaction. The one that this browser had ends:
/// a secret that was planted in it before must not become that of somebody who is known. `how` goes into the audit log.
pub async fn start(
    connection: &mut Connection,
    account: &Account,
    browser: &Browser,
    how: &str,
    now: DateTime<Utc>,
) -> Result<Secret, AccountError> {
    let secret = Secret::new()?;
    if let Some(old) = &browser.session {
        session::end_by_secret(connection, old).await?;
    }
    let id = SessionId::new();
    let new = NewSession {
        id,
        account: account.id,
        hash: secret.hash(),
        user_agent: &browser.user_agent,
        address: &browser.address,
    };
    session::insert(connection, &new, now).await?;
    let actor = Actor::Member(acting(account, id));
    audit::append(connection, &actor, Deed::LoggedIn, account.email.as_str(), how, now).await?;
    Ok(secret)
}

/// Ends the session that a request came with.
pub async fn log_out(database: &Database, member: &Member, now: DateTime<Utc>) -> Result<(), AccountError> {
    let Via::Session(id) = member.via else { return Ok(()) };
    let mut transaction = database.begin().await?;
    if session::end(&mut transaction, member.account, id).await?.is_some() {
        let actor = Actor::Member(member.clone());
        audit::append(&mut transaction, &actor, Deed::LoggedOut, member.name.as_str(), "", now).await?;
    }
    Database::commit(transaction).await?;
    Ok(())
}
