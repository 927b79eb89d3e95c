//! What is kept of a line, what is not, and that what is suggested does what it should on real lines.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeZone, Utc};
use proptest::prelude::*;

use super::{Refused, Suggestion, suggest};
use crate::detection::log::LogRule;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 5, 12, 0, 0).single().expect("a moment")
}

fn suggested(text: &str, lines: impl IntoIterator<Item = u32>) -> Result<Suggestion, Refused> {
    suggest(&Signals::read(text, now()), &lines.into_iter().collect::<BTreeSet<_>>(), now())
}

#[track_caller]
fn condition(line: &str) -> String {
    let text = suggested(line, [1]).expect(line).text;
    text.strip_prefix("set:\n  match:\n    - ").expect("one condition").trim_end().to_owned()
}

fn fires(rule: &str, text: &str) -> bool {
    let rule = LogRule::compile(rule).unwrap_or_else(|error| panic!("{error}: {rule}"));
    matches!(rule.run(&Signals::read(text, now())), Some(Verdict::Fired(_)))
}

#[test]
fn words_stay_and_what_changes_becomes_an_expression() {
    for (line, wanted) in [
        ("2026-01-05T14:03:00Z connection refused by upstream", "value: 'connection refused by upstream'"),
        (
            "14:03:00 dial tcp 10.0.0.1:6443: connect: connection refused",
            r"regex: 'dial tcp [\d.:/]+: connect: connection refused'",
        ),
        (
            "2026-01-05 14:03:00,123 ERROR [main] Out of memory: killed process 4711 (java)",
            r"regex: 'Out of memory: killed process \d+ \(java'",
        ),
        (
            "E0105 14:03:00.123456       1 reflector.go:138] Failed to watch *v1.Pod",
            r"regex: 'reflector\.go:\d+\] Failed to watch \*v1\.Pod'",
        ),
        ("Jan  5 14:03:00 web-1 kernel: oom-kill: task=java", "value: 'kernel: oom-kill: task=java'"),
        (
            r#"{"level":"error","ts":1767621780.1,"msg":"sync failed for pod checkout-7d9f8b6c54-x2k9q"}"#,
            r"regex: 'sync failed for pod checkout'",
        ),
        (
            r#"time=2026-01-05T14:03:00Z level=error msg="no space left on device" id=7"#,
            "value: 'no space left on device'",
        ),
        ("container exited with exit code 137 after 3.5s", "regex: 'container exited with exit code 137 after'"),
        ("0/256 nodes are available", "value: 'nodes are available'"),
        ("it's broken", "value: 'it''s broken'"),
        ("pod 123e4567-e89b-12d3-a456-426614174000 has no 地址", "regex: 'pod [0-9a-fA-F-]{36} has no 地址'"),
    ] {
        let found = condition(line);
        // Without anything that changes between its words a condition is plain text.
        let wanted =
            if wanted.contains(['\\', '[']) { wanted.to_owned() } else { wanted.replacen("regex", "value", 1) };
        assert_eq!(found, wanted, "{line}");
    }
}

#[test]
fn a_line_of_another_pod_meets_the_rule_as_well() {
    let rule =
        suggested("14:03:00 pod web-7d9f8b6c54-x2k9q on node17 lost 10.0.0.1 after 300ms", [1]).expect("a rule").text;
    assert!(fires(&rule, "15:00:01 pod web-6c8d5f9b77-qq7zp on node3 lost 10.9.8.7 after 1m3s"), "{rule}");
    assert!(!fires(&rule, "15:00:01 pod web-6c8d5f9b77-qq7zp on node3 is ready"), "{rule}");
}

#[test]
fn lines_in_order_with_stamps_become_a_sequence_and_others_a_set() {
    let text =
        "2026-01-05T14:03:00Z disk is full\n2026-01-05T14:03:20Z ordinary\n2026-01-05T14:03:41Z the writer stopped";
    let found = suggested(text, [1, 3]).expect("a rule");
    assert_eq!(
        found.text,
        "sequence:\n  window: 1m\n  order:\n    - value: 'disk is full'\n    - value: 'the writer stopped'\n"
    );
    assert_eq!(found.example, "2026-01-05T14:03:00Z disk is full\n2026-01-05T14:03:41Z the writer stopped");
    assert_eq!(found.name, "disk is full");
    let found = suggested("disk is full\nthe writer stopped", [1, 2]).expect("a rule");
    assert!(found.text.starts_with("set:\n  window: 5m\n  match:\n"), "{}", found.text);
    let same = "14:03:00.1 retry 1 failed\n14:03:01.1 retry 2 failed\n14:03:02.1 retry 3 failed";
    let found = suggested(same, [1, 2, 3]).expect("a rule");
    assert_eq!(found.text, "set:\n  window: 5s\n  match:\n    - regex: 'retry \\d+ failed'\n      count: 3\n");
}

#[test]
fn what_cannot_be_a_rule_is_refused_with_the_reason() {
    assert_eq!(suggested("a line", []), Err(Refused::NoLines));
    assert_eq!(suggested("one\n\n", [2, 3, 99]), Err(Refused::NoLines));
    assert_eq!(suggested("14:03:00 ERROR 4711 10.0.0.1", [1]), Err(Refused::NoWords(1)));
    assert_eq!(suggested(&"more lines\n".repeat(30), 1..=30), Err(Refused::TooManyLines(30)));
}

/// Lines of ordinary programs, as those of which collections of logs are made.
const ORDINARY: &str = "\
081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating
17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal handlers for [TERM, HUP, INT]
2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification time out: 3200
Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=218.188.2.4
Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186
[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6
[10.30 16:49:06] chrome.exe - proxy.cse.cuhk.edu.hk:5070 open through proxy proxy.cse.cuhk.edu.hk:5070 HTTPS
2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack v6.1.7601.23505 with Core: C:\\Windows\\cbscore.dll
20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579
nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server [req-38101a0b] 10.11.10.1 status: 200 len: 1893
- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.675872 R02-M1-N0-C:J12-U11 RAS KERNEL INFO instruction cache parity error corrected
203.0.113.7 - - [05/Jan/2026:14:03:00 +0000] \"GET /health HTTP/1.1\" 502 157 \"-\" \"curl/8.5.0\"";

#[test]
fn for_lines_of_many_programs_the_rule_fires_on_its_line_and_on_no_other_program() {
    let lines: Vec<&str> = ORDINARY.lines().collect();
    for (place, line) in lines.iter().enumerate() {
        let rule = suggested(line, [1]).expect(line).text;
        assert!(fires(&rule, line), "{rule}");
        for other in lines.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other) {
            assert!(!fires(&rule, other), "{rule} fires on {other}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_chosen_the_rule_compiles_and_fires_or_is_refused(
        text in "([a-z]{1,8}|[A-Z]{2,5}|[0-9]{1,12}|[0-9a-f]{8}|14:03:00|2026-01-05T14:03:00Z|10\\.0\\.0\\.1| |  |\t|\"|'|\\{|\\[|\\]|:|=|\\\\|\\$|\\^|msg=|\"msg\":|好|\u{1b}\\[31m|\n|\n){1,40}",
        lines in prop::collection::btree_set(1..8_u32, 1..5),
    ) {
        match suggest(&Signals::read(&text, now()), &lines, now()) {
            Ok(found) => prop_assert!(fires(&found.text, &found.example), "{}", found.text),
            Err(Refused::Silent) => prop_assert!(lines.len() > 1, "nothing fires on {text:?}"),
            Err(Refused::NoLines | Refused::NoWords(_) | Refused::TooManyLines(_)) => {}
        }
    }
}
