//! Two of a kind: duplicates, forms sent twice, editors at the same time, titles that move.

use std::sync::Barrier;
use std::time::Duration;

use serde_json::json;

use super::{fields, filled, save, saved, send, set, stored, values};
use crate::browsing::assert_inert;
use crate::server::{self, eventually};

#[tokio::test]
async fn a_story_very_like_another_is_asked_about_first_and_published_when_told_so() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let known = stored(client, "/stories/loveholidays-gke-pod-ip-exhaustion");
    let mut form = filled(client, known["title"].as_str().expect("title"));
    set(&mut form, "symptom", known["symptom"].as_str().expect("symptom"));
    let page = save(client, "/stories/new", &form);
    assert_eq!(page.status, 409, "{}", page.text);
    let links = page.attributes("#similar a", "href");
    assert!(links.contains(&"/stories/loveholidays-gke-pod-ip-exhaustion".to_owned()), "{links:?}");
    assert!(!page.attributes("button[name=duplicate_ok][value=yes]", "value").is_empty(), "Publish anyway");
    let mut form = fields(&page);
    assert_eq!(values(&form, "symptom"), [known["symptom"].as_str().expect("symptom")]);
    // The button "Publish anyway" is named so and is the only one pressed.
    set(&mut form, "duplicate_ok", "yes");
    let path = saved(&send(client, "/stories/new", &form));
    assert_ne!(path, "/stories/loveholidays-gke-pod-ip-exhaustion");
    assert_eq!(client.get(&path).status, 200);
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_story() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let form = filled(client, "Sent twice");
    let barrier = Barrier::new(4);
    let paths: Vec<String> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    saved(&save(client, "/stories/new", &form))
                })
            })
            .collect();
        sending.into_iter().map(|thread| thread.join().expect("sent")).collect()
    });
    assert_eq!(paths, ["/stories/sent-twice"; 4]);
    // And once more when the index knows it: it is no duplicate of itself.
    eventually(Duration::from_secs(2), "indexed", || !client.finds("twice").is_empty());
    assert_eq!(saved(&save(client, "/stories/new", &form)), "/stories/sent-twice");
    assert_eq!(client.finds("twice"), ["sent-twice"]);
    assert_eq!(stored(client, "/stories/sent-twice")["revision"], 1);
}

#[tokio::test]
async fn a_form_that_was_gone_back_to_and_changed_is_not_taken_for_the_one_that_was_saved() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut form = filled(client, "Gone back to");
    let path = saved(&save(client, "/stories/new", &form));
    set(&mut form, "summary", "Written after going back.");
    let conflict = save(client, "/stories/new", &form);
    assert_eq!(conflict.status, 409, "{}", conflict.text);
    let again = fields(&conflict);
    assert_eq!(values(&again, "summary"), ["Written after going back."]);
    assert_eq!(saved(&save(client, &format!("{path}/edit"), &again)), path);
    assert_eq!(stored(client, &path)["summary"], "Written after going back.");
    assert_eq!(stored(client, &path)["revision"], 2);
}

#[tokio::test]
async fn an_edit_of_an_old_revision_is_shown_both_texts_and_saves_when_told_again() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = saved(&save(client, "/stories/new", &filled(client, "Edited by two")));
    let edit = format!("{path}/edit");
    let mut mine = fields(&client.get(&edit));
    let mut theirs = mine.clone();
    set(&mut theirs, "lessons", "Theirs: watch the quota");
    set(&mut theirs, "note", "From the review");
    assert_eq!(saved(&save(client, &edit, &theirs)), path);
    set(&mut mine, "lessons", "Mine: watch the addresses");
    set(&mut mine, "impact", "Only mine");
    let page = save(client, &edit, &mine);
    assert_eq!(page.status, 409, "{}", page.text);
    let conflict = page.texts("#conflict").join(" ");
    assert!(conflict.contains("revision 2") && conflict.contains("Lessons"), "{conflict}");
    let sides = page.texts("#contest-lessons .contest-text").join(" ");
    assert!(sides.contains("quota") && sides.contains("addresses"), "{sides}");
    assert_inert("conflict", &page);
    let mut again = fields(&page);
    let both = values(&again, "lessons")[0].to_owned();
    assert!(both.contains("watch the quota") && both.contains("watch the addresses"), "{both}");
    assert_eq!((values(&again, "base"), values(&again, "impact")), (vec!["2"], vec!["Only mine"]));
    assert_eq!(stored(client, &path)["lessons"], "Theirs: watch the quota", "nothing was overwritten");
    set(&mut again, "lessons", "Mine: watch the addresses");
    assert_eq!(saved(&save(client, &edit, &again)), path);
    let now = stored(client, &path);
    assert_eq!((&now["revision"], &now["lessons"]), (&json!(3), &json!("Mine: watch the addresses")));
    let history = client.get(&format!("{path}/revisions"));
    assert_eq!(history.texts(".revision-note"), ["From the review"]);
}

#[tokio::test]
async fn of_eight_editors_at_once_one_wins_each_revision_and_the_others_are_told() {
    const EDITORS: usize = 8;
    const ROUNDS: usize = 6;
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = saved(&save(client, "/stories/new", &filled(client, "Edited by eight")));
    let edit = format!("{path}/edit");
    let mut wins = 0;
    for round in 0..ROUNDS {
        let barrier = Barrier::new(EDITORS);
        let statuses: Vec<(usize, u16)> = std::thread::scope(|scope| {
            let editors: Vec<_> = (0..EDITORS)
                .map(|editor| {
                    let (edit, barrier, client) = (&edit, &barrier, client.stranger());
                    scope.spawn(move || {
                        let mut form = fields(&client.get(edit));
                        set(&mut form, "lessons", &format!("Round {round}, editor {editor}"));
                        barrier.wait();
                        (editor, save(&client, edit, &form).status)
                    })
                })
                .collect();
            editors.into_iter().map(|thread| thread.join().expect("answered")).collect()
        });
        let winners: Vec<usize> =
            statuses.iter().filter(|(_, status)| *status == 303).map(|(editor, _)| *editor).collect();
        let told = statuses.iter().filter(|(_, status)| *status == 409).count();
        assert_eq!((winners.len(), told), (1, EDITORS - 1), "{statuses:?}");
        wins += winners.len();
        let now = stored(client, &path);
        assert_eq!(now["lessons"], format!("Round {round}, editor {}", winners[0]), "what was acknowledged is there");
        assert_eq!(now["revision"], json!(1 + wins));
    }
    let history = client.get(&format!("{path}/revisions"));
    assert_eq!(history.texts(".revision-list > li").len(), 1 + wins);
}

#[tokio::test]
async fn a_new_title_moves_the_story_and_every_old_address_leads_there() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut path = saved(&save(client, "/stories/new", &filled(client, "Name zero")));
    for name in ["Name one", "Name two"] {
        let edit = format!("{path}/edit");
        let mut form = fields(&client.get(&edit));
        set(&mut form, "title", name);
        path = saved(&save(client, &edit, &form));
    }
    assert_eq!(path, "/stories/name-two");
    for rest in ["", "/edit", "/revisions", ".md"] {
        let moved = client.get(&format!("/stories/name-zero{rest}"));
        assert_eq!((moved.status, moved.header("location")), (301, format!("/stories/name-two{rest}").as_str()));
    }
    let moved = client.get("/api/v1/stories/name-one");
    assert_eq!((moved.status, moved.header("location")), (301, "/api/v1/stories/name-two"));
    // A form that was opened under the old name still saves.
    let mut form = fields(&client.get("/stories/name-two/edit"));
    set(&mut form, "lessons", "Saved under its old name");
    assert_eq!(saved(&save(client, "/stories/name-zero/edit", &form)), "/stories/name-two");
}

#[tokio::test]
async fn two_stories_of_one_title_have_two_addresses() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut paths = Vec::new();
    for _ in 0..3 {
        let mut form = filled(client, "The same title");
        set(&mut form, "duplicate_ok", "yes");
        paths.push(saved(&save(client, "/stories/new", &form)));
    }
    assert_eq!(paths, ["/stories/the-same-title", "/stories/the-same-title-2", "/stories/the-same-title-3"]);
}
