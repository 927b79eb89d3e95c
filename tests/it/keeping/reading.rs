//! What changed since somebody read it: for each person on their own.

use casebook::domain::Role;

use super::send;
use crate::people::{another_browser, person};
use crate::server::{self, Client, SOON, eventually, story};

#[track_caller]
fn edit(client: &Client, path: &str, summary: &str) {
    let form = format!("{path}/edit");
    let mut fields = crate::submitting::fields(&client.get(&form));
    crate::submitting::set(&mut fields, "summary", summary);
    crate::submitting::set(&mut fields, "note", "Said better");
    crate::submitting::set(&mut fields, "action", "save");
    assert_eq!(crate::submitting::send(client, &form, &fields).status, 303);
}

#[tokio::test]
async fn two_people_are_each_told_what_changed_since_they_read_it() {
    let (node, database) = server::empty().await;
    let ada = person(&node, &database.url, Role::Reader).await;
    let bob = person(&node, &database.url, Role::Reader).await;
    let path = format!("/stories/{}", node.client.submit(&story("Read by two")));
    let readings = async || {
        let mut connection = database.database.connection().await.expect("connection");
        let mut found = Vec::new();
        for account in [ada.account, bob.account] {
            let story = node.client.get(&format!("/api/v1{path}")).json();
            let id = serde_json::from_value(story["id"].clone()).expect("an id");
            let last = casebook::store::reading::last(&mut connection, account, id).await.expect("read");
            found.push(last.map(|reading| reading.revision.0));
        }
        found
    };
    let until = async |wanted: [Option<i32>; 2]| {
        let began = std::time::Instant::now();
        while readings().await != wanted {
            assert!(began.elapsed() < SOON, "{:?}, not {wanted:?}", readings().await);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    assert!(ada.client.get(&path).texts(".since").is_empty(), "the first time there is nothing to compare with");
    until([Some(1), None]).await;
    edit(&node.client, &path, "Changed once.");
    edit(&node.client, &path, "Changed twice.");
    assert!(bob.client.get(&path).texts(".since").is_empty());
    until([Some(1), Some(3)]).await;
    assert!(node.client.get(&path).texts(".since").is_empty(), "nobody in particular reads nothing");

    let listed = ada.client.get("/changes");
    assert_eq!(listed.attributes(".change-list .change-title a", "href"), [path.as_str()]);
    assert!(listed.texts(".change-list .soft")[0].starts_with("2 revisions since you read it on"));
    assert!(bob.client.get("/changes").texts(".change-list li").is_empty());
    let page = another_browser(&node, &database.url, ada.account).await.get(&path);
    assert!(page.texts(".since")[0].contains(": 2 revisions. See what changed"), "{:?}", page.texts(".since"));
    let link = format!("{path}/revisions/1..3");
    assert_eq!(page.attributes(".since a", "href"), [link.as_str(), "/changes"]);
    assert_eq!(ada.client.get(&link).status, 200);
    until([Some(3), Some(3)]).await;
    assert!(ada.client.get("/changes").texts(".change-list li").is_empty());
}

#[tokio::test]
async fn everything_can_be_marked_as_read_but_not_what_was_saved_after_the_page() {
    let (node, database) = server::empty().await;
    let ada = person(&node, &database.url, Role::Reader).await;
    let paths: Vec<String> = ["Read one", "Read two"]
        .iter()
        .map(|title| format!("/stories/{}", node.client.submit(&story(title))))
        .collect();
    let listed = || ada.client.get("/changes").attributes(".change-title a", "href");
    for path in &paths {
        ada.client.get(path);
    }
    for path in &paths {
        // The readings are written down beside the pages: until they are, there is nothing that changed.
        let mut n = 0;
        eventually(SOON, path, || {
            n += 1;
            edit(&node.client, path, &format!("Changed {n}."));
            listed().contains(path)
        });
    }
    assert_eq!(listed(), [paths[1].clone(), paths[0].clone()], "the latest change first");
    let page = ada.client.get("/changes");
    edit(&node.client, &paths[0], "Changed while the page was open.");
    let fields = super::filled(&page, &[]);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(ada.client.post_form("/changes", &fields).header("location"), "/changes");
    assert_eq!(listed(), [paths[0].clone()], "what nobody could have seen is still new");
    assert_eq!(send(&ada.client, "/changes", &[]).status, 303);
    assert!(listed().is_empty());
    assert_eq!(ada.client.post_form("/changes", &[("csrf", "x"), ("seen", "now")]).status, 403);
    assert_ne!(node.client.get("/changes").status, 200, "somebody without an account has read nothing");
}
