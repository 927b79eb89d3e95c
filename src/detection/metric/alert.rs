//! Looks for the alert of a rule among the alerts that were pasted.

use super::MetricRule;
use crate::domain::matching::{Place, Proof, Verdict};
use crate::evidence::{Alert, Signals};

/// The annotation by which an alert of another name is still known: it says where its story is told.
const RUNBOOK: &str = "runbook_url";

/// Alerts that are looked at: a page of them is a few, and a mebibyte made of alerts would be tried on every rule.
const MOST_ALERTS: usize = 1_000;

/// Fires on the alerts of the rule's name; where there is none, on those that point to the same runbook.
pub(super) fn find(rule: &MetricRule, signals: &Signals<'_>) -> Option<Verdict> {
    let found = [Likeness::Name, Likeness::Letters, Likeness::Runbook].into_iter().find_map(|likeness| {
        let read = signals.alerts.iter().take(MOST_ALERTS);
        let alerts: Vec<&Alert> = read.filter(|alert| likeness.holds(rule, alert)).collect();
        (!alerts.is_empty()).then_some((likeness, alerts))
    });
    let (likeness, alerts) = found?;
    let mut remarks = Vec::new();
    remarks.extend(likeness.remark(rule, alerts[0]));
    remarks.extend(resolved(&alerts));
    remarks.extend(contradictions(rule, &alerts));
    let places =
        alerts.iter().take(Proof::MOST_PLACES).map(|alert| Place { line: alert.line, span: alert.span.clone() });
    Some(Verdict::Fired(Proof {
        places: places.collect(),
        subject: Some(format!("Alert {}", alerts[0].name)),
        remarks,
    }))
}

/// What an alert has in common with that of a rule, surest first.
#[derive(Clone, Copy)]
enum Likeness {
    Name,
    /// But for case and separators: `kube_pod_crash_looping` for `KubePodCrashLooping`.
    Letters,
    /// The annotation `runbook_url`.
    Runbook,
}

impl Likeness {
    fn holds(self, rule: &MetricRule, alert: &Alert) -> bool {
        match self {
            Self::Name => alert.name == rule.alert,
            Self::Letters => letters(&rule.alert).next().is_some() && letters(&alert.name).eq(letters(&rule.alert)),
            Self::Runbook => {
                let told = rule.annotations.get(RUNBOOK).filter(|url| !url.is_empty() && !url.contains("{{"));
                told.is_some() && told == alert.annotations.get(RUNBOOK)
            }
        }
    }

    fn remark(self, rule: &MetricRule, alert: &Alert) -> Option<String> {
        match self {
            Self::Name => None,
            Self::Letters => Some(format!("the alert is called {}, that of the rule {}", alert.name, rule.alert)),
            Self::Runbook => Some(format!(
                "the alert is called {}, that of the rule {}; both have the same {RUNBOOK}",
                alert.name, rule.alert
            )),
        }
    }
}

/// A name without the case and the separators that tools change.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

fn resolved(alerts: &[&Alert]) -> Option<String> {
    let resolved = alerts.iter().filter(|alert| alert.is_resolved).count();
    match (resolved, alerts.len()) {
        (0, _) => None,
        (1, 1) => Some("the alert is resolved".to_owned()),
        (resolved, all) if resolved == all => Some(format!("all {all} alerts are resolved")),
        (resolved, all) => Some(format!("{resolved} of {all} alerts are resolved")),
    }
}

/// Labels that the rule gives its alert and that are otherwise in the paste: a copy of the rule with changes, usually.
fn contradictions(rule: &MetricRule, alerts: &[&Alert]) -> Vec<String> {
    let fixed = rule.labels.iter().filter(|(_, value)| !value.contains("{{"));
    fixed
        .filter_map(|(name, expected)| {
            let other = alerts.iter().find_map(|alert| alert.labels.get(name).filter(|found| *found != expected))?;
            Some(format!("its {name} is {other}, in the rule it is {expected}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::MetricRule;
    use crate::domain::matching::{Place, Proof, Verdict};
    use crate::evidence::{Alert, Signals};

    const RULE: &str = "\
alert: KubePodCrashLooping
expr: max_over_time(kube_pod_container_status_waiting_reason{reason=\"CrashLoopBackOff\"}[5m]) >= 1
labels: {severity: warning, pod: '{{ $labels.pod }}'}
annotations: {runbook_url: 'https://runbooks.example.com/crash-looping'}
";

    fn alert(name: &str, labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Alert {
        let owned = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Alert {
            name: name.to_owned(),
            labels: owned(labels),
            annotations: owned(annotations),
            is_resolved: false,
            line: 3,
            span: 10..20,
        }
    }

    fn proof(alerts: Vec<Alert>) -> Option<Proof> {
        let signals = Signals { alerts, ..Signals::read("", chrono::DateTime::UNIX_EPOCH) };
        match MetricRule::compile(RULE).expect("a rule").run(&signals)? {
            Verdict::Fired(proof) => Some(proof),
            verdict @ (Verdict::Contradicted { .. } | Verdict::Partial { .. }) => panic!("{verdict:?}"),
        }
    }

    #[test]
    fn a_rule_fires_on_the_alert_of_its_name() {
        let found =
            proof(vec![alert("Other", &[], &[]), alert("KubePodCrashLooping", &[("severity", "warning")], &[])]);
        let found = found.expect("fired");
        assert_eq!(found.places, [Place { line: 3, span: 10..20 }]);
        assert_eq!(found.subject.as_deref(), Some("Alert KubePodCrashLooping"));
        assert_eq!(found.remarks, [""; 0]);
        assert_eq!(proof(vec![alert("KubePodNotReady", &[("severity", "warning")], &[])]), None);
        assert_eq!(proof(Vec::new()), None);
    }

    #[test]
    fn an_alert_is_found_in_what_alertmanager_sends() {
        let paste = r#"We were paged with
{"version": "4", "status": "firing", "alerts": [
  {"status": "firing", "labels": {"alertname": "Watchdog"}, "annotations": {}},
  {"status": "firing", "labels": {"severity": "warning",
    "alertname": "KubePodCrashLooping"}, "annotations": {}}]}"#;
        let signals = Signals::read(paste, chrono::DateTime::UNIX_EPOCH);
        let Some(Verdict::Fired(proof)) = MetricRule::compile(RULE).expect("a rule").run(&signals) else {
            panic!("it does not fire");
        };
        let [place] = proof.places.as_slice() else { panic!("{:?}", proof.places) };
        assert_eq!((place.line, &paste[place.span.clone()]), (5, "KubePodCrashLooping"));
    }

    #[test]
    fn what_a_person_should_know_is_remarked() {
        let mut resolved = alert("KubePodCrashLooping", &[("severity", "critical"), ("pod", "a")], &[]);
        resolved.is_resolved = true;
        assert_eq!(
            proof(vec![resolved.clone()]).expect("fired").remarks,
            ["the alert is resolved", "its severity is critical, in the rule it is warning"]
        );
        let found = proof(vec![resolved, alert("KubePodCrashLooping", &[], &[])]).expect("fired");
        assert_eq!(found.remarks[0], "1 of 2 alerts are resolved");
        assert_eq!(found.places.len(), 2);
    }

    #[test]
    fn an_alert_of_another_name_is_known_by_its_letters_or_its_runbook() {
        let found = proof(vec![alert("kube_pod_crash_looping", &[], &[])]).expect("fired");
        assert_eq!(found.remarks, ["the alert is called kube_pod_crash_looping, that of the rule KubePodCrashLooping"]);
        let runbook = [("runbook_url", "https://runbooks.example.com/crash-looping")];
        let found = proof(vec![alert("PodRestarts", &[], &runbook)]).expect("fired");
        assert_eq!(found.subject.as_deref(), Some("Alert PodRestarts"));
        assert!(found.remarks[0].ends_with("both have the same runbook_url"));
        assert_eq!(proof(vec![alert("PodRestarts", &[], &[("runbook_url", "")])]), None);
    }
}
