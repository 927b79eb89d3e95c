//! Letters: written with the step that they tell of, sent once to a real listener, tried again when it is away.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use casebook::domain::Role;
use casebook::domain::clock::{Clock, SystemClock};
use casebook::mail::Mailer;
use casebook::service::letters::Office;
use casebook::store::letter;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, PgConnection};

use super::{World, act, done, form, hand_in, write};
use crate::database::TestDatabase;

const SITE: &str = "https://casebook.example.com";

#[tokio::test]
async fn reviewers_hear_of_what_is_handed_in_and_authors_of_what_becomes_of_it() {
    let world = World::new().await;
    open(&world.database).await;
    let draft = world.handed_in("Pods\r\nBcc: all@example.com").await;
    let editor = format!("{}@example.com", world.editor.account);
    let author = format!("{}@example.com", world.author.account);
    assert_eq!(
        letters(&world.database).await,
        [(editor.clone(), "Handed in for review: Pods Bcc: all@example.com".to_owned())]
    );
    done(&act(&world.editor.client, draft, "comment", "Which limit?"));
    done(&act(&world.author.client, draft, "comment", "The first."));
    done(&act(&world.editor.client, draft, "ask", "Say so."));
    hand_in(&world.database, world.author.account, Role::Author, draft).await;
    done(&act(&world.editor.client, draft, "decline", "Enough."));
    let told: Vec<(String, String)> = letters(&world.database)
        .await
        .into_iter()
        .skip(1)
        .map(|(recipient, subject)| (recipient, subject.split(':').next().unwrap_or_default().to_owned()))
        .collect();
    let line = |who: &String, what: &str| (who.clone(), what.to_owned());
    assert_eq!(
        told,
        [
            line(&author, "Commented"),
            line(&author, "Changes asked for"),
            line(&editor, "Handed in for review"),
            line(&author, "Declined"),
        ],
        "nobody hears of what they did themselves"
    );
    let body: String = scalar(&world.database, "SELECT body FROM letter WHERE subject LIKE 'Changes%'").await;
    assert!(body.contains("> Say so.\n") && body.contains(&format!("{SITE}/review/{draft}")), "{body}");
}

#[tokio::test]
async fn a_step_that_fails_tells_nobody_and_neither_do_those_who_want_no_letters() {
    let world = World::new().await;
    let quiet = world.handed_in("Before letters were sent").await;
    open(&world.database).await;
    let mut transaction = world.database.database.begin().await.expect("begin");
    let wrong = casebook::service::reviewing::submit(
        &mut transaction,
        &SystemClock,
        &casebook::domain::Actor::ThisMachine,
        quiet,
        "",
    );
    assert!(wrong.await.is_err());
    drop(transaction);
    assert_eq!(letters(&world.database).await, []);
    execute(&world.database, "UPDATE account SET notified = false").await;
    done(&act(&world.editor.client, quiet, "ask", "Change it."));
    assert_eq!(letters(&world.database).await, []);
}

#[tokio::test]
async fn a_letter_is_sent_once_whole_and_forgotten() {
    let world = World::new().await;
    let (server, received) = listener();
    let mut offices = [office(&world.database, &server, now()), office(&world.database, &server, now())];
    for office in &mut offices {
        assert_eq!(office.round().await.expect("round"), 0);
    }
    let draft = write(&world.database, Some(world.author.account), &form("Größe: 12 €", &[]), None).await;
    hand_in(&world.database, world.author.account, Role::Author, draft).await;
    let [one, two] = &mut offices;
    let (one, two) = tokio::join!(one.round(), two.round());
    assert_eq!(one.expect("round") + two.expect("round"), 1);
    let letter = received.recv_timeout(crate::server::SOON).expect("a letter");
    assert!(letter.contains("From: Casebook <casebook@example.com>"), "{letter}");
    assert!(letter.contains(&format!("RCPT TO:<{}@example.com>", world.editor.account)), "{letter}");
    assert!(letter.contains("Subject: "), "{letter}");
    assert!(letter.replace("=\r\n", "").contains(&draft.to_string()), "{letter}");
    assert!(received.try_recv().is_err(), "once");
    let body: String = scalar(&world.database, "SELECT body FROM letter").await;
    assert_eq!(body, "", "what it said is forgotten");
}

#[tokio::test]
async fn a_letter_is_tried_for_a_day_and_then_given_up() {
    let world = World::new().await;
    open(&world.database).await;
    world.handed_in("A draft").await;
    // Nobody listens there.
    let closed = TcpListener::bind("127.0.0.1:0").expect("bind").local_addr().expect("address");
    let server = format!("smtp://{closed}");
    for (hours, attempts) in [(0, 1), (1, 2), (2, 3)] {
        let later = now() + TimeDelta::hours(hours);
        assert_eq!(office(&world.database, &server, later).round().await.expect("round"), 0);
        assert_eq!(scalar::<i32>(&world.database, "SELECT attempts FROM letter").await, attempts);
    }
    assert!(!scalar::<bool>(&world.database, "SELECT failed_at IS NOT NULL FROM letter").await);
    let later = now() + TimeDelta::hours(25);
    assert_eq!(office(&world.database, &server, later).round().await.expect("round"), 0);
    assert!(scalar::<bool>(&world.database, "SELECT failed_at IS NOT NULL AND body = '' FROM letter").await);
}

/// A clock that stands still.
struct At(DateTime<Utc>);

impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

fn now() -> DateTime<Utc> {
    SystemClock.now() + TimeDelta::minutes(1)
}

fn office(database: &TestDatabase, server: &str, now: DateTime<Utc>) -> Office {
    let mailer = Mailer::new(server, "casebook@example.com").expect("a mailer");
    Office::new(database.database.clone(), Arc::new(At(now)), mailer, SITE.to_owned())
}

/// Has letters written, as if a node sent them.
async fn open(database: &TestDatabase) {
    let mut connection = database.database.connection().await.expect("connect");
    letter::keep_office(&mut connection, SITE, SystemClock.now()).await.expect("open");
}

async fn letters(database: &TestDatabase) -> Vec<(String, String)> {
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query_as("SELECT recipient, subject FROM letter ORDER BY id")
        .fetch_all(&mut connection)
        .await
        .expect("letters")
}

async fn scalar<T>(database: &TestDatabase, query: &'static str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query_scalar(query).fetch_one(&mut connection).await.expect("one value")
}

async fn execute(database: &TestDatabase, statement: &'static str) {
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::query(statement).execute(&mut connection).await.expect("done");
}

/// A listener that speaks as much SMTP as it takes to be given letters; each comes out with what was said before it.
fn listener() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = format!("smtp://{}", listener.local_addr().expect("address"));
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let letter = converse(stream.expect("a connection"));
            if letter.contains("DATA") && sender.send(letter).is_err() {
                return;
            }
        }
    });
    (address, receiver)
}

fn converse(mut stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream.try_clone().expect("another handle"));
    let mut say = |words: &str| stream.write_all(words.as_bytes()).is_ok();
    let (mut said, mut is_letter, mut line) = (String::new(), false, String::new());
    say("220 here\r\n");
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        said.push_str(&line);
        let ends = line == ".\r\n";
        if is_letter && ends {
            is_letter = false;
            say("250 taken\r\n");
        } else if !is_letter {
            is_letter = line.starts_with("DATA");
            say(match line.split_whitespace().next().unwrap_or_default() {
                "EHLO" => "250-here\r\n250 8BITMIME\r\n",
                "DATA" => "354 go on\r\n",
                "QUIT" => "221 bye\r\n",
                _ => "250 fine\r\n",
            });
        }
        line.clear();
    }
    said
}
