//! The real program as a child process, for what only a process can show: signals, exit statuses, kill -9.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::server::Client;

/// The program, ready to be given arguments. The environment of whoever runs the tests does not reach it.
pub fn casebook() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
    for (name, _) in std::env::vars() {
        if name.starts_with("CASEBOOK_") || name.starts_with("DATABASE_URL") {
            command.env_remove(name);
        }
    }
    command.env("RUST_LOG", "info");
    command
}

/// Runs it to its end with something on standard input.
pub fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = casebook()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start");
    let mut stdin = child.stdin.take().expect("piped");
    // A program that refuses its arguments does not read; the pipe is closed then.
    stdin.write_all(input.as_bytes()).unwrap_or_default();
    drop(stdin);
    child.wait_with_output().expect("output")
}

/// `casebook serve` on a free port; killed when dropped.
pub struct Serving {
    pub client: Client,
    pub data: PathBuf,
    child: Child,
}

impl Serving {
    /// Starts it on a data folder and waits until it says where it is. The log goes to `<data>.log`.
    pub fn start(data: &Path, arguments: &[&str]) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(data.with_extension("log")).expect("log");
        let mut child = casebook()
            .args(["serve", "--trust-local", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("read");
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_else(|| {
            let log = std::fs::read_to_string(data.with_extension("log")).unwrap_or_default();
            panic!("it did not start; its log:\n{log}")
        });
        Self { client: Client::new(url), data: data.to_owned(), child }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("reaped");
    }

    /// SIGTERM, and the exit status that follows.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        let done = Command::new("kill").arg(self.pid().to_string()).status().expect("kill");
        assert!(done.success());
        self.child.wait().expect("status")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Already gone after `kill` and `terminate`.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}
