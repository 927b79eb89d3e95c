//! What negates: when a line that must not be there counts.

use super::{fired, is_contradicted, verdict};
use crate::domain::matching::Verdict;

/// A set of alpha within its window, with one negative.
fn set(window: &str, terms: &str, negative: &str) -> String {
    format!("set: {{{window} match: [{terms}], negate: [{negative}]}}")
}

#[test]
fn a_negative_that_says_nothing_else_counts_from_the_first_hit_to_the_last() {
    let rule = set("window: 9s,", "alpha, beta", "reset");
    assert_eq!(fired(&rule, "1 alpha\n3 beta"), Some(vec![1, 2]));
    for log in
        ["1 alpha\n2 reset\n3 beta", "1 alpha\n1 reset\n3 beta", "1 alpha\n3 beta\n3 reset", "1 alpha reset\n3 beta"]
    {
        assert!(is_contradicted(&rule, log), "{log}");
    }
    for log in ["0 reset\n1 alpha\n3 beta", "1 alpha\n3 beta\n4 reset"] {
        assert!(fired(&rule, log).is_some(), "{log}");
    }
}

#[test]
fn at_the_stamp_where_a_frame_begins_a_negative_counts_from_its_line_on() {
    let rule = set("", "alpha", "reset");
    assert_eq!(fired(&rule, "1 reset\n1 alpha"), Some(vec![2]));
    assert!(is_contradicted(&rule, "1 alpha\n1 reset"));
}

#[test]
fn a_window_makes_the_interval_longer_than_the_hits() {
    let rule = set("window: 9s,", "alpha, beta", "{value: reset, window: 10s}");
    assert!(is_contradicted(&rule, "1 alpha\n3 beta\n13 reset"));
    assert!(fired(&rule, "1 alpha\n3 beta\n14 reset").is_some());
}

#[test]
fn an_absolute_window_is_the_whole_interval() {
    let rule = set("window: 9s,", "alpha, beta", "{value: reset, window: 10s, absolute: true}");
    assert!(is_contradicted(&rule, "1 alpha\n3 beta\n11 reset"));
    assert!(fired(&rule, "1 alpha\n3 beta\n12 reset").is_some());
    let bare = set("window: 9s,", "alpha, beta", "{value: reset, absolute: true}");
    assert!(is_contradicted(&bare, "1 alpha\n1 reset\n3 beta"));
    assert!(fired(&bare, "1 alpha\n2 reset\n3 beta").is_some());
}

#[test]
fn a_negative_width_is_taken_as_none() {
    let rule = set("window: 9s,", "alpha, beta", "{value: reset, window: -10s}");
    assert!(is_contradicted(&rule, "1 alpha\n1 reset\n3 beta"));
    assert!(fired(&rule, "1 alpha\n2 reset\n3 beta").is_some());
}

#[test]
fn a_slide_moves_the_interval() {
    let ahead = set("", "alpha", "{value: reset, slide: 5s, window: 2s}");
    for (second, is_silent) in [(1, false), (5, false), (6, true), (8, true), (9, false)] {
        assert_eq!(is_contradicted(&ahead, &format!("1 alpha\n{second} reset")), is_silent, "{second}");
    }
    let back = set("", "alpha", "{value: reset, slide: -5s, window: 5s}");
    for (log, is_silent) in [
        ("4 reset\n10 alpha", false),
        ("5 reset\n10 alpha", true),
        ("10 reset\n10 alpha", true),
        ("10 alpha\n11 reset", false),
    ] {
        assert_eq!(is_contradicted(&back, log), is_silent, "{log}");
    }
}

#[test]
fn an_anchor_counts_hits_along_time_in_a_set() {
    let rule = set("window: 9s,", "alpha, beta", "{value: reset, anchor: 1, window: 5s, absolute: true}");
    for log in ["1 alpha\n4 beta\n9 reset", "1 beta\n4 alpha\n9 reset", "1 beta\n4 alpha\n4 reset"] {
        assert!(is_contradicted(&rule, log), "{log}");
    }
    for log in ["1 alpha\n3 reset\n4 beta", "1 alpha\n4 beta\n10 reset"] {
        assert!(fired(&rule, log).is_some(), "{log}");
    }
}

#[test]
fn an_anchor_counts_along_the_order_in_a_sequence() {
    let rule = "sequence: {window: 9s, order: [{value: alpha, count: 2}, beta], negate: [{value: reset, anchor: 2, absolute: true}]}";
    assert!(is_contradicted(rule, "1 alpha\n2 alpha\n4 beta\n4 reset"));
    assert!(fired(rule, "1 alpha\n2 alpha\n3 reset\n4 beta").is_some());
}

#[test]
fn a_relative_interval_behind_an_anchor_is_as_long_as_the_hits_last() {
    let rule = "sequence: {window: 9s, order: [alpha, beta], negate: [{value: reset, anchor: 1}]}";
    assert!(is_contradicted(rule, "1 alpha\n4 beta\n7 reset"));
    assert!(fired(rule, "1 alpha\n4 beta\n8 reset").is_some());
}

#[test]
fn only_the_anchor_is_dropped_and_the_rest_is_tried_again() {
    let rule = set("window: 9s,", "alpha, beta", "reset");
    // The first alpha falls; beta and the second alpha make the next frame.
    assert_eq!(fired(&rule, "1 alpha\n2 reset\n3 beta\n5 alpha"), Some(vec![3, 4]));
    let anchored = "sequence: {window: 9s, order: [alpha, beta], negate: [{value: reset, anchor: 1, slide: -2s, window: 2s, absolute: true}]}";
    assert_eq!(fired(anchored, "1 alpha\n2 reset\n3 beta\n5 beta"), Some(vec![1, 4]));
}

#[test]
fn an_anchor_within_a_count_takes_that_hit() {
    let rule = set("window: 90s,", "{value: alpha, count: 3}", "{value: reset, anchor: 1, window: 5s, absolute: true}");
    assert!(is_contradicted(&rule, "1 alpha\n10 alpha\n12 reset\n20 alpha"));
    assert_eq!(fired(&rule, "1 alpha\n10 alpha\n12 reset\n20 alpha\n30 alpha"), Some(vec![1, 4, 5]));
}

#[test]
fn a_negative_between_the_hits_of_a_counted_term_counts() {
    let rule = set("window: 9s,", "{value: alpha, count: 2}", "reset");
    assert!(is_contradicted(&rule, "1 alpha\n2 reset\n3 alpha"));
    assert_eq!(fired(&rule, "1 alpha\n2 reset\n3 alpha\n4 alpha"), Some(vec![3, 4]));
}

#[test]
fn several_negatives_each_have_their_say() {
    let rule = set("", "alpha", "stop, {value: halt, window: 5s}, {regex: 'shut.*down', window: 9s}");
    for log in ["1 alpha\n1 stop", "1 alpha\n6 halt", "1 alpha\n10 shutting down"] {
        assert!(is_contradicted(&rule, log), "{log}");
    }
    assert!(fired(&rule, "1 alpha\n2 stop\n7 halt\n11 shutting down").is_some());
}

#[test]
fn a_rule_may_fire_on_later_lines_than_those_that_were_contradicted() {
    assert_eq!(fired(&set("", "alpha", "reset"), "1 alpha\n1 reset\n2 alpha"), Some(vec![3]));
}

#[test]
fn options_of_a_name_hold_unless_its_use_has_its_own() {
    let named = "terms: {r: {value: reset, window: 5s}}\nset: {match: [alpha], negate: [r]}";
    assert!(is_contradicted(named, "1 alpha\n6 reset"));
    let own = "terms: {r: {value: reset, window: 5s}}\nset: {match: [alpha], negate: [{value: r, window: 9s}]}";
    assert!(is_contradicted(own, "1 alpha\n10 reset"));
}

#[test]
fn what_contradicts_is_named_and_placed() {
    let Some(Verdict::Contradicted { by, at }) = verdict(&set("", "alpha", "reset"), "1 alpha\n1 a reset here") else {
        panic!("it is contradicted");
    };
    assert_eq!(by, "a line with \"reset\"");
    assert_eq!((at[0].line, at[0].span.clone()), (2, 12..17));
}

#[test]
fn without_stamps_a_negative_counts_by_lines() {
    let bare = set("window: 9s,", "alpha, beta", "reset");
    assert!(is_contradicted(&bare, "- alpha\n- reset\n- beta"));
    assert!(fired(&bare, "- reset\n- alpha\n- beta\n- reset").is_some());
    let ahead = set("", "alpha", "{value: reset, window: 5s}");
    assert!(is_contradicted(&ahead, "- alpha\n- x\n- reset"));
    assert!(fired(&ahead, "- reset\n- alpha").is_some());
    let back = set("", "alpha", "{value: reset, slide: -5s}");
    assert!(is_contradicted(&back, "- reset\n- x\n- alpha"));
}
