//! Two people change one story: what they did stands together, and where it contradicts, both stand there.

use std::sync::Barrier;

use serde_json::json;

use super::{autosave, draft_path};
use crate::browsing::assert_inert;
use crate::server;
use crate::submitting::{fields, filled, save, saved, send, set, set_row, stored, values};

#[tokio::test]
async fn changes_of_different_fields_and_rows_are_brought_together_and_told() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut first = filled(client, "Changed by two");
    set(&mut first, "timeline_at", "09:00");
    set(&mut first, "timeline_text", "It began");
    let path = saved(&save(client, "/stories/new", &first));
    let edit = format!("{path}/edit");
    let (mut mine, mut theirs) = (fields(&client.get(&edit)), fields(&client.get(&edit)));
    set(&mut theirs, "impact", "Theirs: 7% of checkouts");
    set(&mut theirs, "action", "add:timeline");
    let mut theirs = fields(&send(client, &edit, &theirs));
    set_row(&mut theirs, "timeline_at", 1, "09:20");
    set_row(&mut theirs, "timeline_text", 1, "Theirs");
    assert_eq!(saved(&save(client, &edit, &theirs)), path);
    set(&mut mine, "lessons", "Mine: watch it");
    set(&mut mine, "timeline_marker", "trigger");
    let page = save(client, &edit, &mine);
    assert_eq!(page.status, 409, "{}", page.text);
    let told = page.texts("#conflict").join(" ");
    assert!(told.contains("revision 2") && told.contains("Impact. The form has theirs now."), "{told}");
    assert!(page.texts(".contest").is_empty(), "nothing has to be decided");
    assert_eq!(stored(client, &path)["revision"], 2, "nothing has been saved");
    assert_eq!(saved(&save(client, &edit, &fields(&page))), path);
    let now = stored(client, &path);
    assert_eq!((&now["impact"], &now["lessons"]), (&json!("Theirs: 7% of checkouts"), &json!("Mine: watch it")));
    assert_eq!(now["timeline"].as_array().expect("rows").len(), 2);
    assert_eq!((&now["timeline"][0]["marker"], &now["timeline"][1]["text"]), (&json!("trigger"), &json!("Theirs")));
}

#[tokio::test]
async fn what_both_changed_stands_side_by_side_over_a_field_that_holds_both() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = saved(&save(client, "/stories/new", &filled(client, "Contested")));
    let edit = format!("{path}/edit");
    let (mut mine, mut theirs) = (fields(&client.get(&edit)), fields(&client.get(&edit)));
    set(&mut theirs, "root_cause", "Theirs <b>&amp;");
    set(&mut theirs, "severity", "sev1");
    assert_eq!(saved(&save(client, &edit, &theirs)), path);
    set(&mut mine, "root_cause", "Mine ======= <<<<<<<");
    set(&mut mine, "severity", "sev2");
    let page = save(client, &edit, &mine);
    assert_eq!(page.status, 409, "{}", page.text);
    assert_inert("merge", &page);
    let sides = page.texts("#contest-root_cause .contest-text");
    assert!(sides[0].contains("Theirs <b>&amp;") && !sides[0].contains("Mine"), "{sides:?}");
    assert!(sides[1].contains("Mine ======= <<<<<<<") && !sides[1].contains("Theirs"), "{sides:?}");
    assert_eq!(page.attributes("#conflict dd a", "href"), ["#severity", "#root_cause"]);
    let merged = fields(&page);
    let root_cause = values(&merged, "root_cause")[0].replace("\r\n", "\n");
    assert_eq!(root_cause, "Theirs <b>&amp;\n\nMine ======= <<<<<<<", "no sign of the merge but an empty line");
    assert_eq!(values(&merged, "severity"), ["sev2"], "of a single value, yours stays until you decide");
    assert_eq!(saved(&save(client, &edit, &merged)), path);
}

#[tokio::test]
async fn a_change_that_was_begun_as_a_draft_meets_the_newest_revision_too() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = saved(&save(client, "/stories/new", &filled(client, "Drafted change")));
    let edit = format!("{path}/edit");
    let mut mine = fields(&client.get(&edit));
    set(&mut mine, "lessons", "Mine");
    assert_eq!(autosave(client, &mine).status, 204);
    let list = client.get("/drafts");
    assert!(list.texts(".draft-facts")[0].contains("A change of drafted-change"), "{:?}", list.texts(".draft-facts"));
    let mut theirs = fields(&client.get(&edit));
    set(&mut theirs, "impact", "Theirs");
    assert_eq!(saved(&save(client, &edit, &theirs)), path);
    let draft = draft_path(&mine);
    let mut opened = fields(&client.get(&draft));
    set(&mut opened, "action", "hand-in");
    let page = send(client, &draft, &opened);
    assert_eq!(page.status, 409, "{}", page.text);
    assert_eq!(page.attributes("#story-form", "action"), std::slice::from_ref(&draft));
    let merged = fields(&page);
    assert_eq!((values(&merged, "lessons"), values(&merged, "impact")), (vec!["Mine"], vec!["Theirs"]));
    assert_eq!(saved(&save(client, &draft, &merged)), path);
    assert_eq!(stored(client, &path)["lessons"], "Mine");
}

#[tokio::test]
async fn of_many_who_save_at_once_nobody_loses_a_word() {
    const EDITORS: usize = 6;
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let path = saved(&save(client, "/stories/new", &filled(client, "Saved by many")));
    let edit = format!("{path}/edit");
    let barrier = Barrier::new(EDITORS);
    std::thread::scope(|scope| {
        for editor in 0..EDITORS {
            let (edit, barrier, client) = (&edit, &barrier, client.stranger());
            scope.spawn(move || {
                let mut form = fields(&client.get(edit));
                set(&mut form, "lessons", &format!("Lesson of editor {editor}"));
                barrier.wait();
                for _ in 0..=EDITORS {
                    let answer = save(&client, edit, &form);
                    if answer.status == 303 {
                        return;
                    }
                    assert_eq!(answer.status, 409, "{}", answer.text);
                    form = fields(&answer);
                }
                panic!("editor {editor} never got through");
            });
        }
    });
    let lessons = stored(client, &path)["lessons"].as_str().expect("lessons").to_owned();
    for editor in 0..EDITORS {
        assert!(lessons.contains(&format!("Lesson of editor {editor}")), "{lessons}");
    }
}
