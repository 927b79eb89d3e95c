//! People for tests: accounts that are logged in, without going through the pages for it. Logging in has tests of its own.

use casebook::domain::{AccountId, Role, Scope};
use casebook::identity::Secret;
use sqlx::{Connection, PgConnection};

use crate::server::{Client, Node};

/// Somebody with an account, and a browser of theirs that is logged in.
pub struct Person {
    pub account: AccountId,
    pub client: Client,
}

/// Makes an account of that role and logs it in. Its name is that of its role with a number behind it.
pub async fn person(node: &Node, database_url: &str, role: Role) -> Person {
    let account = AccountId::new();
    let mut connection = PgConnection::connect(database_url).await.expect("connect");
    let name = format!("{} {}", role.label(), &account.to_string()[28..]);
    let email = format!("{account}@example.com");
    sqlx::query("INSERT INTO account (id, name, email, role, created_at) VALUES ($1, $2, $3, $4, now())")
        .bind(account.0)
        .bind(name)
        .bind(email)
        .bind(role.as_str())
        .execute(&mut connection)
        .await
        .expect("account");
    let person = Person { account, client: node.client.stranger() };
    log_in(&person.client, &mut connection, account).await;
    person
}

/// One more browser of somebody's that is logged in.
pub async fn another_browser(node: &Node, database_url: &str, account: AccountId) -> Client {
    let mut connection = PgConnection::connect(database_url).await.expect("connect");
    let client = node.client.stranger();
    log_in(&client, &mut connection, account).await;
    client
}

async fn log_in(client: &Client, connection: &mut PgConnection, account: AccountId) {
    let secret = Secret::new().expect("randomness");
    sqlx::query(
        "INSERT INTO session (id, token_hash, account_id, created_at, seen_at, ends_at, user_agent, address)
         VALUES (gen_random_uuid(), $1, $2, now(), now(), now() + interval '1 day', 'a test', '127.0.0.1')",
    )
    .bind(&secret.hash()[..])
    .bind(account.0)
    .execute(connection)
    .await
    .expect("session");
    client.keep_cookie("casebook-session", secret.reveal());
}

/// An API token of somebody's, as the value of an `Authorization` header.
pub async fn token(database_url: &str, account: AccountId, scope: Scope) -> String {
    let secret = Secret::new().expect("randomness");
    let mut connection = PgConnection::connect(database_url).await.expect("connect");
    sqlx::query(
        "INSERT INTO api_token (id, account_id, name, token_hash, scope, created_at, expires_at)
         VALUES (gen_random_uuid(), $1, 'a test', $2, $3, now(), now() + interval '1 day')",
    )
    .bind(account.0)
    .bind(&secret.hash()[..])
    .bind(scope.as_str())
    .execute(&mut connection)
    .await
    .expect("token");
    format!("Bearer {}", secret.reveal())
}
