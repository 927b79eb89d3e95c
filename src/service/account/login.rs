//! Logging in with e-mail address and password: counted, and told apart by nobody who fails. An address that is unknown,
//! an account that is shut and a password that is wrong get one answer after the same work.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AccountError, Browser, Passwords, sessions};
use crate::domain::{Account, Actor, Deed, Email};
use crate::identity::password::Verdict;
use crate::identity::{Secret, secret};
use crate::store::account::{self, Credentials};
use crate::store::attempt::{self, Limit, TooMany};
use crate::store::{Database, audit};

/// What somebody typed.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// Whatever stood in the field.
    pub email: &'a str,
    /// Whatever stood in the field.
    pub password: &'a str,
}

/// What came of it.
#[derive(Debug)]
pub enum Login {
    /// They are in; the secret is for the cookie.
    In(Secret),
    /// Something was wrong. What it was is not told.
    Refused,
    /// Too many were wrong before.
    TooMany(TooMany),
}

/// In how long attempts are counted.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Tries a login.
pub async fn log_in(
    database: &Database,
    passwords: &Passwords,
    typed: Typed<'_>,
    browser: &Browser,
    now: DateTime<Utc>,
) -> Result<Login, AccountError> {
    let limits = limits(typed.email, &browser.network);
    let mut transaction = database.begin().await?;
    // Counted before it is tried: many at the same time are no way around the limit.
    if let Err(too_many) = attempt::take(&mut transaction, &limits, now).await? {
        return Ok(Login::TooMany(too_many));
    }
    let found = match Email::parse(typed.email) {
        Ok(email) => account::find_by_email(&mut transaction, &email).await?,
        Err(_) => None,
    };
    Database::commit(transaction).await?;
    // No connection is held while the password is hashed.
    let open = found.filter(|found| found.account.disabled_at.is_none());
    let kept = open.as_ref().and_then(|found| found.password_hash.clone());
    let verdict = passwords.verify(typed.password, kept).await?;
    let fresh = match verdict {
        Verdict::Right | Verdict::Wrong => None,
        Verdict::RightAndStale => Some(passwords.hash(typed.password).await?),
    };
    match open {
        Some(found) if verdict != Verdict::Wrong => enter(database, &found, fresh, (&limits, browser), now).await,
        Some(_) | None => {
            let mut connection = database.connection().await?;
            let subject = shown(typed.email);
            audit::append(&mut connection, &Actor::Anonymous, Deed::LoginFailed, &subject, &browser.address, now)
                .await?;
            Ok(Login::Refused)
        }
    }
}

/// Lets somebody in whose password was right, unless account or password changed while it was compared.
async fn enter(
    database: &Database,
    found: &Credentials,
    fresh: Option<String>,
    (limits, browser): (&[Limit; 3], &Browser),
    now: DateTime<Utc>,
) -> Result<Login, AccountError> {
    let mut transaction = database.begin().await?;
    let still = account::hold(&mut transaction, found.account.id).await?;
    let Some(still) =
        still.filter(|still| still.account.disabled_at.is_none() && still.password_hash == found.password_hash)
    else {
        return Ok(Login::Refused);
    };
    if let Some(fresh) = fresh {
        account::set_password(&mut transaction, still.account.id, &fresh).await?;
    }
    attempt::give_back(&mut transaction, limits, now).await?;
    attempt::forget(&mut transaction, &limits[0].key).await?;
    let secret = sessions::start(&mut transaction, &still.account, browser, "with a password", now).await?;
    Database::commit(transaction).await?;
    Ok(Login::In(secret))
}

/// How often somebody may err: who forgot a password has a few tries, a building behind one address has more, and an
/// account that is tried from many addresses is shut to all of them for a while. The pair comes first.
fn limits(email: &str, network: &str) -> [Limit; 3] {
    let account = email.trim().to_lowercase();
    let limit = |key: String, most| Limit { key: secret::hash(&key), most, within: WINDOW };
    [
        limit(format!("login\0{account}\0{network}"), 5),
        limit(format!("login from\0{network}"), 20),
        limit(format!("login of\0{account}"), 50),
    ]
}

/// How often somebody who is logged in may err in their own password: a session that was left open is no way to it.
pub(super) fn own_limit(account: &Account) -> Limit {
    Limit { key: secret::hash(&format!("own password\0{}", account.id)), most: 10, within: WINDOW }
}

/// What was typed as an address, for the audit log: short and without control characters.
fn shown(email: &str) -> String {
    let plain: String = email.trim().chars().filter(|c| !c.is_control()).collect();
    let end = plain.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= Email::MAX).last();
    plain[..end.unwrap_or(0)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{limits, shown};

    #[test]
    fn an_address_is_counted_whatever_its_case() {
        let key = |email, network| limits(email, network).map(|limit| limit.key);
        assert_eq!(key("Ada@Example.com ", "192.0.2.7"), key("ada@example.com", "192.0.2.7"));
        assert_ne!(key("ada@example.com", "192.0.2.7")[0], key("ada@example.com", "192.0.2.8")[0]);
        assert_eq!(key("ada@example.com", "192.0.2.7")[2], key("ada@example.com", "192.0.2.8")[2]);
        assert_eq!(key("ada@example.com", "192.0.2.7")[1], key("bob@example.com", "192.0.2.7")[1]);
    }

    #[test]
    fn what_was_typed_goes_into_the_log_cut_and_without_control_characters() {
        assert_eq!(shown(" a\r\nb\0@c\u{1b}[31m "), "ab@c[31m");
        assert_eq!(shown(&"好".repeat(200)).len(), 252);
        assert_eq!(shown(""), "");
    }
}
