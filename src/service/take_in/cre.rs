//! Folders of CRE rules: each rule with the logs beside it as its examples.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::example::{self, Fitted};
use super::origin::{Origins, Stated};
use super::{Candidate, Gathered, Progress, Remark, files};
use crate::detection::Compiled;
use crate::domain::ExampleText;
use crate::intake::{Taken, cre};
use crate::service::library::FolderError;
use crate::service::review::{self, Expected, Now};

/// A log that is an example of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The path of the example within the pattern: `rules[0].fires_on[0]`.
    pub field: String,
    /// The file.
    pub file: PathBuf,
}

/// Reads a folder, or a single file, and proves each rule on the logs beside it: `test.log` and `test-fp.log`, or
/// files named like the rule's own.
pub fn read(root: &Path, stated: &Stated, now: Now, progress: Progress<'_>) -> Result<Gathered, FolderError> {
    let paths = files::find(&[root.to_owned()], &["yaml", "yml"])?;
    let mut gathered = Gathered::default();
    let mut found: Vec<(PathBuf, Taken)> = Vec::new();
    let mut origins = Origins::new(stated);
    for path in paths {
        let text = match files::rules(&path) {
            Ok(text) => text,
            Err(why) => {
                gathered.refused.push(Remark { file: path, line: 1, id: String::new(), text: why });
                continue;
            }
        };
        let Some(file) = cre::read(&text, &origins.of(&path)) else {
            gathered.passed_over.push(path);
            continue;
        };
        gathered.files += 1;
        let refused = file.refused.into_iter();
        gathered.refused.extend(refused.map(|one| Remark {
            file: path.clone(),
            line: one.line,
            id: one.id,
            text: one.why,
        }));
        found.extend(file.taken.into_iter().map(|taken| (path.clone(), taken)));
    }
    found.sort_by(|(a_path, a), (b_path, b)| (&a.id, a_path).cmp(&(&b.id, b_path)));
    refuse_repeated(&mut found, &mut gathered);
    let beside = rules_in_folders(&found);
    let total = found.len();
    for (done, (file, taken)) in found.into_iter().enumerate() {
        let logs = Logs::beside(&file, &taken.id, &beside);
        prove(file, taken, &logs, now, &mut gathered);
        progress(done + 1, total);
    }
    gathered.refused.sort();
    Ok(gathered)
}

fn refuse_repeated(found: &mut Vec<(PathBuf, Taken)>, gathered: &mut Gathered) {
    let mut first: HashMap<String, PathBuf> = HashMap::new();
    found.retain(|(file, taken)| match first.get(&taken.id) {
        Some(before) if !taken.id.is_empty() => {
            let line = taken.lines.first().copied().unwrap_or(1);
            let text = format!("this id is taken already, by {}", super::name(before));
            gathered.refused.push(Remark { file: file.clone(), line, id: taken.id.clone(), text });
            false
        }
        Some(_) | None => {
            first.insert(taken.id.clone(), file.clone());
            true
        }
    });
}

/// How many rules each folder has: a `test.log` is the log of a rule that is alone with it.
fn rules_in_folders(found: &[(PathBuf, Taken)]) -> HashMap<PathBuf, usize> {
    let mut counts = HashMap::new();
    for folder in found.iter().filter_map(|(file, _)| file.parent()) {
        *counts.entry(folder.to_owned()).or_default() += 1;
    }
    counts
}

/// The logs that lie beside a rule.
struct Logs {
    fires: Option<PathBuf>,
    silent: Option<PathBuf>,
    /// Whether they are this rule's for sure, and not those of another rule of the folder.
    are_own: bool,
}

impl Logs {
    fn beside(file: &Path, id: &str, counts: &HashMap<PathBuf, usize>) -> Self {
        let folder = file.parent().unwrap_or(Path::new(""));
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        // An id is text of a file: it must not lead out of the folder.
        let id = if id.contains(['/', '\\']) { String::new() } else { id.to_lowercase() };
        let first = |names: [String; 4]| names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        let named = |end: &str| {
            first([
                format!("{stem}{end}"),
                format!("{id}{end}"),
                format!("{stem}.test{end}"),
                format!("{id}.test{end}"),
            ])
        };
        let (fires, silent) = (named(".log"), named("-fp.log"));
        if fires.is_some() || silent.is_some() {
            return Self { fires, silent, are_own: true };
        }
        let plain = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
        let are_own = counts.get(folder).is_none_or(|rules| *rules == 1);
        Self { fires: plain("test.log"), silent: plain("test-fp.log"), are_own }
    }
}

/// Gives a rule its examples and runs it on them.
fn prove(file: PathBuf, mut taken: Taken, logs: &Logs, now: Now, gathered: &mut Gathered) {
    let remarks = std::mem::take(&mut taken.remarks);
    let mut candidate = Candidate { file, taken, logs: Vec::new(), complaints: Vec::new() };
    gathered.remarks.extend(remarks.into_iter().map(|text| candidate.remark(text)));
    let compiled = candidate.taken.pattern.failure.rules.first().map(Compiled::new);
    if let Some(Ok(compiled)) = &compiled {
        for (path, expected) in [(&logs.fires, Expected::Fires), (&logs.silent, Expected::Silent)] {
            let Some(path) = path else { continue };
            let fitted = match (files::log(path), expected) {
                (Ok(log), Expected::Fires) => example::to_fire_on(compiled, &log, now),
                (Ok(log), Expected::Silent) => example::to_be_silent_on(&log),
                (Err(why), _) => Fitted::LeftOut(why),
            };
            keep(&mut candidate, path, expected, fitted, gathered);
        }
    }
    candidate.complaints = review::own_examples(&candidate.taken.pattern.failure.rules, now);
    if !logs.are_own {
        drop_what_is_not_its_own(&mut candidate, now, gathered);
    }
    gathered.candidates.push(candidate);
}

fn keep(candidate: &mut Candidate, path: &Path, expected: Expected, fitted: Fitted, gathered: &mut Gathered) {
    let mut left_out = |candidate: &Candidate, why: &str| {
        let text = format!("{}: {why}", path.file_name().unwrap_or_default().to_string_lossy());
        gathered.examples_left_out.push(candidate.remark(text));
    };
    let example = match fitted {
        Fitted::Whole(example) => example,
        Fitted::Part(example) => {
            let text = format!("{}: cut to {} bytes that show it", super::name(path), example.as_str().len());
            gathered.remarks.push(candidate.remark(text));
            example
        }
        Fitted::LeftOut(why) => return left_out(candidate, &why),
    };
    let Some(rule) = candidate.taken.pattern.failure.rules.first_mut() else { return };
    let (list, examples): (_, &mut Vec<ExampleText>) = match expected {
        Expected::Fires => ("fires_on", &mut rule.fires_on),
        Expected::Silent => ("silent_on", &mut rule.silent_on),
    };
    let field = format!("rules[0].{list}[{}]", examples.len());
    examples.push(example);
    candidate.logs.push(Log { field, file: path.to_owned() });
}

/// A log that lies beside several rules is an example of those that it fires, and says nothing against the others.
fn drop_what_is_not_its_own(candidate: &mut Candidate, now: Now, gathered: &mut Gathered) {
    let is_against = |log: &Log| candidate.complaints.iter().any(|complaint| complaint.field == log.field);
    if !candidate.logs.iter().any(is_against) {
        return;
    }
    let text = "the logs beside it are those of other rules of this folder".to_owned();
    gathered.examples_left_out.push(candidate.remark(text));
    candidate.logs.clear();
    for rule in &mut candidate.taken.pattern.failure.rules {
        rule.fires_on.clear();
        rule.silent_on.clear();
    }
    candidate.complaints = review::own_examples(&candidate.taken.pattern.failure.rules, now);
}
