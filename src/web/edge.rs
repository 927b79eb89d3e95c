//! Where every request comes in and every answer goes out: refuses what no page should see, turns errors and panics
//! into pages or problem documents, and sets the headers that protect the reader.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use serde::Serialize;
use tracing_actix_web::RequestId;

use super::error::PageError;
use super::page::{CsrfField, Shell, Visit};
use super::rate::Standing;
use super::server::ConnectionSlot;
use super::state::{AppState, Settings};
use super::visitor::{Certainty, Visitor};
use super::{account, guard, limits, page, visitor};
use crate::domain::Denial;
use crate::domain::input::FieldError;

/// Longer than any body may take to arrive and any read to finish: what reaches it hangs.
const WHOLE_REQUEST: Duration = Duration::from_secs(60);

/// Sent with everything.
const PROTECTION: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-frame-options", "DENY"),
];

/// Two years, for browsers that came over HTTPS: as long as the lists of such servers ask for.
const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// The middleware. It is the innermost one, so that its pages are compressed and its log lines carry the request id.
pub(super) async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = request.app_data::<web::Data<AppState>>().cloned() else {
        return Err(PageError::Internal("the server was started without its state".into()).into());
    };
    let settings = &state.settings;
    let found = identified(&state, request.request()).await;
    let certainty = found.as_ref().map_or(Certainty::Known, |visitor| visitor.certainty);
    let within = found.map(|visitor| drop(request.extensions_mut().insert(visitor)));
    let visit = Visit::of(request.request(), settings);
    let request_id = request.extensions().get::<RequestId>().copied();
    let answer_to = |error: &PageError| answer(error, &visit, settings, request_id);

    if let Err(refusal) = within.and_then(|()| admit(&request, settings, certainty)) {
        let response = protect(answer_to(&refusal), settings);
        return Ok(request.into_response(response));
    }
    // Handlers know GET only; the encoder leaves out the body of an answer to HEAD by itself.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let work = AssertUnwindSafe(tokio::time::timeout(WHOLE_REQUEST, next.call(request))).catch_unwind().await;
    let failure = match work {
        Ok(Ok(Ok(response))) => return Ok(dress(response, settings, answer_to)),
        Ok(Ok(Err(error))) => match error.as_error::<PageError>() {
            Some(known) => return Err(finished(known.to_string(), answer_to(known), settings)),
            None => PageError::from_status(error.as_response_error().status_code()),
        },
        Ok(Err(_elapsed)) => PageError::Timeout,
        Err(panic) => PageError::Internal(format!("a handler panicked: {}", panic_text(&*panic)).into()),
    };
    Err(finished(failure.to_string(), answer_to(&failure), settings))
}

/// Finds out who sends a request, within what its address may ask. A secret buys more than a stranger gets, but looking
/// it up costs a query: whoever shows one is counted as a member first, and once more as a stranger where it was wrong.
async fn identified(state: &AppState, request: &HttpRequest) -> Result<Visitor, PageError> {
    let settings = &state.settings;
    if !visitor::shows_itself(settings, request.headers()) {
        state.rates.admit(request, settings, Standing::Stranger)?;
        return Ok(visitor::identify(state, request).await);
    }
    state.rates.admit(request, settings, Standing::Member)?;
    let visitor = visitor::identify(state, request).await;
    if visitor.certainty != Certainty::Unasked && visitor.actor.member().is_none() {
        state.rates.admit(request, settings, Standing::Stranger)?;
    }
    Ok(visitor)
}

/// An answer for a request that is gone.
fn finished(cause: String, response: HttpResponse, settings: &Settings) -> Error {
    InternalError::from_response(cause, protect(response, settings)).into()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

fn admit(request: &ServiceRequest, settings: &Settings, certainty: Certainty) -> Result<(), PageError> {
    if request.conn_data::<ConnectionSlot>().is_some_and(ConnectionSlot::is_one_too_many) {
        return Err(PageError::TooManyConnections);
    }
    let host = match request.headers().get(header::HOST) {
        Some(host) => {
            Some(host.to_str().map_err(|_| PageError::BadRequest("The Host header makes no sense.".to_owned()))?)
        }
        None => None,
    };
    guard::check_host(settings, host)?;
    let uri = request.uri();
    limits::check_address(uri.path())
        .and_then(|()| limits::check_address(uri.query().unwrap_or_default()))
        .map_err(|fault| PageError::BadRequest(format!("The address holds {fault}.")))?;
    match certainty {
        Certainty::Refused(fault) => Err(PageError::BadToken(fault)),
        Certainty::Known | Certainty::Unasked => Ok(()),
    }
}

/// Turns a bare error into its page, and adds what every answer has.
fn dress(
    response: ServiceResponse<impl MessageBody + 'static>,
    settings: &Settings,
    answer_to: impl Fn(&PageError) -> HttpResponse,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let from_framework =
        || response.response().error().is_some() || response.response().body().size() == BodySize::Sized(0);
    let page = match response.response().error().and_then(Error::as_error::<PageError>) {
        Some(error) => Some(answer_to(error)),
        None if (status.is_client_error() || status.is_server_error()) && from_framework() => {
            Some(answer_to(&PageError::from_status(status)))
        }
        None => None,
    };
    let mut response = response.map_into_boxed_body();
    if let Some(mut page) = page {
        if let Some(allow) = allowed(&response) {
            page.headers_mut().insert(header::ALLOW, allow);
        }
        response = response.into_response(page);
    }
    let (request, mut response) = response.into_parts();
    let token = request.extensions().get::<CsrfField>().and_then(CsrfField::printed).cloned();
    if let Some(cookie) = token.and_then(|token| HeaderValue::from_str(&token.set_cookie(settings)).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    ServiceResponse::new(request, protect(response, settings))
}

/// The methods that the framework would have allowed, and HEAD wherever there is GET.
fn allowed(response: &ServiceResponse<BoxBody>) -> Option<HeaderValue> {
    let methods = response.headers().get(header::ALLOW)?.to_str().ok()?;
    let with_head =
        if methods.split(", ").any(|method| method == "GET") { format!("{methods}, HEAD") } else { methods.to_owned() };
    HeaderValue::from_str(&with_head).ok()
}

fn protect(mut response: HttpResponse, settings: &Settings) -> HttpResponse {
    let headers = response.headers_mut();
    for (name, value) in PROTECTION {
        // A picture may do less than a page.
        if name == "content-security-policy" && headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            continue;
        }
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if settings.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    response
}

/// Logs a failure that is ours, once, and makes the answer: a page for people, a problem document under `/api`.
fn answer(error: &PageError, visit: &Visit, settings: &Settings, request_id: Option<RequestId>) -> HttpResponse {
    if let Some(cause) = error.cause() {
        let mut chain = cause.to_string();
        let mut source = cause.source();
        while let Some(deeper) = source {
            chain = format!("{chain}: {deeper}");
            source = deeper.source();
        }
        tracing::error!(path = visit.path, cause = chain, "{}", error.title());
    }
    if matches!(error, PageError::Denied(Denial::Unknown)) && visit.goes_to_a_page() {
        return account::to_login(visit.here());
    }
    let request_id = error.cause().and(request_id).map(|id| id.to_string());
    let mut response =
        if visit.is_api() { problem(error, visit, request_id) } else { error_page(error, visit, settings, request_id) };
    if matches!(error, PageError::TooManyConnections | PageError::Timeout) {
        response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    let mut challenge =
        |scheme| response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    if matches!(error, PageError::Denied(Denial::Unknown)) && visit.is_api() {
        challenge("Bearer");
    }
    if matches!(error, PageError::BadToken(_)) {
        challenge("Bearer error=\"invalid_token\"");
    }
    let soon = if let PageError::TooOften { seconds, .. } = error {
        Some(*seconds)
    } else {
        matches!(error, PageError::Unavailable(_) | PageError::Busy).then_some(5)
    };
    if let Some(seconds) = soon {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// RFC 9457.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    instance: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

fn problem(error: &PageError, visit: &Visit, request_id: Option<String>) -> HttpResponse {
    let status = error.status_code();
    let problem = Problem {
        r#type: "about:blank",
        title: error.title(),
        status: status.as_u16(),
        detail: error.to_string(),
        instance: &visit.path,
        errors: error.field_errors(),
        request_id,
    };
    let body = serde_json::to_string(&problem).unwrap_or_default();
    HttpResponse::build(status).content_type("application/problem+json").body(body)
}

#[derive(askama::Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    shell: Shell,
    status: StatusCode,
    error: &'a PageError,
    request_id: Option<String>,
}

impl ErrorPage<'_> {
    /// Whether somebody sent a form who was logged in when they began it.
    fn is_lost_session(&self) -> bool {
        matches!(self.error, PageError::Denied(Denial::Unknown))
    }
}

fn error_page(error: &PageError, visit: &Visit, settings: &Settings, request_id: Option<String>) -> HttpResponse {
    let status = error.status_code();
    let page = ErrorPage { shell: Shell::new(visit, settings), status, error, request_id };
    page::render(&page, status).unwrap_or_else(|_| {
        HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpResponse, test, web};

    #[actix_web::test]
    async fn a_panic_becomes_a_page_with_the_number_of_the_request_and_says_nothing_of_the_cause() {
        async fn panics() -> HttpResponse {
            panic!("the cause is secret")
        }
        let app = App::new()
            .app_data(web::Data::new(crate::web::tests::state()))
            .wrap(from_fn(super::edge))
            .wrap(tracing_actix_web::TracingLogger::default())
            .route("/panics", web::get().to(panics));
        let service = test::init_service(app).await;
        let request = test::TestRequest::get().uri("/panics").to_request();
        let error = test::try_call_service(&service, request).await.expect_err("the request is gone");
        let response = error.error_response();
        assert_eq!(response.status(), 500);
        assert!(response.headers().contains_key("content-security-policy"));
        let body = actix_web::body::to_bytes(response.into_body()).await.expect("a body");
        let page = String::from_utf8_lossy(&body);
        assert!(page.contains("Something went wrong") && page.contains("the number of the request"), "{page}");
        assert!(!page.contains("secret"), "{page}");
    }
}
