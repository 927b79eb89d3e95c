//! Whatever comes in, an answer goes out that says what is wrong: never a 500, never a dropped connection, and nothing
//! that runs in the reader's browser.

mod addresses;
mod bodies;
mod payloads;

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

/// A file of the shared test data, or why it cannot be used.
fn shared(name: &str) -> Result<String, String> {
    let named = std::env::var_os("CASEBOOK_SHARED_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    let path = folder.join(name);
    std::fs::read_to_string(&path).map_err(|error| format!("skipped: {}: {error}", path.display()))
}
