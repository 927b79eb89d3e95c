//! What a request may be: how large, how slow, and in what encoding.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{self, Bytes, BytesMut};
use futures_util::StreamExt;

use super::error::PageError;

/// The largest form, in bytes as the browser encodes it: 1 MiB of text in which every byte became `%XX`, and room
/// for the names of its fields.
pub const FORM: usize = 3 * 1024 * 1024 + 64 * 1024;

/// How long the server waits for whoever is at the other end.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the whole head of a request.
    pub head: Duration,
    /// For a whole body.
    pub body: Duration,
    /// For the next piece of a body.
    pub silence: Duration,
    /// For something of an answer to be taken.
    pub unread: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let [head, body, silence, unread] = [10, 30, 10, 60].map(Duration::from_secs);
        Self { head, body, silence, unread }
    }
}

/// How much of a body that is too large is still read and dropped, so that the sender gets to see the answer.
const DRAINED: usize = 16 * 1024 * 1024;

/// Reads a body of at most `max` bytes. A slow sender gets 408, a generous one 413.
pub async fn read_body(request: &HttpRequest, payload: Payload, max: usize) -> Result<Bytes, PageError> {
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(PageError::UnsupportedMediaType("Send the body without a content encoding.".to_owned()));
    }
    let patience = request.app_data::<web::Data<Patience>>().map(|patience| ***patience).unwrap_or_default();
    match tokio::time::timeout(patience.body, collect(payload, max, patience.silence)).await {
        Ok(result) => result,
        Err(_) => Err(PageError::Timeout),
    }
}

async fn collect(mut payload: Payload, max: usize, silence: Duration) -> Result<Bytes, PageError> {
    let mut body = BytesMut::new();
    let mut received = 0;
    while let Some(chunk) = tokio::time::timeout(silence, payload.next()).await.map_err(|_| PageError::Timeout)? {
        let chunk = chunk
            .map_err(|error| PageError::BadRequest(format!("The body of the request did not arrive: {error}.")))?;
        received += chunk.len();
        if received <= max {
            body.extend_from_slice(&chunk);
        } else if received > DRAINED {
            break;
        }
    }
    if received > max {
        return Err(PageError::TooLarge(format!("At most {} MiB can be sent at once.", max / (1024 * 1024))));
    }
    Ok(body.freeze())
}

/// What is wrong with percent-encoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingFault {
    /// `%` without two hexadecimal digits behind it.
    #[error("a % that is not followed by two hexadecimal digits")]
    Malformed,
    /// Bytes that are no text.
    #[error("bytes that are not UTF-8 text")]
    NotUtf8,
    /// A NUL character, which no text here may contain.
    #[error("a NUL character")]
    Nul,
}

/// Checks that percent-encoded bytes decode to UTF-8 text.
pub fn check_encoding(encoded: &[u8]) -> Result<(), EncodingFault> {
    decode(encoded).map(drop)
}

/// Checks the part of an address: as [`check_encoding`], and NUL is refused too.
pub fn check_address(encoded: &str) -> Result<(), EncodingFault> {
    if decode(encoded.as_bytes())?.contains('\0') { Err(EncodingFault::Nul) } else { Ok(()) }
}

fn decode(encoded: &[u8]) -> Result<String, EncodingFault> {
    let digit = |at: usize| encoded.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while at < encoded.len() {
        if encoded[at] == b'%' {
            let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
                return Err(EncodingFault::Malformed);
            };
            decoded.push(u8::try_from(high * 16 + low).map_err(|_| EncodingFault::Malformed)?);
            at += 3;
        } else {
            decoded.push(encoded[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).map_err(|_| EncodingFault::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::{EncodingFault, check_address, check_encoding};

    #[test]
    fn an_address_is_utf8_without_nul_and_with_whole_escapes() {
        assert_eq!(check_address("/stories?q=0%2F256+%E5%AD%90"), Ok(()));
        assert_eq!(check_address("/%00"), Err(EncodingFault::Nul));
        assert_eq!(check_address("/%ff"), Err(EncodingFault::NotUtf8));
        for malformed in ["/%", "/%2", "/%zz", "?q=100%"] {
            assert_eq!(check_address(malformed), Err(EncodingFault::Malformed), "{malformed}");
        }
    }

    #[test]
    fn a_form_may_hold_nul_so_that_its_field_can_say_so() {
        assert_eq!(check_encoding(b"evidence=a%00b"), Ok(()));
        assert_eq!(check_encoding(b"evidence=%c3%28"), Err(EncodingFault::NotUtf8));
    }
}
