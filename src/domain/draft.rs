//! A story on its way: written, handed in, talked about, published.

use chrono::{DateTime, Utc};

use super::account::id;
use super::vocabulary::vocabulary;
use super::{AccountId, FailureId, RevisionNumber, Status};

id! {
    /// The id of a draft.
    DraftId
}

/// How often a draft was saved, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftVersion(pub i32);

/// Something that is being written: a new story, or a change of a published one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Stable for ever.
    pub id: DraftId,
    /// The record that it will be, or that it changes.
    pub failure: FailureId,
    /// The revision that it was begun from; none for a new story.
    pub base: Option<RevisionNumber>,
    /// Whose it is; none for a visitor without an account.
    pub author: Option<AccountId>,
    /// Their name when they began.
    pub author_name: String,
    /// `draft` while it is written, `in_review` once handed in, `published` when it became a revision, `withdrawn` when
    /// it was declined or given up.
    pub status: Status,
    /// What it is called so far; may be empty.
    pub title: String,
    /// The form as it was sent, URL-encoded.
    pub form: String,
    /// How often it was saved.
    pub version: DraftVersion,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last saved.
    pub saved_at: DateTime<Utc>,
    /// When it was last handed in.
    pub submitted_at: Option<DateTime<Utc>>,
}

vocabulary! {
    /// What happened to a draft in review.
    ReviewStep: "a step of a review" {
        Submitted = "submitted", "Handed in", "The author handed it in";
        Commented = "commented", "Commented", "Somebody said something about it";
        ChangesAsked = "changes_asked", "Changes asked for", "A reviewer sent it back to be changed";
        TakenBack = "taken_back", "Taken back", "The author took it back to write on";
        Published = "published", "Published", "A reviewer published it";
        Declined = "declined", "Declined", "A reviewer declined it";
    }
}

/// One line of the conversation about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewEvent {
    /// From 1, in the order of time.
    pub n: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, where they have an account.
    pub actor: Option<AccountId>,
    /// Their name at that time.
    pub actor_name: String,
    /// What they did.
    pub step: ReviewStep,
    /// The path of the field that it is about, such as `root_cause`; none for the whole.
    pub field: Option<String>,
    /// What they said; may be empty.
    pub words: String,
}

/// A step that cannot be taken from where a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A draft that is {} cannot be {}.", from.label().to_lowercase(), to.label().to_lowercase())]
pub struct ImpossibleStep {
    /// Where it is.
    pub from: Status,
    /// What was tried.
    pub to: ReviewStep,
}

impl ReviewStep {
    /// The status after this step.
    pub fn after(self, from: Status) -> Result<Status, ImpossibleStep> {
        match (from, self) {
            (Status::Draft, Self::Submitted) => Ok(Status::InReview),
            (Status::InReview, Self::ChangesAsked | Self::TakenBack) => Ok(Status::Draft),
            (Status::InReview, Self::Published) => Ok(Status::Published),
            (Status::InReview, Self::Declined) => Ok(Status::Withdrawn),
            (Status::Draft | Status::InReview, Self::Commented) => Ok(from),
            (
                Status::Draft | Status::InReview | Status::Published | Status::Withdrawn,
                Self::Submitted
                | Self::Commented
                | Self::ChangesAsked
                | Self::TakenBack
                | Self::Published
                | Self::Declined,
            ) => Err(ImpossibleStep { from, to: self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ReviewStep;
    use crate::domain::Status;

    #[test]
    fn what_is_over_stays_as_it_is() {
        for over in [Status::Published, Status::Withdrawn] {
            for step in ReviewStep::ALL {
                assert!(step.after(over).is_err(), "{over} {step}");
            }
        }
    }

    #[test]
    fn nothing_is_published_that_was_not_handed_in() {
        assert!(ReviewStep::Published.after(Status::Draft).is_err());
        assert_eq!(ReviewStep::Submitted.after(Status::Draft), Ok(Status::InReview));
        assert_eq!(ReviewStep::ChangesAsked.after(Status::InReview), Ok(Status::Draft));
        assert_eq!(ReviewStep::Published.after(Status::InReview), Ok(Status::Published));
    }
}
