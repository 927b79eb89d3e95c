//! The language as a whole: what a rule says of a log. A log is written one entry a line, each behind its second.

mod corpus;
mod grammar;
mod negate;
mod property;
mod verdicts;

use super::LogRule;
use crate::domain::matching::Verdict;
use crate::evidence::{Entries, LogEntry, Seen, Signals};

/// Reads a log as it would be pasted, on a day after all of those in the tests.
fn read(log: &str) -> Signals<'_> {
    Signals::read(log, chrono::DateTime::from_timestamp(1_780_000_000, 0).expect("a moment"))
}

/// A log whose entries are stamped with the second at the start of their line; a `-` there stands for no stamp.
fn stamped(log: &str) -> Signals<'_> {
    let mut start = 0;
    let mut entries = Vec::new();
    for line in log.lines() {
        let (second, seen) = line.split_once(' ').expect("a second before each line");
        let stamp = (second != "-").then(|| second.parse::<i64>().expect("a second") * 1_000_000_000);
        let span = start..start + line.len();
        entries.push(LogEntry { stamp, seen: Seen::Line(span.end - seen.len()..span.end), span });
        start += line.len() + 1;
    }
    let mut signals = read(log);
    signals.log = Entries::new(entries);
    signals
}

fn compiled(rule: &str) -> LogRule {
    LogRule::compile(rule).unwrap_or_else(|error| panic!("{rule}: {error}"))
}

fn verdict(rule: &str, log: &str) -> Option<Verdict> {
    compiled(rule).run(&stamped(log))
}

/// The lines of the proof, where it fired.
fn fired(rule: &str, log: &str) -> Option<Vec<u32>> {
    match verdict(rule, log) {
        Some(Verdict::Fired(proof)) => Some(proof.places.iter().map(|place| place.line).collect()),
        Some(Verdict::Contradicted { .. } | Verdict::Partial { .. }) | None => None,
    }
}

fn is_contradicted(rule: &str, log: &str) -> bool {
    matches!(verdict(rule, log), Some(Verdict::Contradicted { .. }))
}

const PAIR: &str = "set: {window: 5s, match: [alpha, beta]}";
const ORDER: &str = "sequence: {window: 5s, order: [alpha, beta]}";

#[test]
fn a_set_of_one_fires_on_its_first_line_whatever_the_stamps() {
    assert_eq!(fired("set: {match: [alpha]}", "5 x\n4 alpha\n- alpha"), Some(vec![2]));
    assert_eq!(verdict("set: {match: [alpha]}", "1 Alpha"), None);
}

#[test]
fn the_lines_of_a_set_may_stand_in_any_order() {
    assert_eq!(fired(PAIR, "1 beta\n2 alpha"), Some(vec![1, 2]));
    assert_eq!(fired(PAIR, "1 alpha\n2 beta"), Some(vec![1, 2]));
}

#[test]
fn one_line_may_feed_several_terms_of_a_set() {
    assert_eq!(fired(PAIR, "1 alpha beta"), Some(vec![1, 1]));
    assert_eq!(fired("set: {window: 1s, match: [{regex: 'al.*'}, alpha]}", "1 alpha"), Some(vec![1]));
}

#[test]
fn a_window_includes_its_end() {
    assert_eq!(fired(PAIR, "1 alpha\n6 beta"), Some(vec![1, 2]));
    assert_eq!(fired(PAIR, "1 alpha\n7 beta"), None);
    assert_eq!(fired(ORDER, "1 alpha\n6 beta"), Some(vec![1, 2]));
    assert_eq!(fired(ORDER, "1 alpha\n7 beta"), None);
}

#[test]
fn hits_that_are_too_old_make_room_for_newer_ones() {
    let three = "set: {window: 5s, match: [alpha, beta, gamma]}";
    assert_eq!(fired(three, "1 alpha\n4 gamma\n7 beta\n8 alpha"), Some(vec![2, 3, 4]));
    assert_eq!(fired(ORDER, "1 alpha\n8 alpha\n9 beta"), Some(vec![2, 3]));
}

#[test]
fn a_sequence_asks_for_its_order() {
    assert_eq!(fired(ORDER, "1 alpha\n2 beta"), Some(vec![1, 2]));
    assert_eq!(fired(ORDER, "1 beta\n2 alpha"), None);
    assert_eq!(fired(ORDER, "1 beta\n2 alpha\n3 beta"), Some(vec![2, 3]));
}

#[test]
fn equal_stamps_are_in_order_by_their_lines() {
    assert_eq!(fired(ORDER, "1 alpha\n1 beta"), Some(vec![1, 2]));
    assert_eq!(fired(ORDER, "1 beta\n1 alpha"), None);
    assert_eq!(fired(PAIR, "1 beta\n1 alpha"), Some(vec![1, 2]));
}

#[test]
fn a_line_takes_a_sequence_one_step_at_most() {
    assert_eq!(fired(ORDER, "1 alpha beta"), None);
    assert_eq!(fired(ORDER, "1 alpha beta\n2 alpha beta"), Some(vec![1, 2]));
}

#[test]
fn a_later_start_does_not_lend_its_lines_to_an_earlier_step() {
    // The first alpha is too old for delta, and no beta stands between the second alpha and gamma.
    let four = "sequence: {window: 5s, order: [alpha, beta, gamma, delta]}";
    assert_eq!(fired(four, "1 alpha\n2 beta\n3 alpha\n4 gamma\n5 beta\n8 delta"), None);
    assert_eq!(fired(four, "1 alpha\n2 beta\n3 alpha\n4 beta\n5 gamma\n8 delta"), Some(vec![3, 4, 5, 6]));
}

#[test]
fn a_count_is_that_many_lines_within_the_window() {
    let three = "set: {window: 5s, match: [{value: alpha, count: 3}]}";
    assert_eq!(fired(three, "1 alpha\n2 alpha"), None);
    assert_eq!(fired(three, "1 alpha\n2 alpha\n3 alpha\n4 alpha"), Some(vec![1, 2, 3]));
    assert_eq!(fired(three, "1 alpha\n5 alpha\n7 alpha"), None);
    assert_eq!(fired(three, "1 alpha\n5 alpha\n7 alpha\n8 alpha"), Some(vec![2, 3, 4]));
    assert_eq!(fired(three, "1 alpha alpha alpha"), None);
}

#[test]
fn equal_terms_of_a_set_are_one_with_their_counts_added() {
    let merged = "set: {window: 5s, match: [alpha, beta, alpha]}";
    assert_eq!(compiled(merged).required().len(), 2);
    assert_eq!(fired(merged, "1 alpha\n2 beta"), None);
    assert_eq!(fired(merged, "1 alpha\n2 beta\n3 alpha"), Some(vec![1, 2, 3]));
}

#[test]
fn equal_terms_of_a_sequence_are_one_where_they_stand_beside_each_other() {
    let beside = "sequence: {window: 9s, order: [alpha, alpha, beta]}";
    assert_eq!(fired(beside, "1 alpha\n2 beta\n3 alpha"), None);
    assert_eq!(fired(beside, "1 alpha\n2 alpha\n3 beta"), Some(vec![1, 2, 3]));
    let apart = "sequence: {window: 9s, order: [alpha, beta, alpha]}";
    assert_eq!(fired(apart, "1 alpha\n2 alpha\n3 beta"), None);
    assert_eq!(fired(apart, "1 alpha\n2 beta\n3 alpha"), Some(vec![1, 2, 3]));
    assert_eq!(compiled(apart).required().len(), 2);
}

#[test]
fn a_counted_step_comes_before_the_next_with_all_its_lines() {
    let rule = "sequence: {window: 9s, order: [{value: alpha, count: 2}, beta]}";
    assert_eq!(fired(rule, "1 alpha\n2 beta\n3 alpha\n4 beta"), Some(vec![1, 3, 4]));
    assert_eq!(fired(rule, "1 alpha\n12 alpha\n13 alpha\n14 beta"), Some(vec![2, 3, 4]));
}

#[test]
fn lines_that_were_written_late_are_put_where_their_stamp_says() {
    assert_eq!(fired(ORDER, "2 beta\n1 alpha"), Some(vec![1, 2]));
    assert_eq!(fired(ORDER, "1 alpha\n9 x\n2 beta"), Some(vec![1, 3]));
    assert_eq!(fired(ORDER, "1 beta\n2 alpha\n1 x"), None);
}

#[test]
fn without_stamps_lines_decide_and_windows_are_not_checked() {
    assert_eq!(fired(PAIR, "- beta\n- x\n- alpha"), Some(vec![1, 3]));
    assert_eq!(fired(ORDER, "- beta\n- alpha"), None);
    assert_eq!(fired(ORDER, "- alpha\n- beta"), Some(vec![1, 2]));
    let Some(Verdict::Fired(proof)) = verdict(PAIR, "- beta\n- alpha") else { panic!("it fires") };
    assert_eq!(proof.remarks, ["no timestamps were found, so the window of 5s was not checked"]);
    let Some(Verdict::Fired(proof)) = verdict(PAIR, "1 beta\n2 alpha") else { panic!("it fires") };
    assert!(proof.remarks.is_empty());
}

#[test]
fn what_stands_before_the_first_stamp_counts_as_written_with_it() {
    assert_eq!(fired(PAIR, "- alpha\n9 x\n14 beta"), Some(vec![1, 3]));
    assert_eq!(fired(PAIR, "- alpha\n9 x\n15 beta"), None);
}

#[test]
fn a_term_by_name_is_replaced_by_what_the_name_says() {
    let rule = "terms:\n  oom: {regex: 'Out[Oo]fMemory'}\n  busy: too busy\nset:\n  window: 5s\n  match: [oom, {value: busy}, other]\n";
    assert_eq!(fired(rule, "1 OutofMemory\n2 too busy\n3 other"), Some(vec![1, 2, 3]));
    assert_eq!(fired(rule, "1 oom\n2 busy\n3 other"), None);
    let counted = "terms: {x: {value: alpha, count: 2}}\nset: {window: 5s, match: [x]}";
    assert_eq!(fired(counted, "1 alpha"), None);
    let own_count = "terms: {x: {value: alpha, count: 2}}\nset: {window: 5s, match: [{value: x, count: 3}]}";
    assert_eq!(fired(own_count, "1 alpha\n1 alpha"), None);
}

#[test]
fn lines_of_json_are_chosen_by_jq() {
    let rule = "set: {window: 5s, match: [{jq: 'select(.level == \"error\") | .code'}, alpha]}";
    assert_eq!(fired(rule, "1 {\"level\":\"error\",\"code\":5}\n2 alpha"), Some(vec![1, 2]));
    assert_eq!(fired(rule, "1 {\"level\":\"error\"}\n2 alpha"), None);
    assert_eq!(fired(rule, "1 level error code\n2 alpha"), None);
}

#[test]
fn the_line_end_of_a_yaml_block_is_no_part_of_a_term() {
    let rule = "set:\n  match:\n    - regex: |\n        al.ha$\n";
    assert_eq!(fired(rule, "1 alpha"), Some(vec![1]));
    assert_eq!(fired("set:\n  match:\n    - |\n      alpha\n", "1 alpha"), Some(vec![1]));
}
