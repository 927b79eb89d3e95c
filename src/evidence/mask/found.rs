//! A secret that was found: what sort it is, where it stands, and what happens where two overlap.

use std::cmp::Reverse;
use std::ops::Range;

/// What sort of secret something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretKind {
    /// Something that lets in whoever bears it: bearer tokens, tokens of services, JWTs.
    Token,
    /// A password or passphrase.
    Password,
    /// An access key, an API key, and the secret half of one.
    Key,
    /// A private key, as PEM.
    PrivateKey,
    /// A secret that says no more of itself: the data of a Kubernetes Secret, `client_secret`.
    Secret,
    /// A cookie or a session id.
    Session,
    /// An e-mail address.
    Email,
    /// An IPv4 or IPv6 address.
    Address,
    /// A MAC address.
    HardwareAddress,
}

impl SecretKind {
    /// Every kind, credentials first.
    pub const ALL: [Self; 9] = [
        Self::Token,
        Self::Password,
        Self::Key,
        Self::PrivateKey,
        Self::Secret,
        Self::Session,
        Self::Email,
        Self::Address,
        Self::HardwareAddress,
    ];

    /// What people call one.
    pub fn label(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Password => "password",
            Self::Key => "key",
            Self::PrivateKey => "private key",
            Self::Secret => "secret",
            Self::Session => "session",
            Self::Email => "e-mail address",
            Self::Address => "address",
            Self::HardwareAddress => "hardware address",
        }
    }

    /// What people call several.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Token => "tokens",
            Self::Password => "passwords",
            Self::Key => "keys",
            Self::PrivateKey => "private keys",
            Self::Secret => "secrets",
            Self::Session => "sessions",
            Self::Email => "e-mail addresses",
            Self::Address => "addresses",
            Self::HardwareAddress => "hardware addresses",
        }
    }

    /// Whether it lets someone in, rather than says who or where someone is.
    pub fn is_credential(self) -> bool {
        match self {
            Self::Token | Self::Password | Self::Key | Self::PrivateKey | Self::Secret | Self::Session => true,
            Self::Email | Self::Address | Self::HardwareAddress => false,
        }
    }
}

/// A secret and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) span: Range<usize>,
    pub(super) kind: SecretKind,
}

/// In order and without overlap. What lies within another is part of it; what laps over is one secret with it, since
/// half a secret must not stay behind.
pub(super) fn settled(mut found: Vec<Found>) -> Vec<Found> {
    found.retain(|secret| !secret.span.is_empty());
    found.sort_by_key(|secret| (secret.span.start, Reverse(secret.span.end), secret.kind));
    let mut settled: Vec<Found> = Vec::with_capacity(found.len());
    for secret in found {
        match settled.last_mut() {
            Some(last) if secret.span.start < last.span.end => {
                if secret.span.end > last.span.end {
                    last.span.end = secret.span.end;
                    last.kind = last.kind.min(secret.kind);
                }
            }
            Some(_) | None => settled.push(secret),
        }
    }
    settled
}

/// Whether a string is so long and mixed that it is the secret wherever it stands, not a word that was a bad password.
pub(super) fn is_unmistakable(secret: &str) -> bool {
    (8..=512).contains(&secret.len()) && has_digit_and_letter(secret)
}

pub(super) fn has_digit_and_letter(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether no letter or digit touches a range.
pub(super) fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !touches(text[..span.start].chars().next_back()) && !touches(text[span.end..].chars().next())
}

/// A pattern of our own; one that does not compile is noticed by every test.
pub(in crate::evidence) fn pattern(text: &str) -> regex::Regex {
    regex::Regex::new(text).unwrap_or_else(|error| unreachable!("a pattern of our own: {error}"))
}
