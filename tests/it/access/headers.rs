//! The headers that protect the reader, scored by the public rules of the HTTP Observatory as docs/security.md has them.

use std::collections::BTreeMap;

use crate::database::TestDatabase;
use crate::server::{Answer, Node, NodeOptions};

const PAGE: &str = include_str!("../../../docs/security.md");

/// The least score for the best grade.
const BEST: i32 = 100;

/// What is given beyond 100 counts only from here on.
const GOOD: i32 = 90;

async fn over_https() -> (Node, TestDatabase) {
    let database = TestDatabase::new().await;
    let public_url = Some("https://casebook.example.com".to_owned());
    let node = Node::start(&database.url, NodeOptions { public_url, ..NodeOptions::default() }).await;
    (node, database)
}

/// The directives of the content security policy.
fn policy(answer: &Answer) -> BTreeMap<String, Vec<String>> {
    let directives = answer.header("content-security-policy").split(';').map(str::trim);
    directives
        .map(|directive| {
            let mut words = directive.split_whitespace().map(str::to_owned);
            (words.next().unwrap_or_default(), words.collect())
        })
        .collect()
}

/// What each check adds or takes away, in the words of the table.
fn scores(answer: &Answer) -> BTreeMap<&'static str, i32> {
    let policy = policy(answer);
    let is = |directive: &str, sources: &[&str]| policy.get(directive).is_some_and(|found| found == sources);
    let has_no_unsafe = !answer.header("content-security-policy").contains("unsafe");
    let is_strict = is("default-src", &["'none'"]) && is("form-action", &["'self'"]) && has_no_unsafe;
    let given = |header: &str, value: &str, points: i32| if answer.header(header) == value { points } else { 0 };
    let age = answer.header("strict-transport-security").split(';').next().and_then(|age| age.strip_prefix("max-age="));
    let lasts = age.and_then(|age| age.parse::<u64>().ok()).is_some_and(|age| age >= 15_768_000);
    let scripts = answer.attributes("script[src]", "src");
    let are_ours = scripts.iter().all(|script| script.starts_with("/static/"));
    BTreeMap::from([
        ("Content Security Policy", if is_strict { 10 } else { -25 }),
        ("Cookies", cookies(answer)),
        (
            "Cross Origin Resource Sharing",
            if answer.header("access-control-allow-origin").is_empty() { 0 } else { -50 },
        ),
        ("Cross Origin Resource Policy", given("cross-origin-resource-policy", "same-origin", 10)),
        ("Cross Origin Opener Policy", given("cross-origin-opener-policy", "same-origin", 10)),
        ("Cross Origin Embedder Policy", given("cross-origin-embedder-policy", "require-corp", 10)),
        ("Referrer Policy", given("referrer-policy", "same-origin", 5)),
        ("Strict Transport Security", if lasts { 0 } else { -20 }),
        ("Subresource Integrity", if are_ours && !scripts.is_empty() { 0 } else { -5 }),
        ("X-Content-Type-Options", if answer.header("x-content-type-options") == "nosniff" { 0 } else { -5 }),
        ("X-Frame-Options", if is("frame-ancestors", &["'none'"]) { 5 } else { -20 }),
    ])
}

fn cookies(answer: &Answer) -> i32 {
    let set = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("ASCII"));
    let mut least = 5;
    for cookie in set {
        let has = |flag: &str| cookie.split("; ").any(|part| part == flag);
        let bounded = has("SameSite=Lax") || has("SameSite=Strict");
        least = least.min(match (has("Secure"), has("HttpOnly"), bounded) {
            (true, true, true) => 5,
            (true, true, false) => 0,
            (true, false, _) => -30,
            (false, ..) => -40,
        });
    }
    least
}

/// The lines of the table: what is checked, and what it adds.
fn table() -> BTreeMap<&'static str, i32> {
    let section = PAGE.split("## Headers").nth(1).expect("the section on headers");
    let section = section.split("\n## ").next().expect("its text");
    let lines = section.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let points = cells.get(2)?.trim_start_matches('+').parse().ok()?;
        Some((*cells.first()?, points))
    });
    lines.collect()
}

#[tokio::test]
async fn over_https_the_headers_earn_the_best_grade_line_by_line() {
    let (node, _database) = over_https().await;
    // A page with a form, which sets a cookie.
    let answer = node.client.get("/stories/new");
    assert!(answer.headers.contains_key("set-cookie"), "the form gives its token");
    let scores = scores(&answer);
    let mut table = table();
    // What is before the server redirects, and is no business of its headers.
    assert_eq!(table.remove("Redirection"), Some(0));
    assert_eq!(scores, table, "docs/security.md says otherwise");
    let lost: i32 = scores.values().filter(|points| **points < 0).sum();
    let won: i32 = scores.values().filter(|points| **points > 0).sum();
    let score = if BEST + lost >= GOOD { BEST + lost + won } else { BEST + lost };
    println!("headers: {score} points, of which 100 are the best grade");
    assert!(score >= BEST, "{score}");
    assert!(PAGE.contains(&format!("**{score} points**")), "docs/security.md does not say {score}");
}

#[tokio::test]
async fn every_cookie_over_https_is_for_this_host_and_out_of_reach_of_scripts() {
    let (node, _database) = over_https().await;
    let form = node.client.get("/stories/new");
    let theme = node.client.post_form("/theme", &[("theme", "dark")]);
    let mut seen = 0;
    for answer in [&form, &theme] {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("ASCII");
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            for flag in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
                assert!(cookie.split("; ").any(|part| part == flag), "{flag}: {cookie}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
    let dark = node.client.get("/about");
    assert_eq!(dark.attributes("html", "data-theme"), ["dark"]);
}

#[tokio::test]
async fn errors_and_files_carry_the_same_headers_as_pages() {
    let (node, _database) = over_https().await;
    let page = node.client.get("/");
    let names = [
        "content-security-policy",
        "strict-transport-security",
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-opener-policy",
        "cross-origin-embedder-policy",
        "cross-origin-resource-policy",
        "permissions-policy",
        "x-frame-options",
    ];
    for path in ["/nowhere", "/api/v1/nowhere", "/api/v1/stories", "/robots.txt", "/%00", "/healthz", "/rules"] {
        let answer = node.client.get(path);
        for name in names {
            assert!(!page.header(name).is_empty(), "{name}");
            assert_eq!(answer.header(name), page.header(name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn without_https_no_browser_is_told_to_insist_on_it() {
    let (node, _database) = crate::server::empty().await;
    assert_eq!(node.client.get("/").header("strict-transport-security"), "");
}

#[tokio::test]
async fn no_program_of_another_site_may_read_an_answer() {
    let (node, _database) = crate::server::empty().await;
    for (method, path) in [("GET", "/api/v1/stories"), ("OPTIONS", "/api/v1/stories"), ("OPTIONS", "/")] {
        let headers = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
        let answer = node.client.request(method, path, &headers, None).expect("an answer");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{method} {path}");
    }
}

#[tokio::test]
async fn a_request_is_not_echoed_by_trace() {
    let (node, _database) = crate::server::empty().await;
    for path in ["/", "/stories", "/nowhere"] {
        let answer = node.client.request("TRACE", path, &[("x-secret", "hidden-word")], None).expect("an answer");
        assert!(
            matches!(answer.status, 404 | 405) && !answer.text.contains("hidden-word"),
            "{path}: {}",
            answer.status
        );
    }
}
