//! Story files: what is wrong with them, and what their rules do on their own examples and on those of one another.

use std::path::Path;

use super::crossing::{self, Names};
use super::{Check, Checked, Options, counted, ordinary, page, pictures};
use crate::cli::Failed;
use crate::cli::sarif::{Finding, Level};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::{FailureAddress, Rule};
use crate::service::library;
use crate::service::review::{self, ExampleAt, Hit, Reviewed, Trial};
use crate::story_file::{FileError, FileFacts, Library};

/// Checks a folder.
pub(super) fn check(folder: &Path, options: &Options) -> Result<Checked, Failed> {
    let (library, errors) = library::read_folder(folder).map_err(Failed::because("cannot read the story files"))?;
    let now = SystemClock.now();
    let failures = failures(&library);
    let mut trials: Vec<Vec<Trial>> = failures.iter().map(|(one, _)| review::trials(one.rules, now)).collect();
    let with_rules = failures.iter().zip(&mut trials);
    review::run_unit_tests(with_rules.map(|((one, _), trials)| (one.rules, trials.as_mut_slice())));
    let files = Files { folder, failures: &failures };
    let mut findings: Vec<Finding> = errors.iter().map(|error| file_error(folder, error)).collect();
    for ((failure, facts), trials) in failures.iter().zip(&trials) {
        findings.extend(own(folder, failure, facts, trials));
    }
    let reviewed: Vec<Reviewed<'_>> = failures.iter().map(|(failure, _)| failure.clone()).collect();
    let crossings = review::cross_fire(&reviewed, now);
    findings.extend(crossing::findings(&reviewed, &crossings, Level::Error, &files));
    for (failure, facts) in &failures {
        findings.extend(unneeded(folder, failure, facts, &crossings));
    }
    findings.extend(pictures::findings(folder, &library)?);
    if options.facts {
        findings.extend(without_facts(folder, &library));
    }
    if let Some(file) = &options.page {
        page::write(file, &library, &crossing::rows(&reviewed, &crossings))?;
    }
    let cross_table = crossing::table(&reviewed, &crossings, &files);
    let mut counts = vec![
        counted(library.stories.len(), "story", "stories"),
        counted(library.patterns.len(), "pattern", "patterns"),
    ];
    counts.extend(run_counts(&trials, crossings.len()));
    if options.facts {
        let facts: usize = library.stories.iter().map(|(_, story, _)| story.facts.len()).sum();
        counts.push(counted(facts, "fact looked up", "facts looked up"));
    }
    if !options.ordinary.is_empty() {
        let ordinary = ordinary::check(&reviewed, &options.ordinary, now, &files)?;
        findings.extend(ordinary.findings);
        counts.push(ordinary.count);
    }
    Ok(Checked { findings, cross_table, counts })
}

/// What was run, for the last line.
fn run_counts(trials: &[Vec<Trial>], crossings: usize) -> Vec<String> {
    let all = || trials.iter().flatten();
    let tried = || all().flat_map(|trial| &trial.examples);
    let skipped: Vec<&str> = tried().filter_map(|tried| tried.skipped()).collect();
    let mut counts = vec![
        counted(all().count(), "rule", "rules"),
        counted(tried().count() - skipped.len(), "example run", "examples run"),
    ];
    if crossings > 0 {
        counts.push(counted(
            crossings,
            "example fires a rule of another failure",
            "examples fire rules of other failures",
        ));
    }
    if let Some(why) = skipped.first() {
        counts.push(format!("{} skipped: {why}", skipped.len()));
    }
    counts
}

fn failures(library: &Library) -> Vec<(Reviewed<'_>, &FileFacts)> {
    let patterns = library.patterns.iter().map(|(slug, pattern, facts)| (Reviewed::pattern(slug, pattern), facts));
    let stories = library.stories.iter().map(|(slug, story, facts)| (Reviewed::story(slug, story), facts));
    patterns.chain(stories).collect()
}

/// Where the fields of the failures stand.
struct Files<'c> {
    folder: &'c Path,
    failures: &'c [(Reviewed<'c>, &'c FileFacts)],
}

impl Names for Files<'_> {
    fn place(&self, owner: &FailureAddress, rule: usize) -> (String, usize) {
        let found = self.failures.iter().find(|(failure, _)| failure.address.as_ref() == Some(owner));
        let place = |facts: &FileFacts| (path(self.folder, &facts.path), facts.lines.of(&format!("rules[{rule}]")));
        found.map_or_else(|| (owner.to_string(), 1), |(_, facts)| place(facts))
    }

    fn rule(&self, _owner: &FailureAddress, rule: usize) -> String {
        format!("rules[{rule}]")
    }

    fn example(&self, hit: &Hit) -> String {
        format!("{} of {}", hit.example.words(), hit.on)
    }

    fn expected(&self) -> &'static str {
        "a narrower rule, or a reason in its also_fires"
    }
}

fn own(folder: &Path, failure: &Reviewed<'_>, facts: &FileFacts, trials: &[Trial]) -> Vec<Finding> {
    let file = || path(folder, &facts.path);
    let mut findings = Vec::new();
    if failure.rules.is_empty() {
        let message = "rules: found none; expected a rule, so that it is known again".to_owned();
        findings.push(Check::NoRules.finding(Level::Warning, file(), 1, message));
    }
    let texts: Vec<_> = failure.examples().collect();
    let text_of = |at: ExampleAt| texts.iter().find(|(other, _)| *other == at).map_or("", |(_, text)| text.as_str());
    for (trial, rule) in trials.iter().zip(failure.rules) {
        let field = format!("rules[{}]", trial.rule);
        if let Some(error) = &trial.broken {
            let line = facts.lines.of(&format!("{field}.text")) + lines_into(rule, error.line);
            findings.push(Check::RuleText.finding(Level::Error, file(), line, format!("{field}.text: {error}")));
        }
        if rule.fires_on.is_empty() {
            let message = format!("{field}.fires_on: found no example; expected evidence on which the rule fires");
            findings.push(Check::NoExamples.finding(Level::Warning, file(), facts.lines.of(&field), message));
        }
        for tried in &trial.examples {
            let Some(complaint) = tried.complaint(text_of(tried.at)) else { continue };
            let field = tried.at.to_string();
            let line = facts.lines.of(&field) + tried.lines().first().map_or(0, |line| *line as usize - 1);
            findings.push(Check::Example.finding(Level::Error, file(), line, format!("{field}: {complaint}")));
        }
    }
    findings
}

/// The stories whose claims nobody can follow to a source.
fn without_facts<'l>(folder: &'l Path, library: &'l Library) -> impl Iterator<Item = Finding> + 'l {
    library.stories.iter().filter(|(_, story, _)| story.facts.is_empty()).map(|(_, _, facts)| {
        let message = "facts: found none; expected what was looked up in the sources, and where".to_owned();
        Check::NoFacts.finding(Level::Warning, path(folder, &facts.path), 1, message)
    })
}

/// How many lines below its key a line of a rule's text stands: a text of several lines begins on the next one.
fn lines_into(rule: &Rule, line: Option<u32>) -> usize {
    line.filter(|_| rule.text.as_str().contains('\n')).unwrap_or(0) as usize
}

fn unneeded(folder: &Path, failure: &Reviewed<'_>, facts: &FileFacts, crossings: &[review::CrossFire]) -> Vec<Finding> {
    let finding = |unneeded: review::Unneeded| {
        let field = format!("rules[{}].also_fires[{}]", unneeded.rule, unneeded.reason);
        let message = format!("{field}: the rule does not fire on an example of {} (any more)", unneeded.on);
        Check::UnneededReason.finding(Level::Warning, path(folder, &facts.path), facts.lines.of(&field), message)
    };
    review::unneeded(failure, crossings).into_iter().map(finding).collect()
}

fn file_error(folder: &Path, error: &FileError) -> Finding {
    Check::StoryFile.finding(Level::Error, path(folder, &error.file), error.line, error.message.clone())
}

fn path(folder: &Path, file: &str) -> String {
    folder.join(file).display().to_string()
}
