//! Stories and patterns as people and programs hand them in: raw text, unchecked, possibly wrong everywhere at once.
//!
//! The form, the API and the story file all parse through here, so that a rule is stated once and every
//! error is reported, not just the first. A [`FieldError`] names its field by path (`timeline[3].at`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod parse;
mod echo;

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
    pub checks: Vec<CheckInput>,
    pub category: String,
    pub technologies: Vec<String>,
    pub references: Vec<ReferenceInput>,
    pub translations: Vec<TranslationInput>,
    pub provenance: ProvenanceInput,
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
    pub facts: Vec<FactInput>,
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
    pub fires_on: Vec<String>,
    pub silent_on: Vec<String>,
    pub also_fires: Vec<AlsoFiresInput>,
}

/// A raw reason for firing on a foreign example.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on AlsoFires")]
pub struct AlsoFiresInput {
    pub on: String,
    pub because: String,
}

/// A raw check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Check")]
pub struct CheckInput {
    pub command: String,
    pub means: String,
    pub apart_from: String,
}

/// A raw provenance. All of it empty is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Provenance")]
pub struct ProvenanceInput {
    pub id: String,
    pub source: String,
    pub author: String,
    pub license: String,
}

/// A raw reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Reference")]
pub struct ReferenceInput {
    pub kind: String,
    pub title: String,
    pub url: String,
    pub archived: String,
    pub language: String,
}

/// A raw translation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Translation")]
pub struct TranslationInput {
    pub language: String,
    pub title: String,
    pub summary: String,
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
    pub link: String,
    pub done: bool,
}

/// A raw fact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are documented on Fact")]
pub struct FactInput {
    pub claim: String,
    pub source: String,
    pub passage: String,
}

/// The most entries of each repeated field but the timeline, which has its own bound.
pub const MAX_ENTRIES: usize = 50;

#[cfg(test)]
mod tests {
    use super::StoryInput;

    fn smallest() -> serde_json::Value {
        serde_json::json!({
            "title": "Pods without addresses", "summary": "s", "symptom": "s", "root_cause": "r", "remediation": "r",
            "category": "capacity", "organization": "Example"
        })
    }

    fn parse(value: serde_json::Value) -> Result<crate::domain::Story, Vec<super::FieldError>> {
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
        assert_eq!(fields, ["titel", "title", "category", "started_at", "timeline[1].at", "timeline[1].text"]);
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
    fn a_fact_is_looked_up_in_one_of_the_references() {
        let mut value = smallest();
        value["references"] = serde_json::json!([{"kind": "report", "url": "https://example.com/report",
                                                  "archived": "https://example.org/copy"}]);
        let fact = |source: &str| serde_json::json!([{"claim": "It hurt", "source": source, "passage": "Timeline"}]);
        for source in ["https://example.com/report", "https://example.org/copy"] {
            value["facts"] = fact(source);
            assert_eq!(parse(value.clone()).expect("fine").facts[0].source.as_str(), source);
        }
        value["facts"] = fact("https://example.com/elsewhere");
        let errors = parse(value).expect_err("nobody can follow that");
        assert_eq!(errors[0].field, "facts[0].source");
        assert!(errors[0].message.ends_with("expected the address of one of the references"), "{}", errors[0].message);
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
