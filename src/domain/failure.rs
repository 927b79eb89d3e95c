//! A known failure: what stories and patterns have in common.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::vocabulary::vocabulary;
use super::{Category, Check, Invalid, Language, Line, Markdown, Provenance, Reference, Rule, Slug, Technology, Title};

vocabulary! {
    /// The two kinds of known failure.
    FailureKind: "a kind of failure" {
        Story = "story", "Story", "One incident as one team lived it";
        Pattern = "pattern", "Pattern", "A named, recurring failure mode";
    }
}

/// The id of a story or a pattern: never reused, never changed, whatever happens to its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FailureId(pub Uuid);

impl FailureId {
    /// A new id. Version 7, so that ids made later sort later and indexes stay dense.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The last eight hexadecimal digits: enough to tell records of the same title apart in a slug.
    pub fn short(self) -> String {
        let digits = self.0.simple().to_string();
        digits[digits.len() - 8..].to_owned()
    }
}

impl Default for FailureId {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for FailureId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A failure as texts name it: `stories/pods-without-addresses`, `patterns/pod-ip-range-exhausted`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FailureAddress {
    /// Story or pattern.
    pub kind: FailureKind,
    /// Its slug.
    pub slug: Slug,
}

impl FailureAddress {
    /// Parses `stories/…` or `patterns/…`; a slash before it does no harm.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let path = text.trim();
        let path = path.strip_prefix('/').unwrap_or(path);
        let (kind, slug) = match path.split_once('/') {
            Some(("stories", slug)) => (FailureKind::Story, slug),
            Some(("patterns", slug)) => (FailureKind::Pattern, slug),
            _ => return Err(Invalid::new(text, "stories/ or patterns/ and a slug, such as patterns/dns-timeouts")),
        };
        Ok(Self { kind, slug: Slug::parse(slug)? })
    }
}

impl std::fmt::Display for FailureAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let folder = match self.kind {
            FailureKind::Story => "stories",
            FailureKind::Pattern => "patterns",
        };
        write!(f, "{folder}/{}", self.slug)
    }
}

impl TryFrom<String> for FailureAddress {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<FailureAddress> for String {
    fn from(address: FailureAddress) -> Self {
        address.to_string()
    }
}

/// The fields that every known failure has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What it is called.
    pub title: Title,
    /// Two or three sentences for someone in a hurry.
    pub summary: Markdown,
    /// What people and monitors saw.
    pub symptom: Markdown,
    /// Why it happened.
    pub root_cause: Markdown,
    /// What else had to be so for it to happen.
    pub contributing_factors: Vec<Line>,
    /// What ended it, and what keeps it from coming back.
    pub remediation: Markdown,
    /// Machine-checkable statements that recognise it.
    pub rules: Vec<Rule>,
    /// What to run to be sure, and what the output means.
    pub checks: Vec<Check>,
    /// What kind of thing failed.
    pub category: Category,
    /// Software and services involved, without repeats.
    pub technologies: Vec<Technology>,
    /// Where it comes from and where to read on.
    pub references: Vec<Reference>,
    /// Title, summary and symptom in other languages, so that it is found by those who describe it in them.
    pub translations: Vec<Translation>,
    /// Where its text was taken from, when it was not written here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
}

/// Title, summary and symptom in another language. At most one for a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// Which language.
    pub language: Language,
    /// The title in it.
    pub title: Title,
    /// The summary in it; may be empty.
    #[serde(default, skip_serializing_if = "Markdown::is_empty")]
    pub summary: Markdown,
    /// The symptom in it.
    pub symptom: Markdown,
}
