//! The browser that a request comes from, as accounts know it.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::service::account::Browser;
use crate::web::state::Settings;
use crate::web::{peer, visitor};

/// How much is kept of what a browser calls itself, in characters.
const NAME: usize = 300;

/// Reads it from the request.
pub(in crate::web) fn of(request: &HttpRequest, settings: &Settings) -> Browser {
    let address = peer::address(settings, request);
    let named = request.headers().get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let user_agent = named.map(|name| name.chars().filter(|c| !c.is_control()).take(NAME).collect());
    Browser {
        address: address.map(|address| address.to_string()).unwrap_or_default(),
        network: peer::network(address),
        user_agent: user_agent.unwrap_or_default(),
        session: visitor::session_hash(settings, request.headers()),
    }
}
