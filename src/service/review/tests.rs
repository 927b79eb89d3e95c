//! The review over small libraries: what it refuses, whom it counts as related, and what an edit changes.

use chrono::DateTime;

use super::{
    Blast, Effect, ExampleAt, Expected, Now, Probe, Reviewed, complaints, cross_fire, own_examples, trials,
    unjustified, unneeded,
};
use crate::domain::rule::RuleText;
use crate::domain::{AlsoFires, ExampleText, FailureAddress, Line, Rule, RuleKind, Slug};

fn now() -> Now {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

fn examples(texts: &[&str]) -> Vec<ExampleText> {
    texts.iter().map(|text| ExampleText::parse(text).expect("an example")).collect()
}

/// A log rule that looks for a word.
fn rule(word: &str, fires_on: &[&str], silent_on: &[&str]) -> Rule {
    Rule {
        kind: RuleKind::Log,
        name: Line::parse(&format!("It says {word}")).expect("a name"),
        text: RuleText::parse(&format!("set:\n  match:\n    - value: {word}")).expect("a text"),
        fires_on: examples(fires_on),
        silent_on: examples(silent_on),
        also_fires: Vec::new(),
    }
}

fn because(mut rule: Rule, on: &str) -> Rule {
    let because = Line::parse("They share a log.").expect("a line");
    rule.also_fires.push(AlsoFires { on: FailureAddress::parse(on).expect("an address"), because });
    rule
}

fn at<'f>(address: &str, patterns: &'f [Slug], rules: &'f [Rule]) -> Reviewed<'f> {
    Reviewed { address: Some(FailureAddress::parse(address).expect("an address")), former: &[], patterns, rules }
}

fn slugs(slugs: &[&str]) -> Vec<Slug> {
    slugs.iter().map(|slug| Slug::parse(slug).expect("a slug")).collect()
}

fn effect(subject: Reviewed<'_>, old: Option<&[Rule]>, library: &[Reviewed<'_>]) -> Effect {
    let mut probe = Probe::new(subject, old, now());
    library.iter().for_each(|other| probe.pass(other));
    probe.finish()
}

#[test]
fn a_rule_that_does_what_its_examples_want_is_fine() {
    let rules = [rule("frost", &["one\nfrost on line two"], &["only dew"])];
    assert_eq!(own_examples(&rules, now()), []);
    let trials = trials(&rules, now());
    assert_eq!(trials[0].examples[0].lines(), [2]);
    assert!(trials[0].examples.iter().all(|tried| tried.is_right() == Some(true)));
}

#[test]
fn a_rule_that_fails_an_example_is_refused_with_the_field_and_the_line() {
    let mut broken = rule("frost", &[], &[]);
    broken.text = RuleText::parse("set:\n  match:\n    - valeu: frost").expect("a text");
    let rules = [rule("frost", &["frost", "only dew"], &["dew", "dew\ndew\nfrost again"]), broken];
    let errors = own_examples(&rules, now());
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["rules[0].fires_on[1]", "rules[0].silent_on[1]", "rules[1].text"]);
    assert!(errors[0].message.ends_with("; expected it to fire"), "{}", errors[0].message);
    assert_eq!(errors[1].message, "it fires on line 3: \"frost again\"; expected it to stay silent");
    assert!(errors[2].message.starts_with("line "), "{}", errors[2].message);
}

#[test]
fn a_unit_test_that_was_not_run_is_no_error_and_says_why() {
    let mut metric = rule("frost", &["- input_series:\n    - series: up\n      values: 0 0\n  eval_time: 1m"], &[]);
    metric.kind = RuleKind::Metric;
    metric.text = RuleText::parse("alert: Down\nexpr: up == 0").expect("a text");
    let trials = trials(std::slice::from_ref(&metric), now());
    assert_eq!(complaints(&[metric], &trials), []);
    let tried = &trials[0].examples[0];
    assert_eq!(tried.is_right(), None);
    assert!(tried.skipped().is_some_and(|why| why.contains("promtool")));
}

#[test]
fn firing_on_an_unrelated_failure_is_refused_until_a_reason_is_given() {
    let frost = [rule("frost", &["frost"], &[])];
    let snow = [rule("snow", &["snow and frost", "snow"], &["frost alone"])];
    let library = [at("patterns/frost", &[], &frost), at("stories/snow", &[], &snow)];
    let found = cross_fire(&library, now());
    assert_eq!(found.len(), 1, "what others must stay silent on is nobody's example: {found:?}");
    assert_eq!(found[0].owner, library[0].address);
    assert_eq!(found[0].hit.example, ExampleAt { rule: 0, expected: Expected::Fires, index: 0 });
    let errors = unjustified(&found);
    assert_eq!(errors[0].field, "rules[0].also_fires");
    assert!(errors[0].message.contains("stories/snow (example 1 of rule 1, line 1: \"snow and frost\")"), "{errors:?}");

    let frost = frost.map(|rule| because(because(rule, "stories/snow"), "patterns/rain"));
    let library = [at("patterns/frost", &[], &frost), at("stories/snow", &[], &snow)];
    let found = cross_fire(&library, now());
    assert_eq!((found[0].reason, unjustified(&found).len()), (Some(0), 0));
    let unneeded = unneeded(&library[0], &found);
    assert_eq!((unneeded.len(), unneeded[0].reason, unneeded[0].on.to_string()), (1, 1, "patterns/rain".to_owned()));
    let one = effect(library[0].clone(), None, &library);
    assert_eq!((one.cross_fire, one.unneeded), (found, unneeded), "one failure alone is told the same");
}

#[test]
fn a_reason_holds_when_the_other_failure_has_moved() {
    let frost = [because(rule("frost", &["frost"], &[]), "stories/old-snow")];
    let snow = [rule("snow", &["snow and frost"], &[])];
    let former = slugs(&["old-snow"]);
    let moved = Reviewed { former: &former, ..at("stories/snow", &[], &snow) };
    assert_eq!(unjustified(&cross_fire(&[at("patterns/frost", &[], &frost), moved], now())), []);
}

#[test]
fn patterns_and_their_stories_may_fire_on_one_another() {
    let [winter, summer] = [slugs(&["winter"]), slugs(&["summer"])];
    let (frost, ice) = ([rule("frost", &["frost"], &[])], [rule("ice", &["ice and frost"], &[])]);
    let crossings = |a: Reviewed<'_>, b: Reviewed<'_>| cross_fire(&[a, b], now()).len();
    assert_eq!(crossings(at("stories/a", &winter, &frost), at("stories/b", &winter, &ice)), 0);
    assert_eq!(crossings(at("patterns/winter", &[], &frost), at("stories/b", &winter, &ice)), 0);
    assert_eq!(crossings(at("stories/a", &winter, &frost), at("patterns/winter", &[], &ice)), 0);
    assert_eq!(crossings(at("stories/a", &winter, &frost), at("stories/b", &summer, &ice)), 1);
    assert_eq!(
        crossings(at("stories/winter", &[], &frost), at("stories/b", &winter, &ice)),
        1,
        "a story is no pattern"
    );
}

#[test]
fn an_edit_shows_which_examples_it_gains_and_loses() {
    let old = [rule("frost", &["frost"], &[]), rule("hail", &["hail"], &[])];
    let mut new = [rule("frost", &["frost"], &[]), rule("ice", &["ice"], &[])];
    new[1].name.clone_from(&old[1].name);
    let others = [rule("snow", &["snow\nand ice", "hail"], &["frost, ice"])];
    let own = at("stories/a", &[], &old);
    let library = [own.clone(), at("stories/b", &[], &others)];
    let subject = Reviewed { rules: &new, ..own.clone() };
    let Blast { fires, stops } = effect(subject, Some(&old), &library).blast;
    let told = |hits: &[(Line, super::Hit)]| -> Vec<String> {
        hits.iter().map(|(_, hit)| format!("{} {}: {}", hit.on, hit.example.words(), hit.fired_on)).collect()
    };
    assert_eq!(
        told(&fires),
        [
            "stories/b example 1 of rule 1: line 2: \"and ice\"",
            "stories/b counterexample 1 of rule 1: line 1: \"frost, ice\"",
        ]
    );
    assert_eq!(
        told(&stops),
        ["stories/a example 1 of rule 2: line 1: \"hail\"", "stories/b example 2 of rule 1: line 1: \"hail\""]
    );
    assert!(effect(own.clone(), Some(&old), &library).blast.is_empty(), "nothing was changed");
    assert!(effect(Reviewed { rules: &new, ..own }, None, &library).blast.is_empty(), "new failures have none");
}
