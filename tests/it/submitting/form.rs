//! The form: every field, rows, preview, complaints, and where a new story comes from.

use std::time::Duration;

use scraper::Selector;
use serde_json::json;

use super::{Fields, MULTILINE, fields, filled, press, save, saved, send, set, set_row, stored, values};
use crate::browsing::assert_inert;
use crate::server::{self, Client, eventually, story};

#[tokio::test]
async fn every_field_of_the_form_is_saved_as_it_was_typed() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let form = everything(client);
    let path = saved(&save(client, "/stories/new", &form));
    assert_eq!(path, "/stories/every-field-of-the-form");
    let mut stored = stored(client, &path);
    for varying in ["id", "created_at", "updated_at", "published_at"] {
        assert!(stored.as_object_mut().expect("object").remove(varying).is_some(), "{varying}");
    }
    assert_eq!(stored, everything_stored());

    // Opened to be edited and saved without a change, it is the same story: the form loses nothing.
    let edit = client.get(&format!("{path}/edit"));
    assert_eq!(saved(&save(client, &format!("{path}/edit"), &fields(&edit))), path);
    assert_eq!(client.get(&format!("/api/v1{path}")).json()["revision"], 1);
}

/// A form with something in every field.
fn everything(client: &Client) -> Fields {
    let mut form = filled(client, "Every field of the form");
    for list in
        ["timeline", "rules", "checks", "references", "action_items", "translations", "facts", "rules:0:fires_on"]
    {
        form = press(client, "/stories/new", form, &format!("add:{list}")).1;
    }
    for (name, value) in [
        ("organization", "Łódź & Söhne \"GmbH\""),
        ("summary", "Two  sentences. *Really*."),
        ("symptom", MULTILINE),
        ("root_cause", MULTILINE),
        ("contributing_factors", "Nobody watched\nThe limit was old"),
        ("remediation", "1. Do this\n2. Then that"),
        ("category", "dns"),
        ("technologies", "Kubernetes, node.js, Open Policy Agent"),
        ("started_at", "2020-01-14T10:30+01:00"),
        ("detected_at", "2020-01-14"),
        ("resolved_at", "2020-02"),
        ("duration", "about a week"),
        ("severity", "sev2"),
        ("trigger", "binary-push"),
        ("detected_by", "customer-report"),
        ("impact", "4,200 checkouts"),
        ("lessons", "- one\n- two"),
        ("patterns", "pod-ip-range-exhausted"),
    ] {
        set(&mut form, name, value);
    }
    for (row, (at, marker, text)) in
        [("2020-01-14T09:30Z", "trigger", "It began"), ("Friday evening", "", MULTILINE)].into_iter().enumerate()
    {
        set_row(&mut form, "timeline_at", row, at);
        set_row(&mut form, "timeline_marker", row, marker);
        set_row(&mut form, "timeline_text", row, text);
    }
    for (row, kind) in ["manifest", "metric"].into_iter().enumerate() {
        set_row(&mut form, "rules_kind", row, kind);
        set_row(&mut form, "rules_name", row, "A rule");
        set_row(&mut form, "rules_text", row, [MANIFEST, METRIC][row]);
        set_row(&mut form, "checks_command", row, "kubectl get nodes | wc -l");
        set_row(&mut form, "checks_means", row, "As many as fit & no more");
        set_row(&mut form, "checks_apart_from", row, ["patterns/dns-timeouts", ""][row]);
        set_row(&mut form, "references_kind", row, ["report", "tool"][row]);
        set_row(&mut form, "references_title", row, ["Their report", ""][row]);
        set_row(&mut form, "references_url", row, "https://example.com/a?b=c&d=e#f");
        set_row(&mut form, "references_archived", row, ["", "https://example.org/copy"][row]);
        set_row(&mut form, "references_language", row, ["en", ""][row]);
        set_row(&mut form, "facts_claim", row, "It took <an hour>");
        set_row(&mut form, "facts_source", row, ["https://example.com/a?b=c&d=e#f", "https://example.org/copy"][row]);
        set_row(&mut form, "facts_passage", row, ["Timeline", "§ 2"][row]);
        set_row(&mut form, "action_items_text", row, "Alert earlier");
        set_row(&mut form, "action_items_owner", row, ["platform team", ""][row]);
        set_row(&mut form, "action_items_due", row, ["2020-03-01", ""][row]);
        set_row(&mut form, "action_items_done", row, ["yes", "no"][row]);
        set_row(&mut form, "translations_language", row, ["zh", "ar"][row]);
        set_row(&mut form, "translations_title", row, ["没有地址的 Pod", "نفدت العناوين"][row]);
        set_row(&mut form, "translations_summary", row, ["地址用完了", ""][row]);
        set_row(&mut form, "translations_symptom", row, ["部署停滞了", "توقف النشر"][row]);
        set_row(
            &mut form,
            "fires_on_text",
            row,
            [OBJECT, "apiVersion: v1\nkind: Service\nmetadata: {name: \"<c>\"}"][row],
        );
    }
    set_row(&mut form, "silent_on_text", 0, "apiVersion: v1\nkind: Pod\nmetadata: {name: \"<c>\"}");
    set_row(&mut form, "also_fires_on", 0, "patterns/dns-timeouts");
    set_row(&mut form, "also_fires_because", 0, "It may one day");
    for (part, value) in
        [("id", "X-1"), ("source", "https://example.com/x"), ("author", "A & B"), ("license", "Apache-2.0")]
    {
        set(&mut form, &format!("provenance_{part}"), value);
    }
    form
}

const MANIFEST: &str = "object.kind == \"Service\" &&\n  object.metadata.name == \"<c>\"\n";
const METRIC: &str = "alert: Frost\nexpr: temperature < 0\n";
const OBJECT: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: \"<c>\"\n";

/// The same as the API has it.
fn everything_stored() -> serde_json::Value {
    json!({
        "kind": "story", "slug": "every-field-of-the-form", "url": "/stories/every-field-of-the-form",
        "status": "published", "revision": 1,
        "title": "Every field of the form",
        "organization": "Łódź & Söhne \"GmbH\"",
        "summary": "Two  sentences. *Really*.",
        "symptom": MULTILINE, "root_cause": MULTILINE,
        "contributing_factors": ["Nobody watched", "The limit was old"],
        "remediation": "1. Do this\n2. Then that",
        "category": "dns",
        "technologies": ["kubernetes", "node.js", "open-policy-agent"],
        "started_at": "2020-01-14T09:30Z", "detected_at": "2020-01-14", "resolved_at": "2020-02",
        "duration": "about a week", "severity": "sev2", "trigger": "binary-push", "detected_by": "customer-report",
        "impact": "4,200 checkouts", "lessons": "- one\n- two",
        "patterns": ["pod-ip-range-exhausted"],
        "timeline": [
            {"at": "2020-01-14T09:30Z", "marker": "trigger", "text": "It began"},
            {"at": "Friday evening", "text": MULTILINE},
        ],
        "rules": [
            {
                "kind": "manifest", "name": "A rule", "text": MANIFEST.trim_end(),
                "fires_on": [OBJECT.trim_end(), "apiVersion: v1\nkind: Service\nmetadata: {name: \"<c>\"}"],
                "silent_on": ["apiVersion: v1\nkind: Pod\nmetadata: {name: \"<c>\"}"],
                "also_fires": [{"on": "patterns/dns-timeouts", "because": "It may one day"}],
            },
            {"kind": "metric", "name": "A rule", "text": METRIC.trim_end()},
        ],
        "checks": [
            {
                "command": "kubectl get nodes | wc -l", "means": "As many as fit & no more",
                "apart_from": "patterns/dns-timeouts",
            },
            {"command": "kubectl get nodes | wc -l", "means": "As many as fit & no more"},
        ],
        "provenance": {"id": "X-1", "source": "https://example.com/x", "author": "A & B", "license": "Apache-2.0"},
        "references": [
            {"kind": "report", "title": "Their report", "url": "https://example.com/a?b=c&d=e#f", "language": "en"},
            {"kind": "tool", "url": "https://example.com/a?b=c&d=e#f", "archived": "https://example.org/copy"},
        ],
        "action_items": [
            {"text": "Alert earlier", "owner": "platform team", "due": "2020-03-01", "done": true},
            {"text": "Alert earlier", "done": false},
        ],
        "translations": [
            {"language": "zh", "title": "没有地址的 Pod", "summary": "地址用完了", "symptom": "部署停滞了"},
            {"language": "ar", "title": "نفدت العناوين", "symptom": "توقف النشر"},
        ],
        "facts": [
            {"claim": "It took <an hour>", "source": "https://example.com/a?b=c&d=e#f", "passage": "Timeline"},
            {"claim": "It took <an hour>", "source": "https://example.org/copy", "passage": "§ 2"},
        ],
    })
}

#[tokio::test]
async fn every_story_of_the_library_goes_through_the_form_unchanged() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let listed = client.get("/api/v1/stories").json();
    for entry in listed["results"].as_array().expect("results") {
        let path = entry["url"].as_str().expect("url");
        let edit = client.get(&format!("{path}/edit"));
        assert_inert(path, &edit);
        let form = fields(&edit);
        assert_eq!(saved(&save(client, &format!("{path}/edit"), &form)), path);
        assert_eq!(stored(client, path)["revision"], 1, "{path} came back from the form as something else");
    }
}

#[tokio::test]
async fn rows_are_added_and_removed_without_scripts_and_without_moving_the_others() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = filled(client, "Rows");
    assert_eq!(values(&form, "timeline_at"), [""], "an empty list shows one row to begin with");
    form = press(client, "/stories/new", form, "add:timeline").1;
    form = press(client, "/stories/new", form, "add:timeline").1;
    for (row, text) in ["one", "two", "three"].into_iter().enumerate() {
        set_row(&mut form, "timeline_text", row, text);
    }
    set_row(&mut form, "timeline_marker", 2, "repair");
    form = press(client, "/stories/new", form, "remove:timeline:1").1;
    assert_eq!(values(&form, "timeline_text"), ["one", "three"]);
    assert_eq!(values(&form, "timeline_marker"), ["", "repair"]);
    assert_eq!(values(&form, "title"), ["Rows"]);
    let (page, form) = press(client, "/stories/new", form, "add:timeline");
    assert_eq!(page.attributes("[autofocus]", "id"), ["timeline-2-at"], "a new row takes the focus");
    let buttons = page.attributes("button[name=action][value^='remove:timeline:']", "value");
    assert_eq!(buttons, ["remove:timeline:0", "remove:timeline:1", "remove:timeline:2"]);
    assert_eq!(values(&form, "timeline_text"), ["one", "three", ""]);
    // Rows that nobody wrote in are no rows.
    let mut form = form;
    set_row(&mut form, "timeline_at", 0, "T+1");
    set_row(&mut form, "timeline_at", 1, "T+2");
    let path = saved(&save(client, "/stories/new", &form));
    assert_eq!(stored(client, &path)["timeline"].as_array().expect("rows").len(), 2);
}

#[tokio::test]
async fn a_preview_shows_the_rendered_story_and_saves_nothing() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = filled(client, "Only a preview");
    set(&mut form, "symptom", "It was **bad**.\n\n<script>alert(1)</script>");
    let (page, again) = press(client, "/stories/new", form.clone(), "preview");
    assert_eq!(page.texts("#preview strong"), ["bad"]);
    assert_eq!(page.texts("#preview h1"), ["Only a preview"]);
    assert_inert("preview", &page);
    assert_eq!(values(&again, "symptom"), values(&form, "symptom"));
    assert_eq!(values(&again, "id"), values(&form, "id"), "a preview is still the same story");
    assert_eq!(client.get("/stories/only-a-preview").status, 404);
    // Enter in a field presses the first button of the form: it must not publish.
    assert_eq!(page.attributes("form#story-form button", "value").first().map(String::as_str), Some("preview"));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_in_a_summary_and_everything_is_kept() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = filled(client, "");
    set(&mut form, "symptom", MULTILINE);
    set(&mut form, "category", "dns");
    set(&mut form, "severity", "sev3");
    set(&mut form, "started_at", "yesterday");
    set(&mut form, "technologies", "fine, a/b");
    set(&mut form, "summary", "");
    set_row(&mut form, "references_url", 0, "javascript:alert(1)");
    set_row(&mut form, "timeline_text", 0, "Something without a time");
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 422, "{}", page.text);
    let ids = ["title", "summary", "started_at", "technologies", "references-0-url", "timeline-0-at"];
    let mut links: Vec<String> = page.attributes("#complaints a", "href");
    links.sort();
    let mut expected: Vec<String> = ids.iter().map(|id| format!("#{id}")).collect();
    expected.sort();
    assert_eq!(links, expected);
    for id in ids {
        assert_eq!(page.attributes(&format!("#{id}"), "aria-invalid"), ["true"], "{id}");
        let described = page.attributes(&format!("#{id}"), "aria-describedby").concat();
        assert!(described.contains(&format!("{id}-complaint")), "{id} is described by {described}");
        assert_eq!(page.texts(&format!("#{id}-complaint")).len(), 1, "{id}");
        let hidden = page.html();
        let folded = hidden.select(&Selector::parse(&format!("details:not([open]) #{id}")).expect("selector")).count();
        assert_eq!(folded, 0, "the complaint about {id} is folded away");
    }
    assert!(page.texts("title")[0].starts_with("Error"), "{:?}", page.texts("title"));
    assert!(page.texts("#started_at-complaint")[0].contains("2019-02-01T14:30Z"), "it says what would be right");
    let kept = fields(&page);
    for (name, value) in &form {
        if name != "csrf" && !value.is_empty() {
            assert!(kept.contains(&(name.clone(), value.clone())), "{name} was lost: {value}");
        }
    }
    assert_inert("errors", &page);
    assert!(client.get("/api/v1/stories").json()["results"].as_array().expect("results").is_empty());
}

#[tokio::test]
async fn titles_in_any_script_are_shown_and_found() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    for (title, word) in [
        ("集群地址段耗尽导致部署停滞", "地址"),
        ("نفاد عناوين الشبكة", "عناوين"),
        ("👩‍👩‍👧‍👦 family of pods evicted 🔥", "evicted"),
        ("Ünïcödé naïve café", "café"),
    ] {
        let path = saved(&save(client, "/stories/new", &filled(client, title)));
        assert!(path.is_ascii() && path.len() > "/stories/".len(), "{path}");
        assert_eq!(client.get(&path).texts("h1"), [title]);
        let slug = path.trim_start_matches("/stories/").to_owned();
        eventually(Duration::from_secs(2), title, || client.finds(word).contains(&slug));
    }
}

#[tokio::test]
async fn evidence_that_nothing_matches_becomes_the_symptom_of_a_new_story() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let evidence = "qwertz: frobnicator <b>jammed</b>\n  indented: yes\n```\nfence";
    let page = client.post_form("/", &[("evidence", &format!("{evidence}\n{}", "more of it ".repeat(200)))]);
    assert_eq!(page.status, 200);
    let start = "form[action='/stories/new']";
    let hidden = page.attributes(&format!("{start} input[type=hidden]"), "name");
    assert_eq!(hidden, ["action", "symptom"]);
    let values = page.attributes(&format!("{start} input[type=hidden]"), "value");
    let form: Fields = hidden.into_iter().zip(values).collect();
    let page = send(client, "/stories/new", &form);
    assert_eq!(page.status, 200, "{}", page.text);
    let mut form = fields(&page);
    let symptom = self::values(&form, "symptom")[0].to_owned();
    assert!(
        symptom.starts_with("````text\nqwertz: frobnicator <b>jammed</b>\n  indented: yes\n```\nfence"),
        "{symptom}"
    );
    for (name, value) in story("Frobnicator jammed").as_object().expect("object") {
        if name != "symptom" {
            set(&mut form, name, value.as_str().expect("text"));
        }
    }
    let path = saved(&save(client, "/stories/new", &form));
    assert!(client.get(&path).texts("pre").concat().contains("frobnicator <b>jammed</b>"));
}

#[tokio::test]
async fn a_pattern_that_does_not_exist_is_an_error_beside_the_patterns() {
    let (node, _database) = server::with_library().await;
    let mut form = filled(&node.client, "Of an unknown pattern");
    set(&mut form, "patterns", "no-such-pattern");
    let page = save(&node.client, "/stories/new", &form);
    assert_eq!(page.status, 422, "{}", page.text);
    assert_eq!(page.attributes("#complaints a", "href"), ["#patterns"]);
    assert!(page.texts("#complaints a")[0].contains("no-such-pattern"));
    assert!(
        fields(&page).contains(&("patterns".to_owned(), "no-such-pattern".to_owned())),
        "kept until it is unticked"
    );
}
