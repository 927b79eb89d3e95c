//! The program that was built beside this one, in a process of its own with a data folder of its own, as strangers see it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use casebook::domain::AccountId;
use casebook::identity::Secret;
use casebook_benches::Outcome;
use sqlx::{Connection, PgConnection};

/// A running `casebook serve`, which ends with this.
pub struct Node {
    child: Child,
    program: PathBuf,
    data: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Node {
    /// Starts it with the built-in library; `CASEBOOK` names another program.
    pub fn start() -> Outcome<Self> {
        let beside = std::env::current_exe()?.with_file_name("casebook");
        let program = std::env::var_os("CASEBOOK").map_or(beside, PathBuf::from);
        let data = std::env::temp_dir().join(format!("casebook-flood-{}", std::process::id()));
        std::fs::create_dir(&data)?;
        let mut child = Command::new(&program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(data.with_extension("log"))?)
            .spawn()?;
        let said = child.stdout.take().ok_or("the program has no output")?;
        let address = BufReader::new(said)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split("http://").nth(1)?.split_whitespace().next()?.parse().ok());
        match address {
            Some(address) => Ok(Self { child, program, data, address }),
            None => {
                child.kill()?;
                child.wait()?;
                Err(format!("{} did not say where it serves; see {}.log", program.display(), data.display()).into())
            }
        }
    }

    /// Logs so many people in, and gives the values of their cookies.
    pub async fn sessions(&self, many: usize) -> Outcome<Vec<String>> {
        let asked = Command::new(&self.program).arg("database-url").arg("--data").arg(&self.data).output()?;
        let url = String::from_utf8(asked.stdout)?;
        let mut connection = PgConnection::connect(url.trim()).await?;
        let mut cookies = Vec::with_capacity(many);
        for number in 0..many {
            let (account, secret) = (AccountId::new(), Secret::new()?);
            sqlx::query("INSERT INTO account (id, name, email, role, created_at) VALUES ($1, $2, $3, 'author', now())")
                .bind(account.0)
                .bind(format!("Visitor {number}"))
                .bind(format!("{account}@example.com"))
                .execute(&mut connection)
                .await?;
            sqlx::query(
                "INSERT INTO session (id, token_hash, account_id, created_at, seen_at, ends_at, user_agent, address)
                 VALUES (gen_random_uuid(), $1, $2, now(), now(), now() + interval '1 day', 'a bench', '127.0.0.1')",
            )
            .bind(&secret.hash()[..])
            .bind(account.0)
            .execute(&mut connection)
            .await?;
            cookies.push(secret.reveal().to_owned());
        }
        Ok(cookies)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
        // PostgreSQL is told by the kernel, and needs a moment to let go of its files.
        for _ in 0..50 {
            if std::fs::remove_dir_all(&self.data).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}
