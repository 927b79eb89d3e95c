//! The part of a list that a script asks for while somebody types: the same as in the whole page, and never mistaken for it.

use scraper::Selector;

use super::assert_inert;
use crate::server::{self, Answer, Client};

fn fragment(client: &Client, address: &str) -> Answer {
    client.request("GET", address, &[("x-fragment", "results")], None).expect("an answer")
}

/// The part of a page that a script puts into the place of the old one, as it is written.
fn found(page: &Answer) -> String {
    let html = page.html();
    let part = html.select(&Selector::parse("#found").expect("selector")).next();
    part.unwrap_or_else(|| panic!("nothing was found in {}", page.text)).html()
}

#[tokio::test]
async fn a_fragment_is_what_the_whole_page_has_in_its_place() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    for address in [
        "/stories",
        "/stories?q=webhook",
        "/stories?q=nodes&technology=gke&category=capacity&sort=title",
        "/stories?q=qwertzuiopblorft",
        "/stories?page=9",
        "/patterns?q=addresses",
    ] {
        let (whole, part) = (client.get(address), fragment(client, address));
        assert_eq!((whole.status, part.status), (200, 200), "{address}");
        assert_eq!(found(&part), found(&whole), "{address}");
        assert!(part.text.trim_start().starts_with("<div"), "{address}: {}", &part.text[..part.text.len().min(200)]);
        assert_eq!(part.attributes("#found", "data-title"), whole.texts("title"), "{address}");
        assert_eq!(part.header("set-cookie"), "", "{address}");
        assert_inert(address, &part);
    }
}

#[tokio::test]
async fn a_fragment_and_its_page_are_told_apart_by_caches() {
    let (node, _database) = server::with_library().await;
    for answer in [node.client.get("/stories?q=webhook"), fragment(&node.client, "/stories?q=webhook")] {
        assert!(answer.header("vary").split(", ").any(|name| name == "x-fragment"), "{:?}", answer.headers);
        assert!(answer.header("cache-control").contains("no-cache"), "{:?}", answer.headers);
    }
    // A part that nobody knows is no reason to refuse the page.
    let other = node.client.request("GET", "/stories", &[("x-fragment", "colours")], None).expect("an answer");
    assert_eq!(other.texts("h1"), ["Stories"]);
}

#[tokio::test]
async fn a_fragment_says_in_words_what_was_found() {
    let (node, _database) = server::with_library().await;
    let said = |address| fragment(&node.client, address).attributes("#found", "data-said").concat();
    assert_eq!(said("/stories"), "5 stories");
    assert_eq!(said("/stories?q=tech%3Aredis"), "1 story");
    assert_eq!(said("/stories?q=qwertzuiopblorft"), "Nothing found");
    assert_eq!(said("/stories?page=9"), "There is no page 9");
}

#[tokio::test]
async fn what_cannot_be_used_is_an_error_in_a_fragment_too() {
    let (node, _database) = server::with_library().await;
    assert_eq!(fragment(&node.client, "/stories?page=0").status, 400);
    let long = format!("/stories?q={}", "x".repeat(1_001));
    assert_eq!(fragment(&node.client, &long).status, 400);
}
