//! One answer as it is sent: its headers, its bytes as encoded, and the tag by which browsers ask whether it changed.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, VARY,
};
use actix_web::web::Bytes;
use sha2::{Digest, Sha256};

/// The parts of [`super::Key`] that headers of a request decide, for caches between us and the reader.
const VARIES_BY: HeaderValue = HeaderValue::from_static("accept-encoding, accept-language, cookie, x-fragment");

/// What a response says of its body, which an answer without one leaves out.
const OF_THE_BODY: [actix_web::http::header::HeaderName; 3] = [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_DISPOSITION];

/// A good answer, complete.
pub(super) struct Answer {
    headers: HeaderMap,
    /// In quotation marks.
    tag: String,
    bytes: Bytes,
}

impl Answer {
    /// The headers, about, in bytes.
    const HEADERS: usize = 2 << 10;

    pub(super) fn new(headers: &HeaderMap, bytes: Bytes) -> Self {
        let mut headers = headers.clone();
        let digest = Sha256::digest(&bytes);
        let tag = digest.iter().take(16).fold(String::from("\""), |mut tag, byte| {
            let _ = write!(tag, "{byte:02x}");
            tag
        }) + "\"";
        if let Ok(value) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, value);
        }
        headers.insert(VARY, VARIES_BY);
        Self { headers, tag, bytes }
    }

    /// In bytes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + Self::HEADERS + self.bytes.len()
    }

    /// The answer, or that it is what the reader has: `known` is every `If-None-Match` of the request.
    pub(super) fn respond<'h>(&self, known: impl Iterator<Item = &'h HeaderValue>) -> HttpResponse {
        if self.is_among(known) {
            let mut response = HttpResponse::new(StatusCode::NOT_MODIFIED);
            *response.headers_mut() = self.headers.clone();
            for name in OF_THE_BODY {
                response.headers_mut().remove(name);
            }
            return response;
        }
        let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(self.bytes.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }

    /// Compared weakly, as RFC 9110 wants it here: proxies that recompress mark tags as weak.
    fn is_among<'h>(&self, mut known: impl Iterator<Item = &'h HeaderValue>) -> bool {
        known.any(|header| {
            let mut tags = header.to_str().unwrap_or_default().split(',').map(str::trim);
            tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.tag)
        })
    }
}
