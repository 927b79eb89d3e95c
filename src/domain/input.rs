//! Stories and patterns as people and programs hand them in: raw text, unchecked, possibly wrong everywhere at once.
//!
//! The form, the API and the story file all parse through here, so that a rule is stated once and every
//! error is reported, not just the first. A [`FieldError`] names its field by path (`timeline[3].at`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::rule::RuleText;
use super::{
    ActionItem, Category, Failure, Incident, Invalid, Language, Line, Markdown, Moment, Pattern, Reference,
    ReferenceKind, Rule, RuleKind, Slug, Story, Technology, TimelineEntry, Title, Translation, WebAddress,
};

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The path of the field: `title`, `timeline[3].at`.
    pub field: String,
    /// What was found and what was expected.
    pub message: String,
}

/// The raw fields of any known failure. Absent and empty mean the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are documented on Failure")]
pub struct FailureInput {
    pub title: String,
    pub summary: String,
    pub symptom: String,
    pub root_cause: String,
    pub contributing_factors: Vec<String>,
    pub remediation: String,
    pub rules: Vec<RuleInput>,
    pub category: String,
    pub technologies: Vec<String>,
    pub references: Vec<ReferenceInput>,
    pub translations: Vec<TranslationInput>,
}

/// A story as it was handed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are documented on Story and Incident")]
pub struct StoryInput {
    #[serde(flatten)]
    pub failure: FailureInput,
    pub organization: String,
    pub started_at: String,
    pub detected_at: String,
    pub resolved_at: String,
    pub duration: String,
    pub severity: String,
    pub trigger: String,
    pub detected_by: String,
    pub impact: String,
    pub timeline: Vec<TimelineInput>,
    pub lessons: String,
    pub action_items: Vec<ActionItemInput>,
    pub patterns: Vec<String>,
    /// Fields that no story has; each is an error rather than a silent loss.
    #[serde(flatten, skip_serializing)]
    pub unknown: BTreeMap<String, serde_json::Value>,
}

/// A pattern as it was handed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are documented on Pattern")]
pub struct PatternInput {
    #[serde(flatten)]
    pub failure: FailureInput,
    pub aliases: Vec<String>,
    /// Fields that no pattern has; each is an error rather than a silent loss.
    #[serde(flatten, skip_serializing)]
    pub unknown: BTreeMap<String, serde_json::Value>,
}

/// A raw detection rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Rule")]
pub struct RuleInput {
    pub kind: String,
    pub name: String,
    pub text: String,
}

/// A raw reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Reference")]
pub struct ReferenceInput {
    pub kind: String,
    pub title: String,
    pub url: String,
}

/// A raw translation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Translation")]
pub struct TranslationInput {
    pub language: String,
    pub title: String,
    pub symptom: String,
}

/// A raw row of the timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on TimelineEntry")]
pub struct TimelineInput {
    pub at: String,
    pub marker: String,
    pub text: String,
}

/// A raw action item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on ActionItem")]
pub struct ActionItemInput {
    pub text: String,
    pub owner: String,
    pub due: String,
    pub done: bool,
}

/// The most entries of each repeated field but the timeline, which has its own bound.
pub const MAX_ENTRIES: usize = 50;

impl StoryInput {
    /// Checks every field and gives the story, or everything that is wrong with it.
    pub fn parse(&self) -> Result<Story, Vec<FieldError>> {
        let mut errors = Errors::default();
        errors.unknown(&self.unknown);
        let failure = self.failure.parse(&mut errors);
        let incident = self.parse_incident(&mut errors);
        let timeline = errors.list("timeline", &self.timeline, TimelineEntry::MAX_ROWS, |errors, path, row| {
            let at = errors.parsed(&format!("{path}.at"), &row.at, Line::parse);
            let marker = errors.optional(&format!("{path}.marker"), &row.marker, super::Marker::parse);
            let text = errors.required_markdown(&format!("{path}.text"), &row.text);
            Some(TimelineEntry { at: at?, marker, text: text? })
        });
        let lessons = errors.parsed("lessons", &self.lessons, Markdown::parse);
        let action_items = errors.list("action_items", &self.action_items, MAX_ENTRIES, |errors, path, item| {
            let text = errors.parsed(&format!("{path}.text"), &item.text, Line::parse);
            let owner = errors.optional(&format!("{path}.owner"), &item.owner, Line::parse);
            let due = errors.optional(&format!("{path}.due"), &item.due, calendar_day);
            Some(ActionItem { text: text?, owner, due, done: item.done })
        });
        let patterns = errors.unique("patterns", &self.patterns, Slug::parse);
        match (failure, incident, lessons) {
            (Some(failure), Some(incident), Some(lessons)) if errors.0.is_empty() => {
                Ok(Story { failure, incident, timeline, lessons, action_items, patterns })
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
            severity: errors.optional("severity", &self.severity, super::Severity::parse),
            trigger: errors.optional("trigger", &self.trigger, super::Trigger::parse),
            detected_by: errors.optional("detected_by", &self.detected_by, super::DetectedBy::parse),
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
        let rules = errors.list("rules", &self.rules, MAX_ENTRIES, |errors, path, rule| {
            let kind = errors.parsed(&format!("{path}.kind"), &rule.kind, RuleKind::parse);
            let name = errors.parsed(&format!("{path}.name"), &rule.name, Line::parse);
            let text = errors.parsed(&format!("{path}.text"), &rule.text, RuleText::parse);
            Some(Rule { kind: kind?, name: name?, text: text? })
        });
        let category = errors.parsed("category", &self.category, Category::parse);
        let technologies = errors.unique("technologies", &self.technologies, Technology::parse);
        let references = errors.list("references", &self.references, MAX_ENTRIES, |errors, path, reference| {
            let kind = errors.parsed(&format!("{path}.kind"), &reference.kind, ReferenceKind::parse);
            let title = errors.optional(&format!("{path}.title"), &reference.title, Line::parse);
            let url = errors.parsed(&format!("{path}.url"), &reference.url, WebAddress::parse);
            Some(Reference { kind: kind?, title, url: url? })
        });
        let mut languages = BTreeSet::new();
        let translations = errors.list("translations", &self.translations, MAX_ENTRIES, |errors, path, translation| {
            let language = errors.parsed(&format!("{path}.language"), &translation.language, Language::parse);
            let title = errors.parsed(&format!("{path}.title"), &translation.title, Title::parse);
            let symptom = errors.required_markdown(&format!("{path}.symptom"), &translation.symptom);
            if let Some(repeated) = language.as_ref().filter(|language| !languages.insert(language.as_str().to_owned()))
            {
                errors.add(
                    &format!("{path}.language"),
                    format!("found {repeated} a second time; expected one translation for a language"),
                );
            }
            Some(Translation { language: language?, title: title?, symptom: symptom? })
        });
        Some(Failure {
            title: title?,
            summary: summary?,
            symptom: symptom?,
            root_cause: root_cause?,
            contributing_factors,
            remediation: remediation?,
            rules,
            category: category?,
            technologies,
            references,
            translations,
        })
    }
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

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

impl From<&Failure> for FailureInput {
    fn from(failure: &Failure) -> Self {
        Self {
            title: failure.title.to_string(),
            summary: failure.summary.to_string(),
            symptom: failure.symptom.to_string(),
            root_cause: failure.root_cause.to_string(),
            contributing_factors: texts(&failure.contributing_factors),
            remediation: failure.remediation.to_string(),
            rules: failure
                .rules
                .iter()
                .map(|rule| RuleInput {
                    kind: rule.kind.to_string(),
                    name: rule.name.to_string(),
                    text: rule.text.as_str().to_owned(),
                })
                .collect(),
            category: failure.category.to_string(),
            technologies: texts(&failure.technologies),
            references: failure
                .references
                .iter()
                .map(|reference| ReferenceInput {
                    kind: reference.kind.to_string(),
                    title: text(reference.title.as_ref()),
                    url: reference.url.to_string(),
                })
                .collect(),
            translations: failure
                .translations
                .iter()
                .map(|translation| TranslationInput {
                    language: translation.language.to_string(),
                    title: translation.title.to_string(),
                    symptom: translation.symptom.to_string(),
                })
                .collect(),
        }
    }
}

impl From<&Story> for StoryInput {
    fn from(story: &Story) -> Self {
        let incident = &story.incident;
        Self {
            failure: FailureInput::from(&story.failure),
            organization: incident.organization.to_string(),
            started_at: text(incident.started_at.as_ref()),
            detected_at: text(incident.detected_at.as_ref()),
            resolved_at: text(incident.resolved_at.as_ref()),
            duration: text(incident.duration.as_ref()),
            severity: text(incident.severity.as_ref()),
            trigger: text(incident.trigger.as_ref()),
            detected_by: text(incident.detected_by.as_ref()),
            impact: incident.impact.to_string(),
            timeline: story
                .timeline
                .iter()
                .map(|entry| TimelineInput {
                    at: entry.at.to_string(),
                    marker: text(entry.marker.as_ref()),
                    text: entry.text.to_string(),
                })
                .collect(),
            lessons: story.lessons.to_string(),
            action_items: story
                .action_items
                .iter()
                .map(|item| ActionItemInput {
                    text: item.text.to_string(),
                    owner: text(item.owner.as_ref()),
                    due: text(item.due.as_ref()),
                    done: item.done,
                })
                .collect(),
            patterns: texts(&story.patterns),
            unknown: BTreeMap::new(),
        }
    }
}

impl From<&Pattern> for PatternInput {
    fn from(pattern: &Pattern) -> Self {
        Self {
            failure: FailureInput::from(&pattern.failure),
            aliases: texts(&pattern.aliases),
            unknown: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StoryInput;

    fn smallest() -> serde_json::Value {
        serde_json::json!({
            "title": "Pods without addresses", "summary": "s", "symptom": "s", "root_cause": "r", "remediation": "r",
            "category": "capacity", "organization": "Example"
        })
    }

    fn parse(value: serde_json::Value) -> Result<super::Story, Vec<super::FieldError>> {
        serde_json::from_value::<StoryInput>(value).expect("shape").parse()
    }

    #[test]
    fn the_smallest_story_has_what_every_failure_has_and_an_organization() {
        let story = parse(smallest()).expect("fine");
        assert_eq!(StoryInput::from(&story).parse(), Ok(story));
    }

    #[test]
    fn everything_that_is_wrong_is_reported_at_once_with_its_path() {
        let mut value = smallest();
        value["title"] = "".into();
        value["started_at"] = "2019-02-30".into();
        value["category"] = "kapacity".into();
        value["timeline"] = serde_json::json!([{"at": "Friday", "text": "ok"}, {"at": "", "text": ""}]);
        value["titel"] = "typo".into();
        let errors = parse(value).expect_err("wrong");
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["titel", "title", "category", "started_at", "timeline[1].at"]);
    }

    #[test]
    fn an_incident_cannot_end_before_it_began() {
        let mut value = smallest();
        value["started_at"] = "2019-02-02".into();
        value["resolved_at"] = "2019-02-01".into();
        assert_eq!(parse(value.clone()).expect_err("wrong")[0].field, "resolved_at");
        value["resolved_at"] = "2019".into();
        assert!(parse(value).is_ok(), "the year that contains the start is not before it");
    }

    #[test]
    fn ten_thousand_rows_are_one_error() {
        let mut value = smallest();
        value["timeline"] = vec![serde_json::json!({"at": "T+1", "text": "x"}); 10_000].into();
        let errors = parse(value).expect_err("too many");
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].message, "found 10000 entries; expected at most 500");
    }
}
