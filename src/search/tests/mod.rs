//! The room as the others see it: a small library of made-up failures, searched, matched, changed and damaged.

mod cutting;
mod following;
mod library;
mod matching;
mod proving;
mod scoring;
mod searching;
mod wording;
mod unrelated;

use chrono::DateTime;
use uuid::Uuid;

use super::{Checkpoint, Document, SearchIndex};
use crate::domain::matching::{Card, Field, Link};
use crate::domain::{Category, FailureId, FailureKind, Moment, Severity, Slug, Technology};

/// A made-up failure, in the fewest words that make a document.
pub(super) struct Made {
    pub(super) kind: FailureKind,
    pub(super) slug: &'static str,
    pub(super) title: &'static str,
    pub(super) symptom: &'static str,
    pub(super) root_cause: &'static str,
    pub(super) category: Category,
    pub(super) technologies: &'static [&'static str],
    /// Organization, severity and beginning, of a story.
    pub(super) incident: Option<(&'static str, Severity, &'static str)>,
    /// The pattern that a story is an instance of.
    pub(super) pattern: Option<&'static str>,
}

impl Made {
    /// The id is made of the slug, so that a second version replaces the first.
    pub(super) fn id(&self) -> FailureId {
        let mut bytes = [0_u8; 16];
        for (place, byte) in self.slug.bytes().enumerate() {
            bytes[place % 16] = bytes[place % 16].wrapping_mul(31).wrapping_add(byte);
        }
        FailureId(Uuid::from_bytes(bytes))
    }

    pub(super) fn document(&self) -> Document {
        let started_at = self.incident.map(|(_, _, at)| Moment::parse(at).expect("a date"));
        let card = Card {
            id: self.id(),
            kind: self.kind,
            slug: Slug::parse(self.slug).expect("a slug"),
            title: self.title.lines().next().expect("a title").to_owned(),
            summary: String::new(),
            root_cause: self.root_cause.to_owned(),
            remediation: String::new(),
            category: self.category,
            technologies: self.technologies.iter().map(|tag| Technology::parse(tag).expect("a tag")).collect(),
            organization: self.incident.map(|(name, _, _)| name.to_owned()),
            severity: self.incident.map(|(_, severity, _)| severity),
            started_at,
            duration: None,
            patterns: self
                .pattern
                .map(|slug| Link { slug: Slug::parse(slug).expect("a slug"), title: slug.replace('-', " ") })
                .into_iter()
                .collect(),
            checks: Vec::new(),
            instances: 0,
            updated_at: DateTime::from_timestamp(1_700_000_000 + self.slug.len() as i64, 0).expect("a time"),
            translations: Vec::new(),
            language: None,
        };
        let texts = [(Field::Title, self.title), (Field::Symptom, self.symptom), (Field::RootCause, self.root_cause)];
        Document {
            card,
            texts: texts.map(|(field, text)| (field, text.to_owned())).into(),
            year: started_at.map(Moment::year),
            rules: Vec::new(),
        }
    }
}

pub(super) fn change(made: &Made) -> (FailureId, Option<Document>) {
    (made.id(), Some(made.document()))
}

pub(super) fn at(n: i64) -> Checkpoint {
    Checkpoint { n, token: Uuid::from_u128(n.unsigned_abs().into()) }
}

/// The whole made-up library, in memory.
pub(super) fn whole() -> SearchIndex {
    let index = SearchIndex::in_memory().expect("an index");
    index.apply(library::LIBRARY.iter().map(change).collect(), at(1)).expect("applied");
    index
}
