//! The floor: GNU grep over the same text with the same literals, and with the same regexes as far as it knows them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use casebook::detection::log::{Literals, LogRule};
use regex::Regex;

use crate::rules;

/// What grep is given for some rules.
pub struct Floor {
    literals: PathBuf,
    regexes: PathBuf,
}

impl Floor {
    /// Writes the files of patterns.
    pub fn of(texts: &[String]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let floor = Self { literals: folder.join("literals"), regexes: folder.join("regexes") };
        std::fs::write(&floor.literals, lines(literals(texts))).expect("write into the target folder");
        std::fs::write(&floor.regexes, lines(regexes(texts))).expect("write into the target folder");
        floor
    }

    /// How long `grep -F` takes for the literals.
    pub fn fixed(&self, text: &str) -> Option<Duration> {
        run(&["-F", "-i", "-c", "-f"], &self.literals, &written(text))
    }

    /// How long `grep -E` takes for the regexes.
    pub fn extended(&self, text: &str) -> Option<Duration> {
        run(&["-E", "-c", "-f"], &self.regexes, &written(text))
    }
}

fn lines(mut patterns: Vec<String>) -> String {
    patterns.sort_unstable();
    patterns.dedup();
    patterns.join("\n") + "\n"
}

fn literals(texts: &[String]) -> Vec<String> {
    let rules = texts.iter().filter_map(|text| LogRule::compile(text).ok());
    let needed = rules.flat_map(|rule| rule.required().to_vec());
    needed
        .flat_map(|literals| match literals {
            Literals::OneOf(strings) => strings,
            Literals::Unknown => Vec::new(),
        })
        .collect()
}

/// The regexes of rules in grep's dialect; values are escaped. Those that grep does not take are left out.
fn regexes(texts: &[String]) -> Vec<String> {
    let term = Regex::new(r#"(?m)^\s*(?:- )?(?:(value|regex):\s*|- )["'](.*)["']\s*$"#).expect("a regex");
    let mut patterns: Vec<String> = texts
        .iter()
        .flat_map(|text| {
            let terms = term.captures_iter(rules::rule_part(text)).map(|found| {
                let is_regex = found.get(1).is_some_and(|key| key.as_str() == "regex");
                if is_regex { translated(&found[2]) } else { regex::escape(&found[2]) }
            });
            terms.collect::<Vec<_>>()
        })
        .collect();
    patterns.sort_unstable();
    patterns.dedup();
    // One that grep refuses would end the whole run: halves are tried until the culprits stand alone.
    patterns.chunks(50).flat_map(taken).collect()
}

fn translated(pattern: &str) -> String {
    let plain = pattern.replace("\\\\", "\\").replace(r"\d", "[0-9]").replace("(?i)", "").replace("(?:", "(");
    plain.replace("*?", "*").replace("+?", "+")
}

fn taken(patterns: &[String]) -> Vec<String> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tried");
    std::fs::write(&file, patterns.join("\n") + "\n").expect("write into the target folder");
    match run(&["-E", "-c", "-f"], &file, Path::new("/dev/null")) {
        Some(_) => patterns.to_vec(),
        None if patterns.len() < 2 => Vec::new(),
        None => {
            let (front, back) = patterns.split_at(patterns.len() / 2);
            [taken(front), taken(back)].concat()
        }
    }
}

/// The text as a file; written only when it is not the one before.
fn written(text: &str) -> PathBuf {
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("log");
    if std::fs::metadata(&log).map_or(0, |file| file.len()) != text.len() as u64 {
        std::fs::write(&log, text).expect("write into the target folder");
    }
    log
}

/// How long one run takes, reading the file included; nothing where it fails or has not ended after five minutes.
fn run(arguments: &[&str], patterns: &Path, log: &Path) -> Option<Duration> {
    let mut command = Command::new("bash");
    // 1 says that nothing was found. grep must not notice /dev/null: it would stop at the first line.
    command.args([
        "-c",
        "TIMEFORMAT='%3U %3S'; time timeout 300 grep \"$@\" | cat; test ${PIPESTATUS[0]} -lt 2",
        "grep",
    ]);
    command.args(arguments).arg(patterns).arg(log).env("LC_ALL", "C");
    let output = command.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    let written = String::from_utf8(output.stderr).ok()?;
    // Before them grep may have warned about patterns.
    let times = written.lines().next_back()?.split_whitespace();
    let seconds: Option<Vec<f64>> = times.map(|number| number.parse().ok()).collect();
    Duration::try_from_secs_f64(seconds?.iter().sum()).ok()
}
