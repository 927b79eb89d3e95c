//! Stories handed in over the API: by authors, and by visitors who pay with work.

use casebook::domain::{Policy, Role, Scope, Submission};
use casebook::service::reviewing::work::Proof;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{MEMBERS, act, done, node, page, steps};
use crate::people::{person, token};
use crate::server::{Answer, Client, story};

const OPEN: Policy = Policy { submission: Submission::Open, ..MEMBERS };

/// A story with a proof of work for it.
fn paid(client: &Client, title: &str) -> Value {
    let offer = client.get("/api/v1/work").json();
    let challenge = offer["challenge"].as_str().and_then(|text| text.parse().ok()).expect("a challenge");
    let proof = Proof::find(challenge);
    let mut story = story(title);
    story["proof"] = json!({ "challenge": proof.challenge, "answer": proof.answer.to_string() });
    story["id"] = json!(Uuid::now_v7());
    story
}

fn draft_of(answer: &Answer) -> casebook::domain::DraftId {
    assert_eq!(answer.status, 202, "{}", answer.text);
    let answer = answer.json();
    assert_eq!(answer["status"], "in_review");
    casebook::domain::DraftId(answer["draft"].as_str().and_then(|id| id.parse().ok()).expect("an id"))
}

#[tokio::test]
async fn an_author_hands_in_over_the_api_and_an_editor_publishes() {
    let (node, database) = node(MEMBERS).await;
    let author = person(&node, &database.url, Role::Author).await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let bearer = token(&database.url, author.account, Scope::Write).await;
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let mut sent = story("From a program");
    sent["id"] = json!(Uuid::now_v7());
    let send = |sent: &Value| node.client.post("/api/v1/stories", &headers, sent.to_string());
    let draft = draft_of(&send(&sent));
    assert_eq!(draft_of(&send(&sent)), draft, "sent twice, it is handed in once");
    sent["summary"] = json!("Other words.");
    assert_eq!(send(&sent).status, 409);
    assert_eq!(node.client.get("/api/v1/stories/from-a-program").status, 404);
    done(&act(&editor.client, draft, "publish", ""));
    assert_eq!(node.client.get("/api/v1/stories/from-a-program").json()["summary"], "A short summary.");
    let bearer = token(&database.url, editor.account, Scope::Write).await;
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    assert_eq!(node.client.post("/api/v1/stories", &headers, story("At once").to_string()).status, 201);
}

#[tokio::test]
async fn a_visitor_pays_with_work_and_waits_for_a_reviewer() {
    let (node, database) = node(OPEN).await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let sent = paid(&node.client, "From nobody");
    let draft = draft_of(&node.client.post_json("/api/v1/stories", &sent));
    assert_eq!(draft_of(&node.client.post_json("/api/v1/stories", &sent)), draft, "sent twice, it is handed in once");
    assert!(node.client.get(&format!("/review/{draft}")).header("location").starts_with("/login?return="));
    let shown = page(&editor.client, draft);
    assert!(shown.texts(".facts-line").concat().contains("by a visitor"));
    assert!(shown.attributes("button[value=ask]", "value").is_empty(), "there is nobody to ask");
    assert_eq!(act(&editor.client, draft, "ask", "Who are you?").status, 409);
    done(&act(&editor.client, draft, "publish", ""));
    assert_eq!(steps(&database, draft).await, ["submitted", "published"]);
}

#[tokio::test]
async fn without_work_with_wrong_work_and_with_work_used_before_nothing_is_handed_in() {
    let (node, _database) = node(OPEN).await;
    let send = |sent: &Value| node.client.post_json("/api/v1/stories", sent);
    let refused = send(&story("Without work"));
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(refused.json()["errors"][0]["field"], "proof");
    let mut wrong = paid(&node.client, "With wrong work");
    wrong["proof"]["answer"] = json!("1");
    assert_eq!(send(&wrong).status, 422);
    let mut first = paid(&node.client, "First");
    // What is refused for another reason costs nothing.
    first["category"] = json!("nonsense");
    assert_eq!(send(&first).status, 422);
    first["category"] = json!("dns");
    draft_of(&send(&first));
    let mut second = story("Second");
    second["proof"] = first["proof"].clone();
    let refused = send(&second);
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("used before"), "{}", refused.text);
}

#[tokio::test]
async fn an_address_hands_in_so_much_an_hour_and_members_are_not_counted() {
    let (node, database) = node(OPEN).await;
    let mut statuses = Vec::new();
    for number in 1..=6 {
        statuses
            .push(node.client.post_json("/api/v1/stories", &paid(&node.client, &format!("Number {number}"))).status);
    }
    assert_eq!(statuses, [202, 202, 202, 202, 202, 429]);
    let reader = person(&node, &database.url, Role::Reader).await;
    let bearer = token(&database.url, reader.account, Scope::Write).await;
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    draft_of(&node.client.post("/api/v1/stories", &headers, story("With an account").to_string()));
}

#[tokio::test]
async fn where_submission_is_for_members_work_buys_nothing() {
    let (node, _database) = node(MEMBERS).await;
    assert_eq!(node.client.get("/api/v1/work").status, 401);
    let mut sent = story("From nobody");
    sent["proof"] = json!({ "challenge": Uuid::now_v7(), "answer": "1" });
    assert_eq!(node.client.post_json("/api/v1/stories", &sent).status, 401);
}
