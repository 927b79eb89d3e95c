//! Rules that fire on the examples of failures that are not related to their own: as findings, and as a table.

use std::collections::BTreeMap;

use super::Check;
use crate::cli::sarif::{Finding, Level};
use crate::domain::{FailureAddress, Rule};
use crate::service::review::{CrossFire, Hit, Reviewed};

/// How rules and examples are called and found in the files that they were read from.
pub(super) trait Names {
    /// The file and the line of a rule.
    fn place(&self, owner: &FailureAddress, rule: usize) -> (String, usize);
    /// A rule, among those of its file.
    fn rule(&self, owner: &FailureAddress, rule: usize) -> String;
    /// An example, among all.
    fn example(&self, hit: &Hit) -> String;
    /// What a rule is expected to be instead.
    fn expected(&self) -> &'static str;
}

/// One finding for each rule and each failure that it fires on: at `level` where no reason is given, else a note.
pub(super) fn findings(
    library: &[Reviewed<'_>],
    crossings: &[CrossFire],
    level: Level,
    names: &impl Names,
) -> Vec<Finding> {
    let mut firsts: BTreeMap<(&FailureAddress, usize, &FailureAddress), &CrossFire> = BTreeMap::new();
    for crossing in crossings {
        if let Some(owner) = &crossing.owner {
            firsts.entry((owner, crossing.rule, &crossing.hit.on)).or_insert(crossing);
        }
    }
    let finding = |((owner, rule, _), crossing): ((&FailureAddress, usize, _), &CrossFire)| {
        let (called, hit) = (names.rule(owner, rule), &crossing.hit);
        let fires = format!("{called}: \"{}\" fires on {}, {}", crossing.name, names.example(hit), hit.fired_on);
        let (check, level, message) = match reason(crossing, library) {
            Some(reason) => (Check::JustifiedCrossFire, Level::Note, format!("{fires}; because: {reason}")),
            None => (Check::CrossFire, level, format!("{fires}; expected {}", names.expected())),
        };
        let (file, line) = names.place(owner, rule);
        check.finding(level, file, line, message)
    };
    firsts.into_iter().map(finding).collect()
}

/// A rule and a failure that it is not related to and fires on all the same.
pub(super) struct Row {
    pub owner: String,
    pub name: String,
    pub on: String,
    /// The reason given for it.
    pub because: Option<String>,
}

/// The cross table for people who read it as a page: one row for each rule and each failure.
pub(super) fn rows(library: &[Reviewed<'_>], crossings: &[CrossFire]) -> Vec<Row> {
    let mut rows = BTreeMap::new();
    for crossing in crossings {
        let Some(owner) = &crossing.owner else { continue };
        rows.entry((owner, crossing.rule, &crossing.hit.on)).or_insert_with(|| Row {
            owner: owner.to_string(),
            name: crossing.name.to_string(),
            on: crossing.hit.on.to_string(),
            because: reason(crossing, library),
        });
    }
    rows.into_values().collect()
}

/// The cross table: the rule, the example, and what is said for it, a line each.
pub(super) fn table(library: &[Reviewed<'_>], crossings: &[CrossFire], names: &impl Names) -> Vec<String> {
    let line = |crossing: &CrossFire| {
        let owner = crossing.owner.as_ref()?;
        let (file, line) = names.place(owner, crossing.rule);
        let (called, hit) = (names.rule(owner, crossing.rule), &crossing.hit);
        let fires = format!("{called} \"{}\" fires on {}, {}", crossing.name, names.example(hit), hit.fired_on);
        let said =
            reason(crossing, library).map_or_else(|| "no reason given".to_owned(), |why| format!("because: {why}"));
        Some(format!("cross-fire: {file}:{line}: {fires}; {said}"))
    };
    crossings.iter().filter_map(line).collect()
}

fn reason(crossing: &CrossFire, library: &[Reviewed<'_>]) -> Option<String> {
    let owner = library.iter().find(|failure| failure.address == crossing.owner)?;
    let rule: &Rule = owner.rules.get(crossing.rule)?;
    Some(rule.also_fires.get(crossing.reason?)?.because.to_string())
}
