//! Action items that lead to where they are followed, and times written in another zone.

use super::form;
use crate::server::{self, story};
use crate::submitting::{send, set};

#[tokio::test]
async fn an_action_item_leads_to_its_tracker_wherever_the_story_goes() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost in the sensor");
    set(&mut written, "action_items_text", "Alert earlier");
    set(&mut written, "action_items_link", "https://tracker.example.com/issues/7");
    set(&mut written, "started_at", "2026-01-05 14:03 +08:00");
    set(&mut written, "action", "save");
    let saved = send(client, "/stories/new", &written);
    assert_eq!(saved.status, 303, "{}", saved.text);
    let path = saved.header("location").split('?').next().expect("a path").to_owned();
    let page = client.get(&path);
    assert_eq!(page.attributes(".action-facts a", "href"), ["https://tracker.example.com/issues/7"]);
    assert_eq!(page.texts(".action-facts a"), ["Follow it at tracker.example.com"]);
    assert!(page.attributes(".facts-box time", "datetime").contains(&"2026-01-05T06:03Z".to_owned()));
    let json = client.get(&format!("/api/v1{path}")).json();
    assert_eq!(json["action_items"][0]["link"], "https://tracker.example.com/issues/7");
    let file = client.get(&format!("{path}.md")).text;
    assert!(file.contains("link: https://tracker.example.com/issues/7"), "{file}");
    assert!(file.contains("started_at: 2026-01-05T06:03Z"), "{file}");
    let form = client.get(&format!("{path}/edit"));
    assert_eq!(form.attributes("[name=action_items_link]", "value"), ["https://tracker.example.com/issues/7"]);
}

#[tokio::test]
async fn a_tracker_link_that_is_no_address_is_refused_beside_its_field() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost");
    set(&mut written, "action_items_text", "Alert earlier");
    set(&mut written, "action_items_link", "javascript:alert(1)");
    set(&mut written, "action", "save");
    let page = send(client, "/stories/new", &written);
    assert_eq!(page.status, 422);
    assert_eq!(page.attributes("#complaints a", "href"), ["#action_items-0-link"]);
    let mut sent = story("Frost");
    sent["action_items"] = serde_json::json!([{ "text": "Alert", "link": "ftp://example.com" }]);
    let answer = client.post_json("/api/v1/stories", &sent);
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("action_items[0].link"), "{}", answer.text);
}
