//! The rules of the public CRE corpus as a peer's test suite: each with the log that it must fire on, and for some with a
//! log that it must not.

use std::path::{Path, PathBuf};

use super::{LogRule, read};
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

struct Peer {
    name: String,
    rule: LogRule,
    log: String,
    /// A log that it must be silent on.
    other_log: Option<String>,
}

/// The folder of rules, beside the project or above it; absent on most machines.
fn folder() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|ancestor| ancestor.join("shared/data/cre-dev"))
        .find(|folder| folder.is_dir())
}

fn peers(folder: &Path) -> Vec<Peer> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("read the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("test.log").is_file())
        .collect();
    folders.sort();
    folders.iter().map(|folder| peer(folder)).collect()
}

fn peer(folder: &Path) -> Peer {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let text = |path: PathBuf| {
        let bytes = std::fs::read(path).expect("read");
        String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
    };
    let yaml = std::fs::read_dir(folder)
        .expect("read the folder")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .expect("a rule");
    let rule = LogRule::compile(&text(yaml)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let other = folder.join("test-fp.log");
    let other_log = other.is_file().then(|| text(other));
    Peer { name, rule, log: text(folder.join("test.log")), other_log }
}

fn fires(rule: &LogRule, signals: &Signals<'_>) -> bool {
    matches!(rule.run(signals), Some(Verdict::Fired(_)))
}

#[test]
fn the_public_rules_fire_on_their_logs_and_are_silent_on_the_others() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no shared/data/cre-dev above the project");
        return;
    };
    let peers = peers(&folder);
    let logs: Vec<Signals<'_>> = peers.iter().map(|peer| read(&peer.log)).collect();
    let mut wrong = Vec::new();
    for (peer, signals) in peers.iter().zip(&logs) {
        if !fires(&peer.rule, signals) {
            wrong.push(format!("{} says {:?} of its own log", peer.name, peer.rule.run(signals)));
        }
        if peer.other_log.as_ref().is_some_and(|log| fires(&peer.rule, &read(log))) {
            wrong.push(format!("{} fires on its test-fp.log", peer.name));
        }
        // What the prefilter of the book relies on.
        if !peer.rule.required().iter().all(|literals| literals.may_hit(&peer.log)) {
            wrong.push(format!("{} fires without the literals that it needs", peer.name));
        }
    }
    let crossed: Vec<String> = logs
        .iter()
        .zip(&peers)
        .filter_map(|(signals, own)| {
            let others = peers.iter().filter(|peer| peer.name != own.name && fires(&peer.rule, signals));
            let others: Vec<&str> = others.map(|peer| peer.name.as_str()).collect();
            (!others.is_empty()).then(|| format!("{}: {}", own.name, others.join(", ")))
        })
        .collect();
    let silent = peers.iter().filter(|peer| peer.other_log.is_some()).count();
    let passed = peers.len() - wrong.len();
    eprintln!("{} rules compiled; {passed} right on their test.log, {silent} with a test-fp.log", peers.len());
    eprintln!("{} logs fire another's rule:\n{}", crossed.len(), crossed.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
