//! What is a rule and what is not, and on which line.

use super::{LogRule, compiled, fired};

#[track_caller]
fn refused(rule: &str) -> (Option<u32>, String) {
    let error = LogRule::compile(rule).map(|_| ()).expect_err(rule);
    (error.line, error.message)
}

#[test]
fn a_rule_is_read_bare_under_rule_or_in_a_whole_document() {
    let bare = "set:\n  event:\n    source: cre.log.nginx\n  match:\n    - alpha\n";
    let indented = bare.replace('\n', "\n    ");
    let under = format!("rule:\n  {}", bare.trim_end().replace('\n', "\n  "));
    let document = format!(
        "rules:\n- cre: {{id: CRE-2025-0001, tags: [a]}}\n  metadata: {{kind: prequel}}\n  rule:\n    {indented}\nterms:\n  unused: x\n"
    );
    let item = format!("- cre: {{id: X}}\n  rule:\n    {indented}");
    for rule in [bare, &under, &document, &item] {
        assert_eq!(compiled(rule).source(), Some("cre.log.nginx"), "{rule}");
        assert!(fired(rule, "1 alpha").is_some(), "{rule}");
    }
}

#[test]
fn terms_beside_any_of_them_are_seen() {
    for rule in [
        "terms: {t: alpha}\nset: {match: [t]}",
        "terms: {t: alpha}\nrule: {set: {match: [t]}}",
        "rule: {terms: {t: alpha}, set: {match: [t]}}",
        "terms: {t: alpha}\nrules: [{rule: {set: {match: [t]}}}]",
    ] {
        assert!(fired(rule, "1 alpha").is_some(), "{rule}");
    }
}

#[test]
fn the_source_and_origin_are_read_and_change_nothing() {
    assert_eq!(
        compiled("set: {event: {source: cre.kubernetes, origin: true}, match: [a]}").source(),
        Some("cre.kubernetes")
    );
    assert_eq!(compiled("set: {match: [a]}").source(), None);
    assert_eq!(compiled("sequence: {origin: true, window: 1s, order: [a, b]}").source(), None);
}

#[test]
fn what_is_no_rule_is_refused_with_its_line() {
    for (rule, line, part) in [
        ("", None, "found no rule"),
        ("[]", Some(1), "found 0 rules"),
        ("just text", Some(1), "expected a mapping"),
        ("rules: []", Some(1), "found 0 rules"),
        ("rules:\n- rule: {set: {match: [a]}}\n- rule: {set: {match: [a]}}", Some(1), "found 2 rules"),
        ("rules:\n- cre: {id: x}", Some(2), "without `rule`"),
        ("terms: {}", Some(1), "neither `set` nor `sequence`"),
        ("set: {match: [a]}\n---\nset: {match: [a]}", Some(3), "second YAML document"),
        ("set:\n  match: [a\n", Some(2), "not YAML"),
        ("set: &x\n  match: [a]", Some(2), "anchor"),
        ("set:\n  match: [*x]", Some(2), "alias"),
        ("set:\n  match: [!!str a]", Some(2), "tag"),
        ("set:\n  match: [a]\n  match: [b]", Some(3), "twice"),
    ] {
        let (found_line, message) = refused(rule);
        assert!(message.contains(part), "{rule}: {message}");
        assert_eq!(found_line, line, "{rule}: {message}");
    }
}

#[test]
fn a_key_that_is_not_known_is_refused_since_it_may_be_misspelt() {
    for (rule, line, key) in [
        ("set:\n  match: [a]\n  negates: [b]", 3, "negates"),
        ("set:\n  windw: 5s\n  match: [a]", 2, "windw"),
        ("set:\n  match:\n    - value: a\n      cuont: 2", 4, "cuont"),
        ("set:\n  match: [a]\nwindow: 5s", 3, "window"),
        ("rule:\n  set: {match: [a]}\n  windows: 5s", 3, "windows"),
        ("set:\n  event:\n    sauce: x\n  match: [a]", 3, "sauce"),
    ] {
        let (found_line, message) = refused(rule);
        assert_eq!(found_line, Some(line), "{rule}: {message}");
        assert!(message.contains(&format!("`{key}`")), "{message}");
    }
}

#[test]
fn each_kind_has_its_own_list_and_needs_a_condition() {
    assert_eq!(refused("set:\n  order: [a]"), (Some(2), "found `order` in a set; expected `match`".to_owned()));
    assert_eq!(
        refused("sequence:\n  window: 5s\n  match: [a, b]"),
        (Some(3), "found `match` in a sequence; expected `order`".to_owned())
    );
    assert_eq!(
        refused("set:\n  negate: [a]").1,
        "found no condition in `match` beside `negate`; expected at least one"
    );
    assert_eq!(refused("set:\n  match: []").0, Some(1));
    assert!(fired("set: {match: [alpha], negate: []}", "1 alpha").is_some());
}

#[test]
fn windows_are_where_they_mean_something() {
    for (rule, line, part) in [
        ("set:\n  match: [a, b]", 1, "without `window`"),
        ("set:\n  match: [{value: a, count: 2}]", 1, "without `window`"),
        ("set:\n  window: 5s\n  match: [a]", 2, "in a set of one condition"),
        ("sequence:\n  order: [a, b]", 1, "without `window`"),
        ("sequence:\n  window: 5s\n  order: [a]", 1, "two or more"),
        ("set:\n  window: 5\n  match: [a, b]", 2, "duration `5`"),
        ("set:\n  window: 1d\n  match: [a, b]", 2, "duration `1d`"),
        ("set:\n  window: -5s\n  match: [a, b]", 2, "more than 0"),
        ("set:\n  window: 0s\n  match: [a, b]", 1, "without `window`"),
        ("set:\n  window: [5s]\n  match: [a, b]", 2, "a list as `window`"),
    ] {
        let (found_line, message) = refused(rule);
        assert!(message.contains(part), "{rule}: {message}");
        assert_eq!(found_line, Some(line), "{rule}: {message}");
    }
    assert!(fired("sequence: {window: 5s, order: [{value: a, count: 2}]}", "1 a\n2 a").is_some());
    assert!(fired("set: {window: 0, match: [a]}", "1 a").is_some());
}

#[test]
fn a_condition_says_one_thing() {
    for (condition, part) in [
        ("{value: a, regex: b}", "several of"),
        ("{count: 2}", "without value"),
        ("{value: ''}", "without value"),
        ("''", "an empty condition"),
        ("~", "an empty condition"),
        ("[a]", "found a list as a condition"),
        ("{value: {a: b}}", "a mapping as `value`"),
        ("{value: a, count: 0}", "the count `0`"),
        ("{value: a, count: many}", "the count `many`"),
        ("{value: a, count: 1001}", "at most 1000"),
        ("{regex: '(a'}", "the regex cannot be read"),
        ("{regex: '(?=a)'}", "look-around"),
        ("{jq: '.a |'}", "jq"),
        ("\"a\\nb\"", "several lines"),
    ] {
        let (line, message) = refused(&format!("set:\n  window: 5s\n  match:\n    - alpha\n    - {condition}\n"));
        assert!(message.contains(part), "{condition}: {message}");
        assert!(line.is_some(), "{condition}");
        assert!(line == Some(5) || part.contains("1000"), "{condition}: {line:?}");
    }
}

#[test]
fn what_reaches_beyond_one_log_is_refused_by_name() {
    for key in ["set", "sequence", "promql", "extract", "field"] {
        let (line, message) = refused(&format!("set:\n  match:\n    - value: a\n      {key}: x\n"));
        assert_eq!((line, message), (Some(4), format!("found `{key}` in a condition, which is not supported")));
    }
    let (line, message) = refused("set:\n  correlations: [hostname]\n  match: [a]");
    assert_eq!(line, Some(2));
    assert!(message.contains("not supported"), "{message}");
    assert!(fired("set: {correlations: [], match: [a]}", "1 a").is_some());
}

#[test]
fn options_of_negatives_are_checked() {
    for (negative, part) in [
        ("{value: r, count: 2}", "the count 2"),
        ("{value: r, anchor: 3}", "the anchor 3"),
        ("{value: r, anchor: -1}", "`-1` as `anchor`"),
        ("{value: r, window: 5}", "duration `5`"),
        ("{value: r, slide: soon}", "duration `soon`"),
        ("{value: r, absolute: yes}", "`yes` as `absolute`"),
    ] {
        let (line, message) = refused(&format!(
            "set:\n  window: 5s\n  match: [a, {{value: b, count: 2}}]\n  negate:\n    - {negative}\n"
        ));
        assert_eq!(line, Some(5), "{negative}");
        assert!(message.contains(part), "{negative}: {message}");
    }
    compiled("set: {window: 5s, match: [a, {value: b, count: 2}], negate: [{value: r, anchor: 2, count: 1}]}");
}

#[test]
fn in_a_sequence_only_the_first_of_repeated_hits_is_an_anchor() {
    let rule = |anchor: usize| {
        format!(
            "sequence:\n  window: 5s\n  order: [a, {{value: b, count: 3}}, c]\n  negate:\n    - {{value: r, anchor: {anchor}}}\n"
        )
    };
    for anchor in [0, 1, 4] {
        compiled(&rule(anchor));
    }
    for anchor in [2, 3] {
        assert!(refused(&rule(anchor)).1.contains("repeated hit"));
    }
    assert!(refused(&rule(5)).1.contains("at most 4"));
}

#[test]
fn there_may_be_64_distinct_conditions() {
    let rule = |count: usize| {
        let terms: Vec<String> = (0..count).map(|number| format!("t{number}")).collect();
        format!("set:\n  window: 5s\n  match: [{}, t0]", terms.join(", "))
    };
    compiled(&rule(64));
    assert_eq!(refused(&rule(65)), (Some(1), "found 65 distinct conditions; expected at most 64".to_owned()));
    let negatives = vec!["x"; 65].join(", ");
    assert!(refused(&format!("set: {{match: [a], negate: [{negatives}]}}")).1.contains("at most 64"));
}

#[test]
fn an_error_in_a_named_term_is_on_its_line_even_if_nothing_uses_it() {
    assert_eq!(refused("set: {match: [a]}\nterms:\n  x:\n    count: 2").0, Some(3));
    assert_eq!(refused("terms: [a]\nset: {match: [a]}").0, Some(1));
    assert!(fired("terms:\nset: {match: [a]}", "1 a").is_some());
}
