//! Who sees a picture, and with which headers; how a story shows it.

use casebook::domain::{AccountId, FailureId, Local, Policy, Reading, Role};
use image::ImageFormat;
use sqlx::{Connection, PgConnection};

use super::{added, bytes, picture, png, send, showing};
use crate::database::TestDatabase;
use crate::people::person;
use crate::server::{Node, NodeOptions, SOON, empty, eventually};

/// A draft of somebody's.
pub async fn draft(url: &str, failure: FailureId, author: AccountId) {
    let mut connection = PgConnection::connect(url).await.expect("connect");
    sqlx::query(
        "INSERT INTO draft (id, failure_id, author_id, author_name, status, title, form, version, created_at, saved_at)
         VALUES (gen_random_uuid(), $1, $2, 'an author', 'draft', '', '', 1, now(), now())",
    )
    .bind(failure.0)
    .bind(author.0)
    .execute(&mut connection)
    .await
    .expect("draft");
}

async fn set_status(url: &str, failure: FailureId, status: &str) {
    let mut connection = PgConnection::connect(url).await.expect("connect");
    sqlx::query("UPDATE failure SET status = $2, withdrawn_at = now() WHERE id = $1")
        .bind(failure.0)
        .bind(status)
        .execute(&mut connection)
        .await
        .expect("status");
}

#[tokio::test]
async fn a_picture_is_inert_and_says_what_it_is() {
    let (node, _database) = empty().await;
    let failure = FailureId::new();
    let url = added(&node.client, failure, &png(1));
    node.client.submit(&showing(failure, "A story with a picture", &format!("![a graph]({url})")));
    let answer = node.client.get(&url);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(answer.header("cache-control"), "private, max-age=86400, immutable");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'; "), "{:?}", answer.headers);
    assert!(answer.header("content-security-policy").ends_with("; sandbox"), "{:?}", answer.headers);
    let name = url.rsplit_once('/').expect("a slash").1;
    assert_eq!(answer.header("content-disposition"), format!("inline; filename=\"picture-{name}.png\""));
    assert_eq!(answer.headers.get_all("content-security-policy").iter().count(), 1);
    let shown = image::load_from_memory(&bytes(&node.client, &url)).expect("a picture");
    assert_eq!((shown.width(), shown.height()), (40, 30));

    let tag = answer.header("etag").to_owned();
    for known in [tag.clone(), format!("\"other\", W/{tag}")] {
        let again = node.client.request("GET", &url, &[("if-none-match", &known)], None).expect("an answer");
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        assert_eq!(again.header("etag"), tag);
    }
    assert_eq!(node.client.request("GET", &url, &[("if-none-match", "\"x\"")], None).expect("an answer").status, 200);
    assert_eq!(node.client.request("HEAD", &url, &[], None).expect("an answer").text, "");
    for nothing in ["/pictures/x", "/pictures/00000000-0000-7000-8000-000000000000"] {
        assert_eq!(node.client.get(nothing).status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn what_was_beside_the_pixels_is_not_kept() {
    let (node, _database) = empty().await;
    for (format, kept) in
        [(ImageFormat::Png, "image/png"), (ImageFormat::Jpeg, "image/jpeg"), (ImageFormat::WebP, "image/")]
    {
        let file = [picture(format, 50, 40, 7).as_slice(), b"PK\x03\x04 secret"].concat();
        let url = added(&node.client, FailureId::new(), &file);
        assert!(node.client.get(&url).header("content-type").starts_with(kept));
        assert!(!bytes(&node.client, &url).windows(6).any(|window| window == b"secret"));
    }
}

#[tokio::test]
async fn a_story_shows_its_picture_as_a_figure_and_is_found_by_its_words() {
    let (node, _database) = empty().await;
    let failure = FailureId::new();
    let answer = send(&node.client, failure, &picture(ImageFormat::Png, 300, 600, 1)).json();
    let markdown = answer["markdown"].as_str().expect("Markdown").replacen("[]", "[Queue grows zyzzyva]", 1);
    let slug = node.client.submit(&showing(failure, "A story with a figure", &markdown));
    let page = node.client.get(&format!("/stories/{slug}"));
    let url = answer["url"].as_str().expect("url");
    assert_eq!(page.attributes("figure.tall > a", "href"), [url]);
    for (name, value) in [
        ("src", url),
        ("alt", "Queue grows zyzzyva"),
        ("width", "300"),
        ("height", "600"),
        ("loading", "lazy"),
        ("decoding", "async"),
    ] {
        assert_eq!(page.attributes("figure img", name), [value], "{name}");
    }
    eventually(SOON, "found by what its picture shows", || node.client.finds("zyzzyva") == [slug.as_str()]);
}

#[tokio::test]
async fn a_picture_of_what_is_not_published_is_for_those_who_write_and_review_it() {
    let database = TestDatabase::new().await;
    let policy = Policy { local: Local::Like, reading: Reading::Public, ..Policy::TRYING };
    let node = Node::start(&database.url, NodeOptions { policy, ..NodeOptions::default() }).await;
    let people = [Role::Reader, Role::Author, Role::Author, Role::Editor, Role::Admin];
    let mut clients = vec![node.client.clone()];
    let mut accounts = Vec::new();
    for role in people {
        let person = person(&node, &database.url, role).await;
        clients.push(person.client);
        accounts.push(person.account);
    }
    let failure = FailureId::new();
    let url = added(&clients[2], failure, &png(1));
    let seen = || -> Vec<u16> { clients.iter().map(|client| client.get(&url).status).collect() };
    assert_eq!(seen(), [404, 404, 200, 404, 200, 200], "a stranger, a reader, its adder, another, an editor, an admin");
    assert_eq!(clients[2].get(&url).header("cache-control"), "private, no-cache");
    draft(&database.url, failure, accounts[2]).await;
    assert_eq!(seen()[3], 200, "whoever writes the draft sees what a reviewer added");

    clients[4].submit(&showing(failure, "Published in the end", &format!("![x]({url})")));
    assert_eq!(seen(), [200; 6]);
    set_status(&database.url, failure, "withdrawn").await;
    assert_eq!(seen(), [404, 404, 200, 200, 200, 200]);
    let tag = clients[2].get(&url).header("etag").to_owned();
    let again = node.client.request("GET", &url, &[("if-none-match", &tag)], None).expect("an answer");
    assert_eq!(again.status, 404, "knowing it does not make it visible");
}

#[tokio::test]
async fn nobody_sees_pictures_who_may_not_read() {
    let database = TestDatabase::new().await;
    let policy = Policy { local: Local::Like, reading: Reading::Members, ..Policy::TRYING };
    let node = Node::start(&database.url, NodeOptions { policy, ..NodeOptions::default() }).await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let failure = FailureId::new();
    let url = added(&editor.client, failure, &png(1));
    editor.client.submit(&showing(failure, "Members only", &format!("![x]({url})")));
    let as_picture = [("sec-fetch-dest", "image")];
    assert_eq!(node.client.request("GET", &url, &as_picture, None).expect("an answer").status, 401);
    assert_eq!(person(&node, &database.url, Role::Reader).await.client.get(&url).status, 200);
}

#[tokio::test]
async fn the_form_offers_pictures_and_points_out_those_without_words() {
    let (node, _database) = empty().await;
    let page = node.client.get("/stories/new");
    let failure = page.attributes("input[name=id]", "value").remove(0);
    let link = format!("/pictures/new?failure={failure}");
    assert_eq!(page.attributes("#picture-control a", "href"), std::slice::from_ref(&link));
    assert_eq!(node.client.get(&link).status, 200);
    assert_eq!(page.texts(".picture-silent"), Vec::<String>::new());

    let failure = FailureId::new();
    let url = added(&node.client, failure, &png(1));
    let slug = node.client.submit(&showing(failure, "A silent picture", &format!("![]({url})")));
    let hints = node.client.get(&format!("/stories/{slug}/edit")).texts(".picture-silent");
    assert!(hints[0].starts_with("A picture under Symptom has no words yet."), "{hints:?}");
}
