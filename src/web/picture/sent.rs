//! The form that a picture is sent with: `multipart/form-data`, read whole before any of it is believed.

use std::convert::Infallible;
use std::future::ready;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;
use multer::{Multipart, parse_boundary};

use crate::picture::Picture;
use crate::web::error::PageError;
use crate::web::limits;

/// What is not the picture: names of fields, boundaries, words.
const BESIDE: usize = 64 << 10;

/// A form as it was sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) words: Words,
    /// The token against forged forms.
    pub(super) csrf: String,
    /// The file; empty when none was chosen. What it is called and said to be is not looked at.
    pub(super) file: Bytes,
}

/// The words for a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// What it shows.
    pub(super) alt: String,
    /// What stands below it.
    pub(super) caption: String,
}

pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Sent, PageError> {
    let boundary =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| parse_boundary(value.to_str().ok()?).ok());
    let boundary = boundary.ok_or_else(|| {
        PageError::UnsupportedMediaType("Expected a form with a file: content type multipart/form-data.".to_owned())
    })?;
    let body = limits::read_body(request, payload, Picture::MOST_BYTES + BESIDE).await.map_err(in_our_words)?;
    let mut form = Multipart::new(stream::once(ready(Ok::<_, Infallible>(body))), boundary);
    let mut sent = Sent { words: Words::default(), csrf: String::new(), file: Bytes::new() };
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.bytes().await.map_err(unreadable)?;
        let text = || String::from_utf8_lossy(&value).into_owned();
        match name.as_str() {
            "csrf" => sent.csrf = text(),
            "alt" => sent.words.alt = text(),
            "caption" => sent.words.caption = text(),
            "picture" => sent.file = value,
            _ => {}
        }
    }
    if sent.file.len() > Picture::MOST_BYTES {
        return Err(too_large());
    }
    Ok(sent)
}

fn in_our_words(error: PageError) -> PageError {
    if matches!(error, PageError::TooLarge(_)) { too_large() } else { error }
}

fn too_large() -> PageError {
    PageError::TooLarge(format!("The file is larger than {} MiB. Make it smaller.", Picture::MOST_BYTES >> 20))
}

fn unreadable(_: multer::Error) -> PageError {
    PageError::BadRequest("The form did not arrive as a browser sends it.".to_owned())
}
