//! Problem documents, methods and bounds.

use super::{match_text, problem};
use crate::server::{self, story};

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
        ("POST", "/api/v1/stories", vec![json_type, ("x-forwarded-for", "192.0.2.1")], &valid, 401),
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
