//! Those who come all at once. Each comes from an address of its own, as far as loopback has them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use casebook_benches::Outcome;
use casebook_benches::client::{Connection, post};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

/// What a crowd is doing; in the end it says what came of it.
pub type Doing = Pin<Box<dyn Future<Output = String> + Send>>;

/// Some who come together.
pub trait Crowd: Send + Sync {
    /// They do what they came for until then.
    fn come(self: Arc<Self>, address: SocketAddr, until: Instant) -> Doing;
}

/// People who are logged in and read, each a page every five seconds.
pub struct Sessions {
    pub cookies: Vec<String>,
}

/// Whoever tries one password after the other.
pub struct Logins {
    pub path: String,
    pub connections: usize,
}

/// Connections that send a byte of their body each second.
pub struct Dripping {
    pub connections: usize,
}

/// How often each status came.
type Statuses = BTreeMap<u16, usize>;

fn told(statuses: &Statuses) -> String {
    let parts: Vec<_> = statuses.iter().map(|(status, times)| format!("{times} × {status}")).collect();
    if parts.is_empty() { "no answers".to_owned() } else { parts.join(", ") }
}

/// The address of one of many, in a network of their crowd.
fn source(network: u8, number: usize) -> Ipv4Addr {
    let [.., high, low] = (number as u32 + 1).to_be_bytes();
    Ipv4Addr::new(127, network, high, low)
}

/// Everybody's statuses together.
async fn gathered(mut all: JoinSet<Statuses>) -> String {
    let mut sum = Statuses::new();
    while let Some(one) = all.join_next().await {
        for (status, times) in one.unwrap_or_default() {
            *sum.entry(status).or_default() += times;
        }
    }
    told(&sum)
}

const PAGES: [&str; 5] = ["/", "/stories", "/stories?q=dns", "/patterns", "/stories?technology=kubernetes"];

impl Crowd for Sessions {
    fn come(self: Arc<Self>, address: SocketAddr, until: Instant) -> Doing {
        const PAUSE: Duration = Duration::from_secs(5);
        let mut all = JoinSet::new();
        for (number, cookie) in self.cookies.iter().cloned().enumerate() {
            all.spawn(async move {
                // Not all in the same moment.
                sleep(PAUSE * (number % 1_000) as u32 / 1_000).await;
                let mut statuses = Statuses::new();
                for path in PAGES.iter().cycle().skip(number) {
                    let request = format!(
                        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nCookie: casebook-session={cookie}\r\n\r\n"
                    );
                    if Instant::now() + PAUSE > until || browse(number, address, &request, &mut statuses).await.is_err() {
                        break;
                    }
                    sleep(PAUSE).await;
                }
                statuses
            });
        }
        Box::pin(gathered(all))
    }
}

async fn browse(number: usize, address: SocketAddr, request: &str, statuses: &mut Statuses) -> Outcome<()> {
    let mut connection = Connection::open_from(source(2, number), address).await?;
    let status = connection.send(request.as_bytes()).await?.status;
    *statuses.entry(status).or_default() += 1;
    Ok(())
}

impl Crowd for Logins {
    fn come(self: Arc<Self>, address: SocketAddr, until: Instant) -> Doing {
        let mut all = JoinSet::new();
        for number in 0..self.connections {
            let this = Arc::clone(&self);
            all.spawn(async move {
                let mut statuses = Statuses::new();
                let trying = async {
                    loop {
                        if this.try_on(number, address, &mut statuses).await.is_err() {
                            sleep(Duration::from_millis(100)).await;
                        }
                    }
                };
                let _: Result<(), _> = timeout_at(until, trying).await;
                statuses
            });
        }
        Box::pin(gathered(all))
    }
}

impl Logins {
    /// One password after the other on one connection, until it closes.
    async fn try_on(&self, number: usize, address: SocketAddr, statuses: &mut Statuses) -> Outcome<()> {
        let mut connection = Connection::open_from(source(3, number), address).await?;
        let token = "5a".repeat(32);
        for attempt in 0_u32.. {
            let form = format!("csrf={token}&email=somebody%40example.com&password=wrong+password+{number}+{attempt}");
            let request = String::from_utf8(post(&self.path, "application/x-www-form-urlencoded", &form))?;
            let request = request.replacen("\r\n\r\n", &format!("\r\nCookie: casebook-csrf={token}\r\n\r\n"), 1);
            let status = connection.send(request.as_bytes()).await?.status;
            *statuses.entry(status).or_default() += 1;
        }
        Ok(())
    }
}

impl Crowd for Dripping {
    fn come(self: Arc<Self>, address: SocketAddr, until: Instant) -> Doing {
        /// Fewer than one address may send at once.
        const PER_ADDRESS: usize = 10;
        let mut all = JoinSet::new();
        for number in 0..self.connections {
            all.spawn(async move {
                let mut statuses = Statuses::new();
                let open = Connection::open_from(source(4, number / PER_ADDRESS), address).await;
                let Ok(mut connection) = open else { return statuses };
                let head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                            Content-Length: 1000000\r\n\r\nevidence=";
                let mut piece = head.as_bytes();
                while Instant::now() < until && connection.drip(piece).await.is_ok() {
                    piece = b"x";
                    sleep(Duration::from_secs(1)).await;
                }
                // Counted as answered with nothing: how many were still dripping in the end.
                *statuses.entry(0).or_default() += usize::from(Instant::now() >= until);
                statuses
            });
        }
        Box::pin(async move { gathered(all).await.replace("× 0", "still dripping in the end") })
    }
}
