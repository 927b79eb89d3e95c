//! The texts of a draft with the fields that they stand in: for the checklist and for the menu of fields.

use crate::domain::input::StoryInput;

/// The fields that can be talked about, with the words for them, in the order of the page.
pub(super) const FIELDS: [(&str, &str); 21] = [
    ("title", "Title"),
    ("organization", "Organization"),
    ("category", "Category"),
    ("technologies", "Technologies"),
    ("patterns", "Patterns"),
    ("started_at", "Dates"),
    ("severity", "Severity"),
    ("summary", "Summary"),
    ("symptom", "Symptom"),
    ("impact", "Impact"),
    ("root_cause", "Root cause"),
    ("contributing_factors", "Contributing factors"),
    ("remediation", "Remediation"),
    ("timeline", "Timeline"),
    ("checks", "How to be sure"),
    ("rules", "Detection rules"),
    ("lessons", "Lessons"),
    ("action_items", "Action items"),
    ("references", "References"),
    ("translations", "Translations"),
    ("facts", "Facts looked up"),
];

/// The words for a field; itself where it has none.
pub(super) fn label(field: &str) -> &str {
    FIELDS.iter().find(|(name, _)| *name == field).map_or(field, |(_, label)| label)
}

/// A text of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text<'d> {
    /// The field that it stands in.
    pub(super) field: &'static str,
    /// Which of its rows, from 1.
    pub(super) row: Option<usize>,
    pub(super) kind: Kind,
    pub(super) text: &'d str,
}

/// What sort of text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Sentences, or a line of words.
    Prose,
    /// Commands, rules, logs and addresses.
    Code,
}

impl Text<'_> {
    /// `Timeline, row 3`.
    pub(super) fn place(&self) -> String {
        let label = label(self.field);
        self.row.map_or_else(|| label.to_owned(), |row| format!("{label}, row {row}"))
    }
}

/// Everything that somebody wrote.
pub(super) fn texts(input: &StoryInput) -> Vec<Text<'_>> {
    let mut all = Texts(Vec::new());
    let failure = &input.failure;
    all.whole("title", &failure.title);
    all.whole("summary", &failure.summary);
    all.whole("symptom", &failure.symptom);
    all.whole("impact", &input.impact);
    all.whole("root_cause", &failure.root_cause);
    all.whole("remediation", &failure.remediation);
    all.whole("lessons", &input.lessons);
    for (row, factor) in failure.contributing_factors.iter().enumerate() {
        all.row("contributing_factors", row, Kind::Prose, [factor]);
    }
    for (row, entry) in input.timeline.iter().enumerate() {
        all.row("timeline", row, Kind::Prose, [&entry.text]);
    }
    for (row, check) in failure.checks.iter().enumerate() {
        all.row("checks", row, Kind::Code, [&check.command]);
        all.row("checks", row, Kind::Prose, [&check.means]);
    }
    for (row, rule) in failure.rules.iter().enumerate() {
        all.row("rules", row, Kind::Prose, [&rule.name]);
        all.row("rules", row, Kind::Code, [&rule.text].into_iter().chain(&rule.fires_on).chain(&rule.silent_on));
    }
    for (row, item) in input.action_items.iter().enumerate() {
        all.row("action_items", row, Kind::Prose, [&item.text, &item.owner]);
    }
    for (row, reference) in failure.references.iter().enumerate() {
        all.row("references", row, Kind::Prose, [&reference.title]);
        all.row("references", row, Kind::Code, [&reference.url, &reference.archived]);
    }
    for (row, told) in failure.translations.iter().enumerate() {
        all.row("translations", row, Kind::Prose, [&told.title, &told.summary, &told.symptom]);
    }
    for (row, fact) in input.facts.iter().enumerate() {
        all.row("facts", row, Kind::Prose, [&fact.claim, &fact.passage]);
        all.row("facts", row, Kind::Code, [&fact.source]);
    }
    all.0
}

/// The texts so far; empty ones are passed over.
struct Texts<'d>(Vec<Text<'d>>);

impl<'d> Texts<'d> {
    fn whole(&mut self, field: &'static str, text: &'d str) {
        self.push(Text { field, row: None, kind: Kind::Prose, text });
    }

    fn row(&mut self, field: &'static str, row: usize, kind: Kind, texts: impl IntoIterator<Item = &'d String>) {
        for text in texts {
            self.push(Text { field, row: Some(row + 1), kind, text });
        }
    }

    fn push(&mut self, text: Text<'d>) {
        if !text.text.trim().is_empty() {
            self.0.push(text);
        }
    }
}
