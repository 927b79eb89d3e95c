//! Who and what is turned away, and what they are told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::super::account::Account;
use super::super::{Cluster, DataFolder, PostgresError, Settings};
use super::{set_mode, settings, start, temporary};

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
fn a_folder_below_one_that_is_closed_to_postgresql_is_known_before_it_is_made() {
    let closed = temporary();
    set_mode(closed.path(), 0o700);
    let data = closed.path().join("not/made/yet");
    // Whoever is not root runs PostgreSQL as themselves, and may enter their own folders.
    let is_root = rustix::process::geteuid().is_root();
    assert_eq!(super::super::can_reach(&data, &settings()), !is_root);
    set_mode(closed.path(), 0o711);
    assert!(super::super::can_reach(&data, &settings()));
    assert!(!data.exists());
}
