//! The floor table of ARCHITECTURE.md as data: which room may use which, and the manners that hold everywhere.

use std::path::{Path, PathBuf};

struct Room {
    name: &'static str,
    /// Rooms of this crate that it may use.
    may_use: &'static [&'static str],
    /// Libraries that only it, and others that list them too, may name.
    owns: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room { name: "domain", may_use: &[], owns: &[] },
    Room { name: "story_file", may_use: &["domain"], owns: &["serde_saphyr"] },
    Room { name: "evidence", may_use: &["domain"], owns: &["serde_saphyr", "regex"] },
    Room {
        name: "detection",
        may_use: &["domain", "evidence"],
        owns: &["serde_saphyr", "regex", "regex_syntax", "aho_corasick", "cel", "promql_parser", "jaq_core"],
    },
    Room { name: "intake", may_use: &["domain"], owns: &["serde_saphyr"] },
    Room { name: "markdown", may_use: &["domain"], owns: &["pulldown_cmark", "ammonia"] },
    Room { name: "identity", may_use: &["domain"], owns: &["argon2", "zxcvbn", "getrandom", "openidconnect", "ureq"] },
    Room { name: "picture", may_use: &["domain"], owns: &["image"] },
    Room { name: "merging", may_use: &["domain"], owns: &["diffy"] },
    Room { name: "mail", may_use: &["domain"], owns: &["lettre"] },
    Room { name: "store", may_use: &["domain"], owns: &["sqlx"] },
    Room { name: "search", may_use: &["domain"], owns: &["tantivy", "jieba_rs", "rust_stemmers"] },
    Room { name: "postgres", may_use: &[], owns: &["rustix"] },
    Room {
        name: "service",
        may_use: &[
            "domain",
            "story_file",
            "evidence",
            "detection",
            "intake",
            "markdown",
            "identity",
            "picture",
            "merging",
            "mail",
            "store",
            "search",
            "postgres",
        ],
        owns: &[],
    },
    Room {
        name: "web",
        may_use: &[
            "domain",
            "story_file",
            "evidence",
            "detection",
            "intake",
            "markdown",
            "identity",
            "picture",
            "merging",
            "mail",
            "store",
            "search",
            "postgres",
            "service",
        ],
        owns: &[
            "actix_web",
            "actix_http",
            "askama",
            "serde_html_form",
            "socket2",
            "quick_cache",
            "atom_syndication",
            "governor",
        ],
    },
    Room {
        name: "cli",
        may_use: &[
            "domain",
            "story_file",
            "evidence",
            "detection",
            "intake",
            "markdown",
            "identity",
            "picture",
            "merging",
            "mail",
            "store",
            "search",
            "postgres",
            "service",
            "web",
            "telemetry",
        ],
        owns: &["clap", "indicatif", "ureq"],
    },
    Room { name: "telemetry", may_use: &[], owns: &["tracing_subscriber"] },
];

/// Uses across the table that have a reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("src/telemetry.rs", "clap", "the log format is a flag"),
    ("src/service/library.rs", "rust_embed", "the built-in stories"),
    ("src/cli/answer.rs", "rustix", "the width of the terminal"),
    ("src/service/filling.rs", "rustix", "a rebuild gives way to searches"),
];

/// What nothing outside tests may contain: the spelling is broken up so that this file does not contain it either.
const REFUSED: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it"),
    (concat!("unimplemented", "!("), "finish it"),
    (concat!("dbg", "!("), "use tracing"),
    (concat!("#[", "ignore"), "a test that does not run is no test"),
    (concat!("#[", "allow("), "use #[expect(…, reason = …)]"),
];

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("read the folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(&root.join(folder), &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("read the file");
            (path.strip_prefix(root).expect("inside").to_owned(), text)
        })
        .collect()
}

fn room_of(path: &Path) -> Option<&'static Room> {
    let name = path.components().nth(1)?.as_os_str().to_str()?.trim_end_matches(".rs");
    ROOMS.iter().find(|room| room.name == name)
}

/// The code of a file without comments, and without what is only compiled for tests.
fn code(text: &str) -> Vec<(usize, &str)> {
    let end = text.lines().position(|line| line.trim() == "#[cfg(test)]").unwrap_or(usize::MAX);
    text.lines()
        .enumerate()
        .take(end)
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
        .collect()
}

fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn every_room_uses_only_the_rooms_below_it() {
    let mut wrong = Vec::new();
    for (path, text) in files("src") {
        let Some(room) = room_of(&path) else { continue };
        for (line_number, line) in code(&text) {
            for other in ROOMS.iter().filter(|other| other.name != room.name) {
                let used = names(line, &format!("crate::{}", other.name));
                if used && !room.may_use.contains(&other.name) {
                    wrong.push(format!("{}:{line_number}: {} may not use {}", path.display(), room.name, other.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_library_is_named_only_in_its_room() {
    let mut wrong = Vec::new();
    for (path, text) in files("src") {
        let Some(room) = room_of(&path) else { continue };
        for (line_number, line) in code(&text) {
            for owner in ROOMS {
                for library in owner.owns.iter().filter(|library| !room.owns.contains(library)) {
                    let excepted = EXCEPTIONS.iter().any(|(file, what, _)| Path::new(file) == path && what == library);
                    if names(line, &format!("{library}::")) && !excepted {
                        wrong.push(format!("{}:{line_number}: only {} may name {library}", path.display(), owner.name));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> = files("src")
        .into_iter()
        .chain(files("tests"))
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no `//!` sentence at the top of: {}", silent.join(", "));
}

#[test]
fn nothing_is_left_half_done() {
    let mut wrong = Vec::new();
    for (path, text) in files("src").into_iter().chain(files("tests")) {
        for (index, line) in text.lines().enumerate() {
            for (refused, instead) in REFUSED {
                if line.contains(refused) {
                    wrong.push(format!("{}:{}: {refused}: {instead}", path.display(), index + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_domain_reaches_nothing_outside_itself() {
    let fence = ["std", "serde", "serde_json", "thiserror", "chrono", "uuid", "crate", "super", "proptest", "self"];
    let mut wrong = Vec::new();
    for (path, text) in files("src/domain") {
        for (line_number, line) in code(&text) {
            let Some(used) = line.trim_start().strip_prefix("use ") else { continue };
            let first = used.split("::").next().unwrap_or_default();
            if !fence.contains(&first) {
                wrong.push(format!("{}:{line_number}: {first}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
