//! The embedded database against the PostgreSQL of this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::account::Account;
use super::binaries::Binaries;
use super::{Cluster, DataFolder, Durability, PostgresError, Settings, access, birth, free_space, leftovers};

/// In memory where that is possible: these tests are about processes and files, not about disks.
fn temporary() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.expect("a temporary folder")
}

fn set_mode(folder: &Path, mode: u32) {
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).expect("the folder is ours");
}

fn settings() -> Settings {
    Settings { durability: Durability::ThrowAway, ..Settings::default() }
}

fn start(data: &Path) -> Cluster {
    let folder = DataFolder::claim(data).expect("the folder is free");
    Cluster::start(&settings(), &folder).expect("PostgreSQL starts")
}

/// As in production: nothing that was committed is lost when PostgreSQL is killed.
fn start_durable(data: &Path) -> Cluster {
    let folder = DataFolder::claim(data).expect("the folder is free");
    Cluster::start(&Settings::default(), &folder).expect("PostgreSQL starts")
}

fn psql(cluster: &Cluster, statement: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", &cluster.url(), "-c", statement]);
    command.stdin(Stdio::null());
    command
}

fn try_sql(cluster: &Cluster, statement: &str) -> Result<String, String> {
    let output = psql(cluster, statement).output().expect("psql runs");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn sql(cluster: &Cluster, statement: &str) -> String {
    try_sql(cluster, statement).expect("the statement succeeds")
}

fn until<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < patience, "waited {patience:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

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
        .args([&format!("postgres::tests::{name}"), "--exact"])
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
fn a_first_start_makes_a_database_one_can_work_in() {
    let data = temporary();
    let cluster = start(data.path());
    assert_eq!(sql(&cluster, "SHOW server_encoding"), "UTF8");
    assert_eq!(sql(&cluster, "SHOW data_checksums"), "on");
    assert_eq!(sql(&cluster, "SELECT current_user || ' ' || current_database()"), "casebook casebook");
    assert_eq!(sql(&cluster, "SELECT upper('größe')"), "GRÖSSE".replace("SS", "ß"));
    sql(&cluster, "CREATE TABLE story (slug text)");
    assert_eq!(cluster.user(), "casebook");
}

#[test]
fn casebook_may_make_databases_for_tests_and_is_no_superuser() {
    let data = temporary();
    let cluster = start(data.path());
    sql(&cluster, "CREATE DATABASE another");
    assert_eq!(sql(&cluster, "SHOW is_superuser"), "off");
    assert!(try_sql(&cluster, "COPY (SELECT 1) TO PROGRAM 'cat'").is_err());
}

#[test]
fn other_users_do_not_reach_the_database() {
    let data = temporary();
    let cluster = start(data.path());
    let folder = fs::metadata(cluster.socket()).expect("a folder");
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    if rustix::process::geteuid().is_root() {
        // Only root can find out what becomes of a stranger's attempt.
        let stranger = Account::choose(Path::new("/nonexistent"), Some("nobody")).expect("nobody exists");
        let output = stranger.command("psql").args(["-X", "-d", &cluster.url(), "-c", "SELECT 1"]).output();
        let output = output.expect("psql runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains("Permission denied"), "{text}");
    }
}

#[test]
fn a_second_start_keeps_the_data() {
    let data = temporary();
    let first = start(data.path());
    sql(&first, "CREATE TABLE story (slug text); INSERT INTO story VALUES ('moonlight')");
    first.stop();
    let second = start(data.path());
    assert_eq!(sql(&second, "SELECT slug FROM story"), "moonlight");
}

#[test]
fn a_durable_cluster_writes_through_to_the_disk() {
    let data = temporary();
    let cluster = start_durable(data.path());
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        assert_eq!(sql(&cluster, &format!("SHOW {setting}")), "on", "{setting}");
    }
}

#[test]
fn a_claimed_folder_is_refused_until_the_cluster_in_it_has_stopped() {
    let data = temporary();
    // The claim handed to the start is dropped at once: the cluster must hold one of its own.
    let cluster = start(data.path());
    let refusal = DataFolder::claim(data.path()).expect_err("the folder is in use").to_string();
    assert!(refusal.contains(&format!("process {}:", std::process::id())), "{refusal}");
    cluster.stop();
    DataFolder::claim(data.path()).expect("the folder is free again");
}

#[test]
fn stop_leaves_no_process_and_no_socket_behind() {
    let data = temporary();
    let cluster = start(data.path());
    let home = data.path().join("postgres");
    assert!(!leftovers::processes_in(&home).expect("processes can be listed").is_empty());
    let socket = cluster.socket().join(access::socket_name());
    assert!(socket.exists());
    // A session that is in the middle of something does not hold up the stop.
    let mut busy = psql(&cluster, "SELECT pg_sleep(60)").stderr(Stdio::null()).spawn().expect("psql runs");
    until("the session", Duration::from_secs(5), || {
        (sql(&cluster, "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'") == "1")
            .then_some(())
    });
    cluster.stop();
    assert_eq!(leftovers::processes_in(&home).expect("processes can be listed"), []);
    assert!(!socket.exists() && !home.join("postmaster.pid").exists());
    busy.wait().expect("psql ends");
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
fn a_start_right_after_a_kill_does_not_wait_to_be_asked_twice() {
    const NAME: &str = "a_start_right_after_a_kill_does_not_wait_to_be_asked_twice";
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

#[test]
fn a_cluster_of_another_major_version_is_refused_with_both_ways_out() {
    let data = temporary();
    start(data.path()).stop();
    fs::write(data.path().join("postgres/PG_VERSION"), "9\n").expect("a version");
    let folder = DataFolder::claim(data.path()).expect("the folder is free");
    let error = Cluster::start(&settings(), &folder).expect_err("no machine has that version");
    assert!(matches!(error, PostgresError::OtherMajor { made_by: 9, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("apt install postgresql-9") && text.contains("pg_dump"), "{text}");
}

#[test]
fn a_machine_without_postgresql_is_told_how_to_get_it() {
    let data = temporary();
    let folder = DataFolder::claim(data.path()).expect("the folder is free");
    let nowhere = Settings { binaries: Some(data.path().join("nowhere")), ..settings() };
    let text = Cluster::start(&nowhere, &folder).expect_err("there is nothing to start").to_string();
    assert!(text.contains("apt install postgresql") && text.contains("DATABASE_URL"), "{text}");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let data = temporary();
    start(data.path()).stop();
    let file = data.path().join("postgres/postgresql.conf");
    let text = fs::read_to_string(&file).expect("settings");
    fs::write(&file, format!("{text}\nmax_conections = 10\n")).expect("a slip of the pen");
    let folder = DataFolder::claim(data.path()).expect("the folder is free");
    let text = Cluster::start(&settings(), &folder).expect_err("PostgreSQL refuses").to_string();
    assert!(text.contains("max_conections"), "{text}");
}

#[test]
fn a_data_folder_with_a_long_or_awkward_path_works() {
    let parent = temporary();
    let data = parent.path().join("it's, \"quoted\" %20 – ünïcode").join("long".repeat(30));
    set_mode(parent.path(), 0o755);
    let long = start(&data);
    assert!(!long.socket().starts_with(&data));
    assert_eq!(sql(&long, "SELECT 1"), "1");
    let elsewhere = long.socket().to_owned();
    long.stop();
    assert!(!elsewhere.exists());

    let awkward = start(&parent.path().join("it's \"b\" %20 é"));
    assert!(awkward.socket().starts_with(parent.path()));
    assert_eq!(sql(&awkward, "SELECT 1"), "1");
}

#[test]
fn a_folder_that_the_user_of_postgresql_cannot_reach_is_named() {
    if !rustix::process::geteuid().is_root() {
        // Only root runs PostgreSQL as another user.
        return;
    }
    let barrier = temporary();
    set_mode(barrier.path(), 0o700);
    let folder = DataFolder::claim(barrier.path().join("data")).expect("the folder is free");
    let error = Cluster::start(&settings(), &folder).expect_err("nobody passes a folder of mode 0700");
    let text = error.to_string();
    assert!(text.contains(&format!("chmod o+x {})", barrier.path().display())), "{text}");
    assert!(!folder.path().join("postgres.new").exists());
}

#[test]
fn an_unknown_user_is_refused_by_name() {
    let data = temporary();
    let folder = DataFolder::claim(data.path()).expect("the folder is free");
    let wrong = Settings { run_as: Some("no-such-user".to_owned()), ..settings() };
    let text = Cluster::start(&wrong, &folder).expect_err("there is no such user").to_string();
    assert!(text.contains("no-such-user"), "{text}");
}

#[test]
fn free_space_is_what_the_file_system_reports() {
    let data = temporary();
    let output = Command::new("df").args(["-B1", "--output=avail"]).arg(data.path()).output().expect("df runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let by_df: u64 = text.lines().nth(1).expect("a second line").trim().parse().expect("a number");
    let by_us = free_space(data.path()).expect("a file system");
    // Others write meanwhile, but not this much.
    assert!(by_df.abs_diff(by_us) < 2 << 30, "{by_df} and {by_us}");
    assert!(free_space(&data.path().join("nowhere")).is_err());
}
