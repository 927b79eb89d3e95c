//! Folding, what terms see, levels and templates.

use proptest::prelude::*;

use super::{Entries, Level, Seen};
use crate::evidence::tests::processor::processor_time;

fn read(text: &str) -> Entries {
    Entries::read(text, "2026-03-28T12:00:00Z".parse().expect("RFC 3339"))
}

fn seen(text: &str) -> Vec<String> {
    read(text).entries.iter().map(|entry| entry.seen(text).into_owned()).collect()
}

#[test]
fn a_stack_trace_is_one_entry_joined_without_line_ends() {
    let text = "2026-03-14 15:04:05,123 ERROR boom\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: \
                java.io.IOException: disk\n\t... 3 more\n2026-03-14 15:04:06,123 INFO next\n";
    assert_eq!(
        seen(text),
        [
            "2026-03-14 15:04:05,123 ERROR boomjava.lang.IllegalStateException: no\tat a.B.c(B.java:1)Caused by: \
             java.io.IOException: disk\t... 3 more",
            "2026-03-14 15:04:06,123 INFO next",
        ]
    );
}

#[test]
fn go_writes_blank_lines_into_its_traces() {
    let text =
        "2026/03/14 15:04:05 starting\npanic: nil map\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:10\n";
    assert_eq!(seen(text).len(), 1);
}

#[test]
fn a_pretty_printed_object_belongs_to_its_stamp_which_terms_do_not_see() {
    let text = "2026-03-14T15:04:05Z {\n  \"event\": \"x\",\n  \"timestamp\": \"2026-03-14T15:04:05Z\"\n}\n";
    assert_eq!(seen(text), ["{  \"event\": \"x\",  \"timestamp\": \"2026-03-14T15:04:05Z\"}"]);
}

#[test]
fn unindented_lines_are_folded_as_the_reference_does() {
    let text = "[2026-03-14 15:04:05,123] INFO a\nOK\nOOM command not allowed\n\n[2026-03-14 15:04:06,123] INFO b\n";
    assert_eq!(
        seen(text),
        ["[2026-03-14 15:04:05,123] INFO aOKOOM command not allowed", "[2026-03-14 15:04:06,123] INFO b"]
    );
}

#[test]
fn many_lines_below_a_single_stamp_are_entries_of_their_own() {
    let text = format!("2026-03-14 15:04:05 started\n  with this\n{}", "connection refused\n".repeat(500));
    let read = read(&text);
    assert_eq!(read.entries.len(), 501);
    assert_eq!(read.entries[0].seen(&text), "2026-03-14 15:04:05 started  with this");
    assert_eq!(read.entries[500].stamp, read.entries[0].stamp, "and have the stamp above them");
}

#[test]
fn what_comes_before_the_first_stamp_is_kept() {
    let text = "Our pods restart since noon.\n# header\n2026-03-14 15:04:05 x\n";
    let read = read(text);
    assert_eq!(read.entries.iter().map(|entry| entry.stamp.is_some()).collect::<Vec<_>>(), [false, false, true]);
    assert!(read.is_stamped);
}

#[test]
fn what_follows_a_blank_line_or_opens_a_section_is_not_swallowed() {
    let log = "2026-03-14 15:04:05 ERROR x\n";
    for (between, below) in [
        ("", "$ kubectl describe pod web\n"),
        ("", "Name:         web-1\n"),
        ("", "Events:\n  Type  Reason\n  Warning  BackOff\n"),
        ("", "LAST SEEN   TYPE      REASON\n5m23s       Warning   BackOff\n"),
        ("", "apiVersion: v1\nkind: Pod\n"),
        ("\n", "Since then nothing works.\n"),
    ] {
        let text = format!("{log}{between}{below}");
        let expected = 1 + below.lines().count();
        assert_eq!(seen(&text).len(), expected, "{text}");
    }
}

#[test]
fn runtimes_that_stamp_every_line_fold_nothing() {
    let text = "2026-03-14T15:04:05Z stdout F boom\n2026-03-14T15:04:05Z stderr F   at x\n  at y\n";
    assert_eq!(seen(text), ["boom", "  at x", "  at y"]);
}

#[test]
fn without_stamps_every_line_is_an_entry_but_for_traces() {
    let text = "OOM command not allowed\n  indented\nException in thread \"main\" java.lang.Error\n\tat a.B.c(B.java:1)\n\nOK\n";
    let read = read(text);
    assert!(!read.is_stamped);
    assert_eq!(
        read.entries.iter().map(|entry| entry.seen(text).into_owned()).collect::<Vec<_>>(),
        [
            "OOM command not allowed",
            "  indented",
            "Exception in thread \"main\" java.lang.Error\tat a.B.c(B.java:1)",
            "OK"
        ]
    );
}

#[test]
fn dockers_json_is_seen_decoded_and_stands_on_its_whole_line() {
    let text = "{\"log\":\"said \\\"no\\\"\\n\",\"stream\":\"stderr\",\"time\":\"2026-03-14T15:04:05Z\"}\n";
    let read = read(text);
    assert_eq!(read.entries[0].seen, Seen::Decoded("said \"no\"".to_owned()));
    assert_eq!(read.entries[0].places(&(5..9)), std::slice::from_ref(&(0..text.len() - 1)));
}

#[test]
fn a_stretch_of_a_folded_entry_has_a_place_on_each_of_its_lines() {
    let text = "2026-03-14T15:04:05Z one\n\ttwo\n";
    let entry = &read(text).entries[0];
    assert_eq!(entry.seen(text), "one\ttwo");
    assert_eq!(entry.places(&(1..5)), [22..24, 25..27]);
    assert_eq!(entry.places(&(0..3)), std::slice::from_ref(&(21..24)));
}

#[test]
fn levels_are_one_vocabulary() {
    for (line, level) in [
        ("2026-03-14 15:04:05 [erro] <0.1.0> x", Some(Level::Error)),
        ("2026-03-14 15:04:05 [noti] <0.1.0> x", Some(Level::Notice)),
        ("E0314 15:04:05.678901   1 x.go:1] y", Some(Level::Error)),
        ("Mar 14 15:04:05 node-0 kubelet[42965]: W0314 15:04:05.923538 42965 x.go:1] y", Some(Level::Warning)),
        ("2026/03/14 15:04:05 [error] 1#1: x", Some(Level::Error)),
        ("[1] 2026/03/14 15:04:05.678901 [INF] Starting", Some(Level::Info)),
        ("INFO  [main] 2026-03-14 15:04:05,123 Main.java:1 - no error", Some(Level::Info)),
        ("2026-03-14 15:04:05.123 UTC [136] ERROR:  relation \"x\" does not exist", Some(Level::Error)),
        ("2026-03-14 15:04:05.123 UTC [136] FATAL:  too many connections", Some(Level::Critical)),
        ("2026-03-14T15:04:05.123Z\twarn\tx.go:1\tslow", Some(Level::Warning)),
        ("time=\"2026-03-14T15:04:05Z\" level=warning msg=\"error in x\"", Some(Level::Warning)),
        ("2026-03-14T15:04:05.123+0000 I NETWORK  [listener] x", Some(Level::Info)),
        ("{\"level\":\"ERROR\",\"ts\":1773500645}", Some(Level::Error)),
        ("{\"level\":50,\"time\":1773500645123}", Some(Level::Error)),
        ("{\"t\":{\"$date\":\"2026-03-14T15:04:05Z\"},\"s\":\"W\"}", Some(Level::Warning)),
        ("web-1 | {\"severity\":\"CRITICAL\",\"time\":1773500645}", Some(Level::Critical)),
        ("2026-03-14T15:04:05Z Normal Scheduled pod/web-1", Some(Level::Info)),
        ("error: cannot connect", Some(Level::Error)),
        ("There was an error in the trace of information", None),
        ("Name:  web-1", None),
        ("", None),
    ] {
        let read = read(line);
        assert_eq!(read.entries.first().and_then(|entry| entry.level(line)), level, "{line}");
    }
}

#[test]
fn lines_of_a_kind_have_one_template() {
    for (lines, template) in [
        (
            [
                "2026-03-14 15:04:05 GET /users/1 took 15ms from 10.0.0.1:80",
                "2026-03-15 00:00:00 GET /users/2 took 3.5ms from 10.0.0.9:81",
            ],
            "GET <path> took <number> from <number>",
        ),
        (
            [
                "Mar 14 15:04:05 node-0 kubelet[42965]: Pod \"web-1\" has 0xc000 in 8a3f2b1c9d",
                "Mar 14 15:04:06 node-1 kubelet[1]: Pod \"web-2\" has 0xc001 in deadbeef00",
            ],
            "<id> kubelet[<number>]: Pod <quoted> has <hex> in <hex>",
        ),
        (
            [
                "{\"ts\":1773500645,\"msg\":\"can't reach peer 3\"}",
                "time=2026-03-14T15:04:05Z level=info msg=\"can't reach peer 42\" peer=42",
            ],
            "can't reach peer <number>",
        ),
    ] {
        for line in lines {
            assert_eq!(read(line).entries[0].template(line), template, "{line}");
        }
    }
}

#[test]
fn reading_takes_time_in_proportion_to_the_paste() {
    let fastest = |text: &str| {
        let timed = |_| {
            let start = processor_time();
            std::hint::black_box(read(text));
            processor_time().saturating_sub(start)
        };
        (0..3).map(timed).min().unwrap_or_default()
    };
    for piece in
        ["x\n", "\n", "2026-03-14 15:04:05 x\ny\n\n", "\tat x\n", "{\"a\":{\n", "{\"a\":{", "[a] ", "a-1 ", "\u{1b}["]
    {
        let few = fastest(&piece.repeat(16_384 / piece.len()));
        let many = fastest(&piece.repeat(8 * 16_384 / piece.len()));
        // Squared, it would be 64 times.
        assert!(many < 32 * few + std::time::Duration::from_millis(100), "{piece:?}: {few:?}, then {many:?}");
    }
}

proptest! {
    #[test]
    fn every_line_is_in_one_entry_and_every_range_is_of_the_paste(
        lines in prop::collection::vec(prop_oneof![
            Just("2026-03-14 15:04:05 x".to_owned()),
            Just("2026-03-14T15:04:05Z x".to_owned()),
            Just("2026-03-14T15:04:05Z stdout F x".to_owned()),
            Just("{\"log\":\"é\\n\",\"stream\":\"stdout\",\"time\":\"2026-03-14T15:04:05Z\"}".to_owned()),
            Just(String::new()),
            Just("\tat x".to_owned()),
            "\\PC{0,20}",
        ], 0..60)
    ) {
        let text = lines.join("\n");
        let read = read(&text);
        let mut end = 0;
        for entry in &read.entries {
            prop_assert!(entry.span.start >= end);
            end = entry.span.end;
            let shown = entry.seen(&text).into_owned();
            for place in entry.places(&(0..shown.len())) {
                prop_assert!(entry.span.start <= place.start && place.end <= entry.span.end);
                prop_assert!(!text[place].contains('\n'));
            }
            entry.level(&text);
            entry.template(&text);
        }
        let covered: usize = read.entries.iter().map(|entry| text[entry.span.clone()].split_whitespace().count()).sum();
        prop_assert_eq!(covered, text.split_whitespace().count(), "nothing that was pasted is lost");
    }
}
