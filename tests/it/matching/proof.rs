//! Rules that fire: on every node soon after their story is published, with the lines that prove it, in every way out.

use serde_json::{Value, json};

use crate::database::{TestDatabase, folder};
use crate::program::run;
use crate::server::{self, Client, Node, NodeOptions, SOON, eventually, story};

/// Meets the rule, and of the story no words but the rule's.
const EVIDENCE: &str = "\
2024-03-01T10:00:00Z gizmo INFO tick
2024-03-01T10:00:01Z gizmo ERROR frobnicator jammed at cog 7
2024-03-01T10:00:02Z gizmo INFO tick
2024-03-01T10:00:03Z gizmo ERROR flange overheated
";

const RULE: &str = "\
sequence:
  window: 10s
  order:
    - value: frobnicator jammed
    - regex: flange (overheated|melted)
";

/// A story with one log rule.
fn with_rule(title: &str, rule: &str) -> Value {
    let mut story = story(title);
    story["rules"] = json!([{ "kind": "log", "name": "The flange melts after a jam", "text": rule }]);
    story
}

fn matched(client: &Client, evidence: &str) -> Value {
    let answer = client.post("/api/v1/match", &[("content-type", "text/plain")], evidence);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn fires(client: &Client, slug: &str) -> bool {
    let first = &matched(client, EVIDENCE)["matches"][0];
    first["slug"] == slug && first["confidence"] == "fired"
}

#[tokio::test]
async fn a_published_rule_fires_on_every_node_and_no_longer_when_its_story_is_revised() {
    let database = TestDatabase::new().await;
    let one = Node::start(&database.url, NodeOptions::default()).await;
    let two = Node::start(&database.url, NodeOptions::default()).await;
    let slug = one.client.submit(&with_rule("Gears stood still", RULE));
    for node in [&one, &two] {
        eventually(SOON, "the rule fires", || fires(&node.client, &slug));
    }
    let answer = matched(&two.client, EVIDENCE);
    assert_eq!(answer["outcome"], "known");
    let reason = &answer["matches"][0]["reasons"][0];
    assert_eq!(reason["rule"], "The flange melts after a jam");
    assert_eq!((&reason["kind"], &reason["lines"]), (&json!("log"), &json!([2, 4])));

    let path = format!("/stories/{slug}/edit");
    let mut fields = crate::submitting::fields(&one.client.get(&path));
    crate::submitting::set(&mut fields, "rules_text", &RULE.replace("jammed", "unjammed"));
    crate::submitting::set(&mut fields, "action", "save");
    let saved = crate::submitting::send(&one.client, &path, &fields);
    assert_eq!(saved.status, 303, "{}", saved.text);
    for node in [&one, &two] {
        eventually(SOON, "the old rule is gone", || !fires(&node.client, &slug));
    }
}

#[tokio::test]
async fn a_node_that_starts_has_the_rules_of_its_index_and_of_one_that_is_made_anew() {
    let database = TestDatabase::new().await;
    let options = NodeOptions { data: Some(folder("casebook-node")), ..NodeOptions::default() };
    let node = Node::start(&database.url, options.clone()).await;
    let slug = node.client.submit(&with_rule("Gears stood still", RULE));
    eventually(SOON, "the rule fires", || fires(&node.client, &slug));
    drop(node);
    let again = Node::start(&database.url, options).await;
    assert!(fires(&again.client, &slug), "after a restart");
    let fresh = Node::start(&database.url, NodeOptions::default()).await;
    assert!(fires(&fresh.client, &slug), "with an index of its own");
}

#[tokio::test]
async fn the_page_shows_the_rule_its_lines_and_the_check_to_run_next() {
    let (node, _database) = server::empty().await;
    let mut story = with_rule("Gears stood still", RULE);
    story["checks"] = json!([{ "command": "gizmoctl cogs --jammed", "means": "A cog in the list is the jam." }]);
    let slug = node.client.submit(&story);
    eventually(SOON, "the rule fires", || fires(&node.client, &slug));
    let query = serde_html_form::to_string([("q", EVIDENCE)]).expect("query");
    let page = node.client.get(&format!("/?{query}"));
    assert_eq!(page.texts(".confidence"), ["A detection rule fired"]);
    assert_eq!(page.texts(".proof strong"), ["The flange melts after a jam"]);
    assert_eq!(page.attributes(".proof .places a", "href"), ["#line-2", "#line-4"]);
    assert_eq!(page.attributes(".evidence .is-fired", "id"), ["line-2", "line-4"]);
    let marked = page.texts("mark.fired").join(" ");
    assert!(marked.contains("frobnicator jammed") && marked.contains("flange overheated"), "{marked}");
    assert_eq!(page.texts("#next-command"), ["gizmoctl cogs --jammed"]);
    assert_eq!(matched(&node.client, EVIDENCE)["next"]["command"], "gizmoctl cogs --jammed");
}

#[tokio::test]
async fn the_command_line_proves_the_same_from_a_folder_as_from_a_server() {
    let (node, database) = server::with_library().await;
    let slug = node.client.submit(&with_rule("Gears stood still", RULE));
    eventually(SOON, "the rule fires", || fires(&node.client, &slug));
    let stories = folder("casebook-exported");
    let stories = stories.to_str().expect("UTF-8");
    let exported = run(&["export", stories, "--database-url", &database.url], "");
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));

    let evidence = format!("{EVIDENCE}0/256 nodes are available: subnet exhausted, pods stay Pending\n");
    let json = |arguments: &[&str]| -> Value {
        let output = run(&[&["match", "--json"], arguments].concat(), &evidence);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let mut answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        // The server is named in the addresses; that is all that may differ.
        for found in answer["matches"].as_array_mut().expect("matches") {
            found["url"] = found["url"].as_str().expect("url").replace(&node.url, "").into();
        }
        answer
    };
    assert_eq!(json(&["--stories", stories]), json(&["--server", &node.url]));

    let people = run(&["match", "--stories", stories], &evidence.replace("at cog 7", "at cog 7 \u{1b}[2J"));
    let text = String::from_utf8(people.stdout).expect("UTF-8");
    let quoted =
        text.lines().find(|line| line.contains("frobnicator jammed at cog 7")).unwrap_or_else(|| panic!("{text}"));
    assert!(quoted.trim_start().starts_with("2 "), "{quoted}");
    assert!(text.starts_with("Read as ") && text.contains("The flange melts after a jam (log)"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour in a pipe, and nothing of the paste that commands a terminal");
    let coloured = run(&["match", "--stories", stories, "--color", "always"], &evidence);
    assert!(String::from_utf8_lossy(&coloured.stdout).contains("\u{1b}[1;31m"), "colour where it is asked for");
}
