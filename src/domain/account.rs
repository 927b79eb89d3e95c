//! Who somebody is to Casebook: accounts, roles, and whoever acts in a request.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;
use super::{Invalid, Line};

vocabulary! {
    /// What an account may do; each role may do what those before it may.
    Role: "a role" {
        Reader = "reader", "Reader", "Reads, searches and matches";
        Author = "author", "Author", "Writes stories and hands them in for review";
        Editor = "editor", "Editor", "Reviews, publishes, withdraws and merges";
        Admin = "admin", "Admin", "Manages accounts and reads the audit log";
    }
}

vocabulary! {
    /// What an API token may be used for, within the role of its account.
    Scope: "a scope" {
        Read = "read", "Read", "Reads, searches and matches";
        Write = "write", "Read and write", "Everything that its account may do with stories";
    }
}

/// Defines an id: a version 7 UUID of its own type.
macro_rules! id {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $type(pub uuid::Uuid);

        impl $type {
            /// A new id. Version 7, so that ids made later sort later and indexes stay dense.
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl Default for $type {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

pub(crate) use id;

id! {
    /// The id of an account.
    AccountId
}
id! {
    /// The id of a session: what its owner revokes it by. It lets nobody in.
    SessionId
}
id! {
    /// The id of an API token: what its owner revokes it by. It lets nobody in.
    TokenId
}

/// An e-mail address, as far as its form goes. Two that differ in case only are one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The longest, in bytes (RFC 5321, 4.5.3.1.3).
    pub const MAX: usize = 254;

    /// Reads an address: something, an @, and a name; no spaces and no control characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let wrong = || Invalid::new(text, "an e-mail address such as ada@example.com");
        let (local, name) = text.rsplit_once('@').ok_or_else(wrong)?;
        let plain = |part: &str| {
            !part.is_empty() && part.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>(),;:\"".contains(c))
        };
        let right = text.len() <= Self::MAX && plain(local) && plain(name) && !local.contains('@');
        if right { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl Eq for Email {}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// Somebody who has a place here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Stable for ever.
    pub id: AccountId,
    /// What others read beside what they did.
    pub name: Line,
    /// Where they are written to, and what they log in with.
    pub email: Email,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    /// Since when they may not log in any more.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Whether they want letters about what concerns them.
    pub letters: Letters,
}

/// Whether somebody wants to be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// About what concerns them.
    Wanted,
    /// Not at all.
    Unwanted,
}

/// Whoever acts in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody without an account, or not logged in.
    Anonymous,
    /// Somebody at the machine that Casebook runs on, where the operator trusts them (`--trust-local`).
    ThisMachine,
    /// Somebody who is known.
    Member(Member),
}

/// Somebody who is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Whose account it is.
    pub account: AccountId,
    /// Their name, for pages and logs.
    pub name: Line,
    /// What they may do.
    pub role: Role,
    /// How they came in.
    pub via: Via,
}

/// How somebody who is known came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// With a browser that is logged in.
    Session(SessionId),
    /// With an API token.
    Token(TokenId, Scope),
}

impl Actor {
    /// The account, where there is one.
    pub fn account(&self) -> Option<AccountId> {
        self.member().map(|member| member.account)
    }

    /// Whoever is known.
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::Member(member) => Some(member),
            Self::Anonymous | Self::ThisMachine => None,
        }
    }

    /// For logs and histories.
    pub fn name(&self) -> &str {
        match self {
            Self::Anonymous => "a visitor",
            Self::ThisMachine => "this machine",
            Self::Member(member) => member.name.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn an_address_has_an_at_with_something_on_both_sides() {
        for right in ["ada@example.com", " Ada.L+x@sub.example.org ", "子@例子.测试", "a@localhost"] {
            assert!(Email::parse(right).is_ok(), "{right}");
        }
        for wrong in
            ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c", "a\r\nBcc: x@y.z", "<a@b>", "a,b@c"]
        {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }

    #[test]
    fn case_makes_no_other_address() {
        assert_eq!(Email::parse("Ada@Example.com"), Email::parse("ada@example.com"));
    }
}
