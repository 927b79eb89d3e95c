//! The life of a record: its status, and the revisions that are never changed once saved.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;
use super::{Failure, FailureId, FailureKind, Line, Pattern, Slug, Story};

vocabulary! {
    /// How far along a record is. Only published ones are found, listed and matched.
    Status: "a status" {
        Draft = "draft", "Draft", "Being written";
        InReview = "in_review", "In review", "Waiting for a reviewer";
        Published = "published", "Published", "Live: found, listed and matched";
        Withdrawn = "withdrawn", "Withdrawn", "Taken back; kept with its reason";
    }
}

/// The number of a revision, from 1, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RevisionNumber(pub i32);

impl RevisionNumber {
    /// The first save.
    pub const FIRST: Self = Self(1);

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl std::fmt::Display for RevisionNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A record as it stands: a story or a pattern with its identity and its newest revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry<T> {
    /// Stable for ever.
    pub id: FailureId,
    /// Its present address.
    pub slug: Slug,
    /// How far along it is.
    pub status: Status,
    /// Which revision this is.
    pub revision: RevisionNumber,
    /// When the record was first saved.
    pub created_at: DateTime<Utc>,
    /// When this revision was saved.
    pub updated_at: DateTime<Utc>,
    /// When it was first published.
    pub published_at: Option<DateTime<Utc>>,
    /// The content.
    #[serde(flatten)]
    pub content: T,
}

/// A story or a pattern as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the kinds are documented on FailureKind")]
#[expect(clippy::large_enum_variant, reason = "nearly all records are stories: a box would cost each an allocation")]
pub enum Record {
    Story(Entry<Story>),
    Pattern(Entry<Pattern>),
}

impl Record {
    /// Its id.
    pub fn id(&self) -> FailureId {
        match self {
            Self::Story(entry) => entry.id,
            Self::Pattern(entry) => entry.id,
        }
    }

    /// Story or pattern.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Story(_) => FailureKind::Story,
            Self::Pattern(_) => FailureKind::Pattern,
        }
    }

    /// How far along it is.
    pub fn status(&self) -> Status {
        match self {
            Self::Story(entry) => entry.status,
            Self::Pattern(entry) => entry.status,
        }
    }

    /// Its present address.
    pub fn slug(&self) -> &Slug {
        match self {
            Self::Story(entry) => &entry.slug,
            Self::Pattern(entry) => &entry.slug,
        }
    }

    /// Which revision this is.
    pub fn revision(&self) -> RevisionNumber {
        match self {
            Self::Story(entry) => entry.revision,
            Self::Pattern(entry) => entry.revision,
        }
    }

    /// The fields that stories and patterns share.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Story(entry) => &entry.content.failure,
            Self::Pattern(entry) => &entry.content.failure,
        }
    }
}

/// One line of a record's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// Its number.
    pub number: RevisionNumber,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// The title it had then.
    pub title: String,
    /// Why it was saved, in the words of whoever did.
    pub note: Option<Line>,
    /// Who saved it.
    pub by: SavedBy,
}

/// Who saved a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum SavedBy {
    /// Somebody with an account; their name today.
    Member(String),
    /// Somebody whose account is gone.
    FormerMember,
    /// An import, from a file.
    Import,
    /// Somebody at the machine that Casebook runs on.
    ThisMachine,
}

impl std::fmt::Display for SavedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Member(name) => name,
            Self::FormerMember => "a former member",
            Self::Import => "imported",
            Self::ThisMachine => "this machine",
        })
    }
}

/// What a save left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// The record.
    pub id: FailureId,
    /// Story or pattern.
    pub kind: FailureKind,
    /// Its address after the save.
    pub slug: Slug,
    /// The revision that holds what was saved.
    pub revision: RevisionNumber,
}
