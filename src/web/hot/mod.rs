//! Answers kept in memory, ready to be sent: pages, lists and records that were asked for, for as long as nothing has
//! changed that they are made of.
//!
//! Each belongs to an [`Epoch`]. A request takes the epoch before it reads anything and is served only what was made
//! under that same epoch; what it renders is kept only under it. So once a search finds a change, no page is without.

mod answer;
mod key;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, Weighter};

use self::answer::Answer;
use self::key::Key;
use super::error::PageError;
use super::state::AppState;
use crate::search::{Edition, SearchIndex};

/// A state of everything that pages are made of, as far as this node knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Epoch {
    /// What the follower has applied.
    index: Edition,
    /// How many writes were made here: their pages are new before the follower has heard of them.
    writes: u64,
}

/// The answers that are kept. One for all workers.
pub struct HotPages {
    answers: Cache<Key, Arc<Answer>, InBytes>,
    writes: AtomicU64,
    /// The epoch of what is kept; older answers were dropped when the first of it came.
    newest: Mutex<Option<Epoch>>,
}

/// The place of an answer that is being made; others who want the same wait for it.
type Slot<'a> = PlaceholderGuard<'a, Key, Arc<Answer>, InBytes, DefaultHashBuilder, DefaultLifecycle<Key, Arc<Answer>>>;

/// Counts what an answer takes.
#[derive(Debug, Clone)]
struct InBytes;

impl Weighter<Key, Arc<Answer>> for InBytes {
    fn weight(&self, key: &Key, answer: &Arc<Answer>) -> u64 {
        (key.size() + answer.size()) as u64
    }
}

impl Default for HotPages {
    fn default() -> Self {
        let answers = Cache::with_weighter(Self::LIKELY, Self::MEMORY, InBytes);
        Self { answers, writes: AtomicU64::new(0), newest: Mutex::new(None) }
    }
}

impl HotPages {
    /// All answers together, in bytes: some 1,500 pages as they are, or 5,000 compressed.
    const MEMORY: u64 = 32 << 20;
    /// How many answers that is likely to be.
    const LIKELY: usize = 4_000;
    /// The largest answer that is kept, in bytes.
    const LARGEST: usize = 512 << 10;
    /// How long a request waits for another one that renders the same, before it renders for itself.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// The present epoch. What is read after it was taken is at least as new as it says.
    fn epoch(&self, index: &SearchIndex) -> Epoch {
        Epoch { index: index.edition(), writes: self.writes.load(Ordering::SeqCst) }
    }

    /// To be held while something is written: whatever came of it, pages are made anew afterwards.
    pub(super) fn writing(&self) -> Writing<'_> {
        Writing(self)
    }

    /// Makes room when an epoch has passed: nobody asks for its answers again.
    fn begin(&self, epoch: Epoch) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.replace(epoch) != Some(epoch) {
            self.answers.clear();
        }
    }
}

/// A write under way.
#[must_use = "pages are made anew when it is dropped"]
pub(super) struct Writing<'a>(&'a HotPages);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
    }
}

/// The outermost middleware: what is kept is sent at once, without a span, a log line or a route.
pub(super) async fn keep(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some((state, key)) = recognise(&request) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    // Nothing tells when a page gets old while the follower cannot follow.
    if state.index_status.borrow().trouble.is_some() {
        return make(&state, &key, None, request, next).await;
    }
    let pages = &state.pages;
    if let Some(answer) = pages.answers.get(&key) {
        return Ok(from_memory(&answer, request));
    }
    pages.begin(key.epoch());
    match tokio::time::timeout(HotPages::PATIENCE, pages.answers.get_value_or_guard_async(&key)).await {
        Ok(Ok(answer)) => Ok(from_memory(&answer, request)),
        Ok(Err(slot)) => make(&state, &key, Some(slot), request, next).await,
        Err(_elapsed) => make(&state, &key, None, request, next).await,
    }
}

/// What the answer to a request would be kept under, where it may be.
fn recognise(request: &ServiceRequest) -> Option<(web::Data<AppState>, Key)> {
    let state = request.app_data::<web::Data<AppState>>()?;
    let key = Key::of(request, &state.settings, || state.pages.epoch(&state.index))?;
    Some((web::Data::clone(state), key))
}

fn from_memory(answer: &Answer, request: ServiceRequest) -> ServiceResponse<BoxBody> {
    tracing::debug!(path = request.path(), "answered from memory");
    let response = answer.respond(request.headers().get_all(header::IF_NONE_MATCH));
    request.into_response(response)
}

/// Has the answer made, and keeps it in its place if it is good.
async fn make(
    state: &AppState,
    key: &Key,
    slot: Option<Slot<'_>>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let pages = &state.pages;
    let known: Vec<HeaderValue> = request.headers_mut().remove(header::IF_NONE_MATCH).collect();
    key.ask_for_encoding(request.headers_mut());
    let (request, response) = next.call(request).await?.into_parts();
    if response.status() == StatusCode::SERVICE_UNAVAILABLE
        && let Some(answer) = pages.answers.get(key)
    {
        // The newest that is known, while the database is away.
        return Ok(ServiceResponse::new(request, answer.respond(known.iter())));
    }
    // A cookie is for one visitor, and a page that gives one (a form with its token) for nobody else.
    let is_kept = |headers: &header::HeaderMap| {
        !headers.contains_key(header::SET_COOKIE)
            && headers.get(header::CACHE_CONTROL).is_none_or(|control| control != "no-store")
    };
    if response.status() != StatusCode::OK || !is_kept(response.headers()) {
        return Ok(ServiceResponse::new(request, response.map_into_boxed_body()));
    }
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.map_err(|error| PageError::Internal(error.into().to_string().into()))?;
    let answer = Arc::new(Answer::new(head.headers(), bytes));
    let response = answer.respond(known.iter());
    if let Some(slot) = slot
        && answer.size() <= HotPages::LARGEST
        && key.epoch() == pages.epoch(&state.index)
    {
        // Refused only where all was dropped meanwhile, because the epoch has passed.
        slot.insert(answer).unwrap_or_default();
    }
    Ok(ServiceResponse::new(request, response))
}
