//! The edge and the front page, asked over a real socket. The database is away, which none of these may need.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::sync::watch;

use super::server::{Listening, bind};
use super::{AppState, Settings};
use crate::domain::clock::SystemClock;
use crate::search::SearchIndex;
use crate::service::diagnose::Diagnoser;
use crate::service::follow::IndexStatus;
use crate::store::Database;

/// A server on a port of its own; dropped, it stops.
struct TestServer {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl TestServer {
    fn start() -> Self {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let addresses = vec![([127, 0, 0, 1], 0).into()];
                let listening = Listening { addresses, workers: 1, patience: super::Patience::default() };
                let server = bind(state(), &listening).expect("a free port");
                sender.send((server.addresses()[0], server.handle())).expect("the test waits");
                server.run().await.expect("a server that ends well");
            });
        });
        let (address, handle) = receiver.recv().expect("the server starts");
        Self { address, handle, thread: Some(thread) }
    }

    /// Sends the bytes and gives head and body of the answer.
    fn exchange(&self, request: &[u8]) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream.write_all(request).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.to_lowercase(), body.to_owned())
    }

    fn get(&self, path: &str) -> (String, String) {
        self.exchange(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
    }

    fn post(&self, path: &str, form: &str) -> (String, String) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            form.len()
        );
        self.exchange(&[head.as_bytes(), form.as_bytes()].concat())
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // The command is sent when the future is made; it need not be awaited.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server thread ends well");
        }
    }
}

pub(super) fn state() -> AppState {
    let index = SearchIndex::in_memory().expect("an index");
    AppState {
        database: Database::lazy("postgres://nobody@127.0.0.1:1/none").expect("an address"),
        diagnoser: Diagnoser::new(index.clone()).expect("no rules"),
        index,
        clock: Arc::new(SystemClock),
        settings: Settings::new(crate::domain::Policy::TRYING, std::env::temp_dir()),
        index_status: watch::channel(IndexStatus { ready: true, n: 7, ..IndexStatus::default() }).1,
        pages: super::HotPages::default(),
        lanes: super::Lanes::default(),
        passwords: crate::service::account::Passwords::default(),
        rates: super::Rates::off(),
    }
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).expect("a status")
}

#[test]
fn every_answer_carries_the_headers_that_protect_the_reader() {
    let server = TestServer::start();
    for path in ["/", "/nowhere", "/api/v1/nowhere", "/robots.txt", "/%00"] {
        let (head, _) = server.get(path);
        for header in
            ["content-security-policy: default-src 'none'", "x-content-type-options: nosniff", "referrer-policy"]
        {
            assert!(head.contains(header), "{path} lacks {header}: {head}");
        }
    }
}

#[test]
fn what_is_wrong_with_an_address_is_said_on_a_page_with_the_right_status() {
    let server = TestServer::start();
    for (path, expected) in [
        ("/nowhere", "404"),
        ("/%00", "400"),
        ("/?q=%ff", "400"),
        ("/?q=100%", "400"),
        ("/?q=a&q=b", "400"),
        ("/static/x.css", "404"),
    ] {
        let (head, body) = server.get(path);
        assert_eq!(status(&head), expected, "{path}");
        assert!(body.contains("Ways onward"), "{path} has its page: {body}");
    }
}

#[test]
fn the_api_says_the_same_as_a_problem_document() {
    let (head, body) = TestServer::start().get("/api/v1/nowhere");
    assert_eq!(status(&head), "404");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    let problem: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["instance"], "/api/v1/nowhere");
}

#[test]
fn a_name_that_is_not_ours_is_refused() {
    let server = TestServer::start();
    let (head, _) = server.exchange(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&head), "421");
}

#[test]
fn head_is_answered_like_get_without_a_body() {
    let server = TestServer::start();
    let (head, body) = server.exchange(b"HEAD /about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&head), "200");
    assert!(!head.contains("content-length: 0"), "{head}");
    assert_eq!(body, "");
}

#[test]
fn a_method_that_does_not_apply_is_told_which_do() {
    let server = TestServer::start();
    let (head, _) = server.exchange(b"DELETE /about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&head), "405");
    assert!(head.contains("allow: get, head"), "{head}");
}

#[test]
fn evidence_that_cannot_be_matched_keeps_the_form() {
    let server = TestServer::start();
    let (head, body) = server.post("/", "evidence=");
    assert_eq!(status(&head), "422");
    assert!(body.contains("<title>Error: "), "{body}");
    let (head, body) = server.post("/", "evidence=before%00after");
    assert_eq!(status(&head), "400");
    assert!(body.contains("before\u{2400}after"), "what was pasted is kept");
    let (head, body) = server.post("/", &format!("evidence={}end", "a".repeat(1024 * 1024)));
    assert_eq!(status(&head), "413");
    assert!(body.contains("aaend</textarea>"), "what was pasted is kept");
    let (head, _) = server.post("/", &format!("evidence={}", "a".repeat(5 * 1024 * 1024)));
    assert_eq!(status(&head), "413");
}

#[test]
fn a_mebibyte_counts_as_one_however_the_browser_sends_its_line_ends() {
    let line = format!("{}%0D%0A", "a".repeat(63));
    let (head, _) = TestServer::start().post("/", &format!("evidence={}", line.repeat(16 * 1024)));
    assert_eq!(status(&head), "200");
}

#[test]
fn short_evidence_gets_an_address_that_can_be_shared_and_long_evidence_an_answer() {
    let server = TestServer::start();
    let (head, _) = server.post("/", "evidence=0%2F256+nodes");
    assert_eq!(status(&head), "303");
    assert!(head.contains("location: /?q=0%2f256+nodes"), "{head}");
    let (head, body) = server.post("/", &format!("evidence={}", "zebra+".repeat(400)));
    assert_eq!(status(&head), "200");
    assert!(body.contains("Nothing known matches"));
}

#[test]
fn readiness_says_what_is_missing_and_health_does_not_mind() {
    let server = TestServer::start();
    assert_eq!(server.get("/healthz").1, "ok");
    let (head, body) = server.get("/readyz");
    assert_eq!(status(&head), "503");
    let readiness: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(readiness["database"], "unreachable");
    assert_eq!(readiness["index"], "ok");
}

#[test]
fn style_sheets_may_be_kept_for_ever() {
    let (head, body) = TestServer::start().get(super::assets::asset("casebook.css"));
    assert_eq!(status(&head), "200");
    assert!(head.contains("immutable") && head.contains("content-type: text/css"), "{head}");
    assert!(body.contains(":root"));
}

#[test]
fn a_body_that_is_announced_and_never_sent_is_given_up() {
    let server = TestServer::start();
    let (head, _) = server.exchange(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
          Content-Length: 100\r\n\r\nevidence=",
    );
    assert_eq!(status(&head), "408");
    assert!(head.contains("connection: close"), "{head}");
}

#[test]
fn who_only_reads_gets_no_cookie() {
    let server = TestServer::start();
    for path in ["/", "/?q=zebra", "/about", "/nowhere"] {
        let (head, _) = server.get(path);
        assert!(!head.contains("set-cookie"), "{path}: {head}");
    }
    let (head, _) = server.get("/stories/new");
    assert!(head.contains("set-cookie: casebook-csrf="), "the form's token is in a cookie too: {head}");
}

#[test]
fn the_answer_shows_what_is_typed_as_text() {
    let (_, body) = TestServer::start().get("/?q=%3Cscript%3Ealert(1)%3C/script%3E%22%3E%3Cblink");
    assert!(!body.contains("<script>alert") && !body.contains("\"><blink"), "{body}");
    assert!(body.contains("alert(1)"));
}
