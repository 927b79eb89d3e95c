//! Forms and query strings as types. What cannot be read becomes one of our error pages.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::error::PageError;
use super::limits;

/// The query string. Repeated keys become a `Vec`; an empty value becomes `None` of an optional number.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            serde_html_form::from_str(request.query_string())
                .map(Self)
                .map_err(|error| PageError::BadRequest(format!("The address cannot be read: {error}."))),
        )
    }
}

/// A form that was sent, at most [`limits::FORM`] bytes of it as encoded by the browser.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let body = form_body(&request, payload).await?;
            parse_form(&body).map(Self)
        })
    }
}

/// Reads the body of a form, still encoded.
pub(super) async fn form_body(request: &HttpRequest, payload: Payload) -> Result<web::Bytes, PageError> {
    if request.content_type() != "application/x-www-form-urlencoded" {
        return Err(PageError::UnsupportedMediaType(
            "Expected a form: content type application/x-www-form-urlencoded.".to_owned(),
        ));
    }
    let body = limits::read_body(request, payload, limits::FORM).await?;
    limits::check_encoding(&body).map_err(|fault| PageError::BadRequest(format!("The form holds {fault}.")))?;
    Ok(body)
}

/// Reads an encoded form.
pub(super) fn parse_form<T: DeserializeOwned>(body: &[u8]) -> Result<T, PageError> {
    serde_html_form::from_bytes(body)
        .map_err(|error| PageError::BadRequest(format!("The form cannot be read: {error}.")))
}

/// Whether the body is said to be JSON.
pub(super) fn is_json(request: &HttpRequest) -> bool {
    request.headers().contains_key(header::CONTENT_TYPE) && request.content_type() == "application/json"
}
