//! The pages behind links that are good once: `/setup`, `/join` and `/reset`. Looking at one does not use its link up.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::faults::{self, Faults};
use super::{browser, cookies};
use crate::domain::{Email, Line};
use crate::service::account::entry::{self, Door, Newcomer, Refusal};
use crate::web::error::PageError;
use crate::web::extract::{Form, Query};
use crate::web::page::{Shell, render};
use crate::web::state::AppState;

/// Which of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    SetUp,
    Join,
    Reset,
}

impl Way {
    fn path(self) -> &'static str {
        match self {
            Self::SetUp => "/setup",
            Self::Join => "/join",
            Self::Reset => "/reset",
        }
    }

    fn leads_to(self, door: &Door) -> bool {
        match door {
            Door::SetUp => self == Self::SetUp,
            Door::Join { .. } => self == Self::Join,
            Door::Reset(_) => self == Self::Reset,
        }
    }
}

#[derive(Template)]
#[template(path = "account/entry.html")]
struct EntryPage {
    shell: Shell,
    way: Way,
    door: Door,
    token: String,
    name: String,
    email: String,
    faults: Faults,
}

impl EntryPage {
    fn heading(&self) -> &'static str {
        match self.door {
            Door::SetUp => "Set up Casebook",
            Door::Join { .. } => "Join Casebook",
            Door::Reset(_) => "Choose a new password",
        }
    }

    /// The address that the account has, for whoever keeps passwords for people.
    fn address(&self) -> &str {
        match &self.door {
            Door::SetUp => &self.email,
            Door::Join { email, .. } => email.as_str(),
            Door::Reset(account) => account.email.as_str(),
        }
    }
}

#[derive(Template)]
#[template(path = "account/gone.html")]
struct GonePage {
    shell: Shell,
    way: Way,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
pub(super) struct Filled {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// The handlers of a way.
macro_rules! handlers {
    ($way:expr, $look:ident, $enter:ident) => {
        pub(super) async fn $look(
            state: web::Data<AppState>,
            shell: Shell,
            asked: Query<Asked>,
        ) -> Result<HttpResponse, PageError> {
            look($way, &state, shell, asked.0.token).await
        }

        pub(super) async fn $enter(
            state: web::Data<AppState>,
            request: HttpRequest,
            shell: Shell,
            filled: Form<Filled>,
        ) -> Result<HttpResponse, PageError> {
            enter($way, &state, &request, shell, filled.0).await
        }
    };
}

handlers!(Way::SetUp, set_up, enter_to_set_up);
handlers!(Way::Join, join, enter_to_join);
handlers!(Way::Reset, reset, enter_to_reset);

async fn look(way: Way, state: &AppState, shell: Shell, token: String) -> Result<HttpResponse, PageError> {
    let shell = nowhere(shell);
    let Some(door) = door(way, state, &token).await? else { return gone(shell, way) };
    let page =
        EntryPage { shell, way, door, token, name: String::new(), email: String::new(), faults: Faults::default() };
    Ok(cookies::unkept(render(&page, StatusCode::OK)?))
}

async fn enter(
    way: Way,
    state: &AppState,
    request: &HttpRequest,
    shell: Shell,
    filled: Filled,
) -> Result<HttpResponse, PageError> {
    let shell = nowhere(shell);
    let Some(door) = door(way, state, &filled.token).await? else { return gone(shell, way) };
    let forged = faults::forged(&state.settings, request, &filled.csrf);
    let status = if forged.is_some() { StatusCode::FORBIDDEN } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut faults = forged.unwrap_or_default();
    if faults.is_empty()
        && let Some((name, email)) = read(&door, &filled, &mut faults)
    {
        let newcomer = Newcomer { name, email, password: &filled.password };
        let browser = browser::of(request, &state.settings);
        let through = (filled.token.as_str(), &door);
        let now = state.clock.now();
        match entry::enter(&state.database, &state.passwords, through, &newcomer, &browser, now).await? {
            Ok(secret) => return Ok(cookies::entered(&state.settings, &secret, "/")),
            Err(Refusal::Link) => return gone(shell, way),
            Err(Refusal::Password(weakness)) => faults.add("password", weakness),
            Err(Refusal::EmailTaken) => {
                faults.add("email", "There is an account of this address already: log in with it.");
            }
        }
    }
    let Filled { token, name, email, .. } = filled;
    let page = EntryPage { shell, way, door, token, name, email, faults };
    Ok(cookies::unkept(render(&page, status)?))
}

/// Name and address: as typed, or as they are known already.
fn read(door: &Door, filled: &Filled, faults: &mut Faults) -> Option<(Line, Email)> {
    if let Door::Reset(account) = door {
        return Some((account.name.clone(), account.email.clone()));
    }
    let name = faults.take("name", Line::parse(&filled.name));
    let email = match door {
        Door::Join { email, .. } => Some(email.clone()),
        Door::SetUp | Door::Reset(_) => faults.take("email", Email::parse(&filled.email)),
    };
    Some((name?, email?))
}

async fn door(way: Way, state: &AppState, token: &str) -> Result<Option<Door>, PageError> {
    let mut connection = state.database.connection().await?;
    let found = entry::look(&mut connection, token, state.clock.now()).await?;
    Ok(found.filter(|door| way.leads_to(door)))
}

fn gone(shell: Shell, way: Way) -> Result<HttpResponse, PageError> {
    Ok(cookies::unkept(render(&GonePage { shell, way }, StatusCode::NOT_FOUND)?))
}

/// The shell without the address of the page, which holds a secret: links that lead back here would carry it about.
fn nowhere(mut shell: Shell) -> Shell {
    "/".clone_into(&mut shell.here);
    shell
}
