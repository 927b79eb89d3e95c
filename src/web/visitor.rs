//! Who sends a request: a browser with a session, a program with a token, this machine, or anybody.

use std::future::{Ready, ready};
use std::net::SocketAddr;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::error::{PageError, TokenFault};
use super::page::{self, cookie};
use super::state::{AppState, Settings};
use crate::domain::{Actor, Denial, Local, Member, Permission};
use crate::identity::secret::{self, SecretHash};
use crate::store;
use crate::store::session::{self, TokenOwner};

/// Whoever sends a request, as found out at the edge.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) actor: Actor,
    pub(super) certainty: Certainty,
    /// How many drafts wait for them, where they decide about drafts and ask for a page.
    pub(super) waiting: u64,
}

/// Whether it could be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    Known,
    /// The request came with a secret, and the database that could tell whose is away.
    Unasked,
    /// The request came with an API token that is not good. Whoever sent it has to hear of it, even where everybody may
    /// read: they would take what strangers see for all there is.
    Refused(TokenFault),
}

/// Finds out who sends a request. What is sent and unknown is nobody's: it gets what everybody gets.
pub(super) async fn identify(state: &AppState, request: &HttpRequest) -> Visitor {
    let headers = request.headers();
    let without = || Visitor::known(stranger(&state.settings, request.peer_addr(), headers));
    let now = state.clock.now();
    let nobody = |certainty| Visitor { certainty, ..Visitor::known(Actor::Anonymous) };
    if let Some(token) = bearer(headers) {
        let hash = secret::hash(token);
        let owner = state.reading(async |connection| session::member_of_token(connection, &hash, now).await).await;
        return match owner {
            Ok(TokenOwner::Known(member)) => Visitor::known(Actor::Member(member)),
            Ok(TokenOwner::Expired) => nobody(Certainty::Refused(TokenFault::Expired)),
            Ok(TokenOwner::Unknown) => nobody(Certainty::Refused(TokenFault::Unknown)),
            Err(error) => nobody(unasked(&error)),
        };
    }
    let Some(hash) = session_hash(&state.settings, headers) else { return without() };
    let found = state
        .reading(async |connection| {
            let Some(member) = session::member_of_session(connection, &hash, now).await? else { return Ok(None) };
            let actor = Actor::Member(member);
            let waiting = if page::goes_to_a_page(request) && decides(state, &actor) {
                store::review::count_waiting(connection).await?
            } else {
                0
            };
            Ok(Some(Visitor { waiting, ..Visitor::known(actor) }))
        })
        .await;
    match found {
        Ok(Some(visitor)) => visitor,
        Ok(None) => without(),
        Err(error) => nobody(unasked(&error)),
    }
}

fn decides(state: &AppState, actor: &Actor) -> bool {
    state.settings.policy.permits(actor, Permission::Publish).is_ok()
}

impl Visitor {
    fn known(actor: Actor) -> Self {
        Self { actor, certainty: Certainty::Known, waiting: 0 }
    }
}

fn unasked(error: &PageError) -> Certainty {
    tracing::warn!(%error, "it could not be looked up whose session or token it is");
    Certainty::Unasked
}

/// What is kept of the secret of the session that a browser says it has.
pub(super) fn session_hash(settings: &Settings, headers: &HeaderMap) -> Option<SecretHash> {
    cookie(headers, session_cookie(settings)).map(secret::hash)
}

/// Somebody without a secret. A request that a proxy passed on comes from another machine, however near the proxy is.
pub(super) fn stranger(settings: &Settings, peer: Option<SocketAddr>, headers: &HeaderMap) -> Actor {
    let near = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    let is_trusted = settings.policy.local == Local::Trusted && near && !passed_on;
    if is_trusted { Actor::ThisMachine } else { Actor::Anonymous }
}

/// Whether a request comes with something that tells it from everybody's.
pub(super) fn shows_itself(settings: &Settings, headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || cookie(headers, session_cookie(settings)).is_some()
}

/// The name of the cookie that holds the secret of a session. The `__Host-` prefix keeps neighbouring names from setting
/// it, but browsers take it over HTTPS only.
pub(super) fn session_cookie(settings: &Settings) -> &'static str {
    if settings.is_https() { "__Host-casebook-session" } else { "casebook-session" }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequest for Actor {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = request.extensions().get::<Visitor>().map(|visitor| visitor.actor.clone());
        ready(visitor.ok_or_else(|| PageError::Internal("a request passed the edge unidentified".into())))
    }
}

/// Whoever is logged in, for what concerns their own account.
impl FromRequest for Member {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = request.extensions().get::<Visitor>().and_then(|visitor| visitor.actor.member().cloned());
        ready(visitor.ok_or(PageError::Denied(Denial::Unknown)))
    }
}
