//! Handing a draft in: whoever may not publish hands in, and nobody finds it before it is published.

use casebook::domain::{Policy, Role, Submission};
use casebook::service::reviewing::work::Proof;
use sqlx::{Connection, PgConnection};

use super::{MEMBERS, autosave, draft_path, node};
use crate::people::person;
use crate::submitting::{fields, filled, save, saved, send, set, values};

const OPEN: Policy = Policy { submission: Submission::Open, ..MEMBERS };

#[tokio::test]
async fn what_an_author_finishes_goes_to_review_whichever_button_is_pressed() {
    let (node, database) = node(MEMBERS).await;
    let ada = person(&node, &database.url, Role::Author).await;
    for (title, action) in [("Handed in", "hand-in"), ("Not published", "save"), ("Without a button", "")] {
        let mut form = filled(&ada.client, title);
        set(&mut form, "action", action);
        let answer = send(&ada.client, "/stories/new", &form);
        assert_eq!((answer.status, answer.header("location")), (303, draft_path(&form).as_str()), "{}", answer.text);
    }
    let list = ada.client.get("/drafts");
    assert_eq!(list.texts(".draft-facts .badge"), ["Waits for a reviewer"; 3]);
    assert_eq!(ada.client.get("/stories/not-published").status, 404);
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    let told: Vec<(String, String, Option<uuid::Uuid>)> =
        sqlx::query_as("SELECT action, detail, actor_id FROM audit WHERE action = 'submitted' ORDER BY n")
            .fetch_all(&mut connection)
            .await
            .expect("audit");
    let submitted = |title: &str| ("submitted".to_owned(), title.to_owned(), Some(ada.account.0));
    assert_eq!(told, ["Handed in", "Not published", "Without a button"].map(submitted));
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM review_event WHERE kind = 'submitted' AND n = 1")
        .fetch_one(&mut connection)
        .await
        .expect("events");
    assert_eq!(events, 3);
}

#[tokio::test]
async fn what_waits_for_a_reviewer_is_shown_as_it_would_be_and_cannot_be_changed() {
    let (node, database) = node(MEMBERS).await;
    let ada = person(&node, &database.url, Role::Author).await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let other = person(&node, &database.url, Role::Author).await;
    let mut form = filled(&ada.client, "Waits");
    set(&mut form, "action", "hand-in");
    let path = draft_path(&form);
    assert_eq!(send(&ada.client, "/stories/new", &form).header("location"), path);
    assert_eq!(send(&ada.client, "/stories/new", &form).header("location"), path, "sent twice, it is handed in once");
    let page = ada.client.get(&path);
    assert_eq!((page.status, page.texts("h1")), (200, vec!["Waits".to_owned()]));
    assert_eq!(page.attributes("form[action^='/review/'] button", "value"), ["take_back"]);
    assert!(page.texts("#story-form").is_empty());
    assert_eq!(editor.client.get(&path).status, 200);
    assert!(editor.client.get(&path).attributes("form[action^='/review/']", "action").is_empty());
    assert_eq!(other.client.get(&path).status, 404);
    set(&mut form, "lessons", "Too late");
    assert_eq!(autosave(&ada.client, &form).status, 409);
    let back = send(&ada.client, &path, &form);
    assert_eq!(back.status, 409, "{}", back.text);
    assert_eq!(values(&fields(&back), "lessons"), ["Too late"], "what was written is still there");
}

#[tokio::test]
async fn what_is_handed_in_has_to_be_right_as_what_is_published() {
    let (node, database) = node(MEMBERS).await;
    let ada = person(&node, &database.url, Role::Author).await;
    let mut form = filled(&ada.client, "Not right");
    set(&mut form, "summary", "");
    set(&mut form, "action", "hand-in");
    let page = send(&ada.client, "/stories/new", &form);
    assert_eq!((page.status, page.texts("#complaints li")), (422, vec!["Summary is missing.".to_owned()]));
    set(&mut form, "summary", "s");
    set(&mut form, "symptom", "login failed for mallory, password=Tr0ub4dor-and-three");
    let page = send(&ada.client, "/stories/new", &form);
    assert_eq!(page.status, 409, "{}", page.text);
    assert_eq!(page.texts("#save"), ["Hand them in as they are"]);
    let mut masked = fields(&page);
    set(&mut masked, "action", "mask");
    let page = send(&ada.client, "/stories/new", &masked);
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.texts("#masked").join(" ").contains("Symptom: 1 password"), "{:?}", page.texts("#masked"));
    assert!(!page.text.contains("Tr0ub4dor"));
    let mut masked = fields(&page);
    set(&mut masked, "action", "hand-in");
    assert_eq!(send(&ada.client, "/stories/new", &masked).status, 303);
}

#[tokio::test]
async fn an_editor_may_have_somebody_else_look_at_it_first_and_a_button_that_carries_on_does_so() {
    let (node, database) = node(MEMBERS).await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let mut form = filled(&editor.client, "Looked at");
    set(&mut form, "symptom", "password=Tr0ub4dor-and-three");
    set(&mut form, "action", "hand-in");
    let page = send(&editor.client, "/stories/new", &form);
    assert_eq!(page.status, 409);
    let mut again = fields(&page);
    set(&mut again, "secrets_ok", "yes");
    assert_eq!(send(&editor.client, "/stories/new", &again).header("location"), draft_path(&form));
    assert_eq!(saved(&save(&editor.client, "/stories/new", &filled(&editor.client, "At once"))), "/stories/at-once");
}

#[tokio::test]
async fn where_submission_is_open_a_stranger_hands_in_and_is_thanked() {
    let (node, database) = node(OPEN).await;
    let stranger = node.client.stranger();
    let mut form = filled(&stranger, "From a stranger");
    assert!(form.iter().any(|(name, _)| name == "author_name"));
    assert_eq!(autosave(&stranger, &form).status, 401, "nothing of strangers is kept before they hand it in");
    set(&mut form, "author_name", "this machine");
    let unpaid = save(&stranger, "/stories/new", &form);
    assert_eq!(unpaid.status, 422, "{}", unpaid.text);
    assert_eq!(values(&fields(&unpaid), "title"), ["From a stranger"]);
    let challenge = values(&form, "work_challenge")[0].parse().expect("a challenge");
    set(&mut form, "work_answer", &Proof::find(challenge).answer.to_string());
    let answer = save(&stranger, "/stories/new", &form);
    assert_eq!(answer.header("location"), "/stories/new?handed-in=1", "{}", answer.text);
    let thanks = stranger.get("/stories/new?handed-in=1");
    assert!(thanks.texts(".form-told")[0].starts_with("Thank you"));
    assert_eq!(save(&stranger, "/stories/new", &form).status, 303, "sent twice, it is handed in once");
    assert_eq!(stranger.get(&draft_path(&form)).status, 404);
    let editor = person(&node, &database.url, Role::Editor).await;
    let page = editor.client.get(&draft_path(&form));
    assert_eq!(page.texts("h1"), ["From a stranger"]);
    assert!(page.texts(".draft-standing").join(" ").contains("by a visitor"), "that name is not for strangers");
    assert_eq!(stranger.get("/stories/from-a-stranger").status, 404);
}
