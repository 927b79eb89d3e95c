//! What every answer has in common: links that lead somewhere, headers, nothing that runs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{assert_inert, assert_joined, is_hashed};
use crate::database::TestDatabase;
use crate::server::{self, Answer, Node, NodeOptions, story};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn every_page_that_can_be_reached_by_a_link_is_there_and_harmless() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let mut waiting: VecDeque<(String, String)> = VecDeque::from([("/".to_owned(), "the start".to_owned())]);
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut assets = BTreeSet::new();
    let mut pages = 0;
    while let Some((path, from)) = waiting.pop_front() {
        let page = client.get(&path);
        assert!([200, 301, 303].contains(&page.status), "{path}, linked from {from}: {}", page.status);
        let redirect = page.header("location").to_owned();
        let mut links = if redirect.is_empty() { Vec::new() } else { vec![redirect] };
        if page.header("content-type").starts_with("text/html") && page.status == 200 {
            pages += 1;
            assert_inert(&path, &page);
            assert_joined(&path, &page);
            links.extend(page.attributes("a[href], link[href]", "href"));
            // What a check tells a failure apart from need not be in every library.
            let elsewhere = page.attributes(".check-apart a", "href");
            links.retain(|link| !elsewhere.contains(link));
            assets.extend(page.attributes("link[rel=stylesheet], link[rel=icon]", "href"));
            assets.extend(page.attributes("script", "src"));
            assets.extend(page.attributes("img", "src"));
        }
        for link in links {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            // Two filters at once lead to pages like those with one.
            let is_ours = link.starts_with('/') && link.matches('=').count() <= 1;
            if is_ours && !link.starts_with("/static/") && seen.insert(link.clone()) {
                waiting.push_back((link, path.clone()));
            }
        }
    }
    assert!(pages > 60, "only {pages} pages were reached");
    assert!(seen.contains("/stories/new") && seen.contains("/opensearch.xml"), "{seen:?}");
    for asset in &assets {
        assert!(is_hashed(asset), "{asset}");
        let file = client.get(asset);
        assert_eq!(
            (file.status, file.header("cache-control")),
            (200, "public, max-age=31536000, immutable"),
            "{asset}"
        );
        let kind = match asset.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(file.header("content-type"), kind, "{asset}");
    }
    assert!(assets.len() >= 5, "{assets:?}");
    let other = assets.first().expect("an asset").replacen('.', ".00000000.", 1);
    assert_eq!(client.get(&other).status, 404);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_the_reader() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let page = client.get("/");
    let asset = page.attributes("script", "src").remove(0);
    let mut answers = Vec::new();
    for path in [
        "/",
        "/stories",
        "/stories/new",
        "/patterns",
        "/about",
        "/healthz",
        "/readyz",
        "/robots.txt",
        "/opensearch.xml",
        "/favicon.ico",
        asset.as_str(),
        "/static/none.css",
        "/nowhere",
        "/stories?page=x",
        "/stories/none",
        "/api/v1/search?q=x",
        "/api/v1/stories/none",
        "/api/v1/nowhere",
        "/%00",
        "/%ff",
        "/stories/moonlight-pods-on-one-node.md",
        "/stories/moonlight-pods-on-one-node/revisions/1",
    ] {
        answers.push((format!("GET {path}"), client.get(path)));
    }
    answers.push(("HEAD /".to_owned(), client.request("HEAD", "/", &[], None).expect("answer")));
    for (method, path) in [("DELETE", "/"), ("PUT", "/api/v1/stories"), ("OPTIONS", "/stories"), ("POST", "/about")] {
        let body: Option<&[u8]> = (method == "POST" || method == "PUT").then_some(b"");
        answers.push((format!("{method} {path}"), client.request(method, path, &[], body).expect("answer")));
    }
    let headers = [("host", "evil.example")];
    answers.push(("another name".to_owned(), client.request("GET", "/", &headers, None).expect("answer")));
    answers.push(("a redirect".to_owned(), client.post_form("/", &[("evidence", "pods pending")])));
    for (what, answer) in answers {
        let what = format!("{what} ({})", answer.status);
        assert_eq!(answer.header("content-security-policy"), POLICY, "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{what}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{what}");
        assert_ne!(answer.header("cache-control"), "", "{what}");
        assert_eq!(answer.header("server"), "", "{what}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
        assert_eq!(answer.headers.get_all("content-security-policy").iter().count(), 1, "{what}");
    }
}

#[tokio::test]
async fn head_is_answered_like_get_without_the_body() {
    let (node, _database) = server::with_library().await;
    for path in [
        "/",
        "/stories?q=webhook",
        "/stories/moonlight-pods-on-one-node",
        "/stories/none",
        "/about",
        "/healthz",
        "/robots.txt",
        "/api/v1/search?q=webhook",
        "/api/v1/stories/none",
        "/stories?page=x",
        "/stories/moonlight-pods-on-one-node.md",
    ] {
        let get = node.client.get(path);
        let head = node.client.request("HEAD", path, &[], None).expect("answer");
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.text, "", "{path}");
        let names = |answer: &Answer| -> BTreeMap<String, String> {
            let headers = answer
                .headers
                .iter()
                .filter(|(name, _)| !["date", "set-cookie", "content-length"].contains(&name.as_str()));
            headers.map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned())).collect()
        };
        assert_eq!(names(&head), names(&get), "{path}");
    }
}

#[tokio::test]
async fn those_who_watch_the_server_are_told_how_it_is() {
    let (node, _database) = server::with_library().await;
    let health = node.client.get("/healthz");
    assert_eq!((health.status, health.text.as_str()), (200, "ok"));
    let ready = node.client.get("/readyz");
    assert_eq!(ready.status, 200);
    let ready = ready.json();
    assert_eq!((&ready["ready"], &ready["database"], &ready["index"]), (&true.into(), &"ok".into(), &"ok".into()));
    let robots = node.client.get("/robots.txt");
    assert_eq!((robots.status, robots.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(robots.text.contains("User-agent: *") && robots.text.contains("Disallow: /api/"), "{}", robots.text);
}

#[tokio::test]
async fn a_reader_gets_no_cookie_and_the_chosen_colours_are_kept() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    for path in ["/", "/stories", "/stories/moonlight-pods-on-one-node", "/about"] {
        assert_eq!(client.get(path).header("set-cookie"), "", "{path}");
    }
    let chosen = client.post_form("/theme", &[("theme", "dark"), ("return", "/stories?q=dns")]);
    assert_eq!((chosen.status, chosen.header("location")), (303, "/stories?q=dns"));
    assert_eq!(client.get("/stories").attributes("html", "data-theme"), ["dark"]);
    for astray in
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example"]
    {
        let answer = client.post_form("/theme", &[("theme", "light"), ("return", astray)]);
        let location = answer.header("location");
        assert!(answer.status == 400 || location == "/", "{astray} led to {location}");
    }
}

#[tokio::test]
async fn where_the_public_address_is_known_it_is_the_canonical_one() {
    let database = TestDatabase::new().await;
    let options = NodeOptions { public_url: Some("https://casebook.example.com".to_owned()), ..NodeOptions::default() };
    let node = Node::start(&database.url, options).await;
    let slug = node.client.submit(&story("Known by its address"));
    let page = node.client.get(&format!("/stories/{slug}?saved=1"));
    let canonical = page.attributes("link[rel=canonical]", "href");
    assert_eq!(canonical, [format!("https://casebook.example.com/stories/{slug}")]);
    let form = node.client.get("/stories/new");
    let cookie = form.header("set-cookie");
    assert!(cookie.starts_with("__Host-") && cookie.contains("Secure"), "{cookie}");
    let named = node.client.request("GET", "/", &[("host", "casebook.example.com")], None).expect("answer");
    assert_eq!(named.status, 200);
}

#[tokio::test]
async fn an_empty_library_says_so_and_invites_the_first_story() {
    let (node, _database) = server::empty().await;
    for path in ["/", "/stories", "/patterns", "/about", "/stories?q=dns", "/?q=dns"] {
        let page = node.client.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert_inert(path, &page);
        assert_joined(path, &page);
    }
    let page = node.client.get("/stories");
    assert!(page.attributes(".empty a", "href").contains(&"/stories/new".to_owned()));
}
