//! `/.well-known/security.txt`.

use crate::database::TestDatabase;
use crate::server::{self, Node, NodeOptions};

#[tokio::test]
async fn where_somebody_is_named_finders_of_holes_are_told_whom_to_write_to() {
    let database = TestDatabase::new().await;
    let options = NodeOptions {
        security_contact: Some("mailto:security@example.com".to_owned()),
        public_url: Some("https://casebook.example.com".to_owned()),
        ..NodeOptions::default()
    };
    let node = Node::start(&database.url, options).await;
    let file = node.client.get("/.well-known/security.txt");
    assert_eq!((file.status, file.header("content-type")), (200, "text/plain; charset=utf-8"));
    let line = |name: &str| file.text.lines().find_map(|line| line.strip_prefix(name)).expect(name).to_owned();
    assert_eq!(line("Contact: "), "mailto:security@example.com");
    assert_eq!(line("Canonical: "), "https://casebook.example.com/.well-known/security.txt");
    let expires = chrono::DateTime::parse_from_rfc3339(&line("Expires: ")).expect("a time");
    let days = (expires.to_utc() - chrono::Utc::now()).num_days();
    assert!((1..365).contains(&days), "{days}");
}

#[tokio::test]
async fn where_nobody_is_named_there_is_no_such_file() {
    let (node, _database) = server::empty().await;
    assert_eq!(node.client.get("/.well-known/security.txt").status, 404);
}
