//! The fields of the form by their names on the wire, and the way from there to a [`StoryInput`].

use serde::Deserialize;

use super::BodyError;
use crate::domain::Invalid;
use crate::domain::input::{
    ActionItemInput, AlsoFiresInput, CheckInput, FactInput, FailureInput, ProvenanceInput, ReferenceInput, RuleInput,
    StoryInput, TimelineInput, TranslationInput,
};
use crate::web::form::action::Asked;
use crate::web::form::pasted::Pasted;
use crate::web::form::rest;

/// The names on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wire {
    pub(super) csrf: String,
    pub(super) action: String,
    pub(super) id: String,
    pub(super) base: String,
    pub(super) draft: String,
    pub(super) draft_version: String,
    /// What a page that asks something answers with its button for: the action that is carried on.
    pub(super) intent: String,
    pub(super) tab: String,
    pub(super) author_name: String,
    pub(super) note: String,
    pub(super) duplicate_ok: String,
    pub(super) blast_ok: String,
    pub(super) secrets_ok: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) symptom: String,
    pub(super) root_cause: String,
    pub(super) contributing_factors: String,
    pub(super) remediation: String,
    pub(super) category: String,
    pub(super) technologies: String,
    pub(super) organization: String,
    pub(super) started_at: String,
    pub(super) detected_at: String,
    pub(super) resolved_at: String,
    pub(super) duration: String,
    pub(super) severity: String,
    pub(super) trigger: String,
    pub(super) detected_by: String,
    pub(super) impact: String,
    pub(super) lessons: String,
    pub(super) patterns: Vec<String>,
    /// The slug on the button beside a similar story.
    pub(super) link_pattern: String,
    pub(super) timeline_at: Vec<String>,
    pub(super) timeline_marker: Vec<String>,
    pub(super) timeline_text: Vec<String>,
    pub(super) timeline_rest: String,
    pub(super) rules_kind: Vec<String>,
    pub(super) rules_name: Vec<String>,
    pub(super) rules_text: Vec<String>,
    pub(super) fires_on_rule: Vec<String>,
    pub(super) fires_on_text: Vec<String>,
    pub(super) silent_on_rule: Vec<String>,
    pub(super) silent_on_text: Vec<String>,
    pub(super) also_fires_rule: Vec<String>,
    pub(super) also_fires_asked: Vec<String>,
    pub(super) also_fires_on: Vec<String>,
    pub(super) also_fires_because: Vec<String>,
    pub(super) checks_command: Vec<String>,
    pub(super) checks_means: Vec<String>,
    pub(super) checks_apart_from: Vec<String>,
    pub(super) provenance_id: String,
    pub(super) provenance_source: String,
    pub(super) provenance_author: String,
    pub(super) provenance_license: String,
    pub(super) references_kind: Vec<String>,
    pub(super) references_title: Vec<String>,
    pub(super) references_url: Vec<String>,
    pub(super) references_archived: Vec<String>,
    pub(super) references_language: Vec<String>,
    pub(super) facts_claim: Vec<String>,
    pub(super) facts_source: Vec<String>,
    pub(super) facts_passage: Vec<String>,
    pub(super) action_items_text: Vec<String>,
    pub(super) action_items_owner: Vec<String>,
    pub(super) action_items_due: Vec<String>,
    pub(super) action_items_link: Vec<String>,
    pub(super) action_items_done: Vec<String>,
    pub(super) evidence: String,
    pub(super) evidence_line: Vec<String>,
    pub(super) chat: String,
    pub(super) chat_day: String,
    pub(super) chat_zone: String,
    pub(super) translations_language: Vec<String>,
    pub(super) translations_title: Vec<String>,
    pub(super) translations_summary: Vec<String>,
    pub(super) translations_symptom: Vec<String>,
}

/// The reasons that the form has asked for, where the failure is still the one that it has put there.
pub(super) fn asked(wire: &Wire) -> Asked {
    let rows = wire.also_fires_rule.iter().zip(&wire.also_fires_asked).zip(&wire.also_fires_on);
    rows.filter(|((_, asked), on)| asked == on && !on.is_empty())
        .filter_map(|((rule, _), on)| Some((rule.parse().ok()?, on.clone())))
        .collect()
}

/// What was pasted; a line that is no number was not ticked on our page.
pub(super) fn pasted(wire: &Wire) -> Pasted {
    Pasted {
        evidence: wire.evidence.clone(),
        lines: wire.evidence_line.iter().filter_map(|line| line.parse().ok()).collect(),
        chat: wire.chat.clone(),
        chat_day: wire.chat_day.clone(),
        chat_zone: wire.chat_zone.clone(),
    }
}

pub(super) fn input(mut wire: Wire) -> Result<StoryInput, BodyError> {
    let rules = rules(&mut wire)?;
    let mut timeline: Vec<TimelineInput> =
        rows("timeline", [wire.timeline_at, wire.timeline_marker, wire.timeline_text])?
            .map(|[at, marker, text]| TimelineInput { at, marker, text })
            .collect();
    timeline.extend(rest::parse(&wire.timeline_rest));
    let links = later(wire.action_items_link, wire.action_items_text.len());
    let action_items = rows(
        "action_items",
        [wire.action_items_text, wire.action_items_owner, wire.action_items_due, links, wire.action_items_done],
    )?
    .map(|[text, owner, due, link, done]| ActionItemInput { text, owner, due, link, done: done == "yes" })
    .collect();
    let sources = wire.references_url.len();
    let references = rows(
        "references",
        [
            wire.references_kind,
            wire.references_title,
            wire.references_url,
            later(wire.references_archived, sources),
            later(wire.references_language, sources),
        ],
    )?
    .map(|[kind, title, url, archived, language]| ReferenceInput { kind, title, url, archived, language })
    .collect();
    let summaries = later(wire.translations_summary, wire.translations_title.len());
    let translations = rows(
        "translations",
        [wire.translations_language, wire.translations_title, summaries, wire.translations_symptom],
    )?
    .map(|[language, title, summary, symptom]| TranslationInput { language, title, summary, symptom })
    .collect();
    let facts = rows("facts", [wire.facts_claim, wire.facts_source, wire.facts_passage])?
        .map(|[claim, source, passage]| FactInput { claim, source, passage })
        .collect();
    let failure = FailureInput {
        title: wire.title,
        summary: wire.summary,
        symptom: wire.symptom,
        root_cause: wire.root_cause,
        contributing_factors: lines(&wire.contributing_factors),
        remediation: wire.remediation,
        rules,
        checks: rows("checks", [wire.checks_command, wire.checks_means, wire.checks_apart_from])?
            .map(|[command, means, apart_from]| CheckInput { command, means, apart_from })
            .collect(),
        category: wire.category,
        technologies: wire
            .technologies
            .split([',', '\n'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect(),
        references,
        translations,
        provenance: ProvenanceInput {
            id: wire.provenance_id,
            source: wire.provenance_source,
            author: wire.provenance_author,
            license: wire.provenance_license,
        },
    };
    Ok(StoryInput {
        failure,
        organization: wire.organization,
        started_at: wire.started_at,
        detected_at: wire.detected_at,
        resolved_at: wire.resolved_at,
        duration: wire.duration,
        severity: wire.severity,
        trigger: wire.trigger,
        detected_by: wire.detected_by,
        impact: wire.impact,
        timeline,
        lessons: wire.lessons,
        action_items,
        patterns: wire.patterns,
        facts,
        ..StoryInput::default()
    })
}

fn rules(wire: &mut Wire) -> Result<Vec<RuleInput>, BodyError> {
    use std::mem::take;
    let columns = [take(&mut wire.rules_kind), take(&mut wire.rules_name), take(&mut wire.rules_text)];
    let mut rules: Vec<RuleInput> = rows("rules", columns)?
        .map(|[kind, name, text]| RuleInput { kind, name, text, ..RuleInput::default() })
        .collect();
    for [rule, text] in rows("fires_on", [take(&mut wire.fires_on_rule), take(&mut wire.fires_on_text)])? {
        rule_at(&mut rules, "fires_on_rule", &rule)?.fires_on.push(text);
    }
    for [rule, text] in rows("silent_on", [take(&mut wire.silent_on_rule), take(&mut wire.silent_on_text)])? {
        rule_at(&mut rules, "silent_on_rule", &rule)?.silent_on.push(text);
    }
    let columns = [
        take(&mut wire.also_fires_rule),
        take(&mut wire.also_fires_asked),
        take(&mut wire.also_fires_on),
        take(&mut wire.also_fires_because),
    ];
    for [rule, _, on, because] in rows("also_fires", columns)? {
        rule_at(&mut rules, "also_fires_rule", &rule)?.also_fires.push(AlsoFiresInput { on, because });
    }
    Ok(rules)
}

fn rule_at<'r>(rules: &'r mut [RuleInput], field: &'static str, place: &str) -> Result<&'r mut RuleInput, BodyError> {
    let found = place.parse::<usize>().ok().and_then(|place| rules.get_mut(place));
    found.ok_or_else(|| BodyError::Hidden { field, why: Invalid::new(place, "the place of a rule, from 0") })
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A column that forms did not always have: one that was opened before it came sends none of it.
fn later(column: Vec<String>, rows: usize) -> Vec<String> {
    if column.is_empty() { vec![String::new(); rows] } else { column }
}

/// Turns columns into rows.
fn rows<const N: usize>(
    list: &'static str,
    columns: [Vec<String>; N],
) -> Result<impl Iterator<Item = [String; N]>, BodyError> {
    let lengths: Vec<usize> = columns.iter().map(Vec::len).collect();
    if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
        let lengths = lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        return Err(BodyError::Ragged { list, lengths });
    }
    let count = lengths.first().copied().unwrap_or_default();
    let mut columns = columns.map(Vec::into_iter);
    Ok((0..count).map(move |_| std::array::from_fn(|column| columns[column].next().unwrap_or_default())))
}
