//! Bodies: too large, not text, not what they say they are, and values that no field takes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{FORM, JSON, MIB, TEXT, assert_composed};
use crate::api::{complaints, problem};
use crate::browsing::assert_inert;
use crate::server::{self, story};
use crate::submitting::{Fields, fields, send, set};

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
