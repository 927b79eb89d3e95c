//! A draft is handed in for review, by an author or by a visitor without an account.

use super::{DraftError, keep_in};
use crate::domain::clock::Clock;
use crate::domain::{Actor, DraftId, DraftVersion, Line, Status, Story};
use crate::service::reviewing::work::{self, Price, WorkError};
use crate::service::reviewing::{self, StepError};
use crate::service::submit::{SubmitError, refuse_unknown_patterns};
use crate::store::draft::{self, Owner, Writing};
use crate::store::{self, Connection, Database, StoreError};

/// A draft that is handed in. The story is what its form says, found right.
#[derive(Debug, Clone)]
pub struct HandedIn {
    /// What is kept.
    pub writing: Writing,
    /// The version that the page had.
    pub seen: DraftVersion,
    /// What the form says.
    pub story: Story,
    /// What its author wants to say to the reviewers.
    pub note: Option<Line>,
    /// What a visitor without an account wants to be called.
    pub author_name: Option<Line>,
    /// What a visitor without an account gives for it.
    pub price: Option<Price>,
}

/// Why a draft was not handed in.
#[derive(Debug, thiserror::Error)]
pub enum HandInError {
    /// It could not be saved.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// What it says could not be published.
    #[error(transparent)]
    Story(#[from] SubmitError),
    /// A visitor's machine has not worked for it.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// It is elsewhere on its way.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<StoreError> for HandInError {
    fn from(error: StoreError) -> Self {
        Self::Draft(DraftError::Store(error))
    }
}

/// Saves a draft as it is and hands it in: draft, conversation, audit log and letters in one transaction.
/// Handed in twice, it is handed in once.
pub async fn hand_in(
    database: &Database,
    clock: &dyn Clock,
    actor: &Actor,
    handed: HandedIn,
) -> Result<DraftId, HandInError> {
    let id = handed.writing.id;
    let mut transaction = database.begin().await?;
    if is_handed_in(&mut transaction, actor, &handed).await? {
        return Ok(id);
    }
    refuse_what_is_old(&mut transaction, &handed.writing).await?;
    refuse_unknown_patterns(&mut transaction, &handed.story.patterns).await?;
    match Owner::of(actor) {
        Some(owner) => {
            keep_in(&mut transaction, clock, &owner, &handed.writing, handed.seen).await?;
        }
        None => {
            work::pay(&mut transaction, clock.now(), handed.price.as_ref().ok_or(WorkError::Missing)?).await?;
            if !draft::insert(&mut transaction, None, &visitor(&handed), &handed.writing, clock.now()).await? {
                return Err(DraftError::NotFound.into());
            }
        }
    }
    let words = handed.note.as_ref().map_or("", Line::as_str);
    reviewing::submit(&mut transaction, clock, actor, id, words).await?;
    Database::commit(transaction).await?;
    Ok(id)
}

/// Whether the very same has been handed in already: a form sent twice.
async fn is_handed_in(connection: &mut Connection, actor: &Actor, handed: &HandedIn) -> Result<bool, StoreError> {
    let found = draft::find(connection, handed.writing.id).await?;
    Ok(found.is_some_and(|found| {
        let is_theirs = Owner::of(actor).map_or(found.author.is_none(), |owner| owner.has(&found));
        is_theirs && found.status == Status::InReview && found.form == handed.writing.form
    }))
}

/// A change has to be one of the newest revision, and a new story new.
async fn refuse_what_is_old(connection: &mut Connection, writing: &Writing) -> Result<(), SubmitError> {
    let current = store::story::find(connection, writing.failure).await?;
    match (current, writing.base) {
        (Some(current), base) if base != Some(current.revision) => {
            Err(SubmitError::Stale { current: Box::new(current) })
        }
        (None, Some(_)) => Err(SubmitError::NotFound),
        (Some(_) | None, _) => Ok(()),
    }
}

/// What a visitor is called. The name of those at this machine is not for strangers: drafts are found by it.
fn visitor(handed: &HandedIn) -> String {
    let name = handed.author_name.as_ref().map(Line::as_str);
    name.filter(|name| *name != Actor::ThisMachine.name()).unwrap_or(Actor::Anonymous.name()).to_owned()
}
