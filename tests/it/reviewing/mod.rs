//! The way from a draft that is handed in to a published story, over HTTP, with people of each role.

mod checklist;
mod letters;
mod steps;
mod together;
mod without_account;

use casebook::domain::clock::SystemClock;
use casebook::domain::{
    AccountId, Actor, DraftId, Line, Local, Member, Policy, Reading, Role, SessionId, Submission, Via,
};
use casebook::service::reviewing;
use casebook::store::Database;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::database::TestDatabase;
use crate::people::{Person, person};
use crate::server::{Answer, Client, Node, NodeOptions, story};

/// A node on which nobody is trusted for being near.
const MEMBERS: Policy = Policy { reading: Reading::Public, submission: Submission::Members, local: Local::Like };

async fn node(policy: Policy) -> (Node, TestDatabase) {
    let database = TestDatabase::new().await;
    let node = Node::start(&database.url, NodeOptions { policy, ..NodeOptions::default() }).await;
    (node, database)
}

/// A node with an author and an editor.
struct World {
    node: Node,
    database: TestDatabase,
    author: Person,
    editor: Person,
}

impl World {
    async fn new() -> Self {
        let (node, database) = node(MEMBERS).await;
        let author = person(&node, &database.url, Role::Author).await;
        let editor = person(&node, &database.url, Role::Editor).await;
        Self { node, database, author, editor }
    }

    async fn person(&self, role: Role) -> Person {
        person(&self.node, &self.database.url, role).await
    }

    /// A draft of the author's that waits for a reviewer.
    async fn handed_in(&self, title: &str) -> DraftId {
        let draft = write(&self.database, Some(self.author.account), &form(title, &[]), None).await;
        hand_in(&self.database, self.author.account, Role::Author, draft).await;
        draft
    }
}

/// The form of the smallest story, with more fields.
fn form(title: &str, more: &[(&str, &str)]) -> String {
    let story = story(title);
    let mut fields: Vec<(&str, &str)> = story
        .as_object()
        .expect("object")
        .iter()
        .map(|(name, value)| (&**name, value.as_str().expect("text")))
        .collect();
    fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    fields.extend(more);
    serde_html_form::to_string(fields).expect("form")
}

/// Keeps a draft, as it is while it is written: of a new story, or of one that is there at a revision.
async fn write(database: &TestDatabase, author: Option<AccountId>, form: &str, of: Option<(Uuid, i32)>) -> DraftId {
    let draft = DraftId::new();
    let pairs: Vec<(String, String)> = serde_html_form::from_str(form).expect("form");
    let title = pairs.iter().find(|(name, _)| name == "title").map_or("", |(_, title)| title);
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query(
        "INSERT INTO draft (id, failure_id, base, author_id, author_name, status, title, form, version, created_at, saved_at)
         VALUES ($1, $2, $3, $4, COALESCE((SELECT name FROM account WHERE id = $4), 'a visitor'), 'draft', $5, $6, 1, now(), now())",
    )
    .bind(draft.0)
    .bind(of.map_or_else(Uuid::now_v7, |(failure, _)| failure))
    .bind(of.map(|(_, base)| base))
    .bind(author.map(|author| author.0))
    .bind(title)
    .bind(form)
    .execute(&mut connection)
    .await
    .expect("draft");
    draft
}

async fn hand_in(database: &TestDatabase, account: AccountId, role: Role, draft: DraftId) {
    let actor = Actor::Member(Member {
        account,
        name: Line::parse("Somebody").expect("a name"),
        role,
        via: Via::Session(SessionId::new()),
    });
    let mut transaction = database.database.begin().await.expect("begin");
    reviewing::submit(&mut transaction, &SystemClock, &actor, draft, "").await.expect("handed in");
    Database::commit(transaction).await.expect("commit");
}

fn page(client: &Client, draft: DraftId) -> Answer {
    let page = client.get(&format!("/review/{draft}"));
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

/// Presses a button of a draft's page as it was shown, with something said.
fn press(client: &Client, shown: &Answer, draft: DraftId, action: &str, field: &str, words: &str) -> Answer {
    let hidden = |name: &str| shown.attributes(&format!(".say input[name={name}]"), "value").concat();
    let (csrf, version, seen) = (hidden("csrf"), hidden("version"), hidden("seen"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("version", &version),
        ("seen", &seen),
        ("field", field),
        ("words", words),
        ("action", action),
    ];
    client.post_form(&format!("/review/{draft}"), &fields)
}

/// The same on the page as it is now.
fn act(client: &Client, draft: DraftId, action: &str, words: &str) -> Answer {
    press(client, &page(client, draft), draft, action, "", words)
}

#[track_caller]
fn done(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.texts("main").concat());
    answer.header("location").to_owned()
}

/// The steps of a draft, with who took them.
async fn steps(database: &TestDatabase, draft: DraftId) -> Vec<String> {
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query_scalar("SELECT kind FROM review_event WHERE draft_id = $1 ORDER BY n")
        .bind(draft.0)
        .fetch_all(&mut connection)
        .await
        .expect("events")
}

/// The audit log: what was done, and what it says of it.
async fn audit(database: &TestDatabase) -> Vec<(String, String)> {
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query_as("SELECT action, detail FROM audit ORDER BY n").fetch_all(&mut connection).await.expect("audit log")
}
