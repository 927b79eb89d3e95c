//! The page for a login that came to nothing: what happened, and what to do.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::identity::oidc::OidcError;
use crate::service::oidc::Refusal;
use crate::web::error::PageError;
use crate::web::page::{Shell, render};

/// What came of a login, as far as whoever tried it has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The answer is not to anything that this browser asked.
    Lost,
    /// The code was used before, or is too old.
    Spent,
    /// Somebody said no at the provider.
    Denied,
    /// The provider cannot be reached.
    Away,
    /// The provider says that it could not do it.
    Failed,
    /// What came back cannot be trusted.
    Untrusted,
    /// The provider knows them; Casebook does not let them in.
    Refused(Refusal),
}

impl Trouble {
    pub(super) fn of(error: &OidcError) -> Self {
        match error {
            OidcError::Unreachable(_) => Self::Away,
            OidcError::Spent(_) => Self::Spent,
            OidcError::Unverified(_) => Self::Untrusted,
            OidcError::Stray => Self::Lost,
            OidcError::Denied => Self::Denied,
            OidcError::Failed(_) => Self::Failed,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Lost | Self::Spent => StatusCode::BAD_REQUEST,
            Self::Denied | Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::Away | Self::Failed | Self::Untrusted => StatusCode::BAD_GATEWAY,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Lost | Self::Spent => "This login cannot be finished",
            Self::Denied => "Access was denied",
            Self::Away => "Login is not available just now",
            Self::Failed | Self::Untrusted => "The login went wrong",
            Self::Refused(Refusal::Disabled) => "Your account is disabled",
            Self::Refused(Refusal::NoRole) => "You have no access here",
            Self::Refused(Refusal::NoEmail) => "Your e-mail address is missing",
            Self::Refused(Refusal::EmailTaken) => "There is an account with your address",
        }
    }

    fn words(self, provider: &str) -> String {
        match self {
            Self::Lost => "It was begun in another browser, more than ten minutes ago, or more than once at a time; \
                           or cookies are off. Nothing has happened: begin again from here."
                .to_owned(),
            Self::Spent => format!("{provider} says that it has been finished before, or took too long. Begin again."),
            Self::Denied => format!(
                "You, or {provider}, did not agree to the login. If that was not meant, try again; if it happens again, \
                 ask whoever runs {provider} for access to Casebook."
            ),
            Self::Away => format!(
                "{provider} does not answer as it should at the moment. Try again in a minute; if it goes on, tell \
                 whoever runs this server."
            ),
            Self::Failed => format!(
                "{provider} could not log you in. Try again in a minute; if it goes on, tell whoever runs this server: \
                 the reason is in its log."
            ),
            Self::Untrusted => format!(
                "What {provider} answered could not be verified, so nobody was logged in. Try again; if it goes on, tell \
                 whoever runs this server: the reason is in its log."
            ),
            Self::Refused(Refusal::Disabled) => {
                "An admin of this Casebook has shut it. Ask them to open it again.".to_owned()
            }
            Self::Refused(Refusal::NoRole) => format!(
                "{provider} knows you, but none of the groups you are in there has access to this Casebook. Ask whoever \
                 runs it which group you need."
            ),
            Self::Refused(Refusal::NoEmail) => format!(
                "{provider} did not say what your e-mail address is, and an account needs one. Enter it there, or ask \
                 whoever runs {provider} to let Casebook know it."
            ),
            Self::Refused(Refusal::EmailTaken) => format!(
                "It is not linked to {provider}, and so that nobody can take over somebody else's account, logging in \
                 there does not open it. Log in as you did before, or ask an admin of this Casebook."
            ),
        }
    }
}

#[derive(Template)]
#[template(path = "oidc/trouble.html")]
struct TroublePage<'a> {
    shell: Shell,
    status: StatusCode,
    heading: &'static str,
    words: String,
    provider: &'a str,
    /// Where to be after the next attempt.
    back: &'a str,
}

/// The page. Its links lead back to where somebody wanted to be: its own address holds a code.
pub(super) fn page(mut shell: Shell, provider: &str, trouble: Trouble, back: &str) -> Result<HttpResponse, PageError> {
    back.clone_into(&mut shell.here);
    shell.canonical = None;
    let status = trouble.status();
    let words = trouble.words(provider);
    render(&TroublePage { shell, status, heading: trouble.heading(), words, provider, back }, status)
}
