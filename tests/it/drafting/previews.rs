//! The preview is the page that readers will see, and nothing of it gets into the way of the form.

use std::collections::BTreeSet;

use crate::server;
use crate::submitting::{fields, filled, press, save, saved, set, values};

#[tokio::test]
async fn the_preview_is_what_the_published_page_says() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = filled(client, "As it will be");
    set(&mut form, "started_at", "2020-01-14T09:30Z");
    set(&mut form, "severity", "sev2");
    set(&mut form, "technologies", "kubernetes, redis");
    set(&mut form, "timeline_at", "2020-01-14T09:30Z");
    set(&mut form, "timeline_text", "It **began**.");
    set(&mut form, "rules_kind", "manifest");
    set(&mut form, "rules_name", "No limit");
    set(&mut form, "rules_text", "object.kind == 'Pod'");
    let (preview, again) = press(client, "/stories/new", form, "preview");
    let path = saved(&save(client, "/stories/new", &again));
    let page = client.get(&path);
    for part in [".record-body h2", ".record-body .prose", ".timeline li", ".rule-text, .rule pre", ".facts-box dt"] {
        let of_preview = preview.texts(&format!("#preview {part}"));
        let mut of_page = page.texts(&format!("main {part}"));
        // Which revision it is belongs to what is published.
        of_page.retain(|text| text != "Published");
        assert_eq!(of_preview, of_page, "{part}");
    }
    assert_eq!(preview.texts("#preview h1"), page.texts("main h1"));
}

#[tokio::test]
async fn a_preview_shows_what_is_right_and_says_what_is_not() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = fields(&client.get("/stories/new"));
    set(&mut form, "title", "Only begun");
    set(&mut form, "started_at", "last Friday");
    let (page, again) = press(client, "/stories/new", form, "preview");
    assert_eq!(page.texts("#preview h1"), ["Only begun"]);
    let left_out = page.texts(".preview-left-out li").join(" ");
    assert!(left_out.contains("Started") && left_out.contains("Symptom is missing."), "{left_out}");
    assert_eq!(values(&again, "started_at"), ["last Friday"]);
    let ids = page.attributes("[id]", "id");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id twice: {ids:?}");
}
