//! Every way in that is open, and every one that is shut.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::{CsrfToken, check_host, check_origin, check_token};
use crate::domain::{Actor, Local, Policy};
use crate::web::Settings;
use crate::web::visitor::stranger;

fn settings() -> Settings {
    Settings { hosts: vec!["casebook.internal".to_owned()], ..Settings::new(Policy::TRYING, ".".into()) }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header value"));
    }
    map
}

#[test]
fn only_this_machine_is_trusted_and_only_without_a_proxy() {
    let from = |peer: &str, pairs: &[(&'static str, &str)]| {
        stranger(&settings(), Some(peer.parse().expect("an address")), &headers(pairs))
    };
    for near in ["127.0.0.1:4000", "[::1]:4000", "[::ffff:127.0.0.1]:4000"] {
        assert_eq!(from(near, &[]), Actor::ThisMachine);
    }
    assert_eq!(from("192.0.2.7:4000", &[]), Actor::Anonymous);
    assert_eq!(from("127.0.0.1:4000", &[("x-forwarded-for", "192.0.2.7")]), Actor::Anonymous);
    assert_eq!(from("127.0.0.1:4000", &[("forwarded", "for=192.0.2.7")]), Actor::Anonymous);
    assert_eq!(stranger(&settings(), None, &headers(&[])), Actor::Anonymous);
}

#[test]
fn this_machine_is_like_any_other_unless_the_operator_trusts_it() {
    let settings = Settings { policy: Policy { local: Local::Like, ..Policy::TRYING }, ..settings() };
    let near = Some("127.0.0.1:4000".parse().expect("an address"));
    assert_eq!(stranger(&settings, near, &headers(&[])), Actor::Anonymous);
}

#[test]
fn the_server_answers_to_addresses_and_to_its_own_names_only() {
    let mut settings = settings();
    settings.public_url = Some("https://postmortems.example.com:8443".to_owned());
    for ours in [
        "localhost:8080",
        "LOCALHOST",
        "a.localhost",
        "127.0.0.1:8080",
        "[::1]:8080",
        "192.0.2.7",
        "Casebook.Internal:80",
        "postmortems.example.com:8443",
    ] {
        assert!(check_host(&settings, Some(ours)).is_ok(), "{ours}");
    }
    for foreign in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "", "a b", "[::1", "x:y"] {
        assert!(check_host(&settings, Some(foreign)).is_err(), "{foreign}");
    }
    assert!(check_host(&settings, None).is_ok());
}

#[test]
fn a_form_of_another_site_is_refused() {
    let check = |pairs: &[(&'static str, &str)]| check_origin(&settings(), &headers(pairs));
    let host = ("host", "127.0.0.1:8080");
    assert!(check(&[host]).is_ok());
    assert!(check(&[host, ("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8080")]).is_ok());
    assert!(check(&[host, ("sec-fetch-site", "cross-site")]).is_err());
    assert!(check(&[host, ("sec-fetch-site", "same-site")]).is_err());
    assert!(check(&[host, ("origin", "http://127.0.0.1:9090")]).is_err());
    assert!(check(&[host, ("origin", "null")]).is_err());
    assert!(check(&[host, ("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")]).is_err());
}

#[test]
fn the_token_of_the_form_must_be_the_one_in_the_cookie() {
    let settings = settings();
    let token = CsrfToken::of(&headers(&[]), &settings);
    let cookie = format!("theme=dark; casebook-csrf={}", token.as_str());
    let with_cookie = headers(&[("cookie", &cookie)]);
    assert!(check_token(&settings, &with_cookie, token.as_str()).is_ok());
    assert!(check_token(&settings, &with_cookie, &token.as_str().replace(['0', '1', '2', '3'], "f")).is_err());
    assert!(check_token(&settings, &with_cookie, "").is_err());
    assert!(check_token(&settings, &headers(&[]), token.as_str()).is_err());
    assert!(check_token(&settings, &headers(&[("cookie", "casebook-csrf=")]), "").is_err());
    assert_eq!(CsrfToken::of(&with_cookie, &settings), token);
}

#[test]
fn the_cookie_travels_over_https_only_where_people_use_https() {
    let mut settings = settings();
    let token = CsrfToken::of(&headers(&[]), &settings);
    assert!(!token.set_cookie(&settings).contains("Secure"));
    settings.public_url = Some("https://casebook.example.com".to_owned());
    let cookie = token.set_cookie(&settings);
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}
