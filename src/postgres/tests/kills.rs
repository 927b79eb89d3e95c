//! What is left when a part of it is killed, and how it goes on.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::super::account::Account;
use super::super::binaries::Binaries;
use super::super::{Cluster, DataFolder, PostgresError, birth, leftovers};
use super::{psql, settings, sql, start, start_durable, temporary, try_sql, until};

/// The process id that the running server noted.
fn server(data: &Path) -> Pid {
    let text = fs::read_to_string(data.join("postgres/postmaster.pid")).expect("a server runs");
    let line = text.lines().next().expect("a first line");
    Pid::from_raw(line.trim().parse().expect("a number")).expect("a process id")
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed()).expect("a process id")
}

/// This very test again, in a process of its own that can be killed: it finds `data` in its environment.
fn same_test_elsewhere(name: &str, data: &Path) -> Child {
    Command::new(std::env::current_exe().expect("the test's own program"))
        .args([&format!("postgres::tests::kills::{name}"), "--exact"])
        .env("CASEBOOK_TEST_DATA", data)
        .stdout(Stdio::null())
        .spawn()
        .expect("the test runs again")
}

/// Where the test was started by [`same_test_elsewhere`]: a table is made, then PostgreSQL runs until the kill.
fn serve_until_killed_if_elsewhere() {
    if let Some(data) = std::env::var_os("CASEBOOK_TEST_DATA") {
        let cluster = start_durable(Path::new(&data));
        sql(&cluster, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('before the kill')");
        fs::write(Path::new(&data).join("serving"), "").expect("a note");
        std::thread::sleep(Duration::from_secs(120));
        panic!("nobody killed this process");
    }
}

#[test]
fn a_killed_server_comes_back_by_itself_with_its_data() {
    let data = temporary();
    let cluster = start_durable(data.path());
    sql(&cluster, "CREATE TABLE story (slug text); INSERT INTO story VALUES ('jetstack')");
    let address = cluster.url();
    // A session in the middle of something outlives its server and holds the shared memory.
    let mut busy = psql(&cluster, "SELECT pg_sleep(60)").stderr(Stdio::null()).spawn().expect("psql runs");
    until("the session", Duration::from_secs(5), || {
        (sql(&cluster, "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'") == "1")
            .then_some(())
    });
    for round in 1..=3 {
        let begun = Instant::now();
        kill_process(server(data.path()), Signal::KILL).expect("the server can be killed");
        let word = until("the server", Duration::from_secs(10), || {
            if cluster.restarts() == round { try_sql(&cluster, "SELECT slug FROM story").ok() } else { None }
        });
        println!("round {round}: back after {:?}", begun.elapsed());
        assert_eq!(word, "jetstack");
        assert_eq!(cluster.url(), address);
    }
    busy.wait().expect("psql ends");
}

#[test]
fn a_killed_process_takes_its_server_with_it_and_its_folder_can_be_claimed() {
    const NAME: &str = "a_killed_process_takes_its_server_with_it_and_its_folder_can_be_claimed";
    serve_until_killed_if_elsewhere();
    let data = temporary();
    let mut other = same_test_elsewhere(NAME, data.path());
    until("the other process", Duration::from_secs(60), || data.path().join("serving").exists().then_some(()));
    let refusal = DataFolder::claim(data.path()).expect_err("the folder is in use").to_string();
    assert!(refusal.contains(&format!("process {}:", other.id())), "{refusal}");

    kill_process(pid(&other), Signal::KILL).expect("the process can be killed");
    other.wait().expect("the process ends");
    until("the server to follow", Duration::from_secs(10), || {
        leftovers::processes_in(&data.path().join("postgres"))
            .expect("processes can be listed")
            .is_empty()
            .then_some(())
    });
    let cluster = start_durable(data.path());
    assert_eq!(sql(&cluster, "SELECT word FROM kept"), "before the kill");
}

#[test]
fn a_start_right_after_a_kill_takes_over_from_the_dying_server() {
    const NAME: &str = "a_start_right_after_a_kill_takes_over_from_the_dying_server";
    serve_until_killed_if_elsewhere();
    let data = temporary();
    for _ in 0..3 {
        let _gone = fs::remove_file(data.path().join("serving"));
        let mut other = same_test_elsewhere(NAME, data.path());
        until("the other process", Duration::from_secs(60), || data.path().join("serving").exists().then_some(()));
        kill_process(pid(&other), Signal::KILL).expect("the process can be killed");
        other.wait().expect("the process ends");
        let cluster = start_durable(data.path());
        assert_eq!(sql(&cluster, "SELECT word FROM kept"), "before the kill");
        sql(&cluster, "DROP TABLE kept");
    }
}

#[test]
fn an_orphan_that_nobody_told_to_stop_is_stopped() {
    let data = temporary();
    let cluster = start(data.path());
    sql(&cluster, "CREATE TABLE story (slug text)");
    let socket = cluster.socket().to_owned();
    cluster.stop();
    let home = data.path().join("postgres");
    let account = Account::choose(&home, None).expect("an account");
    let binaries = Binaries::find(None, None, &home).expect("PostgreSQL is installed");
    let mut orphan = account
        .command(binaries.program("postgres"))
        .arg("-D")
        .arg(&home)
        .args(["-c", "listen_addresses=", "-c"])
        .arg(format!("unix_socket_directories={}", socket.display()))
        .stderr(Stdio::null())
        .spawn()
        .expect("a server outside");
    until("the orphan", Duration::from_secs(10), || {
        fs::read_to_string(home.join("postmaster.pid")).ok()?.contains("ready").then_some(())
    });
    let cluster = start(data.path());
    assert!(orphan.try_wait().expect("the orphan is our child").is_some());
    assert_eq!(sql(&cluster, "SELECT count(*) FROM story"), "0");
}

#[test]
fn a_killed_initdb_leaves_nothing_that_looks_like_a_cluster() {
    let data = temporary();
    let folder = DataFolder::claim(data.path()).expect("the folder is free");
    let home = data.path().join("postgres");
    let unfinished = birth::unfinished(&home).display().to_string();
    let error = std::thread::scope(|scope| {
        let starting = scope.spawn(|| Cluster::start(&settings(), &folder).expect_err("initdb was killed"));
        until("initdb to be half-way", Duration::from_secs(20), || {
            let initdb = fs::read_dir("/proc").expect("processes").flatten().find(|entry| {
                let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                let line = String::from_utf8_lossy(&line).replace('\0', " ");
                line.contains("initdb") && line.contains(&unfinished)
            })?;
            Path::new(&unfinished).join("PG_VERSION").exists().then_some(())?;
            let process = Pid::from_raw(initdb.file_name().to_str()?.parse().ok()?)?;
            kill_process(process, Signal::KILL).ok()
        });
        starting.join().expect("the start returns")
    });
    assert!(matches!(error, PostgresError::Creation { step: "initdb", .. }), "{error}");
    assert!(!home.exists());
    assert!(Path::new(&unfinished).exists(), "the kill came too late to prove anything");

    let cluster = Cluster::start(&settings(), &folder).expect("the next start is not in its way");
    assert_eq!(sql(&cluster, "SELECT 1"), "1");
    assert!(!Path::new(&unfinished).exists());
}
