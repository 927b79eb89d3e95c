//! A book says what its rules say one by one, whatever the prefilter passes over.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use super::{BookRule, RuleBook};
use crate::detection::Compiled;
use crate::detection::log::LogRule;
use crate::domain::matching::Finding;
use crate::domain::{FailureId, Line, RuleKind};
use crate::evidence::Signals;

fn log_rule(text: &str) -> Option<BookRule> {
    Some(BookRule {
        failure: FailureId::new(),
        name: Line::parse("a rule").expect("a line"),
        kind: RuleKind::Log,
        compiled: Arc::new(Compiled::Log(LogRule::compile(text).ok()?)),
    })
}

fn signals(text: &str) -> Signals<'_> {
    Signals::read(text, "2026-03-28T12:00:00Z".parse().expect("RFC 3339"))
}

fn one_by_one(book: &RuleBook, signals: &Signals<'_>) -> Vec<Finding> {
    let found = |rule: &BookRule| {
        let verdict = rule.compiled.run(signals)?;
        Some(Finding { failure: rule.failure, rule: rule.name.clone(), kind: rule.kind, verdict })
    };
    book.rules().iter().filter_map(found).collect()
}

/// The folders of the public rules, or nothing where they are not there.
fn public_rules() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("shared/data/cre-dev"))
        .find(|folder| folder.is_dir())?;
    let entries = std::fs::read_dir(folder).expect("read the folder");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    folders.retain(|folder| folder.join("test.log").is_file());
    folders.sort();
    Some(folders)
}

fn rule_of(folder: &Path) -> Option<BookRule> {
    let files = std::fs::read_dir(folder).expect("read the folder").map(|entry| entry.expect("entry").path());
    let file = files.filter(|file| file.extension().is_some_and(|extension| extension == "yaml")).min()?;
    log_rule(&std::fs::read_to_string(file).expect("UTF-8"))
}

#[test]
fn on_every_public_log_a_book_says_what_its_rules_say() {
    let Some(folders) = public_rules() else {
        println!("skipped: shared/data/cre-dev is not there");
        return;
    };
    let book = RuleBook::new(folders.iter().filter_map(|folder| rule_of(folder)).collect());
    for folder in folders {
        let text = std::fs::read(folder.join("test.log")).expect("a log");
        let text = String::from_utf8_lossy(&text);
        let signals = signals(&text);
        assert_eq!(book.run(&signals), one_by_one(&book, &signals), "{}", folder.display());
    }
}

#[test]
fn a_literal_is_found_across_folded_lines_and_behind_escapes() {
    let across = log_rule("set: {match: [value: 'boom\tat x']}").expect("a rule");
    let behind = log_rule("set: {match: [value: 'said \"no\"']}").expect("a rule");
    let book = RuleBook::new(vec![across, behind]);
    let folded = "2026-03-14 15:04:05 boom\n\tat x\n";
    assert_eq!(book.run(&signals(folded)), one_by_one(&book, &signals(folded)));
    assert_eq!(book.run(&signals(folded)).len(), 1);
    let escaped = "{\"log\":\"he said \\\"no\\\"\\n\",\"stream\":\"stderr\",\"time\":\"2026-03-14T15:04:05Z\"}\n";
    assert_eq!(book.run(&signals(escaped)), one_by_one(&book, &signals(escaped)));
    assert_eq!(book.run(&signals(escaped)).len(), 1);
}

#[test]
fn a_book_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&RuleBook::default());
}

#[test]
fn an_empty_book_has_nothing_to_say() {
    assert!(RuleBook::default().run(&signals("x")).is_empty());
    assert!(RuleBook::new(Vec::new()).run(&signals("x")).is_empty());
}

proptest! {
    #[test]
    fn whatever_the_rules_a_book_says_what_they_say(
        rules in prop::collection::vec((
            prop::collection::vec("[ab]{1,3}|[abAB.|?+()]{1,6}", 1..4), "[ab]{0,2}", any::<bool>(),
        ), 1..8),
        lines in prop::collection::vec("(2026-03-14 15:04:0[0-9] )?[abAB\t ]{0,6}", 0..12),
    ) {
        let rules = rules.into_iter().filter_map(|(terms, without, is_sequence)| {
            let terms: Vec<String> = terms
                .iter()
                .map(|term| {
                    let key = if term.chars().all(|c| matches!(c, 'a' | 'b')) { "value" } else { "regex" };
                    format!("{{{key}: '{term}'}}")
                })
                .collect();
            let window = if terms.len() > 1 { "window: 5s, " } else { "" };
            let negate = if without.is_empty() { String::new() } else { format!(", negate: [{{value: {without}}}]") };
            let (kind, list) = if is_sequence { ("sequence", "order") } else { ("set", "match") };
            log_rule(&format!("{kind}: {{{window}{list}: [{}]{negate}}}", terms.join(", ")))
        });
        let book = RuleBook::new(rules.collect());
        let text = lines.join("\n");
        let signals = signals(&text);
        prop_assert_eq!(book.run(&signals), one_by_one(&book, &signals));
    }
}
