//! Rules tried on a paste, and suggested for lines of it.

use super::{ask, form, press, values};
use crate::browsing::assert_inert;
use crate::server::{self, story};
use crate::submitting::{Fields, send, set};

const LOG: &str = "2026-01-05T14:03:00Z frostling sensor 17 lost its heartbeat\n\
                   2026-01-05T14:03:05Z ordinary line\n\
                   2026-01-05T14:03:20Z glacier valve closed by password=hunter2hunter2";

fn tick(form: &mut Fields, lines: &[u32]) {
    form.retain(|(name, _)| name != "evidence_line");
    form.extend(lines.iter().map(|line| ("evidence_line".to_owned(), line.to_string())));
}

#[tokio::test]
async fn without_scripts_a_rule_is_tried_suggested_and_added_and_nothing_is_lost() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost in the sensor");
    set(&mut written, "rules_kind", "log");
    set(&mut written, "rules_text", "set:\n  match:\n    - ordinary line");
    set(&mut written, "evidence", LOG);

    let (page, mut tried) = press(client, &written, "aid:try");
    assert_eq!(page.texts(".aid-tried .trial-right .trial-word"), ["Rule 1 fires on line 2."]);
    assert_eq!(page.texts(".aid-line mark"), ["2026-01-05T14:03:05Z ordinary line"]);
    assert_eq!(page.texts(".aid-line").len(), 3);
    assert!(page.texts(".aid-masked").concat().contains("1 password"));
    assert!(!page.texts(".aid-line").concat().contains("hunter2"), "a secret is shown");
    assert_eq!(values(&tried, "evidence"), [LOG]);
    assert_inert("the form", &page);

    tick(&mut tried, &[1, 3]);
    let (page, mut offered) = press(client, &tried, "aid:suggest");
    let rule = page.texts(".aid-rule code").concat();
    assert!(rule.starts_with("sequence: window: 30s order:"), "{rule}");
    assert!(page.texts(".aid-offer .trial-right .trial-word")[0].contains("fires on lines 1 and 3"));
    assert_eq!(page.texts(".aid-offer .trial-right .trial-word")[1], "It fires on nothing else that is known here.");
    assert_eq!(values(&offered, "rules_text").len(), 1, "it is offered, not added");

    tick(&mut offered, &[1, 3]);
    let (page, added) = press(client, &offered, "aid:adopt");
    assert_eq!(page.texts(".aid-note"), ["Added as rule 2."]);
    let text = values(&added, "rules_text")[1].split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text, rule);
    let example = values(&added, "fires_on_text")[1];
    assert!(example.contains("frostling") && !example.contains("hunter2"), "{example}");
    for (name, value) in written.iter().filter(|(name, value)| !value.is_empty() && name != "csrf" && name != "action")
    {
        assert!(added.iter().any(|(found, kept)| found == name && kept == value), "{name}: {value:?} was lost");
    }
}

#[tokio::test]
async fn the_lines_may_come_from_the_code_of_the_symptom() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost");
    let (page, _) = press(client, &written, "aid:take");
    assert!(page.texts(".aid-note").concat().contains("no code block"), "{:?}", page.texts(".aid-note"));
    set(&mut written, "symptom", "It said:\n\n```\nfrostling lost its heartbeat\n```\n");
    let (page, taken) = press(client, &written, "aid:take");
    assert_eq!(values(&taken, "evidence"), ["frostling lost its heartbeat\n"]);
    assert_eq!(page.texts(".aid-line code"), ["frostling lost its heartbeat"]);
    let (page, _) = press(client, &taken, "aid:suggest");
    assert_eq!(page.texts(".aid-note"), ["No line is chosen. Choose those that say what failed."]);
}

#[tokio::test]
async fn a_suggestion_says_on_which_other_failures_it_fires() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut known = story("The old frost");
    known["rules"] = serde_json::json!([{ "kind": "log", "name": "Frost", "text": "set:\n  match:\n    - frostling",
        "fires_on": ["frostling sensor 3 lost its heartbeat"] }]);
    let slug = client.submit(&known);
    let mut written = form(client, "The new frost");
    set(&mut written, "evidence", LOG);
    tick(&mut written, &[1]);
    let part = ask(client, "/aids/rule", &written, "aid:suggest");
    assert_eq!(part.status, 200, "{}", part.text);
    assert_eq!(part.attributes(".aid-elsewhere a", "href"), [format!("/stories/{slug}")]);
}

#[tokio::test]
async fn the_script_gets_the_panel_alone_and_others_a_page() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost");
    set(&mut written, "evidence", LOG);
    tick(&mut written, &[3]);
    let part = ask(client, "/aids/rule", &written, "aid:suggest");
    assert_eq!(part.status, 200);
    assert!(!part.text.contains("<html") && part.text.contains("id=\"rules-aid\""), "{}", part.text);
    assert!(part.attributes(".aid-offer", "data-example").concat().contains("glacier valve"));
    let whole = send(client, "/aids/rule", &written);
    assert_eq!(whole.texts("h1"), ["Try rules on a log"]);
    assert!(whole.texts("#aid-adopt").is_empty(), "there is no form to add it to");
}

#[tokio::test]
async fn a_form_of_another_page_is_refused_by_the_aids() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost");
    set(&mut written, "csrf", "forged");
    set(&mut written, "evidence", LOG);
    set(&mut written, "chat", "[14:03] ada: hello");
    for path in ["/aids/rule", "/aids/timeline"] {
        assert_eq!(send(client, path, &written).status, 403, "{path}");
    }
    set(&mut written, "action", "aid:try");
    let page = send(client, "/stories/new", &written);
    assert_eq!(page.status, 403);
    assert!(page.texts("#evidence").concat().contains("frostling"), "the paste was lost");
}
