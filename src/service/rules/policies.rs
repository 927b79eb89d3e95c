//! Manifest rules as ValidatingAdmissionPolicies, each with its binding.

use super::FailureRules;
use crate::detection::manifest::{ManifestRule, Source, policy};
use crate::domain::RuleKind;

/// The documents, how many rules are in them, and what a person should know about them.
pub(super) fn print(failures: &[FailureRules], base: &str) -> (String, usize, Vec<String>) {
    let (mut text, mut rules, mut notes) = (String::new(), 0, Vec::new());
    for failure in failures {
        let url = format!("{base}/{}", failure.address);
        for (number, rule) in failure.of_kind(RuleKind::Manifest) {
            match ManifestRule::compile(rule.text.as_str()) {
                Ok(compiled) => {
                    let (slug, title) = (failure.address.slug.as_str(), &failure.title);
                    text.push_str(&policy(&compiled, &Source { slug, title, rule: rule.name.as_str(), url: &url }));
                    rules += 1;
                }
                Err(error) => notes.push(format!("left out: rule {number} of {}: {error}", failure.address)),
            }
        }
    }
    (text, rules, notes)
}
