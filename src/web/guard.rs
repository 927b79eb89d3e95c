//! What a request has to pass: the names that the server answers to, the permission that its route takes, and the proof
//! that a form was sent by one of our own pages.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::error::PageError;
use super::page;
use super::state::{AppState, Settings};
use super::visitor::{Certainty, Visitor};
use crate::domain::{Denial, Permission};

/// The middleware of every route: lets a request through that is permitted, and where it may change something, that no
/// other site's page sent.
pub(super) async fn admit(
    permission: Permission,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match check(permission, &request) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        // Not `into_response`, which would lose the reason on the way to the edge.
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

/// The same for a form that is given back, filled in, to whoever may not send it: the handler learns it from [`Leave`].
/// What another site's page sent is refused here as everywhere.
pub(super) async fn admit_or_tell(
    permission: Permission,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let leave = match check(permission, &request) {
        Ok(()) => Leave(Ok(())),
        Err(PageError::Denied(denial)) => Leave(Err(Refusal::Denied(denial))),
        Err(PageError::Unavailable(_)) => Leave(Err(Refusal::Unasked)),
        Err(refusal) => return Ok(request.error_response(refusal)),
    };
    request.extensions_mut().insert(leave);
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Whether the sender of a form may do what it asks for. A handler that takes it does nothing before it has looked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leave(pub(super) Result<(), Refusal>);

/// Why a form is only given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its sender may not.
    Denied(Denial),
    /// The database that knows who they are is away.
    Unasked,
}

impl FromRequest for Leave {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let leave = request.extensions().get::<Self>().copied();
        ready(leave.ok_or_else(|| PageError::Internal("a form passed no guard that tells".into())))
    }
}

fn check(permission: Permission, request: &ServiceRequest) -> Result<(), PageError> {
    let settings = &state(request.request())?.settings;
    if !request.method().is_safe() {
        check_origin(settings, request.headers())?;
    }
    let extensions = request.extensions();
    let Some(visitor) = extensions.get::<Visitor>() else {
        return Err(PageError::Internal("a request passed the edge unidentified".into()));
    };
    match settings.policy.permits(&visitor.actor, permission) {
        Ok(()) => Ok(()),
        Err(_) if visitor.certainty == Certainty::Unasked => {
            Err(PageError::Unavailable("it is not known whose session or token it is".into()))
        }
        Err(denial) => Err(PageError::Denied(denial)),
    }
}

/// Checks the name that the server is called by. A page on the web can give its own name our address (DNS
/// rebinding) and would then be of one origin with us; an IP address cannot be given away like that.
pub fn check_host(settings: &Settings, host: Option<&str>) -> Result<(), PageError> {
    let Some(host) = host else {
        // Browsers always send it; what does not is a probe or a script.
        return Ok(());
    };
    let name = without_port(host).ok_or_else(|| PageError::BadRequest("The Host header makes no sense.".to_owned()))?;
    let public = settings.public_url.as_deref().and_then(|url| {
        let authority = url.split_once("://")?.1.split('/').next()?;
        without_port(authority)
    });
    let known = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || settings.hosts.iter().map(String::as_str).chain(public).any(|ours| ours.eq_ignore_ascii_case(name));
    if known {
        Ok(())
    } else {
        Err(PageError::Misdirected(format!(
            "This server does not answer to the name {name}. If it should, start it with that name as an allowed host."
        )))
    }
}

/// The name without the port; none if it is no name.
fn without_port(host: &str) -> Option<&str> {
    let name = if host.starts_with('[') {
        let end = host.find(']')? + 1;
        let rest = &host[end..];
        (rest.is_empty() || is_port(rest)).then_some(&host[..end])?
    } else {
        match host.rfind(':') {
            Some(colon) if is_port(&host[colon..]) => &host[..colon],
            Some(_) => return None,
            None => host,
        }
    };
    let right = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte));
    (right && !name.is_empty()).then_some(name)
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Checks that a browser sends the request from one of our own pages. Programs other than browsers send neither
/// header and pass.
pub fn check_origin(settings: &Settings, headers: &HeaderMap) -> Result<(), PageError> {
    let refused = || PageError::Forbidden("The request came from a page of another site.".to_owned());
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Err(refused());
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().map_err(|_| refused())?;
    let called = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let ours = authority.is_some() && (authority == called || settings.public_url.as_deref() == Some(origin));
    if ours { Ok(()) } else { Err(refused()) }
}

/// An unguessable value that is in a cookie and in every form; a foreign page can set neither alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// The visitor's token, or a new one.
    pub(super) fn of(headers: &HeaderMap, settings: &Settings) -> Self {
        Self::sent(headers, settings)
            .unwrap_or_else(|| Self(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())))
    }

    fn sent(headers: &HeaderMap, settings: &Settings) -> Option<Self> {
        let value = page::cookie(headers, Self::cookie_name(settings))?;
        let right = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        right.then(|| Self(value.to_owned()))
    }

    /// The value for the hidden field.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `__Host-` prefix keeps neighbouring names from setting it, but browsers take it over HTTPS only.
    fn cookie_name(settings: &Settings) -> &'static str {
        if settings.is_https() { "__Host-casebook-csrf" } else { "casebook-csrf" }
    }

    /// The header that gives the visitor the cookie.
    pub(super) fn set_cookie(&self, settings: &Settings) -> String {
        let secure = if settings.is_https() { "; Secure" } else { "" };
        format!("{}={}; Path=/; HttpOnly; SameSite=Lax{secure}", Self::cookie_name(settings), self.0)
    }
}

/// Checks the hidden field `csrf` against the cookie. Forms that are refused should show themselves again, with
/// the input kept and a new token.
pub fn check_token(settings: &Settings, headers: &HeaderMap, field: &str) -> Result<(), PageError> {
    let matches = CsrfToken::sent(headers, settings)
        .is_some_and(|cookie| bool::from(cookie.as_str().as_bytes().ct_eq(field.as_bytes())));
    if matches {
        Ok(())
    } else {
        Err(PageError::Forbidden(
            "The form was not sent from a page that this browser got from here, or cookies are off. \
             Go back, load the page again and send it once more."
                .to_owned(),
        ))
    }
}

fn state(request: &HttpRequest) -> Result<&web::Data<AppState>, PageError> {
    request
        .app_data::<web::Data<AppState>>()
        .ok_or_else(|| PageError::Internal("the server was started without its state".into()))
}

#[cfg(test)]
mod tests;
