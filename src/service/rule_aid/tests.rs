//! Rules tried on a paste, and suggestions for the lines of everything that the built-in library must fire on.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeZone, Utc};

use super::{MaskedPaste, Outcome, suggested, try_all};
use crate::detection::Compiled;
use crate::detection::log::suggest::Refused;
use crate::domain::Rule;
use crate::domain::RuleKind;
use crate::domain::input::RuleInput;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;
use crate::service::library;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 5, 12, 0, 0).single().expect("a moment")
}

fn rule(text: &str) -> RuleInput {
    RuleInput { kind: "log".to_owned(), text: text.to_owned(), ..RuleInput::default() }
}

fn fires(rule: &Rule, text: &str) -> bool {
    let compiled = Compiled::new(rule).unwrap_or_else(|error| panic!("{error}: {}", rule.text.as_str()));
    matches!(compiled.run(&Signals::read(text, now())), Some(Verdict::Fired(_)))
}

#[test]
fn every_rule_says_what_it_makes_of_the_paste() {
    let paste = MaskedPaste::of("14:03:00 disk is full\r\n14:03:01 the writer stopped\r\n");
    let rules = [
        rule("set:\n  match:\n    - writer stopped"),
        rule("set:\n  window: 1m\n  match:\n    - disk is full\n    - the reader stopped"),
        rule("  "),
        rule("set:"),
    ];
    let tried = try_all(&rules, &paste, now());
    let told: Vec<(usize, &str)> = tried.iter().map(|one| (one.number, one.name.as_str())).collect();
    assert_eq!(told, [(1, ""), (2, ""), (4, "")]);
    assert_eq!(tried[0].outcome, Outcome::Fired { lines: vec![2], remarks: Vec::new() });
    let words = "it meets line 1 and misses a line with \"the reader stopped\"".to_owned();
    assert_eq!(tried[1].outcome, Outcome::Missed { words, lines: vec![1] });
    assert!(matches!(&tried[2].outcome, Outcome::Broken(words) if !words.is_empty()));
}

#[test]
fn a_suggestion_carries_its_lines_with_secrets_masked() {
    let paste = MaskedPaste::of("login failed: password=hunter2hunter2 from 10.1.2.3");
    assert!(paste.tally.is_some());
    let rule = suggested(&paste, &BTreeSet::from([1]), now()).expect("a rule");
    let example = rule.fires_on[0].as_str();
    assert!(!example.contains("hunter2") && !example.contains("10.1.2.3"), "{example}");
    assert!(!rule.text.as_str().contains("hunter2"));
    assert!(fires(&rule, "login failed: password=another from 10.9.9.9"), "{}", rule.text.as_str());
}

/// Lines of an ordinary day, unlike any failure.
const ORDINARY: &str = "\
2026-01-05T14:03:00Z user 42 opened the settings page in 12ms
Jan  5 14:03:00 web-1 CRON[812]: (www) CMD (/usr/bin/true)
203.0.113.7 - - [05/Jan/2026:14:03:00 +0000] \"GET /favicon.ico HTTP/1.1\" 200 157
{\"level\":\"info\",\"ts\":1767621780.1,\"msg\":\"cache warmed\",\"entries\":1200}
I0105 14:03:00.123456       1 main.go:42] Serving metrics";

#[test]
fn for_the_examples_of_the_library_the_rule_fires_on_its_line_and_on_no_ordinary_one() {
    let (library, errors) = library::built_in();
    assert!(errors.is_empty());
    let stories = library.stories.iter().flat_map(|(_, story, _)| &story.failure.rules);
    let patterns = library.patterns.iter().flat_map(|(_, pattern, _)| &pattern.failure.rules);
    let of_logs = stories.chain(patterns).filter(|rule| rule.kind == RuleKind::Log);
    let (mut tried, mut refused) = (0, 0);
    for example in of_logs.flat_map(|rule| &rule.fires_on) {
        let paste = MaskedPaste::of(example.as_str());
        let written = (1..).zip(paste.text.lines()).filter(|(_, line)| !line.trim().is_empty());
        for (number, _) in written.take(4) {
            match suggested(&paste, &BTreeSet::from([number]), now()) {
                Ok(rule) => {
                    tried += 1;
                    assert!(fires(&rule, rule.fires_on[0].as_str()), "{} is silent", rule.text.as_str());
                    assert!(fires(&rule, &paste.text), "{} is silent on {}", rule.text.as_str(), paste.text);
                    assert!(!fires(&rule, ORDINARY), "{} fires on an ordinary line", rule.text.as_str());
                }
                Err(Refused::NoWords(_)) => refused += 1,
                Err(error) => panic!("{error}: line {number} of {}", paste.text),
            }
        }
    }
    assert!(tried > 200 && refused * 10 < tried, "{tried} rules, {refused} lines without words");
}
