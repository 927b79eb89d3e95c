//! Saving, as form and API share it: bounded in time, with every failure told apart by what the writer can do about it.

use std::time::Duration;

use crate::domain::input::FieldError;
use crate::domain::{Actor, Entry, FailureId, Line, RevisionNumber, Saved, Slug, Story};
use crate::search::Similar;
use crate::service::review::Blast;
use crate::service::review::published::{self, Examined, Purpose, ReviewError, Written};
use crate::service::submit::{self, Submission, SubmitError};
use crate::store::StoreError;
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

async fn within_patience(saving: impl Future<Output = Result<Saved, SubmitError>>) -> Result<Saved, SaveFailure> {
    match tokio::time::timeout(SAVING, saving).await {
        Ok(result) => result.map_err(SaveFailure::from),
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
            SubmitError::Store(StoreError::Unavailable(cause)) => {
                tracing::warn!(%cause, "a story could not be saved: the database is away");
                Self::Unavailable
            }
            SubmitError::Store(cause) => {
                tracing::error!(?cause, "a story could not be saved");
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
            SaveFailure::NoSpace(words) => Self::NoSpace(words),
            SaveFailure::Unavailable => Self::Unavailable("the database is away".into()),
            SaveFailure::Fault => Self::Internal("a story could not be saved".into()),
        }
    }
}

fn list(slugs: &[Slug]) -> String {
    slugs.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
}
