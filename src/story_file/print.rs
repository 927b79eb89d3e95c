//! From a story or a pattern to the text of its file: one spelling for every record.

mod scalar;

use scalar::Place;

use super::{sections, timeline};
use crate::domain::input::{FailureInput, PatternInput, StoryInput};
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
            ("done", Value::Bare(done)),
        ]
    });
    file.shared_entries(failure);
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
                    Value::Text("") | Value::Bare("") | Value::Block("") => continue,
                    Value::Text(text) => scalar::one_line(text, Place::Block),
                    Value::Bare(text) => text.to_owned(),
                    Value::Block(text) => scalar::many_lines(text, "      "),
                };
                self.0.push_str(&format!("{lead}{name}: {written}\n"));
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
            ]
        });
        self.entries("rules", &failure.rules, |rule| {
            vec![
                ("kind", Value::Text(&rule.kind)),
                ("name", Value::Text(&rule.name)),
                ("text", Value::Block(&rule.text)),
            ]
        });
        self.entries("translations", &failure.translations, |translation| {
            vec![
                ("language", Value::Text(&translation.language)),
                ("title", Value::Text(&translation.title)),
                ("symptom", Value::Block(&translation.symptom)),
            ]
        });
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
