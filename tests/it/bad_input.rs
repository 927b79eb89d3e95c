//! Whatever comes in, an answer goes out that says what is wrong: never a 500, never a dropped connection, and nothing
//! that runs in the reader's browser.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{complaints, problem};
use crate::browsing::assert_inert;
use crate::limits::{exchange, status};
use crate::server::{self, Answer, Client, story};
use crate::submitting::{Fields, fields, send, set};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const TEXT: (&str, &str) = ("content-type", "text/plain");
const MIB: usize = 1024 * 1024;

/// Checks that an answer is none of ours to be ashamed of.
#[track_caller]
fn assert_composed(what: &str, answer: &Answer) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text);
    if answer.header("content-type").starts_with("text/html") {
        assert_inert(what, answer);
    }
}

fn shared(name: &str) -> Option<String> {
    let named = std::env::var_os("CASEBOOK_SHARED_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    let text = std::fs::read_to_string(folder.join(name)).ok();
    if text.is_none() {
        let skipped = format!("skipped: {} is not there\n", folder.join(name).display());
        std::io::stderr().write_all(skipped.as_bytes()).expect("standard error");
    }
    text
}

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

#[tokio::test]
async fn a_mebibyte_of_evidence_is_read_and_one_byte_more_is_not() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let line = "Warning FailedScheduling pod/web-7d4b9c 0/256 nodes are available subnet exhausted\n";
    let mut evidence = line.repeat(MIB / line.len() + 1);
    evidence.truncate(MIB);
    let more = format!("{evidence}x");
    let asked = Instant::now();
    let answer = client.post("/api/v1/match", &[TEXT], &evidence);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(asked.elapsed() < Duration::from_secs(8), "a mebibyte took {:?}", asked.elapsed());
    assert_eq!(answer.json()["matches"][0]["slug"], "loveholidays-gke-pod-ip-exhaustion");
    assert_eq!(client.post_json("/api/v1/match", &json!({ "evidence": evidence })).status, 200);
    let page = client.post_form("/", &[("evidence", &evidence)]);
    assert_eq!(page.status, 200);
    assert!(page.text.contains("/stories/loveholidays-gke-pod-ip-exhaustion"));
    problem("a byte more", &client.post("/api/v1/match", &[TEXT], &more), 413);
    problem("a byte more as JSON", &client.post_json("/api/v1/match", &json!({ "evidence": more })), 413);
    let page = client.post_form("/", &[("evidence", &more)]);
    assert_eq!(page.status, 413);
    assert_inert("too much", &page);
    // Chinese takes nine bytes a character in a form.
    let chinese = "集群地址段耗尽".repeat(MIB / 21);
    assert_eq!(client.post_form("/", &[("evidence", &chinese)]).status, 200);
}

#[tokio::test]
async fn a_form_of_a_mebibyte_is_kept_and_one_byte_more_is_not_read() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = fields(&client.get("/stories/new"));
    set(&mut form, "title", "Large");
    let encoded = |form: &Fields| serde_html_form::to_string(form).expect("form");
    let plain = |text: &str| text.len() - 2 * text.matches('%').count();
    let room = MIB - plain(&encoded(&form));
    set(&mut form, "symptom", &"x".repeat(room));
    assert_eq!(plain(&encoded(&form)), MIB);
    let page = client.post("/stories/new", &[FORM, ("origin", client.base.as_str())], encoded(&form));
    assert_eq!(page.status, 422, "64 KiB are the most for a field");
    assert_eq!(page.attributes("#symptom", "aria-invalid"), ["true"]);
    let kept = fields(&page);
    assert_eq!(kept.iter().find(|(name, _)| name == "symptom").map(|(_, value)| value.len()), Some(room));
    set(&mut form, "symptom", &"x".repeat(room + 1));
    let page = client.post("/stories/new", &[FORM, ("origin", client.base.as_str())], encoded(&form));
    assert_eq!(page.status, 413);
    assert_inert("too large", &page);
    let mut large = story("Large");
    large["symptom"] = json!("x".repeat(4 * MIB));
    problem("4 MiB", &client.post_json("/api/v1/stories", &large), 413);
    large["symptom"] = json!("x".repeat(64 * 1024));
    assert_eq!(client.post_json("/api/v1/stories", &large).status, 201, "64 KiB fit");
    large["symptom"] = json!("x".repeat(64 * 1024 + 1));
    assert_eq!(complaints(&client.post_json("/api/v1/stories", &large)), ["symptom"]);
}

#[tokio::test]
async fn a_nul_is_refused_where_it_is() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    problem("raw", &client.post("/api/v1/match", &[TEXT], "pods\0pending"), 400);
    problem("escaped", &client.post_json("/api/v1/match", &json!({"evidence": "pods\0pending"})), 400);
    assert_eq!(client.post("/", &[FORM], "evidence=pods%00pending").status, 400);
    for field in ["title", "summary", "symptom", "root_cause", "remediation", "organization", "lessons", "impact"] {
        let mut wrong = story("With a NUL");
        wrong[field] = json!("a\0b");
        assert_eq!(complaints(&client.post_json("/api/v1/stories", &wrong)), [field]);
    }
    let raw = story("X").to_string().replace("\"X\"", "\"X\0Y\"");
    problem("a raw NUL in JSON", &client.post("/api/v1/stories", &[JSON], raw), 400);
    let mut form = fields(&client.get("/stories/new"));
    for (name, value) in story("A form").as_object().expect("object") {
        set(&mut form, name, value.as_str().expect("text"));
    }
    set(&mut form, "symptom", "before\0after");
    set(&mut form, "title", "a\0b");
    set(&mut form, "action", "save");
    let page = send(client, "/stories/new", &form);
    assert_eq!(page.status, 422, "{}", page.text);
    let mut links = page.attributes("#complaints a", "href");
    links.sort();
    assert_eq!(links, ["#symptom", "#title"]);
    assert!(!page.text.contains('\0'), "browsers would drop it unseen");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    for bytes in [&b"\xff"[..], b"caf\xe9", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\xaf"] {
        problem("text", &client.post("/api/v1/match", &[TEXT], bytes), 400);
        let in_json = [b"{\"evidence\": \"", bytes, b"\"}"].concat();
        problem("JSON", &client.post("/api/v1/match", &[JSON], &in_json), 400);
        let in_json = [b"{\"title\": \"", bytes, b"\"}"].concat();
        problem("a story", &client.post("/api/v1/stories", &[JSON], &in_json), 400);
        let in_form = [b"evidence=", bytes].concat();
        assert_eq!(client.post("/", &[FORM], &in_form).status, 400, "{bytes:?}");
        assert_eq!(client.post("/stories/new", &[FORM], [b"title=", bytes].concat()).status, 400, "{bytes:?}");
    }
    for encoded in ["evidence=%ff", "evidence=%", "evidence=%zz", "%ff=1"] {
        assert_eq!(client.post("/", &[FORM], encoded).status, 400, "{encoded}");
        assert_eq!(client.post("/stories/new", &[FORM], encoded).status, 400, "{encoded}");
        assert_eq!(client.post("/stories/any/edit", &[FORM], encoded).status, 400, "{encoded}");
        assert_eq!(client.post("/theme", &[FORM], encoded).status, 400, "{encoded}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_form_and_no_json_are_refused() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    for path in ["/", "/stories/new", "/stories/any/edit", "/theme"] {
        for kind in [
            "multipart/form-data; boundary=x",
            "application/json",
            "text/plain",
            "",
            "x",
            "application/x-www-form-urlencodedx",
        ] {
            let answer = client.post(path, &[("content-type", kind)], "--x--");
            assert_eq!(answer.status, 415, "{path} {kind}");
            assert_composed(path, &answer);
        }
    }
    for body in [
        "timeline_at=a",
        "timeline_at=a&timeline_marker=b&timeline_text=c&timeline_at=d",
        "id=7",
        "base=x",
        "base=-1",
        "action=fly",
        "action=remove:timeline:x",
        "action=add:everything",
        "title=a&title=b",
    ] {
        let answer = client.post("/stories/new", &[FORM], body);
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        assert_composed(body, &answer);
    }
    let many = "references_kind=fix&references_title=t&references_url=u&".repeat(20_000);
    assert_composed("20,000 sources", &client.post("/stories/new", &[FORM], many));
    assert_composed("unknown names", &client.post("/stories/new", &[FORM], "constructor=1&__proto__=2&%5B%5D=3"));
    assert_eq!(client.post("/stories/new", &[FORM], "action=remove:timeline:99999").status, 200);
    let deep = "[".repeat(100_000);
    let deep_story = format!("{{\"title\": {}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    for body in [
        "",
        " ",
        "null",
        "true",
        "1",
        "\"x\"",
        "[]",
        "{",
        "}",
        "{]",
        "{\"a\"}",
        "{\"title\": 1e999}",
        "\u{feff}{}",
        &deep,
        &deep_story,
    ] {
        for path in ["/api/v1/stories", "/api/v1/match"] {
            let what = format!("{path} {}", body.get(..30).unwrap_or(body));
            problem(&what, &client.post(path, &[JSON], body), 400);
        }
    }
    let twice = r#"{"title": "a", "title": "b"}"#;
    assert_composed("a name twice", &client.post("/api/v1/stories", &[JSON], twice));
}

#[tokio::test]
async fn dates_that_are_none_are_refused_by_name() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    for date in [
        "yesterday",
        "0000",
        "1969",
        "2101",
        "9999",
        "-2020",
        "20",
        "2020-13",
        "2020-00",
        "2019-02-29",
        "2020-02-30",
        "2020-01-32",
        "2020-1-1",
        "2020/01/01",
        "01.02.2020",
        "2020-01-14T25:00Z",
        "2020-01-14T09:60Z",
        "2020-01-14T09",
        "2020-01-14 9 o'clock",
        "２０２０",
        "2020-01-14T09:30+99:00",
        "2020-W01",
        "2020-001",
        "1e3",
        "0x7E4",
        "2020\n",
        "2020-01-14T09:30:00.123456789123Z!",
    ] {
        for field in ["started_at", "detected_at", "resolved_at"] {
            let mut wrong = story("Wrong date");
            wrong[field] = json!(date);
            let answer = client.post_json("/api/v1/stories", &wrong);
            if answer.status == 201 {
                // A line break behind a value is no part of it.
                assert_eq!(date, "2020\n", "{date} was taken");
                continue;
            }
            assert_eq!(complaints(&answer), [field], "{date}");
        }
    }
    for date in ["2020", "2020-02", "2020-02-29", "2020-02-29T23:59Z", "2020-02-29T23:59:59Z", "2020-02-29T23:59-11:00"]
    {
        let mut right = story("Right date");
        right["started_at"] = json!(date);
        assert_eq!(client.post_json("/api/v1/stories", &right).status, 201, "{date}");
    }
    let mut backwards = story("Backwards");
    backwards["started_at"] = json!("2020-01-14T09:30Z");
    backwards["detected_at"] = json!("2020-01-13");
    backwards["resolved_at"] = json!("2019");
    assert_eq!(complaints(&client.post_json("/api/v1/stories", &backwards)), ["detected_at", "resolved_at"]);
}

#[tokio::test]
async fn ten_thousand_timeline_rows_are_too_many_and_all_kept() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut wrong = story("Ten thousand rows");
    wrong["timeline"] = (0..10_000).map(|n| json!({"at": format!("T+{n}"), "text": "x"})).collect::<Value>();
    assert_eq!(complaints(&client.post_json("/api/v1/stories", &wrong)), ["timeline"]);
    wrong["timeline"] = (0..500).map(|n| json!({"at": format!("T+{n}"), "text": "x"})).collect::<Value>();
    let slug = client.submit(&wrong);
    let page = client.get(&format!("/stories/{slug}"));
    assert_eq!(page.texts(".timeline-row").len(), 500);

    let mut form = fields(&client.get("/stories/new"));
    form.retain(|(name, _)| !name.starts_with("timeline_"));
    set(&mut form, "title", "Ten thousand rows by form");
    for n in 0..10_000 {
        for (name, value) in
            [("at", format!("T+{n}")), ("marker", String::new()), ("text", format!("row\t{n}\nsecond line"))]
        {
            form.push((format!("timeline_{name}"), value));
        }
    }
    set(&mut form, "action", "save");
    let first = send(client, "/stories/new", &form);
    assert_eq!(first.status, 422, "{}", first.text.get(..2_000).unwrap_or_default());
    assert!(first.attributes("#complaints a", "href").contains(&"#timeline".to_owned()));
    let mut again = fields(&first);
    set(&mut again, "action", "save");
    let second = send(client, "/stories/new", &again);
    assert_eq!(second.status, 422);
    assert!(
        second.texts("#complaints a").iter().any(|text| text.contains("10000")),
        "{:?}",
        second.texts("#complaints a")
    );
    let kept = fields(&second);
    let rows = kept.iter().filter(|(name, _)| name == "timeline_text").count();
    let rest = kept.iter().find(|(name, _)| name == "timeline_rest").map(|(_, text)| text.lines().count());
    assert_eq!((rows, rest), (500, Some(9_500)));
    assert!(second.text.contains("row\\t9999\\nsecond line"), "the last row is not what it was");
}

#[tokio::test]
async fn markdown_made_to_be_slow_is_saved_and_shown_quickly() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let full = |piece: &str| piece.repeat(64 * 1024 / piece.len());
    let stairs: String = (0..350).map(|n| format!("{}- x\n", " ".repeat(n))).collect();
    for (number, text) in [
        full(">"),
        full("> "),
        full("- "),
        full("*"),
        full("_"),
        full("**a"),
        full("["),
        full("]"),
        full("[a]("),
        full("![a]("),
        full("`"),
        full("` "),
        full("~"),
        full("<"),
        full("</"),
        full("<!--"),
        full("<a "),
        full("&"),
        full("&#"),
        full("\\"),
        full("#"),
        full("|"),
        full("a|"),
        full("|-"),
        full("(("),
        full("*a_ "),
        full("1. "),
        full("- [ ] "),
        full("\t"),
        full("\n\n#\n"),
        full("[a]: b\n"),
        full("[^a]"),
        full("http://a.b "),
        full("a@b.c "),
        full("```\n"),
        full("🎉"),
        full("\u{200d}"),
        full("\u{301}"),
        full("x"),
        stairs,
        format!("{}\n{}", full("|a").get(..20_000).unwrap_or_default(), full("|-").get(..20_000).unwrap_or_default()),
    ]
    .into_iter()
    .enumerate()
    {
        let what = format!("{number}: {}", text.chars().take(20).collect::<String>());
        let mut deep = story(&format!("Deep {number}"));
        deep["symptom"] = json!(text);
        let asked = Instant::now();
        let answer = client.post_json("/api/v1/stories", &deep);
        if answer.status == 422 {
            assert!(text.trim().is_empty(), "{what}: {}", answer.text);
            continue;
        }
        assert_eq!(answer.status, 201, "{what}: {}", answer.text);
        let saved = asked.elapsed();
        let asked = Instant::now();
        let page = client.get(&format!("/stories/deep-{number}"));
        assert_eq!(page.status, 200, "{what}");
        assert!(
            saved < Duration::from_secs(2) && asked.elapsed() < Duration::from_secs(2),
            "{what}: {saved:?} and {:?}",
            asked.elapsed()
        );
        assert!(page.text.len() < 4 * MIB, "{what}: a page of {} bytes", page.text.len());
        assert_inert(&what, &page);
    }
    assert_eq!(client.get("/stories?q=deep").status, 200);
}

/// A story that has a text wherever a story can have text.
fn everywhere(title: &str, text: &str) -> Value {
    json!({
        "title": title, "summary": text, "symptom": text, "root_cause": text, "remediation": text, "impact": text,
        "lessons": text, "organization": title, "duration": title, "category": "security",
        "contributing_factors": [title],
        "timeline": [{"at": title, "text": text}],
        "rules": [{"kind": "log", "name": title, "text": text}],
        "references": [{"kind": "report", "title": title, "url": "https://example.com/"}],
        "action_items": [{"text": title, "owner": title}],
        "translations": [{"language": "zh", "title": title, "symptom": text}],
        "note": title,
    })
}

/// Every page on which a story shows itself, checked for anything that could run.
fn look_at(client: &Client, slug: &str, what: &str) {
    for rest in ["", "/edit", "/revisions"] {
        let page = client.get(&format!("/stories/{slug}{rest}"));
        assert_eq!(page.status, 200, "{what}");
        assert_inert(&format!("{what} at {rest}"), &page);
    }
    let file = client.get(&format!("/stories/{slug}.md"));
    assert_eq!(file.header("content-type"), "text/markdown; charset=utf-8", "{what}");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn markup_in_any_field_stays_text_on_every_page() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    for (number, payload) in [
        "<script>alert(1)</script>",
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "</textarea><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "--><script>alert(1)</script>",
        "<style>*{display:none}</style>",
        "<iframe src=javascript:alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://evil.example/pixel.gif)",
        "![x](javascript:alert(1) \"onerror=alert(1)\")",
        "<a href=\"javascript:alert(1)\">x</a>",
        "[x](//evil.example)",
        "<base href=https://evil.example/>",
        "<meta http-equiv=refresh content=0;url=https://evil.example>",
        "<form action=https://evil.example><input name=csrf></form>",
        "`<script>alert(1)</script>`",
        "{{ 7 * 7 }} {% include \"x\" %}",
        "<x onmouseover=alert(1) style=position:fixed>",
        "<math><mtext></p><style><img src=x onerror=alert(1)>",
        "\u{202e}<script>\u{202c}",
    ]
    .into_iter()
    .enumerate()
    {
        let mut sent =
            everywhere(payload, &format!("{payload}\n\n```{payload}\n{payload}\n```\n\n- {payload}\n\n{payload}"));
        sent["id"] = json!(format!("0197a000-0000-7000-8000-0000000001{number:02}"));
        let created = client.post_json("/api/v1/stories", &sent);
        assert_eq!(created.status, 201, "{payload}: {}", created.text);
        let slug = created.json()["slug"].as_str().expect("slug").to_owned();
        look_at(client, &slug, payload);
        let page = client.get(&format!("/stories/{slug}"));
        assert_eq!(
            page.texts("h1"),
            [payload.split_whitespace().collect::<Vec<_>>().join(" ")],
            "shown as it was typed"
        );
        // Changed once, it is in the comparison too.
        let edit = format!("/stories/{slug}/edit");
        let mut form = fields(&client.get(&edit));
        set(&mut form, "lessons", &format!("{payload} {payload}"));
        set(&mut form, "note", payload);
        set(&mut form, "action", "preview");
        assert_inert(payload, &send(client, &edit, &form));
        set(&mut form, "action", "save");
        assert_eq!(send(client, &edit, &form).status, 303, "{payload}");
        for rest in ["/revisions/1", "/revisions/1..2", "/revisions"] {
            assert_inert(payload, &client.get(&format!("/stories/{slug}{rest}")));
        }
        let asked = serde_html_form::to_string([("q", payload)]).expect("query");
        for path in ["/", "/stories", "/patterns"] {
            assert_composed(payload, &client.get(&format!("{path}?{asked}")));
        }
        let by_organization = serde_html_form::to_string([("organization", payload)]).expect("query");
        assert_composed(payload, &client.get(&format!("/stories?{by_organization}")));
    }
    assert_composed("all of them", &client.get("/stories"));
    assert_composed("the front page", &client.get("/"));
}

#[tokio::test]
async fn text_in_any_script_comes_back_as_it_was_typed() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    for text in [
        "集群地址段耗尽，部署停滞",
        "مرحبا بالعالم",
        "שלום עולם",
        "हिन्दी में एक घटना",
        "👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇳 👍🏽",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
        "a\u{200d}b\u{200b}c\u{feff}d",
        "\u{202e}txet sdrawkcab\u{202c}",
        "ﷺ ﷽ ㍿ ㎏",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎𠜱𠝹",
        "ı İ ß ẞ ſ Ǆ ǅ",
        "e\u{301} é \u{e9}",
    ] {
        let created = client.post_json("/api/v1/stories", &everywhere(text, text));
        assert_eq!(created.status, 201, "{text}: {}", created.text);
        let read = client.get(created.header("location")).json();
        for field in ["title", "summary", "symptom", "organization", "impact"] {
            assert_eq!(read[field], text, "{field}");
        }
        let slug = read["slug"].as_str().expect("slug");
        assert_eq!(
            client.get(&format!("/stories/{slug}")).texts("h1"),
            [text.split_whitespace().collect::<Vec<_>>().join(" ")]
        );
        let mut form = fields(&client.get(&format!("/stories/{slug}/edit")));
        set(&mut form, "action", "save");
        assert_eq!(send(client, &format!("/stories/{slug}/edit"), &form).status, 303);
        assert_eq!(client.get(&format!("/api/v1/stories/{slug}")).json()["revision"], 1, "{text} changed in the form");
        let asked = serde_html_form::to_string([("q", text)]).expect("query");
        for path in ["/", "/stories", "/api/v1/search"] {
            assert_composed(text, &client.get(&format!("{path}?{asked}")));
        }
    }
}

#[tokio::test]
async fn naughty_strings_are_searched_and_matched_like_any_other() {
    let Some(text) = shared("security/blns.json") else { return };
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let strings: Vec<String> = serde_json::from_str(&text).expect("blns.json");
    for string in &strings {
        let query = serde_html_form::to_string([("q", string)]).expect("query");
        for path in ["/", "/stories"] {
            let answer = client.get(&format!("{path}?{query}"));
            assert!([200, 400].contains(&answer.status), "{path} {string:?}: {}", answer.status);
            assert_composed(string, &answer);
        }
        let answer = client.post("/api/v1/match", &[TEXT], string);
        let expected = if string.trim().is_empty() || string.contains('\0') { 400 } else { 200 };
        assert_eq!(answer.status, expected, "{string:?}: {}", answer.text);
    }
    assert!(strings.len() > 400, "{}", strings.len());
}

#[tokio::test]
async fn naughty_strings_in_every_field_are_saved_or_complained_about() {
    let Some(text) = shared("security/blns.json") else { return };
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let strings: Vec<String> = serde_json::from_str(&text).expect("blns.json");
    let (mut saved, mut refused) = (0, 0);
    for string in &strings {
        let answer = client.post_json("/api/v1/stories", &everywhere(string, string));
        match answer.status {
            201 => {
                let path = format!("/stories/{}", answer.json()["slug"].as_str().expect("slug"));
                let page = client.get(&path);
                assert_eq!(page.status, 200, "{string:?}");
                assert_inert(string, &page);
                saved += 1;
            }
            422 => {
                complaints(&answer);
                refused += 1;
            }
            status => panic!("{string:?}: {status} {}", answer.text),
        }
    }
    println!("{saved} saved, {refused} complained about");
    assert!(saved > 400 && refused < 60, "{saved} saved, {refused} complained about");
}

#[tokio::test]
async fn six_thousand_attacks_on_the_reader_come_to_nothing() {
    let Some(text) = shared("security/xss-payload-list.txt") else { return };
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let payloads: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    for (number, chunk) in payloads.chunks(480).enumerate() {
        let whole = chunk.join("\n\n");
        let part = |size: usize| &whole[..whole.floor_char_boundary(size.min(60_000))];
        let line = |text: &str| text.chars().filter(|c| !c.is_control()).take(150).collect::<String>();
        let lines =
            |count: usize| chunk.iter().map(|text| line(text)).filter(|text| !text.trim().is_empty()).take(count);
        let mut sent = everywhere(&line(chunk[0]), part(usize::MAX));
        sent["rules"] = json!([{"kind": "log", "name": line(chunk[1]), "text": part(16_000)}]);
        sent["timeline"] = chunk.iter().map(|text| json!({"at": "T+1", "text": text})).collect();
        sent["contributing_factors"] = lines(50).collect();
        sent["action_items"] = lines(50).map(|text| json!({"text": text, "owner": text})).collect();
        sent["references"] =
            lines(50).map(|text| json!({"kind": "fix", "title": text, "url": "https://example.com/"})).collect();
        let created = client.post_json("/api/v1/stories", &sent);
        assert_eq!(created.status, 201, "{number}: {}", created.text);
        let slug = created.json()["slug"].as_str().expect("slug").to_owned();
        look_at(client, &slug, &format!("chunk {number}"));
    }
    assert_composed("the list", &client.get("/stories"));
    // Those that make good addresses have to be refused as such.
    for payload in payloads.iter().filter(|text| text.to_lowercase().contains("script:")).take(200) {
        let mut sent = story("An address");
        sent["references"] = json!([{"kind": "fix", "url": payload}]);
        let answer = client.post_json("/api/v1/stories", &sent);
        if answer.status == 201 {
            let slug = answer.json()["slug"].as_str().expect("slug").to_owned();
            look_at(client, &slug, payload);
        } else {
            assert_eq!(answer.status, 422, "{payload}");
        }
    }
    assert!(payloads.len() > 5_000, "{}", payloads.len());
}
