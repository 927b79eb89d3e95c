//! From raw text to what is right, or to everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use super::{FailureInput, FieldError, MAX_ENTRIES, PatternInput, ProvenanceInput, StoryInput};
use crate::domain::rule::RuleText;
use crate::domain::{
    ActionItem, AlsoFires, Category, Check, DetectedBy, ExampleText, Fact, Failure, FailureAddress, Incident, Invalid,
    Language, Line, Markdown, Marker, Moment, Pattern, Provenance, Reference, ReferenceKind, Rule, RuleKind, Severity,
    Slug, Story, Technology, TimelineEntry, Title, Translation, Trigger, WebAddress,
};

impl StoryInput {
    /// Checks every field and gives the story, or everything that is wrong with it.
    pub fn parse(&self) -> Result<Story, Vec<FieldError>> {
        let mut errors = Errors::default();
        errors.unknown(&self.unknown);
        let failure = self.failure.parse(&mut errors);
        let incident = self.parse_incident(&mut errors);
        let timeline = errors.list("timeline", &self.timeline, TimelineEntry::MAX_ROWS, |errors, path, row| {
            let at = errors.parsed(&format!("{path}.at"), &row.at, Line::parse);
            let marker = errors.optional(&format!("{path}.marker"), &row.marker, Marker::parse);
            let text = errors.required_markdown(&format!("{path}.text"), &row.text);
            Some(TimelineEntry { at: at?, marker, text: text? })
        });
        let lessons = errors.parsed("lessons", &self.lessons, Markdown::parse);
        let action_items = errors.list("action_items", &self.action_items, MAX_ENTRIES, |errors, path, item| {
            let text = errors.parsed(&format!("{path}.text"), &item.text, Line::parse);
            let owner = errors.optional(&format!("{path}.owner"), &item.owner, Line::parse);
            let due = errors.optional(&format!("{path}.due"), &item.due, calendar_day);
            let link = errors.optional(&format!("{path}.link"), &item.link, WebAddress::parse);
            Some(ActionItem { text: text?, owner, due, link, done: item.done })
        });
        let patterns = errors.unique("patterns", &self.patterns, Slug::parse);
        let sources = failure.as_ref().map(|failure| failure.references.as_slice()).unwrap_or_default();
        let facts = errors.list("facts", &self.facts, MAX_ENTRIES, |errors, path, fact| {
            let claim = errors.parsed(&format!("{path}.claim"), &fact.claim, Line::parse);
            let source = errors.parsed(&format!("{path}.source"), &fact.source, |text| one_of(sources, text));
            let passage = errors.parsed(&format!("{path}.passage"), &fact.passage, Line::parse);
            Some(Fact { claim: claim?, source: source?, passage: passage? })
        });
        match (failure, incident, lessons) {
            (Some(failure), Some(incident), Some(lessons)) if errors.0.is_empty() => {
                Ok(Story { failure, incident, timeline, lessons, action_items, patterns, facts })
            }
            _ => Err(errors.0),
        }
    }

    fn parse_incident(&self, errors: &mut Errors) -> Option<Incident> {
        let organization = errors.parsed("organization", &self.organization, Line::parse);
        let started_at = errors.optional("started_at", &self.started_at, Moment::parse);
        let detected_at = errors.optional("detected_at", &self.detected_at, Moment::parse);
        let resolved_at = errors.optional("resolved_at", &self.resolved_at, Moment::parse);
        for (field, later) in [("detected_at", detected_at), ("resolved_at", resolved_at)] {
            if let (Some(start), Some(later)) = (started_at, later)
                && later.end() <= start.start()
            {
                errors.add(field, format!("found {later}; expected a time that is not before the start, {start}"));
            }
        }
        let impact = errors.parsed("impact", &self.impact, Markdown::parse);
        Some(Incident {
            started_at,
            detected_at,
            resolved_at,
            duration: errors.optional("duration", &self.duration, Line::parse),
            severity: errors.optional("severity", &self.severity, Severity::parse),
            trigger: errors.optional("trigger", &self.trigger, Trigger::parse),
            detected_by: errors.optional("detected_by", &self.detected_by, DetectedBy::parse),
            organization: organization?,
            impact: impact?,
        })
    }
}

impl PatternInput {
    /// Checks every field and gives the pattern, or everything that is wrong with it.
    pub fn parse(&self) -> Result<Pattern, Vec<FieldError>> {
        let mut errors = Errors::default();
        errors.unknown(&self.unknown);
        let failure = self.failure.parse(&mut errors);
        let aliases = errors.unique("aliases", &self.aliases, Title::parse);
        match failure {
            Some(failure) if errors.0.is_empty() => Ok(Pattern { failure, aliases }),
            _ => Err(errors.0),
        }
    }
}

impl FailureInput {
    /// Checks the rules alone, while the rest is still being written.
    pub fn parse_rules(&self) -> Result<Vec<Rule>, Vec<FieldError>> {
        let mut errors = Errors::default();
        let rules = self.rules(&mut errors);
        if errors.0.is_empty() { Ok(rules) } else { Err(errors.0) }
    }

    fn rules(&self, errors: &mut Errors) -> Vec<Rule> {
        errors.list("rules", &self.rules, MAX_ENTRIES, |errors, path, rule| {
            let kind = errors.parsed(&format!("{path}.kind"), &rule.kind, RuleKind::parse);
            let name = errors.parsed(&format!("{path}.name"), &rule.name, Line::parse);
            let text = errors.parsed(&format!("{path}.text"), &rule.text, RuleText::parse);
            let fires_on = errors.examples(&format!("{path}.fires_on"), &rule.fires_on);
            let silent_on = errors.examples(&format!("{path}.silent_on"), &rule.silent_on);
            let also_fires =
                errors.list(&format!("{path}.also_fires"), &rule.also_fires, MAX_ENTRIES, |errors, path, also| {
                    let on = errors.parsed(&format!("{path}.on"), &also.on, FailureAddress::parse);
                    let because = errors.parsed(&format!("{path}.because"), &also.because, Line::parse);
                    Some(AlsoFires { on: on?, because: because? })
                });
            Some(Rule { kind: kind?, name: name?, text: text?, fires_on, silent_on, also_fires })
        })
    }

    fn parse(&self, errors: &mut Errors) -> Option<Failure> {
        let title = errors.parsed("title", &self.title, Title::parse);
        let summary = errors.required_markdown("summary", &self.summary);
        let symptom = errors.required_markdown("symptom", &self.symptom);
        let root_cause = errors.required_markdown("root_cause", &self.root_cause);
        let remediation = errors.required_markdown("remediation", &self.remediation);
        let contributing_factors =
            errors.list("contributing_factors", &self.contributing_factors, MAX_ENTRIES, |errors, path, factor| {
                errors.parsed(path, factor, Line::parse)
            });
        let rules = self.rules(errors);
        let checks = errors.list("checks", &self.checks, MAX_ENTRIES, |errors, path, check| {
            let command = errors.parsed(&format!("{path}.command"), &check.command, Line::parse);
            let means = errors.parsed(&format!("{path}.means"), &check.means, Line::parse);
            let apart_from = errors.optional(&format!("{path}.apart_from"), &check.apart_from, FailureAddress::parse);
            Some(Check { command: command?, means: means?, apart_from })
        });
        let provenance = self.provenance.parse(errors);
        let category = errors.parsed("category", &self.category, Category::parse);
        let technologies = errors.unique("technologies", &self.technologies, Technology::parse);
        let references = errors.list("references", &self.references, MAX_ENTRIES, |errors, path, reference| {
            let kind = errors.parsed(&format!("{path}.kind"), &reference.kind, ReferenceKind::parse);
            let title = errors.optional(&format!("{path}.title"), &reference.title, Line::parse);
            let url = errors.parsed(&format!("{path}.url"), &reference.url, WebAddress::parse);
            let archived = errors.optional(&format!("{path}.archived"), &reference.archived, WebAddress::parse);
            let language = errors.optional(&format!("{path}.language"), &reference.language, Language::parse);
            Some(Reference { kind: kind?, title, url: url?, archived, language })
        });
        let mut languages = BTreeSet::new();
        let translations = errors.list("translations", &self.translations, MAX_ENTRIES, |errors, path, translation| {
            let language = errors.parsed(&format!("{path}.language"), &translation.language, Language::parse);
            let title = errors.parsed(&format!("{path}.title"), &translation.title, Title::parse);
            let summary = errors.parsed(&format!("{path}.summary"), &translation.summary, Markdown::parse);
            let symptom = errors.required_markdown(&format!("{path}.symptom"), &translation.symptom);
            if let Some(repeated) = language.as_ref().filter(|language| !languages.insert(language.as_str().to_owned()))
            {
                errors.add(
                    &format!("{path}.language"),
                    format!("found {repeated} a second time; expected one translation for a language"),
                );
            }
            Some(Translation { language: language?, title: title?, summary: summary?, symptom: symptom? })
        });
        Some(Failure {
            title: title?,
            summary: summary?,
            symptom: symptom?,
            root_cause: root_cause?,
            contributing_factors,
            remediation: remediation?,
            rules,
            checks,
            category: category?,
            technologies,
            references,
            translations,
            provenance,
        })
    }
}

impl ProvenanceInput {
    fn parse(&self, errors: &mut Errors) -> Option<Provenance> {
        if *self == Self::default() {
            return None;
        }
        let id = errors.optional("provenance.id", &self.id, Line::parse);
        let source = errors.optional("provenance.source", &self.source, WebAddress::parse);
        let author = errors.optional("provenance.author", &self.author, Line::parse);
        let license = errors.parsed("provenance.license", &self.license, Line::parse);
        Some(Provenance { id, source, author, license: license? })
    }
}

/// The address of one of the references, or of its copy.
fn one_of(references: &[Reference], text: &str) -> Result<WebAddress, Invalid> {
    let source = WebAddress::parse(text)?;
    let is_there = references.iter().any(|one| one.url == source || one.archived.as_ref() == Some(&source));
    if is_there { Ok(source) } else { Err(Invalid::new(text, "the address of one of the references")) }
}

fn calendar_day(text: &str) -> Result<chrono::NaiveDate, Invalid> {
    chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
        .ok()
        .filter(|_| text.trim().len() == 10)
        .ok_or_else(|| Invalid::new(text, "a day such as 2026-12-01"))
}

/// Collects what is wrong while everything else goes on being parsed.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, field: &str, message: String) {
        self.0.push(FieldError { field: field.to_owned(), message });
    }

    fn unknown(&mut self, unknown: &BTreeMap<String, serde_json::Value>) {
        for field in unknown.keys() {
            self.add(
                field,
                "found a field that does not exist; expected it to be spelled otherwise, or absent".to_owned(),
            );
        }
    }

    fn parsed<T>(&mut self, field: &str, text: &str, parse: impl Fn(&str) -> Result<T, Invalid>) -> Option<T> {
        parse(text).map_err(|invalid| self.add(field, invalid.to_string())).ok()
    }

    fn optional<T>(&mut self, field: &str, text: &str, parse: impl Fn(&str) -> Result<T, Invalid>) -> Option<T> {
        if text.trim().is_empty() { None } else { self.parsed(field, text, parse) }
    }

    fn required_markdown(&mut self, field: &str, text: &str) -> Option<Markdown> {
        let markdown = self.parsed(field, text, Markdown::parse)?;
        if markdown.is_empty() {
            self.add(field, "found nothing; expected some text".to_owned());
            return None;
        }
        Some(markdown)
    }

    fn list<I, T>(
        &mut self,
        field: &str,
        items: &[I],
        max: usize,
        parse: impl FnMut(&mut Self, &str, &I) -> Option<T>,
    ) -> Vec<T> {
        if items.len() > max {
            self.add(field, format!("found {} entries; expected at most {max}", items.len()));
            return Vec::new();
        }
        let mut parse = parse;
        items.iter().enumerate().filter_map(|(index, item)| parse(self, &format!("{field}[{index}]"), item)).collect()
    }

    fn examples(&mut self, field: &str, texts: &[String]) -> Vec<ExampleText> {
        self.list(field, texts, ExampleText::MOST, |errors, path, text| errors.parsed(path, text, ExampleText::parse))
    }

    fn unique<T: PartialEq>(
        &mut self,
        field: &str,
        items: &[String],
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Vec<T> {
        let mut kept: Vec<T> = Vec::new();
        for value in self.list(field, items, MAX_ENTRIES, |errors, path, text| errors.parsed(path, text, &parse)) {
            if !kept.contains(&value) {
                kept.push(value);
            }
        }
        kept
    }
}
