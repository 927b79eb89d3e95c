//! Login, logout, rotation, expiry, and how often somebody may err.

use chrono::TimeDelta;

use super::{House, PASSWORD, faults, hours, house, house_with, is_in, log_in, send};
use crate::server::{Answer, NodeOptions};

const SESSION: &str = "casebook-session";

/// What everybody may see of an answer: without what differs from one page to the next.
fn seen(answer: &Answer, email: &str) -> (u16, String) {
    let token = super::csrf(answer);
    (answer.status, answer.text.replace(&token, "TOKEN").replace(email, "EMAIL"))
}

#[tokio::test]
async fn logging_in_leads_to_where_one_wanted_to_go() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let client = house.visitor();
    let led = client.get("/account?done=%20x&y=1");
    assert_eq!(led.status, 303);
    let login = led.header("location").to_owned();
    assert_eq!(login, "/login?return=%2Faccount%3Fdone%3D%2520x%26y%3D1");
    let page = client.get(&login);
    assert_eq!(page.header("cache-control"), "no-store");
    let back = page.attributes("main input[name=return]", "value").concat();
    assert_eq!(back, "/account?done=%20x&y=1");
    let done = log_in(&client, " ADA@example.com ", PASSWORD, &back);
    assert_eq!((done.status, done.header("location")), (303, back.as_str()));
    assert!(is_in(&client));
    let again = client.get("/login?return=/stories");
    assert_eq!((again.status, again.header("location")), (303, "/stories"), "who is in need not log in");
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb: c", ""] {
        let query = serde_html_form::to_string([("return", bad)]).expect("query");
        let page = house.visitor().get(&format!("/login?{query}"));
        assert_eq!(page.attributes("main input[name=return]", "value"), ["/"], "{bad:?}");
        let done = log_in(&house.visitor(), "ada@example.com", PASSWORD, bad);
        assert_eq!((done.status, done.header("location")), (303, "/"), "{bad:?}");
    }
}

#[tokio::test]
async fn each_login_has_a_secret_of_its_own_and_ends_the_session_that_the_browser_had() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let client = house.visitor();
    client.keep_cookie(SESSION, &"0".repeat(64));
    let page = client.get("/login");
    let before = client.cookies();
    let fields = [("csrf", super::csrf(&page)), ("email", "ada@example.com".into()), ("password", PASSWORD.into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = client.post_form("/login", &fields);
    assert_eq!(done.status, 303);
    let cookies: Vec<&str> =
        done.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("ASCII")).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with(SESSION)).expect("a session");
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=1209600"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!session.contains("Secure"), "over plain HTTP it would be dropped: {session}");
    let after = client.cookies();
    assert_ne!(after[SESSION], before[SESSION], "a planted secret is worth nothing");
    assert_ne!(after["casebook-csrf"], before["casebook-csrf"]);
    // The same browser once more: the first session is over.
    let first = house.visitor();
    first.keep_cookie(SESSION, &after[SESSION]);
    assert!(is_in(&first));
    let token = super::csrf(&client.get("/account"));
    let fields = [("csrf", token.as_str()), ("email", "ada@example.com"), ("password", PASSWORD)];
    assert_eq!(client.post_form("/login", &fields).status, 303);
    assert!(is_in(&client) && !is_in(&first));
}

#[tokio::test]
async fn over_https_the_cookies_are_of_the_strictest_kind() {
    let options = NodeOptions { public_url: Some("https://casebook.example.com".to_owned()), ..NodeOptions::default() };
    let house = house_with(options).await;
    house.account("ada@example.com", "author").await;
    let client = house.visitor();
    let done = log_in(&client, "ada@example.com", PASSWORD, "/");
    assert_eq!(done.status, 303, "{}", done.text);
    for cookie in done.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().expect("ASCII");
        assert!(
            cookie.starts_with("__Host-") && cookie.ends_with("; Secure") && cookie.contains("Path=/;"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(is_in(&client));
}

#[tokio::test]
async fn logging_out_ends_the_session_and_not_only_the_cookie() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let client = house.logged_in("ada@example.com");
    let secret = client.cookies()[SESSION].clone();
    assert_eq!(client.post_form("/logout", &[("csrf", "0")]).status, 403);
    assert!(is_in(&client));
    let out = send(&client, "/account", "/logout", &[]);
    assert_eq!((out.status, out.header("location")), (303, "/"));
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(client.cookies()[SESSION], "");
    client.keep_cookie(SESSION, &secret);
    assert!(!is_in(&client));
    assert!(house.audit().await.last().expect("a line").starts_with("logged-out | ada"));
}

#[tokio::test]
async fn a_session_ends_when_it_lies_idle_and_in_any_case_after_two_weeks() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let client = house.logged_in("ada@example.com");
    house.clock.pass(hours(11));
    assert!(is_in(&client));
    house.clock.pass(hours(11));
    assert!(is_in(&client), "it was used in between");
    house.clock.pass(hours(12));
    assert!(!is_in(&client), "idle");
    let client = house.logged_in("ada@example.com");
    for _ in 0..33 {
        house.clock.pass(hours(10));
        assert!(is_in(&client));
    }
    house.clock.pass(hours(10));
    assert!(!is_in(&client), "two weeks");
}

#[tokio::test]
async fn who_does_not_get_in_does_not_learn_why() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let bob = house.account("bob@example.com", "author").await;
    let mut connection = house.connection().await;
    let close = "UPDATE account SET disabled_at = now() WHERE id = $1::uuid";
    sqlx::query(close).bind(&bob).execute(&mut connection).await.expect("closed");
    sqlx::query(
        "INSERT INTO account (id, name, email, role, created_at) VALUES (gen_random_uuid(), 'Eve', 'eve@example.com', 'author', now())",
    )
    .execute(&mut connection)
    .await
    .expect("an account without a password");
    let answer = |email: &str, password: &str| seen(&log_in(&house.visitor(), email, password, "/"), email);
    let wrong = answer("ada@example.com", "something else entirely");
    assert_eq!(wrong.0, 422);
    assert_eq!(answer("nobody@example.com", PASSWORD), wrong, "unknown");
    assert_eq!(answer("bob@example.com", PASSWORD), wrong, "closed");
    assert_eq!(answer("eve@example.com", PASSWORD), wrong, "without a password");
    assert_eq!(answer("no address", PASSWORD), wrong, "no address at all");
    assert_eq!(answer("ada@example.com", &"x".repeat(100_000)), wrong, "long");
    assert_eq!(answer("ada@example.com", &format!("{PASSWORD}\0")), wrong, "longer by a NUL");
    let lines = house.audit().await;
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("login-failed | a visitor | ")), "{lines:?}");
    assert!(!lines.concat().contains("Helgoland"));
}

#[tokio::test]
async fn hostile_input_is_refused_and_nothing_breaks() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    for email in
        ["a\0b@c", "\u{202e}@\u{202e}", "' OR 1=1 --", &"a".repeat(100_000), "<script>alert(1)</script>@x", "\u{feff}"]
    {
        let answer = log_in(&house.visitor(), email, PASSWORD, "/");
        assert_eq!(answer.status, 422, "{email:?}");
        assert!(answer.text.len() < 20_000 && !answer.text.contains("<script>alert"), "{email:?}");
    }
    for body in ["", "email=a", "csrf=&email=&password=", "email=%00", "=&=&="] {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(house.visitor().post("/login", &headers, body).status, 403, "{body}");
    }
}

async fn errs(house: &House, email: &str, times: usize) -> Vec<u16> {
    let client = house.visitor();
    (0..times).map(|_| log_in(&client, email, "something else entirely", "/").status).collect()
}

#[tokio::test]
async fn who_errs_too_often_waits_and_is_told_for_how_long() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    assert_eq!(errs(&house, "ada@example.com", 6).await, [422, 422, 422, 422, 422, 429]);
    // The right password is no way around it, and what is refused does not make it longer.
    let refused = log_in(&house.visitor(), "Ada@Example.com", PASSWORD, "/");
    assert_eq!(refused.status, 429);
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=901).contains(&wait), "{wait}");
    assert!(faults(&refused).contains("minutes") && faults(&refused).contains("UTC"), "{}", faults(&refused));
    assert_eq!(refused.attributes("#email", "value"), ["Ada@Example.com"]);
    house.account("bob@example.com", "author").await;
    assert_eq!(log_in(&house.visitor(), "bob@example.com", PASSWORD, "/").status, 303, "others get in");
    house.clock.pass(TimeDelta::seconds(wait));
    assert_eq!(log_in(&house.visitor(), "ada@example.com", PASSWORD, "/").status, 303);
    // Who got in begins anew.
    assert_eq!(errs(&house, "ada@example.com", 6).await, [422, 422, 422, 422, 422, 429]);
}

#[tokio::test]
async fn many_tries_at_once_are_no_way_around_the_limit() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let tries: Vec<_> = (0..16)
        .map(|_| {
            let client = house.visitor();
            std::thread::spawn(move || log_in(&client, "ada@example.com", "something else entirely", "/").status)
        })
        .collect();
    let statuses: Vec<u16> = tries.into_iter().map(|thread| thread.join().expect("answer")).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 11, "{statuses:?}");
}

#[tokio::test]
async fn one_address_has_so_many_tries_over_all_accounts_and_a_trusted_proxy_says_which_it_is() {
    let proxy = "127.0.0.1".parse().expect("an address");
    let house = house_with(NodeOptions { trusted_proxies: vec![proxy], ..NodeOptions::default() }).await;
    house.account("ada@example.com", "author").await;
    let from = |address: &str, email: &str, password: &str| {
        let client = house.visitor();
        let token = super::csrf(&client.get("/login"));
        let fields = [("csrf", token.as_str()), ("email", email), ("password", password)];
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", address)];
        client.post("/login", &headers, serde_html_form::to_string(fields).expect("form")).status
    };
    let statuses: Vec<u16> = (0..21).map(|n| from("192.0.2.7", &format!("nobody{n}@example.com"), "wrong")).collect();
    assert!(statuses[..20].iter().all(|status| *status == 422), "{statuses:?}");
    assert_eq!(statuses[20], 429);
    assert_eq!(from("192.0.2.7", "ada@example.com", PASSWORD), 429);
    assert_eq!(from("203.0.113.9, 192.0.2.7", "ada@example.com", PASSWORD), 429, "made up by the client");
    assert_eq!(from("192.0.2.8", "ada@example.com", PASSWORD), 303);
}
