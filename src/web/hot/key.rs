//! What tells kept answers apart: everything of a request that changes a byte of them, and the state they belong to.
//! Whoever lets a page depend on something else of its request adds it here.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT_ENCODING, HOST, HeaderMap, HeaderValue};
use actix_web::http::{Method, Uri};

use super::Epoch;
use crate::domain::{Actor, Permission};
use crate::web::browse::FRAGMENT;
use crate::web::server::ConnectionSlot;
use crate::web::spoken::Spoken;
use crate::web::state::Settings;
use crate::web::theme::Theme;
use crate::web::visitor;

/// Answers with equal keys are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    epoch: Epoch,
    /// Path and query as they came (pages hold their own address), host and fragment. Copied: a slice of the request
    /// would keep the whole buffer that it was read into.
    asked: Box<[u8]>,
    theme: Theme,
    spoken: Spoken,
    /// Pages say what the visitor may do. Kept are only those for visitors without an account.
    visitor: Nobody,
    encoding: Encoding,
}

/// A visitor without an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Nobody {
    Anonymous,
    ThisMachine,
}

impl Nobody {
    /// None for whoever may be somebody, and where nobody may read.
    fn of(request: &ServiceRequest, settings: &Settings) -> Option<Self> {
        let headers = request.headers();
        if visitor::shows_itself(settings, headers) {
            return None;
        }
        let actor = visitor::stranger(settings, request.peer_addr(), headers);
        settings.policy.permits(&actor, Permission::Read).ok()?;
        match actor {
            Actor::Anonymous => Some(Self::Anonymous),
            Actor::ThisMachine => Some(Self::ThisMachine),
            Actor::Member(_) => None,
        }
    }
}

/// How an answer is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Encoding {
    Identity,
    Gzip,
}

impl Key {
    /// More than this is no address that anybody asks for twice, in bytes.
    const LONGEST: usize = 4 << 10;

    /// The key of a request whose answer may be kept; none for everything else, which the other middlewares settle.
    pub(super) fn of(request: &ServiceRequest, settings: &Settings, epoch: impl FnOnce() -> Epoch) -> Option<Self> {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_refused = || request.conn_data::<ConnectionSlot>().is_some_and(ConnectionSlot::is_one_too_many);
        if !is_read || !is_of_records(request.uri()) || is_refused() {
            return None;
        }
        let headers = request.headers();
        Some(Self {
            asked: asked(request.uri(), headers)?,
            theme: Theme::of(headers, settings),
            spoken: Spoken::of(request),
            visitor: Nobody::of(request, settings)?,
            encoding: Encoding::of(headers)?,
            epoch: epoch(),
        })
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// In bytes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.asked.len()
    }

    /// Leaves the encoder no other choice than this key's.
    pub(super) fn ask_for_encoding(&self, headers: &mut HeaderMap) {
        match self.encoding {
            Encoding::Identity => drop(headers.remove(ACCEPT_ENCODING)),
            Encoding::Gzip => drop(headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))),
        }
    }
}

impl Encoding {
    /// What is sent to who accepts this; none where refusals and stars need a closer look.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut encoding = Self::Identity;
        for header in headers.get_all(ACCEPT_ENCODING) {
            for coding in header.to_str().ok()?.split(',') {
                let (name, weight) = coding.split_once(';').map_or((coding, None), |(name, rest)| (name, Some(rest)));
                match name.trim() {
                    name if name.eq_ignore_ascii_case("gzip") && !is_zero(weight)? => encoding = Self::Gzip,
                    name if name.eq_ignore_ascii_case("identity") || name == "*" => return None,
                    _ => {}
                }
            }
        }
        Some(encoding)
    }
}

/// Whether `q=0` stands behind a coding; none if something else does that is no weight.
fn is_zero(weight: Option<&str>) -> Option<bool> {
    let Some(weight) = weight else { return Some(false) };
    let number: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
    Some(number <= 0.0)
}

/// Whether the answer is made of records, index and settings alone. Forms are not, nor is what somebody pasted, nor
/// what says how the server is.
fn is_of_records(uri: &Uri) -> bool {
    let path = uri.path();
    if path == "/" {
        return uri.query().is_none_or(str::is_empty);
    }
    if path == "/feed.atom" {
        return true;
    }
    let is_under = |root: &&str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_form = matches!(path.rsplit('/').next(), Some("new" | "edit" | "withdraw" | "merge" | "restore"));
    // The router decodes: a form might hide behind %6eew. No record has an address with a % in its path.
    let is_plain = !path.contains('%');
    is_plain && !is_form && ["/stories", "/patterns", "/rules", "/api/v1"].iter().any(is_under)
}

/// The parts that end with NUL, which no address and no header holds, and begin with whether they are there.
fn asked(uri: &Uri, headers: &HeaderMap) -> Option<Box<[u8]>> {
    let address = uri.path_and_query().map(|whole| whole.as_str().as_bytes());
    let parts =
        [address, headers.get(HOST).map(HeaderValue::as_bytes), headers.get(FRAGMENT).map(HeaderValue::as_bytes)];
    let mut asked = Vec::with_capacity(parts.iter().flatten().map(|part| part.len() + 2).sum::<usize>() + 6);
    for part in parts {
        if let Some(part) = part {
            asked.push(b'+');
            asked.extend_from_slice(part);
        }
        asked.push(0);
    }
    (asked.len() <= Key::LONGEST).then(|| asked.into_boxed_slice())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

    use super::{Encoding, is_of_records};

    #[test]
    fn forms_and_pasted_evidence_are_never_kept() {
        let kept = |address: &str| is_of_records(&address.parse().expect("an address"));
        for address in [
            "/",
            "/?",
            "/stories",
            "/stories?q=dns&page=2",
            "/stories/x",
            "/stories/x.md",
            "/patterns/x/revisions/1..2",
            "/rules/logs.yaml",
            "/feed.atom",
            "/stories/x/feed.atom",
            "/api/v1/search?q=dns",
            "/api/v1/patterns/x",
        ] {
            assert!(kept(address), "{address}");
        }
        for address in [
            "/?q=pods",
            "/stories/new",
            "/stories/%6eew",
            "/stories/x/edit",
            "/stories/x/withdraw",
            "/patterns/x/merge",
            "/stories/x/revisions/1/restore",
            "/about",
            "/storiesque",
            "/readyz",
            "/static/x",
        ] {
            assert!(!kept(address), "{address}");
        }
    }

    #[test]
    fn whoever_accepts_gzip_gets_it_and_special_wishes_are_left_to_the_encoder() {
        let of = |value| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
            Encoding::of(&headers)
        };
        for wish in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.8"] {
            assert_eq!(of(wish), Some(Encoding::Gzip), "{wish}");
        }
        for wish in ["", "br", "gzip;q=0", "deflate, gzip;q=0.000"] {
            assert_eq!(of(wish), Some(Encoding::Identity), "{wish}");
        }
        for wish in ["*", "identity;q=0", "gzip;q=x", "gzip;level=9"] {
            assert_eq!(of(wish), None, "{wish}");
        }
        assert_eq!(Encoding::of(&HeaderMap::new()), Some(Encoding::Identity));
    }
}
