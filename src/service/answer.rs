//! The answer to some evidence as programs read it: the JSON of `POST /api/v1/match` and of `casebook match --json`.

use serde::{Deserialize, Serialize};

use crate::domain::matching::{Card, Match, Matches};

/// The whole answer. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// `known`, `possible` or `unknown`.
    pub outcome: String,
    /// The known failures, best first.
    pub matches: Vec<AnswerMatch>,
}

/// One known failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerMatch {
    /// `story` or `pattern`.
    pub kind: String,
    /// Its address within its kind.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// Where it can be read; a path when no public address is known.
    pub url: String,
    /// `fired`, `strong` or `possible`.
    pub confidence: String,
    /// 0 to 1: the share of the evidence's telling words that it meets.
    pub score: f32,
    /// Whose incident it was, of a story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Its summary, as Markdown.
    pub summary: String,
    /// Its root cause, as Markdown.
    pub root_cause: String,
    /// Its remediation, as Markdown.
    pub remediation: String,
    /// Why it is proposed.
    pub reasons: Vec<AnswerReason>,
    /// Other known failures of the same pattern that match as well, and the patterns that it is an instance of.
    pub also: Vec<AnswerLink>,
}

/// The words of the evidence that one field has too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerReason {
    /// The field: `symptom`, `title`, `root_cause`…
    pub field: String,
    /// The words, most telling first.
    pub terms: Vec<String>,
    /// The lines of the evidence, from 1.
    pub lines: Vec<u32>,
}

/// A record by name and address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are documented on AnswerMatch")]
pub struct AnswerLink {
    pub kind: String,
    pub slug: String,
    pub title: String,
    pub url: String,
}

impl Answer {
    /// `base` is put before paths: the public address without a slash at its end, or nothing.
    pub fn new(matches: &Matches, base: &str) -> Self {
        Self {
            outcome: name(matches.outcome),
            matches: matches.matches.iter().map(|found| AnswerMatch::new(found, base)).collect(),
        }
    }
}

impl AnswerMatch {
    fn new(found: &Match, base: &str) -> Self {
        let card = &found.card;
        let patterns = card.patterns.iter().map(|pattern| AnswerLink {
            kind: "pattern".to_owned(),
            slug: pattern.slug.to_string(),
            title: pattern.title.clone(),
            url: format!("{base}/patterns/{}", pattern.slug),
        });
        let others = found.also.iter().filter(|other| !card.patterns.iter().any(|pattern| pattern.slug == other.slug));
        Self {
            kind: card.kind.to_string(),
            slug: card.slug.to_string(),
            title: card.title.clone(),
            url: url(card, base),
            confidence: name(found.confidence),
            score: found.score,
            organization: card.organization.clone(),
            summary: card.summary.clone(),
            root_cause: card.root_cause.clone(),
            remediation: card.remediation.clone(),
            reasons: found
                .reasons
                .iter()
                .map(|reason| AnswerReason {
                    field: name(reason.field),
                    terms: reason.terms.clone(),
                    lines: reason.lines.clone(),
                })
                .collect(),
            also: patterns
                .chain(others.map(|other| AnswerLink {
                    kind: other.kind.to_string(),
                    slug: other.slug.to_string(),
                    title: other.title.clone(),
                    url: url(other, base),
                }))
                .collect(),
        }
    }
}

fn url(card: &Card, base: &str) -> String {
    match card.kind {
        crate::domain::FailureKind::Story => format!("{base}/stories/{}", card.slug),
        crate::domain::FailureKind::Pattern => format!("{base}/patterns/{}", card.slug),
    }
}

/// The name that serde gives a value of one of the domain's plain enums.
fn name(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => String::new(),
    }
}
