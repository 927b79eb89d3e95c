//! The drafts of somebody's own: their list, the form with one of them, and how one stands that was handed in.

mod page;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use self::page::{ListPage, ShownPage};
use super::error::PageError;
use super::extract::Form;
use super::form::Filled;
use super::form::preview::Sketch;
use super::form::view::Mode;
use super::guard::{self, Leave};
use super::page::{Section, Shell};
use super::routes::{At, at};
use super::state::AppState;
use super::story;
use super::submit::save::{self, SaveFailure};
use super::submit::{self, Notice, Reply, Sent, Told, Turn};
use crate::domain::{Actor, Denial, Draft, DraftId, Permission, ReviewStep, Status};
use crate::service;
use crate::store;
use crate::store::draft::Owner;

type State = web::Data<AppState>;

/// The most drafts that the list shows.
const MOST_LISTED: i64 = 300;

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/drafts").get(Permission::Submit, list),
        at("/drafts/{id}").get(Permission::Submit, show).post_giving_back(Permission::Submit, write),
        at("/drafts/{id}/save").post(Permission::Submit, autosave),
        at("/drafts/{id}/discard").post(Permission::Submit, discard),
    ]
}

async fn list(state: State, shell: Shell, by: Actor) -> Result<HttpResponse, PageError> {
    let owner = owner(&by)?;
    let drafts = state.reading(async |connection| store::draft::list(connection, &owner, MOST_LISTED).await).await?;
    ListPage::new(shell.at(Section::Drafts), drafts).answer()
}

async fn show(
    state: State,
    shell: Shell,
    by: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let id = parse(&id)?;
    let draft = state.reading(async |connection| store::draft::find(connection, id).await).await?;
    let draft = draft.ok_or_else(no_such_draft)?;
    let is_own = Owner::of(&by).is_some_and(|owner| owner.has(&draft));
    let is_reviewed =
        draft.status == Status::InReview && state.settings.policy.permits(&by, Permission::Publish).is_ok();
    if !is_own && !is_reviewed {
        return Err(no_such_draft());
    }
    let filled = Filled::of(&draft).map_err(|error| PageError::Internal(Box::new(error)))?;
    if draft.status == Status::Draft {
        let notice = if request.query_string() == "saved=1" {
            Notice::told(format!("Draft saved at {}.", draft.saved_at.format("%H:%M UTC")))
        } else {
            sent_back(&state, &draft).await
        };
        let reply = Reply::new(Mode::Draft(id), filled).saying(notice);
        return submit::show(&state, shell.at(Section::Write), reply).await;
    }
    let html = match Sketch::of(&filled.input) {
        Some(sketch) => story::preview(&state, shell.clone(), filled.id, sketch.story).await?,
        None => String::new(),
    };
    ShownPage { shell: shell.at(Section::Write), draft, is_own, html }.answer()
}

/// Says that a reviewer wants something changed.
async fn sent_back(state: &State, draft: &Draft) -> Notice {
    if draft.submitted_at.is_none() {
        return Notice::None;
    }
    let id = draft.id;
    let step = state.reading(async |connection| store::draft::last_step(connection, id).await).await;
    if !matches!(step, Ok(Some(ReviewStep::ChangesAsked))) {
        return Notice::None;
    }
    let words = "A reviewer asked for changes. Make them here, then hand it in again.".to_owned();
    Notice::Told(Told { words, link: Some((format!("/review/{id}"), "Read what was said")) })
}

async fn write(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
    id: web::Path<String>,
    by: Actor,
    leave: Leave,
) -> Result<HttpResponse, PageError> {
    let id = parse(&id)?;
    let mut sent = Sent::read(&request, payload).await;
    if let Ok(sent) = &mut sent {
        sent.filled.draft = id;
    }
    if leave.0.is_ok() {
        let known = state.reading(async |connection| store::draft::find(connection, id).await).await;
        // Where it cannot be looked up, nothing is saved either, and the form comes back.
        if let Ok(Some(known)) = known
            && !Owner::of(&by).is_some_and(|owner| owner.has(&known))
        {
            return Err(no_such_draft());
        }
    }
    let turn = Turn { request: &request, state: &state, by: &by, mode: Mode::Draft(id) };
    turn.take(shell.at(Section::Write), leave, sent).await
}

/// Saves a draft while it is being written. Answers with its version in a header, or with a sentence for the page to show.
async fn autosave(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    id: web::Path<String>,
    by: Actor,
) -> Result<HttpResponse, PageError> {
    let owner = owner(&by)?;
    let mut sent = Sent::read(&request, payload).await?;
    sent.filled.draft = parse(&id)?;
    guard::check_token(&state.settings, request.headers(), &sent.filled.csrf)?;
    match save::keep(&state, &owner, &submit::writing(&sent)?, sent.filled.seen).await {
        Ok(version) => Ok(HttpResponse::NoContent().insert_header(("draft-version", version.0.to_string())).finish()),
        Err(SaveFailure::StaleDraft(theirs)) => Ok(conflict(format!(
            "This draft was saved from another page at {}. Press “Save draft” to bring both together.",
            theirs.saved_at.format("%H:%M UTC")
        ))),
        Err(SaveFailure::Settled(status)) => {
            Ok(conflict(format!("This draft is {} by now and cannot be changed.", status.label().to_lowercase())))
        }
        Err(failure) => Err(failure.into()),
    }
}

fn conflict(words: String) -> HttpResponse {
    HttpResponse::Conflict().content_type("text/plain; charset=utf-8").body(words)
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

async fn discard(
    request: HttpRequest,
    state: State,
    id: web::Path<String>,
    by: Actor,
    Form(token): Form<Token>,
) -> Result<HttpResponse, PageError> {
    guard::check_token(&state.settings, request.headers(), &token.csrf)?;
    let (owner, id) = (owner(&by)?, parse(&id)?);
    service::draft::discard(&state.database, &owner, id)
        .await
        .map_err(|error| PageError::from(SaveFailure::from(error)))?;
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/drafts")).finish())
}

/// Whose drafts are meant; a stranger has none.
fn owner(by: &Actor) -> Result<Owner, PageError> {
    Owner::of(by).ok_or(PageError::Denied(Denial::Unknown))
}

fn parse(id: &str) -> Result<DraftId, PageError> {
    id.parse::<Uuid>().map(DraftId).map_err(|_| no_such_draft())
}

fn no_such_draft() -> PageError {
    PageError::NotFound("draft of that name".to_owned())
}
