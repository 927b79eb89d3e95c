//! Log rules as a document of Common Reliability Enumerations.

use super::FailureRules;
use crate::detection::log::export::{CreRule, document};
use crate::domain::{RuleKind, Severity};

/// The document, how many rules are in it, and what a person should know about it.
pub(super) fn print(failures: &[FailureRules], base: &str) -> (String, usize, Vec<String>) {
    let rules: Vec<CreRule<'_>> = failures
        .iter()
        .flat_map(|failure| {
            failure.of_kind(RuleKind::Log).map(move |(number, rule)| CreRule {
                text: rule.text.as_str(),
                id: format!("{}/rules/{number}", failure.address),
                severity: severity(failure.severity),
                title: format!("{}: {}", failure.title, rule.name),
                category: failure.category.to_string(),
                author: failure.author.clone().unwrap_or_else(|| "Casebook".to_owned()),
                description: failure.told.summary.clone(),
                cause: failure.told.root_cause.clone(),
                impact: failure.told.impact.clone(),
                mitigation: failure.told.remediation.clone(),
                tags: failure.technologies.clone(),
                references: std::iter::once(format!("{base}/{}", failure.address))
                    .chain(failure.references.iter().cloned())
                    .collect(),
            })
        })
        .collect();
    let (text, left_out) = document(&rules);
    let notes = left_out.iter().map(|&place| format!("left out: {}: its text is not a YAML mapping", rules[place].id));
    (text, rules.len() - left_out.len(), notes.collect())
}

/// CRE counts from 0, critical, to 3, low; a pattern, which has no severity of its own, stands in the middle.
fn severity(severity: Option<Severity>) -> u8 {
    match severity {
        Some(Severity::Sev1) => 0,
        Some(Severity::Sev2) => 1,
        Some(Severity::Sev3) | None => 2,
        Some(Severity::Sev4) => 3,
    }
}
