//! Visitors who want nothing but to read and to match, and how long they wait.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use casebook_benches::Outcome;
use casebook_benches::client::{Connection, Encoding, get, post};
use casebook_benches::sampling::Samples;
use tokio::time::sleep;

/// What they saw, by what they asked for.
pub struct Seen {
    pub kinds: Vec<Kind>,
}

/// One kind of request.
pub struct Kind {
    pub name: &'static str,
    pub times: Samples,
    /// How many were answered with another status than 200, or not at all.
    pub refused: usize,
}

/// Four who ask without haste, each for something else, within what one address may ask.
pub async fn watch(address: SocketAddr, lasting: Duration) -> Outcome<Seen> {
    let paste = "0/256 nodes are available, deployment stuck for an hour, subnet exhausted";
    let watching = [
        ("a kept page", Duration::from_millis(25), Asked::Page("/stories")),
        ("a page that is made", Duration::from_millis(50), Asked::Search),
        ("a match", Duration::from_millis(250), Asked::Match(paste)),
    ];
    let mut all = Vec::new();
    for (number, (name, pause, asked)) in watching.into_iter().enumerate() {
        all.push(tokio::spawn(watch_one(number as u8, name, pause, asked, address, lasting)));
    }
    let mut kinds = Vec::new();
    for one in all {
        kinds.push(one.await?);
    }
    Ok(Seen { kinds })
}

/// What somebody asks for.
#[derive(Clone, Copy)]
enum Asked {
    Page(&'static str),
    /// Other words every time, so that nothing is kept.
    Search,
    Match(&'static str),
}

impl Asked {
    fn request(self, number: usize) -> Vec<u8> {
        match self {
            Self::Page(path) => get(path, Encoding::Gzip),
            Self::Search => get(&format!("/stories?q=dns+w{number}x{}", std::process::id()), Encoding::Gzip),
            Self::Match(paste) => post("/api/v1/match", "text/plain", paste),
        }
    }
}

async fn watch_one(
    who: u8,
    name: &'static str,
    pause: Duration,
    asked: Asked,
    address: SocketAddr,
    lasting: Duration,
) -> Kind {
    let mut kind = Kind { name, times: Samples::default(), refused: 0 };
    let begun = Instant::now();
    let mut connection = None;
    let mut number = 0;
    while begun.elapsed() < lasting {
        number += 1;
        let asked_at = Instant::now();
        let answered = ask(&mut connection, Ipv4Addr::new(127, 1, 0, who + 1), address, &asked.request(number)).await;
        match answered {
            Ok(200) => kind.times.add(asked_at.elapsed()),
            Ok(_) => kind.refused += 1,
            Err(_closed) => {
                kind.refused += 1;
                connection = None;
            }
        }
        sleep(pause).await;
    }
    kind
}

async fn ask(
    connection: &mut Option<Connection>,
    source: Ipv4Addr,
    address: SocketAddr,
    request: &[u8],
) -> Outcome<u16> {
    let open = match connection.take() {
        Some(open) => open,
        None => Connection::open_from(source, address).await?,
    };
    Ok(connection.insert(open).send(request).await?.status)
}
