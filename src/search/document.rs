//! What is indexed of a failure, and the mark that says up to which change the index has come.

use serde::Serialize;
use tantivy::TantivyDocument;
use uuid::Uuid;

use super::error::SearchError;
use super::schema::{self, Fields, HAS_RULES, Key};
use super::tokenizer::{count, cut};
use crate::domain::Rule;
use crate::domain::matching::{Card, Field};

/// A failure as the index takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What lists show.
    pub card: Card,
    /// Plain text by field. A field may come more than once (a title and its translation).
    pub texts: Vec<(Field, String)>,
    /// The year of the incident, for the facet.
    pub year: Option<i32>,
    /// Its detection rules, without their examples: what a node needs to run them.
    pub rules: Vec<Rule>,
}

/// The change that an index has reached: its number and the token of its row.
/// A restored older database has another token at the same number, which is how a node notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of the last change that is in the index.
    pub n: i64,
    /// The token of that change.
    pub token: Uuid,
}

impl std::fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.n, self.token)
    }
}

impl Checkpoint {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (n, token) = text.split_once(':')?;
        Some(Self { n: n.parse().ok()?, token: Uuid::parse_str(token).ok()? })
    }
}

/// A plain text as it is stored beside the card, for snippets and comparisons: its field's place in
/// [`super::schema::TEXT_FIELDS`] as a letter, then the text, so that a search reads it as it stands.
fn stored_text(place: StoredField, text: &str) -> String {
    format!("{}{text}", schema::letter(place))
}

/// The place of its field and the text, as they were stored.
pub(super) fn read_text(stored: &str) -> Option<(StoredField, &str)> {
    let letter = stored.bytes().next()?;
    Some((letter.checked_sub(b'A')?.into(), stored.get(1..)?))
}

/// How often the terms of a text are put into the field over all texts: what tells one failure from the others counts
/// more, and is weighed against the length of the whole document (BM25F, by repetition).
const fn weight(field: Field) -> usize {
    match field {
        Field::Title | Field::Aliases | Field::Symptom => 2,
        Field::Summary
        | Field::RootCause
        | Field::Remediation
        | Field::Rules
        | Field::Details
        | Field::Tags
        | Field::Pattern => 1,
    }
}

/// The field's place in [`super::schema::TEXT_FIELDS`].
pub(super) type StoredField = usize;

impl Document {
    pub(super) fn into_tantivy(self, fields: &Fields) -> Result<TantivyDocument, SearchError> {
        let card = self.card;
        let mut document = TantivyDocument::new();
        add_key(&mut document, fields, Key::Id, &card.id.to_string());
        add_key(&mut document, fields, Key::Address, &schema::address(card.kind, &card.slug));
        add_key(&mut document, fields, Key::Kind, card.kind.as_str());
        add_key(&mut document, fields, Key::Category, card.category.as_str());
        document.add_text(fields.category, card.category.as_str());
        for technology in &card.technologies {
            add_key(&mut document, fields, Key::Technology, technology.as_str());
            document.add_text(fields.technology, technology.as_str());
        }
        if let Some(severity) = card.severity {
            add_key(&mut document, fields, Key::Severity, severity.as_str());
            document.add_text(fields.severity, severity.as_str());
        }
        if let Some(organization) = &card.organization {
            add_key(&mut document, fields, Key::Organization, &organization.to_lowercase());
            document.add_text(fields.organization, organization);
        }
        if let Some(year) = self.year {
            document.add_i64(fields.year, i64::from(year));
        }
        if let Some(started) = card.started_at {
            document.add_i64(fields.started, started.start().timestamp());
        }
        document.add_i64(fields.updated, card.updated_at.timestamp_micros());
        document.add_text(fields.title_order, card.title.to_lowercase());
        for pattern in &card.patterns {
            add_key(&mut document, fields, Key::Pattern, pattern.slug.as_str());
        }
        let mut title_length = 0;
        for (field, text) in self.texts {
            let place = fields.place(field);
            let mut terms = cut(&text);
            if field == Field::Title {
                title_length += count(&terms);
            }
            for _ in 0..weight(field) {
                document.add_text(fields.all, &terms);
            }
            terms.insert(0, schema::letter(place));
            document.add_text(fields.texts, terms);
            document.add_text(fields.stored_texts, stored_text(place, &text));
        }
        document.add_u64(fields.title_length, title_length);
        if !self.rules.is_empty() {
            add_key(&mut document, fields, Key::Rules, HAS_RULES);
            document.add_text(fields.rules, to_json(&self.rules)?);
        }
        document.add_text(fields.card, to_json(&card)?);
        Ok(document)
    }
}

fn add_key(document: &mut TantivyDocument, fields: &Fields, key: Key, value: &str) {
    document.add_text(fields.keys, schema::key_text(key, value));
}

fn to_json<T: Serialize>(value: &T) -> Result<String, SearchError> {
    serde_json::to_string(value).map_err(|error| SearchError::Engine {
        doing: "write a document to",
        source: tantivy::TantivyError::InvalidArgument(error.to_string()),
    })
}
