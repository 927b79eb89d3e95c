//! A paste is told in parts that a person recognises.

use proptest::prelude::*;

use super::read;
use crate::evidence::PartKind::{self, Alerts, Events, Log, Objects, Output, Prose, Trace};

fn parts(text: &str) -> Vec<(PartKind, u32, u32)> {
    read(text).parts.iter().map(|part| (part.kind, part.lines.start, part.lines.end - 1)).collect()
}

#[test]
fn a_chat_with_a_log_and_a_manifest_comes_apart() {
    let text = "\
alice  10:02
we rolled out the new gateway and now half of the requests time out

2024-05-17T10:02:11.120Z ERROR upstream timed out
2024-05-17T10:02:12.220Z WARN  retrying in 5s
java.net.SocketTimeoutException: Read timed out
\tat com.example.Client.read(Client.java:12)

this is what we deployed, it looks fine to me:
```yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: gateway
spec:
  replicas: 3
```
and the scheduler says
LAST SEEN   TYPE      REASON             OBJECT          MESSAGE
2m14s       Warning   FailedScheduling   pod/web-1       0/3 nodes are available

[FIRING:1] TargetDown (prod)
";
    let expected = [
        (Prose, 1, 2),
        (Log, 4, 5),
        (Trace, 6, 7),
        (Prose, 9, 9),
        (Objects, 10, 17),
        (Prose, 18, 18),
        (Events, 19, 20),
        (Alerts, 22, 22),
    ];
    assert_eq!(parts(text), expected);
    assert_eq!(read(text).summary(), "4 lines of prose, 2 log lines, 1 Deployment, 1 event, 1 alert and 1 stack trace");
}

#[test]
fn a_description_is_output_that_ends_in_events() {
    let text = "\
Name:             web-1
Namespace:        default
Containers:
  web:
    Image:          nginx:1.25
    State:          Waiting
      Reason:       CrashLoopBackOff
Events:
  Type     Reason   Age                From     Message
  ----     ------   ----               ----     -------
  Warning  BackOff  2m (x3 over 5m)    kubelet  Back-off restarting failed container
";
    assert_eq!(parts(text), [(Output, 1, 7), (Events, 8, 11)]);
    assert_eq!(read(text).summary(), "1 event and 7 lines of other output");
}

#[test]
fn what_get_prints_with_managed_fields_is_one_object() {
    let text = "\
apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\"}}
  creationTimestamp: \"2024-05-17T08:21:44Z\"
  managedFields:
  - apiVersion: v1
    fieldsType: FieldsV1
    fieldsV1:
      f:metadata:
        f:labels:
          .: {}
          f:app: {}
    manager: kubectl
    operation: Update
    time: \"2024-05-17T08:21:44Z\"
  name: web
spec:
  containers:
  - name: web
    resources:
      limits:
        cpu: 100m
        memory: 1Gi
status:
  phase: Running
";
    let signals = read(text);
    assert_eq!(parts(text), [(Objects, 1, 28)]);
    assert_eq!(signals.objects.len(), 1);
    assert_eq!(signals.objects[0].name.as_deref(), Some("web"));
    assert_eq!(signals.objects[0].lines["/metadata/managedFields/0/fieldsV1/f:metadata/f:labels/."], 14);
    assert_eq!(signals.summary(), "1 Pod");
}

#[test]
fn an_alert_with_words_around_it() {
    let text = "got paged with this one, any idea what it means?\n\n{\n  \"status\": \"firing\",\n  \"alerts\": [{\"labels\": \
                {\"alertname\": \"TargetDown\"}}]\n}\n";
    assert_eq!(parts(text), [(Prose, 1, 1), (Alerts, 3, 6)]);
    assert_eq!(read("").summary(), "nothing");
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "apiVersion: v1\n",
            "kind: Pod\n",
            "kind: List\nitems:\n",
            "- ",
            "  ",
            "\n",
            "---\n",
            "```\n",
            "{",
            "}",
            "[",
            "]",
            "\"apiVersion\":\"v1\"",
            "\"kind\":\"Pod\"",
            ",",
            ":",
            "\"",
            "alertname: A\n",
            "labels:\n",
            "metadata:\n  name: x\n",
            "&a ",
            "*a ",
            "<<: *a\n",
            "x: |\n",
            "Name: web\n",
            "Events:\n",
            "  Type     Reason   Age   From   Message\n",
            "  Warning  BackOff  2m (x3 over 5m)  kubelet  Back-off\n",
            "LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n",
            "panic: x\n",
            "goroutine 1 [running]:\n",
            "\tat a.B.c(B.java:1)\n",
            "java.lang.Error: x\n",
            "Traceback (most recent call last):\n",
            "ValueError: x\n",
            "[FIRING:1] Down\n",
            " - alertname = A\n",
            "é",
            "🦀",
            "\t",
            "2024-05-17T10:02:11Z ERROR x\n",
            "we saw this happen again today\n",
            "{{ x }}",
            "thread 'a' panicked at x\n",
            "שלום",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn parts_are_in_order_and_cover_what_is_not_blank(text in pieces()) {
        let signals = read(&text);
        let mut from = 1;
        let lines: Vec<&str> = text.split('\n').collect();
        let blank = |range: std::ops::Range<u32>| range.into_iter().all(|line| lines[line as usize - 1].trim().is_empty());
        for part in &signals.parts {
            prop_assert!(part.lines.start >= from && !part.lines.is_empty());
            prop_assert!(blank(from..part.lines.start));
            from = part.lines.end;
        }
        prop_assert!(blank(from..lines.len() as u32 + 1));
        signals.summary();
    }

    #[test]
    fn every_range_lies_in_the_text(text in pieces()) {
        let signals = read(&text);
        let spans = (signals.alerts.iter().map(|a| &a.span))
            .chain(signals.events.iter().map(|e| &e.span))
            .chain(signals.traces.iter().map(|t| &t.span));
        for span in spans {
            prop_assert!(text.get(span.clone()).is_some(), "{:?}", span);
        }
        let last = text.split('\n').count() as u32;
        for object in &signals.objects {
            prop_assert!(object.lines.values().all(|line| (1..=last).contains(line)));
        }
        crate::evidence::objects_in(&text);
    }
}
