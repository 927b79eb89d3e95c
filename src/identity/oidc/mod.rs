//! Logging in through an OpenID provider that is found by discovery: authorization code, PKCE, state and nonce.
//!
//! Nothing in here knows accounts: what comes out is who the provider says somebody is.

mod claims;
mod discovery;
mod http;
mod provider;
mod roles;

pub use openidconnect::ClientSecret;
pub use provider::{Answer, Attempt, Departure, Provider};
pub use roles::{GroupRole, RoleMapping};

use crate::domain::{Email, Line};

/// How Casebook is registered at a provider.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The provider: what it calls itself, to the letter.
    pub issuer: String,
    /// What the provider calls Casebook.
    pub client_id: String,
    /// What Casebook proves itself with; public clients have none.
    pub client_secret: Option<ClientSecret>,
    /// What people call the provider.
    pub name: Line,
    /// What is asked for, beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that names somebody's groups.
    pub groups_claim: String,
    /// What the groups mean here.
    pub roles: RoleMapping,
    /// The address that people use for Casebook, without a slash at the end.
    pub public_url: String,
}

/// Who a provider says somebody is. Verified: signature, issuer, audience, nonce and time were right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who says so.
    pub issuer: String,
    /// What the provider knows them by: stable for ever, and never somebody else's.
    pub subject: String,
    /// What they are called.
    pub name: Line,
    /// Where they are written to, where the provider told.
    pub mailbox: Option<Mailbox>,
    /// The groups they are in; empty where the provider names none.
    pub groups: Vec<String>,
}

/// An e-mail address that a provider told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The address.
    pub address: Email,
    /// Whether the provider says that it is theirs for certain. An address that is not could be anybody's.
    pub is_verified: bool,
}

/// What lies behind a failure. It is for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a registration cannot work.
#[derive(Debug, thiserror::Error)]
pub enum Misconfigured {
    /// The issuer is no address, or not a safe one.
    #[error(
        "the OpenID issuer is {0:?}; expected an https:// address without a query, as the provider's own page of \
         settings has it"
    )]
    Issuer(String),
    /// The way back cannot be an address.
    #[error("the public address is {0:?}, to which no provider can send anybody back")]
    PublicUrl(String),
    /// Without a name no provider knows who asks.
    #[error("the OpenID client has no id; expected the one under which the provider knows Casebook")]
    ClientId,
    /// Nobody could ever log in.
    #[error("no group has a role and the default role is none, so nobody could log in: map a group to a role")]
    Nobody,
}

/// Why somebody could not be logged in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider did not answer, or with nothing that makes sense.
    #[error("the OpenID provider cannot be reached or does not answer as it should")]
    Unreachable(#[source] Cause),
    /// The provider has had this code before, or it is too old, or not one of its own.
    #[error("the OpenID provider does not take the code")]
    Spent(#[source] Cause),
    /// The answer could have been made by anybody.
    #[error("what the OpenID provider answered cannot be verified")]
    Unverified(#[source] Cause),
    /// The answer came from another provider than the one that was asked.
    #[error("the answer does not come from the OpenID provider that was asked")]
    Stray,
    /// Whoever was asked to log in, or the provider, said no.
    #[error("the OpenID provider says that access was denied")]
    Denied,
    /// The provider could not do it, and says so.
    #[error("the OpenID provider answered with the error {0:?}")]
    Failed(String),
}

impl OidcError {
    fn unreachable(cause: impl Into<Cause>) -> Self {
        Self::Unreachable(cause.into())
    }

    fn unverified(cause: impl Into<Cause>) -> Self {
        Self::Unverified(cause.into())
    }
}
