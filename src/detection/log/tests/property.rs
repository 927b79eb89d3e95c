//! Properties: what holds for any rule and any log.

use proptest::prelude::*;

use super::{LogRule, compiled, read, stamped};
use crate::domain::matching::Verdict;

/// A small log: seconds that mostly rise, and letters.
fn logs() -> impl Strategy<Value = Vec<(i64, String)>> {
    prop::collection::vec((0_i64..4, "[abcx]{1,2}"), 0..9).prop_map(|lines| {
        let mut second = 0;
        lines
            .into_iter()
            .map(|(step, text)| {
                second += step;
                (second, text)
            })
            .collect()
    })
}

fn written(log: &[(i64, String)]) -> String {
    log.iter().map(|(second, text)| format!("{second} {text}\n")).collect()
}

fn fires(rule: &str, log: &str) -> bool {
    matches!(compiled(rule).run(&stamped(log)), Some(Verdict::Fired(_)))
}

/// Whether some stretch of time has enough lines of each letter.
fn has_set(log: &[(i64, String)], window: i64, counts: &[(char, usize)]) -> bool {
    log.iter().any(|(start, _)| {
        counts.iter().all(|&(letter, count)| {
            let hits = log.iter().filter(|(at, text)| (*start..=start + window).contains(at) && text.contains(letter));
            hits.count() >= count
        })
    })
}

/// Whether lines in this order can be chosen, from each possible first one.
fn has_sequence(log: &[(i64, String)], window: i64, letters: &[char]) -> bool {
    (0..log.len()).any(|first| {
        let mut left = letters.iter().peekable();
        for (at, text) in &log[first..] {
            if *at > log[first].0 + window {
                break;
            }
            if left.peek().is_some_and(|&&letter| text.contains(letter)) {
                left.next();
            }
        }
        left.peek().is_none()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_set_fires_where_some_stretch_of_time_has_it_all(log in logs(), window in 1_i64..6, count in 1_usize..4) {
        let rule = format!("set: {{window: {window}s, match: [a, {{value: b, count: {count}}}, c]}}");
        let expected = has_set(&log, window, &[('a', 1), ('b', count), ('c', 1)]);
        prop_assert_eq!(fires(&rule, &written(&log)), expected);
    }

    #[test]
    fn a_sequence_fires_where_its_lines_can_be_chosen_in_order(
        log in logs(), window in 1_i64..9, letters in "[abc]{2,4}",
    ) {
        let letters: Vec<char> = letters.chars().collect();
        let order: Vec<String> = letters.iter().map(char::to_string).collect();
        let rule = format!("sequence: {{window: {window}s, order: [{}]}}", order.join(", "));
        prop_assert_eq!(fires(&rule, &written(&log)), has_sequence(&log, window, &letters));
    }

    #[test]
    fn a_negative_only_ever_silences(
        log in logs(), anchor in 0_usize..2, window in -3_i64..4, slide in -3_i64..4, absolute: bool, is_set: bool,
    ) {
        let (kind, list) = if is_set { ("set", "match") } else { ("sequence", "order") };
        let plain = format!("{kind}: {{window: 4s, {list}: [a, b]}}");
        let options = format!("anchor: {anchor}, window: {window}s, slide: {slide}s, absolute: {absolute}");
        let negate = format!("{{value: x, {options}}}");
        let negated = format!("{kind}: {{window: 4s, {list}: [a, b], negate: [{negate}]}}");
        let log = written(&log);
        let verdict = compiled(&negated).run(&stamped(&log));
        prop_assert_eq!(
            fires(&plain, &log),
            matches!(verdict, Some(Verdict::Fired(_) | Verdict::Contradicted { .. }))
        );
        if !log.contains('x') {
            let is_contradicted = matches!(verdict, Some(Verdict::Contradicted { .. }));
            prop_assert!(!is_contradicted);
        }
    }

    #[test]
    fn without_stamps_a_rule_fires_no_less(log in logs(), window in 1_i64..6) {
        let rule = format!("sequence: {{window: {window}s, order: [a, b, c]}}");
        let unstamped: String = log.iter().map(|(_, text)| format!("- {text}\n")).collect();
        prop_assert!(!fires(&rule, &written(&log)) || fires(&rule, &unstamped));
    }

    #[test]
    fn no_text_makes_a_rule_panic(text in "(?s).{0,200}") {
        let _ = LogRule::compile(&text);
    }

    #[test]
    fn no_yaml_makes_a_rule_panic(
        text in r"(?:set|sequence|match|order|negate|window|value|regex|jq|count|terms|rule|rules|anchor|slide|event|: |:|\n|\n  |\n    |- |\[|\]|\{|\}|, |5s|a|'|2|&x|\*x|!t|\||~){0,40}",
        log in "(?s).{0,80}",
    ) {
        if let Ok(rule) = LogRule::compile(&text) {
            rule.run(&read(&log));
        }
    }

    #[test]
    fn no_log_makes_a_rule_panic(log in "(?s).{0,400}") {
        let signals = read(&log);
        for rule in [
            "set: {match: [{regex: '.'}]}",
            "set: {window: 1s, match: [{regex: '.*'}, {jq: '..', count: 2}], negate: [{value: a, slide: -1h, anchor: 2}]}",
            "sequence: {window: 1ns, order: [{regex: '^'}, {regex: 'a|é'}, a], negate: [{regex: '$', window: 1s}]}",
        ] {
            if let Some(verdict) = compiled(rule).run(&signals) {
                let places = match verdict {
                    Verdict::Fired(proof) => proof.places,
                    Verdict::Contradicted { at, .. } => at,
                    Verdict::Partial { met, .. } => met,
                };
                for place in places {
                    prop_assert!(log.get(place.span.clone()).is_some_and(|marked| !marked.contains('\n')));
                    prop_assert_eq!(signals.line_of(place.span.start), place.line);
                }
            }
        }
    }
}
