//! The review of rules before they are published: what they do on their own examples, on those of other failures, and
//! what an edit of them changes.
//!
//! It is pure and works on any library, of files or of records; [`published`] brings the database to it.

mod trial;
mod pairs;
mod cross;
mod sentence;
pub mod published;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub use self::cross::{
    Alarm, Blast, CrossFire, Effect, Hit, Probe, Unneeded, alarms, cross_fire, unjustified, unneeded,
};
pub use self::sentence::{lines_of, shortfall};
pub use self::trial::{Outcome, Trial, Tried, complaints, own_examples, run_unit_tests, trials};
use crate::domain::{ExampleText, FailureAddress, FailureKind, Pattern, Rule, Slug, Story};

/// A failure as a review sees it: where it is, what it belongs to, and its rules with their examples.
#[derive(Debug, Clone)]
pub struct Reviewed<'f> {
    /// Its address; a story that is about to be handed in has none yet.
    pub address: Option<FailureAddress>,
    /// Slugs that it had before: a reason given for one of them still holds.
    pub former: &'f [Slug],
    /// The patterns that a story is an instance of.
    pub patterns: &'f [Slug],
    /// Its rules.
    pub rules: &'f [Rule],
}

impl<'f> Reviewed<'f> {
    /// A story as its file or its record has it.
    pub fn story(slug: &Slug, story: &'f Story) -> Self {
        Self {
            address: Some(FailureAddress { kind: FailureKind::Story, slug: slug.clone() }),
            former: &[],
            patterns: &story.patterns,
            rules: &story.failure.rules,
        }
    }

    /// A pattern as its file or its record has it.
    pub fn pattern(slug: &Slug, pattern: &'f Pattern) -> Self {
        Self {
            address: Some(FailureAddress { kind: FailureKind::Pattern, slug: slug.clone() }),
            former: &[],
            patterns: &[],
            rules: &pattern.failure.rules,
        }
    }

    /// Its examples, rule by rule: those to fire on first.
    pub fn examples(&self) -> impl Iterator<Item = (ExampleAt, &'f ExampleText)> {
        let rules = self.rules;
        rules.iter().enumerate().flat_map(|(rule, content)| examples_of(rule, content))
    }

    /// Whether this is the failure that an address names, now or in former times.
    fn is_at(&self, address: &FailureAddress) -> bool {
        self.address.as_ref().is_some_and(|own| {
            own.kind == address.kind && (own.slug == address.slug || self.former.contains(&address.slug))
        })
    }
}

fn examples_of(rule: usize, content: &Rule) -> impl Iterator<Item = (ExampleAt, &ExampleText)> {
    let of = move |expected, texts| numbered(rule, expected, texts);
    of(Expected::Fires, &content.fires_on).chain(of(Expected::Silent, &content.silent_on))
}

fn numbered(rule: usize, expected: Expected, texts: &[ExampleText]) -> impl Iterator<Item = (ExampleAt, &ExampleText)> {
    texts.iter().enumerate().map(move |(index, text)| (ExampleAt { rule, expected, index }, text))
}

/// What an example wants of its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Expected {
    /// That it fires.
    Fires,
    /// That it does not.
    Silent,
}

/// Where an example stands in its failure. Its text is the path of a field: `rules[0].fires_on[1]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExampleAt {
    /// Which rule, from 0.
    pub rule: usize,
    /// Which of its two lists.
    pub expected: Expected,
    /// Which of these, from 0.
    pub index: usize,
}

impl ExampleAt {
    /// For people, who count from 1: `example 2 of rule 1`.
    pub fn words(self) -> String {
        let what = match self.expected {
            Expected::Fires => "example",
            Expected::Silent => "counterexample",
        };
        format!("{what} {} of rule {}", self.index + 1, self.rule + 1)
    }
}

impl std::fmt::Display for ExampleAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = match self.expected {
            Expected::Fires => "fires_on",
            Expected::Silent => "silent_on",
        };
        write!(f, "rules[{}].{list}[{}]", self.rule, self.index)
    }
}

/// When a review is held: stamps without a year are read as the year in which they lie nearest to it.
pub type Now = DateTime<Utc>;
