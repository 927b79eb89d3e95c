//! What stands above the form: why nothing was saved although every field is right, or a calm word.

use super::similar::SimilarStory;
use crate::web::form::contest::Brought;
use crate::web::form::secrets::InField;
use crate::web::form::trial::BlastView;

/// One message above the form.
#[derive(Debug, Clone)]
pub(in crate::web) enum Notice {
    /// Nothing to say.
    None,
    /// It was not saved, and this is why.
    Trouble {
        /// In a few words.
        heading: String,
        /// What to do.
        words: String,
    },
    /// Whoever wrote it is logged out.
    LoggedOut,
    /// Stories that it may be a duplicate of.
    Similar(Vec<SimilarStory>),
    /// Somebody else saved in the meantime: the form holds both now.
    Merge(Merge),
    /// Something that was pasted lets somebody in.
    Secrets(Vec<InField>),
    /// The edit changes what its rules fire on.
    Blast {
        /// On which examples.
        view: BlastView,
        /// What the button sends to say that it has been seen.
        mark: String,
    },
    /// Nothing went wrong: this is good to know.
    Told(Told),
    /// Secrets were masked; none where there were none.
    Masked(Vec<InField>),
}

/// A calm word, and where it leads.
#[derive(Debug, Clone)]
pub(in crate::web) struct Told {
    pub(in crate::web) words: String,
    /// An address of ours, and what the link says.
    pub(in crate::web) link: Option<(String, &'static str)>,
}

/// What was brought together.
#[derive(Debug, Clone)]
pub(in crate::web) struct Merge {
    /// Who saved what.
    pub(super) heading: String,
    /// Where the other text can be read.
    pub(super) stands: Option<String>,
    /// What only the other side changed.
    pub(super) taken: String,
    /// What both changed in different places.
    pub(super) together: String,
    /// What has to be decided: the id of the field, and what the page calls it.
    pub(super) contested: Vec<(&'static str, String)>,
}

impl Merge {
    pub(super) fn new(heading: String, stands: Option<String>, brought: &Brought) -> Self {
        Self {
            heading,
            stands,
            taken: brought.taken.join(", "),
            together: brought.together.join(", "),
            contested: brought.contests.iter().map(|contest| (contest.anchor(), contest.label.clone())).collect(),
        }
    }
}

impl Notice {
    pub(in crate::web) fn trouble(heading: &str, words: &str) -> Self {
        Self::Trouble { heading: heading.to_owned(), words: words.to_owned() }
    }

    pub(in crate::web) fn told(words: impl Into<String>) -> Self {
        Self::Told(Told { words: words.into(), link: None })
    }

    /// Whether nothing is the matter.
    pub(super) fn is_calm(&self) -> bool {
        match self {
            Self::None | Self::Told(_) | Self::Masked(_) => true,
            Self::Trouble { .. }
            | Self::LoggedOut
            | Self::Similar(_)
            | Self::Merge(_)
            | Self::Secrets(_)
            | Self::Blast { .. } => false,
        }
    }
}
