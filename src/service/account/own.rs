//! What people change of their own: name, address, letters, password, sessions.

use chrono::{DateTime, Utc};

use super::login::own_limit;
use super::{AccountError, Browser, Passwords, sessions};
use crate::domain::{Actor, Deed, Email, Letters, Line, Member, SessionId, Via};
use crate::identity::Secret;
use crate::identity::password::{Verdict, Weakness};
use crate::store::account::{self, Credentials};
use crate::store::attempt::{self, TooMany};
use crate::store::link::{self, Purpose};
use crate::store::{Database, audit, session};

/// What somebody says of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What others read.
    pub name: Line,
    /// Where they are written to, and what they log in with.
    pub email: Email,
    /// Whether they want to be written to.
    pub letters: Letters,
}

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The password that they have was not the one typed.
    Wrong,
    /// It was wrong too often.
    TooMany(TooMany),
    /// The new password is not good enough.
    Weak(Weakness),
    /// Another account has that address.
    EmailTaken,
    /// They log in elsewhere, and have no password to change or to prove who they are with.
    NoPassword,
    /// The account is gone.
    Gone,
}

/// Changes what somebody says of themselves. Another address takes their password: whoever has it gets the links for a new
/// password.
pub async fn change_profile(
    database: &Database,
    passwords: &Passwords,
    member: &Member,
    (profile, password): (&Profile, &str),
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>, AccountError> {
    let Some(found) = account::find(&mut *database.connection().await?, member.account).await? else {
        return Ok(Err(Refusal::Gone));
    };
    let before = &found.account;
    if before.email.as_str() != profile.email.as_str()
        && let Err(refusal) = prove(database, passwords, &found, password, now).await?
    {
        return Ok(Err(refusal));
    }
    let mut transaction = database.begin().await?;
    if account::set_profile(&mut transaction, before.id, &profile.name, &profile.email, profile.letters).await?.is_err()
    {
        drop(transaction);
        // Counted, so that nobody asks for one address after the other who has an account.
        let mut transaction = database.begin().await?;
        let counted = attempt::take(&mut transaction, &[own_limit(before)], now).await?;
        Database::commit(transaction).await?;
        return Ok(Err(counted.map_or_else(Refusal::TooMany, |()| Refusal::EmailTaken)));
    }
    let mut changes = Vec::new();
    if before.name != profile.name {
        changes.push(format!("name: {} → {}", before.name, profile.name));
    }
    if before.email.as_str() != profile.email.as_str() {
        changes.push(format!("e-mail: {} → {}", before.email, profile.email));
    }
    if !changes.is_empty() {
        let actor = Actor::Member(member.clone());
        let email = profile.email.as_str();
        audit::append(&mut transaction, &actor, Deed::AccountChanged, email, &changes.join("; "), now).await?;
    }
    Database::commit(transaction).await?;
    Ok(Ok(()))
}

/// Changes a password. All sessions end, and another one begins for this browser.
pub async fn change_password(
    database: &Database,
    passwords: &Passwords,
    member: &Member,
    (old, new): (&str, &str),
    browser: &Browser,
    now: DateTime<Utc>,
) -> Result<Result<Secret, Refusal>, AccountError> {
    let Some(found) = account::find(&mut *database.connection().await?, member.account).await? else {
        return Ok(Err(Refusal::Gone));
    };
    if let Err(refusal) = prove(database, passwords, &found, old, now).await? {
        return Ok(Err(refusal));
    }
    let context = vec![found.account.name.to_string(), found.account.email.to_string()];
    let hash = match passwords.choose(new, context).await? {
        Ok(hash) => hash,
        Err(weakness) => return Ok(Err(Refusal::Weak(weakness))),
    };
    let mut transaction = database.begin().await?;
    let still = account::hold(&mut transaction, member.account).await?;
    let Some(account) = still.map(|still| still.account).filter(|account| account.disabled_at.is_none()) else {
        return Ok(Err(Refusal::Gone));
    };
    account::set_password(&mut transaction, account.id, &hash).await?;
    link::void(&mut transaction, &Purpose::Reset(account.id)).await?;
    session::end_all(&mut transaction, account.id, None).await?;
    let actor = Actor::Member(member.clone());
    audit::append(&mut transaction, &actor, Deed::PasswordChanged, account.email.as_str(), "", now).await?;
    let secret = sessions::start(&mut transaction, &account, browser, "after changing the password", now).await?;
    Database::commit(transaction).await?;
    Ok(Ok(secret))
}

/// Has somebody who is logged in prove once more who they are.
async fn prove(
    database: &Database,
    passwords: &Passwords,
    found: &Credentials,
    password: &str,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>, AccountError> {
    if found.password_hash.is_none() {
        return Ok(Err(Refusal::NoPassword));
    }
    let limits = [own_limit(&found.account)];
    let mut transaction = database.begin().await?;
    if let Err(too_many) = attempt::take(&mut transaction, &limits, now).await? {
        return Ok(Err(Refusal::TooMany(too_many)));
    }
    Database::commit(transaction).await?;
    if passwords.verify(password, found.password_hash.clone()).await? == Verdict::Wrong {
        return Ok(Err(Refusal::Wrong));
    }
    attempt::give_back(&mut *database.connection().await?, &limits, now).await?;
    Ok(Ok(()))
}

/// Which sessions to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// That one.
    One(SessionId),
    /// All but the one that asks.
    Others,
}

/// Ends sessions of one's own.
pub async fn end_sessions(
    database: &Database,
    member: &Member,
    which: Which,
    now: DateTime<Utc>,
) -> Result<(), AccountError> {
    let mut transaction = database.begin().await?;
    let ended = match which {
        Which::One(id) => session::end(&mut transaction, member.account, id).await?,
        Which::Others => {
            let this = match member.via {
                Via::Session(id) => Some(id),
                Via::Token(..) => None,
            };
            let count = session::end_all(&mut transaction, member.account, this).await?;
            (count > 0).then(|| format!("{count} others"))
        }
    };
    if let Some(ended) = ended {
        let (actor, name) = (Actor::Member(member.clone()), member.name.as_str());
        audit::append(&mut transaction, &actor, Deed::SessionRevoked, name, &ended, now).await?;
    }
    Database::commit(transaction).await?;
    Ok(())
}
