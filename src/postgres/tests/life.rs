//! What a cluster is from its first start to its stop.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::super::{access, free_space, leftovers};
use super::{psql, set_mode, sql, start, start_durable, temporary, try_sql, until};

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

#[test]
fn a_log_that_has_grown_is_cut_at_the_next_start() {
    let data = temporary();
    fs::write(data.path().join("postgres.log"), vec![b'x'; 11 << 20]).expect("room for 11 MiB");
    let _cluster = start(data.path());
    let size = |name: &str| fs::metadata(data.path().join(name)).expect("a log").len();
    assert!(size("postgres.log") < 1 << 20);
    assert_eq!(size("postgres.log.1"), 11 << 20);
}
