//! `/login` and `/logout`.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::faults::{self, Faults};
use super::{browser, cookies};
use crate::domain::{Actor, Email, Via};
use crate::identity::oidc::Provider;
use crate::service::account::log_out as end;
use crate::service::account::login::{self, Login, Typed};
use crate::web::error::PageError;
use crate::web::extract::{Form, Query};
use crate::web::guard;
use crate::web::page::{Shell, render};
use crate::web::state::AppState;
use crate::web::theme::local_path;

#[derive(Template)]
#[template(path = "account/login.html")]
struct LoginPage {
    shell: Shell,
    email: String,
    /// Where to go afterwards.
    back: String,
    faults: Faults,
    /// The OpenID provider, where there is one.
    provider: Option<Arc<Provider>>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default, rename = "return")]
    back: String,
}

#[derive(Deserialize)]
pub(super) struct Filled {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default, rename = "return")]
    back: String,
}

pub(super) async fn page(
    state: web::Data<AppState>,
    shell: Shell,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse, PageError> {
    let back = local_path(&asked.back).to_owned();
    if actor.member().is_some_and(|member| matches!(member.via, Via::Session(_))) {
        return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, back)).finish());
    }
    show(&state, shell, String::new(), back, Faults::default(), StatusCode::OK)
}

pub(super) async fn log_in(
    state: web::Data<AppState>,
    request: HttpRequest,
    shell: Shell,
    Form(filled): Form<Filled>,
) -> Result<HttpResponse, PageError> {
    let back = local_path(&filled.back).to_owned();
    // As much as an address may have: what is shown again need not be all that was sent.
    let email: String = filled.email.chars().take(Email::MAX).collect();
    if let Some(faults) = faults::forged(&state.settings, &request, &filled.csrf) {
        return show(&state, shell, email, back, faults, StatusCode::FORBIDDEN);
    }
    let (now, browser) = (state.clock.now(), browser::of(&request, &state.settings));
    let typed = Typed { email: &filled.email, password: &filled.password };
    match login::log_in(&state.database, &state.passwords, typed, &browser, now).await? {
        Login::In(secret) => Ok(cookies::entered(&state.settings, &secret, &back)),
        Login::Refused => {
            let faults = Faults::whole("E-mail address and password do not belong together, or the account is closed.");
            show(&state, shell, email, back, faults, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Login::TooMany(too_many) => {
            let faults = faults::too_many(too_many, now);
            let mut response = show(&state, shell, email, back, faults, StatusCode::TOO_MANY_REQUESTS)?;
            response.headers_mut().insert(header::RETRY_AFTER, faults::retry_after(too_many, now).into());
            Ok(response)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Leaving {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn log_out(
    state: web::Data<AppState>,
    request: HttpRequest,
    actor: Actor,
    Form(leaving): Form<Leaving>,
) -> Result<HttpResponse, PageError> {
    guard::check_token(&state.settings, request.headers(), &leaving.csrf)?;
    if let Some(member) = actor.member() {
        end(&state.database, member, state.clock.now()).await?;
    }
    Ok(cookies::left(&state.settings))
}

fn show(
    state: &AppState,
    mut shell: Shell,
    email: String,
    back: String,
    faults: Faults,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    shell.here.clone_from(&back);
    let provider = state.settings.oidc.clone();
    Ok(cookies::unkept(render(&LoginPage { shell, email, back, faults, provider }, status)?))
}
