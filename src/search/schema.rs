//! The fields of the index and the number of their arrangement.

use tantivy::schema::{
    Field as TantivyField, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use super::tokenizer;
use crate::domain::matching::Field;
use crate::domain::{FailureKind, Slug};

/// Counts the arrangements of fields and tokens. Raise it whenever either changes: an index of another number is rebuilt.
pub(super) const VERSION: u32 = 5;

/// The text fields in the order of their places.
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

/// The handles of the fields.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) id: TantivyField,
    pub(super) address: TantivyField,
    pub(super) kind: TantivyField,
    pub(super) category: TantivyField,
    pub(super) technology: TantivyField,
    pub(super) severity: TantivyField,
    pub(super) organization: TantivyField,
    pub(super) organization_key: TantivyField,
    pub(super) year: TantivyField,
    pub(super) started: TantivyField,
    pub(super) updated: TantivyField,
    pub(super) title_order: TantivyField,
    pub(super) pattern: TantivyField,
    /// Every text once more, with how often each word comes: one look-up ranks a word over all fields.
    pub(super) all: TantivyField,
    pub(super) texts: [TantivyField; TEXT_FIELDS.len()],
    /// Marks documents that have rules.
    pub(super) has_rules: TantivyField,
    pub(super) rules: TantivyField,
    pub(super) card: TantivyField,
    pub(super) stored_texts: TantivyField,
}

impl Fields {
    /// The place of a field in [`TEXT_FIELDS`].
    pub(super) fn place(&self, field: Field) -> usize {
        TEXT_FIELDS.iter().position(|&known| known == field).unwrap_or(0)
    }

    /// The handle of a text field.
    pub(super) fn text(&self, field: Field) -> TantivyField {
        self.texts[self.place(field)]
    }
}

/// Lays out the schema.
pub(super) fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let exact = || {
        let indexing = TextFieldIndexing::default().set_tokenizer("raw").set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing.set_index_option(IndexRecordOption::Basic))
    };
    let words = |record| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer::NAME).set_index_option(record);
        TextOptions::default().set_indexing_options(indexing)
    };
    let number = || NumericOptions::default().set_fast();
    let id = schema.add_text_field("id", exact());
    let address = schema.add_text_field("address", exact());
    let kind = schema.add_text_field("kind", exact());
    let category = schema.add_text_field("category", exact().set_fast("raw"));
    let technology = schema.add_text_field("technology", exact().set_fast("raw"));
    let severity = schema.add_text_field("severity", exact().set_fast("raw"));
    let organization = schema.add_text_field("organization", TextOptions::default().set_fast("raw"));
    let organization_key = schema.add_text_field("organization_key", exact());
    let year = schema.add_i64_field("year", number().set_indexed());
    let started = schema.add_i64_field("started", number());
    let updated = schema.add_i64_field("updated", number());
    let title_order = schema.add_text_field("title_order", TextOptions::default().set_fast("raw"));
    let pattern = schema.add_text_field("pattern", exact());
    let all = schema.add_text_field("all", words(IndexRecordOption::WithFreqs));
    let texts = TEXT_FIELDS.map(|field| {
        let name = format!("text_{field:?}").to_lowercase();
        schema.add_text_field(&name, words(IndexRecordOption::WithFreqsAndPositions))
    });
    let has_rules = schema.add_text_field("has_rules", exact());
    let rules = schema.add_text_field("rules", TextOptions::default().set_stored());
    let card = schema.add_text_field("card", TextOptions::default().set_stored());
    let stored_texts = schema.add_text_field("stored_texts", TextOptions::default().set_stored());
    let fields = Fields {
        id,
        address,
        kind,
        category,
        technology,
        severity,
        organization,
        organization_key,
        year,
        started,
        updated,
        title_order,
        pattern,
        all,
        texts,
        has_rules,
        rules,
        card,
        stored_texts,
    };
    (schema.build(), fields)
}

/// The term that finds one record by its kind and slug.
pub(super) fn address(kind: FailureKind, slug: &Slug) -> String {
    format!("{kind}/{slug}")
}
