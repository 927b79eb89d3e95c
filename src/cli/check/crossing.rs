//! Rules that fire on the examples of failures that are not related to their own: as findings, and as a table.

use std::collections::BTreeMap;

use super::Check;
use crate::cli::sarif::{Finding, Level};
use crate::domain::{FailureAddress, Rule};
use crate::service::review::{CrossFire, Reviewed};

/// Knows where the fields of failures are written.
pub(super) trait Places {
    /// The file, and the line of a field in it.
    fn place(&self, owner: &FailureAddress, field: &str) -> (String, usize);
}

/// One finding for each rule and each failure that it fires on: at `level` where no reason is given, else a note.
pub(super) fn findings(
    library: &[Reviewed<'_>],
    crossings: &[CrossFire],
    level: Level,
    places: &impl Places,
) -> Vec<Finding> {
    let mut firsts: BTreeMap<(&FailureAddress, usize, &FailureAddress), &CrossFire> = BTreeMap::new();
    for crossing in crossings {
        if let Some(owner) = &crossing.owner {
            firsts.entry((owner, crossing.rule, &crossing.hit.on)).or_insert(crossing);
        }
    }
    let finding = |((owner, rule, on), crossing): ((&FailureAddress, usize, &FailureAddress), &CrossFire)| {
        let hit = &crossing.hit;
        let field = format!("rules[{rule}]");
        let fires =
            format!("{field}: \"{}\" fires on {} of {on}, {}", crossing.name, hit.example.words(), hit.fired_on);
        let (check, level, message) = match reason(crossing, library) {
            Some(reason) => (Check::JustifiedCrossFire, Level::Note, format!("{fires}; because: {reason}")),
            None => {
                let expected = "expected a narrower rule, or a reason in also_fires";
                (Check::CrossFire, level, format!("{fires}; {expected}"))
            }
        };
        let (file, line) = places.place(owner, &field);
        check.finding(level, file, line, message)
    };
    firsts.into_iter().map(finding).collect()
}

/// A row of the cross table: the rule, the example, and what is said for it.
pub(super) fn line(crossing: &CrossFire, library: &[Reviewed<'_>]) -> String {
    let owner = crossing.owner.as_ref().map(ToString::to_string).unwrap_or_default();
    let hit = &crossing.hit;
    let said =
        reason(crossing, library).map_or_else(|| "no reason given".to_owned(), |reason| format!("because: {reason}"));
    format!(
        "cross-fire: {owner} rule {} \"{}\" on {} {}, {}; {said}",
        crossing.rule + 1,
        crossing.name,
        hit.on,
        hit.example.words(),
        hit.fired_on
    )
}

fn reason(crossing: &CrossFire, library: &[Reviewed<'_>]) -> Option<String> {
    let owner = library.iter().find(|failure| failure.address == crossing.owner)?;
    let rule: &Rule = owner.rules.get(crossing.rule)?;
    Some(rule.also_fires.get(crossing.reason?)?.because.to_string())
}
