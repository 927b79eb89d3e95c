//! A record as the index sees it: its card, and the plain text of each field.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::matching::{Card, Field, Link, TranslatedCard};
use crate::domain::{Entry, Failure, FailureId, FailureKind, Pattern, Record, Rule, Slug, Story};
use crate::markdown::to_text;
use crate::search::Document;

/// The patterns that stories name, by address.
pub type Patterns = HashMap<Slug, Entry<Pattern>>;

/// The document of a record. `patterns` holds those that a story names (missing ones are passed over);
/// `instances` is how many stories are instances of a pattern.
pub fn document(record: &Record, patterns: &Patterns, instances: u32) -> Document {
    match record {
        Record::Story(entry) => story(entry, patterns),
        Record::Pattern(entry) => pattern(entry, instances),
    }
}

fn story(entry: &Entry<Story>, patterns: &Patterns) -> Document {
    let story = &entry.content;
    let incident = &story.incident;
    let named: Vec<&Entry<Pattern>> = story.patterns.iter().filter_map(|slug| patterns.get(slug)).collect();
    let mut texts = shared_texts(&story.failure);
    let details = [to_text(incident.impact.as_str())]
        .into_iter()
        .chain(story.timeline.iter().map(|row| format!("{} {}", row.at, to_text(row.text.as_str()))))
        .chain([to_text(story.lessons.as_str())])
        .chain(story.action_items.iter().map(|item| item.text.to_string()))
        .chain([incident.organization.to_string()]);
    texts.push((Field::Details, joined(details)));
    let of_patterns = named.iter().flat_map(|pattern| {
        let failure = &pattern.content.failure;
        let translated = failure.translations.iter().flat_map(|t| [t.title.to_string(), to_text(t.symptom.as_str())]);
        [failure.title.to_string(), to_text(failure.symptom.as_str())]
            .into_iter()
            .chain(pattern.content.aliases.iter().map(ToString::to_string))
            .chain(translated)
    });
    texts.push((Field::Pattern, joined(of_patterns)));
    let mut card = card(entry.id, FailureKind::Story, &entry.slug, &story.failure, entry.updated_at);
    card.organization = Some(incident.organization.to_string());
    card.severity = incident.severity;
    card.started_at = incident.started_at.or(incident.detected_at).or(incident.resolved_at);
    card.duration = incident.duration_for_people();
    card.patterns = named
        .iter()
        .map(|pattern| Link { slug: pattern.slug.clone(), title: pattern.content.failure.title.to_string() })
        .collect();
    Document { card, texts, year: incident.year(), rules: rules(&story.failure) }
}

fn pattern(entry: &Entry<Pattern>, instances: u32) -> Document {
    let pattern = &entry.content;
    let mut texts = shared_texts(&pattern.failure);
    texts.push((Field::Aliases, joined(pattern.aliases.iter().map(ToString::to_string))));
    let mut card = card(entry.id, FailureKind::Pattern, &entry.slug, &pattern.failure, entry.updated_at);
    card.instances = instances;
    Document { card, texts, year: None, rules: rules(&pattern.failure) }
}

/// Examples and their reasons are for those who write rules; matching runs without them.
fn rules(failure: &Failure) -> Vec<Rule> {
    let bare = |rule: &Rule| Rule {
        kind: rule.kind,
        name: rule.name.clone(),
        text: rule.text.clone(),
        fires_on: Vec::new(),
        silent_on: Vec::new(),
        also_fires: Vec::new(),
    };
    failure.rules.iter().map(bare).collect()
}

fn card(id: FailureId, kind: FailureKind, slug: &Slug, failure: &Failure, updated_at: DateTime<Utc>) -> Card {
    Card {
        id,
        kind,
        slug: slug.clone(),
        title: failure.title.to_string(),
        summary: failure.summary.to_string(),
        root_cause: failure.root_cause.to_string(),
        remediation: failure.remediation.to_string(),
        category: failure.category,
        technologies: failure.technologies.clone(),
        organization: None,
        severity: None,
        started_at: None,
        duration: None,
        patterns: Vec::new(),
        checks: failure.checks.clone(),
        instances: 0,
        updated_at,
        translations: failure
            .translations
            .iter()
            .map(|translation| TranslatedCard {
                language: translation.language.clone(),
                title: translation.title.to_string(),
                summary: translation.summary.to_string(),
            })
            .collect(),
        language: None,
    }
}

fn shared_texts(failure: &Failure) -> Vec<(Field, String)> {
    let in_other_languages = |part: fn(&crate::domain::Translation) -> String| failure.translations.iter().map(part);
    let title = [failure.title.to_string()].into_iter().chain(in_other_languages(|t| t.title.to_string()));
    let symptom =
        [to_text(failure.symptom.as_str())].into_iter().chain(in_other_languages(|t| to_text(t.symptom.as_str())));
    let root_cause = [to_text(failure.root_cause.as_str())]
        .into_iter()
        .chain(failure.contributing_factors.iter().map(ToString::to_string));
    let rules = failure.rules.iter().map(|rule| format!("{}\n{}", rule.name, rule.text.as_str()));
    let technologies = failure.technologies.iter().map(|technology| technology.as_str().to_owned());
    let tags = [failure.category.label().to_owned()].into_iter().chain(technologies);
    let summary =
        [to_text(failure.summary.as_str())].into_iter().chain(in_other_languages(|t| to_text(t.summary.as_str())));
    vec![
        (Field::Title, joined(title)),
        (Field::Symptom, joined(symptom)),
        (Field::Summary, joined(summary)),
        (Field::RootCause, joined(root_cause)),
        (Field::Remediation, to_text(failure.remediation.as_str())),
        (Field::Rules, joined(rules)),
        (Field::Tags, tags.collect::<Vec<_>>().join(", ")),
    ]
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}
