//! The repeated parts of a rule: its examples, and the reasons for firing on those of other failures.
//!
//! On the wire they are lists of their own beside the rules; a hidden column has the place of the rule of each row.

use super::action::blank;
use crate::domain::ExampleText;
use crate::domain::input::{AlsoFiresInput, MAX_ENTRIES, RuleInput};

/// A list that every rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sublist {
    /// Evidence to fire on.
    FiresOn,
    /// Evidence to stay silent on.
    SilentOn,
    /// Reasons for firing on other failures' examples.
    AlsoFires,
}

impl Sublist {
    /// Every one, in the order of the form.
    pub const ALL: [Self; 3] = [Self::FiresOn, Self::SilentOn, Self::AlsoFires];

    /// The name of the field of [`RuleInput`].
    pub fn name(self) -> &'static str {
        match self {
            Self::FiresOn => "fires_on",
            Self::SilentOn => "silent_on",
            Self::AlsoFires => "also_fires",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }

    /// The most rows that a rule takes.
    pub fn most(self) -> usize {
        match self {
            Self::FiresOn | Self::SilentOn => ExampleText::MOST,
            Self::AlsoFires => MAX_ENTRIES,
        }
    }

    /// How many rows a rule has.
    pub fn count(self, rule: &RuleInput) -> usize {
        match self {
            Self::FiresOn => rule.fires_on.len(),
            Self::SilentOn => rule.silent_on.len(),
            Self::AlsoFires => rule.also_fires.len(),
        }
    }

    /// The id of the element in which a row begins.
    pub(super) fn row_id(self, rule: usize, place: usize) -> String {
        match self {
            Self::FiresOn | Self::SilentOn => format!("rules-{rule}-{}-{place}", self.name()),
            Self::AlsoFires => format!("rules-{rule}-{}-{place}-on", self.name()),
        }
    }

    /// Adds a row and gives how many there are. An empty list is shown with one row: one more makes two.
    pub(super) fn add(self, rule: &mut RuleInput) -> usize {
        if self.count(rule) == 0 {
            self.push(rule);
        }
        self.push(rule);
        self.count(rule)
    }

    /// Shows an empty list with one row to begin in.
    pub(super) fn show_one_row(self, rule: &mut RuleInput) {
        if self.count(rule) == 0 {
            self.push(rule);
        }
    }

    fn push(self, rule: &mut RuleInput) {
        match self {
            Self::FiresOn => rule.fires_on.push(String::new()),
            Self::SilentOn => rule.silent_on.push(String::new()),
            Self::AlsoFires => rule.also_fires.push(AlsoFiresInput::default()),
        }
    }

    pub(super) fn remove(self, rule: &mut RuleInput, place: usize) {
        if place >= self.count(rule) {
            return;
        }
        match self {
            Self::FiresOn => {
                rule.fires_on.remove(place);
            }
            Self::SilentOn => {
                rule.silent_on.remove(place);
            }
            Self::AlsoFires => {
                rule.also_fires.remove(place);
            }
        }
    }
}

/// Drops the rows that nobody wrote in. `is_asked` tells of a failure whether the form has put it there itself.
pub(super) fn drop_empty_rows(rule: &mut RuleInput, is_asked: impl Fn(&str) -> bool) {
    rule.fires_on.retain(|text| !blank(&[text]));
    rule.silent_on.retain(|text| !blank(&[text]));
    rule.also_fires.retain(|also| !blank(&[&also.because]) || !(blank(&[&also.on]) || is_asked(&also.on)));
}

/// Whether nothing is written in any of its rows.
pub(super) fn is_empty(rule: &RuleInput) -> bool {
    let examples = rule.fires_on.iter().chain(&rule.silent_on);
    examples.chain(rule.also_fires.iter().flat_map(|also| [&also.on, &also.because])).all(|text| blank(&[text]))
}
