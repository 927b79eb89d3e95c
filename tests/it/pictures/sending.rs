//! Who may send pictures, which, and how many.

use casebook::domain::{FailureId, Policy, Role, Scope, Submission};
use image::ImageFormat;
use sqlx::{Connection, PgConnection, Row};

use super::{BOUNDARY, added, form, picture, png, post, send, token};
use crate::people::{self, person};
use crate::server::{Answer, Client, Node, NodeOptions, empty};

const SCRIPT: &str = "application/json";
const BROWSER: &str = "text/html,*/*;q=0.8";

async fn among_people(policy: Policy) -> (Node, crate::database::TestDatabase) {
    let database = crate::database::TestDatabase::new().await;
    let node = Node::start(&database.url, NodeOptions { policy, ..NodeOptions::default() }).await;
    (node, database)
}

fn like_others(submission: Submission) -> Policy {
    Policy { local: casebook::domain::Local::Like, submission, ..Policy::TRYING }
}

async fn count(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.expect("connect");
    sqlx::query("SELECT count(*) FROM picture").fetch_one(&mut connection).await.expect("count").get(0)
}

fn error(answer: &Answer) -> String {
    answer.json()["error"].as_str().expect("an error").to_owned()
}

#[tokio::test]
async fn the_script_gets_the_line_of_markdown_and_the_audit_log_a_line() {
    let (node, database) = empty().await;
    let failure = FailureId::new();
    let answer = send(&node.client, failure, &picture(ImageFormat::Jpeg, 64, 48, 1));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let added = answer.json();
    let url = added["url"].as_str().expect("url");
    assert_eq!(added["markdown"], format!("![]({url}#64x48)"));
    assert_eq!((&added["width"], &added["height"]), (&64.into(), &48.into()));
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    let line = sqlx::query("SELECT action, subject, detail FROM audit").fetch_one(&mut connection).await.expect("line");
    assert_eq!(line.get::<String, _>(0), "picture-added");
    assert_eq!(format!("/{}", line.get::<String, _>(1)), url);
    assert!(line.get::<String, _>(2).contains("64 × 48"), "{}", line.get::<String, _>(2));
}

#[tokio::test]
async fn without_scripts_a_page_gives_the_markdown_with_the_words_in_it() {
    let (node, _database) = empty().await;
    let failure = FailureId::new();
    let token = token(&node.client, failure);
    let words = [("csrf", token.as_str()), ("alt", "CPU [all] at \"100 %\""), ("caption", "Monday <b>")];
    let page = post(&node.client, failure, BROWSER, &form(&words, "x.png", &png(1)));
    assert_eq!(page.status, 200, "{}", page.text);
    let markdown = page.texts("textarea#markdown").remove(0);
    assert!(markdown.starts_with("![CPU \\[all\\]") && markdown.contains("#40x30"), "{markdown}");
    assert_eq!(page.attributes("figure img", "alt"), ["CPU [all] at \"100 %\""]);
    assert_eq!(page.texts("figcaption"), ["Monday <b>"]);
}

#[tokio::test]
async fn what_is_refused_is_said_beside_the_field_and_the_words_come_back() {
    let (node, database) = empty().await;
    let failure = FailureId::new();
    let token = token(&node.client, failure);
    let words = [("csrf", token.as_str()), ("alt", "A graph"), ("caption", "Monday")];
    for (file, said) in [
        (b"".as_slice(), "no file came"),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", "an SVG drawing"),
        (b"<!doctype html><script>alert(1)</script>", "an HTML page"),
        (b"GIF89a\x01\0\x01\0\x80", "a GIF"),
        (b"\x89PNG\r\n\x1a\n%PDF-1.7\n1 0 obj", "did not arrive whole"),
        (&png(1)[..60], "did not arrive whole"),
    ] {
        let page = post(&node.client, failure, BROWSER, &form(&words, "x.png", file));
        assert_eq!(page.status, 422, "{said}: {}", page.text);
        assert!(page.texts("title")[0].starts_with("Error: "), "{said}");
        assert!(page.texts("#picture-complaint")[0].contains(said), "{said}: {:?}", page.texts("#picture-complaint"));
        assert_eq!(page.attributes("#alt, #caption", "value"), ["A graph", "Monday"]);
        assert_eq!(page.attributes(".form-notice a", "href"), ["#picture"]);
        let answer = post(&node.client, failure, SCRIPT, &form(&words, "x.png", file));
        assert_eq!(answer.status, 422);
        assert!(error(&answer).contains(said), "{}", answer.text);
    }
    assert_eq!(count(&database.url).await, 0);
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_in_words() {
    let (node, _database) = empty().await;
    let failure = FailureId::new();
    for size in [(8 << 20) + 1, 9 << 20] {
        let answer = send(&node.client, failure, &vec![0; size]);
        assert_eq!(answer.status, 413);
        assert_eq!(error(&answer), "The file is larger than 8 MiB. Make it smaller.");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let (node, _database) = empty().await;
    let failure = FailureId::new();
    let path = format!("/pictures?failure={failure}");
    let plain = node.client.post(&path, &[("content-type", "image/png"), ("accept", SCRIPT)], png(1));
    assert_eq!(plain.status, 415, "{}", plain.text);
    let whole = form(&[], "x.png", &png(1));
    for cut in [0, 1, 40, whole.len() - 30] {
        let answer = post(&node.client, failure, SCRIPT, &whole[..cut]);
        assert_eq!(answer.status, 400, "{cut}: {}", answer.text);
    }
    let nameless = format!("--{BOUNDARY}\r\n\r\nx\r\n--{BOUNDARY}--\r\n");
    assert_ne!(post(&node.client, failure, SCRIPT, nameless.as_bytes()).status, 500);
    assert_eq!(node.client.get("/pictures/new?failure=x").status, 400);
    assert_eq!(node.client.get("/pictures/new").status, 400);
}

#[tokio::test]
async fn a_picture_takes_the_token_of_a_page_of_ours() {
    let (node, database) = empty().await;
    let failure = FailureId::new();
    let token = token(&node.client, failure);
    for wrong in ["", "0000"] {
        let page = post(&node.client, failure, BROWSER, &form(&[("csrf", wrong), ("alt", "kept")], "x.png", &png(1)));
        assert_eq!(page.status, 403);
        assert_eq!(page.attributes("#alt", "value"), ["kept"]);
    }
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let foreign = [("content-type", content_type.as_str()), ("origin", "https://evil.example")];
    let path = format!("/pictures?failure={failure}");
    assert_eq!(node.client.post(&path, &foreign, form(&[("csrf", &token)], "x.png", &png(1))).status, 403);
    assert_eq!(count(&database.url).await, 0);
}

#[tokio::test]
async fn authors_send_pictures_and_neither_readers_nor_strangers_do() {
    let (node, database) = among_people(like_others(Submission::Members)).await;
    let failure = FailureId::new();
    let body = form(&[("csrf", "")], "x.png", &png(1));
    assert_eq!(post(&node.client, failure, SCRIPT, &body).status, 401);
    let reader = person(&node, &database.url, Role::Reader).await;
    assert_eq!(post(&reader.client, failure, SCRIPT, &body).status, 403);
    for role in [Role::Author, Role::Editor, Role::Admin] {
        let writer = person(&node, &database.url, role).await;
        assert_eq!(send(&writer.client, FailureId::new(), &png(1)).status, 200, "{role}");
    }
    assert_eq!(count(&database.url).await, 3);
}

#[tokio::test]
async fn where_everybody_may_hand_in_strangers_still_send_no_files() {
    let (node, database) = among_people(like_others(Submission::Open)).await;
    let failure = FailureId::new();
    assert_eq!(node.client.get("/stories/new").status, 200);
    let page = node.client.get(&format!("/pictures/new?failure={failure}"));
    assert!(page.header("location").starts_with("/login?return="), "{}", page.status);
    let body = form(&[("csrf", "")], "x.png", &png(1));
    assert_eq!(post(&node.client, failure, SCRIPT, &body).status, 401);
    let reader = person(&node, &database.url, Role::Reader).await;
    assert_eq!(send(&reader.client, failure, &png(1)).status, 200);
}

#[tokio::test]
async fn a_program_sends_pictures_with_a_token_for_writing() {
    let (node, database) = among_people(like_others(Submission::Members)).await;
    let author = person(&node, &database.url, Role::Author).await;
    let path = format!("/pictures?failure={}", FailureId::new());
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    for (scope, status) in [(Scope::Write, 200), (Scope::Read, 403)] {
        let authorization = people::token(&database.url, author.account, scope).await;
        let headers =
            [("content-type", content_type.as_str()), ("accept", SCRIPT), ("authorization", authorization.as_str())];
        assert_eq!(node.client.post(&path, &headers, form(&[], "x.png", &png(1))).status, status);
    }
}

#[tokio::test]
async fn nobody_adds_to_what_somebody_else_is_writing() {
    let (node, database) = among_people(like_others(Submission::Members)).await;
    let (owner, other) =
        (person(&node, &database.url, Role::Author).await, person(&node, &database.url, Role::Author).await);
    let editor = person(&node, &database.url, Role::Editor).await;
    let failure = FailureId::new();
    super::showing::draft(&database.url, failure, owner.account).await;
    assert_eq!(send(&owner.client, failure, &png(1)).status, 200);
    let refused = send(&other.client, failure, &png(2));
    assert_eq!(refused.status, 403);
    assert!(error(&refused).contains("written by somebody else"), "{}", refused.text);
    assert_eq!(send(&editor.client, failure, &png(3)).status, 200, "a reviewer may");
}

#[tokio::test]
async fn the_same_picture_in_one_story_is_one_and_the_21st_is_refused() {
    let (node, database) = empty().await;
    let failure = FailureId::new();
    let first = added(&node.client, failure, &png(0));
    for seed in 1..20 {
        added(&node.client, failure, &png(seed));
    }
    assert_eq!(added(&node.client, failure, &png(0)), first, "also when there is no room for more");
    let refused = send(&node.client, failure, &png(20));
    assert_eq!(refused.status, 409);
    assert!(error(&refused).contains("20 pictures"), "{}", refused.text);
    assert_ne!(added(&node.client, FailureId::new(), &png(0)), first, "another story has its own");
    assert_eq!(count(&database.url).await, 21);
}

#[tokio::test]
async fn pictures_that_arrive_at_once_are_counted_one_after_the_other() {
    let (node, database) = empty().await;
    let failure = FailureId::new();
    for seed in 0..18 {
        added(&node.client, failure, &png(seed));
    }
    let clients: Vec<Client> = (0..6).map(|_| node.client.stranger()).collect();
    let addresses: Vec<u16> = std::thread::scope(|scope| {
        let sending: Vec<_> = clients
            .iter()
            .enumerate()
            .map(|(number, client)| {
                scope.spawn(move || send(client, failure, &png(100 + u8::try_from(number / 2).expect("small"))).status)
            })
            .collect();
        sending.into_iter().map(|one| one.join().expect("joined")).collect()
    });
    // Three pictures, each sent twice: two of them find room, and both senders of one get the same.
    assert_eq!(addresses.iter().filter(|status| **status == 200).count(), 4, "{addresses:?}");
    assert_eq!(count(&database.url).await, 20);
}

#[tokio::test]
async fn pictures_do_not_take_more_than_their_room_together() {
    let (node, database) = empty().await;
    let failure = FailureId::new();
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query(
        "INSERT INTO picture (id, failure_id, digest, media_type, width, height, bytes, added_at)
         VALUES (gen_random_uuid(), $1, '\\x00', 'image/png', 1, 1, convert_to(repeat('x', (40 << 20) - 100), 'UTF8'), now())",
    )
    .bind(failure.0)
    .execute(&mut connection)
    .await
    .expect("a large picture");
    let refused = send(&node.client, failure, &png(1));
    assert_eq!(refused.status, 409);
    assert!(error(&refused).contains("40 MiB"), "{}", refused.text);
}
