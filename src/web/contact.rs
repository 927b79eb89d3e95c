//! Whom to tell of a vulnerability of this instance: `/.well-known/security.txt` (RFC 9116).

use std::fmt::Write;

use actix_web::{HttpResponse, web};
use chrono::{Days, SecondsFormat};

use super::error::PageError;
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::Permission;

/// How long what the file says may be believed, in days; the RFC wants less than a year.
const GOOD_FOR: Days = Days::new(180);

pub(super) fn routes() -> Vec<At> {
    vec![at("/.well-known/security.txt").get(Permission::Enter, security)]
}

async fn security(state: web::Data<AppState>) -> Result<HttpResponse, PageError> {
    let settings = &state.settings;
    let contact = settings.security_contact.as_ref();
    let contact = contact.ok_or_else(|| PageError::NotFound("contact for security on this server".to_owned()))?;
    let expires = (state.clock.now() + GOOD_FOR).to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n");
    if let Some(url) = &settings.public_url {
        writeln!(text, "Canonical: {url}/.well-known/security.txt")
            .map_err(|error| PageError::Internal(Box::new(error)))?;
    }
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}
