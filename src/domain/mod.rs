//! What Casebook talks about: failures, stories, patterns and their parts. No I/O, no framework, no clock of its own.
//!
//! Values are parsed once, at the edge, and are right from then on: a [`Slug`] that exists is a valid slug.
//! Raw, unchecked counterparts live in [`input`]; every way in (form, API, story file) goes through them.

pub mod invalid;
pub mod slug;
pub mod text;
pub mod moment;
pub mod vocabulary;
pub mod reference;
pub mod rule;
pub mod timeline;
pub mod check;
pub mod provenance;
pub mod fact;
pub mod failure;
pub mod story;
pub mod pattern;
pub mod input;
pub mod revision;
pub mod account;
pub mod policy;
pub mod audit;
pub mod draft;
pub mod picture;
pub mod matching;
pub mod clock;

pub use account::{Account, AccountId, Actor, Email, Letters, Member, Role, Scope, SessionId, TokenId, Via};
pub use audit::{AuditLine, Deed};
pub use check::Check;
pub use draft::{Draft, DraftId, DraftVersion, ImpossibleStep, ReviewEvent, ReviewStep};
pub use fact::Fact;
pub use failure::{Failure, FailureAddress, FailureId, FailureKind, Translation};
pub use invalid::Invalid;
pub use moment::{Moment, Precision};
pub use pattern::Pattern;
pub use picture::{PictureAddress, PictureFormat, PictureId};
pub use policy::{Denial, Local, Permission, Policy, Reading, Submission};
pub use provenance::Provenance;
pub use reference::{Reference, ReferenceKind, WebAddress};
pub use revision::{Entry, Record, Revision, RevisionNumber, Saved, SavedBy, Status};
pub use rule::{AlsoFires, ExampleText, Rule, RuleKind, RuleText};
pub use slug::Slug;
pub use story::{ActionItem, Incident, Story};
pub use text::{Line, Markdown, Title};
pub use timeline::{Marker, TimelineEntry};
pub use vocabulary::{Category, DetectedBy, Language, Severity, Technology, Trigger};
