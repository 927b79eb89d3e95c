//! The fields of the index and the number of their arrangement.

use tantivy::Term;
use tantivy::schema::{
    Field as TantivyField, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use super::tokenizer;
use crate::domain::matching::Field;
use crate::domain::{FailureKind, Slug};

/// Counts the arrangements of fields and tokens. Raise it whenever either changes: an index of another number is rebuilt.
pub(super) const VERSION: u32 = 8;

/// The kinds of text in the order of their places.
pub(super) const TEXT_FIELDS: [Field; 10] = [
    Field::Title,
    Field::Aliases,
    Field::Symptom,
    Field::Summary,
    Field::RootCause,
    Field::Remediation,
    Field::Rules,
    Field::Details,
    Field::Tags,
    Field::Pattern,
];

/// What a record is found by exactly. All keys are terms of one field: every dictionary costs each commit and each merge
/// the same again, however little is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Id,
    /// Kind and slug.
    Address,
    Kind,
    Category,
    Technology,
    Severity,
    /// In lower case.
    Organization,
    /// The slug of a pattern that a story is an instance of.
    Pattern,
    /// Whether it has rules.
    Rules,
}

/// The handles of the fields.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) keys: TantivyField,
    pub(super) category: TantivyField,
    pub(super) technology: TantivyField,
    pub(super) severity: TantivyField,
    pub(super) organization: TantivyField,
    pub(super) year: TantivyField,
    pub(super) started: TantivyField,
    pub(super) updated: TantivyField,
    pub(super) title_order: TantivyField,
    /// How many words the title has, translations included.
    pub(super) title_length: TantivyField,
    /// Every text once more, with how often each word comes: one look-up ranks a word over all fields.
    pub(super) all: TantivyField,
    /// Every text with positions; a word is a term with the letter of the kind of text that it stands in.
    pub(super) texts: TantivyField,
    pub(super) rules: TantivyField,
    pub(super) card: TantivyField,
    pub(super) stored_texts: TantivyField,
}

/// The column of the length of titles.
pub(super) const TITLE_LENGTH: &str = "title_length";

/// The value of [`Key::Rules`].
pub(super) const HAS_RULES: &str = "yes";

/// The term of a key.
pub(super) fn key_text(key: Key, value: &str) -> String {
    let name = match key {
        Key::Id => "id",
        Key::Address => "address",
        Key::Kind => "kind",
        Key::Category => "category",
        Key::Technology => "technology",
        Key::Severity => "severity",
        Key::Organization => "organization",
        Key::Pattern => "pattern",
        Key::Rules => "rules",
    };
    format!("{name}:{value}")
}

/// The letter of a kind of text: a capital, which no word begins with.
pub(super) fn letter(place: usize) -> char {
    char::from(b'A' + place as u8)
}

impl Fields {
    /// The place of a field in [`TEXT_FIELDS`].
    pub(super) fn place(&self, field: Field) -> usize {
        TEXT_FIELDS.iter().position(|&known| known == field).unwrap_or(0)
    }

    /// The term of a key.
    pub(super) fn key(&self, key: Key, value: &str) -> Term {
        Term::from_field_text(self.keys, &key_text(key, value))
    }

    /// The term of a word in one kind of text.
    pub(super) fn word(&self, field: Field, word: &str) -> Term {
        Term::from_field_text(self.texts, &self.word_text(field, word))
    }

    /// The text of that term.
    pub(super) fn word_text(&self, field: Field, word: &str) -> String {
        format!("{}{word}", letter(self.place(field)))
    }
}

/// Lays out the schema.
pub(super) fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let exact = || {
        let indexing = TextFieldIndexing::default().set_tokenizer("raw").set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing.set_index_option(IndexRecordOption::Basic))
    };
    let words = |tokenizer, record| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
        TextOptions::default().set_indexing_options(indexing)
    };
    let number = || NumericOptions::default().set_fast();
    let column = || TextOptions::default().set_fast("raw");
    let fields = Fields {
        keys: schema.add_text_field("keys", exact()),
        category: schema.add_text_field("category", column()),
        technology: schema.add_text_field("technology", column()),
        severity: schema.add_text_field("severity", column()),
        organization: schema.add_text_field("organization", column()),
        year: schema.add_i64_field("year", number().set_indexed()),
        started: schema.add_i64_field("started", number()),
        updated: schema.add_i64_field("updated", number()),
        title_order: schema.add_text_field("title_order", column()),
        title_length: schema.add_u64_field(TITLE_LENGTH, number()),
        all: schema.add_text_field("all", words(tokenizer::NAME, IndexRecordOption::WithFreqs)),
        texts: schema
            .add_text_field("texts", words(tokenizer::NAME_OF_LETTERED, IndexRecordOption::WithFreqsAndPositions)),
        rules: schema.add_text_field("rules", TextOptions::default().set_stored()),
        card: schema.add_text_field("card", TextOptions::default().set_stored()),
        stored_texts: schema.add_text_field("stored_texts", TextOptions::default().set_stored()),
    };
    (schema.build(), fields)
}

/// The term that finds one record by its kind and slug.
pub(super) fn address(kind: FailureKind, slug: &Slug) -> String {
    format!("{kind}/{slug}")
}
