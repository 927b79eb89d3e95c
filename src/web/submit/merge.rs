//! The form in which two people's words are brought together, since one saved while the other was writing.

use actix_web::http::StatusCode;
use actix_web::web;

use super::State;
use super::notice::{Merge, Notice};
use super::page::Reply;
use super::turn::fault;
use crate::domain::input::StoryInput;
use crate::domain::{Draft, Entry, RevisionNumber, Story};
use crate::merging;
use crate::store;
use crate::web::form::Filled;
use crate::web::form::contest::Brought;
use crate::web::form::view::Mode;

/// Brings a form together with the story as it stands by now. To save once more is then to save on top of it.
pub(super) async fn with_story(
    state: &State,
    mode: Mode,
    mut filled: Filled,
    current: Entry<Story>,
    yours: Option<&Story>,
) -> Box<Reply> {
    // A form without a base was sent before and gone back to: it began from what was saved first.
    let number = filled.base.unwrap_or(RevisionNumber::FIRST);
    let base = state.reading(async |connection| store::story::at_revision(connection, filled.id, number).await).await;
    let base = base.inspect_err(|error| tracing::warn!(%error, "the base of a merge could not be read")).ok().flatten();
    let base = base.map(|entry| StoryInput::from(&entry.content));
    // As it would have been stored, so that a space at the end of a line is no change.
    let yours = yours.map_or_else(|| filled.input.clone(), StoryInput::from);
    let theirs = StoryInput::from(&current.content);
    let Some(brought) = bring(base, yours, theirs).await else { return fault(mode, filled) };
    filled.base = Some(current.revision);
    let mode = match mode {
        Mode::New | Mode::Edit(_) => Mode::Edit(current.slug.clone()),
        Mode::Draft(id) => Mode::Draft(id),
    };
    let heading = format!("Someone saved revision {} while you were writing", current.revision);
    reply(mode, filled, heading, Some(format!("/stories/{}", current.slug)), brought)
}

/// Brings a form together with the draft as another page saved it. What both began from nobody knows any more: all that
/// either says is kept.
pub(super) async fn with_draft(mode: Mode, mut filled: Filled, theirs: Draft) -> Box<Reply> {
    let Ok(read) = Filled::of(&theirs) else { return fault(mode, filled) };
    let Some(brought) = bring(None, filled.input.clone(), read.input).await else { return fault(mode, filled) };
    filled.seen = theirs.version;
    let at = theirs.saved_at.format("%H:%M UTC");
    let heading = format!("This draft was saved from another page at {at}");
    let stands = (mode != Mode::Draft(theirs.id)).then(|| format!("/drafts/{}", theirs.id));
    reply(mode, filled, heading, stands, brought)
}

/// Merging takes a while where the texts are long: not on the thread that answers everybody else.
async fn bring(base: Option<StoryInput>, yours: StoryInput, theirs: StoryInput) -> Option<Brought> {
    let merged = web::block(move || Brought::from(merging::merge(base.as_ref(), &yours, &theirs))).await;
    merged.inspect_err(|cause| tracing::error!(%cause, "two texts could not be merged")).ok()
}

fn reply(mode: Mode, mut filled: Filled, heading: String, stands: Option<String>, brought: Brought) -> Box<Reply> {
    let notice = Notice::Merge(Merge::new(heading, stands, &brought));
    filled.input = brought.input;
    // What was accepted was accepted for another text.
    filled.blast.clear();
    Reply::new(mode, filled).with_contests(brought.contests).with_notice(StatusCode::CONFLICT, notice)
}
