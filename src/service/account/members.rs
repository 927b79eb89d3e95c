//! What admins change of others' accounts. One admin who can log in always remains.

use chrono::{DateTime, Utc};

use super::AccountError;
use super::entry::{INVITATION, SHORT, new_account};
use crate::domain::{Account, AccountId, Actor, Deed, Email, Line, Role};
use crate::identity::Secret;
use crate::service::letters;
use crate::store::account::EmailTaken;
use crate::store::link::{self, Purpose};
use crate::store::{Connection, Database, StoreError, account, audit, session};

/// Why an account was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such account.
    NotFound,
    /// Nobody would be left who could change accounts.
    LastAdmin,
    /// It is shut.
    Disabled,
}

/// A change of somebody's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// They may do something else from now on.
    Role(Role),
    /// They may not log in any more; all their sessions end.
    Disable,
    /// They may log in again.
    Enable,
}

/// Invites somebody; the secret is for the link. An invitation that they had before is void.
pub async fn invite(
    database: &Database,
    actor: &Actor,
    (email, role): (&Email, Role),
    now: DateTime<Utc>,
) -> Result<Result<Secret, EmailTaken>, AccountError> {
    let secret = Secret::new()?;
    let mut transaction = database.begin().await?;
    if account::find_by_email(&mut transaction, email).await?.is_some() {
        return Ok(Err(EmailTaken));
    }
    let purpose = Purpose::Invitation { email: email.clone(), role };
    link::insert(&mut transaction, &secret.hash(), &purpose, actor.account(), (now, now + INVITATION)).await?;
    audit::append(&mut transaction, actor, Deed::AccountInvited, email.as_str(), role.as_str(), now).await?;
    mail_link(&mut transaction, email, &Way::Join, &secret, now).await?;
    Database::commit(transaction).await?;
    Ok(Ok(secret))
}

/// Withdraws an invitation that nobody has taken.
pub async fn withdraw_invitation(
    database: &Database,
    actor: &Actor,
    id: uuid::Uuid,
    now: DateTime<Utc>,
) -> Result<(), AccountError> {
    let mut transaction = database.begin().await?;
    if let Some(email) = link::withdraw(&mut transaction, id).await? {
        audit::append(&mut transaction, actor, Deed::AccountInvited, &email, "withdrawn", now).await?;
    }
    Database::commit(transaction).await?;
    Ok(())
}

/// Makes an account without an invitation, for whoever has the machine.
pub async fn create(
    database: &Database,
    actor: &Actor,
    (name, email, role): (Line, Email, Role),
    password_hash: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Result<Account, EmailTaken>, AccountError> {
    let account = new_account(name, email, role, now);
    let mut transaction = database.begin().await?;
    if let Err(taken) = account::insert(&mut transaction, &account, password_hash).await? {
        return Ok(Err(taken));
    }
    let email = account.email.as_str();
    audit::append(&mut transaction, actor, Deed::AccountMade, email, account.role.as_str(), now).await?;
    Database::commit(transaction).await?;
    Ok(Ok(account))
}

/// Makes a link by which somebody chooses a new password; the secret is for the link.
pub async fn make_reset_link(
    database: &Database,
    actor: &Actor,
    id: AccountId,
    now: DateTime<Utc>,
) -> Result<Result<(Account, Secret), Refusal>, AccountError> {
    let secret = Secret::new()?;
    let mut transaction = database.begin().await?;
    let account = match account::hold(&mut transaction, id).await? {
        Some(found) if found.account.disabled_at.is_none() => found.account,
        Some(_) => return Ok(Err(Refusal::Disabled)),
        None => return Ok(Err(Refusal::NotFound)),
    };
    link::insert(&mut transaction, &secret.hash(), &Purpose::Reset(id), actor.account(), (now, now + SHORT)).await?;
    let (deed, what) = (Deed::AccountChanged, "a link for a new password was made");
    audit::append(&mut transaction, actor, deed, account.email.as_str(), what, now).await?;
    mail_link(&mut transaction, &account.email, &Way::Reset, &secret, now).await?;
    Database::commit(transaction).await?;
    Ok(Ok((account, secret)))
}

/// What a link that is mailed is for.
enum Way {
    Join,
    Reset,
}

/// Mails a link to whom it is for, where letters are sent. Whoever made it sees it all the same.
async fn mail_link(
    connection: &mut Connection,
    email: &Email,
    way: &Way,
    secret: &Secret,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(site) = letters::site(connection, now).await? else { return Ok(()) };
    let (subject, what, path, days) = match way {
        Way::Join => ("You are invited to Casebook", "You can make yourself an account", "join", INVITATION.num_days()),
        Way::Reset => ("A new password for Casebook", "You can choose a new password", "reset", SHORT.num_days()),
    };
    let time = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
    let token = secret.reveal();
    let body = format!(
        "{what} by this link. It is good once, for {time}:\n\n{site}/{path}?token={token}\n\n\
         An admin had it made. If you did not expect it, you need not do anything.\n"
    );
    letters::write(connection, email, subject, &body, now).await
}

/// Changes an account.
pub async fn change(
    database: &Database,
    actor: &Actor,
    id: AccountId,
    change: Change,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>, AccountError> {
    let mut transaction = database.begin().await?;
    // Held by whoever changes accounts: two admins who demote one another at once come one after the other.
    let admins = account::hold_admins(&mut transaction).await?;
    let Some(found) = account::hold(&mut transaction, id).await? else { return Ok(Err(Refusal::NotFound)) };
    let keeps_admin = change == Change::Enable || change == Change::Role(Role::Admin);
    if admins == [id] && !keeps_admin {
        return Ok(Err(Refusal::LastAdmin));
    }
    apply(&mut transaction, actor, &found.account, change, now).await?;
    Database::commit(transaction).await?;
    Ok(Ok(()))
}

async fn apply(
    connection: &mut Connection,
    actor: &Actor,
    account: &Account,
    change: Change,
    now: DateTime<Utc>,
) -> Result<(), AccountError> {
    let (deed, detail) = match change {
        Change::Role(role) if role == account.role => return Ok(()),
        Change::Role(role) => {
            account::set_role(connection, account.id, role).await?;
            (Deed::AccountChanged, format!("role: {} → {role}", account.role))
        }
        Change::Disable if account.disabled_at.is_some() => return Ok(()),
        Change::Disable => {
            account::set_disabled(connection, account.id, Some(now)).await?;
            let ended = session::end_all(connection, account.id, None).await?;
            link::void(connection, &Purpose::Reset(account.id)).await?;
            (Deed::AccountDisabled, format!("sessions ended: {ended}"))
        }
        Change::Enable if account.disabled_at.is_none() => return Ok(()),
        Change::Enable => {
            account::set_disabled(connection, account.id, None).await?;
            (Deed::AccountEnabled, String::new())
        }
    };
    audit::append(connection, actor, deed, account.email.as_str(), &detail, now).await?;
    Ok(())
}
