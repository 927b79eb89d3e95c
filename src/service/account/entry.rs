//! Ways in by a link that is good once: the first admin sets Casebook up, the invited join, and who forgot a password
//! chooses another one.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AccountError, Browser, Passwords, sessions};
use crate::domain::{Account, AccountId, Actor, Deed, Email, Letters, Line, Role};
use crate::identity::password::Weakness;
use crate::identity::{Secret, secret};
use crate::store::link::{self, Link, Purpose};
use crate::store::{Connection, Database, account, audit, session};

/// How long a link to set Casebook up, or to choose a new password, is good.
pub const SHORT: TimeDelta = TimeDelta::hours(24);

/// How long an invitation is good.
pub const INVITATION: TimeDelta = TimeDelta::days(7);

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// The first admin's account.
    SetUp,
    /// An account of that address and role.
    Join {
        /// Whose.
        email: Email,
        /// What they will be.
        role: Role,
    },
    /// A new password for that account.
    Reset(Box<Account>),
}

/// What somebody says of themselves at a door.
#[derive(Debug)]
pub struct Newcomer<'a> {
    /// What others will read; what an account says already stays.
    pub name: Line,
    /// Counts at the first set-up only.
    pub email: Email,
    /// What they choose.
    pub password: &'a str,
}

/// Why somebody does not get in by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The link is unknown, used, too old, or for something else.
    Link,
    /// The password is not good enough.
    Password(Weakness),
    /// Somebody else has an account of that address.
    EmailTaken,
}

/// Makes a link to set Casebook up, if nobody has an account yet. The one made before is void.
pub async fn set_up_link(database: &Database, now: DateTime<Utc>) -> Result<Option<Secret>, AccountError> {
    let mut transaction = database.begin().await?;
    if account::any(&mut transaction).await? {
        return Ok(None);
    }
    let secret = Secret::new()?;
    link::insert(&mut transaction, &secret.hash(), &Purpose::SetUp, None, (now, now + SHORT)).await?;
    Database::commit(transaction).await?;
    Ok(Some(secret))
}

/// What the link of that token opens, if it is good. Looking does not use it up.
pub async fn look(connection: &mut Connection, token: &str, now: DateTime<Utc>) -> Result<Option<Door>, AccountError> {
    match link::find(connection, &secret::hash(token), now).await? {
        Some(link) => door(connection, link).await,
        None => Ok(None),
    }
}

async fn door(connection: &mut Connection, link: Link) -> Result<Option<Door>, AccountError> {
    Ok(match link.purpose {
        Purpose::SetUp if account::any(connection).await? => None,
        Purpose::SetUp => Some(Door::SetUp),
        Purpose::Invitation { email, role } => Some(Door::Join { email, role }),
        Purpose::Reset(id) => {
            let found = account::hold(connection, id).await?.map(|found| found.account);
            found.filter(|account| account.disabled_at.is_none()).map(|account| Door::Reset(Box::new(account)))
        }
    })
}

/// Uses a link up and logs in whoever came by it. `door` is what they were shown.
pub async fn enter(
    database: &Database,
    passwords: &Passwords,
    (token, door): (&str, &Door),
    newcomer: &Newcomer<'_>,
    browser: &Browser,
    now: DateTime<Utc>,
) -> Result<Result<Secret, Refusal>, AccountError> {
    let context = vec![newcomer.name.to_string(), newcomer.email.to_string()];
    let hash = match passwords.choose(newcomer.password, context).await? {
        Ok(hash) => hash,
        Err(weakness) => return Ok(Err(Refusal::Password(weakness))),
    };
    let mut transaction = database.begin().await?;
    let still = match link::use_up(&mut transaction, &secret::hash(token), now).await? {
        Some(link) => self::door(&mut transaction, link).await?,
        None => None,
    };
    let entered = match still.filter(|still| still == door) {
        None => Err(Refusal::Link),
        Some(Door::SetUp) => {
            let account = new_account(newcomer.name.clone(), newcomer.email.clone(), Role::Admin, now);
            join(&mut transaction, account, &hash, Deed::SetUp, now).await?
        }
        Some(Door::Join { email, role }) => {
            let account = new_account(newcomer.name.clone(), email, role, now);
            join(&mut transaction, account, &hash, Deed::AccountMade, now).await?
        }
        Some(Door::Reset(account)) => Ok(reset(&mut transaction, *account, &hash, now).await?),
    };
    let (account, how) = match entered {
        Ok(entered) => entered,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let secret = sessions::start(&mut transaction, &account, browser, how, now).await?;
    Database::commit(transaction).await?;
    Ok(Ok(secret))
}

/// An account that begins now.
pub(super) fn new_account(name: Line, email: Email, role: Role, now: DateTime<Utc>) -> Account {
    Account { id: AccountId::new(), name, email, role, created_at: now, disabled_at: None, letters: Letters::Wanted }
}

/// Whoever is let in, and how, for the audit log.
type Entered = (Account, &'static str);

async fn join(
    connection: &mut Connection,
    account: Account,
    hash: &str,
    deed: Deed,
    now: DateTime<Utc>,
) -> Result<Result<Entered, Refusal>, AccountError> {
    if account::insert(connection, &account, Some(hash)).await?.is_err() {
        return Ok(Err(Refusal::EmailTaken));
    }
    let role = account.role.as_str();
    audit::append(connection, &Actor::Anonymous, deed, account.email.as_str(), role, now).await?;
    let how = if deed == Deed::SetUp { "by the set-up link" } else { "by an invitation" };
    Ok(Ok((account, how)))
}

async fn reset(
    connection: &mut Connection,
    account: Account,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Entered, AccountError> {
    account::set_password(connection, account.id, hash).await?;
    session::end_all(connection, account.id, None).await?;
    let email = account.email.as_str();
    audit::append(connection, &Actor::Anonymous, Deed::PasswordChanged, email, "by a link", now).await?;
    Ok((account, "by a link for a new password"))
}
