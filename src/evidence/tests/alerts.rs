//! Alerts are read in every form in which they reach a person.

use serde_json::Value;

use super::{read, shared_data};

fn names(text: &str) -> Vec<String> {
    let signals = read(text);
    for alert in &signals.alerts {
        assert_eq!(&text[alert.span.clone()], alert.name);
        assert_eq!(signals.line_of(alert.span.start), alert.line);
        assert_eq!(alert.labels["alertname"], alert.name);
    }
    signals.alerts.iter().map(|alert| alert.name.clone() + if alert.is_resolved { " resolved" } else { "" }).collect()
}

#[test]
fn every_payload_of_the_shared_data_is_read() {
    let Some(folder) = shared_data("eval-dev") else { return };
    let text = std::fs::read_to_string(folder.join("alert-json.jsonl")).expect("read the payloads");
    let mut count = 0;
    for line in text.lines() {
        let query: Value = serde_json::from_str(line).expect("a query");
        let payload = query["query"].as_str().expect("a payload");
        let inner: Value = serde_json::from_str(payload).expect("JSON");
        let expected: Vec<&str> = inner["alerts"]
            .as_array()
            .expect("alerts")
            .iter()
            .filter_map(|a| a["labels"]["alertname"].as_str())
            .collect();
        assert_eq!(names(payload), expected, "{}", query["id"]);
        assert_eq!(names(&format!("this came in:\n{payload}\nwhat now?")), expected, "{}", query["id"]);
        count += 1;
    }
    assert_eq!(count, 28);
}

#[test]
fn every_interface_of_prometheus_and_alertmanager_is_read() {
    let api = r#"[{"labels":{"alertname":"A"},"annotations":{"summary":"s"},"status":{"state":"active"}},
                  {"labels":{"alertname":"B"},"status":{"state":"suppressed"}}]"#;
    assert_eq!(names(api), ["A", "B"]);
    let prometheus =
        r#"{"status":"success","data":{"alerts":[{"labels":{"alertname":"A"},"state":"firing","value":"1e+00"}]}}"#;
    assert_eq!(names(prometheus), ["A"]);
    let rules = r#"{"status":"success","data":{"groups":[{"name":"g","rules":[{"type":"alerting","name":"A","state":"firing",
                    "alerts":[{"labels":{"alertname":"A"},"state":"firing"}]},{"type":"alerting","name":"B","alerts":[]}]}]}}"#;
    assert_eq!(names(rules), ["A"]);
    let single = r#"{"labels":{"alertname":"A","pod":"p"},"annotations":{"summary":"s"},"status":"resolved"}"#;
    assert_eq!(names(single), ["A resolved"]);
    assert_eq!(names(r#"{"alertname": "A", "pod": "p"}"#), ["A"]);
    assert_eq!(
        names("look:\n  labels:\n    severity: page\n    alertname: A\n  annotations:\n    summary: s\n"),
        ["A"]
    );
    assert_eq!(names("alertname: A\npod: p\n"), ["A"]);
    let grouped =
        r#"{"receiver":"x","alerts":[],"groupLabels":{"alertname":"A"},"commonLabels":{"alertname":"A","pod":"p"}}"#;
    assert_eq!(names(grouped), ["A"]);
    assert_eq!(names("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n"), Vec::<String>::new());
}

#[test]
fn an_alert_has_its_own_labels_over_the_common_ones() {
    let text = r#"{"status":"firing","commonLabels":{"alertname":"A","pod":"all"},"commonAnnotations":{"runbook_url":"u"},
        "alerts":[{"status":"firing","labels":{"alertname":"A","pod":"p"},"annotations":{"summary":"s"}},
                  {"status":"resolved","labels":{"alertname":"A"}}]}"#;
    let signals = read(text);
    let [first, second] = signals.alerts.as_slice() else { panic!("two alerts") };
    assert_eq!((first.labels["pod"].as_str(), first.annotations["summary"].as_str()), ("p", "s"));
    assert_eq!((first.annotations["runbook_url"].as_str(), first.line), ("u", 2));
    assert_eq!((second.labels["pod"].as_str(), second.is_resolved), ("all", true));
}

#[test]
fn mails_and_messages_are_read() {
    assert_eq!(names("[FIRING:3] KubePodCrashLooping (prod web)\nplease look"), ["KubePodCrashLooping"]);
    assert_eq!(names(":fire: *[RESOLVED] TargetDown* for job"), ["TargetDown resolved"]);
    assert_eq!(names("[FIRING:1, RESOLVED:2] *TargetDown*"), ["TargetDown"]);
    let mail = "[FIRING:2] KubePodCrashLooping\n\nLabels:\n - alertname = KubePodCrashLooping\n - pod = web-1\nAnnotations:\n - \
                summary = It crashes\nSource: http://prometheus\n\nLabels:\n - alertname = KubePodCrashLooping\n - pod = web-2\n";
    assert_eq!(names(mail), ["KubePodCrashLooping", "KubePodCrashLooping"]);
    let signals = read(mail);
    assert_eq!(signals.alerts[0].labels["pod"], "web-1");
    assert_eq!(signals.alerts[0].annotations["summary"], "It crashes");
    assert_eq!(signals.alerts[1].labels["pod"], "web-2");
    let table = "Alertname            Starts At                Summary        State\n\
                 KubePodCrashLooping  2024-05-17 08:21:44 UTC  Pod crashes.   active\n\
                 TargetDown           2024-05-17 08:21:44 UTC  Down.          suppressed\n";
    assert_eq!(names(table), ["KubePodCrashLooping", "TargetDown"]);
    let series = r#"ALERTS{alertname="TargetDown", alertstate="firing", job="api"} 1"#;
    assert_eq!(names(series), ["TargetDown"]);
    assert_eq!(read(series).alerts[0].labels["job"], "api");
    assert_eq!(names("a = b\nINFO x = y\n[FIRING] 12\n"), Vec::<String>::new());
}
