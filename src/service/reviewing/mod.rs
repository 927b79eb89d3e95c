//! Drafts on their way to being published, step by step: each is one transaction with what is said, where the draft
//! stands, the line of the audit log and the letters.

mod letters;
mod publishing;
pub mod work;

pub use publishing::{Publication, publish};

use crate::domain::clock::Clock;
use crate::domain::{Actor, Deed, Draft, DraftId, DraftVersion, ImpossibleStep, ReviewStep};
use crate::service::submit::SubmitError;
use crate::store::review::{self, Said};
use crate::store::{self, Connection, Database, StoreError};

/// Why a step was not taken. Nothing was written in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// There is no such draft.
    #[error("There is no such draft.")]
    NotFound,
    /// It is elsewhere on its way: somebody was quicker.
    #[error(transparent)]
    Impossible(#[from] ImpossibleStep),
    /// The author saved it since it was looked at.
    #[error("The draft was changed since you opened this page. Look at it as it is now.")]
    Changed,
    /// Only who wrote it may.
    #[error("Only the author of a draft can do that.")]
    NotYours,
    /// Nobody could change what would be asked for.
    #[error(
        "It was handed in without an account, so nobody could make the changes. Publish it and edit it, or decline it."
    )]
    NobodyToAsk,
    /// It could not be published.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A step with what is said about it.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The draft.
    pub draft: DraftId,
    /// As which version it was looked at.
    pub version: DraftVersion,
    /// The path of the field that is talked about; none for the whole.
    pub field: Option<&'a str>,
    /// What is said.
    pub words: &'a str,
}

/// Hands a draft in, in a transaction of the caller's. `words` is what the author says to the reviewers; may be empty.
/// A visitor without an account hands in what was kept in the same transaction.
pub async fn submit(
    connection: &mut Connection,
    clock: &dyn Clock,
    actor: &Actor,
    id: DraftId,
    words: &str,
) -> Result<(), StepError> {
    let draft = store::draft::hold(connection, id).await?.ok_or(StepError::NotFound)?.draft;
    let is_theirs = match actor {
        Actor::Anonymous => draft.author.is_none(),
        Actor::Member(_) | Actor::ThisMachine => is_by(&draft, actor),
    };
    if !is_theirs {
        return Err(StepError::NotYours);
    }
    let said = Said { step: ReviewStep::Submitted, field: None, words };
    go(connection, clock, actor, &draft, said).await?;
    Ok(())
}

/// Says something about a draft. It stays where it is.
pub async fn comment(database: &Database, clock: &dyn Clock, actor: &Actor, step: Step<'_>) -> Result<i32, StepError> {
    take(database, clock, actor, ReviewStep::Commented, step).await
}

/// Sends a draft back to its author to be changed.
pub async fn ask_for_changes(
    database: &Database,
    clock: &dyn Clock,
    actor: &Actor,
    step: Step<'_>,
) -> Result<i32, StepError> {
    take(database, clock, actor, ReviewStep::ChangesAsked, step).await
}

/// Takes one's own draft back, to write on.
pub async fn take_back(
    database: &Database,
    clock: &dyn Clock,
    actor: &Actor,
    step: Step<'_>,
) -> Result<i32, StepError> {
    take(database, clock, actor, ReviewStep::TakenBack, step).await
}

/// Declines a draft for good; the words are the reason.
pub async fn decline(database: &Database, clock: &dyn Clock, actor: &Actor, step: Step<'_>) -> Result<i32, StepError> {
    take(database, clock, actor, ReviewStep::Declined, step).await
}

/// Whether somebody wrote a draft. What a visitor without an account handed in is nobody's afterwards.
pub fn is_by(draft: &Draft, actor: &Actor) -> bool {
    match actor {
        Actor::Member(member) => draft.author == Some(member.account),
        Actor::ThisMachine | Actor::Anonymous => draft.author.is_none() && draft.author_name == actor.name(),
    }
}

/// Whether somebody could go on writing a draft that is sent back.
pub fn has_author(draft: &Draft) -> bool {
    draft.author.is_some() || draft.author_name == Actor::ThisMachine.name()
}

async fn take(
    database: &Database,
    clock: &dyn Clock,
    actor: &Actor,
    kind: ReviewStep,
    step: Step<'_>,
) -> Result<i32, StepError> {
    let mut transaction = database.begin().await?;
    let draft = store::draft::hold(&mut transaction, step.draft).await?.ok_or(StepError::NotFound)?.draft;
    kind.after(draft.status)?;
    if kind == ReviewStep::TakenBack && !is_by(&draft, actor) {
        return Err(StepError::NotYours);
    }
    if kind == ReviewStep::ChangesAsked && !has_author(&draft) {
        return Err(StepError::NobodyToAsk);
    }
    // What is said of a field is right whatever becomes of the others; a decision is about what was seen.
    if matches!(kind, ReviewStep::ChangesAsked | ReviewStep::Declined) && draft.version != step.version {
        return Err(StepError::Changed);
    }
    let said = Said { step: kind, field: step.field, words: step.words };
    let n = go(&mut transaction, clock, actor, &draft, said).await?;
    Database::commit(transaction).await?;
    Ok(n)
}

/// Takes a step from where a draft is held, and gives the number of its event.
async fn go(
    connection: &mut Connection,
    clock: &dyn Clock,
    actor: &Actor,
    draft: &Draft,
    said: Said<'_>,
) -> Result<i32, StepError> {
    let (now, status) = (clock.now(), said.step.after(draft.status)?);
    if status != draft.status && !review::move_on(connection, draft, status, now).await? {
        return Err(StepError::Changed);
    }
    let n = review::say(connection, draft.id, (actor.account(), name(actor, draft)), said, now).await?;
    if let Some(deed) = deed(said.step) {
        let subject = format!("review/{}", draft.id);
        store::audit::append(connection, actor, deed, &subject, &remark(draft, said.words), now).await?;
    }
    letters::tell(connection, actor, draft, said, now).await?;
    Ok(n)
}

/// What the audit log says of a draft: its title, and what was said.
fn remark(draft: &Draft, words: &str) -> String {
    let title = if draft.title.is_empty() { "Untitled" } else { &draft.title };
    if words.is_empty() { title.to_owned() } else { format!("{title}: {words}") }
}

/// What somebody is called in the conversation: a visitor as they want to be.
fn name<'a>(actor: &'a Actor, draft: &'a Draft) -> &'a str {
    if *actor == Actor::Anonymous { &draft.author_name } else { actor.name() }
}

/// What the audit log says of a step here; that something was published, it says of the story.
fn deed(step: ReviewStep) -> Option<Deed> {
    match step {
        ReviewStep::Submitted => Some(Deed::Submitted),
        ReviewStep::ChangesAsked => Some(Deed::ChangesAsked),
        ReviewStep::TakenBack => Some(Deed::TakenBack),
        ReviewStep::Declined => Some(Deed::Declined),
        ReviewStep::Commented | ReviewStep::Published => None,
    }
}
