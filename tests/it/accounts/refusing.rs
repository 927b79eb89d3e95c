//! What strangers get where they may not go.

use casebook::domain::{Policy, Reading};

use super::{PUBLIC, house};
use crate::database::TestDatabase;
use crate::server::{Node, NodeOptions};

#[tokio::test]
async fn people_are_led_to_the_login_and_programs_are_told() {
    let house = house().await;
    let client = house.visitor();
    let page = client.get("/stories/new?copy=a%20b");
    assert_eq!((page.status, page.header("location")), (303, "/login?return=%2Fstories%2Fnew%3Fcopy%3Da%2520b"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.headers.contains_key("content-security-policy"));
    for headers in [
        vec![("sec-fetch-dest", "empty"), ("accept", "*/*")],
        vec![("sec-fetch-dest", "image")],
        vec![("accept", "application/json")],
    ] {
        assert_eq!(client.request("GET", "/stories/new", &headers, None).expect("answer").status, 401, "{headers:?}");
    }
    let navigation = [("sec-fetch-dest", "document"), ("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    assert_eq!(client.request("GET", "/account", &navigation, None).expect("answer").status, 303);
    let api = client.post_json("/api/v1/stories", &crate::server::story("From nobody"));
    assert_eq!((api.status, api.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(api.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_form_that_is_sent_after_the_session_ended_says_how_to_send_it_again() {
    let house = house().await;
    let answer = house.visitor().post_form("/account", &[("name", "Ada")]);
    assert_eq!(answer.status, 401);
    assert_eq!(answer.attributes("main a[href='/login']", "target"), ["_blank"]);
    assert!(answer.text.contains("Nothing that you typed is lost"));
}

#[tokio::test]
async fn a_house_for_members_only_shows_its_door() {
    let database = TestDatabase::new().await;
    let policy = Policy { reading: Reading::Members, ..PUBLIC };
    let node = Node::start(&database.url, NodeOptions { policy, ..NodeOptions::default() }).await;
    let client = node.client.stranger();
    for path in ["/", "/stories", "/patterns", "/about"] {
        assert_eq!(client.get(path).status, 303, "{path}");
    }
    assert_eq!(client.get("/api/v1/stories").status, 401);
    let page = client.get("/login");
    assert_eq!(page.status, 200);
    let style = page.attributes("link[href*='account']", "href").concat();
    assert_eq!(client.get(&style).status, 200, "the door has its style");
    assert_eq!(client.get("/healthz").status, 200);
}
