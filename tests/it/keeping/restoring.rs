//! Restoring an earlier revision, and the history that says who saved what.

use casebook::domain::Role;

use super::{filled, send, with_editor};
use crate::people::{Person, person};
use crate::server::{self, Client, story};

/// Saves a new summary.
#[track_caller]
fn edit(client: &Client, path: &str, summary: &str) {
    let form = format!("{path}/edit");
    let mut fields = crate::submitting::fields(&client.get(&form));
    crate::submitting::set(&mut fields, "summary", summary);
    crate::submitting::set(&mut fields, "action", "save");
    let saved = crate::submitting::send(client, &form, &fields);
    assert_eq!(saved.status, 303, "{}", saved.text);
}

fn summary(client: &Client, path: &str) -> String {
    client.get(&format!("/api/v1{path}")).json()["summary"].as_str().expect("a summary").to_owned()
}

#[tokio::test]
async fn an_earlier_revision_becomes_the_newest_and_the_history_says_who_did_it() {
    let (node, database) = server::empty().await;
    let Person { client: editor, .. } = person(&node, &database.url, Role::Editor).await;
    let path = format!("/stories/{}", node.client.submit(&story("Restored in time")));
    edit(&editor, &path, "A worse summary.");
    let history = editor.get(&format!("{path}/revisions"));
    assert_eq!(
        history.attributes(".revision-changes a[href$=restore]", "href"),
        [format!("{path}/revisions/1/restore")]
    );
    let form = editor.get(&format!("{path}/revisions/1/restore"));
    assert_eq!(form.attributes(".diff-field", "id"), ["diff-summary"]);
    let forged = [("csrf", "x"), ("base", "2"), ("reason", "forged")];
    assert_eq!(editor.post_form(&format!("{path}/revisions/1/restore"), &forged).status, 403);
    assert_eq!(summary(&node.client, &path), "A worse summary.");
    let answer = send(&editor, &format!("{path}/revisions/1/restore"), &[("reason", "Es war besser 以前")]);
    assert_eq!((answer.status, answer.header("location")), (303, path.as_str()), "{}", answer.text);
    assert_eq!(summary(&node.client, &path), "A short summary.");
    let history = editor.get(&format!("{path}/revisions"));
    assert_eq!(history.texts(".revision-note"), ["Restored revision 1: Es war besser 以前"]);
    let who = history.texts(".revision-head .soft");
    assert!(
        who[0].contains(", Editor ") && who[1].contains(", Editor ") && who[2].ends_with("this machine"),
        "{who:?}"
    );
    assert_eq!(editor.get(&format!("{path}/revisions/3/restore")).status, 404, "the newest is no earlier one");
    assert_eq!(editor.get(&format!("{path}/revisions/x/restore")).status, 404);
    let same = send(&editor, &format!("{path}/revisions/2/restore"), &[]);
    assert_eq!(same.status, 303);
    assert!(editor.get(&format!("{path}/revisions/2/restore")).texts("main").concat().contains("nothing to restore"));
    for role in [Role::Reader, Role::Author] {
        let person = person(&node, &database.url, role).await;
        assert_eq!(person.client.get(&format!("{path}/revisions/1/restore")).status, 403);
    }
}

#[tokio::test]
async fn restoring_over_what_was_not_seen_is_refused_and_shows_it() {
    let (node, database) = server::empty().await;
    let Person { client: editor, .. } = person(&node, &database.url, Role::Editor).await;
    let path = format!("/stories/{}", node.client.submit(&story("Restored too late")));
    edit(&editor, &path, "Second.");
    let restore = format!("{path}/revisions/1/restore");
    let form = editor.get(&restore);
    edit(&node.client, &path, "Third, by somebody else.");
    let fields = filled(&form, &[("reason", "ここに理由")]);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let stale = editor.post_form(&restore, &fields);
    assert_eq!(stale.status, 409);
    assert!(stale.text.contains("Third, by somebody else"), "what would be lost is shown");
    assert_eq!(stale.texts("#reason"), ["ここに理由"], "what was typed is kept");
    assert_eq!(stale.attributes("input[name=base]", "value"), ["3"]);
    assert_eq!(summary(&node.client, &path), "Third, by somebody else.");
    let long = send(&editor, &restore, &[("reason", &"x".repeat(300))]);
    assert_eq!((long.status, long.texts("#reason-complaint").len()), (422, 1));
}

#[tokio::test]
async fn imported_records_say_so() {
    let (node, _database, _editor) = with_editor().await;
    let history = node.client.get("/stories/loveholidays-gke-pod-ip-exhaustion/revisions");
    assert!(history.texts(".revision-head .soft")[0].ends_with("imported"), "{:?}", history.texts(".revision-head"));
}
