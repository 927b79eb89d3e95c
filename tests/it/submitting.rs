//! Writing a story in a browser without scripts: the form, what it says when something is wrong, and that nothing is ever lost.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Barrier;
use std::time::Duration;

use scraper::Selector;
use serde_json::json;

use crate::browsing::assert_inert;
use crate::database::folder;
use crate::faults::postmaster;
use crate::program::Serving;
use crate::server::{self, Answer, Client, Node, NodeOptions, eventually, story};

/// The name and value of everything that a browser would send with a form.
pub type Fields = Vec<(String, String)>;

/// What the story form of a page would send, without a button.
pub fn fields(page: &Answer) -> Fields {
    let html = page.html();
    let selector = |text| Selector::parse(text).expect("selector");
    let form = html.select(&selector("form#story-form")).next();
    let form = form.unwrap_or_else(|| panic!("no story form ({}): {}", page.status, page.text));
    let options = selector("option");
    let mut fields = Vec::new();
    for control in form.select(&selector("input, textarea, select")) {
        let attribute = |name| control.value().attr(name).map(str::to_owned);
        let Some(name) = attribute("name") else { continue };
        let value = match (control.value().name(), attribute("type").as_deref()) {
            ("textarea", _) => Some(control.text().collect()),
            ("select", _) => {
                let all: Vec<_> = control.select(&options).collect();
                let chosen = all.iter().find(|option| option.value().attr("selected").is_some()).or(all.first());
                chosen.map(|option| option.value().attr("value").expect("every option has a value").to_owned())
            }
            (_, Some("checkbox" | "radio")) => attribute("checked").and(attribute("value")),
            _ => attribute("value").or(Some(String::new())),
        };
        fields.extend(value.map(|value| (name, value)));
    }
    fields
}

/// Types into the first control of a name, or adds it: a ticked box, a pressed button.
pub fn set(fields: &mut Fields, name: &str, value: &str) {
    match fields.iter_mut().find(|(found, _)| found == name) {
        Some((_, old)) => value.clone_into(old),
        None => fields.push((name.to_owned(), value.to_owned())),
    }
}

/// Types into the control of a row, counted from 0.
fn set_row(fields: &mut Fields, name: &str, row: usize, value: &str) {
    let control = fields.iter_mut().filter(|(found, _)| found == name).nth(row);
    let (_, old) = control.unwrap_or_else(|| panic!("{name} has no row {row}"));
    value.clone_into(old);
}

/// The values of a name, in the order of the form.
fn values<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    fields.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
}

/// Sends a form as a browser does.
pub fn send(client: &Client, path: &str, fields: &Fields) -> Answer {
    // Browsers send line breaks in this form, whatever was typed.
    let sent: Fields = fields
        .iter()
        .map(|(name, value)| (name.clone(), value.replace("\r\n", "\n").replace('\n', "\r\n")))
        .collect();
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_form(path, &sent)
}

/// Presses a button of the form and reads the form that comes back.
fn press(client: &Client, path: &str, mut fields: Fields, action: &str) -> (Answer, Fields) {
    set(&mut fields, "action", action);
    let page = send(client, path, &fields);
    assert_eq!(page.status, 200, "{action}: {}", page.text);
    let fields = self::fields(&page);
    (page, fields)
}

/// A new form with the required fields filled in.
fn filled(client: &Client, title: &str) -> Fields {
    let mut fields = fields(&client.get("/stories/new"));
    let story = story(title);
    for (name, value) in story.as_object().expect("object") {
        set(&mut fields, name, value.as_str().expect("text"));
    }
    fields
}

fn save(client: &Client, path: &str, fields: &Fields) -> Answer {
    let mut fields = fields.clone();
    set(&mut fields, "action", "save");
    send(client, path, &fields)
}

/// The path that a saved story's form leads to.
#[track_caller]
fn saved(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").split('?').next().unwrap_or_default().to_owned()
}

/// The story at a path as the API has it.
fn stored(client: &Client, path: &str) -> serde_json::Value {
    client.get(&format!("/api/v1{path}")).json()
}

const MULTILINE: &str = "First line\n\n```\n0/256 nodes are available\n```\n\nLast line & <b>more</b>";

#[tokio::test]
async fn every_field_of_the_form_is_saved_as_it_was_typed() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let mut form = filled(client, "Every field of the form");
    for list in ["timeline", "rules", "references", "action_items", "translations"] {
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
        set_row(&mut form, "rules_text", row, "a:\n  b: \"<c>\"\n");
        set_row(&mut form, "references_kind", row, ["report", "tool"][row]);
        set_row(&mut form, "references_title", row, ["Their report", ""][row]);
        set_row(&mut form, "references_url", row, "https://example.com/a?b=c&d=e#f");
        set_row(&mut form, "action_items_text", row, "Alert earlier");
        set_row(&mut form, "action_items_owner", row, ["platform team", ""][row]);
        set_row(&mut form, "action_items_due", row, ["2020-03-01", ""][row]);
        set_row(&mut form, "action_items_done", row, ["yes", "no"][row]);
        set_row(&mut form, "translations_language", row, ["zh", "ar"][row]);
        set_row(&mut form, "translations_title", row, ["没有地址的 Pod", "نفدت العناوين"][row]);
        set_row(&mut form, "translations_symptom", row, ["部署停滞了", "توقف النشر"][row]);
    }

    let path = saved(&save(client, "/stories/new", &form));
    assert_eq!(path, "/stories/every-field-of-the-form");
    let mut stored = stored(client, &path);
    for varying in ["id", "created_at", "updated_at", "published_at"] {
        assert!(stored.as_object_mut().expect("object").remove(varying).is_some(), "{varying}");
    }
    assert_eq!(
        stored,
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
                {"kind": "manifest", "name": "A rule", "text": "a:\n  b: \"<c>\""},
                {"kind": "metric", "name": "A rule", "text": "a:\n  b: \"<c>\""},
            ],
            "references": [
                {"kind": "report", "title": "Their report", "url": "https://example.com/a?b=c&d=e#f"},
                {"kind": "tool", "url": "https://example.com/a?b=c&d=e#f"},
            ],
            "action_items": [
                {"text": "Alert earlier", "owner": "platform team", "due": "2020-03-01", "done": true},
                {"text": "Alert earlier", "done": false},
            ],
            "translations": [
                {"language": "zh", "title": "没有地址的 Pod", "symptom": "部署停滞了"},
                {"language": "ar", "title": "نفدت العناوين", "symptom": "توقف النشر"},
            ],
        })
    );

    // Opened to be edited and saved without a change, it is the same story: the form loses nothing.
    let edit = client.get(&format!("{path}/edit"));
    assert_eq!(saved(&save(client, &format!("{path}/edit"), &fields(&edit))), path);
    assert_eq!(client.get(&format!("/api/v1{path}")).json()["revision"], 1);
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
    assert_eq!(page.texts("#preview h2"), ["Only a preview"]);
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
async fn a_story_very_like_another_is_asked_about_first_and_published_when_told_so() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let known = stored(client, "/stories/loveholidays-gke-pod-ip-exhaustion");
    let mut form = filled(client, known["title"].as_str().expect("title"));
    set(&mut form, "symptom", known["symptom"].as_str().expect("symptom"));
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 409, "{}", page.text);
    let links = page.attributes("#similar a", "href");
    assert!(links.contains(&"/stories/loveholidays-gke-pod-ip-exhaustion".to_owned()), "{links:?}");
    assert!(!page.attributes("button[name=duplicate_ok][value=yes]", "value").is_empty(), "Publish anyway");
    let mut form = fields(&page);
    assert_eq!(values(&form, "symptom"), [known["symptom"].as_str().expect("symptom")]);
    // The button "Publish anyway" is named so and is the only one pressed.
    set(&mut form, "duplicate_ok", "yes");
    let path = saved(&send(client, "/stories/new", &form));
    assert_ne!(path, "/stories/loveholidays-gke-pod-ip-exhaustion");
    assert_eq!(client.get(&path).status, 200);
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_story() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = filled(client, "Sent twice");
    let barrier = Barrier::new(4);
    let paths: Vec<String> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    saved(&save(client, "/stories/new", &form))
                })
            })
            .collect();
        sending.into_iter().map(|thread| thread.join().expect("sent")).collect()
    });
    assert_eq!(paths, ["/stories/sent-twice"; 4]);
    // And once more when the index knows it: it is no duplicate of itself.
    eventually(Duration::from_secs(2), "indexed", || !client.finds("twice").is_empty());
    assert_eq!(saved(&save(client, "/stories/new", &form)), "/stories/sent-twice");
    assert_eq!(client.finds("twice"), ["sent-twice"]);
    assert_eq!(stored(client, "/stories/sent-twice")["revision"], 1);
}

#[tokio::test]
async fn an_edit_of_an_old_revision_is_shown_both_texts_and_saves_when_told_again() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = saved(&save(client, "/stories/new", &filled(client, "Edited by two")));
    let edit = format!("{path}/edit");
    let mut mine = fields(&client.get(&edit));
    let mut theirs = mine.clone();
    set(&mut theirs, "lessons", "Theirs: watch the quota");
    set(&mut theirs, "note", "From the review");
    assert_eq!(saved(&save(client, &edit, &theirs)), path);
    set(&mut mine, "lessons", "Mine: watch the addresses");
    set(&mut mine, "impact", "Only mine");
    let page = save(client, &edit, &mine);
    assert_eq!(page.status, 409, "{}", page.text);
    let conflict = page.texts("#conflict").join(" ");
    assert!(conflict.contains("revision 2"), "{conflict}");
    let (struck, added) = (page.texts("#conflict del").join(" "), page.texts("#conflict ins").join(" "));
    assert!(struck.contains("quota"), "theirs is not shown: {conflict}");
    assert!(added.contains("addresses") && added.contains("Only mine"), "mine is not shown: {conflict}");
    assert_inert("conflict", &page);
    let again = fields(&page);
    assert_eq!(values(&again, "lessons"), ["Mine: watch the addresses"]);
    assert_eq!(values(&again, "base"), ["2"]);
    assert_eq!(stored(client, &path)["lessons"], "Theirs: watch the quota", "nothing was overwritten");
    assert_eq!(saved(&save(client, &edit, &again)), path);
    let now = stored(client, &path);
    assert_eq!((&now["revision"], &now["lessons"]), (&json!(3), &json!("Mine: watch the addresses")));
    let history = client.get(&format!("{path}/revisions"));
    assert_eq!(history.texts(".revision-note"), ["From the review"]);
}

#[tokio::test]
async fn of_eight_editors_at_once_one_wins_each_revision_and_the_others_are_told() {
    const EDITORS: usize = 8;
    const ROUNDS: usize = 6;
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = saved(&save(client, "/stories/new", &filled(client, "Edited by eight")));
    let edit = format!("{path}/edit");
    let mut wins = 0;
    for round in 0..ROUNDS {
        let barrier = Barrier::new(EDITORS);
        let statuses: Vec<(usize, u16)> = std::thread::scope(|scope| {
            let editors: Vec<_> = (0..EDITORS)
                .map(|editor| {
                    let (edit, barrier, client) = (&edit, &barrier, client.stranger());
                    scope.spawn(move || {
                        let mut form = fields(&client.get(edit));
                        set(&mut form, "lessons", &format!("Round {round}, editor {editor}"));
                        barrier.wait();
                        (editor, save(&client, edit, &form).status)
                    })
                })
                .collect();
            editors.into_iter().map(|thread| thread.join().expect("answered")).collect()
        });
        let winners: Vec<usize> = statuses.iter().filter(|(_, status)| *status == 303).map(|(editor, _)| *editor).collect();
        let told = statuses.iter().filter(|(_, status)| *status == 409).count();
        assert_eq!((winners.len(), told), (1, EDITORS - 1), "{statuses:?}");
        wins += winners.len();
        let now = stored(client, &path);
        assert_eq!(now["lessons"], format!("Round {round}, editor {}", winners[0]), "what was acknowledged is there");
        assert_eq!(now["revision"], json!(1 + wins));
    }
    let history = client.get(&format!("{path}/revisions"));
    assert_eq!(history.texts(".revision-list > li").len(), 1 + wins);
}

#[tokio::test]
async fn a_new_title_moves_the_story_and_every_old_address_leads_there() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut path = saved(&save(client, "/stories/new", &filled(client, "Name zero")));
    for name in ["Name one", "Name two"] {
        let edit = format!("{path}/edit");
        let mut form = fields(&client.get(&edit));
        set(&mut form, "title", name);
        path = saved(&save(client, &edit, &form));
    }
    assert_eq!(path, "/stories/name-two");
    for rest in ["", "/edit", "/revisions", ".md"] {
        let moved = client.get(&format!("/stories/name-zero{rest}"));
        assert_eq!((moved.status, moved.header("location")), (301, format!("/stories/name-two{rest}").as_str()));
    }
    let moved = client.get("/api/v1/stories/name-one");
    assert_eq!((moved.status, moved.header("location")), (301, "/api/v1/stories/name-two"));
    // A form that was opened under the old name still saves.
    let mut form = fields(&client.get("/stories/name-two/edit"));
    set(&mut form, "lessons", "Saved under its old name");
    assert_eq!(saved(&save(client, "/stories/name-zero/edit", &form)), "/stories/name-two");
}

#[tokio::test]
async fn two_stories_of_one_title_have_two_addresses() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut paths = Vec::new();
    for _ in 0..3 {
        let mut form = filled(client, "The same title");
        set(&mut form, "duplicate_ok", "yes");
        paths.push(saved(&save(client, "/stories/new", &form)));
    }
    assert_eq!(paths, ["/stories/the-same-title", "/stories/the-same-title-2", "/stories/the-same-title-3"]);
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
    assert!(symptom.starts_with("````text\nqwertz: frobnicator <b>jammed</b>\n  indented: yes\n```\nfence"), "{symptom}");
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
    assert!(fields(&page).contains(&("patterns".to_owned(), "no-such-pattern".to_owned())), "kept until it is unticked");
}

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
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
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
        vec![("x-forwarded-for", "192.0.2.1"), ("origin", own.as_str())],
        vec![("forwarded", "for=192.0.2.1"), ("origin", own.as_str())],
        vec![("via", "1.1 proxy"), ("origin", own.as_str())],
        vec![("x-real-ip", "192.0.2.1"), ("origin", own.as_str())],
    ] {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(&headers);
        for path in ["/stories/new", "/stories/any/edit"] {
            assert_eq!(client.post(path, &all, &form).status, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(client.get("/stories/from-elsewhere").status, 404);
}

#[tokio::test]
async fn a_visitor_through_a_proxy_is_not_offered_the_form() {
    let (node, _database) = server::with_library().await;
    let proxied = [("x-forwarded-for", "192.0.2.1")];
    let page = node.client.request("GET", "/stories/new", &proxied, None).expect("answer");
    assert_eq!(page.status, 403);
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
    let options = NodeOptions { submissions: casebook::web::Submissions::Off, ..NodeOptions::default() };
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
        let children = String::from_utf8(children.stdout).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" ");
        let paused = Self(format!("{pid} {children}"));
        assert!(paused.signal("STOP"), "stop");
        paused
    }

    fn signal(&self, signal: &str) -> bool {
        Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.0)]).status().is_ok_and(|status| status.success())
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
