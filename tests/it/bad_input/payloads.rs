//! Text that is meant to harm: the reader, the renderer, or those who typed it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{MIB, TEXT, assert_composed, shared};
use crate::api::complaints;
use crate::browsing::assert_inert;
use crate::server::{self, Client, story};
use crate::submitting::{fields, send, set};

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
        "rules": [rule(title, text)],
        "checks": [{"command": title, "means": title, "apart_from": "patterns/x"}],
        "provenance": {"id": title, "author": title, "license": title, "source": "https://example.com/"},
        "references": [{"kind": "report", "title": title, "url": "https://example.com/"}],
        "action_items": [{"text": title, "owner": title}],
        "translations": [{"language": "zh", "title": title, "symptom": text}],
        "note": title,
    })
}

/// A rule that carries a text wherever a rule can, and fires on nothing but its own example.
fn rule(title: &str, text: &str) -> Value {
    let word = format!("sign-{}", title.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
    let comment: String = text.lines().map(|line| format!("# {}\n", line.replace(char::is_control, ""))).collect();
    let comment = &comment[..comment.floor_char_boundary(15_000)];
    json!({
        "kind": "log", "name": title, "text": format!("set:\n  match:\n    - value: {word}.\n{comment}"),
        "fires_on": [format!("{word}.\n{text}")], "silent_on": [format!("-\n{text}")],
        "also_fires": [{"on": "patterns/x", "because": title}],
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

/// What would run, load or lead astray if a page took it for its own.
const MARKUP: [&str; 24] = [
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
];

#[tokio::test]
async fn markup_in_any_field_stays_text_on_every_page() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    for (number, payload) in MARKUP.into_iter().enumerate() {
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
        sent["rules"] = json!([rule(&line(chunk[1]), part(usize::MAX))]);
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
