//! Accounts through HTTP: who gets in, who is thrown out, and what each may change.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use casebook::domain::clock::Clock;
use casebook::domain::{Local, Policy};
use casebook::identity::{Secret, password};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, PgConnection};

use crate::database::TestDatabase;
use crate::server::{Answer, Client, Node, NodeOptions};

mod entering;
mod keeping;
mod logging_in;
mod members;
mod program;
mod refusing;
mod tokens;

/// A password that is good enough.
const PASSWORD: &str = "vier Möwen über Helgoland";

/// An instance that is open to read, and trusts nobody for where they are.
const PUBLIC: Policy = Policy { local: Local::Like, ..Policy::TRYING };

/// The machine's clock, moved on by hand.
#[derive(Default)]
struct MovedClock {
    seconds: AtomicI64,
}

impl MovedClock {
    fn pass(&self, time: TimeDelta) {
        self.seconds.fetch_add(time.num_seconds(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(self.seconds.load(Ordering::SeqCst))
    }
}

/// A node whose time passes at will.
struct House {
    node: Node,
    clock: Arc<MovedClock>,
    database: TestDatabase,
}

async fn house() -> House {
    house_with(NodeOptions::default()).await
}

async fn house_with(options: NodeOptions) -> House {
    let database = TestDatabase::new().await;
    let clock = Arc::new(MovedClock::default());
    let options = NodeOptions { policy: PUBLIC, clock: clock.clone(), ..options };
    let node = Node::start(&database.url, options).await;
    House { node, clock, database }
}

impl House {
    fn visitor(&self) -> Client {
        self.node.client.stranger()
    }

    async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.database.url).await.expect("connect")
    }

    /// An account with the usual password.
    async fn account(&self, email: &str, role: &str) -> String {
        let hash = tokio::task::spawn_blocking(|| password::hash(PASSWORD)).await.expect("thread").expect("hashed");
        let id = uuid::Uuid::now_v7();
        sqlx::query(
            "INSERT INTO account (id, name, email, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, now())",
        )
        .bind(id)
        .bind(email.split('@').next().expect("a name"))
        .bind(email)
        .bind(role)
        .bind(hash)
        .execute(&mut self.connection().await)
        .await
        .expect("account");
        id.to_string()
    }

    /// A browser in which that account is logged in, through the page.
    fn logged_in(&self, email: &str) -> Client {
        let client = self.visitor();
        let answer = log_in(&client, email, PASSWORD, "/");
        assert_eq!(answer.status, 303, "{}", answer.text);
        client
    }

    /// A link as `serve` and the pages make them.
    async fn link(&self, purpose: &str, email: Option<&str>, role: Option<&str>, account: Option<&str>) -> String {
        let secret = Secret::new().expect("randomness");
        sqlx::query(
            "INSERT INTO entry_link (id, token_hash, purpose, account_id, email, role, created_at, expires_at)
             VALUES (gen_random_uuid(), $1, $2, $3::uuid, $4, $5, now(), now() + interval '24 hours')",
        )
        .bind(&secret.hash()[..])
        .bind(purpose)
        .bind(account)
        .bind(email)
        .bind(role)
        .execute(&mut self.connection().await)
        .await
        .expect("link");
        secret.reveal().to_owned()
    }

    /// What the audit log says, one line each.
    async fn audit(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT concat_ws(' | ', action, actor_name, subject, detail) FROM audit ORDER BY n")
            .fetch_all(&mut self.connection().await)
            .await
            .expect("audit")
    }
}

/// The value of the hidden field of a page.
fn csrf(page: &Answer) -> String {
    page.attributes("main input[name=csrf]", "value").into_iter().next().expect("a form with a token")
}

/// Sends a form of a page that was looked at first.
fn send(client: &Client, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = csrf(&client.get(page));
    let mut all = vec![("csrf", token.as_str())];
    all.extend(fields);
    client.post_form(path, &all)
}

fn log_in(client: &Client, email: &str, password: &str, back: &str) -> Answer {
    send(client, "/login", "/login", &[("email", email), ("password", password), ("return", back)])
}

/// Whether a browser is logged in.
fn is_in(client: &Client) -> bool {
    client.get("/account").status == 200
}

/// Everything that is not right, as the page says it.
fn faults(page: &Answer) -> String {
    page.texts("#complaints li").join(" ")
}

fn hours(count: i64) -> TimeDelta {
    TimeDelta::hours(count)
}
