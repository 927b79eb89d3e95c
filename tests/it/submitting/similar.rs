//! What resembles the story that is being written: beside the form, with a button and without a save.

use super::{fields, filled, press, send, set, values};
use crate::browsing::assert_inert;
use crate::server::{self, Answer, Client};

const LOVEHOLIDAYS: &str = "/stories/loveholidays-gke-pod-ip-exhaustion";

const TITLE: &str = "Pods without an address: the node pool had used up its pod range";

const SYMPTOM: &str = "A deployment hung. `0/256 nodes are available`, IP_SPACE_EXHAUSTED in the subnet.";

fn panel(client: &Client, fields: &[(&str, &str)]) -> Answer {
    let answer = client.post_form("/stories/new/similar", fields);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_inert("the panel", &answer);
    answer
}

#[tokio::test]
async fn a_panel_shows_what_resembles_a_title_and_a_symptom() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let found = panel(client, &[("title", TITLE), ("symptom", SYMPTOM)]);
    assert_eq!(found.attributes(".similar-list li > a", "href")[0], LOVEHOLIDAYS);
    let targets = found.attributes(".similar-list li > a", "target");
    assert!(targets.iter().all(|target| target == "_blank"), "what is being written stays where it is: {targets:?}");
    assert_eq!(found.attributes("button[name=link_pattern]", "value")[0], "pod-ip-range-exhausted");
    assert!(!found.attributes(".similar-list li > a", "href").contains(&"/patterns/pod-ip-range-exhausted".to_owned()));
    assert_eq!(found.texts("[data-when=off]:not([hidden])")[0], "Link this pattern");
    let linked = panel(client, &[("title", TITLE), ("symptom", SYMPTOM), ("patterns", "pod-ip-range-exhausted")]);
    assert_eq!(linked.texts("[data-when=on]:not([hidden])")[0], "✓ Linked, undo");

    assert!(found.attributes("#similar-found", "data-said").concat().ends_with("similar story"));
    let none = panel(client, &[("title", "zyxomma qwertzuiop blorft")]);
    assert_eq!(none.attributes("#similar-found", "data-said"), ["No similar stories"]);
    let waiting = panel(client, &[("title", " "), ("symptom", "")]);
    assert_eq!(waiting.attributes("#similar-found", "data-said"), [""]);
}

#[tokio::test]
async fn odd_text_is_compared_like_any_other() {
    let (node, _database) = server::empty().await;
    let long = "0/256 nodes are available\n".repeat(20_000);
    for odd in ["\0", "👩‍👩‍👧‍👦🔥", "地址段耗尽", "<script>alert(1)</script>", "((((\"", long.as_str()]
    {
        panel(&node.client, &[("title", odd), ("symptom", odd)]);
    }
    assert_eq!(node.client.get("/stories/new/similar").status, 405);
}

#[tokio::test]
async fn without_scripts_a_button_shows_similar_stories_and_loses_nothing() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let mut form = filled(client, TITLE);
    set(&mut form, "symptom", SYMPTOM);
    let (page, again) = press(client, "/stories/new", form.clone(), "similar");
    assert_eq!(page.attributes("#similar-stories .similar-list li > a", "href")[0], LOVEHOLIDAYS);
    assert_eq!(page.attributes("[autofocus]", "id"), ["similar-stories"]);
    for (name, value) in form.iter().filter(|(name, _)| name != "csrf") {
        assert!(values(&again, name).contains(&value.as_str()), "{name} was lost: {value}");
    }
    // The button beside a pattern ticks it, and takes the tick back.
    let mut form = again;
    set(&mut form, "link_pattern", "pod-ip-range-exhausted");
    let mut form = fields(&send(client, "/stories/new", &form));
    assert_eq!(values(&form, "patterns"), ["pod-ip-range-exhausted"]);
    assert_eq!(values(&form, "title"), [TITLE]);
    set(&mut form, "link_pattern", "pod-ip-range-exhausted");
    let page = send(client, "/stories/new", &form);
    assert!(values(&fields(&page), "patterns").is_empty());
    assert_eq!(page.attributes("#similar-stories .similar-list li > a", "href")[0], LOVEHOLIDAYS);
    assert_eq!(client.get("/api/v1/stories").json()["total"], 5, "nothing was saved");
}

#[tokio::test]
async fn a_story_that_exists_is_not_compared_while_it_is_changed() {
    let (node, _database) = server::with_library().await;
    let edit = node.client.get(&format!("{LOVEHOLIDAYS}/edit"));
    assert!(edit.attributes("#similar-stories", "id").is_empty());
}
