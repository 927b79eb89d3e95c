//! Getting in and out, and the page of one's own account.

use actix_web::HttpResponse;
use actix_web::http::header;

use super::error::PageError;
use super::routes::{At, at};
use crate::domain::Permission;
use crate::service::account::AccountError;

mod agent;
pub(super) mod browser;
pub(super) mod cookies;
mod entry;
pub(super) mod faults;
mod login;
mod own;
mod tokens;

pub(super) use cookies::unkept;

pub(super) fn routes() -> Vec<At> {
    use Permission::{Enter, KeepAccount};
    vec![
        at("/login").get(Enter, login::page).post(Enter, login::log_in),
        at("/logout").post(Enter, login::log_out),
        at("/setup").get(Enter, entry::set_up).post(Enter, entry::enter_to_set_up),
        at("/join").get(Enter, entry::join).post(Enter, entry::enter_to_join),
        at("/reset").get(Enter, entry::reset).post(Enter, entry::enter_to_reset),
        at("/account").get(KeepAccount, own::page).post(KeepAccount, own::change_profile),
        at("/account/password").get(KeepAccount, own::back).post(KeepAccount, own::change_password),
        at("/account/sessions").get(KeepAccount, own::back).post(KeepAccount, own::end_sessions),
        at("/account/tokens").get(KeepAccount, own::back).post(KeepAccount, tokens::make),
        at("/account/tokens/revoke").get(KeepAccount, own::back).post(KeepAccount, tokens::revoke),
    ]
}

/// Leads somebody to where they log in, and from there back to where they wanted to go.
pub(super) fn to_login(wanted: &str) -> HttpResponse {
    let query = serde_html_form::to_string([("return", wanted)]).unwrap_or_default();
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("/login?{query}")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

impl From<AccountError> for PageError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Busy => Self::Busy,
            AccountError::Hashing(_)
            | AccountError::Randomness(_)
            | AccountError::Breached(_)
            | AccountError::BrokenOff(_) => Self::Internal(Box::new(error)),
        }
    }
}
