//! Metric rules as a Prometheus rule file: a group for each failure.

use std::collections::BTreeMap;

use super::FailureRules;
use crate::detection::metric::MetricRule;
use crate::detection::metric::export::{RuleGroup, rule_file};
use crate::domain::RuleKind;

/// The file, how many rules are in it, and what a person should know about it.
pub(super) fn print(failures: &[FailureRules], base: &str) -> (String, usize, Vec<String>) {
    let mut notes = Vec::new();
    let mut compiled = Vec::new();
    for failure in failures {
        let mut rules = Vec::new();
        for (number, rule) in failure.of_kind(RuleKind::Metric) {
            // What was saved by an older version may not be what this one takes for a rule.
            match MetricRule::compile(rule.text.as_str()) {
                Ok(rule) => rules.push(rule),
                Err(error) => notes.push(format!("left out: rule {number} of {}: {error}", failure.address)),
            }
        }
        if !rules.is_empty() {
            compiled.push((failure.address.to_string(), rules));
        }
    }
    notes.extend(same_names(&compiled));
    let group = |(address, rules): &'_ (String, Vec<MetricRule>)| RuleGroup {
        url: format!("{base}/{address}"),
        address: address.clone(),
        rules: rules.clone(),
    };
    let groups: Vec<RuleGroup> = compiled.iter().map(group).collect();
    let rules = groups.iter().map(|group| group.rules.len()).sum();
    (rule_file(&groups), rules, notes)
}

/// Prometheus allows alerts of the same name, but who silences one silences both.
fn same_names(compiled: &[(String, Vec<MetricRule>)]) -> Vec<String> {
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (address, rules) in compiled {
        rules.iter().for_each(|rule| named.entry(&rule.alert).or_default().push(address));
    }
    named.retain(|_, addresses| addresses.len() > 1);
    named.iter().map(|(alert, of)| format!("{} rules have the alert {alert}: {}", of.len(), of.join(", "))).collect()
}
