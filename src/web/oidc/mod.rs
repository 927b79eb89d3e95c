//! Logging in through an OpenID provider: the way there, and the way back.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::account::{self, browser, cookies};
use super::error::PageError;
use super::extract::Query;
use super::guard;
use super::page::Shell;
use super::routes::{At, at};
use super::state::AppState;
use super::theme::local_path;
use crate::domain::Permission;
use crate::identity::Secret;
use crate::identity::oidc::{Answer, Provider};
use crate::service::account::Browser;
use crate::service::oidc::{self, EnterError};

mod kept;
mod trouble;

use kept::Kept;
use trouble::Trouble;

pub(super) fn routes() -> Vec<At> {
    vec![at("/login/oidc").get(Permission::Enter, begin), at(Provider::WAY_BACK).get(Permission::Enter, finish)]
}

#[derive(Deserialize)]
struct Wish {
    /// Where to be afterwards.
    #[serde(default, rename = "return")]
    back: String,
}

/// Sends a browser to the provider.
async fn begin(
    request: HttpRequest,
    Query(wish): Query<Wish>,
    shell: Shell,
    state: web::Data<AppState>,
) -> Result<HttpResponse, PageError> {
    let provider = provider(&state)?;
    let back = local_path(&wish.back);
    // A provider that knows somebody already may ask nothing: a page of another site must not log them in unasked.
    if guard::check_origin(&state.settings, request.headers()).is_err() {
        return Ok(account::to_login(back));
    }
    match provider.begin(state.clock.now()).await {
        Ok(departure) => {
            let kept = Kept::new(departure.attempt, back);
            Ok(HttpResponse::SeeOther()
                .insert_header((header::LOCATION, departure.address))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .append_header((header::SET_COOKIE, kept.set_cookie(&state.settings)?))
                .finish())
        }
        Err(error) => {
            tracing::warn!(path = request.path(), error = &error as &dyn std::error::Error, "no login was begun");
            trouble::page(shell, provider.name(), Trouble::of(&error), back)
        }
    }
}

/// Takes a browser back from the provider. Whatever comes of it, the attempt is over.
async fn finish(
    request: HttpRequest,
    Query(answer): Query<Answer>,
    shell: Shell,
    state: web::Data<AppState>,
) -> Result<HttpResponse, PageError> {
    let provider = provider(&state)?;
    let kept = Kept::of(request.headers(), &state.settings).filter(|kept| kept.is_answered_by(&answer));
    let back = kept.as_ref().map_or("/", |kept| local_path(&kept.back)).to_owned();
    let mut response = match kept {
        None => trouble::page(shell, provider.name(), Trouble::Lost, "/")?,
        Some(kept) => match enter(&state, &provider, kept, answer, browser::of(&request, &state.settings)).await {
            // Lax cookies: the provider's page, which is another site's, is what leads to the next one.
            Ok(secret) => cookies::entered(&state.settings, &secret, &back),
            Err(Outcome::Page(error)) => return Err(error),
            Err(Outcome::Trouble(trouble)) => trouble::page(shell, provider.name(), trouble, &back)?,
        },
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.append(header::SET_COOKIE, Kept::forget(&state.settings));
    Ok(response)
}

/// Why somebody who came back did not come in.
enum Outcome {
    /// To be shown as what came of the login.
    Trouble(Trouble),
    /// To be shown like everywhere.
    Page(PageError),
}

/// Verifies who it is and lets them in; gives the secret of the session.
async fn enter(
    state: &AppState,
    provider: &Arc<Provider>,
    kept: Kept,
    answer: Answer,
    browser: Browser,
) -> Result<Secret, Outcome> {
    let now = state.clock.now();
    let identity = provider.finish(kept.attempt, answer, now).await.map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a login failed");
        Outcome::Trouble(Trouble::of(&error))
    })?;
    let entered = oidc::enter(&state.database, &identity, provider.roles(), &browser, now).await;
    entered.map_err(|error| match error {
        EnterError::Refused(refusal) => Outcome::Trouble(Trouble::Refused(refusal)),
        EnterError::Store(error) => Outcome::Page(error.into()),
        EnterError::Session(error) => Outcome::Page(error.into()),
    })
}

fn provider(state: &AppState) -> Result<Arc<Provider>, PageError> {
    let provider = state.settings.oidc.clone();
    provider.ok_or_else(|| PageError::NotFound("login with OpenID Connect on this server".to_owned()))
}
