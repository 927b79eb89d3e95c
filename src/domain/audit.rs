//! What is kept for ever of what people did: one line each, never changed.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::AccountId;
use super::vocabulary::vocabulary;

vocabulary! {
    /// What somebody did.
    Deed: "a deed" {
        SetUp = "set-up", "Set up", "The first admin made an account";
        LoggedIn = "logged-in", "Logged in", "Somebody logged in";
        LoginFailed = "login-failed", "Login failed", "A name or a password was wrong, or too many were tried";
        LoggedOut = "logged-out", "Logged out", "Somebody logged out";
        SessionRevoked = "session-revoked", "Session revoked", "A session was ended by its owner or an admin";
        PasswordChanged = "password-changed", "Password changed", "A password was changed or chosen anew";
        AccountInvited = "account-invited", "Invited", "Somebody was invited";
        AccountMade = "account-made", "Account made", "An account was made";
        AccountChanged = "account-changed", "Account changed", "Name, address or role of an account was changed";
        AccountDisabled = "account-disabled", "Account disabled", "An account was shut";
        AccountEnabled = "account-enabled", "Account enabled", "An account was opened again";
        TokenMade = "token-made", "Token made", "An API token was made";
        TokenRevoked = "token-revoked", "Token revoked", "An API token was revoked";
        Submitted = "submitted", "Handed in", "A draft was handed in for review";
        ChangesAsked = "changes-asked", "Changes asked for", "A reviewer asked for changes";
        Declined = "declined", "Declined", "A reviewer declined a draft";
        TakenBack = "taken-back", "Taken back", "An author took a draft back";
        Published = "published", "Published", "A story was published";
        Revised = "revised", "Revised", "A new revision was published";
        Restored = "restored", "Restored", "An earlier revision was published again";
        Withdrawn = "withdrawn", "Withdrawn", "A record was withdrawn";
        Reinstated = "reinstated", "Reinstated", "A withdrawn record was published again";
        Merged = "merged", "Merged", "A record was merged into another";
        PictureAdded = "picture-added", "Picture added", "A picture was added";
        AuditExported = "audit-exported", "Audit log exported", "The audit log was exported";
    }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// Its number: later is larger.
    pub n: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, where they have an account.
    pub actor: Option<AccountId>,
    /// Their name at that time.
    pub actor_name: String,
    /// What they did.
    pub deed: Deed,
    /// To what: the address of a record, the name of an account.
    pub subject: String,
    /// More, such as the reason; it never holds a secret.
    pub detail: String,
}
