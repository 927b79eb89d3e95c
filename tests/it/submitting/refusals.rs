//! Who may not write, and what happens when it cannot be saved.

use casebook::domain::{Policy, Submission};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::{MULTILINE, fields, filled, save, saved, set, stored, values};
use crate::database::folder;
use crate::faults::postmaster;
use crate::program::Serving;
use crate::server::{self, Node, NodeOptions, eventually, story};

#[tokio::test]
async fn a_form_without_its_token_is_refused_and_shown_again_with_everything_typed() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = filled(client, "Forged");
    let mut missing = form.clone();
    missing.retain(|(name, _)| name != "csrf");
    let mut wrong = form.clone();
    set(&mut wrong, "csrf", &"0".repeat(64));
    let mut empty = form.clone();
    set(&mut empty, "csrf", "");
    for (what, forged, client) in [
        ("missing", &missing, client.clone()),
        ("wrong", &wrong, client.clone()),
        ("empty", &empty, client.clone()),
        ("another visitor's", &form, client.stranger()),
    ] {
        let page = save(&client, "/stories/new", forged);
        assert_eq!(page.status, 403, "{what}: {}", page.text);
        let again = fields(&page);
        assert_eq!(values(&again, "title"), ["Forged"], "{what}");
        // The new token that came with it is good.
        if what == "another visitor's" {
            assert_eq!(saved(&save(&client, "/stories/new", &again)), "/stories/forged");
        } else {
            assert_eq!(client.get("/stories/forged").status, 404, "{what}");
        }
    }
    let cookie = client.stranger().get("/stories/new");
    let cookie = cookie.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn a_form_from_a_page_of_another_site_is_refused() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = serde_html_form::to_string(filled(client, "From elsewhere")).expect("form");
    let own = client.base.clone();
    let port = own.rsplit(':').next().expect("port");
    let neighbour = format!("http://127.0.0.1:{}", port.parse::<u16>().expect("port") ^ 1);
    for headers in [
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("origin", neighbour.as_str())],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site"), ("origin", own.as_str())],
    ] {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(&headers);
        for path in ["/stories/new", "/stories/new/similar", "/stories/any/edit"] {
            assert_eq!(client.post(path, &all, &form).status, 403, "{path} {headers:?}");
        }
    }
    // From a page of ours, but through a proxy: not from this machine, and nobody who is known.
    for proxied in [
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
        ("via", "1.1 proxy"),
        ("x-real-ip", "192.0.2.1"),
    ] {
        let all = [("content-type", "application/x-www-form-urlencoded"), ("origin", own.as_str()), proxied];
        for path in ["/stories/new", "/stories/new/similar", "/stories/any/edit"] {
            assert_eq!(client.post(path, &all, &form).status, 401, "{path} {proxied:?}");
        }
    }
    assert_eq!(client.get("/stories/from-elsewhere").status, 404);
}

#[tokio::test]
async fn a_visitor_through_a_proxy_is_not_offered_the_form() {
    let (node, _database) = server::with_library().await;
    let proxied = [("x-forwarded-for", "192.0.2.1")];
    let page = node.client.request("GET", "/stories/new", &proxied, None).expect("answer");
    assert_eq!((page.status, page.header("location")), (303, "/login?return=%2Fstories%2Fnew"));
    let page = node.client.request("GET", "/stories", &proxied, None).expect("answer");
    assert_eq!(page.attributes("a[href='/stories/new']", "href"), Vec::<String>::new());
    let page = node.client.get("/stories");
    assert!(!page.attributes("a[href='/stories/new']", "href").is_empty());
}

#[tokio::test]
async fn a_read_only_node_offers_nothing_to_write_and_takes_nothing() {
    let database = crate::database::TestDatabase::new().await;
    let writable = Node::start(&database.url, NodeOptions::default()).await;
    let path = saved(&save(&writable.client, "/stories/new", &filled(&writable.client, "Written before")));
    let form = filled(&writable.client, "Too late");
    let edit = fields(&writable.client.get(&format!("{path}/edit")));
    let options =
        NodeOptions { policy: Policy { submission: Submission::Off, ..Policy::TRYING }, ..NodeOptions::default() };
    let node = Node::start(&database.url, options).await;
    let client = &node.client;
    for page in ["/", "/stories", "/patterns", "/about", &path, "/stories?q=nothingatall", "/?q=zzzzqqqq"] {
        let answer = client.get(page);
        assert_eq!(answer.status, 200, "{page}");
        let ways = answer.attributes("a[href$='/new'], a[href$='/edit'], form[action='/stories/new']", "href");
        assert_eq!(ways, Vec::<String>::new(), "{page}");
        assert!(answer.text.contains("read-only"), "{page} does not say so");
    }
    assert_eq!(client.get("/stories/new").status, 403);
    assert_eq!(client.get(&format!("{path}/edit")).status, 403);
    assert_eq!(save(client, "/stories/new", &form).status, 403);
    assert_eq!(save(client, &format!("{path}/edit"), &edit).status, 403);
    assert_eq!(client.post_json("/api/v1/stories", &story("Too late")).status, 403);
    assert_eq!(client.get("/stories/too-late").status, 404);
    assert_eq!(client.post("/api/v1/match", &[("content-type", "text/plain")], "requests failed").status, 200);
}

/// PostgreSQL, stopped until this is dropped.
struct Paused(String);

impl Paused {
    fn new(pid: &str) -> Self {
        let children = Command::new("pgrep").args(["-P", pid]).output().expect("pgrep");
        let children =
            String::from_utf8(children.stdout).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" ");
        let paused = Self(format!("{pid} {children}"));
        assert!(paused.signal("STOP"), "stop");
        paused
    }

    fn signal(&self, signal: &str) -> bool {
        Command::new("sh")
            .args(["-c", &format!("kill -{signal} {}", self.0)])
            .status()
            .is_ok_and(|status| status.success())
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        self.signal("CONT");
    }
}

#[test]
fn a_form_sent_while_the_database_is_away_comes_back_whole_and_is_saved_once_later() {
    let data = folder("casebook-away").join("data");
    let serving = Serving::start(&data, &[]);
    let client = &serving.client;
    let mut form = filled(client, "Written during the outage");
    set(&mut form, "symptom", MULTILINE);
    set(&mut form, "patterns", "pod-ip-range-exhausted");
    let paused = Paused::new(&postmaster(&data));
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 503, "{}", page.text);
    assert!(page.texts("[role=alert]").concat().contains("database"), "{:?}", page.texts("[role=alert]"));
    let again = fields(&page);
    let kept: BTreeMap<_, _> = again.iter().cloned().collect();
    for (name, value) in &form {
        assert_eq!(kept.get(name), Some(value), "{name}");
    }
    drop(paused);
    eventually(Duration::from_secs(20), "the database is back", || client.get("/readyz").status == 200);
    let path = saved(&save(client, "/stories/new", &again));
    assert_eq!(path, "/stories/written-during-the-outage");
    assert_eq!(stored(client, &path)["revision"], 1);
    assert_eq!(stored(client, &path)["patterns"], json!(["pod-ip-range-exhausted"]));
    assert_eq!(client.get(&format!("{path}-2")).status, 404, "what timed out was saved as another story");
    assert!(serving.terminate().success());
}
