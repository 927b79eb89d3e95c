//! API tokens: shown once, good for their scope and their time.

use casebook::domain::{Local, Policy};

use super::{House, faults, house, send};
use crate::server::{Client, story};

fn make(client: &Client, name: &str, scope: &str, days: &str) -> String {
    let made = send(client, "/account", "/account/tokens", &[("name", name), ("scope", scope), ("days", days)]);
    assert_eq!(made.status, 200, "{}", made.text);
    made.texts("#new-token").concat()
}

/// Asks with a token, in one of the two manners: to read, to write.
fn asks(house: &House, token: &str, method: &str, path: &str) -> crate::server::Answer {
    let bearer = format!("Bearer {token}");
    let body = story("By a program").to_string();
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = (method == "POST").then_some(body.as_bytes());
    house.visitor().request(method, path, &headers, body).expect("answer")
}

#[tokio::test]
async fn a_token_does_what_its_scope_says_for_as_long_as_it_is_good() {
    let house = house().await;
    house.account("ada@example.com", "editor").await;
    let client = house.logged_in("ada@example.com");
    let (reads, writes) = (make(&client, "Reads", "read", "30"), make(&client, "Schreibt 世界", "write", "1"));
    let listed = client.get("/account");
    assert_eq!(listed.texts("form[action='/account/tokens/revoke']").len(), 2);
    assert!(!listed.text.contains(&reads) && listed.text.contains("never used"));
    assert_eq!(asks(&house, &reads, "GET", "/api/v1/stories").status, 200);
    assert_eq!(asks(&house, &reads, "POST", "/api/v1/stories").status, 403);
    assert_eq!(asks(&house, &writes, "POST", "/api/v1/stories").status, 201);
    assert!(client.get("/account").text.contains("last used"));
    // Accounts are for browsers: no token changes one, or makes another token.
    for path in ["/account", "/account/tokens", "/members"] {
        assert_eq!(asks(&house, &writes, "GET", path).status, 403, "{path}");
    }
    house.clock.pass(super::hours(25));
    let expired = asks(&house, &writes, "GET", "/api/v1/stories");
    assert_eq!(expired.status, 401);
    assert!(expired.json()["detail"].as_str().expect("words").contains("has expired"), "{}", expired.text);
    assert_eq!(asks(&house, &reads, "GET", "/api/v1/stories").status, 200);
    let client = house.logged_in("ada@example.com");
    let ids = client.get("/account").attributes("form[action='/account/tokens/revoke'] button", "value");
    house.account("bob@example.com", "editor").await;
    let bob = house.logged_in("bob@example.com");
    for (owner, status) in [(&bob, 200), (&client, 401)] {
        for id in &ids {
            assert_eq!(send(owner, "/account", "/account/tokens/revoke", &[("id", id)]).status, 303);
        }
        assert_eq!(asks(&house, &reads, "GET", "/api/v1/stories").status, status);
    }
}

#[tokio::test]
async fn a_token_that_is_not_good_is_told_so_even_where_everybody_may_read() {
    let house = house().await;
    for token in ["x", &"0".repeat(64), &"x".repeat(4000)] {
        for path in ["/", "/stories", "/api/v1/stories", "/healthz"] {
            let answer = asks(&house, token, "GET", path);
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
            assert!(answer.text.contains("not valid"), "{}", answer.text);
        }
    }
    let basic = [("authorization", "Basic YTpi")];
    let answer = house.visitor().request("GET", "/stories", &basic, None).expect("answer");
    assert_eq!(answer.status, 200, "what a proxy asks for is not ours");
}

#[tokio::test]
async fn a_token_needs_a_name_a_scope_and_an_end() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let client = house.logged_in("ada@example.com");
    for (name, scope, days) in [
        ("", "read", "30"),
        ("a\0b", "read", "30"),
        ("CI", "everything", "30"),
        ("CI", "read", "0"),
        ("CI", "read", "367"),
        ("CI", "read", "-1"),
        ("CI", "read", "99999999999999999999"),
        ("CI", "read", ""),
    ] {
        let refused = send(&client, "/account", "/account/tokens", &[("name", name), ("scope", scope), ("days", days)]);
        assert_eq!(refused.status, 422, "{name:?} {scope} {days}");
        assert!(faults(&refused).starts_with("Found"), "{}", faults(&refused));
        assert_eq!(refused.attributes("#token-days", "value"), [days]);
    }
    assert_eq!(send(&client, "/account", "/account/tokens/revoke", &[("id", "x")]).status, 404);
}

#[tokio::test]
async fn where_this_machine_is_trusted_a_wrong_token_is_still_wrong() {
    let database = crate::database::TestDatabase::new().await;
    let policy = Policy { local: Local::Trusted, ..Policy::TRYING };
    let options = crate::server::NodeOptions { policy, ..Default::default() };
    let node = crate::server::Node::start(&database.url, options).await;
    let headers = [("authorization", "Bearer wrong")];
    assert_eq!(node.client.request("GET", "/stories", &headers, None).expect("answer").status, 401);
}
