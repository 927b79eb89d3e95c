//! A chat log made into rows of the timeline.

use super::{ask, form, press, values};
use crate::server;
use crate::submitting::{fields, send, set};

const CHAT: &str = "Exported on Monday\n[22:03] Ada Lovelace: restarted the pods of api with token=ghp_abcdefghijklmnopqrstuvwxyz0123456789\n\
                    still failing\n[22:10] grace: @ada rolled back";

#[tokio::test]
async fn without_scripts_a_chat_log_becomes_rows_and_what_is_not_read_stays() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost");
    set(&mut written, "started_at", "2026-01-05");
    set(&mut written, "timeline_at", "2026-01-05T13:00Z");
    set(&mut written, "timeline_text", "It began.");
    set(&mut written, "chat", CHAT);
    set(&mut written, "chat_zone", "+08:00");
    let (page, read) = press(client, &written, "aid:chat");
    assert_eq!(values(&read, "timeline_at"), ["2026-01-05T13:00Z", "2026-01-05T14:03Z", "2026-01-05T14:10Z"]);
    let texts = values(&read, "timeline_text");
    assert!(
        texts[1].starts_with("An engineer: restarted the pods") && texts[1].ends_with("still failing"),
        "{texts:?}"
    );
    assert_eq!(texts[2], "An engineer: An engineer rolled back");
    assert!(!texts.concat().contains("ghp_"), "a token went into the timeline");
    assert_eq!(values(&read, "chat"), ["Exported on Monday\n"]);
    let told = page.texts("#chat-answer").concat();
    for words in
        ["2 messages became rows", "Ada Lovelace", "1 token", "This line could not be read", "Exported on Monday"]
    {
        assert!(told.contains(words), "{words:?} is not in {told:?}");
    }
    assert!(page.attributes("#timeline-chat", "open").len() == 1, "the answer is folded away");
}

#[tokio::test]
async fn a_zone_that_cannot_be_read_is_said_beside_its_field() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost");
    set(&mut written, "chat", CHAT);
    set(&mut written, "chat_zone", "Berlin");
    set(&mut written, "chat_day", "Monday");
    set(&mut written, "action", "aid:chat");
    let page = send(client, "/stories/new", &written);
    assert_eq!(page.status, 422);
    assert!(page.texts("title").concat().starts_with("Error: "));
    assert_eq!(page.attributes("#complaints a", "href"), ["#chat_zone", "#chat_day"]);
    assert!(page.texts("#chat_zone-complaint").concat().contains("+08:00"));
    assert_eq!(values(&fields(&page), "chat"), [CHAT]);
    let part = ask(client, "/aids/timeline", &written, "aid:chat");
    assert_eq!(part.status, 422);
    assert!(part.texts(".aid-note").concat().contains("Berlin"));
}

#[tokio::test]
async fn the_script_gets_the_rows_alone() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut written = form(client, "Frost");
    set(&mut written, "chat", CHAT);
    let part = ask(client, "/aids/timeline", &written, "aid:chat");
    assert_eq!(part.status, 200, "{}", part.text);
    assert!(!part.text.contains("<html"));
    assert_eq!(part.attributes(".chat-rows li", "data-at"), ["22:03 UTC", "22:10 UTC"]);
    assert_eq!(part.attributes("#chat-answer", "data-left"), ["Exported on Monday\n"]);
    assert!(part.texts("#chat-answer").concat().contains("give the day"), "{}", part.text);
    assert_eq!(send(client, "/aids/timeline", &written).texts("h1"), ["A timeline from a chat log"]);
}
