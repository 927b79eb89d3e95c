//! Atom feeds, read back by a library and held against the rules of the format (RFC 4287).

use std::collections::BTreeSet;

use atom_syndication::Feed;
use casebook::domain::Role;

use super::withdraw;
use crate::database::TestDatabase;
use crate::people::person;
use crate::server::{self, Answer, Node, NodeOptions, SOON, eventually, story};

/// Reads a feed and checks what the format asks of every one.
#[track_caller]
fn feed(answer: &Answer) -> Feed {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
    let feed = Feed::read_from(answer.text.as_bytes()).expect("a feed");
    assert!(!feed.title().as_str().is_empty() && feed.id().contains(':'), "{feed:?}");
    assert!(!feed.authors().is_empty(), "an author of the feed, or of every entry (4.1.1)");
    assert_eq!(feed.links().iter().filter(|link| link.rel() == "self").count(), 1);
    let ids: BTreeSet<&str> = feed.entries().iter().map(|entry| entry.id()).collect();
    assert_eq!(ids.len(), feed.entries().len(), "every entry has an id of its own");
    for entry in feed.entries() {
        assert!(entry.id().starts_with("urn:uuid:"), "{}", entry.id());
        assert!(!entry.title().as_str().is_empty());
        assert!(entry.updated() <= feed.updated());
        let alternate: Vec<_> = entry.links().iter().filter(|link| link.rel() == "alternate").collect();
        assert_eq!(alternate.len(), 1, "an entry without content has one page (4.1.1.1)");
        assert!(alternate[0].href().starts_with("http"), "links are absolute");
        assert!(entry.summary().is_some_and(|summary| !summary.as_str().is_empty()));
    }
    assert!(feed.entries().is_sorted_by_key(|entry| std::cmp::Reverse(*entry.updated())), "the latest first");
    feed
}

#[tokio::test]
async fn the_feed_tells_what_was_published_or_changed_of_late() {
    let (node, database) = server::with_library().await;
    let client = &node.client;
    let library = feed(&client.get("/feed.atom"));
    assert_eq!(library.entries().len(), server::seed().stories.len() + server::seed().patterns.len());
    let mut hostile = story("Tags <b>&amp; \u{fffe} \"quotes\" 日本 🐨");
    hostile["summary"] = "A <script>alert(1)</script> \u{1} & more".into();
    let slug = client.submit(&hostile);
    let newest = feed(&client.get("/feed.atom"));
    let entry = &newest.entries()[0];
    assert_eq!(entry.title().as_str(), "Tags <b>&amp; \u{fffd} \"quotes\" 日本 🐨");
    assert_eq!(entry.links()[0].href(), format!("{}/stories/{slug}", client.base));
    assert!(entry.published().is_some());
    assert!(client.get("/").attributes("link[rel=alternate]", "href").contains(&"/feed.atom".to_owned()));
    let editor = person(&node, &database.url, Role::Editor).await;
    withdraw(&editor.client, &format!("/stories/{slug}"), "gone");
    assert!(feed(&client.get("/feed.atom")).entries().iter().all(|entry| !entry.links()[0].href().ends_with(&slug)));
    for n in 0..60 {
        client.submit(&story(&format!("One of many {n}")));
    }
    eventually(SOON, "only the latest", || feed(&client.get("/feed.atom")).entries().len() == 50);
}

#[tokio::test]
async fn the_feed_of_a_record_has_an_entry_for_each_revision() {
    let database = TestDatabase::new().await;
    let options = NodeOptions { public_url: Some("https://casebook.example".to_owned()), ..NodeOptions::default() };
    let node = Node::start(&database.url, options).await;
    let path = format!("/stories/{}", node.client.submit(&story("Told in revisions")));
    let form = format!("{path}/edit");
    let mut fields = crate::submitting::fields(&node.client.get(&form));
    crate::submitting::set(&mut fields, "lessons", "Learnt.");
    crate::submitting::set(&mut fields, "note", "What was learnt");
    crate::submitting::set(&mut fields, "action", "save");
    let saved = crate::submitting::send(&node.client, &form, &fields);
    assert_eq!(saved.status, 303, "{}", saved.text);
    let feed = feed(&node.client.get(&format!("{path}/feed.atom")));
    let links: Vec<&str> = feed.entries().iter().map(|entry| entry.links()[0].href()).collect();
    let base = format!("https://casebook.example{path}/revisions");
    assert_eq!(links, [format!("{base}/1..2"), format!("{base}/1")]);
    assert!(feed.entries()[0].summary().is_some_and(|text| text.as_str() == "What was learnt (by this machine)"));
    assert!(feed.id().starts_with("urn:uuid:"));
    assert_eq!(node.client.get("/stories/none/feed.atom").status, 404);
    let alternates = node.client.get(&path).attributes("link[rel=alternate]", "href");
    assert!(alternates.contains(&format!("{path}/feed.atom")), "{alternates:?}");
}
