//! Writing a story: the pages `/stories/new` and `/stories/{slug}/edit`, and what the buttons of their form do. Whatever
//! goes wrong, what was typed comes back.

mod aided;
mod ending;
mod merge;
mod notice;
mod page;
#[cfg(test)]
mod round_trip;
pub mod save;
mod similar;
mod turn;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

pub(super) use self::notice::{Notice, Told};
pub(super) use self::page::{Reply, show};
pub(super) use self::turn::{Sent, Turn, writing};
use super::error::PageError;
use super::form::Filled;
use super::form::view::Mode;
use super::guard::Leave;
use super::page::{Section, Shell};
use super::state::AppState;
use crate::domain::input::StoryInput;
use crate::domain::{Actor, Entry, FailureId, Permission, Slug, Status, Story};
use crate::store;
use crate::store::draft::Owner;
use crate::web::routes::{At, at};

type State = web::Data<AppState>;

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/stories/new").get(Permission::Submit, begin).post_giving_back(Permission::Submit, submit),
        at("/stories/new/similar").post(Permission::Submit, similar::show),
        at("/stories/{slug}/edit").get(Permission::Submit, edit).post_giving_back(Permission::Submit, revise),
    ]
}

async fn begin(state: State, shell: Shell, by: Actor, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let notice = if request.query_string() == ending::THANKS {
        Notice::told(
            "Thank you: your story is with the reviewers now. It appears here once one of them has published it.",
        )
    } else {
        begun(&state, &by, None).await
    };
    show(&state, shell.at(Section::Write), Reply::new(Mode::New, Filled::empty(FailureId::new())).saying(notice)).await
}

async fn edit(state: State, shell: Shell, by: Actor, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    let slug = parse_slug(&slug)?;
    let entry = find(&state, &slug).await?;
    if entry.slug != slug {
        let present = format!("/stories/{}/edit", entry.slug);
        return Ok(HttpResponse::MovedPermanently().insert_header((header::LOCATION, present)).finish());
    }
    let notice = begun(&state, &by, Some(entry.id)).await;
    let filled =
        Filled { input: StoryInput::from(&entry.content), base: Some(entry.revision), ..Filled::empty(entry.id) };
    show(&state, shell.at(Section::Stories), Reply::new(Mode::Edit(slug), filled).saying(notice)).await
}

/// Says where one left off: with a change of that record, or with any new story.
async fn begun(state: &State, by: &Actor, changes: Option<FailureId>) -> Notice {
    let Some(owner) = Owner::of(by) else { return Notice::None };
    let newest = state
        .reading(async |connection| store::draft::newest_open(connection, &owner, changes).await)
        .await
        .inspect_err(|error| tracing::warn!(%error, "drafts could not be looked up"));
    let Ok(Some((id, saved_at))) = newest else { return Notice::None };
    let what = if changes.is_some() { "a change of this story" } else { "a story" };
    let words = format!("You began {what} on {}.", saved_at.format("%-d %B %Y, %H:%M UTC"));
    Notice::Told(Told { words, link: Some((format!("/drafts/{id}"), "Go on with it")) })
}

async fn submit(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
    by: Actor,
    leave: Leave,
) -> Result<HttpResponse, PageError> {
    let sent = Sent::read(&request, payload).await;
    let turn = Turn { request: &request, state: &state, by: &by, mode: Mode::New };
    turn.take(shell.at(Section::Write), leave, sent).await
}

async fn revise(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
    slug: web::Path<String>,
    by: Actor,
    leave: Leave,
) -> Result<HttpResponse, PageError> {
    let slug = parse_slug(&slug)?;
    let sent = Sent::read(&request, payload).await;
    let turn = Turn { request: &request, state: &state, by: &by, mode: Mode::Edit(slug) };
    turn.take(shell.at(Section::Stories), leave, sent).await
}

fn parse_slug(text: &str) -> Result<Slug, PageError> {
    Slug::parse(text).map_err(|_| no_such_story())
}

fn no_such_story() -> PageError {
    PageError::NotFound("story of that name".to_owned())
}

async fn find(state: &State, slug: &Slug) -> Result<Entry<Story>, PageError> {
    let entry = state.reading(async |connection| store::story::find_by_slug(connection, slug).await).await?;
    entry.filter(|entry| entry.status != Status::Withdrawn).ok_or_else(no_such_story)
}
