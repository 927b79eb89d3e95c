//! Rules on their way in: tried on their examples and on everybody's, refused with the line that broke them, and never
//! lost.

use serde_json::{Value, json};

use super::{Fields, fields, filled, press, save, saved, send, set, set_row, stored, values};
use crate::browsing::assert_inert;
use crate::server::{self, Answer, Client, SOON, eventually, story};

/// A rule that looks for a word, as the API takes it.
fn looking_for(word: &str, fires_on: &[&str], silent_on: &[&str]) -> Value {
    json!({
        "kind": "log", "name": format!("It says {word}"), "text": format!("set:\n  match:\n    - value: {word}"),
        "fires_on": fires_on, "silent_on": silent_on,
    })
}

fn with_rules(title: &str, rules: &[Value]) -> Value {
    let mut story = story(title);
    story["rules"] = json!(rules);
    story
}

/// Submits a story over the API and gives its path.
fn published(client: &Client, title: &str, rules: &[Value]) -> String {
    format!("/stories/{}", client.submit(&with_rules(title, rules)))
}

/// A new form with a rule in it.
fn with_rule(client: &Client, title: &str, word: &str, fires_on: &str, silent_on: &str) -> Fields {
    let mut form = filled(client, title);
    set(&mut form, "rules_kind", "log");
    set(&mut form, "rules_name", "Frost");
    set(&mut form, "rules_text", &format!("set:\n  match:\n    - value: {word}"));
    set(&mut form, "fires_on_text", fires_on);
    set(&mut form, "silent_on_text", silent_on);
    form
}

/// Checks that a form came back with everything that had been typed.
fn assert_kept(page: &Answer, sent: &Fields) {
    let again = fields(page);
    for (name, value) in sent.iter().filter(|(name, value)| !value.is_empty() && !["csrf", "action"].contains(&&**name))
    {
        assert!(again.iter().any(|(found, kept)| found == name && kept == value), "{name}: {value:?} was lost");
    }
    assert_inert("the form", page);
}

#[tokio::test]
async fn a_rule_that_fails_an_example_is_refused_with_the_line_beside_its_field() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = with_rule(client, "Frost", "frost", "nothing here", "one\nall is fine\nthen frost");
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 422, "{}", page.text);
    assert_eq!(page.attributes("#complaints a", "href"), ["#rules-0-fires_on-0", "#rules-0-silent_on-0"]);
    let beside = page.texts("#rules-0-silent_on-0-complaint").concat();
    assert!(beside.contains("it fires on line 3: \"then frost\"; expected it to stay silent"), "{beside}");
    assert!(page.texts("#rules-0-fires_on-0-complaint").concat().contains("expected it to fire"));
    assert_kept(&page, &form);

    let mut form = fields(&page);
    set(&mut form, "fires_on_text", "\tfrost at dawn\n\tat noon");
    set(&mut form, "silent_on_text", "");
    set(&mut form, "rules_text", "set:\n  match:\n    - valeu: frost");
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 422, "{}", page.text);
    assert_eq!(page.attributes("#complaints a", "href"), ["#rules-0-text"]);
    assert!(page.texts("#rules-0-text-complaint").concat().contains("line 3"), "the line of the rule is named");

    set(&mut form, "rules_text", "set:\n  match:\n    - value: frost");
    let path = saved(&save(client, "/stories/new", &form));
    let rule = &stored(client, &path)["rules"][0];
    assert_eq!(rule["fires_on"], json!(["\tfrost at dawn\n\tat noon"]));
    assert_eq!(rule.get("silent_on"), None);
    assert_eq!(client.get(&path).texts(".rule-examples > summary"), ["Fires on 1 example"]);
}

#[tokio::test]
async fn the_api_refuses_the_same_rules_in_the_same_words() {
    let (node, _database) = server::empty().await;
    published(&node.client, "Snow", &[looking_for("snow", &["snow and frost"], &[])]);
    let rules = [
        looking_for("frost", &["frost", "dew"], &["frost"]),
        json!({"kind": "manifest", "name": "Broken", "text": "object.kind ==", "fires_on": ["kind: Pod"]}),
    ];
    let answer = node.client.post_json("/api/v1/stories", &with_rules("Frost", &rules));
    assert_eq!(answer.status, 422, "{}", answer.text);
    let errors = answer.json()["errors"].clone();
    let named: Vec<&str> = errors.as_array().expect("errors").iter().filter_map(|it| it["field"].as_str()).collect();
    assert_eq!(named, ["rules[0].fires_on[1]", "rules[0].silent_on[0]", "rules[1].text", "rules[0].also_fires"]);
    let crossing = errors[3]["message"].as_str().expect("message");
    assert!(crossing.contains("stories/snow (example 1 of rule 1, line 1: \"snow and frost\")"), "{crossing}");
    assert_eq!(node.client.get("/stories/frost").status, 404, "nothing was saved");
}

#[tokio::test]
async fn firing_on_another_failure_takes_a_reason_which_the_form_asks_for() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let snow = published(client, "Snow", &[looking_for("snow", &["snow and frost"], &[])]);
    let form = with_rule(client, "Frost", "frost", "frost", "");
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 422, "{}", page.text);
    assert_eq!(page.attributes("#complaints a", "href"), ["#rules-0-also_fires"]);
    assert!(!page.attributes(".rule-elsewhere[open]", "class").is_empty(), "the reasons are unfolded");
    assert_kept(&page, &form);
    let asked = fields(&page);
    assert_eq!(values(&asked, "also_fires_on"), [&snow[1..]]);

    // Made narrower instead, it is saved although the row that asked is still there, empty.
    let mut narrower = asked.clone();
    set(&mut narrower, "rules_text", "set:\n  match:\n    - regex: ^frost$");
    set(&mut narrower, "title", "Narrower frost");
    let path = saved(&save(client, "/stories/new", &narrower));
    assert_eq!(stored(client, &path)["rules"][0].get("also_fires"), None);

    let mut justified = asked;
    set(&mut justified, "also_fires_because", "Both freeze; only one is white.");
    set(&mut justified, "id", "0197a000-0000-7000-8000-000000000002");
    set(&mut justified, "title", "Justified frost");
    set(&mut justified, "duplicate_ok", "yes");
    let narrow = "stories/narrower-frost";
    let page = save(client, "/stories/new", &justified);
    assert_eq!(page.status, 422, "by now it fires on the narrower one too: {}", page.text);
    let mut justified = fields(&page);
    assert_eq!(values(&justified, "also_fires_on"), [&snow[1..], narrow]);
    set_row(&mut justified, "also_fires_because", 1, "It is the same frost.");
    let path = saved(&save(client, "/stories/new", &justified));
    assert_eq!(stored(client, &path)["rules"][0]["also_fires"][1]["on"], narrow);
    assert!(client.get(&path).texts(".rule-also").concat().contains("only one is white"));
}

#[tokio::test]
async fn stories_of_one_pattern_may_share_a_log() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let mut sent = with_rules("Ours", &[looking_for("sleet", &["sleet"], &[])]);
    sent["patterns"] = json!(["pod-ip-range-exhausted"]);
    client.submit(&sent);
    let mut form = with_rule(client, "Theirs", "sleet", "sleet on the road", "");
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 422, "{}", page.text);
    form = fields(&page);
    set(&mut form, "patterns", "pod-ip-range-exhausted");
    set(&mut form, "duplicate_ok", "yes");
    saved(&save(client, "/stories/new", &form));
}

#[tokio::test]
async fn what_an_edit_changes_elsewhere_is_shown_once_before_it_is_saved() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = published(client, "Frost", &[looking_for("frost", &["frost"], &[])]);
    published(client, "Snow", &[looking_for("snow", &["snow"], &["a hail storm", "only hail"])]);
    let edit = format!("{path}/edit");

    let mut form = fields(&client.get(&edit));
    set(&mut form, "summary", "Nothing but a typing error.");
    saved(&save(client, &edit, &form));

    let mut form = fields(&client.get(&edit));
    set(&mut form, "rules_text", "set:\n  match:\n    - regex: frost|hail");
    let page = save(client, &edit, &form);
    assert_eq!(page.status, 409, "{}", page.text);
    let told = page.texts("#blast").concat();
    assert!(told.contains("Will fire on") && told.contains("stories/snow"), "{told}");
    assert!(told.contains("counterexample 2 of rule 1") && told.contains("only hail"), "{told}");
    assert_eq!(stored(client, &path)["revision"], 2, "nothing has been saved");
    assert_kept(&page, &form);
    let mark = page.attributes("#save[name=blast_ok]", "value");

    // Changed once more after it was shown, it has to be shown again.
    let mut other = fields(&page);
    set(&mut other, "rules_text", "set:\n  match:\n    - regex: frost|only");
    set(&mut other, "blast_ok", &mark[0]);
    assert_eq!(send(client, &edit, &other).status, 409);

    let mut accepted = fields(&page);
    set(&mut accepted, "blast_ok", &mark[0]);
    saved(&send(client, &edit, &accepted));
    assert_eq!(stored(client, &path)["revision"], 3);
}

#[tokio::test]
async fn rules_are_tried_without_saving_while_the_rest_is_still_unwritten() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    published(client, "Snow", &[looking_for("snow", &["snow", "snow and frost"], &[])]);
    let mut form = with_rule(client, "", "frost", "one\ntwo\nfrost on three\nfour", "frost");
    set(&mut form, "summary", "");
    let (page, again) = press(client, "/stories/new", form.clone(), "try");
    assert_kept(&page, &form);
    assert_eq!(page.texts("#trial .trial-right mark"), ["frost on three"]);
    assert!(page.texts("#trial .trial-wrong").concat().contains("Counterexample 1: it fires on line 1"));
    let elsewhere = page.texts("#trial li").concat();
    assert!(elsewhere.contains("stories/snow") && elsewhere.contains("example 2 of rule 1"), "{elsewhere}");
    assert_eq!(values(&again, "also_fires_on"), ["stories/snow"]);
    eventually(SOON, "indexed", || client.get("/api/v1/stories").json()["total"] == 1);
    assert_eq!(client.get("/api/v1/stories").json()["total"], 1, "nothing was saved");
}

#[tokio::test]
async fn rows_of_examples_come_and_go_without_scripts_and_without_moving_the_others() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = with_rule(client, "Frost", "frost", "frost one", "dew");
    let (_, form) = press(client, "/stories/new", form, "add:rules");
    let (page, mut form) = press(client, "/stories/new", form, "add:rules:1:fires_on");
    assert!(!page.attributes("#rules-1-fires_on-1[autofocus]", "id").is_empty(), "the new row takes the focus");
    assert_eq!(values(&form, "fires_on_rule"), ["0", "1", "1"]);
    set_row(&mut form, "fires_on_text", 1, "second");
    set_row(&mut form, "fires_on_text", 2, "third");
    let (_, form) = press(client, "/stories/new", form, "remove:rules:1:fires_on:0");
    assert_eq!(values(&form, "fires_on_text"), ["frost one", "third"]);
    let (_, form) = press(client, "/stories/new", form, "remove:rules:0");
    assert_eq!((values(&form, "fires_on_text"), values(&form, "fires_on_rule")), (vec!["third"], vec!["0"]));
    assert_eq!(values(&form, "silent_on_text"), [""]);
}

#[tokio::test]
async fn a_password_in_an_example_is_shown_before_it_is_published_and_masked_when_told_so() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = with_rule(client, "Frost", "frost", "frost: password=Tr0ub4dor-and-three", "");
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 409, "{}", page.text);
    assert_eq!(page.attributes("#secrets a", "href"), ["#rules-0-fires_on-0"]);
    assert!(page.texts("#secrets").concat().contains("1 password"));
    assert_kept(&page, &form);
    let (page, masked) = press(client, "/stories/new", fields(&page), "mask");
    assert!(!page.text.contains("Tr0ub4dor"), "{}", page.text);
    assert_eq!(page.texts("#trial .trial-right").len(), 1, "the rule still fires");
    let path = saved(&save(client, "/stories/new", &masked));
    assert!(!stored(client, &path).to_string().contains("Tr0ub4dor"));

    // A made-up one may be published as it is.
    let mut form = with_rule(client, "Rime", "rime", "rime: password=Tr0ub4dor-and-three", "");
    set(&mut form, "secrets_ok", "yes");
    saved(&send(client, "/stories/new", &form));
}
