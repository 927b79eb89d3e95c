//! Whatever comes in, an answer goes out that says what is wrong: never a 500, never a dropped connection, and nothing
//! that runs in the reader's browser.

mod addresses;
mod bodies;
mod payloads;

use std::io::Write;
use std::path::PathBuf;

use crate::browsing::assert_inert;
use crate::server::Answer;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

const JSON: (&str, &str) = ("content-type", "application/json");

const TEXT: (&str, &str) = ("content-type", "text/plain");

const MIB: usize = 1024 * 1024;

/// Checks that an answer is none of ours to be ashamed of.
#[track_caller]
fn assert_composed(what: &str, answer: &Answer) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text);
    if answer.header("content-type").starts_with("text/html") {
        assert_inert(what, answer);
    }
}

/// A file of the shared test data. Without it a test is skipped, and says so past the capture of its output.
fn shared(name: &str) -> Option<String> {
    let named = std::env::var_os("CASEBOOK_SHARED_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    let text = std::fs::read_to_string(folder.join(name)).ok();
    if text.is_none() {
        let skipped = format!("skipped: {} is not there\n", folder.join(name).display());
        std::io::stderr().write_all(skipped.as_bytes()).expect("standard error");
    }
    text
}
