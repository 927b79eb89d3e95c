//! Back from what is right to the raw text it came from: for filling a form in, and for comparing.

use std::collections::BTreeMap;

use super::{
    ActionItemInput, AlsoFiresInput, CheckInput, FactInput, FailureInput, PatternInput, ProvenanceInput,
    ReferenceInput, RuleInput, StoryInput, TimelineInput, TranslationInput,
};
use crate::domain::{Failure, Pattern, Provenance, Story};

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
                    fires_on: texts(&rule.fires_on),
                    silent_on: texts(&rule.silent_on),
                    also_fires: rule
                        .also_fires
                        .iter()
                        .map(|also| AlsoFiresInput { on: also.on.to_string(), because: also.because.to_string() })
                        .collect(),
                })
                .collect(),
            checks: failure
                .checks
                .iter()
                .map(|check| CheckInput {
                    command: check.command.to_string(),
                    means: check.means.to_string(),
                    apart_from: text(check.apart_from.as_ref()),
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
                    archived: text(reference.archived.as_ref()),
                    language: text(reference.language.as_ref()),
                })
                .collect(),
            translations: failure
                .translations
                .iter()
                .map(|translation| TranslationInput {
                    language: translation.language.to_string(),
                    title: translation.title.to_string(),
                    summary: translation.summary.to_string(),
                    symptom: translation.symptom.to_string(),
                })
                .collect(),
            provenance: failure.provenance.as_ref().map(ProvenanceInput::from).unwrap_or_default(),
        }
    }
}

impl From<&Provenance> for ProvenanceInput {
    fn from(provenance: &Provenance) -> Self {
        Self {
            id: text(provenance.id.as_ref()),
            source: text(provenance.source.as_ref()),
            author: text(provenance.author.as_ref()),
            license: provenance.license.to_string(),
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
                    link: text(item.link.as_ref()),
                    done: item.done,
                })
                .collect(),
            patterns: texts(&story.patterns),
            facts: story
                .facts
                .iter()
                .map(|fact| FactInput {
                    claim: fact.claim.to_string(),
                    source: fact.source.to_string(),
                    passage: fact.passage.to_string(),
                })
                .collect(),
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
