//! Bodies of requests: of the right type, of a bounded size, and text.

use actix_web::web::{Bytes, Payload};
use actix_web::{HttpMessage, HttpRequest};
use serde::de::DeserializeOwned;

use crate::web::error::PageError;
use crate::web::{extract, limits};

/// Room for the quotes, escapes and names of JSON around a text of 1 MiB, most of which may be escaped.
pub(super) const JSON: usize = 3 * 1024 * 1024;

/// What a body says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Json,
    Text,
}

/// The type that a body is said to have; anything but JSON and plain text is refused.
pub(super) fn type_of(request: &HttpRequest) -> Result<Type, PageError> {
    if extract::is_json(request) {
        return Ok(Type::Json);
    }
    let utf_8 = request.encoding().is_ok_and(|encoding| encoding.name() == "UTF-8");
    if request.content_type() == "text/plain" && utf_8 {
        return Ok(Type::Text);
    }
    Err(PageError::UnsupportedMediaType("Send the evidence as text/plain in UTF-8, or as application/json.".to_owned()))
}

/// Reads a body of at most `max` bytes as UTF-8 text.
pub(super) async fn text(request: &HttpRequest, payload: Payload, max: usize) -> Result<String, PageError> {
    let body = limits::read_body(request, payload.into_inner(), max).await?;
    utf8(&body).map(str::to_owned)
}

/// Reads a body of at most [`JSON`] bytes as JSON of a known shape.
pub(super) async fn json<T: DeserializeOwned>(request: &HttpRequest, payload: Payload) -> Result<T, PageError> {
    if !extract::is_json(request) {
        return Err(PageError::UnsupportedMediaType("Send the body as application/json.".to_owned()));
    }
    let body = limits::read_body(request, payload.into_inner(), JSON).await?;
    // The parser's own message says what it expected, and at which line and column.
    serde_json::from_str(utf8(&body)?)
        .map_err(|error| PageError::BadRequest(format!("The body is not the JSON that is expected here: {error}.")))
}

fn utf8(body: &Bytes) -> Result<&str, PageError> {
    std::str::from_utf8(body).map_err(|error| {
        PageError::BadRequest(format!("The body is not UTF-8 text: byte {} cannot be read.", error.valid_up_to() + 1))
    })
}
