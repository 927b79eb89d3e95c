//! Several at once: reviewers of one draft, and a story that moves on under a draft.

use casebook::domain::Role;
use serde_json::Value;
use uuid::Uuid;

use super::{World, act, done, form, hand_in, page, press, steps, write};
use crate::people::token;
use crate::server::{Answer, story};

#[tokio::test]
async fn of_two_reviewers_one_decides_and_the_other_is_told() {
    let world = World::new().await;
    let draft = world.handed_in("A draft").await;
    let second = world.person(Role::Editor).await;
    let (first_page, second_page) = (page(&world.editor.client, draft), page(&second.client, draft));
    let outcomes: Vec<Answer> = std::thread::scope(|scope| {
        let one = scope.spawn(|| press(&world.editor.client, &first_page, draft, "publish", "", ""));
        let two = scope.spawn(|| press(&second.client, &second_page, draft, "decline", "", "Not now, since it rained"));
        [one, two].into_iter().map(|one| one.join().expect("answered")).collect()
    });
    let mut statuses: Vec<u16> = outcomes.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let told = outcomes.iter().find(|answer| answer.status == 409).expect("one was late");
    assert!(told.texts(".review-notice").concat().contains("cannot be"), "{:?}", told.texts(".review-notice"));
    let steps = steps(&world.database, draft).await;
    let was_published = world.editor.client.get("/api/v1/stories/a-draft").status == 200;
    assert_eq!(steps, ["submitted", if was_published { "published" } else { "declined" }]);
}

#[tokio::test]
async fn what_was_saved_meanwhile_is_not_decided_unseen() {
    let world = World::new().await;
    let draft = world.handed_in("A draft").await;
    let seen = page(&world.editor.client, draft);
    sqlx::query("UPDATE draft SET version = 2 WHERE id = $1")
        .bind(draft.0)
        .execute(&mut connection(&world.database.url).await)
        .await
        .expect("saved");
    for action in ["publish", "ask", "decline"] {
        let refused = press(&world.editor.client, &seen, draft, action, "", "as I saw it");
        assert_eq!(refused.status, 409, "{action}");
        assert_eq!(refused.texts("#words"), ["as I saw it"]);
    }
    done(&press(&world.editor.client, &seen, draft, "comment", "", "is right all the same"));
    assert_eq!(steps(&world.database, draft).await, ["submitted", "commented"]);
}

#[tokio::test]
async fn a_change_is_shown_word_by_word_and_becomes_the_next_revision() {
    let world = World::new().await;
    let story = published(&world, "A story").await;
    let form = form("A story", &[("root_cause", "A limit was reached twice."), ("note", "Looked closer")]);
    let draft = write(&world.database, Some(world.author.account), &form, Some((id(&story), 1))).await;
    hand_in(&world.database, world.author.account, Role::Author, draft).await;
    assert_eq!(world.editor.client.get("/review").attributes(".queue .facts-line a", "href"), ["/stories/a-story"]);
    let shown = page(&world.editor.client, draft);
    assert_eq!(shown.texts(".review-changes h2"), ["What it changes", "Root cause"]);
    done(&press(&world.editor.client, &shown, draft, "publish", "", ""));
    let now = world.node.client.get("/api/v1/stories/a-story").json();
    assert_eq!((now["revision"].as_i64(), now["root_cause"].as_str()), (Some(2), Some("A limit was reached twice.")));
    let history = world.node.client.get("/stories/a-story/revisions");
    assert!(history.text.contains("Looked closer"), "{}", history.text);
}

#[tokio::test]
async fn a_draft_of_an_older_revision_goes_back_instead_of_over_the_newer_one() {
    let world = World::new().await;
    let story = published(&world, "A story").await;
    let drafts = ["first", "second"].map(|words| form("A story", &[("root_cause", words)]));
    let mut ids = Vec::new();
    for form in &drafts {
        let draft = write(&world.database, Some(world.author.account), form, Some((id(&story), 1))).await;
        hand_in(&world.database, world.author.account, Role::Author, draft).await;
        ids.push(draft);
    }
    let (client, late) = (&world.editor.client, page(&world.editor.client, ids[1]));
    done(&act(client, ids[0], "publish", ""));
    let refused = press(client, &late, ids[1], "publish", "", "");
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.texts(".review-notice").concat().contains("revision 2"), "{:?}", refused.texts(".review-notice"));
    let stale = page(client, ids[1]);
    assert!(stale.attributes("button[value=publish]", "value").is_empty(), "it is not even offered");
    let words = stale.texts("#words").concat();
    assert!(words.contains("up to date"), "{words}");
    done(&act(client, ids[1], "ask", &words));
    assert_eq!(client.get("/api/v1/stories/a-story").json()["root_cause"], "first");
}

async fn published(world: &World, title: &str) -> Value {
    let bearer = token(&world.database.url, world.editor.account, casebook::domain::Scope::Write).await;
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let answer = world.node.client.post("/api/v1/stories", &headers, story(title).to_string());
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn id(story: &Value) -> Uuid {
    story["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

async fn connection(url: &str) -> sqlx::PgConnection {
    use sqlx::Connection;
    sqlx::PgConnection::connect(url).await.expect("connect")
}
