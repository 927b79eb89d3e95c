//! The bounds on how often one address may ask, over HTTP.

use std::num::NonZeroU32;

use casebook::domain::{Local, Policy, Role};
use casebook::web::RateLimit;

use crate::database::TestDatabase;
use crate::people::person;
use crate::server::{Client, Node, NodeOptions};

const PUBLIC: Policy = Policy { local: Local::Like, ..Policy::TRYING };

async fn limited(policy: Policy) -> (Node, TestDatabase) {
    let database = TestDatabase::new().await;
    let rate_limit = RateLimit::Times(NonZeroU32::MIN);
    let node = Node::start(&database.url, NodeOptions { policy, rate_limit, ..NodeOptions::default() }).await;
    (node, database)
}

/// How many were answered before the first that was refused, and that refusal.
fn until_refused(mut ask: impl FnMut() -> crate::server::Answer) -> (usize, crate::server::Answer) {
    for asked in 0..5_000 {
        let answer = ask();
        if answer.status == 429 {
            return (asked, answer);
        }
    }
    panic!("nothing was refused");
}

fn paste(client: &Client) -> crate::server::Answer {
    client.post("/api/v1/match", &[("content-type", "text/plain")], "x")
}

#[tokio::test]
async fn a_stranger_who_asks_too_often_is_told_when_to_come_back() {
    let (node, _database) = limited(PUBLIC).await;
    let client = node.client.stranger();
    let (asked, refusal) = until_refused(|| paste(&client));
    assert!(asked >= 20, "{asked}");
    assert_eq!(refusal.header("retry-after"), "1");
    assert_eq!(refusal.header("content-type"), "application/problem+json");
    assert_eq!(refusal.json()["title"], "Too many requests");
    let (asked, page) = until_refused(|| client.post_form("/theme", &[("theme", "dark")]));
    assert!(asked >= 10, "{asked}");
    assert!(page.text.contains("Too many requests came from your address"), "{}", page.text);
    assert!(!page.header("content-security-policy").is_empty());
}

#[tokio::test]
async fn pages_that_are_kept_are_sent_however_often_they_are_asked_for() {
    let (node, _database) = limited(PUBLIC).await;
    for _ in 0..600 {
        assert_eq!(node.client.get("/stories").status, 200);
    }
    let mut number = 0;
    let (asked, _) = until_refused(|| {
        number += 1;
        node.client.get(&format!("/stories?q=w{number}"))
    });
    assert!(asked >= 190, "{asked}");
}

#[tokio::test]
async fn a_member_may_ask_more_often_and_a_made_up_session_buys_nothing() {
    let (node, database) = limited(PUBLIC).await;
    let member = person(&node, &database.url, Role::Reader).await.client;
    for _ in 0..60 {
        assert_eq!(paste(&member).status, 200);
    }
    let liar = node.client.stranger();
    liar.keep_cookie("casebook-session", &"A".repeat(43));
    let (asked, _) = until_refused(|| paste(&liar));
    assert!(asked < 60, "{asked}");
}

#[tokio::test]
async fn a_machine_that_is_trusted_is_not_counted() {
    let (node, _database) = limited(Policy::TRYING).await;
    for _ in 0..60 {
        assert_eq!(paste(&node.client).status, 200);
    }
}
