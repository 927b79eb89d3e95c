//! Following the database: changes, checkpoints, rebuilding beside, damage.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{at, change, library::LIBRARY};
use crate::search::{Opened, SearchIndex, SearchRequest};

fn open(folder: &Path) -> (SearchIndex, Opened) {
    SearchIndex::open(folder).expect("opened")
}

fn total(index: &SearchIndex, query: &str) -> u64 {
    index.search(&SearchRequest { query: query.to_owned(), ..SearchRequest::default() }).expect("searched").total
}

/// Builds the made-up library in a folder.
fn build(folder: &Path) -> SearchIndex {
    let (index, opened) = open(folder);
    assert_eq!(opened, Opened::MustRebuild("there is no index yet".to_owned()));
    let rebuild = index.begin_rebuild().expect("begun");
    for made in LIBRARY {
        rebuild.add(made.document()).expect("added");
    }
    rebuild.finish(at(10)).expect("finished");
    index
}

fn generations(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    entries.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with('v')).collect()
}

#[test]
fn a_failure_is_found_changed_and_withdrawn_at_once() {
    let index = SearchIndex::in_memory().expect("an index");
    let made = &LIBRARY[5];
    index.apply(vec![change(made)], at(1)).expect("applied");
    assert_eq!((total(&index, "evicted"), index.document_count()), (1, 1));
    let mut changed = made.document();
    changed.texts.iter_mut().for_each(|(_, text)| *text = "A walrus sat on the server".to_owned());
    index.apply(vec![(made.id(), Some(changed))], at(2)).expect("applied");
    assert_eq!((total(&index, "evicted"), total(&index, "walrus")), (0, 1));
    index.apply(vec![(made.id(), None)], at(3)).expect("applied");
    assert_eq!((total(&index, "walrus"), index.document_count()), (0, 0));
    assert_eq!(index.checkpoint(), Some(at(3)));
}

#[test]
fn the_same_change_twice_does_no_harm() {
    let index = SearchIndex::in_memory().expect("an index");
    for n in 1..=2 {
        index.apply(LIBRARY.iter().map(change).collect(), at(n)).expect("applied");
    }
    assert_eq!(index.document_count(), 10);
}

#[test]
fn the_checkpoint_and_the_documents_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = build(folder.path());
    index.apply(vec![(LIBRARY[0].id(), None)], at(11)).expect("applied");
    index.verify().expect("whole");
    drop(index);
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Ready(at(11)));
    assert_eq!((index.document_count(), index.checkpoint()), (9, Some(at(11))));
    assert_eq!(total(&index, "redis"), 1);
}

#[test]
fn a_rebuild_beside_never_stops_a_search_and_replaces_the_old_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = build(folder.path());
    let before = generations(folder.path());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let searching = scope.spawn(|| {
            let mut searches = 0;
            while !stop.load(Ordering::Relaxed) || searches < 10 {
                assert!(total(&index, "certificate") >= 2, "a search found less than there always was");
                searches += 1;
            }
        });
        let mut rebuild = index.begin_rebuild().expect("begun");
        for made in LIBRARY {
            rebuild.add(made.document()).expect("added");
        }
        index.apply(vec![(LIBRARY[5].id(), None)], at(11)).expect("the old one is still followed");
        rebuild.apply(vec![(LIBRARY[5].id(), None), change(&LIBRARY[0])], at(11)).expect("caught up");
        rebuild.finish(at(11)).expect("finished");
        stop.store(true, Ordering::Relaxed);
        searching.join().expect("no search failed");
    });
    assert_eq!((index.document_count(), index.checkpoint()), (9, Some(at(11))));
    let after = generations(folder.path());
    assert_eq!(after.len(), 1);
    assert_ne!(before, after);
    index.apply(vec![change(&LIBRARY[5])], at(12)).expect("the new one is followed");
    drop(index);
    assert_eq!(open(folder.path()).1, Opened::Ready(at(12)));
}

#[test]
fn a_rebuild_that_is_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = build(folder.path());
    let rebuild = index.begin_rebuild().expect("begun");
    rebuild.add(LIBRARY[0].document()).expect("added");
    drop(rebuild);
    assert_eq!((generations(folder.path()).len(), index.document_count()), (1, 10));
}

#[test]
fn two_rebuilds_at_once_leave_each_other_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = build(folder.path());
    let (first, second) = (index.begin_rebuild().expect("begun"), index.begin_rebuild().expect("begun"));
    first.add(LIBRARY[0].document()).expect("added");
    second.add(LIBRARY[5].document()).expect("added");
    first.finish(at(11)).expect("finished");
    second.finish(at(12)).expect("finished");
    assert_eq!((total(&index, "redis"), index.document_count()), (1, 1));
    drop(index);
    assert_eq!(open(folder.path()).1, Opened::Ready(at(12)));
}

#[test]
fn what_a_crash_left_half_built_is_removed_and_what_is_not_ours_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(build(folder.path()));
    let left = folder.path().join("v1-0123456789abcdef0123456789abcdef");
    fs::create_dir(&left).expect("made");
    fs::create_dir(folder.path().join("video-of-a-walrus")).expect("made");
    assert_eq!(open(folder.path()).1, Opened::Ready(at(10)));
    assert!(!left.exists());
    assert!(folder.path().join("video-of-a-walrus").exists());
}

#[test]
fn an_index_of_another_version_must_be_rebuilt() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(build(folder.path()));
    let name = fs::read_to_string(folder.path().join("CURRENT")).expect("CURRENT");
    let (_, id) = name.split_once('-').expect("a name with a version");
    for content in [format!("v0-{id}"), "../elsewhere".to_owned(), String::new()] {
        fs::write(folder.path().join("CURRENT"), content).expect("written");
        let (index, opened) = open(folder.path());
        assert!(matches!(opened, Opened::MustRebuild(_)), "{opened:?}");
        assert_eq!(index.document_count(), 0);
    }
    assert!(generations(folder.path()).is_empty());
}

#[test]
fn a_flipped_byte_in_any_file_never_panics_and_never_loses_a_document_unnoticed() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(build(folder.path()));
    let generation = folder.path().join(&generations(folder.path())[0]);
    let copy = tempfile::tempdir().expect("a folder");
    let current = fs::read(folder.path().join("CURRENT")).expect("CURRENT");
    let files: Vec<_> =
        fs::read_dir(&generation).expect("files").map(|entry| entry.expect("an entry").path()).collect();
    for damaged in files.iter().filter(|file| !file.to_string_lossy().ends_with(".lock")) {
        let size = fs::metadata(damaged).expect("a file").len() as usize;
        for place in (0..size).step_by((size / 4).max(1)) {
            let target = copy.path().join(generation.file_name().expect("a name"));
            fs::remove_dir_all(&target).ok();
            fs::create_dir_all(&target).expect("made");
            for file in &files {
                let mut bytes = fs::read(file).expect("read");
                if file == damaged {
                    bytes[place] ^= 0x10;
                }
                fs::write(target.join(file.file_name().expect("a name")), bytes).expect("written");
            }
            fs::write(copy.path().join("CURRENT"), &current).expect("written");
            let (index, opened) = open(copy.path());
            let name = damaged.file_name().expect("a name").to_string_lossy();
            let has_checksum = !name.ends_with(".json");
            if let Opened::Ready(_) = opened {
                // Before it is verified, damage may give an error or a wrong answer, but never a panic.
                let request = SearchRequest { query: "certificate".to_owned(), ..SearchRequest::default() };
                let early = index.search(&request).map(|found| found.total);
                let verified = index.verify();
                assert!(!has_checksum || verified.is_err(), "{name}, byte {place}: nothing was noticed");
                if verified.is_ok() {
                    assert_eq!((index.document_count(), early.ok()), (10, Some(2)), "{name}, byte {place}");
                }
            }
        }
    }
}

#[test]
fn an_index_that_a_process_died_over_before_it_was_verified_is_verified_before_it_serves() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(build(folder.path()));
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Ready(at(10)));
    let mark = folder.path().join("UNVERIFIED");
    assert!(mark.exists());
    index.verify().expect("whole");
    assert!(!mark.exists());
    drop(index);
    let generation = folder.path().join(&generations(folder.path())[0]);
    let files = fs::read_dir(&generation).expect("files").map(|entry| entry.expect("an entry").path());
    let store = files.filter(|file| file.extension().is_some_and(|end| end == "store")).min().expect("a store");
    let mut bytes = fs::read(&store).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&store, bytes).expect("written");
    fs::write(&mark, "").expect("written");
    let (_, opened) = open(folder.path());
    assert!(matches!(opened, Opened::MustRebuild(_)), "{opened:?}");
}
