//! Withdrawing and publishing again.

use casebook::domain::Role;

use super::{reinstate, send, with_editor, withdraw};
use crate::browsing::assert_inert;
use crate::people::person;
use crate::server::{self, SOON, eventually, story};

#[tokio::test]
async fn a_withdrawn_story_is_gone_from_search_and_its_address_says_why() {
    let (node, database) = server::empty().await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let reader = person(&node, &database.url, Role::Reader).await;
    let mut first = story("Quollfire in the cluster");
    first["symptom"] = "quollfire eats the sockets of the gateway until nothing answers".into();
    let slug = node.client.submit(&first);
    let path = format!("/stories/{slug}");
    eventually(SOON, "found", || node.client.finds("quollfire").contains(&slug));
    let before = reader.client.get(&path);
    assert!(before.attributes("a", "href").iter().all(|href| !href.ends_with("/withdraw")), "readers see no such link");
    assert!(editor.client.get(&path).attributes(".more a", "href").contains(&format!("{path}/withdraw")));

    let reason = "Sie nannte einen Namen: 名前を含む — اسم شخص 🙊 <b>";
    withdraw(&editor.client, &path, reason);
    let answer = reader.client.get(&path);
    assert_eq!(answer.status, 410);
    assert_eq!(answer.texts("h1"), ["Quollfire in the cluster"]);
    assert_eq!(answer.texts(".gone-reason"), [reason]);
    assert!(answer.texts(".lead").concat().contains("by Editor "), "{:?}", answer.texts(".lead"));
    assert!(answer.attributes("main form", "action").iter().all(|action| !action.ends_with("/reinstate")));
    assert_inert("a tombstone", &answer);
    let problem = reader.client.get(&format!("/api/v1{path}"));
    assert_eq!((problem.status, problem.header("content-type")), (410, "application/problem+json"));
    assert!(problem.json()["detail"].as_str().expect("text").ends_with(reason), "{}", problem.text);
    for rest in [".md", "/rules/1", "/revisions", "/revisions/1", "/feed.atom"] {
        assert_eq!(reader.client.get(&format!("{path}{rest}")).status, 410, "{rest}");
    }
    assert_eq!(editor.client.get(&format!("{path}/revisions")).status, 200, "editors read its history");
    assert!(editor.client.get(&format!("{path}/revisions/1")).texts(".notice-gone").concat().contains("Only editors"));
    assert_eq!(editor.client.get(&format!("{path}/edit")).status, 404);
    eventually(SOON, "found no more", || node.client.finds("quollfire").is_empty());
    eventually(SOON, "matched no more", || node.client.matches("quollfire eats the sockets").is_empty());
    assert!(!reader.client.get("/stories").text.contains(&slug));

    reinstate(&editor.client, &path);
    assert_eq!(reader.client.get(&path).status, 200);
    eventually(SOON, "found again", || node.client.finds("quollfire").contains(&slug));
}

#[tokio::test]
async fn a_reason_is_needed_and_what_was_typed_comes_back() {
    let (node, database) = server::empty().await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let path = format!("/stories/{}", node.client.submit(&story("Kept for a reason")));
    let form = format!("{path}/withdraw");
    let empty = send(&editor.client, &form, &[("reason", "  \n ")]);
    assert_eq!(empty.status, 422);
    assert!(empty.texts("title")[0].starts_with("Error: "));
    assert_eq!(empty.attributes(".notice-wrong a", "href"), ["#reason"]);
    assert_eq!(empty.texts("#reason-complaint").len(), 1);
    let long = "Wörter ".repeat(60);
    let too_long = send(&editor.client, &form, &[("reason", &long)]);
    assert_eq!((too_long.status, too_long.texts("#reason")[0].as_str()), (422, long.trim()));
    let forged = editor.client.post_form(&form, &[("csrf", "x"), ("reason", "Because")]);
    assert_eq!((forged.status, forged.texts("#reason")[0].as_str()), (403, "Because"));
    assert_eq!(node.client.get(&path).status, 200, "nothing has been done");
    for role in [Role::Reader, Role::Author] {
        let person = person(&node, &database.url, role).await;
        assert_eq!(person.client.get(&form).status, 403, "{role}");
        assert_eq!(person.client.post_form(&form, &[("reason", "x")]).status, 403, "{role}");
    }
    withdraw(&editor.client, &path, "Because");
    let again = editor.client.post_form(&form, &[("reason", "Because")]);
    assert_eq!((again.status, again.header("location")), (303, path.as_str()), "done already");
}

#[tokio::test]
async fn stories_show_a_withdrawn_pattern_no_more_until_it_is_published_again() {
    let (node, _database, editor) = with_editor().await;
    let pattern = crate::server::seed().stories[0].1.patterns[0].clone();
    let path = format!("/patterns/{pattern}");
    let slug = crate::server::seed().stories[0].0.clone();
    let named = || node.client.get(&format!("/api/v1/stories/{slug}")).json()["patterns"].to_string();
    assert!(named().contains(pattern.as_str()));
    let asked = editor.client.get(&format!("{path}/withdraw"));
    assert!(asked.texts(".effects strong").concat().contains("name"), "{:?}", asked.texts(".effects"));
    withdraw(&editor.client, &path, "It was no pattern");
    assert!(!named().contains(pattern.as_str()), "{}", named());
    assert!(
        !node.client.get(&format!("/stories/{slug}.md")).text.contains(pattern.as_str()),
        "exports can be imported"
    );
    let link = format!("a[href='{path}']");
    // It may stand among what is related until the index knows.
    let of_story = format!("/stories/{slug}");
    eventually(SOON, "no link", || node.client.get(&of_story).attributes(&link, "href").is_empty());
    eventually(SOON, "in no list", || !node.client.get("/patterns").text.contains(&path));
    eventually(SOON, "on no card", || !node.client.get("/api/v1/stories?limit=100").text.contains(pattern.as_str()));
    reinstate(&editor.client, &path);
    assert!(named().contains(pattern.as_str()));
    eventually(SOON, "on its cards again", || {
        node.client.get("/api/v1/stories?limit=100").text.contains(pattern.as_str())
    });
}

#[tokio::test]
async fn what_was_written_meanwhile_is_not_saved_into_a_withdrawn_story() {
    let (node, database) = server::empty().await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let path = format!("/stories/{}", node.client.submit(&story("Edited too late")));
    let mut form = crate::submitting::fields(&editor.client.get(&format!("{path}/edit")));
    withdraw(&editor.client, &path, "Not ours");
    crate::submitting::set(&mut form, "summary", "Words that must not be lost.");
    crate::submitting::set(&mut form, "action", "save");
    let answer = crate::submitting::send(&editor.client, &format!("{path}/edit"), &form);
    assert!(answer.status >= 400, "{}", answer.status);
    assert!(answer.text.contains("Words that must not be lost."), "{}", answer.text);
}

#[tokio::test]
async fn what_is_kept_in_memory_is_made_anew_at_once() {
    let (node, database) = server::empty().await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let path = format!("/stories/{}", node.client.submit(&story("Kept in memory")));
    let tag = |path: &str| node.client.get(path).header("etag").to_owned();
    let api = format!("/api/v1{path}");
    let (page_tag, api_tag) = (tag(&path), tag(&api));
    assert!(!page_tag.is_empty() && page_tag == tag(&path));
    let again = |path: &str, tag: &str| {
        node.client.request("GET", path, &[("if-none-match", tag)], None).expect("an answer").status
    };
    assert_eq!((again(&path, &page_tag), again(&api, &api_tag)), (304, 304));
    withdraw(&editor.client, &path, "gone");
    assert_eq!((again(&path, &page_tag), again(&api, &api_tag)), (410, 410));
    reinstate(&editor.client, &path);
    assert_eq!(again(&api, &api_tag), 304, "it says what it said before");
    assert_eq!(node.client.get(&path).status, 200);
}
