//! CRE rules: whether each can be read, fires on its test log and is silent on its counterexample, and which fire on the
//! logs of others. That format has no place for a reason, so these are warnings.

use std::collections::BTreeSet;
use std::path::Path;

use super::crossing::{self, Names};
use super::{Check, Checked, counted};
use crate::cli::Failed;
use crate::cli::progress::Progress;
use crate::cli::sarif::{Finding, Level};
use crate::domain::FailureAddress;
use crate::domain::clock::{Clock, SystemClock};
use crate::service::review::{self, Hit, Reviewed};
use crate::service::take_in::{self, Candidate, Gathered, Remark, Stated};

/// Checks a folder, or a single file.
pub(super) fn check(folder: &Path) -> Result<Checked, Failed> {
    let now = SystemClock.now();
    let mut progress = Progress::new("running rules");
    let mut show = |done: usize, total: usize| progress.set(done as u64, total as u64);
    let gathered = take_in::cre(folder, &Stated::default(), now, &mut show)
        .map_err(Failed::because("cannot read the CRE rules"))?;
    drop(progress);
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(gathered.refused.iter().map(|remark| of_remark(remark, Level::Error)));
    findings.extend(gathered.examples_left_out.iter().map(|remark| of_remark(remark, Level::Warning)));
    findings.extend(gathered.candidates.iter().flat_map(own));
    let named = named(&gathered);
    let reviewed: Vec<Reviewed<'_>> = named.iter().map(|(_, reviewed)| reviewed.clone()).collect();
    let files = Files(&named);
    let crossings = review::cross_fire(&reviewed, now);
    findings.extend(crossing::findings(&reviewed, &crossings, Level::Warning, &files));
    let cross_table = crossing::table(&reviewed, &crossings, &files);
    let examples = gathered.candidates.iter().map(|candidate| candidate.logs.len()).sum();
    let logs: BTreeSet<&FailureAddress> = crossings.iter().map(|crossing| &crossing.hit.on).collect();
    let rules: BTreeSet<_> = crossings.iter().map(|crossing| (&crossing.owner, crossing.rule)).collect();
    let counts = vec![
        counted(gathered.candidates.len(), "rule", "rules"),
        counted(examples, "log run", "logs run"),
        counted(rules.len(), "rule fires on the logs of other rules", "rules fire on the logs of other rules"),
        counted(logs.len(), "log fires rules of others", "logs fire rules of others"),
    ];
    Ok(Checked { findings, cross_table, counts })
}

/// The rules under the addresses that an import would give them.
fn named(gathered: &Gathered) -> Vec<(&Candidate, Reviewed<'_>)> {
    let slugs = take_in::slugs(&gathered.candidates, &[]);
    let named = gathered.candidates.iter().zip(slugs);
    named.map(|(candidate, slug)| (candidate, Reviewed::pattern(&slug, &candidate.taken.pattern))).collect()
}

/// Where the rules stand.
struct Files<'c>(&'c [(&'c Candidate, Reviewed<'c>)]);

impl Files<'_> {
    fn at(&self, address: &FailureAddress) -> Option<&Candidate> {
        let found = self.0.iter().find(|(_, reviewed)| reviewed.address.as_ref() == Some(address));
        found.map(|(candidate, _)| *candidate)
    }
}

impl Names for Files<'_> {
    fn place(&self, owner: &FailureAddress, _rule: usize) -> (String, usize) {
        self.at(owner).map_or_else(|| (owner.to_string(), 1), |one| (name(&one.file), first_line(one)))
    }

    fn rule(&self, owner: &FailureAddress, _rule: usize) -> String {
        self.at(owner).map(|candidate| candidate.taken.id.clone()).unwrap_or_default()
    }

    fn example(&self, hit: &Hit) -> String {
        self.at(&hit.on).map_or_else(
            || hit.on.to_string(),
            |candidate| {
                let title = &candidate.taken.pattern.failure.title;
                format!("the log of {} \"{title}\"", candidate.taken.id)
            },
        )
    }

    fn expected(&self) -> &'static str {
        "a narrower rule"
    }
}

fn own(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let id = &candidate.taken.id;
    if candidate.logs.is_empty() && candidate.complaints.is_empty() {
        let message = format!("{id}: found no test.log beside it; expected a log on which the rule fires");
        findings.push(Check::NoExamples.finding(Level::Warning, name(&candidate.file), first_line(candidate), message));
    }
    for complaint in &candidate.complaints {
        let log = candidate.logs.iter().find(|log| log.field == complaint.field);
        let (check, file, line) = match log {
            Some(log) => (Check::Example, name(&log.file), 1),
            None => (Check::RuleText, name(&candidate.file), first_line(candidate)),
        };
        findings.push(check.finding(Level::Error, file, line, format!("{id}: {}", complaint.message)));
    }
    findings
}

fn of_remark(remark: &Remark, level: Level) -> Finding {
    let id = if remark.id.is_empty() { String::new() } else { format!("{}: ", remark.id) };
    Check::CreFile.finding(level, name(&remark.file), remark.line, format!("{id}{}", remark.text))
}

fn first_line(candidate: &Candidate) -> usize {
    candidate.taken.lines.first().copied().unwrap_or(1)
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
