//! Saving, as form and API share it: bounded in time, with every failure told apart by what the writer can do about it.

use std::time::Duration;

use crate::domain::input::FieldError;
use crate::domain::{
    Actor, Draft, DraftId, DraftVersion, Entry, FailureId, Line, RevisionNumber, Saved, Slug, Status, Story,
};
use crate::search::Similar;
use crate::service::draft::submit::{HandInError, HandedIn};
use crate::service::draft::{self, DraftError};
use crate::service::review::Blast;
use crate::service::review::published::{self, Examined, Purpose, ReviewError, Written};
use crate::service::reviewing::StepError;
use crate::service::reviewing::work::WorkError;
use crate::service::submit::{self, Submission, SubmitError};
use crate::store::StoreError;
use crate::store::draft::{Owner, Writing};
use crate::web::error::PageError;
use crate::web::state::AppState;

/// The longest a save may take. One that was cut off may be repeated: the id, or the equal content, makes it one.
const SAVING: Duration = Duration::from_secs(4);

/// The longest that a review of rules may take: everything published is read for it, and promtool may be asked.
const REVIEWING: Duration = Duration::from_secs(30);

/// Why nothing was saved.
#[derive(Debug)]
pub enum SaveFailure {
    /// Somebody saved a newer revision in the meantime.
    Stale(Box<Entry<Story>>),
    /// The story names patterns that do not exist.
    UnknownPatterns(FieldError),
    /// The review of the rules found something to mend first.
    Refused(Box<Examined>),
    /// The edit changes what its rules fire on, which has not been seen.
    Unseen(Box<Blast>),
    /// The record is not there, or is no story.
    Gone,
    /// The disk is nearly full; the words say how full.
    NoSpace(String),
    /// The draft was saved from another page in the meantime.
    StaleDraft(Box<Draft>),
    /// The draft is no longer being written.
    Settled(Status),
    /// The draft is somebody else's, or nobody's.
    NotYours,
    /// So many drafts nobody writes at once.
    TooManyDrafts,
    /// What a visitor without an account gives for a submission is missing, or not good; the words say why.
    Unpaid(String),
    /// The database is away.
    Unavailable,
    /// A fault of ours, which has been logged.
    Fault,
}

/// How alike two stories are, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Similarity(f32);

impl Similarity {
    /// From here a person would call it the same incident.
    pub const LIKELY_THE_SAME: Self = Self(0.5);
    /// From here it is worth a look.
    pub const RELATED: Self = Self(0.3);
}

/// How many similar stories are shown.
const MOST_SIMILAR: usize = 3;

/// Reviews rules without saving anything.
pub async fn examine(
    state: &AppState,
    id: FailureId,
    written: Written,
    purpose: Purpose,
) -> Result<Examined, SaveFailure> {
    let reviewing = async {
        let mut connection = state.database.connection().await?;
        published::examine(&mut connection, state.clock.now(), id, written, purpose).await
    };
    match tokio::time::timeout(REVIEWING, reviewing).await {
        Ok(Ok(examined)) => Ok(examined),
        Ok(Err(ReviewError::Store(error))) => Err(SaveFailure::from(SubmitError::Store(error))),
        Ok(Err(ReviewError::Thread(cause))) => {
            tracing::error!(?cause, "rules could not be reviewed");
            Err(SaveFailure::Fault)
        }
        Err(_elapsed) => Err(SaveFailure::Unavailable),
    }
}

/// Saves and publishes a new story, once its rules do what their examples want.
pub async fn publish(state: &AppState, submission: Submission) -> Result<Saved, SaveFailure> {
    approve(state, submission.id, &submission.story).await?;
    let _writing = state.pages.writing();
    let saving = async {
        submit::ensure_space(&state.settings.data)?;
        submit::submit(&state.database, &*state.clock, submission).await
    };
    within_patience(saving).await
}

/// Saves a new revision, once its rules do what their examples want, and what they change elsewhere has been seen:
/// `seen` is [`Blast::mark`].
pub async fn revise(
    state: &AppState,
    id: FailureId,
    base: RevisionNumber,
    story: Story,
    note: Option<Line>,
    by: &Actor,
    seen: &str,
) -> Result<Saved, SaveFailure> {
    let blast = approve(state, id, &story).await?;
    if !blast.is_empty() && blast.mark() != seen {
        return Err(SaveFailure::Unseen(Box::new(blast)));
    }
    let _writing = state.pages.writing();
    let saving = async {
        submit::ensure_space(&state.settings.data)?;
        submit::revise(&state.database, &*state.clock, id, base, story, note, by).await
    };
    within_patience(saving).await
}

/// Hands a draft in for review, once what it says could be published; `seen` as in [`revise`].
pub async fn hand_in(state: &AppState, by: &Actor, handed: HandedIn, seen: &str) -> Result<DraftId, SaveFailure> {
    let blast = approve(state, handed.writing.failure, &handed.story).await?;
    if handed.writing.base.is_some() && !blast.is_empty() && blast.mark() != seen {
        return Err(SaveFailure::Unseen(Box::new(blast)));
    }
    let saving = async {
        submit::ensure_space(&state.settings.data)?;
        draft::submit::hand_in(&state.database, &*state.clock, by, handed).await
    };
    within_patience(saving).await
}

/// Keeps a draft as it is.
pub async fn keep(
    state: &AppState,
    owner: &Owner,
    writing: &Writing,
    seen: DraftVersion,
) -> Result<DraftVersion, SaveFailure> {
    let saving = async {
        submit::ensure_space(&state.settings.data)?;
        Ok(draft::keep(&state.database, &*state.clock, owner, writing, seen).await?)
    };
    within_patience::<_, HandInError>(saving).await
}

async fn approve(state: &AppState, id: FailureId, story: &Story) -> Result<Blast, SaveFailure> {
    let examined = examine(state, id, Written::from(story), Purpose::Save).await?;
    if examined.errors.is_empty() { Ok(examined.effect.blast) } else { Err(SaveFailure::Refused(Box::new(examined))) }
}

/// The known stories that are at least so similar to a title and a symptom, most similar first. An index that fails is no reason to refuse
/// a story: it is logged, and nothing is similar.
pub async fn similar(state: &AppState, title: String, symptom: String, least: Similarity) -> Vec<Similar> {
    match state.searching(move |index| index.similar(&title, &symptom, MOST_SIMILAR)).await {
        Ok(found) => found.into_iter().filter(|one| one.similarity >= least.0).collect(),
        Err(error) => {
            tracing::warn!(%error, "similar stories could not be looked up");
            Vec::new()
        }
    }
}

async fn within_patience<T, E: Into<SaveFailure>>(
    saving: impl Future<Output = Result<T, E>>,
) -> Result<T, SaveFailure> {
    match tokio::time::timeout(SAVING, saving).await {
        Ok(result) => result.map_err(Into::into),
        Err(_elapsed) => Err(SaveFailure::Unavailable),
    }
}

impl From<SubmitError> for SaveFailure {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Stale { current } => Self::Stale(current),
            SubmitError::UnknownPatterns(slugs) => Self::UnknownPatterns(FieldError {
                field: "patterns".to_owned(),
                message: format!("found {}; expected patterns that exist", list(&slugs)),
            }),
            SubmitError::NotFound => Self::Gone,
            SubmitError::NoSpace { .. } => Self::NoSpace(format!("Nothing has been saved: {error}.")),
            SubmitError::Store(error) => Self::of_store(error),
        }
    }
}

impl From<DraftError> for SaveFailure {
    fn from(error: DraftError) -> Self {
        Self::from(HandInError::Draft(error))
    }
}

impl From<HandInError> for SaveFailure {
    fn from(error: HandInError) -> Self {
        match error {
            HandInError::Story(error) => error.into(),
            HandInError::Work(WorkError::Store(error)) => Self::of_store(error),
            HandInError::Work(
                error
                @ (WorkError::Missing | WorkError::Old | WorkError::Wrong | WorkError::Spent | WorkError::TooMany),
            ) => Self::Unpaid(error.to_string()),
            HandInError::Step(StepError::Submit(error)) => error.into(),
            HandInError::Step(StepError::Store(error)) => Self::of_store(error),
            HandInError::Step(StepError::NotFound | StepError::NotYours | StepError::NobodyToAsk) => Self::NotYours,
            HandInError::Step(StepError::Impossible(step)) => Self::Settled(step.from),
            HandInError::Step(StepError::Changed) => Self::Settled(Status::Draft),
            HandInError::Draft(DraftError::Stale(draft)) => Self::StaleDraft(draft),
            HandInError::Draft(DraftError::Settled(status)) => Self::Settled(status),
            HandInError::Draft(DraftError::NotFound) => Self::NotYours,
            HandInError::Draft(DraftError::TooMany) => Self::TooManyDrafts,
            HandInError::Draft(DraftError::Store(error)) => Self::of_store(error),
        }
    }
}

impl SaveFailure {
    fn of_store(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => {
                tracing::warn!(%cause, "nothing could be saved: the database is away");
                Self::Unavailable
            }
            cause @ (StoreError::Address { .. }
            | StoreError::Migration { .. }
            | StoreError::Stale { .. }
            | StoreError::Inconsistent { .. }
            | StoreError::Query(_)) => {
                tracing::error!(?cause, "nothing could be saved");
                Self::Fault
            }
        }
    }
}

/// For the API, which has no form to show again.
impl From<SaveFailure> for PageError {
    fn from(failure: SaveFailure) -> Self {
        match failure {
            SaveFailure::Stale(current) => {
                Self::Conflict(format!("The story is at revision {} by now.", current.revision))
            }
            SaveFailure::UnknownPatterns(error) => Self::Invalid(vec![error]),
            SaveFailure::Refused(examined) => Self::Invalid(examined.errors),
            SaveFailure::Unseen(_) => Self::Conflict("The change makes rules fire elsewhere, or no more.".to_owned()),
            SaveFailure::Gone => Self::Conflict("The id belongs to something that is no story.".to_owned()),
            SaveFailure::StaleDraft(_) => {
                Self::Conflict("This draft was saved from another page in the meantime.".to_owned())
            }
            SaveFailure::Settled(status) => {
                Self::Conflict(format!("This draft is {}; it cannot be saved.", status.label().to_lowercase()))
            }
            SaveFailure::NotYours => Self::NotFound("draft of that name".to_owned()),
            SaveFailure::TooManyDrafts => Self::Conflict(format!("You have {} drafts already.", draft::MOST_OPEN)),
            SaveFailure::Unpaid(words) => Self::Invalid(vec![FieldError { field: "proof".to_owned(), message: words }]),
            SaveFailure::NoSpace(words) => Self::NoSpace(words),
            SaveFailure::Unavailable => Self::Unavailable("the database is away".into()),
            SaveFailure::Fault => Self::Internal("a story could not be saved".into()),
        }
    }
}

fn list(slugs: &[Slug]) -> String {
    slugs.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
}
