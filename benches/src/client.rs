//! HTTP/1.1 over loopback on connections that are kept, and the load that many of them make together.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::Outcome;
use crate::sampling::Samples;

/// A connection; one request at a time.
pub struct Connection {
    stream: TcpStream,
    /// What has arrived of the answer.
    arrived: Vec<u8>,
}

/// What came back.
pub struct Answer<'a> {
    pub status: u16,
    /// As it was sent: compressed where that was asked for.
    pub body: &'a [u8],
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, arrived: Vec::with_capacity(64 * 1024) })
    }

    /// The same from an address of this machine, such as 127.0.3.7: the server takes each for somebody else.
    pub async fn open_from(source: Ipv4Addr, address: SocketAddr) -> Outcome<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source, 0).into())?;
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, arrived: Vec::with_capacity(16 * 1024) })
    }

    /// Sends bytes, and waits for nothing.
    pub async fn drip(&mut self, bytes: &[u8]) -> Outcome<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn send(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.arrived.clear();
        self.stream.write_all(request).await?;
        let head = loop {
            if let Some(end) = find(&self.arrived, b"\r\n\r\n", 0) {
                break end + 4;
            }
            self.read_more().await?;
        };
        let (status, length) = read_head(&self.arrived[..head])?;
        let end = match length {
            Length::Bytes(bytes) => {
                while self.arrived.len() < head + bytes {
                    self.read_more().await?;
                }
                head + bytes
            }
            Length::Chunks => self.end_of_chunks(head).await?,
        };
        Ok(Answer { status, body: &self.arrived[head..end] })
    }

    async fn read_more(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.arrived).await? {
            0 => Err("the server closed the connection before its answer was whole".into()),
            _ => Ok(()),
        }
    }

    async fn end_of_chunks(&mut self, mut at: usize) -> Outcome<usize> {
        loop {
            let line = loop {
                match find(&self.arrived, b"\r\n", at) {
                    Some(end) => break end,
                    None => self.read_more().await?,
                }
            };
            let size = usize::from_str_radix(std::str::from_utf8(&self.arrived[at..line])?.trim(), 16)?;
            at = line + 2 + size + 2;
            while self.arrived.len() < at {
                self.read_more().await?;
            }
            if size == 0 {
                return Ok(at);
            }
        }
    }
}

enum Length {
    Bytes(usize),
    Chunks,
}

fn read_head(head: &[u8]) -> Outcome<(u16, Length)> {
    let head = std::str::from_utf8(head)?;
    let status = head.split(' ').nth(1).ok_or("an answer without a status")?.parse()?;
    for line in head.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            return Ok((status, Length::Bytes(value.trim().parse()?)));
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok((status, Length::Chunks));
        }
    }
    Ok((status, Length::Bytes(0)))
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|window| window == what).map(|at| from + at)
}

/// How a reader takes the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As programs do.
    Plain,
    /// As browsers do.
    Gzip,
}

/// The bytes of a GET.
pub fn get(path: &str, encoding: Encoding) -> Vec<u8> {
    let accepted = match encoding {
        Encoding::Plain => "",
        Encoding::Gzip => "Accept-Encoding: gzip\r\n",
    };
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{accepted}\r\n").into_bytes()
}

/// The bytes of a POST.
pub fn post(path: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Words as a part of an address.
pub fn encoded(words: &str) -> String {
    words
        .bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            _ if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// What a load came to.
pub struct Load {
    pub per_second: f64,
    pub latencies: Samples,
}

/// Sends requests in their order over some connections for a time, or until all are sent. Any other status than 200
/// is an error. One thread does it all, so that most of the machine is left to the server.
pub fn load(address: SocketAddr, connections: usize, lasting: Duration, requests: Vec<Vec<u8>>) -> Outcome<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    runtime.block_on(async {
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(Connection::open(address).await?);
        }
        let begun = Instant::now();
        let working: Vec<_> = open
            .into_iter()
            .map(|connection| tokio::spawn(send(connection, Arc::clone(&requests), Arc::clone(&next), begun + lasting)))
            .collect();
        let mut latencies = Samples::default();
        for work in working {
            latencies.extend(work.await??);
        }
        Ok(Load { per_second: latencies.len() as f64 / begun.elapsed().as_secs_f64(), latencies })
    })
}

async fn send(
    mut connection: Connection,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    until: Instant,
) -> Outcome<Samples> {
    let mut samples = Samples::default();
    while Instant::now() < until
        && let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed))
    {
        let begun = Instant::now();
        let answer = connection.send(request).await?;
        samples.add(begun.elapsed());
        if answer.status != 200 {
            let asked = String::from_utf8_lossy(&request[..request.len().min(120)]).into_owned();
            return Err(format!("{asked:?} was answered with {}; expected 200", answer.status).into());
        }
    }
    Ok(samples)
}
