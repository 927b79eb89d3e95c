//! The answer to some evidence as programs read it: the JSON of `POST /api/v1/match` and of `casebook match --json`.

use serde::{Deserialize, Serialize};

use super::diagnose::Diagnosis;
use crate::domain::FailureKind;
use crate::domain::matching::{Card, Finding, Match, NextCheck, Proof, Verdict};

/// The whole answer. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// `known`, `possible` or `unknown`.
    pub outcome: String,
    /// What the evidence was read as: `12 log lines, 1 Deployment, 3 events`.
    #[serde(default)]
    pub read: String,
    /// The known failures, best first.
    pub matches: Vec<AnswerMatch>,
    /// The one command worth running next, where the failures state one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<AnswerCheck>,
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
    /// Why it is proposed: the rules that fired, then the words that met it.
    pub reasons: Vec<AnswerReason>,
    /// What its rules also look for and did not find.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expects: Vec<AnswerExpectation>,
    /// What speaks against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradicted: Vec<AnswerContradiction>,
    /// Other known failures of the same pattern that match as well, and the patterns that it is an instance of.
    pub also: Vec<AnswerLink>,
}

/// Why a failure is proposed. Lines are those of the evidence, from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnswerReason {
    /// A rule fired.
    Rule {
        /// What the rule recognises.
        rule: String,
        /// `log`, `manifest` or `metric`.
        kind: String,
        /// Whose rule it is, where it is that of another failure of the same pattern.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<AnswerLink>,
        /// Where it met what it looks for.
        lines: Vec<u32>,
        /// The object or the alert: `Deployment web/frontend`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// How it was read, where that matters: "no timestamps were found, so …".
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remarks: Vec<String>,
    },
    /// Words of the evidence stand in one of its fields too.
    Words {
        /// The field: `symptom`, `title`, `root_cause`…
        field: String,
        /// The words, most telling first.
        terms: Vec<String>,
        /// Where they stand.
        lines: Vec<u32>,
    },
}

/// A rule of which only a part was met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerExpectation {
    /// What the rule recognises.
    pub rule: String,
    /// What it also looks for, in words.
    pub missing: Vec<String>,
    /// Where the part that is there stands.
    pub lines: Vec<u32>,
}

/// A rule that would have fired but for something that speaks against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerContradiction {
    /// What the rule recognises.
    pub rule: String,
    /// What speaks against it, in words.
    pub by: String,
    /// Where that stands.
    pub lines: Vec<u32>,
}

/// A command to run next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerCheck {
    /// The title of the failure that states it.
    pub of: String,
    /// `story` or `pattern`.
    pub kind: String,
    /// Its address within its kind.
    pub slug: String,
    /// The command.
    pub command: String,
    /// What its output says.
    pub means: String,
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
    pub fn new(diagnosis: &Diagnosis, base: &str) -> Self {
        let matches = &diagnosis.matches;
        Self {
            outcome: name(matches.outcome),
            read: diagnosis.read.clone(),
            matches: matches.matches.iter().map(|found| AnswerMatch::new(found, base)).collect(),
            next: matches.next.as_ref().map(AnswerCheck::new),
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
        let words = found.reasons.iter().map(|reason| AnswerReason::Words {
            field: name(reason.field),
            terms: reason.terms.clone(),
            lines: reason.lines.clone(),
        });
        let rules = found.findings.iter().filter_map(|finding| {
            let of =
                found.also.iter().find(|other| other.id == finding.failure).map(|other| AnswerLink::new(other, base));
            finding.proof().map(|proof| AnswerReason::fired(finding, proof, of))
        });
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
            reasons: rules.chain(words).collect(),
            expects: found.findings.iter().filter_map(AnswerExpectation::new).collect(),
            contradicted: found.findings.iter().filter_map(AnswerContradiction::new).collect(),
            also: patterns.chain(others.map(|other| AnswerLink::new(other, base))).collect(),
        }
    }
}

impl AnswerReason {
    fn fired(finding: &Finding, proof: &Proof, of: Option<AnswerLink>) -> Self {
        Self::Rule {
            rule: finding.rule.to_string(),
            kind: finding.kind.to_string(),
            of,
            lines: finding.lines(),
            subject: proof.subject.clone(),
            remarks: proof.remarks.clone(),
        }
    }
}

impl AnswerExpectation {
    fn new(finding: &Finding) -> Option<Self> {
        match &finding.verdict {
            Verdict::Partial { missing, .. } => {
                Some(Self { rule: finding.rule.to_string(), missing: missing.clone(), lines: finding.lines() })
            }
            Verdict::Fired(_) | Verdict::Contradicted { .. } => None,
        }
    }
}

impl AnswerContradiction {
    fn new(finding: &Finding) -> Option<Self> {
        match &finding.verdict {
            Verdict::Contradicted { by, .. } => {
                Some(Self { rule: finding.rule.to_string(), by: by.clone(), lines: finding.lines() })
            }
            Verdict::Fired(_) | Verdict::Partial { .. } => None,
        }
    }
}

impl AnswerCheck {
    fn new(next: &NextCheck) -> Self {
        Self {
            of: next.of.title.clone(),
            kind: next.kind.to_string(),
            slug: next.of.slug.to_string(),
            command: next.check.command.to_string(),
            means: next.check.means.to_string(),
        }
    }
}

impl AnswerLink {
    fn new(card: &Card, base: &str) -> Self {
        Self {
            kind: card.kind.to_string(),
            slug: card.slug.to_string(),
            title: card.title.clone(),
            url: url(card, base),
        }
    }
}

fn url(card: &Card, base: &str) -> String {
    match card.kind {
        FailureKind::Story => format!("{base}/stories/{}", card.slug),
        FailureKind::Pattern => format!("{base}/patterns/{}", card.slug),
    }
}

/// The name that serde gives a value of one of the domain's plain enums.
fn name(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => String::new(),
    }
}
