//! A draft is its owner's alone, and outlives tab, session and server.

use casebook::domain::{Local, Role};

use super::{MEMBERS, autosave, draft_path, node};
use crate::people::{another_browser, person};
use crate::server::{self, Node, NodeOptions};
use crate::submitting::{fields, filled, save, saved, send, set, values};

#[tokio::test]
async fn a_draft_is_there_for_its_owner_and_for_nobody_else() {
    let (node, database) = node(MEMBERS).await;
    let ada = person(&node, &database.url, Role::Author).await;
    let others = [
        person(&node, &database.url, Role::Author).await,
        person(&node, &database.url, Role::Editor).await,
        person(&node, &database.url, Role::Admin).await,
    ];
    let mut form = fields(&ada.client.get("/stories/new"));
    set(&mut form, "title", "Half a title");
    set(&mut form, "started_at", "not a time yet");
    let answer = autosave(&ada.client, &form);
    assert_eq!((answer.status, answer.header("draft-version")), (204, "1"), "{}", answer.text);
    let path = draft_path(&form);
    let back = fields(&ada.client.get(&path));
    assert_eq!((values(&back, "title"), values(&back, "started_at")), (vec!["Half a title"], vec!["not a time yet"]));
    assert_eq!((values(&back, "id"), values(&back, "draft_version")), (values(&form, "id"), vec!["1"]));
    for other in others {
        let mut theirs = fields(&other.client.get("/stories/new"));
        set(&mut theirs, "draft", values(&form, "draft")[0]);
        set(&mut theirs, "title", "Mine now");
        assert_eq!(other.client.get(&path).status, 404);
        assert_eq!(autosave(&other.client, &theirs).status, 404);
        assert_eq!(send(&other.client, &path, &theirs).status, 404);
        let token = values(&theirs, "csrf")[0].to_owned();
        assert_eq!(other.client.post_form(&format!("{path}/discard"), &[("csrf", &token)]).status, 404);
        assert!(!other.client.get("/drafts").text.contains("Half a title"));
    }
    let stranger = node.client.stranger();
    for hidden in ["/drafts", &path] {
        assert!(stranger.get(hidden).header("location").starts_with("/login?return="));
    }
    assert_eq!(stranger.post_form(&format!("{path}/save"), &[]).status, 401);
    assert_eq!(values(&fields(&ada.client.get(&path)), "title"), ["Half a title"]);
}

#[tokio::test]
async fn a_draft_survives_the_tab_the_session_and_the_node() {
    let (node, database) = node(MEMBERS).await;
    let ada = person(&node, &database.url, Role::Author).await;
    let mut form = filled(&ada.client, "Written on a train");
    set(&mut form, "timeline_text", "A row without a time");
    assert_eq!(autosave(&ada.client, &form).status, 204);
    drop(node);
    let again = Node::start(&database.url, NodeOptions { policy: MEMBERS, ..NodeOptions::default() }).await;
    let elsewhere = another_browser(&again, &database.url, ada.account).await;
    assert_eq!(elsewhere.get("/drafts").texts(".draft-title"), ["Written on a train"]);
    let offered = elsewhere.get("/stories/new").attributes(".form-told a", "href");
    assert_eq!(offered, [draft_path(&form)], "the form says where one left off");
    let back = fields(&elsewhere.get(&draft_path(&form)));
    for name in ["title", "symptom", "root_cause", "timeline_text"] {
        assert_eq!(values(&back, name), values(&form, name), "{name}");
    }
}

#[tokio::test]
async fn whoever_sits_at_the_machine_has_drafts_without_an_account() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = filled(client, "Mine alone");
    set(&mut form, "action", "draft");
    let kept = send(client, "/stories/new", &form);
    assert_eq!((kept.status, kept.header("location")), (303, format!("{}?saved=1", draft_path(&form)).as_str()));
    let page = client.get(kept.header("location"));
    assert!(page.texts(".form-told")[0].starts_with("Draft saved at"), "{:?}", page.texts(".form-told"));
    let list = client.get("/drafts");
    assert_eq!(list.texts(".draft-facts .badge"), ["Being written"]);
    // Published from there, it is no longer being written.
    assert_eq!(saved(&save(client, &draft_path(&form), &fields(&page))), "/stories/mine-alone");
    assert_eq!(client.get("/drafts").texts(".draft-facts .badge"), ["Published"]);
    assert!(client.get("/stories/new").texts(".form-told").is_empty());
    let late = autosave(client, &form);
    assert_eq!(late.status, 409, "{}", late.text);
}

#[tokio::test]
async fn a_discarded_draft_is_gone() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    assert_eq!(client.get("/drafts").texts(".draft-row"), [""; 0]);
    let form = filled(client, "Not worth telling");
    assert_eq!(autosave(client, &form).status, 204);
    let path = draft_path(&form);
    assert_eq!(client.post_form(&format!("{path}/discard"), &[("csrf", "forged")]).status, 403);
    let token = client.get("/drafts").attributes("input[name=csrf]", "value")[0].clone();
    assert_eq!(client.post_form(&format!("{path}/discard"), &[("csrf", &token)]).header("location"), "/drafts");
    assert_eq!(client.get(&path).status, 404);
}

#[tokio::test]
async fn what_is_huge_foreign_or_not_right_at_all_is_kept_as_it_is() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = fields(&client.get("/stories/new"));
    let huge = "0/256 nodes are available\n".repeat(36_000);
    set(&mut form, "symptom", &huge);
    set(&mut form, "title", "👩‍🚒 עברית \u{202e} 没有地址");
    set(&mut form, "root_cause", "a\0b & c=d %41 +");
    let answer = autosave(client, &form);
    assert_eq!(answer.status, 204, "{}", answer.text);
    let back = fields(&client.get(&draft_path(&form)));
    assert_eq!(values(&back, "title"), values(&form, "title"));
    assert_eq!(values(&back, "root_cause"), ["a\u{2400}b & c=d %41 +"], "NUL is shown with its sign");
    assert_eq!(values(&back, "symptom")[0].replace("\r\n", "\n"), huge);
    set(&mut form, "symptom", &"x".repeat(1_100_000));
    assert_eq!(autosave(client, &form).status, 413);
    set(&mut form, "symptom", "fine");
    set(&mut form, "title", "a\0b");
    assert_eq!(autosave(client, &form).status, 204);
    assert_eq!(client.get("/drafts").texts(".draft-title"), ["a\u{2400}b"]);
}

#[tokio::test]
async fn of_two_tabs_the_later_one_is_told_and_both_texts_are_brought_together() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = filled(client, "In two tabs");
    assert_eq!(autosave(client, &form).status, 204);
    let path = draft_path(&form);
    let (mut one, mut other) = (fields(&client.get(&path)), fields(&client.get(&path)));
    set(&mut one, "lessons", "From the first tab");
    assert_eq!(autosave(client, &one).header("draft-version"), "2");
    // The answer was lost on the way; the tab does not stand in its own way.
    set(&mut one, "impact", "Also from the first tab");
    assert_eq!(autosave(client, &one).header("draft-version"), "3");
    set(&mut other, "lessons", "From the second tab");
    let told = autosave(client, &other);
    assert_eq!(told.status, 409);
    assert!(told.text.starts_with("This draft was saved from another page at"), "{}", told.text);
    set(&mut other, "action", "draft");
    let page = send(client, &path, &other);
    assert_eq!(page.status, 409, "{}", page.text);
    let merged = fields(&page);
    let lessons = values(&merged, "lessons")[0].to_owned();
    assert!(lessons.contains("From the first tab") && lessons.contains("From the second tab"), "{lessons}");
    assert_eq!(values(&merged, "impact"), ["Also from the first tab"]);
    assert_eq!(autosave(client, &merged).header("draft-version"), "4");
}

#[tokio::test]
async fn a_form_of_somebody_who_is_logged_out_comes_back_filled_in() {
    let (node, database) = node(MEMBERS).await;
    let ada = person(&node, &database.url, Role::Editor).await;
    let form = filled(&ada.client, "Logged out meanwhile");
    let secret = ada.client.cookies()["casebook-session"].clone();
    for policy_independent in ["save", "hand-in", "draft", "preview", "try"] {
        ada.client.keep_cookie("casebook-session", "ended");
        let mut pressed = form.clone();
        set(&mut pressed, "action", policy_independent);
        let page = send(&ada.client, "/stories/new", &pressed);
        assert_eq!(page.status, 401, "{}", page.text);
        assert!(page.texts("#logged-out").join(" ").starts_with("You are logged out"), "{}", page.text);
        let back = fields(&page);
        for name in ["title", "symptom", "root_cause", "id", "draft"] {
            assert_eq!(values(&back, name), values(&form, name), "{name}");
        }
        ada.client.keep_cookie("casebook-session", &secret);
        let mut again = back;
        set(&mut again, "action", "draft");
        assert_eq!(send(&ada.client, "/stories/new", &again).status, 303, "logged in again, the button works");
    }
    assert_eq!(MEMBERS.local, Local::Like);
    // A body that is no form of ours is refused as everywhere.
    assert_eq!(node.client.stranger().post("/stories/new", &[], "x").status, 401);
}
