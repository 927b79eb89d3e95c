//! Placeholders of paths filled with what exists: `/stories/{slug}` becomes the address of a story.

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::server::SEED;

/// What a visitor may name in an address.
#[derive(Debug, Clone, Copy)]
pub struct Things {
    /// A draft of theirs.
    pub draft: Uuid,
    /// Somebody's draft that is in review.
    pub in_review: Uuid,
    /// A picture of a published story.
    pub picture: Uuid,
    /// An account that nobody in the matrix uses.
    pub spare_account: Uuid,
}

impl Things {
    /// Makes them; the draft is that account's.
    pub async fn new(database_url: &str, author: Option<Uuid>, spare_account: Uuid) -> Self {
        let mut connection = PgConnection::connect(database_url).await.expect("connect");
        let draft = draft(&mut connection, author, "draft").await;
        let in_review = draft_in_review(&mut connection).await;
        Self { draft, in_review, picture: picture(&mut connection).await, spare_account }
    }

    /// The path with every placeholder filled.
    pub fn fill(&self, path: &str) -> String {
        let mut filled = String::new();
        let mut rest = path;
        while let Some((before, after)) = rest.split_once('{') {
            let end = closing(after).unwrap_or_else(|| panic!("{path} has a placeholder without an end"));
            let name = after[..end].split(':').next().unwrap_or_default();
            filled.push_str(before);
            filled.push_str(&self.value(path, name));
            rest = &after[end + 1..];
        }
        filled.push_str(rest);
        if matches!(filled.as_str(), "/pictures" | "/pictures/new") {
            // The record that it is for.
            filled.push_str(&format!("?failure={}", self.draft));
        }
        filled
    }

    fn value(&self, path: &str, name: &str) -> String {
        match name {
            "kind" => "stories".to_owned(),
            "slug" if path.contains("/patterns/") => "exposed-dashboard-runs-miner".to_owned(),
            "slug" => SEED[0].to_owned(),
            "number" | "n" | "revision" | "which" => "1".to_owned(),
            "file" => "logs.yaml".to_owned(),
            "name" => "nothing.css".to_owned(),
            "id" | "draft" if path.starts_with("/drafts") => self.draft.to_string(),
            "id" | "draft" if path.starts_with("/review") => self.in_review.to_string(),
            "id" | "picture" if path.starts_with("/pictures") => self.picture.to_string(),
            "id" | "account" if path.starts_with("/members") => self.spare_account.to_string(),
            "id" | "session" => Uuid::nil().to_string(),
            "token" | "secret" => "A".repeat(43),
            other => panic!("{path}: say in tests/it/access/filling.rs what stands for {{{other}}}"),
        }
    }
}

/// Where a placeholder ends, whose pattern may have braces of its own.
fn closing(after: &str) -> Option<usize> {
    let mut depth = 1;
    after.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

async fn draft(connection: &mut PgConnection, author: Option<Uuid>, status: &str) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO draft (id, failure_id, author_id, author_name, status, title, form, version, created_at, saved_at, submitted_at)
         VALUES ($1, $2, $3, 'Somebody', $4, 'A draft', 'title=A+draft', 1, now(), now(), now())",
    )
    .bind(id)
    .bind(Uuid::now_v7())
    .bind(author)
    .bind(status)
    .execute(connection)
    .await
    .expect("draft");
    id
}

async fn draft_in_review(connection: &mut PgConnection) -> Uuid {
    draft(connection, None, "in_review").await
}

async fn picture(connection: &mut PgConnection) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO picture (id, failure_id, digest, media_type, width, height, bytes, added_at)
         SELECT $1, f.id, $2, 'image/png', 1, 1, '\\x00', now() FROM failure f WHERE f.kind = 'story' LIMIT 1",
    )
    .bind(id)
    .bind(id.as_bytes().as_slice())
    .execute(connection)
    .await
    .expect("picture");
    id
}

#[test]
fn a_placeholder_may_have_a_pattern_with_braces() {
    let id = Uuid::nil();
    let things = Things { draft: id, in_review: id, picture: id, spare_account: id };
    assert_eq!(things.fill("/drafts/{id:[0-9a-f-]{36}}/edit"), format!("/drafts/{id}/edit"));
    assert_eq!(things.fill("/stories/{slug}.md"), format!("/stories/{}.md", SEED[0]));
}
