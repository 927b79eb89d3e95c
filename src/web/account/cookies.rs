//! The cookie that a session is in, and the answers that give and take it.

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::identity::Secret;
use crate::store::session::WHOLE;
use crate::web::guard::CsrfToken;
use crate::web::state::Settings;
use crate::web::visitor::session_cookie;

/// Logs a browser in, and leads it on. Its forms get another token than those of whoever used it before.
pub(in crate::web) fn entered(settings: &Settings, secret: &Secret, onward: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, onward))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .append_header((header::SET_COOKIE, session(settings, secret.reveal(), WHOLE.num_seconds())))
        .append_header((header::SET_COOKIE, CsrfToken::fresh().set_cookie(settings)))
        .finish()
}

/// Logs a browser out. What it kept of pages, and of forms that were being filled in, goes too, where it heeds that.
pub(super) fn left(settings: &Settings) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("clear-site-data", "\"cache\", \"storage\""))
        .append_header((header::SET_COOKIE, session(settings, "", 0)))
        .append_header((header::SET_COOKIE, CsrfToken::fresh().set_cookie(settings)))
        .finish()
}

/// The page of somebody who is known: no browser and no proxy keeps it.
pub(in crate::web) fn unkept(mut page: HttpResponse) -> HttpResponse {
    page.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    page
}

fn session(settings: &Settings, value: &str, seconds: i64) -> String {
    let secure = if settings.is_https() { "; Secure" } else { "" };
    let name = session_cookie(settings);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
