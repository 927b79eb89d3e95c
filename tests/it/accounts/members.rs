//! Admins and others' accounts.

use super::{PASSWORD, faults, house, is_in, log_in, send};

#[tokio::test]
async fn an_admin_invites_somebody_by_a_link() {
    let house = house().await;
    house.account("ada@example.com", "admin").await;
    let admin = house.logged_in("ada@example.com");
    let made = send(&admin, "/members", "/members", &[("email", "bob@example.com"), ("role", "editor")]);
    assert_eq!(made.status, 200, "{}", made.text);
    let link = made.texts("#new-link").concat();
    let path = link.strip_prefix(&house.node.url).expect("an address of this server").to_owned();
    let token = path.split_once("token=").expect("a token").1.to_owned();
    assert!(!admin.get("/members").text.contains(&token), "it is shown once");
    let bob = house.visitor();
    let fields = [("token", token.as_str()), ("name", "Bob"), ("password", PASSWORD)];
    assert_eq!(send(&bob, &path, "/join", &fields).status, 303);
    assert!(bob.get("/account").text.contains("Editor"));
    let again = send(&admin, "/members", "/members", &[("email", "BOB@example.com"), ("role", "editor")]);
    assert_eq!(again.status, 422);
    assert!(faults(&again).contains("already"));
    for (email, role) in [("nobody", "editor"), ("eve@example.com", "king"), ("eve@example.com", ""), ("", "admin")] {
        assert_eq!(send(&admin, "/members", "/members", &[("email", email), ("role", role)]).status, 422);
    }
    let audit = house.audit().await.join("\n");
    assert!(audit.contains("invited | ada | bob@example.com | editor"), "{audit}");
    assert!(!audit.contains(&token));
}

#[tokio::test]
async fn where_letters_are_sent_a_link_is_mailed_to_whom_it_is_for() {
    let house = house().await;
    house.account("ada@example.com", "admin").await;
    let bob = house.account("bob@example.com", "author").await;
    let admin = house.logged_in("ada@example.com");
    let invite = |email: &str| send(&admin, "/members", "/members", &[("email", email), ("role", "reader")]);
    invite("before@example.com");
    let mut connection = house.connection().await;
    let open = "INSERT INTO post_office (site, seen_at) VALUES ('https://casebook.example.com', now())";
    sqlx::query(open).execute(&mut connection).await.expect("an office");
    let reset = send(&admin, "/members", &format!("/members/{bob}"), &[("action", "reset")]);
    let shown = [invite("eve@example.com"), reset].map(|page| page.texts("#new-link").concat());
    assert_eq!(invite("bob@example.com").status, 422, "who has an account gets no invitation");
    let written = "SELECT recipient, body FROM letter ORDER BY recipient DESC";
    let letters: Vec<(String, String)> = sqlx::query_as(written).fetch_all(&mut connection).await.expect("letters");
    let recipients: Vec<&str> = letters.iter().map(|(recipient, _)| recipient.as_str()).collect();
    assert_eq!(recipients, ["eve@example.com", "bob@example.com"]);
    for ((_, body), shown) in letters.iter().zip(&shown) {
        let link = shown.replace(&house.node.url, "https://casebook.example.com");
        assert!(body.lines().any(|line| line == link), "{body}: {link}");
        let path = shown.strip_prefix(&house.node.url).expect("an address of this server");
        assert_eq!(house.visitor().get(path).status, 200);
    }
}

#[tokio::test]
async fn a_newer_invitation_makes_the_older_one_void_and_one_that_is_withdrawn_is_no_good() {
    let house = house().await;
    house.account("ada@example.com", "admin").await;
    let admin = house.logged_in("ada@example.com");
    let invite = || {
        let made = send(&admin, "/members", "/members", &[("email", "bob@example.com"), ("role", "reader")]);
        made.texts("#new-link").concat().replace(&house.node.url, "")
    };
    let (first, second) = (invite(), invite());
    assert_eq!((house.visitor().get(&first).status, house.visitor().get(&second).status), (404, 200));
    let page = admin.get("/members");
    let ids = page.attributes("form[action='/members/invitations'] button", "value");
    assert_eq!(ids.len(), 1);
    assert_eq!(send(&admin, "/members", "/members/invitations", &[("id", &ids[0])]).status, 303);
    assert_eq!(house.visitor().get(&second).status, 404);
    assert_eq!(send(&admin, "/members", "/members/invitations", &[("id", "x")]).status, 404);
}

#[tokio::test]
async fn an_account_that_is_closed_is_out_at_once_with_browser_and_token() {
    let house = house().await;
    house.account("ada@example.com", "admin").await;
    let bob = house.account("bob@example.com", "editor").await;
    let admin = house.logged_in("ada@example.com");
    let client = house.logged_in("bob@example.com");
    let made = send(&client, "/account", "/account/tokens", &[("name", "CI"), ("scope", "read"), ("days", "30")]);
    let token = format!("Bearer {}", made.texts("#new-token").concat());
    let by_token = || {
        let headers = [("authorization", token.as_str())];
        house.visitor().request("GET", "/api/v1/stories", &headers, None).expect("answer").status
    };
    assert_eq!(by_token(), 200);
    let member = format!("/members/{bob}");
    let reset = send(&admin, "/members", &member, &[("action", "reset")]).texts("#new-link").concat();
    let reset = reset.replace(&house.node.url, "");
    assert_eq!(house.visitor().get(&reset).status, 200);
    assert_eq!(send(&admin, "/members", &member, &[("action", "disable")]).status, 303);
    assert!(!is_in(&client));
    assert_eq!(by_token(), 401);
    assert_eq!(house.visitor().get(&reset).status, 404);
    assert_eq!(log_in(&house.visitor(), "bob@example.com", PASSWORD, "/").status, 422);
    assert_eq!(send(&admin, "/members", &member, &[("action", "reset")]).status, 409);
    assert_eq!(send(&admin, "/members", &member, &[("action", "enable")]).status, 303);
    assert!(!is_in(&client), "what was ended stays so");
    assert_eq!(log_in(&house.visitor(), "bob@example.com", PASSWORD, "/").status, 303);
}

#[tokio::test]
async fn the_last_admin_stays_one() {
    let house = house().await;
    let ada = house.account("ada@example.com", "admin").await;
    let bob = house.account("bob@example.com", "author").await;
    let admin = house.logged_in("ada@example.com");
    let change = |id: &str, fields: &[(&str, &str)]| send(&admin, "/members", &format!("/members/{id}"), fields);
    for fields in [vec![("action", "disable")], vec![("action", "role"), ("role", "editor")]] {
        let refused = change(&ada, &fields);
        assert_eq!(refused.status, 409);
        assert!(faults(&refused).contains("last admin"));
    }
    assert_eq!(change(&bob, &[("action", "role"), ("role", "admin")]).status, 303);
    assert_eq!(change(&bob, &[("action", "disable")]).status, 303);
    assert_eq!(change(&ada, &[("action", "disable")]).status, 409, "one who is shut out is none");
    assert_eq!(change(&bob, &[("action", "enable")]).status, 303);
    let done = change(&ada, &[("action", "role"), ("role", "reader")]);
    assert_eq!((done.status, done.header("location")), (303, "/"));
    assert_eq!(admin.get("/members").status, 403, "a role holds from the next request on");
}

#[tokio::test]
async fn two_admins_who_demote_one_another_at_once_leave_one() {
    let house = house().await;
    let ids = [house.account("ada@example.com", "admin").await, house.account("bob@example.com", "admin").await];
    let clients = [house.logged_in("ada@example.com"), house.logged_in("bob@example.com")];
    let tokens = clients.each_ref().map(|client| super::csrf(&client.get("/members")));
    let threads: Vec<_> = (0..2)
        .map(|n| {
            let (client, token, path) = (clients[n].clone(), tokens[n].clone(), format!("/members/{}", ids[1 - n]));
            std::thread::spawn(move || {
                client.post_form(&path, &[("csrf", &token), ("action", "role"), ("role", "reader")]).status
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("answer");
    }
    let left = clients.iter().filter(|client| client.get("/members").status == 200).count();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn only_admins_see_the_members() {
    let house = house().await;
    for role in ["reader", "author", "editor"] {
        let email = format!("{role}@example.com");
        let id = house.account(&email, role).await;
        let client = house.logged_in(&email);
        assert_eq!(client.get("/members").status, 403);
        assert!(client.get("/account").attributes("main a[href='/members']", "href").is_empty());
        for path in ["/members", "/members/invitations", &format!("/members/{id}")] {
            let fields = [("action", "role"), ("role", "admin"), ("email", "eve@example.com")];
            assert_eq!(send(&client, "/account", path, &fields).status, 403, "{role} {path}");
        }
    }
    let nobody = house.visitor().get("/members");
    assert_eq!((nobody.status, nobody.header("location")), (303, "/login?return=%2Fmembers"));
    house.account("ada@example.com", "admin").await;
    let admin = house.logged_in("ada@example.com");
    for id in ["x", "00000000-0000-7000-8000-000000000000"] {
        assert_eq!(send(&admin, "/members", &format!("/members/{id}"), &[("action", "disable")]).status, 404);
    }
    assert_eq!(admin.get("/members/anything").status, 303);
}
