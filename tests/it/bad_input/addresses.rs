//! Paths and query strings.

use super::assert_composed;
use crate::limits::{exchange, status};
use crate::server::{self};

#[tokio::test]
async fn odd_addresses_are_answered_with_the_status_they_deserve() {
    let (node, _database) = server::with_library().await;
    let places = [
        "/{}",
        "/stories/{}",
        "/stories/{}.md",
        "/stories/{}/edit",
        "/stories/{}/revisions",
        "/stories/{}/rules/1",
        "/stories/moonlight-pods-on-one-node/revisions/{}",
        "/stories/moonlight-pods-on-one-node/rules/{}",
        "/patterns/{}",
        "/patterns/{}/revisions/1..2",
        "/static/{}",
        "/api/v1/stories/{}",
        "/api/v1/patterns/{}",
        "/api/v1/{}",
    ];
    let long = "x".repeat(8_000);
    let parts: Vec<(&[u8], &[u16])> = vec![
        (b"%00", &[400]),
        (b"a%00b", &[400]),
        (b"%ff", &[400]),
        (b"\xff\xfe", &[400]),
        (b"%c3%28", &[400]),
        (b"%", &[400]),
        (b"%zz", &[400]),
        (b"..", &[404]),
        (b"..%2f..%2fetc%2fpasswd", &[404]),
        (b"../../../../etc/passwd", &[404]),
        (b"%2e%2e", &[404]),
        (b"%0d%0aSet-Cookie:%20a=b", &[404]),
        (b"%3Cscript%3Ealert(1)%3C%2Fscript%3E", &[404]),
        (b"%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", &[404]),
        ("集群".as_bytes(), &[400, 404]),
        (b"%F0%9F%91%A9%E2%80%8D%F0%9F%91%A9", &[404]),
        (b"%D9%85%D8%B1%D8%AD%D8%A8%D8%A7", &[404]),
        (b"%E2%80%AE", &[404]),
        (b"MOONLIGHT-pods-on-one-node", &[404]),
        (b"moonlight-pods-on-one-node%20", &[404]),
        (b"-", &[404]),
        (b"99999999999999999999", &[404]),
        (b"1%20OR%201=1", &[404]),
        (b"'%3BDROP%20TABLE%20failure;--", &[404]),
        (b"{slug}", &[400, 404]),
        (b"*", &[404]),
        (long.as_bytes(), &[404]),
    ];
    for place in places {
        for (part, expected) in &parts {
            let (before, after) = place.split_once("{}").expect("a place");
            let mut request = format!("GET {before}").into_bytes();
            request.extend_from_slice(part);
            request.extend_from_slice(
                format!("{after} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(),
            );
            let answer = exchange(&node.client, &request);
            let what = format!("{place} with {}", String::from_utf8_lossy(&part[..part.len().min(60)]));
            let status = status(&answer).unwrap_or_else(|| panic!("{what}: no answer"));
            assert!(expected.contains(&status), "{what}: {status}");
            let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
            assert!(!head.contains("set-cookie: a=b"), "{what}: {head}");
            // Bytes that are no address at all are refused before anybody can tell a page from the API.
            if place.starts_with("/api/") && head.contains("content-security-policy") {
                assert!(head.contains("content-type: application/problem+json"), "{what}: {head}");
            }
            assert!(!answer.contains("<script>alert") && !answer.contains("<img src=x"), "{what}: {answer}");
        }
    }
}

#[tokio::test]
async fn odd_query_strings_are_answered_with_the_status_they_deserve() {
    let (node, _database) = server::with_library().await;
    let words = "q=".to_owned() + &"word%20".repeat(100);
    let endless = "q=".to_owned() + &"x".repeat(20_000);
    let values = "category=dns&".repeat(5_000);
    for path in [
        "/",
        "/stories",
        "/patterns",
        "/about",
        "/api/v1/search",
        "/api/v1/stories",
        "/stories/moonlight-pods-on-one-node",
    ] {
        for query in [
            "",
            "&",
            "&&&&=&=",
            "=",
            "?",
            "??",
            "q",
            "q=",
            "q&q",
            "q=1&q=2",
            "q[]=1",
            "q%5B%5D=1",
            "q=%00",
            "q=a%00b",
            "%00=1",
            "q=%ff",
            "%ff=1",
            "q=%",
            "q=%zz",
            "q=+",
            "q=%E2%80%8D",
            "q=\"",
            "q=%22%22%22",
            "q=%5C",
            "q=-",
            "q=*",
            "q=(((((",
            "q=a+AND",
            "q=tech:",
            "q=year:99999999999999999999",
            "q=year:-1..5",
            "page=",
            "page=%00",
            "page=1e9",
            "page=0x1",
            "page=%D9%A3",
            "page=1&page=2",
            "limit=",
            "sort=",
            "sort=title&sort=newest",
            "category=",
            "category=dns&category=dns",
            "year=0000",
            "year=2019.5",
            "year=99999999999",
            "technology=%F0%9F%94%A5",
            "organization=%3Cscript%3E",
            "severity=SEV1",
            "constructor=1",
            "__proto__=1",
            "saved=1",
            "from=x&to=y",
            words.as_str(),
            endless.as_str(),
            values.as_str(),
        ] {
            let Ok(_) = ureq::http::Uri::try_from(format!("{path}?{query}")) else { continue };
            let what = format!("{path}?{}", query.get(..60).unwrap_or(query));
            let answer =
                node.client.try_get(&format!("{path}?{query}")).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_composed(&what, &answer);
            let refused = ["%00", "%ff", "%zz"].iter().any(|bad| query.contains(bad)) || query == "q=%";
            assert!(
                [200, 400].contains(&answer.status) && (!refused || answer.status == 400),
                "{what}: {}",
                answer.status
            );
        }
    }
}
