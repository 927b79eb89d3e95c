//! Somebody comes in through an OpenID provider: their account is found, linked or made, and a session begins.

use chrono::{DateTime, Utc};

use crate::domain::{Actor, Deed, Member, Role, SessionId, Via};
use crate::identity::Secret;
use crate::identity::oidc::{Identity, RoleMapping};
use crate::service::account::{AccountError, Browser, start};
use crate::store::oidc::{Found, NewAccount};
use crate::store::{Connection, Database, StoreError, account, audit, oidc};

/// Why somebody whom the provider knows does not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An admin shut the account.
    #[error("the account is disabled")]
    Disabled,
    /// None of their groups has a role.
    #[error("no group has a role")]
    NoRole,
    /// The provider told no e-mail address, and an account needs one.
    #[error("the provider told no e-mail address")]
    NoEmail,
    /// An account with this address exists, and it is not certain that it is theirs.
    #[error("the e-mail address belongs to another account")]
    EmailTaken,
}

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// They may not.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No session could be begun.
    #[error(transparent)]
    Session(#[from] AccountError),
}

/// What every line of the audit log about it says.
const HOW: &str = "openid";

/// Lets somebody in whose identity has been verified; gives the secret of their new session.
pub async fn enter(
    database: &Database,
    identity: &Identity,
    roles: &RoleMapping,
    browser: &Browser,
    now: DateTime<Utc>,
) -> Result<Secret, EnterError> {
    let mut transaction = database.begin().await?;
    let entered = in_transaction(&mut transaction, identity, roles, browser, now).await;
    if let Err(EnterError::Refused(refusal)) = &entered {
        let subject = identity.mailbox.as_ref().map_or(identity.name.as_str(), |mailbox| mailbox.address.as_str());
        let detail = format!("{HOW}: {refusal}");
        audit::append(&mut transaction, &Actor::Anonymous, Deed::LoginFailed, subject, &detail, now).await?;
        Database::commit(transaction).await?;
    } else if entered.is_ok() {
        Database::commit(transaction).await?;
    }
    entered
}

/// Writes nothing if it refuses.
async fn in_transaction(
    connection: &mut Connection,
    identity: &Identity,
    roles: &RoleMapping,
    browser: &Browser,
    now: DateTime<Utc>,
) -> Result<Secret, EnterError> {
    oidc::wait_for_turn(connection, &identity.issuer, &identity.subject).await?;
    let given = roles.role_in(&identity.groups);
    let known = oidc::by_subject(connection, &identity.issuer, &identity.subject).await?;
    let (account, arrival) = match known {
        Some(account) => (account, Arrival::Known),
        None => first_time(connection, identity, given, now).await?,
    };
    if account.is_disabled {
        return Err(Refusal::Disabled.into());
    }
    let role = match given {
        Some(role) if roles.follows_groups() => role,
        Some(_) => account.role,
        None => return Err(Refusal::NoRole.into()),
    };
    let via = Via::Session(SessionId::new());
    let actor = Actor::Member(Member { account: account.id, name: account.name.clone(), role, via });
    let mut held = account::find(connection, account.id).await?.ok_or(Refusal::Disabled)?.account;
    let subject = held.email.as_str();
    match arrival {
        Arrival::Known => {}
        Arrival::Linked => {
            oidc::link(connection, account.id, &identity.issuer, &identity.subject).await?;
            let detail = format!("{HOW}: linked by e-mail address");
            audit::append(connection, &actor, Deed::AccountChanged, subject, &detail, now).await?;
        }
        Arrival::Made => {
            audit::append(connection, &actor, Deed::AccountMade, subject, &format!("{HOW}: {role}"), now).await?;
        }
    }
    if role != account.role {
        account::set_role(connection, account.id, role).await?;
        let detail = format!("{HOW}: {} to {role}", account.role);
        audit::append(connection, &actor, Deed::AccountChanged, subject, &detail, now).await?;
    }
    held.role = role;
    Ok(start(connection, &held, browser, HOW, now).await?)
}

/// How an account came to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// They have been here before.
    Known,
    /// It waited for them: somebody made it for their address.
    Linked,
    /// It was made for them.
    Made,
}

/// An account for somebody whom the provider sends for the first time. One that exists is theirs only if the address is
/// certain and there is no other way into it: whoever has a password keeps their account to themselves.
async fn first_time(
    connection: &mut Connection,
    identity: &Identity,
    given: Option<Role>,
    now: DateTime<Utc>,
) -> Result<(Found, Arrival), EnterError> {
    let mailbox = identity.mailbox.as_ref().ok_or(Refusal::NoEmail)?;
    if let Some(account) = oidc::by_email(connection, &mailbox.address).await? {
        let is_theirs = mailbox.is_verified && !account.is_taken;
        return if is_theirs { Ok((account, Arrival::Linked)) } else { Err(Refusal::EmailTaken.into()) };
    }
    let role = given.ok_or(Refusal::NoRole)?;
    let new = NewAccount {
        name: &identity.name,
        email: &mailbox.address,
        role,
        issuer: &identity.issuer,
        subject: &identity.subject,
    };
    let id = oidc::insert(connection, new, now).await?.ok_or(Refusal::EmailTaken)?;
    let account = Found { id, name: identity.name.clone(), role, is_disabled: false, is_taken: true };
    Ok((account, Arrival::Made))
}
