//! What the page of a draft shows a reviewer: the story whole, and what a machine found in it.

use casebook::domain::{DraftId, Role};

use super::{World, form, hand_in, page, write};
use crate::browsing::assert_inert;
use crate::server::Answer;

async fn handed_in(world: &World, more: &[(&str, &str)]) -> DraftId {
    let draft = write(&world.database, Some(world.author.account), &form("A draft", more), None).await;
    hand_in(&world.database, world.author.account, Role::Author, draft).await;
    draft
}

/// How the points stand, in their order.
fn standings(page: &Answer) -> Vec<String> {
    page.texts(".checklist .check-standing")
}

#[tokio::test]
async fn the_checklist_says_what_is_met_and_where_to_look() {
    let world = World::new().await;
    let draft = handed_in(
        &world,
        &[
            ("root_cause", "Ada Lovelace reached a limit. Ask ada@example.com, password=hunter2hunter2."),
            ("references_kind", "report"),
            ("references_title", ""),
            ("references_url", "https://10.0.0.1/postmortem"),
        ],
    )
    .await;
    let shown = page(&world.editor.client, draft);
    let met = "Met";
    assert_eq!(standings(&shown), ["Missing", met, "Missing", "Missing", "Look at this", met]);
    let places = shown.texts(".check-places").concat();
    for found in ["Detection rules missing", "somebody's own network", "password", "Ada Lovelace", "ada@example.com"] {
        assert!(places.contains(found), "{found}: {places}");
    }
    let targets = shown.attributes(".check-places a[href^='#']", "href");
    for target in targets {
        assert!(!shown.attributes(&format!("[id='{}']", &target[1..]), "id").is_empty(), "{target} leads nowhere");
    }
    assert!(page(&world.author.client, draft).texts(".checklist").is_empty(), "it is for reviewers");
}

#[tokio::test]
async fn what_is_here_already_is_shown_beside_a_draft_that_resembles_it() {
    let (node, database) = crate::server::with_library().await;
    let editor = crate::people::person(&node, &database.url, Role::Editor).await;
    let title = "Pods without an address: the node pool had used up its pod range";
    let symptom = "A deployment hung. `0/256 nodes are available`, IP_SPACE_EXHAUSTED in the subnet.";
    let draft = write(&database, Some(editor.account), &form(title, &[("symptom", symptom)]), None).await;
    hand_in(&database, editor.account, Role::Editor, draft).await;
    let shown = page(&editor.client, draft);
    let known = shown.attributes(".check-places a[href^='/']", "href");
    assert!(known.contains(&"/stories/loveholidays-gke-pod-ip-exhaustion".to_owned()), "{known:?}");
    assert!(shown.texts(".check-places").concat().contains("% alike"));
}

#[tokio::test]
async fn hostile_drafts_do_no_harm() {
    let world = World::new().await;
    let script = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>";
    for more in [
        &[("symptom", script), ("root_cause", script), ("organization", script), ("lessons", script)][..],
        &[("title", ""), ("timeline_at", "x"), ("timeline_text", script), ("timeline_marker", "")],
        &[("references_url", "javascript:alert(1)"), ("references_kind", "x"), ("references_title", script)],
    ] {
        let draft = handed_in(&world, more).await;
        for client in [&world.editor.client, &world.author.client] {
            assert_inert("the page of a draft", &page(client, draft));
        }
    }
    // What cannot be read at all is said, and can be sent back.
    let draft = write(&world.database, Some(world.author.account), "base=nonsense&title=x", None).await;
    hand_in(&world.database, world.author.account, Role::Author, draft).await;
    let shown = page(&world.editor.client, draft);
    assert!(shown.texts(".sheet").concat().contains("cannot be read"));
    assert_eq!(super::act(&world.editor.client, draft, "publish", "").status, 422);
    super::done(&super::act(&world.editor.client, draft, "ask", "Save it again, please."));
}

#[tokio::test]
async fn an_empty_queue_is_calm() {
    let world = World::new().await;
    let queue = world.editor.client.get("/review");
    assert_eq!(queue.status, 200);
    assert_eq!(queue.texts(".lead"), ["Nothing waits for you. What authors hand in comes up here."]);
}
