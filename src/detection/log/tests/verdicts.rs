//! What a verdict shows: the places, and what is missing.

use super::{compiled, fired, read, stamped, verdict};
use crate::detection::log::Candidates;
use crate::domain::matching::Verdict;

#[track_caller]
fn missing(rule: &str, log: &str) -> (Vec<u32>, Vec<String>) {
    match verdict(rule, log) {
        Some(Verdict::Partial { met, missing }) => (met.iter().map(|place| place.line).collect(), missing),
        other => panic!("partial, not {other:?}"),
    }
}

#[test]
fn a_proof_marks_what_each_term_met() {
    let log = "1 an alpha\n2 a beta";
    let Some(Verdict::Fired(proof)) = verdict("set: {window: 5s, match: [beta, {regex: 'al.h'}]}", log) else {
        panic!("it fires");
    };
    let marked: Vec<(u32, &str)> = proof.places.iter().map(|place| (place.line, &log[place.span.clone()])).collect();
    assert_eq!(marked, [(1, "alph"), (2, "beta")]);
}

#[test]
fn a_match_over_folded_lines_is_marked_where_it_begins_and_ends() {
    let log =
        "2026-01-01T00:00:00Z java.lang.Exception: x\n\tat a.b.C(D.java:1)\nCaused by: y\n2026-01-01T00:00:01Z z\n";
    let signals = read(log);
    let Some(Verdict::Fired(proof)) = compiled("set: {match: [{regex: 'Exception.*Caused by'}]}").run(&signals) else {
        panic!("it fires");
    };
    let marked: Vec<(u32, &str)> = proof.places.iter().map(|place| (place.line, &log[place.span.clone()])).collect();
    assert_eq!(marked, [(1, "Exception: x"), (3, "Caused by")]);
}

#[test]
fn what_is_missing_is_said_in_words() {
    let rule = "set: {window: 5s, match: [alpha, {value: beta, count: 3}, {regex: 'g+'}, {jq: '.a'}]}";
    let (met, missing) = missing(rule, "1 alpha\n2 beta\n3 alpha");
    assert_eq!(met, [1, 2]);
    assert_eq!(
        missing,
        ["2 more lines with \"beta\"", "a line that matches /g+/", "a line of JSON that is chosen by jq '.a'"]
    );
}

#[test]
fn what_is_all_there_may_be_too_far_apart_or_in_another_order() {
    assert_eq!(missing(super::PAIR, "1 alpha\n9 beta"), (vec![1, 2], vec!["all of them within 5s".to_owned()]));
    assert_eq!(missing(super::ORDER, "1 alpha\n9 beta").1, ["all of them within 5s"]);
    assert_eq!(missing(super::ORDER, "1 beta\n2 alpha").1, ["all of them in the rule's order, within 5s"]);
    assert_eq!(missing(super::ORDER, "- beta\n- alpha").1, ["all of them in the rule's order"]);
}

#[test]
fn a_counted_term_alone_may_be_partly_there() {
    let (met, missing) = missing("set: {window: 5s, match: [{value: alpha, count: 3}]}", "1 alpha\n2 alpha");
    assert_eq!((met, missing), (vec![1, 2], vec!["1 more line with \"alpha\"".to_owned()]));
}

#[test]
fn a_rule_has_nothing_to_say_where_nothing_is_met() {
    assert_eq!(verdict(super::PAIR, "1 x\n2 y"), None);
    assert_eq!(verdict("set: {match: [alpha], negate: [x]}", "1 x"), None);
    assert_eq!(verdict(super::PAIR, ""), None);
}

#[test]
fn a_proof_has_no_more_places_than_it_may() {
    let log: String = (0..200).map(|second| format!("{second} alpha\n")).collect();
    let rule = "set: {window: 500s, match: [{value: alpha, count: 100}]}";
    assert_eq!(fired(rule, &log).map(|lines| lines.len()), Some(50));
}

#[test]
fn terms_that_are_known_not_to_hit_are_not_tried() {
    let rule = compiled(super::PAIR);
    let log = "1 alpha\n2 beta";
    let run = |alpha: &[u32], beta: &[u32]| {
        let candidates = [alpha, beta].map(|entries| Candidates::These(entries.to_vec()));
        rule.run_among(&stamped(log), &candidates)
    };
    assert!(matches!(run(&[0], &[0, 1]), Some(Verdict::Fired(_))));
    assert!(matches!(run(&[0], &[]), Some(Verdict::Partial { .. })));
    assert_eq!(run(&[], &[]), None);
}

#[test]
fn what_a_rule_was_not_read_by_is_remarked() {
    let rule = "set: {match: [gamma]}\nsequence: {window: 5s, order: [alpha, {value: beta, slide: 3s}]}";
    let Some(Verdict::Fired(proof)) = verdict(rule, "1 alpha\n2 beta") else { panic!("it fires") };
    assert_eq!(
        proof.remarks,
        [
            "the rule has a set beside its sequence; only the sequence was read",
            "anchor, window, slide and absolute say something of `negate` only; on line 2 they were not read",
        ]
    );
}
