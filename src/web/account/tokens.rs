//! API tokens on the page of one's own account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::faults;
use super::own::{read, saved, show};
use crate::domain::{Invalid, Line, Member, Scope, TokenId};
use crate::service::account::tokens::{self, MOST, MOST_DAYS};
use crate::web::error::PageError;
use crate::web::extract::Form;
use crate::web::guard;
use crate::web::page::Shell;
use crate::web::state::AppState;

#[derive(Deserialize)]
pub(super) struct TokenForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    days: String,
}

pub(super) async fn make(
    state: web::Data<AppState>,
    request: HttpRequest,
    shell: Shell,
    member: Member,
    Form(filled): Form<TokenForm>,
) -> Result<HttpResponse, PageError> {
    let mut page = read(&state, shell, &member).await?;
    page.typed.token_name.clone_from(&filled.name);
    page.typed.token_scope.clone_from(&filled.scope);
    page.typed.token_days.clone_from(&filled.days);
    if let Some(faults) = faults::forged(&state.settings, &request, &filled.csrf) {
        page.faults = faults;
        return show(&page, StatusCode::FORBIDDEN);
    }
    let name = page.faults.take("token-name", Line::parse(&filled.name));
    let scope = page.faults.take("token-scope", Scope::parse(&filled.scope));
    let days = page.faults.take("token-days", days(&filled.days));
    let (Some(name), Some(scope), Some(days)) = (name, scope, days) else {
        return show(&page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let Ok(secret) = tokens::make(&state.database, &member, (name, scope, days), state.clock.now()).await? else {
        page.faults.add("token-name", format!("You have {MOST} tokens already. Revoke one that is not used."));
        return show(&page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    // Read anew, so that the list has it.
    let mut page = read(&state, page.into_shell(), &member).await?;
    page.new_token = Some(secret.reveal().to_owned());
    show(&page, StatusCode::OK)
}

fn days(text: &str) -> Result<u16, Invalid> {
    let parsed = text.trim().parse::<u16>().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    parsed.ok_or_else(|| Invalid::new(text, format!("a number of days from 1 to {MOST_DAYS}")))
}

#[derive(Deserialize)]
pub(super) struct RevokeForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    id: String,
}

pub(super) async fn revoke(
    state: web::Data<AppState>,
    request: HttpRequest,
    member: Member,
    Form(filled): Form<RevokeForm>,
) -> Result<HttpResponse, PageError> {
    guard::check_token(&state.settings, request.headers(), &filled.csrf)?;
    let id = uuid::Uuid::parse_str(&filled.id).map_err(|_| PageError::NotFound("such token of yours".to_owned()))?;
    tokens::revoke(&state.database, &member, TokenId(id), state.clock.now()).await?;
    Ok(saved("token"))
}
