//! Stories sent in as JSON.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::time::Duration;

use insta::assert_json_snapshot;
use serde_json::json;

use super::{complaints, problem, steady};
use crate::server::{self, Answer, eventually, story};

#[tokio::test]
async fn a_new_story_is_created_at_an_address() {
    let (node, _database) = server::with_library().await;
    let created = node.client.post_json("/api/v1/stories", &story("Created over the wire"));
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.header("location"), "/api/v1/stories/created-over-the-wire");
    assert_json_snapshot!(steady(created.json(), &["id"]), @r#"
    {
      "id": "[id]",
      "revision": 1,
      "similar": [],
      "slug": "created-over-the-wire",
      "url": "/stories/created-over-the-wire"
    }
    "#);
    let read = node.client.get(created.header("location"));
    assert_eq!(read.status, 200);
    assert_eq!(read.json()["id"], created.json()["id"]);
    eventually(crate::server::SOON, "searchable", || !node.client.finds("wire").is_empty());
    // What was read can be sent again under another name, and says the same.
    let seed = node.client.get("/api/v1/stories/moonlight-pods-on-one-node").json();
    let mut copy = seed.clone();
    for server_side in ["id", "kind", "url", "slug", "status", "revision", "created_at", "updated_at", "published_at"] {
        copy.as_object_mut().expect("object").remove(server_side);
    }
    for (_, value) in copy.as_object_mut().expect("object") {
        // What is absent is sent as nothing.
        if value.is_null() {
            *value = json!("");
        }
    }
    let copied = node.client.post_json("/api/v1/stories", &copy);
    assert_eq!(copied.status, 201, "{}", copied.text);
    let similar = copied.json()["similar"].clone();
    assert_eq!(similar[0]["slug"], "moonlight-pods-on-one-node", "{similar}");
    assert!(similar[0]["similarity"].as_f64().is_some_and(|it| it > 0.9), "{similar}");
    let read = node.client.get(copied.header("location")).json();
    for (name, value) in copy.as_object().expect("object") {
        let nothing = value == "" && read[name].is_null();
        assert!(nothing || read[name] == *value, "{name}: {} became {}", value, read[name]);
    }
}

#[tokio::test]
async fn a_story_sent_twice_with_one_id_is_one_story() {
    let (node, _database) = server::empty().await;
    let mut sent = story("Sent twice with one id");
    sent["id"] = json!("0197a000-0000-7000-8000-000000000001");
    sent["note"] = json!("From the pager");
    let barrier = Barrier::new(6);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let sending = || {
            barrier.wait();
            node.client.post_json("/api/v1/stories", &sent)
        };
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(sending)).collect();
        threads.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    for answer in &answers {
        assert_eq!((answer.status, answer.header("location")), (201, "/api/v1/stories/sent-twice-with-one-id"));
        assert_eq!((&answer.json()["id"], &answer.json()["revision"]), (&sent["id"], &json!(1)));
    }
    eventually(Duration::from_secs(2), "indexed", || node.client.get("/api/v1/stories").json()["total"] == 1);
    assert!(node.client.get("/stories/sent-twice-with-one-id/revisions").text.contains("From the pager"));
    // Other content under the same id is not what was saved, and is not answered as if it were.
    let mut other = sent.clone();
    other["summary"] = json!("Something else was written in the meantime.");
    problem("other content", &node.client.post_json("/api/v1/stories", &other), 409);
    assert_eq!(node.client.get("/api/v1/stories/sent-twice-with-one-id").json()["summary"], sent["summary"]);
    // The id of a pattern is no story's.
    let (node, _database) = server::with_library().await;
    sent["id"] = node.client.get("/api/v1/patterns/pod-ip-range-exhausted").json()["id"].clone();
    problem("a pattern's id", &node.client.post_json("/api/v1/stories", &sent), 409);
}

#[tokio::test]
async fn many_stories_of_one_long_title_each_get_an_address() {
    let (node, _database) = server::empty().await;
    let title = "The same long title ".repeat(8);
    let slugs: BTreeSet<String> = (0..24).map(|_| node.client.submit(&story(title.trim()))).collect();
    assert_eq!(slugs.len(), 24);
    for slug in slugs {
        assert_eq!(node.client.get(&format!("/stories/{slug}")).status, 200, "{slug}");
    }
}

/// One save in some hundred met the second unique constraint of the addresses and answered 500.
#[tokio::test]
async fn saves_sent_at_the_same_moment_do_not_trip_over_their_own_address() {
    let (node, _database) = server::empty().await;
    for round in 0..80 {
        let mut sent = story(&format!("The same moment {round}"));
        sent["id"] = json!(format!("0197a000-0000-7000-8000-{round:012}"));
        let barrier = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    barrier.wait();
                    let answer = node.client.post_json("/api/v1/stories", &sent);
                    assert_eq!(answer.status, 201, "{}", answer.text);
                });
            }
        });
    }
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_by_its_path() {
    let (node, _database) = server::empty().await;
    let wrong = json!({
        "title": "", "summary": "x", "symptom": " \n", "root_cause": "x", "remediation": "x",
        "category": "kapacity", "organization": "two\nlines", "severity": "high", "started_at": "yesterday",
        "timeline": [{"at": "T+1", "text": "fine"}, {"at": "", "marker": "x", "text": ""}],
        "rules": [{"kind": "log", "name": "n", "text": ""}],
        "references": [{"kind": "report", "url": "javascript:alert(1)"}],
        "action_items": [{"text": "t", "due": "soon"}],
        "translations": [{"language": "Chinese", "title": "t", "symptom": "s"}],
        "technologies": ["fine", "a/b"],
        "contributing_factors": ["fine", ""],
        "patterns": ["Not A Slug"],
        "note": "two\nlines",
        "titel": "misspelt",
    });
    let answer = node.client.post_json("/api/v1/stories", &wrong);
    let mut paths = complaints(&answer);
    paths.sort();
    assert_eq!(
        paths,
        [
            "action_items[0].due",
            "category",
            "contributing_factors[1]",
            "note",
            "organization",
            "patterns[0]",
            "references[0].url",
            "rules[0].text",
            "severity",
            "started_at",
            "symptom",
            "technologies[1]",
            "timeline[1].at",
            "timeline[1].marker",
            "timeline[1].text",
            "titel",
            "title",
            "translations[0].language",
        ]
    );
    let unknown = json!({"patterns": ["no-such-pattern"]});
    let mut sent = story("Of an unknown pattern");
    sent["patterns"] = unknown["patterns"].clone();
    assert_eq!(complaints(&node.client.post_json("/api/v1/stories", &sent)), ["patterns"]);
    // A row with a misspelt name, a value of another type.
    let mut sent = story("Misspelt");
    sent["timeline"] = json!([{"at": "T+1", "txt": "x"}]);
    let answer = node.client.post_json("/api/v1/stories", &sent);
    assert!(answer.text.contains("txt"), "{}", answer.text);
    assert!([400, 422].contains(&answer.status), "{}", answer.status);
    let mut sent = story("Of another type");
    sent["title"] = json!(["a", "list"]);
    problem("another type", &node.client.post_json("/api/v1/stories", &sent), 400);
    assert_eq!(node.client.get("/api/v1/stories").json()["total"], 0);
}
