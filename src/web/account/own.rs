//! `/account`: what somebody sees and changes of their own.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::faults::{self, Faults};
use super::{agent, browser, cookies};
use crate::domain::{Account, Denial, Email, Letters, Line, Member, Scope, SessionId, Via};
use crate::service::account::own::{self, Profile, Refusal, Which};
use crate::store::account;
use crate::store::session::{self, Session};
use crate::store::token::{self, Token};
use crate::web::error::PageError;
use crate::web::extract::{Form, Query};
use crate::web::guard;
use crate::web::page::{Shell, render};
use crate::web::state::AppState;

#[derive(Template)]
#[template(path = "account/own.html")]
pub(super) struct AccountPage {
    shell: Shell,
    account: Account,
    has_password: bool,
    this: Option<SessionId>,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    now: DateTime<Utc>,
    pub(super) typed: Typed,
    pub(super) faults: Faults,
    done: &'static str,
    pub(super) new_token: Option<String>,
}

/// What stands in the fields.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) wants_letters: bool,
    pub(super) token_name: String,
    pub(super) token_scope: String,
    pub(super) token_days: String,
}

impl AccountPage {
    fn browser(&self, session: &Session) -> String {
        agent::name(&session.user_agent)
    }

    fn is_this(&self, session: &Session) -> bool {
        self.this == Some(session.id)
    }

    /// The shell, for another state of the page.
    pub(super) fn into_shell(self) -> Shell {
        self.shell
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
}

pub(super) async fn page(
    state: web::Data<AppState>,
    shell: Shell,
    member: Member,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse, PageError> {
    let mut page = read(&state, shell, &member).await?;
    page.done = match asked.done.as_str() {
        "profile" => "Your changes are saved.",
        "password" => "Your password is changed. All other browsers were logged out.",
        "session" => "The session is ended.",
        "sessions" => "All other browsers were logged out.",
        "token" => "The token is revoked.",
        _ => "",
    };
    show(&page, StatusCode::OK)
}

/// For whoever asks for the address of one of the page's forms.
pub(super) async fn back() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/account")).finish()
}

/// The page as it stands.
pub(super) async fn read(state: &AppState, shell: Shell, member: &Member) -> Result<AccountPage, PageError> {
    let now = state.clock.now();
    let (found, sessions, tokens) = state
        .reading(async |connection| {
            let found = account::find(connection, member.account).await?;
            let sessions = session::list(connection, member.account, now).await?;
            Ok((found, sessions, token::list(connection, member.account).await?))
        })
        .await?;
    let found = found.ok_or(PageError::Denied(Denial::Unknown))?;
    let account = found.account;
    let this = match member.via {
        Via::Session(id) => Some(id),
        Via::Token(..) => None,
    };
    let typed = Typed {
        name: account.name.to_string(),
        email: account.email.to_string(),
        wants_letters: account.letters == Letters::Wanted,
        token_name: String::new(),
        token_scope: Scope::Read.as_str().to_owned(),
        token_days: "90".to_owned(),
    };
    let has_password = found.password_hash.is_some();
    let (faults, done, new_token) = (Faults::default(), "", None);
    Ok(AccountPage { shell, account, has_password, this, sessions, tokens, now, typed, faults, done, new_token })
}

pub(super) fn show(page: &AccountPage, status: StatusCode) -> Result<HttpResponse, PageError> {
    Ok(cookies::unkept(render(page, status)?))
}

#[derive(Deserialize)]
pub(super) struct ProfileForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    letters: String,
    #[serde(default)]
    password: String,
}

pub(super) async fn change_profile(
    state: web::Data<AppState>,
    request: HttpRequest,
    shell: Shell,
    member: Member,
    Form(filled): Form<ProfileForm>,
) -> Result<HttpResponse, PageError> {
    let mut page = read(&state, shell, &member).await?;
    page.typed.name.clone_from(&filled.name);
    page.typed.wants_letters = !filled.letters.is_empty();
    // Whoever has no password has the address that their provider says, and no field for another one.
    if page.has_password {
        page.typed.email.clone_from(&filled.email);
    }
    if let Some(faults) = faults::forged(&state.settings, &request, &filled.csrf) {
        page.faults = faults;
        return show(&page, StatusCode::FORBIDDEN);
    }
    let name = page.faults.take("name", Line::parse(&page.typed.name));
    let email = page.faults.take("email", Email::parse(&page.typed.email));
    let (Some(name), Some(email)) = (name, email) else { return show(&page, StatusCode::UNPROCESSABLE_ENTITY) };
    let letters = if page.typed.wants_letters { Letters::Wanted } else { Letters::Unwanted };
    let profile = Profile { name, email, letters };
    let now = state.clock.now();
    let change = (&profile, filled.password.as_str());
    match own::change_profile(&state.database, &state.passwords, &member, change, now).await? {
        Ok(()) => Ok(saved("profile")),
        Err(refusal) => refused(page, refusal, "email-password", now),
    }
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
}

pub(super) async fn change_password(
    state: web::Data<AppState>,
    request: HttpRequest,
    shell: Shell,
    member: Member,
    Form(filled): Form<PasswordForm>,
) -> Result<HttpResponse, PageError> {
    let mut page = read(&state, shell, &member).await?;
    if let Some(faults) = faults::forged(&state.settings, &request, &filled.csrf) {
        page.faults = faults;
        return show(&page, StatusCode::FORBIDDEN);
    }
    let (now, browser) = (state.clock.now(), browser::of(&request, &state.settings));
    let change = (filled.old.as_str(), filled.new.as_str());
    match own::change_password(&state.database, &state.passwords, &member, change, &browser, now).await? {
        Ok(secret) => Ok(cookies::entered(&state.settings, &secret, "/account?done=password")),
        Err(refusal) => refused(page, refusal, "old", now),
    }
}

/// The page again, with what was not right. `password` is the field in which the present one was typed.
fn refused(
    mut page: AccountPage,
    refusal: Refusal,
    password: &'static str,
    now: DateTime<Utc>,
) -> Result<HttpResponse, PageError> {
    match refusal {
        Refusal::Wrong => page.faults.add(password, "This is not your present password."),
        Refusal::Weak(weakness) => page.faults.add("new", weakness),
        Refusal::EmailTaken => page.faults.add("email", "Another account has this address."),
        Refusal::NoPassword => {
            page.faults = Faults::whole("Your account has no password: an admin can make you a link.");
        }
        Refusal::Gone => return Err(PageError::Denied(Denial::Unknown)),
        Refusal::TooMany(too_many) => {
            page.faults = faults::too_many(too_many, now);
            let mut response = show(&page, StatusCode::TOO_MANY_REQUESTS)?;
            response.headers_mut().insert(header::RETRY_AFTER, faults::retry_after(too_many, now).into());
            return Ok(response);
        }
    }
    show(&page, StatusCode::UNPROCESSABLE_ENTITY)
}

#[derive(Deserialize)]
pub(super) struct EndForm {
    #[serde(default)]
    csrf: String,
    /// The id of a session, or `others`.
    #[serde(default)]
    end: String,
}

pub(super) async fn end_sessions(
    state: web::Data<AppState>,
    request: HttpRequest,
    member: Member,
    Form(filled): Form<EndForm>,
) -> Result<HttpResponse, PageError> {
    guard::check_token(&state.settings, request.headers(), &filled.csrf)?;
    let (which, done) = match uuid::Uuid::parse_str(&filled.end) {
        Ok(id) => (Which::One(SessionId(id)), "session"),
        Err(_) if filled.end == "others" => (Which::Others, "sessions"),
        Err(_) => return Err(PageError::NotFound("such session of yours".to_owned())),
    };
    own::end_sessions(&state.database, &member, which, state.clock.now()).await?;
    Ok(saved(done))
}

/// Back to the page, which says what was done.
pub(super) fn saved(done: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/account?done={done}"))).finish()
}
