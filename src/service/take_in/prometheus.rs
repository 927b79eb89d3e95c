//! Files of Prometheus rules: a pattern for each alert, with its rules from all of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::origin::{Origins, Stated};
use super::{Candidate, Gathered, Progress, Remark, files};
use crate::detection::Compiled;
use crate::intake::prometheus::{self, AlertingRule};
use crate::service::library::FolderError;

/// Reads files, and the YAML and JSON files of folders. A rule that does not compile is refused by itself.
pub fn read(roots: &[PathBuf], stated: &Stated, progress: Progress<'_>) -> Result<Gathered, FolderError> {
    let paths = files::find(roots, &["yaml", "yml", "json"])?;
    let mut gathered = Gathered::default();
    let mut alerts: BTreeMap<String, Vec<(PathBuf, AlertingRule)>> = BTreeMap::new();
    let total = paths.len();
    for (done, path) in paths.into_iter().enumerate() {
        progress(done + 1, total);
        let refuse = |line, id: &str, text: String| Remark { file: path.clone(), line, id: id.to_owned(), text };
        let file = match files::rules(&path).map(|text| prometheus::read(&text)) {
            Ok(Some(file)) => file,
            Ok(None) => {
                gathered.passed_over.push(path);
                continue;
            }
            Err(why) => {
                gathered.refused.push(refuse(1, "", why));
                continue;
            }
        };
        gathered.files += 1;
        gathered.recording += file.recording;
        gathered.refused.extend(file.refused.into_iter().map(|one| refuse(one.line, &one.id, one.why)));
        for alerting in file.rules {
            match Compiled::new(&alerting.rule) {
                Ok(_) => add(&mut alerts, &path, alerting),
                Err(error) => gathered.refused.push(refuse(alerting.line, &alerting.alert, error.to_string())),
            }
        }
    }
    let mut origins = Origins::new(stated);
    for (alert, rules) in alerts {
        let Some((file, first)) = rules.first() else { continue };
        let (file, line) = (file.clone(), first.line);
        let rules: Vec<&AlertingRule> = rules.iter().map(|(_, rule)| rule).collect();
        let hint = technology_hint(&file);
        match prometheus::pattern(&rules, &hint, &origins.of(&file)) {
            Ok(mut taken) => {
                let remarks = std::mem::take(&mut taken.remarks);
                let candidate = Candidate { file, taken, logs: Vec::new(), complaints: Vec::new() };
                gathered.remarks.extend(remarks.into_iter().map(|text| candidate.remark(text)));
                gathered.candidates.push(candidate);
            }
            Err(text) => gathered.refused.push(Remark { file, line, id: alert, text }),
        }
    }
    gathered.refused.sort();
    Ok(gathered)
}

/// Adds a rule to its alert; one that says the same as another of it is that one.
fn add(alerts: &mut BTreeMap<String, Vec<(PathBuf, AlertingRule)>>, path: &std::path::Path, alerting: AlertingRule) {
    let rules = alerts.entry(alerting.alert.clone()).or_default();
    if rules.iter().all(|(_, known)| known.rule.text != alerting.rule.text) {
        rules.push((path.to_owned(), alerting));
    }
}

/// The folder and the name of a file: people sort rules by what they watch.
fn technology_hint(file: &std::path::Path) -> String {
    let parts: Vec<_> = file.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
    parts.join(" ")
}
