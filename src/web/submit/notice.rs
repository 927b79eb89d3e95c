//! What stands above the form when a save came to nothing although every field is right.

use super::similar::SimilarStory;
use crate::domain::{Entry, RevisionNumber, Story};
use crate::web::diff::{self, FieldDiff};
use crate::web::form::secrets::InExample;
use crate::web::form::trial::BlastView;

/// One message above the form.
#[derive(Debug, Clone)]
pub(super) enum Notice {
    /// Nothing to say.
    None,
    /// It was not saved, and this is why.
    Trouble {
        /// In a few words.
        heading: String,
        /// What to do.
        words: String,
    },
    /// Stories that it may be a duplicate of.
    Similar(Vec<SimilarStory>),
    /// Somebody else saved in the meantime.
    Stale(Stale),
    /// Examples hold what lets somebody in.
    Secrets(Vec<InExample>),
    /// The edit changes what its rules fire on.
    Blast {
        /// On which examples.
        view: BlastView,
        /// What the button sends to say that it has been seen.
        mark: String,
    },
}

/// What saving now would change in the story as it stands.
#[derive(Debug, Clone)]
pub(super) struct Stale {
    pub(super) revision: RevisionNumber,
    pub(super) url: String,
    /// The fields that differ.
    pub(super) fields: Vec<FieldDiff>,
}

impl Notice {
    pub(super) fn trouble(heading: &str, words: &str) -> Self {
        Self::Trouble { heading: heading.to_owned(), words: words.to_owned() }
    }
}

impl Stale {
    pub(super) fn new(current: &Entry<Story>, yours: &Story) -> Self {
        let fields = diff::compare(&current.content, yours);
        Self {
            revision: current.revision,
            url: format!("/stories/{}", current.slug),
            fields: fields.into_iter().filter(FieldDiff::is_changed).collect(),
        }
    }
}
