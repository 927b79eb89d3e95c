//! What is done to a draft from its page: `POST /review/{id}`. A step that cannot be taken shows the page again, as things
//! stand now and with what was typed.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::page::{Refusal, Said, faults, page};
use super::texts::FIELDS;
use super::{Part, State, find};
use crate::domain::input::FieldError;
use crate::domain::{Actor, Denial, Draft, DraftVersion, Line, Role, Story};
use crate::service::review::published::{Purpose, Written};
use crate::service::reviewing::{self, Publication, Step, StepError};
use crate::service::submit::{self, SubmitError};
use crate::web::error::PageError;
use crate::web::extract::Form;
use crate::web::form::Filled;
use crate::web::guard;
use crate::web::page::Shell;
use crate::web::submit::save::{self, SaveFailure};

/// The form below a draft.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    action: String,
    /// As which version the draft was looked at.
    version: i32,
    field: String,
    words: String,
    /// Which examples elsewhere the page said that the rules change.
    seen: String,
}

/// The most characters of what is said at once.
const LONGEST: usize = 4000;

/// The longest a step may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// What the buttons do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Comment,
    AskForChanges,
    TakeBack,
    Decline,
    Publish,
}

impl Action {
    fn parse(text: &str) -> Option<Self> {
        match text {
            // What a browser sends that was sent by Enter: what can be taken back easiest.
            "" | "comment" => Some(Self::Comment),
            "ask" => Some(Self::AskForChanges),
            "take_back" => Some(Self::TakeBack),
            "decline" => Some(Self::Decline),
            "publish" => Some(Self::Publish),
            _ => None,
        }
    }

    /// Whether it comes to nothing without words.
    fn needs_words(self) -> bool {
        match self {
            Self::Comment | Self::AskForChanges | Self::Decline => true,
            Self::TakeBack | Self::Publish => false,
        }
    }

    fn is_for(self, part: Part) -> bool {
        match self {
            Self::Comment => true,
            Self::TakeBack => part.wrote(),
            Self::AskForChanges | Self::Decline | Self::Publish => part.decides(),
        }
    }
}

pub(super) async fn act(
    request: HttpRequest,
    state: State,
    shell: Shell,
    id: web::Path<String>,
    actor: Actor,
    Form(sent): Form<Sent>,
) -> Result<HttpResponse, PageError> {
    let (draft, part) = find(&state, &actor, &id).await?;
    let action = Action::parse(&sent.action)
        .ok_or_else(|| PageError::BadRequest("The form has no button of that name. Open the page again.".to_owned()))?;
    if !action.is_for(part) {
        return Err(PageError::Denied(Denial::Role(Role::Editor)));
    }
    let refusal = match guard::check_token(&state.settings, request.headers(), &sent.csrf) {
        Err(refusal) => Some(Refusal::new(StatusCode::FORBIDDEN, refusal.to_string())),
        Ok(()) => complaint(&sent, action),
    };
    let outcome = match refusal {
        Some(refusal) => Err(refusal),
        None if action == Action::Publish => publish(&state, &actor, &draft, &sent).await,
        None => step(&state, &actor, &draft, &sent, action).await,
    };
    match outcome {
        Ok(onward) => Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, onward)).finish()),
        Err(refusal) => {
            // Somebody else may have moved it on: the page shows where it is now.
            let (draft, part) = find(&state, &actor, &id).await?;
            let said = Said { field: sent.field, words: sent.words, refusal: Some(refusal) };
            page(&state, shell, draft, part, said).await
        }
    }
}

fn complaint(sent: &Sent, action: Action) -> Option<Refusal> {
    let wrong = |words: String, mends| {
        Some(Refusal { mends: Some(mends), ..Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, words) })
    };
    let length = sent.words.chars().count();
    if length > LONGEST {
        return wrong(format!("Found {length} characters; at most {LONGEST} can be said at once."), "words");
    }
    if action.needs_words() && sent.words.trim().is_empty() {
        let words = match action {
            Action::Decline => "Say why it is declined: the author gets to read it.",
            Action::AskForChanges => "Say what should be changed.",
            Action::Comment | Action::TakeBack | Action::Publish => "Say something first.",
        };
        return wrong(words.to_owned(), "words");
    }
    if !sent.field.is_empty() && !FIELDS.iter().any(|(name, _)| *name == sent.field) {
        return wrong("Choose one of the fields in the menu.".to_owned(), "field");
    }
    None
}

async fn step(state: &State, actor: &Actor, draft: &Draft, sent: &Sent, action: Action) -> Result<String, Refusal> {
    // Browsers send line breaks as CR LF.
    let words = sent.words.trim().replace("\r\n", "\n");
    let field = Some(sent.field.as_str()).filter(|field| !field.is_empty());
    let step = Step { draft: draft.id, version: DraftVersion(sent.version), field, words: &words };
    let (database, clock) = (&state.database, &*state.clock);
    let taking = async {
        match action {
            Action::Comment => reviewing::comment(database, clock, actor, step).await,
            Action::AskForChanges => reviewing::ask_for_changes(database, clock, actor, step).await,
            Action::TakeBack => reviewing::take_back(database, clock, actor, step).await,
            Action::Decline | Action::Publish => reviewing::decline(database, clock, actor, step).await,
        }
    };
    let n = within_patience(taking).await?;
    Ok(format!("/review/{}#said-{n}", draft.id))
}

async fn publish(state: &State, actor: &Actor, draft: &Draft, sent: &Sent) -> Result<String, Refusal> {
    let (story, note) = read(draft)?;
    let examined = save::examine(state, draft.failure, Written::from(&story), Purpose::Save).await?;
    if !examined.errors.is_empty() {
        return Err(Refusal::of_fields(&examined.errors));
    }
    let blast = &examined.effect.blast;
    if !blast.is_empty() && blast.mark() != sent.seen {
        let words = "Its rules change what is found in the examples of other failures, otherwise than this page said \
                     when you opened it. It is listed below: look at it, then publish.";
        return Err(Refusal::new(StatusCode::CONFLICT, words.to_owned()));
    }
    let publication = Publication {
        draft: draft.id,
        version: DraftVersion(sent.version),
        story,
        note,
        words: sent.words.trim().replace("\r\n", "\n"),
    };
    let _writing = state.pages.writing();
    let publishing = async {
        submit::ensure_space(&state.settings.data)?;
        reviewing::publish(&state.database, &*state.clock, actor, publication).await
    };
    let saved = within_patience(publishing).await?;
    Ok(format!("/stories/{}?saved=1", saved.slug))
}

/// What a draft says, if all of it is right.
fn read(draft: &Draft) -> Result<(Story, Option<Line>), Refusal> {
    let filled = Filled::parse(draft.form.as_bytes())
        .map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let note = Some(filled.note.trim()).filter(|note| !note.is_empty()).map(Line::parse).transpose();
    match (filled.input.parse(), note) {
        (Ok(story), Ok(note)) => Ok((story, note)),
        (story, note) => {
            let mut errors = story.err().unwrap_or_default();
            errors.extend(note.err().map(|why| FieldError { field: "note".to_owned(), message: why.to_string() }));
            Err(Refusal::of_fields(&errors))
        }
    }
}

async fn within_patience<T>(step: impl Future<Output = Result<T, StepError>>) -> Result<T, Refusal> {
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(result) => result.map_err(Refusal::from),
        Err(_elapsed) => Err(Refusal::away()),
    }
}

impl Refusal {
    fn new(status: StatusCode, words: String) -> Self {
        Self { status, words, mends: None, faults: Vec::new() }
    }

    fn of_fields(errors: &[FieldError]) -> Self {
        let words = "It cannot be published as it is. Ask for these changes:".to_owned();
        Self { faults: faults(errors), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, words) }
    }

    fn away() -> Self {
        let words = "The database cannot be reached at the moment. What you wrote is still here: try again in a while.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, words.to_owned())
    }
}

impl From<StepError> for Refusal {
    fn from(error: StepError) -> Self {
        match error {
            StepError::NotFound => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            StepError::Impossible(_) | StepError::Changed | StepError::NobodyToAsk => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            StepError::NotYours => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            StepError::Submit(error) => SaveFailure::from(error).into(),
            StepError::Store(error) => SaveFailure::from(SubmitError::Store(error)).into(),
        }
    }
}

impl From<SaveFailure> for Refusal {
    fn from(failure: SaveFailure) -> Self {
        match failure {
            SaveFailure::Stale(current) => Self::new(
                StatusCode::CONFLICT,
                format!(
                    "The story is at revision {} by now, which this draft was not begun from. Ask its author to bring \
                     it up to date.",
                    current.revision
                ),
            ),
            SaveFailure::UnknownPatterns(error) => Self::of_fields(&[error]),
            SaveFailure::Refused(examined) => Self::of_fields(&examined.errors),
            SaveFailure::Unseen(_) => {
                Self::new(StatusCode::CONFLICT, "Its rules make a difference elsewhere. Look again.".to_owned())
            }
            SaveFailure::Gone => {
                Self::new(StatusCode::CONFLICT, "The story that it changes is not here any more.".to_owned())
            }
            SaveFailure::StaleDraft(_)
            | SaveFailure::Settled(_)
            | SaveFailure::NotYours
            | SaveFailure::TooManyDrafts
            | SaveFailure::Unpaid(_) => {
                Self::new(StatusCode::CONFLICT, "The draft is not what it was. Look at it again.".to_owned())
            }
            SaveFailure::NoSpace(words) => Self::new(StatusCode::INSUFFICIENT_STORAGE, words),
            SaveFailure::Unavailable => Self::away(),
            SaveFailure::Fault => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on this server. It has been logged, and nothing has been done.".to_owned(),
            ),
        }
    }
}
