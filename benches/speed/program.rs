//! Servers as processes of their own: `casebook serve` as people run it, and a hello-world to hold beside it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};

use crate::Outcome;

/// The argument that makes this program the hello-world.
pub const HELLO: &str = "hello";

/// A server in a process of its own, which ends with this.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it said that it serves.
    pub ready_after: Duration,
}

impl Program {
    /// The program that was built beside this one, as installed: logging each request, to a file.
    pub fn casebook(data: &Path, url: &str) -> Outcome<Self> {
        let here = std::env::current_exe()?;
        let mut command = Command::new(here.with_file_name("casebook"));
        command.args(["serve", "--trust-local", "--listen", "127.0.0.1:0", "--no-library", "--database-url", url, "--data"]).arg(data);
        command.stderr(File::create(data.join("serve.log"))?);
        Self::started(command)
    }

    /// A server with one route that answers a few bytes.
    pub fn hello() -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(HELLO);
        Self::started(command)
    }

    fn started(mut command: Command) -> Outcome<Self> {
        let begun = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let said = child.stdout.take().ok_or("the program has no output")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        let ready_after = begun.elapsed();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        match address.and_then(|address| address.parse().ok()) {
            Some(address) => Ok(Self { child, address, ready_after }),
            None => {
                child.kill()?;
                child.wait()?;
                Err(format!("{command:?} said {line:?}; expected the address that it serves at").into())
            }
        }
    }

    /// Memory of its own (anonymous: neither files nor shared), in MiB, where the system tells.
    pub fn own_memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It keeps nothing that a kill could spoil.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// Runs the hello-world until it is killed.
#[expect(clippy::print_stdout, reason = "its address is what its parent waits for")]
pub fn serve_hello() -> Outcome<()> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    actix_web::rt::System::new().block_on(async {
        let hello = || async { HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("Hello, world!") };
        let server = HttpServer::new(move || App::new().route("/", web::get().to(hello)));
        let server = server.workers(workers).tcp_nodelay(true).bind(("127.0.0.1", 0))?;
        let address = *server.addrs().first().ok_or("the server has no address")?;
        println!("Hello is at http://{address}");
        server.run().await?;
        Ok(())
    })
}
