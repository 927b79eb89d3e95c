//! Metric rules as Prometheus rule files, with the way back to the story in every alert.

use std::collections::BTreeMap;

use serde::Serialize;

use super::MetricRule;

/// The annotation that alert managers show as a link.
const RUNBOOK: &str = "runbook_url";

/// The annotation that names the record. A label would say it as well, but labels decide where an alert is sent.
const CASEBOOK: &str = "casebook";

/// The metric rules of one failure: a group of the file.
#[derive(Debug, Clone)]
pub struct RuleGroup {
    /// Whose they are, `stories/…` or `patterns/…`; unique within a file, since Prometheus wants it so.
    pub address: String,
    /// Where people read about it.
    pub url: String,
    /// The rules.
    pub rules: Vec<MetricRule>,
}

/// Prints a rule file. Each alert gets the annotation `casebook` and, where its author set none, `runbook_url`.
pub fn rule_file(groups: &[RuleGroup]) -> String {
    let groups = groups
        .iter()
        .map(|group| {
            let rules = group.rules.iter().map(|rule| Printed { annotations: told(rule, group), ..Printed::new(rule) });
            Group { name: &group.address, rules: rules.collect() }
        })
        .collect();
    yaml(&File { groups })
}

/// Prints a rule file with one rule and without annotations, for unit tests: they do not decide whether it fires.
pub fn bare(rule: &MetricRule) -> String {
    yaml(&File { groups: vec![Group { name: "rules", rules: vec![Printed::new(rule)] }] })
}

fn told(rule: &MetricRule, group: &RuleGroup) -> BTreeMap<String, String> {
    let mut annotations = rule.annotations.clone();
    annotations.insert(CASEBOOK.to_owned(), group.address.clone());
    annotations.entry(RUNBOOK.to_owned()).or_insert_with(|| group.url.clone());
    annotations
}

#[derive(Serialize)]
struct File<'r> {
    groups: Vec<Group<'r>>,
}

#[derive(Serialize)]
struct Group<'r> {
    name: &'r str,
    rules: Vec<Printed<'r>>,
}

#[derive(Serialize)]
struct Printed<'r> {
    alert: &'r str,
    expr: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#for: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_firing_for: Option<&'r str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'r BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl<'r> Printed<'r> {
    fn new(rule: &'r MetricRule) -> Self {
        Self {
            alert: &rule.alert,
            expr: &rule.expr,
            r#for: rule.hold_for.as_deref(),
            keep_firing_for: rule.keep_firing_for.as_deref(),
            labels: &rule.labels,
            annotations: BTreeMap::new(),
        }
    }
}

/// YAML as readers of YAML 1.1 and 1.2 take it alike: what could be taken for anything but text is quoted. Long lines
/// are left alone, since a folded expression is harder to compare.
pub(super) fn yaml(value: &impl Serialize) -> String {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    // Only keys that are not text, writers that fail and options that contradict each other are errors.
    serde_saphyr::to_string_with_options(value, options).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{RuleGroup, bare, rule_file};
    use crate::detection::metric::MetricRule;

    fn rule() -> MetricRule {
        MetricRule {
            alert: "PodRangeNearlyGivenOut".to_owned(),
            expr: "count(kube_node_info) / 256 > 0.8".to_owned(),
            hold_for: Some("30m".to_owned()),
            keep_firing_for: None,
            labels: BTreeMap::from([("severity".to_owned(), "warning".to_owned())]),
            annotations: BTreeMap::from([("summary".to_owned(), "{{ $value | humanizePercentage }} used".to_owned())]),
        }
    }

    fn group(rules: Vec<MetricRule>) -> RuleGroup {
        let address = "patterns/pod-ip-range-exhausted".to_owned();
        RuleGroup { url: format!("https://casebook.example.com/{address}"), address, rules }
    }

    #[test]
    fn a_file_has_a_group_for_each_failure_and_leads_back_to_it() {
        insta::assert_snapshot!(rule_file(&[group(vec![rule()])]), @r#"
        groups:
        - name: patterns/pod-ip-range-exhausted
          rules:
          - alert: PodRangeNearlyGivenOut
            expr: count(kube_node_info) / 256 > 0.8
            for: 30m
            labels:
              severity: warning
            annotations:
              casebook: patterns/pod-ip-range-exhausted
              runbook_url: https://casebook.example.com/patterns/pod-ip-range-exhausted
              summary: "{{ $value | humanizePercentage }} used"
        "#);
    }

    #[test]
    fn a_runbook_of_the_authors_is_kept() {
        let mut own = rule();
        own.annotations.insert("runbook_url".to_owned(), "https://wiki.example.com/pods".to_owned());
        let file = rule_file(&[group(vec![own])]);
        let read = MetricRule::compile(&file).expect("a rule file");
        assert_eq!(read.annotations["runbook_url"], "https://wiki.example.com/pods");
        assert_eq!(read.annotations["casebook"], "patterns/pod-ip-range-exhausted");
    }

    #[test]
    fn a_library_without_metric_rules_is_a_file_without_groups() {
        assert_eq!(rule_file(&[]), "groups: []\n");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_as_it_was(
            alert in "\\PC(\\PC|\\n|\\t){0,30}",
            label in "(\\PC|\\n|\\t|[\u{1}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{feff}]|: |#|yes|0x1f|'|\"|\\\\){0,12}",
            hold_for in proptest::option::of(proptest::sample::select(vec!["0", "5m", "1d2h", "300ms"])),
            expr in proptest::sample::select(vec![
                "up == 0", "sum(a)\n  /\nsum(b) # all\n", "\n  up{job=\"a: b\"}\n\n", "'no' == bool 1 or up", "1", "up{a=~`\\d+`}",
            ]),
        ) {
            let mut rule = rule();
            rule.alert = alert;
            rule.expr = expr.to_owned();
            rule.hold_for = hold_for.map(str::to_owned);
            rule.labels.insert("told".to_owned(), label.replace("{{", "{"));
            prop_assume!(crate::detection::metric::expression::check(&rule.expr).is_ok() && !rule.alert.trim().is_empty());
            let read = MetricRule::compile(&bare(&rule)).expect("reads back");
            prop_assert_eq!(&read.labels, &rule.labels);
            prop_assert_eq!(read, MetricRule { annotations: BTreeMap::new(), ..rule });
        }
    }
}
