//! The table of docs/security.md: every requirement has a state, every proof exists, and the counts are right.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::{Connection, Executor, PgConnection};

use crate::database::TestDatabase;

const PAGE: &str = include_str!("../../../docs/security.md");

/// The numbers of the requirements of levels 1 and 2 of OWASP ASVS 5.0.0, by section.
const REQUIREMENTS: &str = "1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 \
    3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 \
    6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 \
    8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 \
    11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 \
    13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 \
    16.5:1-3 17.1:1 17.2:1-4 17.3:1-2";

/// A line of the table.
struct Row {
    number: &'static str,
    is_met: bool,
    why: &'static str,
    proof: &'static str,
}

fn requirements() -> Vec<String> {
    let numbers = |section: &str| {
        let (name, ranges) = section.split_once(':').expect("a section and its numbers");
        let numbers = ranges.split(',').flat_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.parse::<u8>().expect("a number");
            number(first)..=number(last)
        });
        numbers.map(|number| format!("{name}.{number}")).collect::<Vec<_>>()
    };
    REQUIREMENTS.split_whitespace().flat_map(numbers).collect()
}

fn section() -> &'static str {
    PAGE.split("## OWASP ASVS 5.0").nth(1).expect("the section")
}

fn rows() -> Vec<Row> {
    let of_line = |line: &'static str| {
        let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        let &[number, _, state, why, proof] = cells.as_slice() else { return None };
        number.starts_with(|c: char| c.is_ascii_digit()).then(|| {
            assert!(["met", "not met"].contains(&state), "{number} has the state {state:?}");
            Row { number, is_met: state == "met", why, proof }
        })
    };
    section().lines().filter_map(of_line).collect()
}

fn not_applicable() -> Vec<&'static str> {
    let listed = section().split("### Not applicable").nth(1).expect("the list");
    let lines = listed.lines().filter_map(|line| line.strip_prefix("- "));
    lines
        .flat_map(|line| {
            let (numbers, reason) = line.split_once(": ").expect("numbers and a reason");
            assert!(reason.len() > 10, "{line}");
            numbers.split(", ")
        })
        .collect()
}

#[test]
fn every_requirement_of_the_standard_has_a_state() {
    let (rows, left_out) = (rows(), not_applicable());
    let mut times = BTreeMap::<String, usize>::new();
    for number in rows.iter().map(|row| row.number).chain(left_out.iter().copied()) {
        *times.entry(number.to_owned()).or_default() += 1;
    }
    let all = requirements();
    assert_eq!(all.len(), 253);
    for number in &all {
        assert_eq!(times.remove(number), Some(1), "{number} has to be in docs/security.md once");
    }
    assert!(times.is_empty(), "no requirements of levels 1 and 2: {times:?}");
    let met = rows.iter().filter(|row| row.is_met).count();
    let counts = format!(
        "{} requirements of levels 1 and 2: {met} met, {} not met, {} not applicable.",
        all.len(),
        rows.len() - met,
        left_out.len()
    );
    assert!(section().contains(&counts), "docs/security.md should say: {counts}");
    let unseen: Vec<&str> = rows.iter().filter(|row| row.proof.contains("(verify)")).map(|row| row.number).collect();
    println!("ASVS: {counts} To be verified: {} {}", unseen.len(), unseen.join(" "));
}

#[test]
fn what_is_met_has_a_proof_that_exists_and_what_is_not_has_a_reason() {
    let sources = sources();
    let mut wrong = Vec::new();
    for Row { number, is_met, why, proof } in rows() {
        if !is_met {
            assert!(why.len() > 20 && proof.is_empty(), "{number}: {why}");
            continue;
        }
        let named: Vec<&str> = proof.split('`').skip(1).step_by(2).collect();
        if named.is_empty() && !proof.contains("(verify)") {
            wrong.push(format!("{number}: no proof"));
        }
        wrong.extend(named.iter().filter(|named| !exists(named, &sources)).map(|named| format!("{number}: {named}")));
    }
    assert!(wrong.is_empty(), "docs/security.md names what there is not:\n{}", wrong.join("\n"));
}

/// Whether a file is there, or a test in a module of that name.
fn exists(named: &str, sources: &[(PathBuf, String)]) -> bool {
    let Some((module, test)) = named.split_once("::") else {
        return Path::new(env!("CARGO_MANIFEST_DIR")).join(named).exists();
    };
    let is_in_module = |path: &Path| {
        let folder = path.parent().and_then(Path::file_name);
        // Tests at the end of a file are in its module, those of `tests.rs` and `mod.rs` in the folder's as well.
        path.file_stem().is_some_and(|stem| stem == module) || folder.is_some_and(|folder| folder == module)
    };
    sources.iter().any(|(path, text)| {
        is_in_module(path)
            && text.split("fn ").skip(1).any(|rest| rest.strip_prefix(test).is_some_and(|rest| rest.starts_with('(')))
    })
}

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests/it")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("read the folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("read the file");
                found.push((path, text));
            }
        }
    }
    found
}

#[tokio::test]
async fn the_audit_log_cannot_be_changed() {
    let database = TestDatabase::new().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    let line = "INSERT INTO audit (at, actor_name, action, subject, detail) VALUES (now(), 'Ada', 'logged-in', '', '')";
    connection.execute(line).await.expect("a line is added");
    for change in ["UPDATE audit SET actor_name = 'Eve'", "DELETE FROM audit", "TRUNCATE audit"] {
        assert!(connection.execute(change).await.is_err(), "{change}");
    }
}
