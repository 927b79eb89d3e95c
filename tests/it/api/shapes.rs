//! The shapes that others rely on.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{match_text, steady};
use crate::server::{self, eventually, story};

#[tokio::test]
async fn a_search_answers_with_its_total_and_results() {
    let (node, _database) = server::with_library().await;
    let found = node.client.get("/api/v1/search?q=gcc+miner+dashboard&limit=1&kind=story");
    assert_eq!(found.header("content-type"), "application/json");
    let found = found.json();
    assert!(found["results"][0]["score"].as_f64().is_some_and(|score| score > 0.0), "{found}");
    assert_json_snapshot!(steady(found, &["total", "score", "snippet"]), @r#"
    {
      "page": 1,
      "per_page": 1,
      "results": [
        {
          "kind": "story",
          "score": "[score]",
          "slug": "jw-player-weave-scope-cryptominer",
          "snippet": "[snippet]",
          "title": "A miner called gcc on every node, started through a Weave Scope dashboard that was open to the internet",
          "url": "/stories/jw-player-weave-scope-cryptominer"
        }
      ],
      "total": "[total]"
    }
    "#);
    let by_organization = node.client.get("/api/v1/search?organization=Moonlight&limit=100").json();
    assert_eq!(by_organization["total"], 1);
    let none = node.client.get("/api/v1/search?q=zzzzqqqq").json();
    assert_json_snapshot!(none, @r#"
    {
      "page": 1,
      "per_page": 20,
      "results": [],
      "total": 0
    }
    "#);
}

#[tokio::test]
async fn a_match_answers_with_its_outcome_and_reasons() {
    let (node, _database) = server::with_library().await;
    let evidence = "gcc at 100% CPU on every node\nthe Weave Scope dashboard was open to the internet";
    let answer = match_text(&node.client, "", evidence).json();
    assert_eq!(answer["outcome"], "known");
    assert_eq!(answer["matches"][0]["slug"], "jw-player-weave-scope-cryptominer");
    let first = answer["matches"][0].as_object().expect("object");
    let shape: BTreeMap<&str, &str> = first
        .iter()
        .map(|(name, value)| {
            let kind = match value {
                Value::String(_) => "text",
                Value::Number(_) => "number",
                Value::Array(_) => "list",
                Value::Object(_) | Value::Null | Value::Bool(_) => "something else",
            };
            (name.as_str(), kind)
        })
        .collect();
    assert_json_snapshot!(shape, @r#"
    {
      "also": "list",
      "confidence": "text",
      "kind": "text",
      "organization": "text",
      "reasons": "list",
      "remediation": "text",
      "root_cause": "text",
      "score": "number",
      "slug": "text",
      "summary": "text",
      "title": "text",
      "url": "text"
    }
    "#);
    let reason = &first["reasons"][0];
    assert!(reason["field"].is_string() && reason["terms"][0].is_string() && reason["lines"][0].is_u64(), "{reason}");
    assert_json_snapshot!(first["also"], @r#"
    [
      {
        "kind": "pattern",
        "slug": "exposed-dashboard-runs-miner",
        "title": "Exposed internal dashboard is used to run a miner",
        "url": "/patterns/exposed-dashboard-runs-miner"
      }
    ]
    "#);

    // As JSON it is the same question.
    let asked = node.client.post_json("/api/v1/match", &json!({"evidence": evidence, "limit": 1}));
    assert_eq!(asked.json()["matches"], json!([answer["matches"][0]]));
    assert_eq!(match_text(&node.client, "?limit=1", evidence).json()["matches"], json!([answer["matches"][0]]));
    assert_json_snapshot!(match_text(&node.client, "", "zzzzqqqq").json(), @r#"
    {
      "matches": [],
      "outcome": "unknown",
      "read": "1 line of prose"
    }
    "#);
}

#[tokio::test]
async fn lists_have_cards_and_the_same_filters_as_the_pages() {
    let (node, _database) = server::with_library().await;
    let listed = node.client.get("/api/v1/stories?category=scheduling").json();
    assert_json_snapshot!(steady(listed, &["id", "updated_at", "summary"]), @r#"
    {
      "page": 1,
      "per_page": 20,
      "results": [
        {
          "category": "scheduling",
          "duration": "five days of intermittent errors, ending in periods of full downtime",
          "id": "[id]",
          "kind": "story",
          "organization": "Moonlight",
          "patterns": [
            {
              "kind": "pattern",
              "slug": "replicas-share-one-node",
              "title": "Replicas share one node",
              "url": "/patterns/replicas-share-one-node"
            }
          ],
          "severity": "sev1",
          "slug": "moonlight-pods-on-one-node",
          "started_at": "2019-01-18",
          "summary": "[summary]",
          "technologies": [
            "kubernetes",
            "gke",
            "google-cloud",
            "redis"
          ],
          "title": "CPU-heavy pods gathered on one node, and every copy of the site went down with it",
          "updated_at": "[updated_at]",
          "url": "/stories/moonlight-pods-on-one-node"
        }
      ],
      "total": 1
    }
    "#);
}

#[tokio::test]
async fn patterns_are_listed_with_the_number_of_their_stories() {
    let (node, _database) = server::with_library().await;
    let patterns = node.client.get("/api/v1/patterns?technology=iptables").json();
    assert_json_snapshot!(steady(patterns, &["id", "updated_at", "summary"]), @r#"
    {
      "page": 1,
      "per_page": 20,
      "results": [
        {
          "category": "network",
          "id": "[id]",
          "instances": 1,
          "kind": "pattern",
          "slug": "pod-egress-snat-mismatch",
          "summary": "[summary]",
          "technologies": [
            "kubernetes",
            "cni",
            "snat",
            "eks",
            "aws-vpc-cni",
            "gke",
            "nat-gateway",
            "iptables"
          ],
          "title": "Pod egress is translated in the wrong place (SNAT mismatch)",
          "updated_at": "[updated_at]",
          "url": "/patterns/pod-egress-snat-mismatch"
        }
      ],
      "total": 1
    }
    "#);
}

#[tokio::test]
async fn lists_have_pages() {
    let (node, _database) = server::with_library().await;
    let first = node.client.get("/api/v1/stories?limit=2&page=1&sort=title").json();
    let second = node.client.get("/api/v1/stories?limit=2&page=2&sort=title").json();
    assert_eq!((&first["total"], &first["page"], &first["per_page"]), (&json!(5), &json!(1), &json!(2)));
    assert_eq!(second["results"].as_array().map(Vec::len), Some(2));
    assert_ne!(first["results"][0]["slug"], second["results"][0]["slug"]);
}

#[tokio::test]
async fn a_story_is_read_whole() {
    let (node, _database) = server::empty().await;
    let slug = node.client.submit(&story("Read whole"));
    let read = node.client.get(&format!("/api/v1/stories/{slug}")).json();
    assert_json_snapshot!(steady(read, &["id", "created_at", "updated_at", "published_at"]), @r#"
    {
      "action_items": [],
      "category": "capacity",
      "checks": [],
      "contributing_factors": [],
      "created_at": "[created_at]",
      "detected_at": null,
      "detected_by": null,
      "duration": null,
      "facts": [],
      "id": "[id]",
      "impact": "",
      "kind": "story",
      "lessons": "",
      "organization": "Example",
      "patterns": [],
      "published_at": "[published_at]",
      "references": [],
      "remediation": "1. Raise the limit.",
      "resolved_at": null,
      "revision": 1,
      "root_cause": "A limit was reached.",
      "rules": [],
      "severity": null,
      "slug": "read-whole",
      "started_at": null,
      "status": "published",
      "summary": "A short summary.",
      "symptom": "Requests failed.",
      "technologies": [],
      "timeline": [],
      "title": "Read whole",
      "translations": [],
      "trigger": null,
      "updated_at": "[updated_at]",
      "url": "/stories/read-whole"
    }
    "#);
}

#[tokio::test]
async fn a_pattern_is_read_with_its_stories() {
    let (node, _database) = server::with_library().await;
    let read = node.client.get("/api/v1/patterns/pod-ip-range-exhausted").json();
    assert_eq!(read["kind"], "pattern");
    assert!(read["aliases"].is_array() && read["rules"].is_array(), "{read}");
    assert_json_snapshot!(read["stories"], @r#"
    [
      {
        "kind": "story",
        "slug": "loveholidays-gke-pod-ip-exhaustion",
        "title": "A GKE cluster that stopped growing at 256 nodes because its pod range was given away",
        "url": "/stories/loveholidays-gke-pod-ip-exhaustion"
      }
    ]
    "#);
}

#[tokio::test]
async fn addresses_are_absolute_where_the_public_one_is_known() {
    let database = crate::database::TestDatabase::new().await;
    let public_url = Some("https://casebook.example.com".to_owned());
    let options = server::NodeOptions { public_url, ..server::NodeOptions::default() };
    let node = server::Node::start(&database.url, options).await;
    let created = node.client.post_json("/api/v1/stories", &story("Quollquake"));
    assert_eq!(created.header("location"), "https://casebook.example.com/api/v1/stories/quollquake");
    assert_eq!(created.json()["url"], "https://casebook.example.com/stories/quollquake");
    eventually(Duration::from_secs(2), "indexed", || !node.client.finds("quollquake").is_empty());
    let found = node.client.get("/api/v1/search?q=quollquake").json();
    assert_eq!(found["results"][0]["url"], "https://casebook.example.com/stories/quollquake");
}
