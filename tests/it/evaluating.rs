//! Matching measured as everybody can measure it: the command, its floors, and what it says of files that are wrong.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use casebook::story_file::{print_pattern, print_story};

use crate::database::folder;
use crate::program::run;

const LIBRARY: &str = "tests/eval/library.jsonl";

/// A file of judged data beside the project, where the machine has it.
fn shared(name: &str) -> Option<String> {
    let above = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found =
        above.ancestors().map(|folder| folder.join("shared/data/eval-dev").join(name)).find(|path| path.exists());
    found.and_then(|path| path.to_str().map(str::to_owned))
}

fn told(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The mean of a measure for each set, from the command's JSON.
fn success_at_1(arguments: &[&str]) -> Vec<(String, f64)> {
    let output = run(&[&["eval", "--json"], arguments].concat(), "");
    assert!(output.status.success(), "{}", told(&output));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let sets = answer["sets"].as_array().expect("sets").iter();
    sets.map(|set| {
        let mean = set["measures"]["success_at_1"]["mean"].as_f64().expect("a mean");
        (set["set"].as_str().expect("a name").to_owned(), mean)
    })
    .collect()
}

#[test]
fn symptoms_in_other_words_stay_above_their_floor() {
    let output = run(&["eval", "tests/eval/symptoms.jsonl", "--floor", "0.85", "--failures"], "");
    assert!(output.status.success(), "{}", told(&output));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("success@1") && table.contains("symptoms: english") && table.contains("symptoms: chinese"));
}

#[test]
fn what_has_nothing_to_do_with_any_failure_is_not_called_known() {
    let output = run(&["eval", "tests/eval/symptoms.jsonl", "tests/eval/unrelated.jsonl", "--unknown", "--json"], "");
    assert!(output.status.success(), "{}", told(&output));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let separation = &answer["separation"];
    assert!(separation["auroc"].as_f64().is_some_and(|area| area >= 0.9), "{separation}");
    assert!(separation["precision_known"].as_f64().is_some_and(|share| share >= 0.9), "{separation}");
}

/// Two searches for each story, in the words of somebody who has not read it. The floor lies some points below what was
/// reached; docs/library.md lists those that miss, and why.
#[test]
fn searches_over_the_library_stay_above_their_floor() {
    let output = run(&["eval", LIBRARY, "--floor", "0.8", "--json"], "");
    assert!(output.status.success(), "{}", told(&output));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let queries: u64 = answer["sets"]
        .as_array()
        .expect("sets")
        .iter()
        .map(|set| set["measures"]["queries"].as_u64().expect("a number"))
        .sum();
    assert!(queries >= 300, "only {queries} searches");
}

#[test]
fn searches_over_the_library_have_no_word_that_their_story_alone_has() {
    let (library, _) = casebook::service::library::built_in();
    let stories = library.stories.iter().map(|(slug, story, _)| (slug.as_str(), print_story(story)));
    let patterns = library.patterns.iter().map(|(slug, pattern, _)| (slug.as_str(), print_pattern(pattern)));
    let words_of: HashMap<&str, HashSet<String>> =
        stories.chain(patterns).map(|(slug, text)| (slug, words(&text))).collect();
    let mut rare = Vec::new();
    for line in std::fs::read_to_string(LIBRARY).expect("the searches").lines() {
        let search: Search = serde_json::from_str(line).expect("a judged query");
        for (slug, of_story) in search.expected.iter().filter_map(|slug| words_of.get_key_value(slug.as_str())) {
            let is_alone =
                |word: &&String| !words_of.iter().any(|(other, known)| other != slug && known.contains(*word));
            let given_away = words(&search.query).into_iter().filter(|word| of_story.contains(word));
            rare.extend(
                given_away.collect::<Vec<_>>().iter().filter(is_alone).map(|word| format!("{}: {word}", search.id)),
            );
        }
    }
    assert!(rare.is_empty(), "{}", rare.join("\n"));
}

#[derive(serde::Deserialize)]
struct Search {
    id: String,
    query: String,
    expected: Vec<String>,
}

/// The words of a text without their endings.
fn words(text: &str) -> HashSet<String> {
    let stemmed = |word: &str| {
        let stem =
            ["ing", "ed", "es", "s"].iter().find_map(|ending| word.strip_suffix(ending)).filter(|stem| stem.len() > 2);
        stem.unwrap_or(word).to_owned()
    };
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2).map(stemmed).collect()
}

/// Small sets: one log is 3 points, one alert 4. The floors lie two below what was reached.
#[test]
fn judged_logs_alerts_and_reports_stay_above_their_floors() {
    let files = ["log.jsonl", "alert.jsonl", "alert-json.jsonl", "documents-cre.jsonl", "documents-runbooks.jsonl"];
    let reports = ["duplicate.jsonl", "documents-hadoop.jsonl"];
    let (Some(files), Some(reports)) = (
        files.map(shared).into_iter().collect::<Option<Vec<_>>>(),
        reports.map(shared).into_iter().collect::<Option<Vec<_>>>(),
    ) else {
        eprintln!("skipped: no shared/data/eval-dev above the project");
        return;
    };
    let mut reached = success_at_1(&files.iter().map(String::as_str).collect::<Vec<_>>());
    reached.extend(success_at_1(&reports.iter().map(String::as_str).collect::<Vec<_>>()));
    for (set, floor) in [("log", 0.75), ("alert", 0.82), ("alert-json", 0.92), ("duplicate", 0.54)] {
        let (_, mean) = reached.iter().find(|(name, _)| name == set).expect(set);
        assert!(*mean >= floor, "{set}: {mean:.2}, expected {floor} at least");
    }
}

#[test]
fn a_missed_floor_and_a_broken_file_end_with_their_own_status() {
    let scratch = folder("casebook-eval");
    let queries = scratch.join("queries.jsonl");
    let name = queries.to_str().expect("UTF-8");
    std::fs::write(&queries, "{\"query\":\"the moon is made of cheese\",\"expected\":\"no-such-story\"}\n")
        .expect("write");
    let missed = run(&["eval", name, "--floor", "0.5"], "");
    assert_eq!(missed.status.code(), Some(1), "{}", told(&missed));
    std::fs::write(&queries, "{\"query\":\"a\",\"expected\":[]}\n{\"query\":\n").expect("write");
    let broken = run(&["eval", name], "");
    assert_eq!(broken.status.code(), Some(2));
    assert!(told(&broken).contains("queries.jsonl:2: "), "{}", told(&broken));
    let absent = run(&["eval", "no-such-file.jsonl"], "");
    assert!(absent.status.code() == Some(2) && told(&absent).contains("cannot read no-such-file.jsonl"));
}

#[test]
fn a_teams_own_names_are_understood_where_it_says_them() {
    let scratch = folder("casebook-glossary");
    let stories = crate::server::seed_folder();
    let glossary = scratch.join("glossary.txt");
    let name = glossary.to_str().expect("UTF-8");
    let ask = |arguments: &[&str]| {
        let evidence = "the zorbo is eating the whole blick of every worker, and it speaks to a floop abroad";
        run(&[&["match", "--stories", stories.to_str().expect("UTF-8"), "--json"], arguments].concat(), evidence)
    };
    assert_eq!(ask(&[]).status.code(), Some(1), "nobody knows these words");
    let ours = "zorbo = cryptominer = monero miner\nblick = cpu\nfloop = mining pool\n";
    std::fs::write(&glossary, ours).expect("write");
    let understood = ask(&["--glossary", name]);
    assert!(understood.status.success(), "{}", told(&understood));
    assert!(told(&understood).contains("jw-player-weave-scope-cryptominer"));
    std::fs::write(&glossary, "zorbo\n").expect("write");
    let refused = ask(&["--glossary", name]);
    assert!(
        refused.status.code() == Some(2) && told(&refused).contains("line 1: found \"zorbo\""),
        "{}",
        told(&refused)
    );
}
