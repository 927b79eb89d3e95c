//! One throw-away PostgreSQL for the whole run, in memory where the machine has room there, and a database for each test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use casebook::postgres::{Cluster, DataFolder, Durability, Settings};
use casebook::store::{Database, MIGRATOR};
use sqlx::{Connection, Executor, PgConnection};

struct Shared {
    url: String,
    _cluster: Cluster,
}

/// A migrated database of its own for one test.
pub struct TestDatabase {
    pub url: String,
    pub database: Database,
}

impl TestDatabase {
    /// Copies the template, which takes some milliseconds.
    pub async fn new() -> Self {
        let url = fresh(Some("casebook_template")).await;
        let database = Database::lazy(&url).expect("address");
        Self { url, database }
    }
}

/// The address of a new database: a copy of `template`, or empty.
pub async fn fresh(template: Option<&str>) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let shared = tokio::task::spawn_blocking(shared).await.expect("cluster");
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&administration(&shared.url)).await.expect("connect");
    let statement = match template {
        Some(template) => format!("CREATE DATABASE {name} TEMPLATE {template}"),
        None => format!("CREATE DATABASE {name}"),
    };
    // CREATE DATABASE fails while another test copies the template: one at a time.
    static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let turn = ONE_AT_A_TIME.lock().await;
    connection.execute(sqlx::AssertSqlSafe(statement)).await.expect("create database");
    drop(turn);
    named(&shared.url, &name)
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let folder = folder("casebook-tests");
        let claimed = DataFolder::claim(&folder).expect("claim the folder");
        let settings = Settings { durability: Durability::ThrowAway, ..Settings::default() };
        let cluster = Cluster::start(&settings, &claimed).expect("start PostgreSQL");
        let url = cluster.url();
        let migrate = std::thread::spawn({
            let url = url.clone();
            move || {
                tokio::runtime::Runtime::new().expect("runtime").block_on(async {
                    let mut connection = PgConnection::connect(&administration(&url)).await.expect("connect");
                    connection.execute("CREATE DATABASE casebook_template").await.expect("template");
                    let mut connection =
                        PgConnection::connect(&named(&url, "casebook_template")).await.expect("connect");
                    MIGRATOR.run(&mut connection).await.expect("migrate");
                });
            }
        });
        migrate.join().expect("migrated");
        Shared { url, _cluster: cluster }
    })
}

fn administration(url: &str) -> String {
    named(url, "postgres")
}

fn named(url: &str, name: &str) -> String {
    url.replacen("postgres:///casebook?", &format!("postgres:///{name}?"), 1)
}

/// A new folder, in memory where possible, that is removed some time after this process has ended, however it ends.
pub fn folder(prefix: &str) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let base = if Path::new("/dev/shm").is_dir() { PathBuf::from("/dev/shm") } else { std::env::temp_dir() };
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = base.join(format!("{prefix}-{}-{number}", std::process::id()));
    std::fs::create_dir(&path).expect("make the folder");
    // Statics are not dropped at exit, and a killed run drops nothing: this child sees its standard input close.
    let reaper = Command::new("sh")
        .args(["-c", "cat > /dev/null; sleep 3; rm -rf -- \"$0\""])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh");
    // Its end of the pipe has to stay open for as long as this process lives.
    std::mem::forget(reaper);
    path
}
