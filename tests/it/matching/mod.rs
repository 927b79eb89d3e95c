//! The promise of the whole thing: a symptom in other words than the story's finds the story first.

mod corpus;
mod proof;
mod secrets;

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use crate::program::run;
use crate::server;

#[derive(Deserialize)]
struct Symptom {
    query: String,
    expected: [String; 1],
    kind: String,
}

fn symptoms() -> Vec<Symptom> {
    let lines = include_str!("../../eval/symptoms.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).expect("a judged query with one story")).collect()
}

#[tokio::test]
async fn every_seed_story_is_first_for_symptoms_in_other_words_in_english_and_chinese() {
    let (node, _database) = server::with_library().await;
    let mut wrong = Vec::new();
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    for symptom in symptoms() {
        let found = node.client.matches(&symptom.query);
        let [story] = symptom.expected;
        if found.first() != Some(&story) {
            wrong.push(format!("{story}: {} found {found:?}", symptom.query));
        }
        *counts.entry((story, symptom.kind)).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let stories: HashSet<&String> = counts.keys().map(|(story, _)| story).collect();
    assert_eq!(stories.len(), 5);
    for story in stories {
        assert!(counts[&(story.clone(), "english".to_owned())] >= 2, "{story}");
        assert!(counts[&(story.clone(), "chinese".to_owned())] >= 1, "{story}");
    }
}

#[test]
fn the_english_symptoms_are_not_lifted_from_the_stories() {
    let exempt = "0/256 nodes are available, deployment stuck for an hour, subnet exhausted";
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    for symptom in symptoms().iter().filter(|symptom| symptom.kind == "english" && symptom.query != exempt) {
        let path = format!("{}/stories/{}.md", env!("CARGO_MANIFEST_DIR"), symptom.expected[0]);
        let story = words(&std::fs::read_to_string(path).expect("story"));
        let runs: HashSet<&[String]> = story.windows(3).collect();
        let query = words(&symptom.query);
        let shared = query.windows(3).find(|run| runs.contains(run));
        assert_eq!(shared, None, "{}", symptom.query);
    }
}

#[tokio::test]
async fn what_has_nothing_to_do_with_any_failure_is_unknown() {
    let (node, _database) = server::with_library().await;
    let unrelated = [
        "Fold the butter into the flour, add two eggs and a pinch of salt, bake for forty minutes until golden.",
        "Shall I compare thee to a summer's day? Thou art more lovely and more temperate.",
        "把面粉和黄油揉匀，加两个鸡蛋，放进烤箱烤四十分钟，表面金黄即可。",
        "مرحبا بالعالم",
        "🎉🎉🎉",
        "zzzzqqqq xkcdxkcd",
        "the of and to a in is it",
    ];
    for evidence in unrelated {
        let answer = node.client.post("/api/v1/match", &[("content-type", "text/plain")], evidence);
        assert_eq!(answer.json()["outcome"], "unknown", "{evidence}: {}", answer.text);
        assert_eq!(answer.json()["matches"], serde_json::json!([]), "{evidence}");
    }
}

#[tokio::test]
async fn a_match_says_which_words_met_which_field_on_which_line() {
    let (node, _database) = server::with_library().await;
    let evidence = "first line says nothing\nTerraform timed out while the API server refused everything\nOPA webhook did not answer";
    let answer = node.client.post("/api/v1/match", &[("content-type", "text/plain")], evidence).json();
    let first = &answer["matches"][0];
    assert_eq!(first["slug"], "jetstack-opa-webhook-gke-upgrade");
    let reasons = first["reasons"].as_array().expect("reasons");
    let webhook = reasons.iter().find(|reason| {
        reason["terms"].as_array().is_some_and(|terms| terms.iter().any(|term| term.as_str() == Some("webhook")))
    });
    let lines =
        webhook.unwrap_or_else(|| panic!("webhook is no reason: {reasons:?}"))["lines"].as_array().expect("lines");
    assert!(lines.contains(&serde_json::json!(3)), "{lines:?}");
}

#[tokio::test]
async fn the_page_marks_the_words_and_shows_cause_and_first_remedy() {
    let (node, _database) = server::with_library().await;
    let page = node.client.get("/?q=0%2F256+nodes+are+available%2C+deployment+stuck+for+an+hour%2C+subnet+exhausted");
    assert_eq!(page.status, 200);
    let links = page.attributes("main a[href^='/stories/']", "href");
    assert_eq!(links.first().map(String::as_str), Some("/stories/loveholidays-gke-pod-ip-exhaustion"));
    let marks = page.texts("mark");
    assert!(marks.iter().any(|mark| mark.contains("subnet")), "{marks:?}");
    let text = page.texts("main").join(" ");
    assert!(text.contains("GKE does not give addresses to pods one at a time"), "the root cause is not visible");
    assert!(text.contains("Free whole node blocks"), "the first step is not visible");
}

#[tokio::test]
async fn short_evidence_gets_an_address_to_share_and_long_evidence_an_answer_at_once() {
    let (node, _database) = server::with_library().await;
    let short = node.client.post_form("/", &[("evidence", "pods have no addresses, subnet exhausted")]);
    assert_eq!(short.status, 303);
    assert!(short.header("location").starts_with("/?q=pods"), "{}", short.header("location"));
    let line = "0/256 nodes are available: subnet exhausted, pod stays Pending\n";
    let long = node.client.post_form("/", &[("evidence", &line.repeat(100))]);
    assert_eq!(long.status, 200);
    assert!(long.text.contains("/stories/loveholidays-gke-pod-ip-exhaustion"));
}

#[tokio::test]
async fn the_command_line_gives_the_same_answer_from_a_server_and_from_a_folder() {
    let (node, _database) = server::with_library().await;
    let evidence = "gcc at 100% CPU on every node, somebody mines coins through the dashboard";
    let by_server = run(&["match", "--json", "--server", &node.url], evidence);
    assert_eq!(by_server.status.code(), Some(0), "{}", String::from_utf8_lossy(&by_server.stderr));
    let stories = server::seed_folder();
    let stories = stories.to_str().expect("UTF-8");
    let by_folder = run(&["match", "--json", "--stories", stories, "-"], evidence);
    assert_eq!(by_folder.status.code(), Some(0), "{}", String::from_utf8_lossy(&by_folder.stderr));
    let slugs = |output: &[u8]| -> Vec<String> {
        let answer: serde_json::Value = serde_json::from_slice(output).expect("JSON");
        answer["matches"].as_array().expect("matches").iter().map(|m| m["slug"].to_string()).collect()
    };
    assert_eq!(slugs(&by_server.stdout), slugs(&by_folder.stdout));
    assert_eq!(slugs(&by_server.stdout)[0], "\"jw-player-weave-scope-cryptominer\"");

    let people = run(&["match", "--stories", "stories"], evidence);
    let text = String::from_utf8(people.stdout).expect("UTF-8");
    assert!(text.contains("JW Player") && text.contains("remedy"), "{text}");
}

#[test]
fn the_command_line_exits_with_1_when_nothing_is_known_and_2_when_it_cannot_tell() {
    let unknown = run(&["match", "--stories", "stories"], "a recipe for bread with butter");
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&unknown.stdout).trim(), "Nothing known matches.");
    let no_server = run(&["match", "--server", "http://127.0.0.1:9"], "pods pending");
    assert_eq!(no_server.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&no_server.stderr).contains("is it running?"));
    let empty = run(&["match", "--stories", "stories"], "  \n");
    assert_eq!(empty.status.code(), Some(2));
    let large = run(&["match", "--stories", "stories"], &"x".repeat(1024 * 1024 + 1));
    assert_eq!(large.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&large.stderr).contains("1 MiB"));
}
