//! Coming in through an OpenID provider: whose account it is, with which role, and what is said when nobody comes in.
//! Login at a real provider is tested in the browser.

use std::sync::Arc;

use casebook::domain::clock::{Clock, SystemClock};
use casebook::domain::{Email, Line, Role};
use casebook::identity::Secret;
use casebook::identity::oidc::{GroupRole, Identity, Mailbox, Provider, Registration, RoleMapping};
use casebook::service::account::Browser;
use casebook::service::oidc::{EnterError, Refusal, enter};
use sqlx::{Connection, PgConnection};

use crate::database::TestDatabase;
use crate::program;
use crate::server::{self, Node, NodeOptions};

const ISSUER: &str = "https://id.example.com";

fn ada(groups: &[&str]) -> Identity {
    Identity {
        issuer: ISSUER.to_owned(),
        subject: "subject-1".to_owned(),
        name: Line::parse("Ada Lovelace").expect("a name"),
        mailbox: mailbox("ada@example.com", true),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

fn mailbox(address: &str, is_verified: bool) -> Option<Mailbox> {
    Some(Mailbox { address: Email::parse(address).expect("an address"), is_verified })
}

fn by_groups(otherwise: Option<Role>) -> RoleMapping {
    let groups = [("sre", Role::Editor), ("staff", Role::Author)];
    let line = |(group, role): (&str, Role)| GroupRole { group: group.to_owned(), role };
    RoleMapping::new(groups.into_iter().map(line).collect(), otherwise)
}

fn by_hand() -> RoleMapping {
    RoleMapping::new(Vec::new(), Some(Role::Reader))
}

async fn come(database: &TestDatabase, identity: &Identity, roles: &RoleMapping) -> Result<Secret, Refusal> {
    let browser = Browser {
        user_agent: "a test".to_owned(),
        address: "127.0.0.1".to_owned(),
        network: "127.0.0.1".to_owned(),
        session: None,
    };
    match enter(&database.database, identity, roles, &browser, SystemClock.now()).await {
        Ok(secret) => Ok(secret),
        Err(EnterError::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error}"),
    }
}

/// Rows as text, one a line.
async fn rows(database: &TestDatabase, columns: &str, rest: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    let query = format!("SELECT concat_ws(' | ', {columns}) FROM {rest}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&mut connection).await.expect("rows")
}

async fn run(database: &TestDatabase, statement: &'static str) {
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query(statement).execute(&mut connection).await.expect(statement);
}

async fn accounts(database: &TestDatabase) -> Vec<String> {
    rows(database, "name, email, role, coalesce(oidc_subject, '-')", "account ORDER BY created_at, email").await
}

async fn audit(database: &TestDatabase) -> Vec<String> {
    rows(database, "actor_name, action, subject, detail", "audit ORDER BY n").await
}

const INVITED: &str = "INSERT INTO account (id, name, email, role, created_at)
     VALUES (gen_random_uuid(), 'Countess', 'Ada@Example.com', 'author', now() - interval '1 day')";

#[tokio::test]
async fn whoever_comes_first_gets_an_account_with_the_role_of_their_groups_and_a_session_that_lets_them_in() {
    let (node, database) = server::empty().await;
    let secret = come(&database, &ada(&["staff", "sre"]), &by_groups(Some(Role::Reader))).await.expect("in");
    assert_eq!(accounts(&database).await, ["Ada Lovelace | ada@example.com | editor | subject-1"]);
    assert_eq!(
        audit(&database).await,
        [
            "Ada Lovelace | account-made | ada@example.com | openid: editor",
            "Ada Lovelace | logged-in | ada@example.com | openid"
        ]
    );
    let client = node.client.stranger();
    client.keep_cookie("casebook-session", secret.reveal());
    assert_eq!(client.get("/about").texts(".site-account-name"), ["Ada Lovelace"]);
}

#[tokio::test]
async fn roles_follow_the_groups_at_each_log_in_where_groups_have_roles_and_stay_where_they_have_none() {
    let database = TestDatabase::new().await;
    let mapping = by_groups(Some(Role::Reader));
    for (groups, expected) in [(&["staff"][..], "author"), (&["sre"], "editor"), (&[], "reader"), (&[], "reader")] {
        come(&database, &ada(groups), &mapping).await.expect("in");
        assert_eq!(rows(&database, "role", "account").await, [expected]);
    }
    let changes = rows(&database, "detail", "audit WHERE action = 'account-changed' ORDER BY n").await;
    assert_eq!(changes, ["openid: author to editor", "openid: editor to reader"]);

    run(&database, "UPDATE account SET role = 'admin'").await;
    come(&database, &ada(&["staff"]), &by_hand()).await.expect("in");
    assert_eq!(rows(&database, "role", "account").await, ["admin"]);
}

#[tokio::test]
async fn an_account_that_waits_for_a_verified_address_is_linked_and_keeps_its_role() {
    let database = TestDatabase::new().await;
    run(&database, INVITED).await;
    come(&database, &ada(&[]), &by_hand()).await.expect("in");
    assert_eq!(accounts(&database).await, ["Countess | Ada@Example.com | author | subject-1"]);
    assert_eq!(
        audit(&database).await,
        [
            "Countess | account-changed | Ada@Example.com | openid: linked by e-mail address",
            "Countess | logged-in | Ada@Example.com | openid"
        ]
    );
    // From then on it is the subject that counts, whatever the address has become.
    let moved = Identity { mailbox: mailbox("countess@example.com", false), ..ada(&[]) };
    come(&database, &moved, &by_hand()).await.expect("in");
    assert_eq!(accounts(&database).await.len(), 1);
}

#[tokio::test]
async fn nobody_takes_over_an_account_by_having_its_address_at_a_provider() {
    for (way_in, is_verified) in [
        ("UPDATE account SET password_hash = 'a hash'", true),
        ("UPDATE account SET oidc_issuer = 'https://id.example.com', oidc_subject = 'another'", true),
        ("UPDATE account SET oidc_issuer = 'https://elsewhere.example.com', oidc_subject = 'subject-1'", true),
        // An address that nobody has verified opens not even an account that waits for it.
        ("UPDATE account SET notified = true", false),
    ] {
        let database = TestDatabase::new().await;
        run(&database, INVITED).await;
        run(&database, way_in).await;
        let before = accounts(&database).await;
        let claimed = Identity { mailbox: mailbox("ada@example.com", is_verified), ..ada(&["sre"]) };
        let refused = come(&database, &claimed, &by_groups(Some(Role::Reader))).await.expect_err("refused");
        assert_eq!(refused, Refusal::EmailTaken, "{way_in}");
        assert_eq!(accounts(&database).await, before);
        assert!(rows(&database, "id", "session").await.is_empty());
        assert_eq!(
            audit(&database).await,
            ["a visitor | login-failed | ada@example.com | openid: the e-mail address belongs to another account"]
        );
    }
}

#[tokio::test]
async fn whoever_may_not_come_in_gets_neither_account_nor_session() {
    let database = TestDatabase::new().await;
    let strict = by_groups(None);
    assert_eq!(come(&database, &ada(&["others"]), &strict).await.expect_err("refused"), Refusal::NoRole);
    let nowhere = Identity { mailbox: None, ..ada(&["sre"]) };
    assert_eq!(come(&database, &nowhere, &strict).await.expect_err("refused"), Refusal::NoEmail);
    assert!(accounts(&database).await.is_empty());

    come(&database, &ada(&["sre"]), &strict).await.expect("in");
    assert_eq!(come(&database, &ada(&[]), &strict).await.expect_err("refused"), Refusal::NoRole);
    run(&database, "UPDATE account SET disabled_at = now()").await;
    assert_eq!(come(&database, &ada(&["staff"]), &strict).await.expect_err("refused"), Refusal::Disabled);
    assert_eq!(rows(&database, "role", "account").await, ["editor"]);
    assert_eq!(rows(&database, "id", "session").await.len(), 1);
}

#[tokio::test]
async fn two_browsers_that_come_first_at_once_share_one_account() {
    let database = TestDatabase::new().await;
    let (identity, mapping) = (ada(&["sre"]), by_groups(None));
    let (one, other) = tokio::join!(come(&database, &identity, &mapping), come(&database, &identity, &mapping));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(accounts(&database).await.len(), 1);
    assert_eq!(rows(&database, "id", "session").await.len(), 2);
}

/// A node whose provider is not there: nothing listens on port 1.
async fn without_provider(public_url: &str) -> (Node, TestDatabase) {
    let registration = Registration {
        issuer: "http://127.0.0.1:1".to_owned(),
        client_id: "casebook".to_owned(),
        client_secret: None,
        name: Line::parse("Example <SSO>").expect("a name"),
        scopes: Vec::new(),
        groups_claim: "groups".to_owned(),
        roles: by_hand(),
        public_url: public_url.to_owned(),
    };
    let database = TestDatabase::new().await;
    let oidc = Some(Arc::new(Provider::new(registration).expect("a provider")));
    let options = NodeOptions { public_url: Some(public_url.to_owned()), oidc, ..NodeOptions::default() };
    let node = Node::start(&database.url, options).await;
    (node, database)
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_to_be_on_a_page_with_the_way_to_try_again() {
    let (node, _database) = without_provider("http://127.0.0.1:8080").await;
    for _ in 0..2 {
        let answer = node.client.get("/login/oidc?return=/stories%3Fq%3Da");
        assert_eq!(answer.status, 502, "{}", answer.text);
        assert_eq!(answer.texts("h1"), ["Login is not available just now"]);
        assert!(answer.texts(".lead")[0].starts_with("Example <SSO> does not answer"), "{}", answer.text);
        assert_eq!(answer.attributes(".column a.button", "href"), ["/login/oidc?return=%2Fstories%3Fq%3Da"]);
        assert!(!answer.text.contains("127.0.0.1:1"), "nothing internal is shown");
        assert!(node.client.cookies().is_empty());
        assert_eq!(answer.attributes(".theme [name=return]", "value"), ["/stories?q=a"]);
    }
}

#[tokio::test]
async fn whoever_comes_back_without_having_set_out_is_not_let_in() {
    for (public_url, name) in
        [("http://127.0.0.1:8080", "casebook-oidc"), ("https://casebook.example.com", "__Host-casebook-oidc")]
    {
        let (node, _database) = without_provider(public_url).await;
        let kept = "state=right&nonce=a&verifier=b&return=%2F%2Fevil.example";
        for (cookie, query) in [
            ("", "?code=a&state=right"),
            (kept, ""),
            (kept, "?code=a"),
            (kept, "?code=a&state="),
            (kept, "?code=a&state=wrong"),
            (kept, "?error=access_denied&state=wrong"),
            ("state=&nonce=a&verifier=b&return=/", "?code=a&state="),
        ] {
            let client = node.client.stranger();
            client.keep_cookie(name, cookie);
            let answer = client.get(&format!("/login/oidc/return{query}"));
            assert_eq!(answer.status, 400, "{cookie} {query}: {}", answer.text);
            assert_eq!(answer.texts("h1"), ["This login cannot be finished"]);
            assert_eq!(answer.attributes(".column a.button", "href"), ["/login/oidc?return=%2F"]);
            assert_eq!(client.cookies().get(name).map(String::as_str), Some(""), "the attempt is over");
        }
        // The right state comes as far as the provider, which is away; and back leads to a page of ours.
        let client = node.client.stranger();
        client.keep_cookie(name, kept);
        let answer = client.get("/login/oidc/return?code=a&state=right");
        assert_eq!(answer.status, 502, "{}", answer.text);
        assert_eq!(answer.attributes(".column a.button", "href"), ["/login/oidc?return=%2F"]);
    }
}

#[tokio::test]
async fn a_page_of_another_site_begins_no_login() {
    let (node, _database) = without_provider("http://127.0.0.1:8080").await;
    let begin = |site: &str| {
        let headers = [("sec-fetch-site", site)];
        node.client.request("GET", "/login/oidc?return=/stories", &headers, None).expect("an answer")
    };
    for site in ["cross-site", "same-site"] {
        let answer = begin(site);
        assert_eq!((answer.status, answer.header("location")), (303, "/login?return=%2Fstories"), "{site}");
        assert!(node.client.cookies().is_empty(), "{site}");
    }
    for site in ["same-origin", "none"] {
        assert_eq!(begin(site).status, 502, "{site}: the provider is asked, and away");
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way_in() {
    let (node, _database) = server::empty().await;
    for path in ["/login/oidc", "/login/oidc/return?code=a&state=b"] {
        assert_eq!(node.client.get(path).status, 404, "{path}");
    }
}

#[test]
fn a_registration_that_cannot_work_is_refused_before_anything_is_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let named = data.display().to_string();
    let public = ["--public-url", "https://casebook.example.com"];
    let client = ["--oidc-client-id", "casebook"];
    let missing = folder.path().join("nothing").display().to_string();
    for (issuer, more, expected) in [
        (ISSUER, [&client[..], &[]].concat(), "--oidc-issuer needs --public-url"),
        (ISSUER, [&public[..], &[]].concat(), "--oidc-client-id"),
        ("http://id.example.com", [&public[..], &client].concat(), "expected an https:// address"),
        (ISSUER, [&public[..], &client, &["--oidc-default-role", "none"]].concat(), "map a group to a role"),
        (ISSUER, [&public[..], &client, &["--oidc-role", "sre=owner"]].concat(), "owner"),
        (ISSUER, [&public[..], &client, &["--oidc-client-secret-file", &missing]].concat(), "cannot read the secret"),
    ] {
        let arguments = [&["serve", "--data", &named, "--oidc-issuer", issuer], &more[..]].concat();
        let output = program::run(&arguments, "");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(!data.exists(), "nothing was started");
    }
}
