//! The page of one's own account: what is said of oneself, password, sessions.

use super::{PASSWORD, faults, house, is_in, log_in, send};

#[tokio::test]
async fn people_change_what_is_said_of_them() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let client = house.logged_in("ada@example.com");
    let name = "Ада 王 \u{202e}x 🌍";
    let fields = [("name", name), ("email", "ada@example.com")];
    let done = send(&client, "/account", "/account", &fields);
    assert_eq!((done.status, done.header("location")), (303, "/account?done=profile"), "{}", done.text);
    let page = client.get("/account?done=profile");
    assert_eq!(page.attributes("#name", "value"), [name]);
    assert!(page.attributes("input[name=letters]", "checked").is_empty());
    assert_eq!(page.texts("[role=status]"), ["Your changes are saved."]);
    for (field, value) in
        [("name", ""), ("name", "a\0b"), ("name", &"x".repeat(301)), ("email", "nobody"), ("email", "")]
    {
        let mut wrong = vec![("name", name), ("email", "ada@example.com"), ("password", PASSWORD)];
        wrong.retain(|(found, _)| *found != field);
        wrong.push((field, value));
        let refused = send(&client, "/account", "/account", &wrong);
        assert_eq!(refused.status, 422, "{field} {value:?}");
        assert!(faults(&refused).starts_with("Found"), "{}", faults(&refused));
        assert!(refused.texts("title").concat().starts_with("Error:"));
        assert_eq!(refused.attributes(&format!("#{field}"), "aria-invalid"), ["true"]);
    }
}

#[tokio::test]
async fn another_address_takes_the_password_and_may_be_nobody_elses() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    house.account("bob@example.com", "author").await;
    let client = house.logged_in("ada@example.com");
    let change = |email: &str, password: &str| {
        send(&client, "/account", "/account", &[("name", "Ada"), ("email", email), ("password", password)])
    };
    assert_eq!(change("ada@elsewhere.example", "").status, 422);
    assert_eq!(change("ada@elsewhere.example", "wrong").status, 422);
    let taken = change("BOB@example.com", PASSWORD);
    assert_eq!(taken.status, 422);
    assert_eq!(taken.attributes("#email", "value"), ["BOB@example.com"]);
    assert_eq!(change("ada@elsewhere.example", PASSWORD).status, 303);
    assert_eq!(log_in(&house.visitor(), "ada@elsewhere.example", PASSWORD, "/").status, 303);
    assert_eq!(log_in(&house.visitor(), "ada@example.com", PASSWORD, "/").status, 422);
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_logs_out_all_other_browsers() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let (client, other) = (house.logged_in("ada@example.com"), house.logged_in("ada@example.com"));
    let before = client.cookies();
    let new = "drei Robben vor Amrum";
    let change = |old: &str, new: &str| send(&client, "/account", "/account/password", &[("old", old), ("new", new)]);
    assert_eq!(change("wrong", new).status, 422);
    assert_eq!(change(PASSWORD, "short").status, 422);
    assert_eq!(change(PASSWORD, "ada@example.com").status, 422, "what everybody knows");
    assert_eq!(change(PASSWORD, &"long enough, and then some ".repeat(10)).status, 422);
    assert!(is_in(&other));
    let done = change(PASSWORD, new);
    assert_eq!((done.status, done.header("location")), (303, "/account?done=password"), "{}", done.text);
    assert!(is_in(&client) && !is_in(&other));
    assert_ne!(client.cookies(), before, "the secret is another one too");
    assert_eq!(log_in(&house.visitor(), "ada@example.com", new, "/").status, 303);
    let audit = house.audit().await.join("\n");
    assert!(audit.contains("password-changed | ada | ada@example.com"), "{audit}");
    assert!(!audit.contains("Robben") && !audit.contains("Helgoland"), "{audit}");
}

#[tokio::test]
async fn a_session_left_open_is_no_way_to_guess_the_password() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    let client = house.logged_in("ada@example.com");
    let try_it =
        |old: &str| send(&client, "/account", "/account/password", &[("old", old), ("new", "drei Robben vor Amrum")]);
    for _ in 0..10 {
        assert_eq!(try_it("wrong").status, 422);
    }
    let refused = try_it(PASSWORD);
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
}

#[tokio::test]
async fn a_session_that_is_revoked_is_out_at_once() {
    let house = house().await;
    house.account("ada@example.com", "author").await;
    house.account("bob@example.com", "author").await;
    let (client, second, third) =
        (house.logged_in("ada@example.com"), house.logged_in("ada@example.com"), house.logged_in("ada@example.com"));
    let bob = house.logged_in("bob@example.com");
    let page = client.get("/account");
    assert_eq!(page.texts(".badge-this"), ["this one"]);
    let others = page.attributes("form[action='/account/sessions'] button[name=end]", "value");
    assert_eq!(others.len(), 3, "two others, and all of them: {others:?}");
    // Nobody ends a session of somebody else, even knowing its id.
    assert_eq!(send(&bob, "/account", "/account/sessions", &[("end", &others[0])]).status, 303);
    assert!(is_in(&second) && is_in(&third));
    assert_eq!(send(&client, "/account", "/account/sessions", &[("end", &others[0])]).status, 303);
    assert_eq!([&second, &third].iter().filter(|client| is_in(client)).count(), 1);
    assert_eq!(send(&client, "/account", "/account/sessions", &[("end", "others")]).status, 303);
    assert!(is_in(&client) && !is_in(&second) && !is_in(&third) && is_in(&bob));
    for nonsense in ["", "x", "00000000-0000-0000-0000-00000000000"] {
        assert_eq!(send(&client, "/account", "/account/sessions", &[("end", nonsense)]).status, 404);
    }
}

#[tokio::test]
async fn every_form_takes_its_token() {
    let house = house().await;
    let ada = house.account("ada@example.com", "admin").await;
    let client = house.logged_in("ada@example.com");
    let member = format!("/members/{ada}");
    for path in [
        "/login",
        "/logout",
        "/account",
        "/account/password",
        "/account/sessions",
        "/account/tokens",
        "/account/tokens/revoke",
        "/members",
        "/members/invitations",
        &member,
    ] {
        for csrf in ["", &"0".repeat(64)] {
            let fields =
                [("csrf", csrf), ("name", "Mallory"), ("email", "m@example.com"), ("role", "admin"), ("end", "others")];
            assert_eq!(client.post_form(path, &fields).status, 403, "{path}");
        }
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")];
        assert_eq!(client.post(path, &headers, "csrf=").status, 403, "{path}");
    }
    assert_eq!(client.get("/account").texts("h1"), ["ada"]);
}
