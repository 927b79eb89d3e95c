//! From a story or a pattern to the text of its file: one spelling for every record.

mod scalar;

use scalar::Place;

use super::{sections, timeline};
use crate::domain::input::{FailureInput, PatternInput, ProvenanceInput, RuleInput, StoryInput};
use crate::domain::{Pattern, Story};

/// Writes a story. Reading it gives the same story, and printing that gives the same text.
pub fn print_story(story: &Story) -> String {
    let input = StoryInput::from(story);
    let failure = &input.failure;
    let mut file = Printed::new();
    file.text("title", &failure.title);
    file.text("organization", &input.organization);
    file.text("category", &failure.category);
    file.inline_list("technologies", &failure.technologies);
    file.text("severity", &input.severity);
    file.bare("started_at", &input.started_at);
    file.bare("detected_at", &input.detected_at);
    file.bare("resolved_at", &input.resolved_at);
    file.text("duration", &input.duration);
    file.text("trigger", &input.trigger);
    file.text("detected_by", &input.detected_by);
    file.inline_list("patterns", &input.patterns);
    file.list("contributing_factors", &failure.contributing_factors);
    file.entries("action_items", &input.action_items, |item| {
        let done = if item.done { "true" } else { "" };
        vec![
            ("text", Value::Text(&item.text)),
            ("owner", Value::Text(&item.owner)),
            ("due", Value::Bare(&item.due)),
            ("link", Value::Text(&item.link)),
            ("done", Value::Bare(done)),
        ]
    });
    file.shared_entries(failure);
    file.entries("facts", &input.facts, |fact| {
        vec![
            ("claim", Value::Text(&fact.claim)),
            ("source", Value::Text(&fact.source)),
            ("passage", Value::Text(&fact.passage)),
        ]
    });
    let rows = timeline::print(&input.timeline);
    file.sections(sections::STORY, |field| match field {
        "summary" => &failure.summary,
        "symptom" => &failure.symptom,
        "impact" => &input.impact,
        "root_cause" => &failure.root_cause,
        "remediation" => &failure.remediation,
        "timeline" => rows.trim_end_matches('\n'),
        _ => &input.lessons,
    })
}

/// A line of text as it stands behind a key.
pub(super) fn quoted(line: &str) -> String {
    scalar::one_line(line, Place::Block)
}

/// Writes a pattern. Reading it gives the same pattern, and printing that gives the same text.
pub fn print_pattern(pattern: &Pattern) -> String {
    let input = PatternInput::from(pattern);
    let failure = &input.failure;
    let mut file = Printed::new();
    file.text("title", &failure.title);
    file.text("category", &failure.category);
    file.inline_list("technologies", &failure.technologies);
    file.list("aliases", &input.aliases);
    file.list("contributing_factors", &failure.contributing_factors);
    file.shared_entries(failure);
    file.sections(sections::PATTERN, |field| match field {
        "summary" => &failure.summary,
        "symptom" => &failure.symptom,
        "root_cause" => &failure.root_cause,
        _ => &failure.remediation,
    })
}

/// How a value inside an entry is written.
enum Value<'v> {
    /// One line, quoted where it has to be.
    Text(&'v str),
    /// A date, a number or a truth value: never in need of quotes.
    Bare(&'v str),
    /// Many lines.
    Block(&'v str),
    /// A list of texts of many lines.
    Blocks(&'v [String]),
    /// A list of entries, each with these lines.
    Entries(Vec<Vec<(&'static str, &'v str)>>),
}

/// A file being written. What is empty is left out.
struct Printed(String);

impl Printed {
    fn new() -> Self {
        Self("---\n".to_owned())
    }

    fn bare(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.0.push_str(&format!("{key}: {value}\n"));
        }
    }

    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.bare(key, &scalar::one_line(value, Place::Block));
        }
    }

    fn inline_list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(|value| scalar::one_line(value, Place::Flow)).collect();
            self.bare(key, &format!("[{}]", values.join(", ")));
        }
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.0.push_str(&format!("{key}:\n"));
        }
        for value in values {
            self.0.push_str(&format!("  - {}\n", scalar::one_line(value, Place::Block)));
        }
    }

    fn entries<'v, T>(&mut self, key: &str, values: &'v [T], fields: impl Fn(&'v T) -> Vec<(&'static str, Value<'v>)>) {
        if !values.is_empty() {
            self.0.push_str(&format!("{key}:\n"));
        }
        for value in values {
            let mut lead = "  - ";
            for (name, value) in fields(value) {
                let written = match value {
                    Value::Text("") | Value::Bare("") | Value::Block("") | Value::Blocks([]) => continue,
                    Value::Entries(entries) if entries.is_empty() => continue,
                    Value::Text(text) => scalar::one_line(text, Place::Block),
                    Value::Bare(text) => text.to_owned(),
                    Value::Block(text) => scalar::many_lines(text, "      "),
                    Value::Blocks(texts) => nested(texts.iter().map(|text| scalar::many_lines(text, "        "))),
                    Value::Entries(entries) => nested(entries.into_iter().map(entry)),
                };
                let space = if written.starts_with('\n') { "" } else { " " };
                self.0.push_str(&format!("{lead}{name}:{space}{written}\n"));
                lead = "    ";
            }
        }
    }

    fn shared_entries(&mut self, failure: &FailureInput) {
        self.entries("references", &failure.references, |reference| {
            vec![
                ("kind", Value::Text(&reference.kind)),
                ("title", Value::Text(&reference.title)),
                ("url", Value::Text(&reference.url)),
                ("archived", Value::Text(&reference.archived)),
                ("language", Value::Text(&reference.language)),
            ]
        });
        self.entries("rules", &failure.rules, |rule| {
            vec![
                ("kind", Value::Text(&rule.kind)),
                ("name", Value::Text(&rule.name)),
                ("text", Value::Block(&rule.text)),
                ("fires_on", Value::Blocks(&rule.fires_on)),
                ("silent_on", Value::Blocks(&rule.silent_on)),
                ("also_fires", Value::Entries(also_fires(rule))),
            ]
        });
        self.entries("checks", &failure.checks, |check| {
            vec![
                ("command", Value::Text(&check.command)),
                ("means", Value::Text(&check.means)),
                ("apart_from", Value::Text(&check.apart_from)),
            ]
        });
        self.entries("translations", &failure.translations, |translation| {
            vec![
                ("language", Value::Text(&translation.language)),
                ("title", Value::Text(&translation.title)),
                ("summary", Value::Block(&translation.summary)),
                ("symptom", Value::Block(&translation.symptom)),
            ]
        });
        self.provenance(&failure.provenance);
    }

    fn provenance(&mut self, provenance: &ProvenanceInput) {
        let fields = [
            ("id", &provenance.id),
            ("source", &provenance.source),
            ("author", &provenance.author),
            ("license", &provenance.license),
        ];
        if *provenance != ProvenanceInput::default() {
            self.0.push_str("provenance:\n");
        }
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            self.0.push_str(&format!("  {name}: {}\n", scalar::one_line(value, Place::Block)));
        }
    }

    fn sections<'v>(mut self, known: &[(&str, &str)], text_of: impl Fn(&str) -> &'v str) -> String {
        self.0.push_str("---\n");
        for (field, heading) in known {
            let text = text_of(field);
            if !text.is_empty() {
                self.0.push_str(&format!("\n## {heading}\n\n{}\n", sections::escape(text)));
            }
        }
        self.0
    }
}

/// The items of a list inside an entry, each on lines of its own.
fn nested(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("\n      - {item}")).collect()
}

/// The keys of an entry inside an entry.
fn entry(fields: Vec<(&'static str, &str)>) -> String {
    let lines = fields.into_iter().map(|(name, value)| format!("{name}: {}", scalar::one_line(value, Place::Block)));
    lines.collect::<Vec<_>>().join("\n        ")
}

fn also_fires(rule: &RuleInput) -> Vec<Vec<(&'static str, &str)>> {
    rule.also_fires.iter().map(|also| vec![("on", also.on.as_str()), ("because", also.because.as_str())]).collect()
}
