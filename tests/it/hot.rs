//! Pages from memory are never old: after a save here, after one on another node, after a withdrawal, and once a search
//! has found what changed.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{Connection, Executor, PgConnection};

use crate::database::TestDatabase;
use crate::server::{self, Answer, Client, Node, NodeOptions, SOON, eventually, story};
use crate::submitting::{fields, send, set};

/// Saves a story with other lessons.
fn teach(client: &Client, slug: &str, lessons: &str) {
    let edit = format!("/stories/{slug}/edit");
    let mut form = fields(&client.get(&edit));
    set(&mut form, "lessons", lessons);
    set(&mut form, "action", "save");
    let saved = send(client, &edit, &form);
    assert_eq!(saved.status, 303, "{}", saved.text);
}

fn tag(answer: &Answer) -> &str {
    let tag = answer.header("etag");
    assert!(tag.len() > 2, "no tag: {:?}", answer.headers);
    tag
}

fn if_not(client: &Client, path: &str, tag: &str) -> Answer {
    client.request("GET", path, &[("if-none-match", tag)], None).expect("an answer")
}

#[tokio::test]
async fn a_page_that_did_not_change_has_the_same_tag_and_is_not_sent_again() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    for path in [
        "/",
        "/stories",
        "/stories?q=webhook&sort=title",
        "/patterns",
        "/stories/moonlight-pods-on-one-node",
        "/stories/moonlight-pods-on-one-node.md",
        "/stories/moonlight-pods-on-one-node/revisions",
        "/rules",
        "/rules/cre.yaml",
        "/api/v1/search?q=webhook",
        "/api/v1/stories/moonlight-pods-on-one-node",
    ] {
        let (first, second) = (client.get(path), client.get(path));
        assert_eq!(first.status, 200, "{path}");
        assert_eq!((tag(&first), &first.text), (tag(&second), &second.text), "{path}");
        for name in ["content-type", "content-security-policy", "cache-control", "vary", "content-disposition"] {
            assert_eq!(first.header(name), second.header(name), "{path}: {name}");
        }
        let known = if_not(client, path, tag(&first));
        assert_eq!((known.status, known.text.as_str(), tag(&known)), (304, "", tag(&first)), "{path}");
        let head = client.request("HEAD", path, &[], None).expect("an answer");
        assert_eq!((head.status, head.text.as_str(), tag(&head)), (200, "", tag(&first)), "{path}");
        assert_eq!(head.header("content-length"), first.text.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn a_page_shows_what_was_saved_here_at_once() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let slug = client.submit(&story("Saved here"));
    let paths = [format!("/stories/{slug}"), format!("/stories/{slug}.md"), format!("/api/v1/stories/{slug}")];
    for round in 0..5 {
        let before: Vec<String> = paths.iter().map(|path| tag(&client.get(path)).to_owned()).collect();
        let lessons = format!("Lesson number {round}.");
        teach(client, &slug, &lessons);
        for (path, before) in paths.iter().zip(&before) {
            let page = if_not(client, path, before);
            assert!(page.status == 200 && page.text.contains(&lessons), "{path} after save {round}: {}", page.status);
        }
        let revisions = client.get(&format!("/stories/{slug}/revisions")).texts(".revision-head a").len();
        assert_eq!(revisions, round + 2);
    }
}

#[tokio::test]
async fn a_page_shows_what_was_saved_on_another_node_once_a_search_finds_it() {
    let database = TestDatabase::new().await;
    let one = Node::start(&database.url, NodeOptions::default()).await;
    let two = Node::start(&database.url, NodeOptions::default()).await;
    let slug = one.client.submit(&story("Saved elsewhere"));
    let page = format!("/stories/{slug}");
    eventually(SOON, "the story", || two.client.get(&page).status == 200);
    for round in 0..8 {
        let (word, before) = (format!("quokkaword{round}"), two.client.get(&page));
        assert!(!before.text.contains(&word));
        teach(&one.client, &slug, &format!("Beware of the {word}."));
        eventually(SOON, &word, || two.client.finds(&word) == [slug.as_str()]);
        let after = if_not(&two.client, &page, tag(&before));
        assert!(after.text.contains(&word), "{} without {word}", after.status);
        assert!(two.client.get(&format!("/stories?q={word}")).text.contains(&page));
    }
}

#[tokio::test]
async fn what_is_withdrawn_is_gone_and_comes_back() {
    let (node, database) = server::empty().await;
    let client = &node.client;
    let slug = client.submit(&story("Numbatnoise in the cluster"));
    let page = format!("/stories/{slug}");
    eventually(SOON, "found", || !client.finds("numbatnoise").is_empty());
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    for _ in 0..2 {
        assert_eq!(client.get(&page).status, 200);
        assert!(client.get("/stories").text.contains(&page));
        connection.execute("UPDATE failure SET status = 'withdrawn', withdrawn_at = now()").await.expect("withdraw");
        eventually(SOON, "withdrawn", || client.finds("numbatnoise").is_empty());
        assert_eq!(client.get(&page).status, 410);
        assert!(!client.get("/stories").text.contains(&page));
        connection.execute("UPDATE failure SET status = 'published'").await.expect("publish");
        eventually(SOON, "published", || !client.finds("numbatnoise").is_empty());
    }
}

#[tokio::test]
async fn each_visitor_gets_the_page_for_that_visitor() {
    let (node, _database) = server::with_library().await;
    let path = "/stories/moonlight-pods-on-one-node";
    let near = |headers: &[(&str, &str)]| node.client.request("GET", path, headers, None).expect("an answer");
    for _ in 0..2 {
        let plain = near(&[]);
        let dark = near(&[("cookie", "theme=dark")]);
        let passed_on = near(&[("x-forwarded-for", "192.0.2.1")]);
        assert_eq!(plain.attributes("html", "data-theme"), ["system"]);
        assert_eq!(dark.attributes("html", "data-theme"), ["dark"]);
        assert_eq!(plain.attributes(".site-write", "href"), ["/stories/new"]);
        assert!(passed_on.attributes(".site-write", "href").is_empty());
        let tags: BTreeSet<&str> = [&plain, &dark, &passed_on].map(tag).into();
        assert_eq!(tags.len(), 3);
    }
    // Files of rules name the server as it was called.
    let port = node.client.base.rsplit(':').next().expect("a port").to_owned();
    for _ in 0..2 {
        for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
            let file = node.client.request("GET", "/rules/cre.yaml", &[("host", &host)], None).expect("an answer");
            assert!(file.text.contains(&format!("http://{host}")), "{host}: {}", &file.text[..200]);
        }
    }
    let foreign = node.client.request("GET", path, &[("host", "evil.example")], None).expect("an answer");
    assert_eq!(foreign.status, 421);
}

#[tokio::test]
async fn a_token_of_one_visitor_is_never_on_the_page_of_another() {
    let (node, _database) = server::with_library().await;
    let paths = ["/", "/stories", "/stories/moonlight-pods-on-one-node", "/stories/moonlight-pods-on-one-node/edit"];
    let mut tokens = BTreeSet::new();
    for visitor in (0..4).map(|_| node.client.stranger()) {
        let form = visitor.get("/stories/new");
        let own = form.attributes("input[name=csrf]", "value").first().expect("a token").clone();
        for path in paths {
            let page = visitor.get(path);
            assert!(tokens.iter().all(|token: &String| !page.text.contains(token)), "{path}");
            assert_eq!(page.text.contains(&own), path.ends_with("/edit"), "{path}");
        }
        assert!(tokens.insert(own), "two visitors have one token");
    }
}

/// Two writers on two nodes, readers on both: what a search has found, the page read after it shows.
#[tokio::test]
async fn under_writes_and_reads_at_once_no_page_is_older_than_what_was_found() {
    const REVISIONS: usize = 25;
    let database = TestDatabase::new().await;
    let nodes = [
        Node::start(&database.url, NodeOptions::default()).await,
        Node::start(&database.url, NodeOptions::default()).await,
    ];
    let slugs: Vec<String> = (0..2).map(|number| nodes[0].client.submit(&story(&format!("Race {number}")))).collect();
    let writing = AtomicBool::new(true);
    let number_in = |text: &str| -> usize {
        let after = text.split("Lesson number ").nth(1).unwrap_or("0.");
        after.split('.').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    std::thread::scope(|threads| {
        let writers: Vec<_> = nodes
            .iter()
            .zip(&slugs)
            .map(|(node, slug)| {
                let client = node.client.stranger();
                threads.spawn(move || {
                    for number in 1..=REVISIONS {
                        teach(&client, slug, &format!("Lesson number {number}."));
                        // Saved here, so it is shown here.
                        assert!(number_in(&client.get(&format!("/stories/{slug}")).text) >= number);
                    }
                })
            })
            .collect();
        for (node, slug) in nodes.iter().flat_map(|node| slugs.iter().map(move |slug| (node, slug))) {
            let (client, writing) = (node.client.stranger(), &writing);
            threads.spawn(move || {
                while writing.load(Ordering::Relaxed) {
                    let found = client.get(&format!("/api/v1/search?q=lesson+%22race+{}%22", &slug[5..]));
                    let known = number_in(&found.json()["results"][0]["snippet"].to_string());
                    let shown = number_in(&client.get(&format!("/stories/{slug}")).text);
                    assert!(shown >= known, "{slug} shows {shown}, and {known} was found");
                }
            });
        }
        let ended: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        writing.store(false, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok));
    });
}
