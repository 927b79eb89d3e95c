//! Writing a story: the pages `/stories/new` and `/stories/{slug}/edit`. Whatever goes wrong, what was typed comes back.

mod aided;
mod notice;
mod page;
#[cfg(test)]
mod round_trip;
pub mod save;
mod similar;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use self::notice::{Notice, Stale};
use self::page::{Draft, show};
use self::save::{SaveFailure, Similarity};
use self::similar::{Panel, SimilarStory};
use super::error::PageError;
use super::extract::form_body;
use super::form::body::{Duplicates, Secrets};
use super::form::secrets::{self, Weight};
use super::form::trial::{BlastView, TrialView};
use super::form::view::Mode;
use super::form::{Action, BodyError, Filled, paste};
use super::guard;
use super::page::{Section, Shell};
use super::state::AppState;
use crate::domain::input::{FieldError, StoryInput};
use crate::domain::{Actor, Entry, FailureId, Line, Permission, Saved, Slug, Status, Story};
use crate::service::review::published::{Purpose, Written};
use crate::service::submit::Submission;
use crate::store;
use crate::web::routes::{At, at};

type State = web::Data<AppState>;

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/stories/new").get(Permission::Submit, begin).post(Permission::Submit, submit),
        at("/stories/new/similar").post(Permission::Submit, similar::show),
        at("/stories/{slug}/edit").get(Permission::Submit, edit).post(Permission::Submit, revise),
    ]
}

async fn begin(state: State, shell: Shell) -> Result<HttpResponse, PageError> {
    let filled = Filled::empty(FailureId::new());
    show(&state, shell.at(Section::Write), Draft::new(Mode::New, filled)).await
}

async fn edit(state: State, shell: Shell, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    let slug = parse_slug(&slug)?;
    let entry = find(&state, &slug).await?;
    if entry.slug != slug {
        let present = format!("/stories/{}/edit", entry.slug);
        return Ok(HttpResponse::MovedPermanently().insert_header((header::LOCATION, present)).finish());
    }
    let filled =
        Filled { input: StoryInput::from(&entry.content), base: Some(entry.revision), ..Filled::empty(entry.id) };
    show(&state, shell.at(Section::Stories), Draft::new(Mode::Edit(slug), filled)).await
}

async fn submit(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
    by: Actor,
) -> Result<HttpResponse, PageError> {
    let filled = read(&request, payload).await?;
    let shell = shell.at(Section::Write);
    if matches!(filled.action, Action::Try | Action::Mask) {
        let draft = try_rules(&request, &state, Mode::New, filled).await;
        return show(&state, shell, draft).await;
    }
    if let Action::Aid(aid) = filled.action {
        let draft = aided::form(&request, &state, Mode::New, filled, aid).await;
        return show(&state, shell, draft).await;
    }
    if filled.action == Action::Similar {
        return show(&state, shell, compared(&state, filled).await).await;
    }
    if filled.action != Action::Save {
        return show(&state, shell, changed(Mode::New, filled)).await;
    }
    let draft = match check(&request, &state, Mode::New, filled) {
        Ok((filled, story, _)) => publish(&state, filled, story, by).await,
        Err(draft) => Err(draft),
    };
    finish(&state, shell, draft).await
}

async fn revise(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
    slug: web::Path<String>,
    by: Actor,
) -> Result<HttpResponse, PageError> {
    let slug = parse_slug(&slug)?;
    let filled = read(&request, payload).await?;
    let shell = shell.at(Section::Stories);
    let mode = Mode::Edit(slug.clone());
    if matches!(filled.action, Action::Try | Action::Mask) {
        let draft = try_rules(&request, &state, mode, filled).await;
        return show(&state, shell, draft).await;
    }
    if let Action::Aid(aid) = filled.action {
        let draft = aided::form(&request, &state, mode, filled, aid).await;
        return show(&state, shell, draft).await;
    }
    if filled.action != Action::Save {
        return show(&state, shell, changed(mode, filled)).await;
    }
    if filled.base.is_none() {
        return Err(PageError::BadRequest(
            "The form does not say which revision it changes. Open it again.".to_owned(),
        ));
    }
    let draft = match check(&request, &state, mode, filled) {
        Ok((filled, story, note)) => replace(&state, slug, filled, story, note, &by).await,
        Err(draft) => Err(draft),
    };
    finish(&state, shell, draft).await
}

/// Either the story was saved, and its page is next; or the form comes back.
type Outcome = Result<Saved, Box<Draft>>;

/// Tells `form.js` which story was saved, so that it forgets the draft of it. It holds nothing secret.
const SAVED_COOKIE: &str = "casebook-saved";

async fn finish(state: &State, shell: Shell, outcome: Outcome) -> Result<HttpResponse, PageError> {
    match outcome {
        Ok(Saved { id, slug, .. }) => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("/stories/{slug}?saved=1")))
            .append_header((header::SET_COOKIE, format!("{SAVED_COOKIE}={id}; Path=/; Max-Age=86400; SameSite=Lax")))
            .finish()),
        Err(draft) => show(state, shell, *draft).await,
    }
}

async fn publish(state: &State, filled: Filled, story: Story, by: Actor) -> Outcome {
    if filled.duplicates == Duplicates::Show {
        let (title, symptom) = (story.failure.title.to_string(), story.failure.symptom.to_string());
        let similar = save::similar(state, title, symptom, Similarity::LIKELY_THE_SAME).await;
        // A form sent twice finds what the first one saved: that is no other story.
        if !similar.is_empty() && similar.iter().all(|one| one.card.id != filled.id) {
            let similar = similar.iter().map(|one| SimilarStory::new(&one.card, &filled.input.patterns)).collect();
            return Err(Draft::new(Mode::New, filled).with_notice(StatusCode::CONFLICT, Notice::Similar(similar)));
        }
    }
    let submission = Submission { id: filled.id, story: story.clone(), note: None, by };
    save::publish(state, submission).await.map_err(|failure| not_saved(Mode::New, filled, failure, &story))
}

async fn replace(state: &State, slug: Slug, filled: Filled, story: Story, note: Option<Line>, by: &Actor) -> Outcome {
    let base = filled.base.unwrap_or(crate::domain::RevisionNumber::FIRST);
    save::revise(state, filled.id, base, story.clone(), note, by, &filled.blast)
        .await
        .map_err(|failure| not_saved(Mode::Edit(slug), filled, failure, &story))
}

/// The form for a save that came to nothing, saying why.
fn not_saved(mode: Mode, mut filled: Filled, failure: SaveFailure, yours: &Story) -> Box<Draft> {
    match failure {
        SaveFailure::Stale(current) => {
            // To save once more is now to decide with open eyes.
            filled.base = Some(current.revision);
            let notice = Notice::Stale(Stale::new(&current, yours));
            Draft::new(Mode::Edit(current.slug.clone()), filled).with_notice(StatusCode::CONFLICT, notice)
        }
        SaveFailure::Refused(examined) => {
            filled.ask_for_reasons(&examined.effect.cross_fire);
            Draft::new(mode, filled).with_errors(examined.errors)
        }
        SaveFailure::Unseen(blast) => {
            filled.blast.clear();
            let notice = Notice::Blast { view: BlastView::from(&*blast), mark: blast.mark() };
            Draft::new(mode, filled).with_notice(StatusCode::CONFLICT, notice)
        }
        SaveFailure::UnknownPatterns(error) => Draft::new(mode, filled).with_errors(vec![error]),
        SaveFailure::Gone => Draft::new(mode, filled).with_notice(
            StatusCode::CONFLICT,
            Notice::trouble(
                "This story is not here any more",
                "What you wrote is still in the form. Copy what you need, and begin a new story with it.",
            ),
        ),
        SaveFailure::NoSpace(words) => Draft::new(mode, filled)
            .with_notice(StatusCode::INSUFFICIENT_STORAGE, Notice::trouble("There is no room to save it", &words)),
        SaveFailure::Unavailable => away(mode, filled),
        SaveFailure::Fault => fault(mode, filled),
    }
}

fn away(mode: Mode, filled: Filled) -> Box<Draft> {
    Draft::new(mode, filled).without_patterns().with_notice(
        StatusCode::SERVICE_UNAVAILABLE,
        Notice::trouble(
            "The database cannot be reached at the moment",
            "Everything you wrote is still in the form: wait a little and save again. Sent twice, it is saved once.",
        ),
    )
}

fn fault(mode: Mode, filled: Filled) -> Box<Draft> {
    Draft::new(mode, filled).with_notice(
        StatusCode::INTERNAL_SERVER_ERROR,
        Notice::trouble(
            "Something went wrong on this server",
            "It has been logged. Nothing has been saved, and everything you wrote is still in the form.",
        ),
    )
}

/// What the form says as a story, or the form again with what is wrong.
fn check(
    request: &HttpRequest,
    state: &State,
    mode: Mode,
    filled: Filled,
) -> Result<(Filled, Story, Option<Line>), Box<Draft>> {
    if let Some(notice) = forgery(request, state, &filled) {
        return Err(Draft::new(mode, filled).with_notice(StatusCode::FORBIDDEN, notice));
    }
    if filled.secrets == Secrets::Show {
        let mut found = secrets::find(&filled.input);
        found.retain(|one| one.weight == Weight::Credential);
        if !found.is_empty() {
            return Err(Draft::new(mode, filled).with_notice(StatusCode::CONFLICT, Notice::Secrets(found)));
        }
    }
    let note = if filled.note.trim().is_empty() { Ok(None) } else { Line::parse(&filled.note).map(Some) };
    match (filled.input.parse(), note) {
        (Ok(story), Ok(note)) => Ok((filled, story, note)),
        (story, note) => {
            let mut errors = story.err().unwrap_or_default();
            errors.extend(note.err().map(|why| FieldError { field: "note".to_owned(), message: why.to_string() }));
            Err(Draft::new(mode, filled).with_errors(errors))
        }
    }
}

/// Why a form may not be one of ours.
fn forgery(request: &HttpRequest, state: &State, filled: &Filled) -> Option<Notice> {
    let refusal = guard::check_token(&state.settings, request.headers(), &filled.csrf).err()?;
    Some(Notice::trouble(
        "The form could not be accepted",
        &format!("{refusal} Or simply save again from here: nothing you wrote is lost."),
    ))
}

/// The form with what its rules do, whether or not the rest of it is right. It reads everything that is published, so
/// it is held to come from our own page like a save.
async fn try_rules(request: &HttpRequest, state: &State, mode: Mode, mut filled: Filled) -> Draft {
    if let Some(notice) = forgery(request, state, &filled) {
        return *Draft::new(mode, filled).with_notice(StatusCode::FORBIDDEN, notice);
    }
    let action = filled.action;
    if action == Action::Mask {
        secrets::mask_examples(&mut filled.input);
    }
    let rules = match filled.input.failure.parse_rules() {
        Ok(rules) => rules,
        Err(errors) => return Draft::new(mode, filled).with_errors(errors).after(action, None),
    };
    let patterns = filled.input.patterns.iter().filter_map(|slug| Slug::parse(slug).ok()).collect();
    let written = Written { rules: rules.clone(), patterns };
    match save::examine(state, filled.id, written, Purpose::Try).await {
        Ok(examined) => {
            filled.ask_for_reasons(&examined.effect.cross_fire);
            let trial = TrialView::new(&rules, &examined, secrets::find(&filled.input));
            Draft::new(mode, filled).after(action, None).with_trial(trial)
        }
        Err(SaveFailure::Unavailable) => *away(mode, filled),
        Err(_logged) => *fault(mode, filled),
    }
}

/// The form with what resembles it, where no script looks for that while it is filled in.
async fn compared(state: &State, filled: Filled) -> Draft {
    let failure = &filled.input.failure;
    let panel = Panel::of(state, failure.title.clone(), failure.symptom.clone(), &filled.input.patterns).await;
    Draft::new(Mode::New, filled).after(Action::Similar, Some("similar-stories".to_owned())).with_panel(panel)
}

/// The form after a button that saves nothing.
fn changed(mode: Mode, mut filled: Filled) -> Draft {
    if filled.action == Action::Start {
        filled.input.failure.symptom = paste::to_symptom(&filled.input.failure.symptom);
    }
    let action = filled.action;
    let focus = action.apply(&mut filled.input);
    Draft::new(mode, filled).after(action, focus)
}

/// Reads the body of the form.
pub(super) async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Filled, PageError> {
    let body = form_body(request, payload.into_inner()).await?;
    Filled::parse(&body).map_err(|error| match error {
        BodyError::TooLarge(_) => PageError::TooLarge(error.to_string()),
        BodyError::NotText(_)
        | BodyError::Ragged { .. }
        | BodyError::TooManyRows { .. }
        | BodyError::Hidden { .. }
        | BodyError::Malformed(_) => PageError::BadRequest(error.to_string()),
    })
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
