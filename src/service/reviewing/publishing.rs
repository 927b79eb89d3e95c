//! A draft becomes a story, or a new revision of one.

use super::{StepError, go, is_by};
use crate::domain::clock::Clock;
use crate::domain::{Actor, Draft, DraftId, DraftVersion, Line, ReviewStep, Saved, Story};
use crate::service::submit::{self, Publisher};
use crate::store::review::Said;
use crate::store::{self, Database};

/// What is published, and as what it was looked at.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The draft.
    pub draft: DraftId,
    /// As which version it was looked at.
    pub version: DraftVersion,
    /// What that version says.
    pub story: Story,
    /// What was changed, and why.
    pub note: Option<Line>,
    /// What the reviewer says about it; may be empty.
    pub words: String,
}

/// Publishes a draft that was handed in. The story and the step are one transaction: there is never the one without the
/// other.
pub async fn publish(
    database: &Database,
    clock: &dyn Clock,
    actor: &Actor,
    publication: Publication,
) -> Result<Saved, StepError> {
    let Publication { draft: id, version, story, note, words } = publication;
    let mut transaction = database.begin().await?;
    let draft = store::draft::hold(&mut transaction, id).await?.ok_or(StepError::NotFound)?.draft;
    ReviewStep::Published.after(draft.status)?;
    if draft.version != version {
        return Err(StepError::Changed);
    }
    let remark = remark(&draft, actor);
    let publisher = Publisher { actor, author: draft.author, remark: &remark };
    let saved = match draft.base {
        None => submit::insert(&mut transaction, clock, draft.failure, &story, note.as_ref(), publisher).await?,
        Some(base) => {
            let before = (draft.failure, base);
            submit::replace(&mut transaction, clock, before, &story, note.as_ref(), publisher).await?
        }
    };
    let said = Said { step: ReviewStep::Published, field: None, words: &words };
    go(&mut transaction, clock, actor, &draft, said).await?;
    Database::commit(transaction).await?;
    Ok(saved)
}

/// What the audit log says beside the revision.
fn remark(draft: &Draft, actor: &Actor) -> String {
    if is_by(draft, actor) {
        format!("review/{}, written by the one who published it", draft.id)
    } else {
        format!("review/{}, written by {}", draft.id, draft.author_name)
    }
}
