//! The JSON under `/api/v1`: its shapes, which others rely on, and what it says when something is wrong.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::time::Duration;

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::server::{self, Answer, Client, eventually, story};

/// Puts a fixed text in the place of values that differ from run to run, wherever they are; each must be there.
fn steady(mut value: Value, varying: &[&str]) -> Value {
    fn replace(value: &mut Value, name: &str, found: &mut usize) {
        match value {
            Value::Object(fields) => {
                for (field, value) in fields {
                    if field == name {
                        *value = json!(format!("[{name}]"));
                        *found += 1;
                    } else {
                        replace(value, name, found);
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| replace(value, name, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for name in varying {
        let mut found = 0;
        replace(&mut value, name, &mut found);
        assert!(found > 0, "{name} is nowhere in {value}");
    }
    value
}

/// Checks that an answer is a problem document as RFC 9457 has it, and gives it.
#[track_caller]
pub fn problem(what: &str, answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    for member in ["type", "title", "detail", "instance"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{what}: {member} of {problem}");
    }
    problem
}

/// The paths of the fields that a problem document complains about.
#[track_caller]
pub fn complaints(answer: &Answer) -> Vec<String> {
    let problem = problem("complaints", answer, 422);
    let errors = problem["errors"].as_array().expect("errors");
    assert!(
        errors.iter().all(|error| error["message"].as_str().is_some_and(|text| text.contains("expected"))),
        "{errors:?}"
    );
    errors.iter().map(|error| error["field"].as_str().expect("field").to_owned()).collect()
}

fn match_text(client: &Client, query: &str, evidence: &str) -> Answer {
    client.post(&format!("/api/v1/match{query}"), &[("content-type", "text/plain")], evidence)
}

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
      "outcome": "unknown"
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
      "contributing_factors": [],
      "created_at": "[created_at]",
      "detected_at": null,
      "detected_by": null,
      "duration": null,
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
    eventually(Duration::from_secs(1), "searchable", || !node.client.finds("wire").is_empty());
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
    // The id of a pattern is no story's.
    let (node, _database) = server::with_library().await;
    sent["id"] = node.client.get("/api/v1/patterns/pod-ip-range-exhausted").json()["id"].clone();
    problem("a pattern's id", &node.client.post_json("/api/v1/stories", &sent), 409);
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

#[tokio::test]
async fn every_kind_of_error_is_a_problem_document() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let json_type = ("content-type", "application/json");
    let valid = story("Never saved").to_string();
    let large = "x".repeat(4 << 20);
    for (method, path, headers, body, status) in [
        ("GET", "/api/v1/nothing", vec![], "", 404),
        ("GET", "/api/", vec![], "", 404),
        ("GET", "/api/v1/stories/none", vec![], "", 404),
        ("GET", "/api/v1/patterns/Not%20A%20Slug", vec![], "", 404),
        ("GET", "/api/v1/search?limit=0", vec![], "", 400),
        ("GET", "/api/v1/search?limit=101", vec![], "", 400),
        ("GET", "/api/v1/search?limit=x", vec![], "", 400),
        ("GET", "/api/v1/search?page=0", vec![], "", 400),
        ("GET", "/api/v1/search?sort=best", vec![], "", 400),
        ("GET", "/api/v1/search?kind=tale", vec![], "", 400),
        ("GET", "/api/v1/search?categroy=dns", vec![], "", 400),
        ("GET", "/api/v1/stories?severity=high", vec![], "", 400),
        ("GET", "/api/v1/stories?kind=pattern", vec![], "", 400),
        ("GET", "/api/v1/search?q=%ff", vec![], "", 400),
        ("POST", "/api/v1/stories", vec![json_type], "", 400),
        ("POST", "/api/v1/stories", vec![json_type], "{", 400),
        ("POST", "/api/v1/stories", vec![json_type], "[1]", 400),
        ("POST", "/api/v1/stories", vec![json_type], "null", 400),
        ("POST", "/api/v1/stories", vec![json_type], "{}", 422),
        ("POST", "/api/v1/stories", vec![json_type], "{\"id\": \"7\"}", 400),
        ("POST", "/api/v1/stories", vec![json_type], &large, 413),
        ("POST", "/api/v1/stories", vec![("content-type", "text/plain")], &valid, 415),
        ("POST", "/api/v1/stories", vec![("content-type", "application/x-www-form-urlencoded")], &valid, 415),
        ("POST", "/api/v1/stories", vec![], &valid, 415),
        ("POST", "/api/v1/stories", vec![json_type, ("content-encoding", "gzip")], &valid, 415),
        ("POST", "/api/v1/stories", vec![json_type, ("origin", "https://evil.example")], &valid, 403),
        ("POST", "/api/v1/stories", vec![json_type, ("sec-fetch-site", "cross-site")], &valid, 403),
        ("POST", "/api/v1/stories", vec![json_type, ("x-forwarded-for", "192.0.2.1")], &valid, 403),
        ("POST", "/api/v1/stories", vec![json_type, ("host", "evil.example")], &valid, 421),
        ("POST", "/api/v1/match", vec![json_type], "{\"evidence\": \"pods\", \"limit\": 0}", 400),
        ("POST", "/api/v1/match", vec![json_type], "{\"evidence\": \"pods\", \"limit\": 101}", 400),
        ("POST", "/api/v1/match", vec![json_type], "{\"evidence\": \"pods\", \"lmit\": 1}", 400),
        ("POST", "/api/v1/match", vec![json_type], "{\"evidence\": \" \"}", 400),
        ("POST", "/api/v1/match", vec![("content-type", "text/plain")], "", 400),
        ("POST", "/api/v1/match?limit=0", vec![("content-type", "text/plain")], "pods", 400),
        ("POST", "/api/v1/match", vec![("content-type", "text/plain")], &large, 413),
        ("POST", "/api/v1/match", vec![("content-type", "text/plain; charset=iso-8859-1")], "pods", 415),
        ("POST", "/api/v1/match", vec![("content-type", "application/octet-stream")], "pods", 415),
        ("DELETE", "/api/v1/stories", vec![], "", 405),
        ("POST", "/api/v1/search", vec![], "", 405),
    ] {
        let sent = (method == "POST").then_some(body.as_bytes());
        let what = format!("{method} {path} {headers:?} {}", body.get(..40).unwrap_or(body));
        let answer = client.request(method, path, &headers, sent).unwrap_or_else(|error| panic!("{what}: {error}"));
        let problem = problem(&what, &answer, status);
        assert_eq!(problem["instance"], path.split('?').next().unwrap_or_default(), "{what}");
        assert_eq!(problem.get("errors").is_some(), status == 422, "{what}");
    }
    assert_eq!(client.get("/stories/never-saved").status, 404);
    let own = [json_type, ("origin", client.base.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(client.post("/api/v1/stories", &own, &valid).status, 201, "our own pages may");
}

#[tokio::test]
async fn limits_at_their_bounds_are_accepted() {
    let (node, _database) = server::with_library().await;
    for limit in [1, 100] {
        assert_eq!(node.client.get(&format!("/api/v1/search?q=pods&limit={limit}")).status, 200);
        assert_eq!(match_text(&node.client, &format!("?limit={limit}"), "pods pending").status, 200);
    }
    assert_eq!(node.client.get("/api/v1/search?limit=1").json()["results"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_method_that_an_address_does_not_have_is_answered_with_those_it_has() {
    let (node, _database) = server::empty().await;
    for (path, allowed) in [
        ("/api/v1/search", vec!["GET", "HEAD"]),
        ("/api/v1/match", vec!["POST"]),
        ("/api/v1/stories", vec!["GET", "HEAD", "POST"]),
        ("/api/v1/stories/x", vec!["GET", "HEAD"]),
        ("/api/v1/patterns", vec!["GET", "HEAD"]),
        ("/", vec!["GET", "HEAD", "POST"]),
        ("/stories", vec!["GET", "HEAD"]),
        ("/stories/new", vec!["GET", "HEAD", "POST"]),
        ("/stories/x", vec!["GET", "HEAD"]),
        ("/theme", vec!["POST"]),
    ] {
        for method in ["DELETE", "PUT", "PATCH"] {
            let body: Option<&[u8]> = (method != "DELETE").then_some(b"");
            let answer = node.client.request(method, path, &[], body).expect("answer");
            assert_eq!(answer.status, 405, "{method} {path}");
            let mut methods: Vec<&str> = answer.header("allow").split(", ").collect();
            methods.sort_unstable();
            assert_eq!(methods, allowed, "{method} {path}");
        }
    }
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
