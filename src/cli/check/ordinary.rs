//! `casebook check --ordinary`: every rule over the logs of ordinary days, on which none should fire.

use std::path::{Path, PathBuf};

use super::crossing::Names;
use super::{Check, counted};
use crate::cli::Failed;
use crate::cli::sarif::{Finding, Level};
use crate::service::review::{Now, Reviewed, alarms};

/// What the rules say of ordinary logs.
pub(super) struct Ordinary {
    /// One error for each rule and each file that it fires on.
    pub findings: Vec<Finding>,
    /// How much was looked at, for the last line.
    pub count: String,
}

/// Runs the rules of a library over files, and over every file in folders.
pub(super) fn check(
    library: &[Reviewed<'_>],
    paths: &[PathBuf],
    now: Now,
    names: &impl Names,
) -> Result<Ordinary, Failed> {
    let mut findings = Vec::new();
    let (mut files, mut lines) = (0, 0);
    for path in files_in(paths)? {
        let bytes = std::fs::read(&path).map_err(cannot_read(&path))?;
        // Logs of old machines are in old encodings; rules see them as a paste would show them.
        let text = String::from_utf8_lossy(&bytes);
        (files, lines) = (files + 1, lines + text.lines().count());
        for alarm in alarms(library, &text, now) {
            let Some(owner) = &library[alarm.owner].address else { continue };
            let (file, line) = names.place(owner, alarm.rule);
            let (called, name) = (names.rule(owner, alarm.rule), &library[alarm.owner].rules[alarm.rule].name);
            let message = format!(
                "{called}: \"{name}\" fires on an ordinary log, {} {}; expected a narrower rule",
                path.display(),
                alarm.fired_on
            );
            findings.push(Check::OrdinaryFire.finding(Level::Error, file, line, message));
        }
    }
    let (files, lines) = (counted(files, "ordinary log", "ordinary logs"), counted(lines, "line", "lines"));
    Ok(Ordinary { findings, count: format!("{files} of {lines}") })
}

fn files_in(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failed> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        for entry in std::fs::read_dir(path).map_err(cannot_read(path))? {
            files.push(entry.map_err(cannot_read(path))?.path());
        }
    }
    files.retain(|path| !path.is_dir());
    files.sort();
    Ok(files)
}

fn cannot_read(path: &Path) -> impl FnOnce(std::io::Error) -> Failed {
    Failed::because(format!("cannot read {}", path.display()))
}
