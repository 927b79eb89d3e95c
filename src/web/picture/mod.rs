//! Pictures in stories: sent by the form's script or by a small page of their own, and shown to whoever may see their story.

mod page;
mod sent;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::page::{AddedPage, NewPage};
use self::sent::{Sent, Words};
use super::error::PageError;
use super::extract::Query;
use super::guard;
use super::page::{Section, Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::input::StoryInput;
use crate::domain::{Actor, Denial, FailureId, Permission, PictureAddress, PictureId, Via};
use crate::markdown;
use crate::picture::Picture;
use crate::service::picture::{self, AddError, Reach};
use crate::store;
use crate::store::picture::{Standing, StoredPicture};

type State = web::Data<AppState>;

/// How long a picture may take to be read, waiting for a turn included.
const READING: Duration = Duration::from_secs(20);

/// How long the database may take to keep it.
const KEEPING: Duration = Duration::from_secs(10);

/// A picture opened by itself is a page of ours: it may do nothing at all, whatever its bytes are taken for.
const INERT: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/pictures").post(Permission::Submit, add),
        at("/pictures/new").get(Permission::Submit, begin),
        at("/pictures/{id}").get(Permission::Read, show),
    ]
}

/// The record that a picture is for: published, or the one that a form will make.
#[derive(Deserialize)]
struct Belongs {
    failure: FailureId,
}

/// A picture that is not taken: what it is answered with.
struct Refusal {
    status: StatusCode,
    words: String,
}

async fn begin(shell: Shell, by: Actor, Query(belongs): Query<Belongs>) -> Result<HttpResponse, PageError> {
    refuse_strangers(&by)?;
    let page = NewPage::new(shell.at(Section::Write), belongs.failure, Words::default(), String::new());
    render(&page, StatusCode::OK)
}

async fn add(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
    by: Actor,
    Query(belongs): Query<Belongs>,
) -> Result<HttpResponse, PageError> {
    refuse_strangers(&by)?;
    let failure = belongs.failure;
    let sent = sent::read(&request, payload.into_inner()).await;
    let (words, sent) = match sent {
        Ok(Sent { words, csrf, file }) => (words, Ok((csrf, file))),
        Err(error) => (Words::default(), Err(error)),
    };
    let added = match sent {
        Ok((csrf, file)) => take(&state, request.headers(), &by, failure, &csrf, file).await,
        Err(error) => Err(error.into()),
    };
    let shell = shell.at(Section::Write);
    match (added, is_for_scripts(&request)) {
        (Ok(address), true) => Ok(HttpResponse::Ok().json(Added::new(address, &words))),
        (Ok(address), false) => render(&AddedPage::new(shell, failure, address, &words), StatusCode::OK),
        (Err(refusal), true) => {
            Ok(HttpResponse::build(refusal.status).json(serde_json::json!({ "error": refusal.words })))
        }
        (Err(refusal), false) => render(&NewPage::new(shell, failure, words, refusal.words), refusal.status),
    }
}

/// What the script gets.
#[derive(Serialize)]
struct Added {
    url: String,
    markdown: String,
    width: u32,
    height: u32,
}

impl Added {
    fn new(address: PictureAddress, words: &Words) -> Self {
        let (width, height) = address.size.unwrap_or_default();
        let markdown = markdown::picture_markdown(address, &words.alt, &words.caption);
        Self { url: PictureAddress { size: None, ..address }.to_string(), markdown, width, height }
    }
}

async fn take(
    state: &State,
    headers: &HeaderMap,
    by: &Actor,
    failure: FailureId,
    csrf: &str,
    file: web::Bytes,
) -> Result<PictureAddress, Refusal> {
    // A token of the API is sent by no browser on its own: there is nothing to forge.
    let is_program = by.member().is_some_and(|member| matches!(member.via, Via::Token(..)));
    if !is_program {
        guard::check_token(&state.settings, headers, csrf)?;
    }
    if file.is_empty() {
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "Choose a picture first: no file came."));
    }
    let reading = state.lanes.pictures.run(move || Picture::read(&file));
    let picture = match tokio::time::timeout(READING, reading).await {
        Ok(Ok(picture)) => picture.map_err(|why| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, &why))?,
        Ok(Err(PageError::Busy)) | Err(_) => {
            let words = "Other pictures are being read at the moment. Try again in a few seconds.";
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, words));
        }
        Ok(Err(error)) => return Err(error.into()),
    };
    let by = (by, reach(state, by));
    let adding = picture::add(&state.database, &*state.clock, &state.settings.data, by, failure, &picture);
    match tokio::time::timeout(KEEPING, adding).await {
        Ok(added) => added.map_err(Refusal::from),
        Err(elapsed) => Err(PageError::Unavailable(Box::new(elapsed)).into()),
    }
}

async fn show(request: HttpRequest, state: State, by: Actor, id: web::Path<String>) -> Result<HttpResponse, PageError> {
    let nothing = || PageError::NotFound("picture at this address".to_owned());
    let id = Uuid::try_parse(&id).map(PictureId).map_err(|_| nothing())?;
    let (account, reach) = (by.account(), reach(&state, &by));
    let tag = format!("\"{id}\"");
    let is_known = knows(request.headers(), &tag);
    let found = state
        .reading(async |connection| {
            let Some(standing) = picture::visible(connection, id, account, reach).await? else { return Ok(None) };
            let picture = if is_known { None } else { store::picture::find(connection, id).await? };
            Ok(Some((standing, picture)))
        })
        .await?;
    let (standing, picture) = found.ok_or_else(nothing)?;
    let caching = match standing {
        // What an id shows never changes, but its story may be withdrawn.
        Standing::Published => "private, max-age=86400, immutable",
        // Somebody else may use the browser next.
        Standing::Own | Standing::Others => "private, no-cache",
    };
    let mut response = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_SECURITY_POLICY, INERT));
    if is_known {
        return Ok(response.finish());
    }
    let StoredPicture { format, bytes, .. } = picture.ok_or_else(nothing)?;
    let name = format!("inline; filename=\"picture-{id}.{}\"", format.extension());
    response.insert_header((header::CONTENT_TYPE, format.as_str())).insert_header((header::CONTENT_DISPOSITION, name));
    Ok(response.body(bytes))
}

/// Whether the browser has it: `If-None-Match` names the tag.
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let named = headers.get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| one.trim().trim_start_matches("W/") == tag)
}

/// Where everybody may hand in, visitors without an account still send no files: what they write is read before it is
/// seen, and nobody reads a picture without opening it.
fn refuse_strangers(by: &Actor) -> Result<(), PageError> {
    match by {
        Actor::Anonymous => Err(PageError::Denied(Denial::Unknown)),
        Actor::ThisMachine | Actor::Member(_) => Ok(()),
    }
}

fn reach(state: &AppState, by: &Actor) -> Reach {
    match state.settings.policy.permits(by, Permission::Publish) {
        Ok(()) => Reach::All,
        Err(_) => Reach::Own,
    }
}

fn is_for_scripts(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| one.trim().starts_with("application/json"))
}

impl Refusal {
    fn new(status: StatusCode, words: &(impl ToString + ?Sized)) -> Self {
        Self { status, words: words.to_string() }
    }
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Self {
        if let Some(cause) = error.cause() {
            tracing::error!(cause, "a picture could not be added");
        }
        let away =
            "The database cannot be reached at the moment, and the picture was not added. Try again in a moment.";
        let is_away = matches!(error, PageError::Unavailable(_));
        Self { status: error.status_code(), words: if is_away { away.to_owned() } else { error.to_string() } }
    }
}

impl From<AddError> for Refusal {
    fn from(error: AddError) -> Self {
        let status = match error {
            AddError::NotYours => StatusCode::FORBIDDEN,
            AddError::TooMany | AddError::TooHeavy => StatusCode::CONFLICT,
            AddError::NoSpace => StatusCode::INSUFFICIENT_STORAGE,
            AddError::Store(cause) => return PageError::from(cause).into(),
        };
        Self::new(status, &error)
    }
}

/// The fields of a form that show a picture without saying what is on it, by what they are called there.
pub fn silent_fields(story: &StoryInput) -> Vec<&'static str> {
    let failure = &story.failure;
    let timeline = story.timeline.iter().map(|row| ("Timeline", row.text.as_str()));
    let fields = [
        ("Summary", failure.summary.as_str()),
        ("Symptom", &failure.symptom),
        ("Root cause", &failure.root_cause),
        ("Remediation", &failure.remediation),
        ("Lessons", &story.lessons),
        ("Impact", &story.impact),
    ];
    let mut silent: Vec<&'static str> = fields
        .into_iter()
        .chain(timeline)
        .filter(|(_, text)| markdown::has_silent_picture(text))
        .map(|(name, _)| name)
        .collect();
    silent.dedup();
    silent
}
