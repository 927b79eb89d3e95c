//! Links that are good once: set-up, invitation, new password.

use super::{PASSWORD, faults, hours, house, is_in, log_in, send};

#[tokio::test]
async fn casebook_is_set_up_once() {
    let house = house().await;
    let token = house.link("setup", None, Some("admin"), None).await;
    let address = format!("/setup?token={token}");
    let client = house.visitor();
    let page = client.get(&address);
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    // Neither looking twice nor a form that is wrong uses the link up.
    let fields = |password| {
        [("token", token.as_str()), ("name", "Ada 王"), ("email", "Ada@Example.com"), ("password", password)]
    };
    let wrong = send(&client, &address, "/setup", &fields("password1234"));
    assert_eq!(wrong.status, 422);
    assert!(faults(&wrong).contains("easy to guess"), "{}", faults(&wrong));
    assert_eq!(wrong.attributes("#name", "value"), ["Ada 王"]);
    assert!(!wrong.text.contains("password1234"));
    let done = send(&client, &address, "/setup", &fields(PASSWORD));
    assert_eq!((done.status, done.header("location")), (303, "/"), "{}", done.text);
    assert_eq!(client.get("/account").texts("h1"), ["Ada 王"]);
    assert!(client.get("/account").text.contains("Admin"));
    for again in [house.visitor().get(&address), send(&house.visitor(), "/login", "/setup", &fields(PASSWORD))] {
        assert_eq!(again.status, 404, "{}", again.text);
        assert!(again.text.contains("no longer good"));
    }
    assert_eq!(
        house.audit().await,
        ["set-up | a visitor | Ada@Example.com | admin", "logged-in | Ada 王 | Ada@Example.com | by the set-up link"]
    );
    // However it came to be, another link for the first account is worth nothing now.
    let late = house.link("setup", None, Some("admin"), None).await;
    assert_eq!(house.visitor().get(&format!("/setup?token={late}")).status, 404);
}

#[tokio::test]
async fn of_two_who_use_one_link_at_once_one_gets_in() {
    let house = house().await;
    let token = house.link("setup", None, Some("admin"), None).await;
    let address = format!("/setup?token={token}");
    let enter = |email: &'static str| {
        let (client, address, token) = (house.visitor(), address.clone(), token.clone());
        std::thread::spawn(move || {
            let fields = [("token", token.as_str()), ("name", "Ada"), ("email", email), ("password", PASSWORD)];
            send(&client, &address, "/setup", &fields).status
        })
    };
    let both = [enter("ada@example.com"), enter("bob@example.com")];
    let mut statuses = both.map(|thread| thread.join().expect("answer"));
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
}

#[tokio::test]
async fn an_invitation_gives_the_role_and_the_address_that_it_was_made_for() {
    let house = house().await;
    house.account("ada@example.com", "admin").await;
    let token = house.link("invitation", Some("bob@example.com"), Some("editor"), None).await;
    let client = house.visitor();
    let address = format!("/join?token={token}");
    assert!(client.get(&address).text.contains("editor"));
    // What else is sent counts for nothing.
    let fields = [
        ("token", token.as_str()),
        ("name", "Боб"),
        ("email", "mallory@example.com"),
        ("role", "admin"),
        ("password", PASSWORD),
    ];
    assert_eq!(send(&client, &address, "/join", &fields).status, 303);
    let page = client.get("/account");
    assert!(page.text.contains("bob@example.com") && page.text.contains("Editor"), "{}", page.text);
    assert!(!page.text.contains("mallory"));
    for path in ["/setup", "/reset"] {
        assert_eq!(house.visitor().get(&format!("{path}?token={token}")).status, 404);
    }
}

#[tokio::test]
async fn a_link_is_good_for_its_own_page_and_for_its_time() {
    let house = house().await;
    let bob = house.account("bob@example.com", "author").await;
    let token = house.link("reset", None, None, Some(&bob)).await;
    for path in ["/setup", "/join"] {
        assert_eq!(house.visitor().get(&format!("{path}?token={token}")).status, 404, "{path}");
    }
    assert_eq!(house.visitor().get(&format!("/reset?token={token}")).status, 200);
    for wrong in ["", "?token=", "?token=0000", &format!("?token={}", "x".repeat(5000)), "?token=%F0%9F%98%80"] {
        assert_eq!(house.visitor().get(&format!("/reset{wrong}")).status, 404, "{wrong}");
    }
    house.clock.pass(hours(25));
    assert_eq!(house.visitor().get(&format!("/reset?token={token}")).status, 404);
}

#[tokio::test]
async fn a_new_password_logs_every_browser_out_and_the_old_one_is_no_good() {
    let house = house().await;
    let bob = house.account("bob@example.com", "author").await;
    let before = house.logged_in("bob@example.com");
    let token = house.link("reset", None, None, Some(&bob)).await;
    let client = house.visitor();
    let address = format!("/reset?token={token}");
    let new = "drei Robben vor Amrum";
    assert_eq!(send(&client, &address, "/reset", &[("token", &token), ("password", new)]).status, 303);
    assert!(is_in(&client) && !is_in(&before));
    assert_eq!(log_in(&house.visitor(), "bob@example.com", PASSWORD, "/").status, 422);
    assert_eq!(log_in(&house.visitor(), "bob@example.com", new, "/").status, 303);
    assert_eq!(client.get(&address).status, 404);
}
