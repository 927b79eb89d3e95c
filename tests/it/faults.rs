//! What happens when things are killed: PostgreSQL under a server that goes on, and Casebook under writes that were promised.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::database::folder;
use crate::program::{Serving, run};
use crate::server::{SOON, eventually, story};

/// The PostgreSQL of a data folder.
pub fn postmaster(data: &Path) -> String {
    let text = std::fs::read_to_string(data.join("postgres/postmaster.pid")).expect("postmaster.pid");
    text.lines().next().expect("a first line").to_owned()
}

fn kill_9(pid: &str) {
    assert!(Command::new("kill").args(["-9", pid]).status().expect("kill").success());
}

#[test]
fn searches_go_on_while_postgresql_is_dead_and_it_recovers_by_itself() {
    let data = folder("casebook-fault").join("data");
    let serving = Serving::start(&data, &[]);
    let client = &serving.client;
    assert_eq!(client.get("/stories/moonlight-pods-on-one-node").status, 200);

    // Stopped first, so that it cannot be restarted before the pages were asked: this is the long outage.
    let pid = postmaster(&data);
    assert!(
        Command::new("sh")
            .args(["-c", &format!("kill -STOP {pid} $(pgrep -P {pid})")])
            .status()
            .expect("stop")
            .success()
    );
    assert_eq!(client.get("/stories/moonlight-pods-on-one-node").status, 200, "it was read before");
    let asked = Instant::now();
    let page = client.get("/stories/loveholidays-gke-pod-ip-exhaustion");
    assert_eq!(page.status, 503, "{}", page.text);
    assert!(asked.elapsed() < Duration::from_secs(5), "answered after {:?}", asked.elapsed());
    assert!(!client.matches("0/256 nodes are available, subnet exhausted").is_empty());
    assert!(!client.finds("webhook").is_empty());
    assert_eq!(client.get("/stories?q=webhook").status, 200);
    assert_eq!(client.get("/").status, 200);
    assert_eq!(client.get("/healthz").status, 200);
    assert_eq!(client.get("/readyz").status, 503);
    let refused = client.post_json("/api/v1/stories", &story("While the database is away"));
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.header("content-type"), "application/problem+json");

    kill_9(&pid);
    eventually(Duration::from_secs(10), "back by itself", || {
        client.get("/stories/loveholidays-gke-pod-ip-exhaustion").status == 200 && client.get("/readyz").status == 200
    });
    let slug = client.submit(&story("After the database came back"));
    eventually(Duration::from_secs(3), "and followed again", || {
        client.finds("after the database came back").contains(&slug)
    });
    assert!(serving.terminate().success());
}

#[test]
fn nothing_acknowledged_is_lost_when_casebook_is_killed_at_any_moment() {
    let rounds: u32 = std::env::var("CASEBOOK_FAULT_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let data = folder("casebook-fault").join("data");
    let acknowledged = Mutex::new(BTreeSet::new());
    let sent = Mutex::new(0);
    for round in 0..rounds {
        let serving = Serving::start(&data, &[]);
        verify(&serving, &acknowledged.lock().expect("lock"));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let (client, stop, acknowledged, sent) = (serving.client.clone(), &stop, &acknowledged, &sent);
                scope.spawn(move || {
                    for number in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        let body = story(&format!("Faultloop r{round} w{writer} n{number}")).to_string();
                        *sent.lock().expect("lock") += 1;
                        let answer = client.try_post("/api/v1/stories", &[("content-type", "application/json")], body);
                        match answer {
                            Ok(answer) if answer.status == 201 => {
                                let slug = answer.json()["slug"].as_str().expect("slug").to_owned();
                                acknowledged.lock().expect("lock").insert(slug);
                            }
                            Ok(answer) => panic!("{}: {}", answer.status, answer.text),
                            // Killed under it: not acknowledged.
                            Err(_) => return,
                        }
                    }
                });
            }
            // A different moment every round, early ones included.
            std::thread::sleep(Duration::from_millis(120 + u64::from(round * 37 % 11) * 90));
            serving.kill();
            stop.store(true, Ordering::Relaxed);
        });
    }
    let serving = Serving::start(&data, &[]);
    let acknowledged = acknowledged.into_inner().expect("lock");
    let differences = verify(&serving, &acknowledged);
    println!(
        "fault loop: {rounds} rounds, {} writes sent, {} acknowledged, 0 lost, {differences} index differences",
        sent.into_inner().expect("lock"),
        acknowledged.len()
    );
    assert!(acknowledged.len() > 10, "only {} writes were acknowledged: the loop tests nothing", acknowledged.len());
    assert!(serving.terminate().success());
}

/// Every acknowledged story can be read, and the index holds exactly what the database does.
fn verify(serving: &Serving, acknowledged: &BTreeSet<String>) -> usize {
    let mut stored = BTreeSet::new();
    for page in 1.. {
        let answer = serving.client.get(&format!("/api/v1/search?q=faultloop&limit=100&page={page}")).json();
        let results = answer["results"].as_array().expect("results").clone();
        if results.is_empty() {
            break;
        }
        let slugs = results.iter().map(|result| result["slug"].as_str().expect("slug").to_owned());
        // A word that no story has is looked for in two as well.
        stored.extend(slugs.filter(|slug| slug.starts_with("faultloop-")));
    }
    let url = run(&["database-url", "--data", serving.data.to_str().expect("UTF-8")], "");
    let url = String::from_utf8(url.stdout).expect("UTF-8");
    let select = "SELECT slug FROM failure WHERE kind = 'story' AND slug LIKE 'faultloop-%'";
    let rows = Command::new("psql").args(["-At", "-c", select, url.trim()]).output().expect("psql");
    assert!(rows.status.success(), "{}", String::from_utf8_lossy(&rows.stderr));
    let truth: BTreeSet<String> = String::from_utf8(rows.stdout).expect("UTF-8").lines().map(str::to_owned).collect();
    let lost: Vec<_> = acknowledged.difference(&truth).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let differences: Vec<_> = truth.symmetric_difference(&stored).collect();
    assert!(differences.is_empty(), "in only one of database and index: {differences:?}");
    differences.len()
}

#[test]
fn a_second_process_is_kept_out_of_the_data_folder_and_told_why() {
    let data = folder("casebook-fault").join("data");
    let serving = Serving::start(&data, &[]);
    let second =
        run(&["serve", "--trust-local", "--listen", "127.0.0.1:0", "--data", data.to_str().expect("UTF-8")], "");
    assert_eq!(second.status.code(), Some(2));
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(message.contains(&serving.pid().to_string()), "{message}");
    assert!(serving.terminate().success());
}

#[test]
fn two_nodes_share_one_database_with_a_data_folder_each() {
    let folder = folder("casebook-fault");
    let first = Serving::start(&folder.join("one"), &[]);
    let url = run(&["database-url", "--data", first.data.to_str().expect("UTF-8")], "");
    let url = String::from_utf8(url.stdout).expect("UTF-8");
    let second = Serving::start(&folder.join("two"), &["--database-url", url.trim()]);
    let slug = second.client.submit(&story("Written on the second node: wallaroo"));
    for client in [&first.client, &second.client] {
        eventually(SOON, "on both nodes", || client.finds("wallaroo").contains(&slug));
    }
    assert!(second.terminate().success());
    assert!(first.terminate().success());
}

#[test]
fn a_rebuild_can_be_asked_for_with_and_without_a_running_server() {
    let data = folder("casebook-fault").join("data");
    let data_argument = data.to_str().expect("UTF-8");
    let serving = Serving::start(&data, &[]);
    let current = || std::fs::read_to_string(data.join("index/CURRENT")).expect("CURRENT");
    let before = current();
    let asked = run(&["reindex", "--data", data_argument], "");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    eventually(Duration::from_secs(10), "rebuilt", || current() != before);
    assert!(serving.terminate().success());
    let before = current();
    let made = run(&["reindex", "--data", data_argument], "");
    let (library, _) = casebook::service::library::built_in();
    let all = format!("{} documents indexed", library.stories.len() + library.patterns.len());
    assert!(String::from_utf8_lossy(&made.stdout).contains(&all), "{made:?}");
    assert_ne!(current(), before);
}
