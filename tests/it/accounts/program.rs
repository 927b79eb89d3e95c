//! The program: the link that it prints at its first start, `casebook user`, and the list of stolen passwords.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::{PASSWORD, csrf, is_in, log_in, send};
use crate::database::{TestDatabase, folder};
use crate::program::{casebook, run};
use crate::server::Client;

/// A server that was started; stopped when dropped.
struct Served {
    child: Child,
    client: Client,
    /// Everything it said on standard output before it served.
    said: Vec<String>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

fn serve(database: &TestDatabase, lines: usize, more: &[&str]) -> Served {
    let data = folder("casebook-user").join("data");
    let log = std::fs::File::create(data.with_extension("log")).expect("log");
    let mut child = casebook()
        .args(["serve", "--no-library", "--listen", "127.0.0.1:0", "--database-url", &database.url, "--data"])
        .arg(&data)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .expect("start");
    let said: Vec<String> = BufReader::new(child.stdout.take().expect("piped"))
        .lines()
        .take(lines)
        .map(|line| line.expect("text"))
        .collect();
    let url = said[0].split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
    for line in &said[1..] {
        if let Some((_, token)) = line.split_once("token=") {
            let log = std::fs::read_to_string(data.with_extension("log")).expect("log");
            assert!(!log.contains(token), "the link is in the log");
        }
    }
    Served { child, client: Client::new(&url), said }
}

fn user(database: &TestDatabase, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let arguments = [&["user"], arguments, &["--database-url", &database.url]].concat();
    let output = run(&arguments, input);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_first_start_prints_a_link_and_a_restart_makes_it_void() {
    let database = TestDatabase::new().await;
    let link = |served: &Served| served.said[2].strip_prefix(&served.client.base).expect("a link to here").to_owned();
    let first = serve(&database, 3, &[]);
    let old = link(&first);
    assert_eq!(first.client.get(&old).status, 200);
    drop(first);
    let second = serve(&database, 3, &[]);
    assert_eq!(second.client.get(&old).status, 404);
    let new = link(&second);
    let token = new.split_once("token=").expect("a token").1.to_owned();
    let fields = [("token", token.as_str()), ("name", "Ada"), ("email", "ada@example.com"), ("password", PASSWORD)];
    assert_eq!(send(&second.client, &new, "/setup", &fields).status, 303);
    assert_eq!(second.client.get("/members").status, 200);
    drop(second);
    let third = serve(&database, 1, &[]);
    assert!(third.said[0].starts_with("Casebook is at "));
    assert!(is_in(&{
        log_in(&third.client, "ada@example.com", PASSWORD, "/");
        third.client.clone()
    }));
}

#[tokio::test]
async fn accounts_are_made_and_changed_from_the_command_line() {
    let database = TestDatabase::new().await;
    let create = ["create", "--name", "Ada 王", "--email", "ada@example.com", "--role", "admin"];
    let with_password = [&create[..], &["--password-stdin"]].concat();
    let (status, _, wrong) = user(&database, &with_password, "password1234\n");
    assert_eq!(status, Some(2));
    assert!(wrong.contains("easy to guess"), "{wrong}");
    let (status, said, wrong) = user(&database, &with_password, &format!("{PASSWORD}\r\n"));
    assert_eq!(status, Some(0), "{wrong}");
    assert_eq!(said, "made an account for Ada 王 (ada@example.com) as admin\n");
    let (status, _, wrong) = user(&database, &with_password, PASSWORD);
    assert_eq!(status, Some(2));
    assert!(wrong.contains("already"), "{wrong}");
    let bob = ["create", "--name", "Bob", "--email", "bob@example.com", "--role", "reader"];
    let (status, said, _) = user(&database, &bob, "");
    assert_eq!(status, Some(0));
    let served = serve(&database, 1, &[]);
    let path = said.lines().last().expect("a link").replace("http://127.0.0.1:8080", "");
    let token = path.split_once("token=").expect("a token").1;
    assert_eq!(send(&served.client, &path, "/reset", &[("token", token), ("password", PASSWORD)]).status, 303);
    assert!(is_in(&served.client));
    assert_eq!(user(&database, &["role", "BOB@example.com", "editor"], "").0, Some(0));
    assert_eq!(user(&database, &["disable", "bob@example.com"], "").0, Some(0));
    assert!(!is_in(&served.client));
    let (_, list, _) = user(&database, &["list"], "");
    assert_eq!(list, "ada@example.com\tadmin\topen\tAda 王\nbob@example.com\teditor\tdisabled\tBob\n");
    assert_eq!(user(&database, &["enable", "bob@example.com"], "").0, Some(0));
    let (status, said, _) = user(&database, &["reset", "bob@example.com", "--public-url", "https://c.example"], "");
    assert_eq!(status, Some(0));
    assert!(said.lines().last().expect("a link").starts_with("https://c.example/reset?token="), "{said}");
    for refused in [
        vec!["disable", "ada@example.com"],
        vec!["role", "ada@example.com", "reader"],
        vec!["reset", "nobody@example.com"],
        vec!["role", "bob@example.com", "king"],
        vec!["reset", "no address"],
    ] {
        assert_eq!(user(&database, &refused, "").0, Some(2), "{refused:?}");
    }
}

#[tokio::test]
async fn nobody_may_choose_a_password_that_was_stolen_elsewhere() {
    let database = TestDatabase::new().await;
    let stolen = "correct horse battery staple";
    let file = folder("casebook-breached").join("hashes.txt");
    // SHA-1 of the password above, and a neighbour on either side.
    let lines = [
        "0000000000000000000000000000000000000000:3",
        "ABF7AAD6438836DBE526AA231ABDE2D0EEF74D42:4711",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:1",
    ];
    std::fs::write(&file, lines.join("\r\n")).expect("written");
    let path = file.display().to_string();
    let served = serve(&database, 3, &["--breached-passwords", &path]);
    let link = served.said[2].replace(&served.client.base, "");
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let page = served.client.get(&link);
    let fields = |password: &'static str| {
        vec![
            ("csrf", csrf(&page)),
            ("token", token.clone()),
            ("name", "Ada".into()),
            ("email", "ada@example.com".into()),
            ("password", password.into()),
        ]
    };
    let post = |password| {
        let body = serde_html_form::to_string(fields(password)).expect("form");
        served.client.post("/setup", &[("content-type", "application/x-www-form-urlencoded")], body)
    };
    let refused = post(stolen);
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("stolen elsewhere"), "{}", refused.text);
    assert_eq!(post(PASSWORD).status, 303);
    std::fs::write(&file, "nonsense\n").expect("written");
    let data = folder("casebook-user").join("data").display().to_string();
    let wrong = run(
        &[
            "serve",
            "--data",
            &data,
            "--database-url",
            &database.url,
            "--listen",
            "127.0.0.1:0",
            "--breached-passwords",
            &path,
        ],
        "",
    );
    assert_eq!(wrong.status.code(), Some(2));
}
