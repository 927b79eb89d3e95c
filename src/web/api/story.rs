//! One story: `GET /api/v1/stories/{slug}`, and a new one: `POST /api/v1/stories`.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::body;
use super::handed_in::hand_in;
use super::link::{Addresses, Link};
use crate::domain::input::{FieldError, StoryInput};
use crate::domain::{Actor, Entry, FailureId, FailureKind, Line, Permission, RevisionNumber, Slug, Story};
use crate::service::submit::Submission;
use crate::web::error::PageError;
use crate::web::failure::{self, Found};
use crate::web::review::work::Sent;
use crate::web::state::AppState;
use crate::web::story::expect_story;
use crate::web::submit::save::{self, Similarity};

/// A record with its address: what the whole of it is sent as.
#[derive(Serialize)]
pub(super) struct Whole<T> {
    pub(super) kind: FailureKind,
    pub(super) url: String,
    #[serde(flatten)]
    pub(super) entry: Entry<T>,
}

/// A story on its way in.
#[derive(Deserialize)]
#[serde(expecting = "a story: an object with title, organization and the other fields")]
struct NewStory {
    /// Chosen by the sender, so that a request sent twice makes one story.
    id: Option<FailureId>,
    /// Why, or from where; kept in the history.
    note: Option<String>,
    /// What a submission without an account is paid with.
    #[serde(default)]
    proof: Sent,
    #[serde(flatten)]
    story: StoryInput,
}

#[derive(Serialize)]
struct Created {
    id: FailureId,
    slug: Slug,
    url: String,
    revision: RevisionNumber,
    similar: Vec<SimilarStory>,
}

#[derive(Serialize)]
struct SimilarStory {
    #[serde(flatten)]
    link: Link,
    similarity: f32,
}

pub(super) async fn read(state: web::Data<AppState>, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    let addresses = Addresses::of(&state.settings);
    match failure::find(&state, FailureKind::Story, &slug).await? {
        Found::Here(record) => {
            let entry = expect_story(*record)?;
            let url = addresses.page(FailureKind::Story, &entry.slug);
            Ok(HttpResponse::Ok().json(Whole { kind: FailureKind::Story, url, entry }))
        }
        Found::Moved(present) => Ok(addresses.moved(FailureKind::Story, &present)),
        Found::Withdrawn(gone) => match gone.kept() {
            Some(kept) => Ok(addresses.moved(FailureKind::Story, &kept.slug)),
            None => Err(gone.refusal()),
        },
        Found::Missing => Err(PageError::NotFound("story of that name".to_owned())),
    }
}

pub(super) async fn submit(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    by: Actor,
) -> Result<HttpResponse, PageError> {
    let NewStory { id, note, proof, story } = body::json(&request, payload).await?;
    let (story, note) = parse(&story, note.as_deref())?;
    let id = id.unwrap_or_default();
    if state.settings.policy.permits(&by, Permission::Publish).is_err() {
        return hand_in(&request, &state, &by, Submission { id, story, note, by: by.clone() }, &proof).await;
    }
    let similar = similar(&state, id, &story).await;
    let saved = save::publish(&state, Submission { id, story, note, by }).await?;
    let addresses = Addresses::of(&state.settings);
    let location = addresses.record(FailureKind::Story, &saved.slug);
    let url = addresses.page(FailureKind::Story, &saved.slug);
    let created = Created { id: saved.id, slug: saved.slug, url, revision: saved.revision, similar };
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(created))
}

fn parse(story: &StoryInput, note: Option<&str>) -> Result<(Story, Option<Line>), PageError> {
    let note = note.filter(|note| !note.trim().is_empty()).map(Line::parse).transpose();
    match (story.parse(), note) {
        (Ok(story), Ok(note)) => Ok((story, note)),
        (story, note) => {
            let mut errors = story.err().unwrap_or_default();
            errors.extend(note.err().map(|why| FieldError { field: "note".to_owned(), message: why.to_string() }));
            Err(PageError::Invalid(errors))
        }
    }
}

async fn similar(state: &AppState, id: FailureId, story: &Story) -> Vec<SimilarStory> {
    let addresses = Addresses::of(&state.settings);
    let (title, symptom) = (story.failure.title.to_string(), story.failure.symptom.to_string());
    let found = save::similar(state, title, symptom, Similarity::RELATED).await;
    found
        .into_iter()
        .filter(|one| one.card.id != id)
        .map(|one| SimilarStory {
            link: addresses.link(one.card.kind, &one.card.slug, &one.card.title),
            similarity: one.similarity,
        })
        .collect()
}
