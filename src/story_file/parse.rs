//! From the text of a file to a story or a pattern, by way of the domain's raw input.

use std::collections::BTreeMap;

use super::facts::{Facts, Table};
use super::{FieldLines, Problem};
use super::{sections, timeline, yaml};
use crate::domain::input::{
    ActionItemInput, AlsoFiresInput, CheckInput, FactInput, FailureInput, FieldError, PatternInput, ProvenanceInput,
    ReferenceInput, RuleInput, StoryInput, TranslationInput,
};
use crate::domain::{Pattern, Story};

const STORY_KEYS: &[&str] = &[
    "title",
    "organization",
    "category",
    "technologies",
    "severity",
    "started_at",
    "detected_at",
    "resolved_at",
    "duration",
    "trigger",
    "detected_by",
    "patterns",
    "contributing_factors",
    "action_items",
    "references",
    "rules",
    "checks",
    "translations",
    "provenance",
    "facts",
];

const PATTERN_KEYS: &[&str] = &[
    "title",
    "category",
    "technologies",
    "aliases",
    "contributing_factors",
    "references",
    "rules",
    "checks",
    "translations",
    "provenance",
];

/// The line on which a story first names a pattern, by the name.
pub(super) type PatternLines = BTreeMap<String, usize>;

/// Reads a story, where it names its patterns, and where its fields stand.
pub(super) fn story(text: &str) -> Result<(Story, PatternLines, FieldLines), Vec<Problem>> {
    let mut file = Reading::open(text, STORY_KEYS, sections::STORY)?;
    let failure = file.failure();
    let timeline_section = file.sections.remove("timeline").unwrap_or_default();
    let (rows, problems) = timeline::read(&timeline_section, file.facts.line_of("timeline"));
    file.facts.problems.extend(problems);
    for (index, row) in rows.iter().enumerate() {
        file.facts.lines.0.insert(format!("timeline[{index}]"), row.line);
    }
    let input = StoryInput {
        failure,
        organization: file.text("organization"),
        started_at: file.text("started_at"),
        detected_at: file.text("detected_at"),
        resolved_at: file.text("resolved_at"),
        duration: file.text("duration"),
        severity: file.text("severity"),
        trigger: file.text("trigger"),
        detected_by: file.text("detected_by"),
        impact: file.section("impact"),
        timeline: rows.into_iter().map(|row| row.input).collect(),
        lessons: file.section("lessons"),
        action_items: file.action_items(),
        patterns: file.texts("patterns"),
        facts: file.facts_checked(),
        unknown: BTreeMap::new(),
    };
    let mut lines = PatternLines::new();
    for (index, name) in input.patterns.iter().enumerate() {
        lines.entry(name.clone()).or_insert_with(|| file.facts.line_of(&format!("patterns[{index}]")));
    }
    file.finish(input.parse()).map(|(story, fields)| (story, lines, fields))
}

/// Reads a pattern, and where its fields stand.
pub(super) fn pattern(text: &str) -> Result<(Pattern, FieldLines), Vec<Problem>> {
    let mut file = Reading::open(text, PATTERN_KEYS, sections::PATTERN)?;
    let input = PatternInput { failure: file.failure(), aliases: file.texts("aliases"), unknown: BTreeMap::new() };
    file.finish(input.parse())
}

/// A file whose fields are being taken out of it.
struct Reading {
    front: Table,
    facts: Facts,
    sections: BTreeMap<&'static str, String>,
    headings: &'static [(&'static str, &'static str)],
}

impl Reading {
    fn open(
        text: &str,
        keys: &[&str],
        headings: &'static [(&'static str, &'static str)],
    ) -> Result<Self, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        let nul = |(index, line): (usize, &str)| {
            line.contains('\0').then(|| Problem::new(index + 1, "found a NUL character; expected text without any"))
        };
        let problems: Vec<Problem> = text.split('\n').enumerate().filter_map(nul).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let parts = sections::split(&text).map_err(|problem| vec![problem])?;
        let mut facts = Facts::default();
        let (root, problems) = yaml::read(parts.front_matter, 1);
        let is_broken = root.is_none() && !problems.is_empty();
        facts.problems.extend(problems);
        let front = match root {
            Some(node) => facts.table(String::new(), node, keys),
            None => Table::default(),
        };
        if is_broken {
            // What the front matter would have said is not known, so nothing can be missing from it.
            keys.iter().for_each(|key| facts.skip((*key).to_owned()));
        }
        let (found, problems) = sections::read(parts.body, parts.closing_line, headings);
        facts.problems.extend(problems);
        facts.lines.0.extend(headings.iter().map(|(field, _)| ((*field).to_owned(), parts.closing_line)));
        facts.lines.0.extend(found.iter().map(|section| (section.field.to_owned(), section.line)));
        let sections = found.into_iter().map(|section| (section.field, section.text)).collect();
        Ok(Self { front, facts, sections, headings })
    }

    fn text(&mut self, key: &str) -> String {
        self.facts.text(&mut self.front, key)
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        self.facts.texts(&mut self.front, key)
    }

    fn section(&mut self, field: &str) -> String {
        self.sections.remove(field).unwrap_or_default()
    }

    fn failure(&mut self) -> FailureInput {
        FailureInput {
            title: self.text("title"),
            summary: self.section("summary"),
            symptom: self.section("symptom"),
            root_cause: self.section("root_cause"),
            contributing_factors: self.texts("contributing_factors"),
            remediation: self.section("remediation"),
            rules: self.rules(),
            checks: self.checks(),
            category: self.text("category"),
            technologies: self.texts("technologies"),
            references: self.references(),
            translations: self.translations(),
            provenance: self.provenance(),
        }
    }

    fn rules(&mut self) -> Vec<RuleInput> {
        let known = &["kind", "name", "text", "fires_on", "silent_on", "also_fires"];
        self.facts.records(&mut self.front, "rules", known, |facts, entry| RuleInput {
            kind: facts.text(entry, "kind"),
            name: facts.text(entry, "name"),
            text: facts.text(entry, "text"),
            fires_on: facts.texts(entry, "fires_on"),
            silent_on: facts.texts(entry, "silent_on"),
            also_fires: facts.records(entry, "also_fires", &["on", "because"], |facts, entry| AlsoFiresInput {
                on: facts.text(entry, "on"),
                because: facts.text(entry, "because"),
            }),
        })
    }

    fn checks(&mut self) -> Vec<CheckInput> {
        let known = &["command", "means", "apart_from"];
        self.facts.records(&mut self.front, "checks", known, |facts, entry| CheckInput {
            command: facts.text(entry, "command"),
            means: facts.text(entry, "means"),
            apart_from: facts.text(entry, "apart_from"),
        })
    }

    fn provenance(&mut self) -> ProvenanceInput {
        let known = &["id", "source", "author", "license"];
        self.facts.record(&mut self.front, "provenance", known, |facts, entry| ProvenanceInput {
            id: facts.text(entry, "id"),
            source: facts.text(entry, "source"),
            author: facts.text(entry, "author"),
            license: facts.text(entry, "license"),
        })
    }

    fn references(&mut self) -> Vec<ReferenceInput> {
        let known = &["kind", "title", "url", "archived", "language"];
        self.facts.records(&mut self.front, "references", known, |facts, entry| ReferenceInput {
            kind: facts.text(entry, "kind"),
            title: facts.text(entry, "title"),
            url: facts.text(entry, "url"),
            archived: facts.text(entry, "archived"),
            language: facts.text(entry, "language"),
        })
    }

    fn translations(&mut self) -> Vec<TranslationInput> {
        let known = &["language", "title", "summary", "symptom"];
        self.facts.records(&mut self.front, "translations", known, |facts, entry| TranslationInput {
            language: facts.text(entry, "language"),
            title: facts.text(entry, "title"),
            summary: facts.text(entry, "summary"),
            symptom: facts.text(entry, "symptom"),
        })
    }

    fn facts_checked(&mut self) -> Vec<FactInput> {
        self.facts.records(&mut self.front, "facts", &["claim", "source", "passage"], |facts, entry| FactInput {
            claim: facts.text(entry, "claim"),
            source: facts.text(entry, "source"),
            passage: facts.text(entry, "passage"),
        })
    }

    fn action_items(&mut self) -> Vec<ActionItemInput> {
        let known = &["text", "owner", "due", "link", "done"];
        self.facts.records(&mut self.front, "action_items", known, |facts, entry| ActionItemInput {
            text: facts.text(entry, "text"),
            owner: facts.text(entry, "owner"),
            due: facts.text(entry, "due"),
            link: facts.text(entry, "link"),
            done: facts.truth(entry, "done"),
        })
    }

    fn finish<T>(mut self, parsed: Result<T, Vec<FieldError>>) -> Result<(T, FieldLines), Vec<Problem>> {
        match parsed {
            Ok(value) if self.facts.problems.is_empty() => Ok((value, self.facts.lines)),
            Ok(_) => Err(self.facts.problems),
            Err(errors) => {
                for mut error in errors {
                    if error.field.ends_with("].marker") {
                        error.message.push_str(" (a text that begins with a parenthesis has a backslash before it)");
                    }
                    let shown = self.shown(&error.field);
                    self.facts.add(&error, &shown);
                }
                Err(self.facts.problems)
            }
        }
    }

    /// The name of a field as it stands in the file.
    fn shown(&self, field: &str) -> String {
        match self.headings.iter().find(|(name, _)| *name == field) {
            Some((_, heading)) => format!("## {heading}"),
            None => field.to_owned(),
        }
    }
}
