//! What a slow, greedy or disguised client gets: raw bytes over TCP, since no HTTP client would send them.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use casebook::domain::clock::SystemClock;
use casebook::service::import;
use casebook::web::Patience;

use crate::database::TestDatabase;
use crate::server::{self, Client, Node, NodeOptions};

/// How long a head, or a silence in a body, may take: ten seconds, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(14);

/// A connection to the server of a client.
pub fn connect(client: &Client) -> TcpStream {
    let stream = TcpStream::connect(client.base.trim_start_matches("http://")).expect("connect");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("timeout");
    stream
}

/// Everything that comes until the server closes; a connection that is reset has said what it had to say.
pub fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error} after {}", String::from_utf8_lossy(&answer)),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends one request, which has to say `Connection: close`, and gives the whole answer.
pub fn exchange(client: &Client, request: &[u8]) -> String {
    let mut stream = connect(client);
    stream.write_all(request).expect("sent");
    read_all(&mut stream)
}

/// The status of a whole answer; none if nothing came.
pub fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

fn assert_still_well(client: &Client) {
    let asked = Instant::now();
    assert_eq!(client.get("/healthz").status, 200);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_body_that_is_announced_and_never_sent_is_given_up() {
    let (node, _database) = server::empty().await;
    let paths = [
        ("/api/v1/match", "text/plain"),
        ("/", "application/x-www-form-urlencoded"),
        ("/stories/new", "application/x-www-form-urlencoded"),
        ("/api/v1/stories", "application/json"),
    ];
    std::thread::scope(|scope| {
        for (path, kind) in paths {
            let client = &node.client;
            scope.spawn(move || {
                let mut stream = connect(client);
                let head = format!(
                    "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\nabc"
                );
                stream.write_all(head.as_bytes()).expect("sent");
                let started = Instant::now();
                let answer = read_all(&mut stream);
                assert!(started.elapsed() < PATIENCE, "{path} held on for {:?}", started.elapsed());
                assert_eq!(status(&answer), Some(408), "{path}: {answer}");
            });
        }
        assert_still_well(&node.client);
    });
}

/// A node that waits for nobody for long, so that the tests need not either.
async fn impatient() -> (Node, TestDatabase) {
    let database = TestDatabase::new().await;
    import::import(&database.database, &SystemClock, &server::seed(), |_| {}).await.expect("import");
    let short = Duration::from_secs(2);
    let patience = Patience { body: short, unread: short, ..Patience::default() };
    let node = Node::start(&database.url, NodeOptions { patience, ..NodeOptions::default() }).await;
    (node, database)
}

#[tokio::test]
async fn a_body_that_drips_is_given_up() {
    let (node, _database) = impatient().await;
    let mut stream = connect(&node.client);
    let head =
        "POST /api/v1/match HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("sent");
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("timeout");
    let started = Instant::now();
    let mut answer = [0; 4096];
    let got = loop {
        // Never silent for as long as a silence may last.
        let written = stream.write_all(b"x");
        match stream.read(&mut answer) {
            Ok(got) => break got,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error} after {written:?}"),
        }
        assert!(started.elapsed() < PATIENCE, "still reading after {:?}", started.elapsed());
    };
    let answer = String::from_utf8_lossy(&answer[..got]).into_owned();
    assert_eq!(status(&answer), Some(408), "{answer}");
    assert!(started.elapsed() >= Duration::from_secs(2), "given up too soon: {:?}", started.elapsed());
    assert_still_well(&node.client);
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_given_up() {
    let (node, _database) = impatient().await;
    let mut stream = connect(&node.client);
    // More than the buffers of both ends hold.
    let many = "GET /stories HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(600);
    stream.write_all(many.as_bytes()).expect("sent");
    let started = Instant::now();
    // A connection that the server has given up answers what is sent on it with a reset.
    while stream.write_all(b"x").is_ok() {
        assert!(started.elapsed() < Duration::from_secs(30), "still open after {:?}", started.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(started.elapsed() > Duration::from_secs(1), "given up too soon: {:?}", started.elapsed());
    assert_still_well(&node.client);
}

#[tokio::test]
async fn a_head_that_drips_in_is_given_up() {
    let (node, _database) = server::empty().await;
    let mut stream = connect(&node.client);
    stream.set_read_timeout(Some(Duration::from_millis(10))).expect("timeout");
    let started = Instant::now();
    let mut head = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Drip: ".bytes().chain(std::iter::repeat(b'x'));
    let mut answer = [0; 1024];
    let closed = loop {
        let byte = head.next().expect("endless");
        if stream.write_all(&[byte]).is_err() {
            break true;
        }
        match stream.read(&mut answer) {
            Ok(0) => break true,
            Ok(read) => {
                let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
                assert_eq!(status(&answer), Some(408), "{answer}");
                break true;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break true,
        }
        if started.elapsed() > PATIENCE {
            break false;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(closed, "still reading after {:?}", started.elapsed());
    assert!(started.elapsed() > Duration::from_secs(5), "a slow line is no attack: {:?}", started.elapsed());
    assert_still_well(&node.client);
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_harms_nobody() {
    let (node, _database) = server::empty().await;
    let mut silent: Vec<TcpStream> = (0..200).map(|_| connect(&node.client)).collect();
    assert_still_well(&node.client);
    let started = Instant::now();
    let answer = read_all(&mut silent[0]);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert!(answer.is_empty() || status(&answer) == Some(408), "{answer}");
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused_everywhere() {
    let (node, _database) = server::empty().await;
    for path in ["/", "/stories", "/stories/new", "/healthz", "/api/v1/search?q=x", "/static/x.css", "/nothing"] {
        for host in
            ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "evil-localhost"]
        {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let answer = exchange(&node.client, request.as_bytes());
            assert_eq!(status(&answer), Some(421), "{host} {path}: {answer}");
        }
    }
    for host in ["localhost", "localhost:1234", "127.0.0.1", "[::1]:80", "casebook.localhost", "LOCALHOST"] {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&exchange(&node.client, request.as_bytes())), Some(200), "{host}");
    }
    for nonsense in ["a b", "a/b", "user@localhost", "localhost:port", "<script>", ""] {
        let request = format!("GET / HTTP/1.1\r\nHost: {nonsense}\r\nConnection: close\r\n\r\n");
        let answer = exchange(&node.client, request.as_bytes());
        assert!(matches!(status(&answer), Some(400 | 421)), "{nonsense}: {answer}");
    }
    // A full address in the request line names the server too.
    let request = "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&exchange(&node.client, request.as_bytes())), Some(421));
    let twice = "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(matches!(status(&exchange(&node.client, twice.as_bytes())), Some(400 | 421)), "two names");
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let (node, _database) = server::empty().await;
    let long = "x".repeat(1 << 20);
    let many = "X-Header: y\r\n".repeat(10_000);
    for (what, request) in [
        ("a long header", format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {long}\r\nConnection: close\r\n\r\n")),
        ("many headers", format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}Connection: close\r\n\r\n")),
        ("a long address", format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")),
        ("a long method", format!("{long} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")),
    ] {
        let mut stream = connect(&node.client);
        // The server may close while this is still writing; its answer is what counts.
        stream.write_all(request.as_bytes()).unwrap_or_default();
        let answer = read_all(&mut stream);
        assert!(matches!(status(&answer), None | Some(400 | 414 | 431)), "{what}: {answer}");
        assert_still_well(&node.client);
    }
    // What browsers send at most is fine.
    let cookies =
        format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nConnection: close\r\n\r\n", &long[..16_000]);
    assert_eq!(status(&exchange(&node.client, cookies.as_bytes())), Some(200));
}

#[tokio::test]
async fn what_is_no_http_is_refused_without_a_word_of_harm() {
    let (node, _database) = server::empty().await;
    for request in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: \x01\x02\0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\nzz\r\n",
        b"POST /api/v1/match HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\nzz\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
    ] {
        let shown = String::from_utf8_lossy(request);
        let mut stream = connect(&node.client);
        stream.write_all(request).expect("sent");
        // Nothing more will come from this side: what waits for more has to notice.
        stream.shutdown(std::net::Shutdown::Write).unwrap_or_default();
        let answer = read_all(&mut stream);
        assert!(status(&answer).is_none_or(|status| (400..500).contains(&status)), "{shown:?}: {answer}");
    }
    assert_still_well(&node.client);
}

#[tokio::test]
async fn sixty_connections_at_once_are_all_served() {
    let (node, _database) = server::with_library().await;
    let barrier = Barrier::new(60);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..60 {
            let (client, barrier) = (node.client.stranger(), &barrier);
            scope.spawn(move || {
                barrier.wait();
                for path in ["/stories?q=webhook", "/stories/moonlight-pods-on-one-node", "/api/v1/stories"] {
                    assert_eq!(client.get(path).status, 200, "{path} of visitor {number}");
                }
                assert!(!client.matches("0/256 nodes are available, subnet exhausted").is_empty());
            });
        }
    });
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_visitor_who_leaves_in_the_middle_of_an_answer_harms_nobody() {
    let (node, _database) = server::with_library().await;
    for _ in 0..50 {
        let mut stream = connect(&node.client);
        stream.write_all(b"GET /stories HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
        drop(stream);
        let mut stream = connect(&node.client);
        let head = b"POST /stories/new HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntitle=";
        stream.write_all(head).expect("sent");
        drop(stream);
    }
    assert_still_well(&node.client);
}
