//! What came of trying the rules, as the form shows it: example by example with the lines that were met, where the
//! rules fire elsewhere, and what an edit changes.

use std::collections::BTreeSet;

use super::secrets::InField;
use crate::domain::{FailureAddress, Line, Rule};
use crate::service::review::published::Examined;
use crate::service::review::{Blast, CrossFire, ExampleAt, Expected, Hit, Tried};

/// The whole of it.
#[derive(Debug, Clone)]
pub struct TrialView {
    /// Rule by rule.
    pub rules: Vec<TriedRule>,
    /// What an edit changes.
    pub blast: BlastView,
    /// What should perhaps not be published.
    pub secrets: Vec<InField>,
}

/// What came of one rule.
#[derive(Debug, Clone)]
pub struct TriedRule {
    /// From 1.
    pub number: usize,
    pub name: Line,
    /// What is wrong with its text.
    pub broken: Option<String>,
    pub examples: Vec<TriedExample>,
    /// Unrelated failures on whose examples it fires.
    pub elsewhere: Vec<Elsewhere>,
    /// Failures for which it gives a reason without firing on them.
    pub unneeded: Vec<FailureAddress>,
}

/// What came of one example.
#[derive(Debug, Clone)]
pub struct TriedExample {
    /// `Example 2`.
    pub label: String,
    /// The id of the field that holds it.
    pub id: String,
    pub standing: Standing,
    /// What the rule made of it.
    pub words: String,
    /// The lines that it met, and those around them.
    pub lines: Vec<ShownLine>,
}

/// Whether a rule does what an example wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Right,
    Wrong,
    NotRun,
}

impl Standing {
    /// For style sheets.
    pub fn class(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::NotRun => "not-run",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Right => "As wanted",
            Self::Wrong => "Not as wanted",
            Self::NotRun => "Not run",
        }
    }
}

/// A line of an example; without a number, lines that are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    /// From 1.
    pub number: Option<usize>,
    pub text: String,
    pub mark: Mark,
}

/// Whether a rule met a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Met,
    Around,
}

impl ShownLine {
    /// Whether the rule met it.
    pub fn is_met(&self) -> bool {
        self.mark == Mark::Met
    }
}

/// An example of another failure on which a rule fires.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    pub on: FailureAddress,
    /// Which example, and on which line.
    pub words: String,
    /// The reason that the rule gives.
    pub because: Option<Line>,
}

/// What an edit changes, as lists of examples.
#[derive(Debug, Clone, Default)]
pub struct BlastView {
    pub fires: Vec<BlastRow>,
    pub stops: Vec<BlastRow>,
    /// How many rows of both lists are left out.
    pub more: usize,
}

/// One example on which an edit makes a difference.
#[derive(Debug, Clone)]
pub struct BlastRow {
    /// The rule that makes it.
    pub rule: Line,
    pub on: FailureAddress,
    /// `example 1 of rule 2`.
    pub which: String,
    pub first_line: String,
}

impl TrialView {
    /// Shows what came of `rules`.
    pub fn new(rules: &[Rule], examined: &Examined, secrets: Vec<InField>) -> Self {
        let tried = examined.trials.iter().zip(rules).map(|(trial, rule)| TriedRule {
            number: trial.rule + 1,
            name: rule.name.clone(),
            broken: trial.broken.as_ref().map(ToString::to_string),
            examples: trial.examples.iter().map(|tried| TriedExample::new(tried, rule)).collect(),
            elsewhere: elsewhere(trial.rule, rule, &examined.effect.cross_fire),
            unneeded: examined
                .effect
                .unneeded
                .iter()
                .filter(|unneeded| unneeded.rule == trial.rule)
                .map(|unneeded| unneeded.on.clone())
                .collect(),
        });
        Self { rules: tried.collect(), blast: BlastView::from(&examined.effect.blast), secrets }
    }
}

impl TriedExample {
    fn new(tried: &Tried, rule: &Rule) -> Self {
        let (texts, noun) = match tried.at.expected {
            Expected::Fires => (&rule.fires_on, "Example"),
            Expected::Silent => (&rule.silent_on, "Counterexample"),
        };
        let text = texts.get(tried.at.index).map_or("", |text| text.as_str());
        let standing = match tried.is_right() {
            Some(true) => Standing::Right,
            Some(false) => Standing::Wrong,
            None => Standing::NotRun,
        };
        let words = tried.complaint(text).or_else(|| tried.skipped().map(str::to_owned));
        let words = words.unwrap_or_else(|| match tried.at.expected {
            Expected::Fires => "it fires".to_owned(),
            Expected::Silent => "it stays silent".to_owned(),
        });
        Self {
            label: format!("{noun} {}", tried.at.index + 1),
            id: field_id(tried.at),
            standing,
            words,
            lines: shown(text, &tried.lines()),
        }
    }
}

fn field_id(at: ExampleAt) -> String {
    let list = match at.expected {
        Expected::Fires => "fires_on",
        Expected::Silent => "silent_on",
    };
    format!("rules-{}-{list}-{}", at.rule, at.index)
}

/// The lines that were met with one on either side, as far as a page can take.
fn shown(text: &str, met: &[u32]) -> Vec<ShownLine> {
    const MOST_MET: usize = 12;
    const WIDTH: usize = 400;
    let met: BTreeSet<usize> = met.iter().take(MOST_MET).map(|&number| number as usize).collect();
    let wanted: BTreeSet<usize> = met.iter().flat_map(|number| number.saturating_sub(1)..=number + 1).collect();
    let mut shown = Vec::new();
    let mut last = 0;
    for (number, line) in (1..).zip(text.split('\n')).filter(|(number, _)| wanted.contains(number)) {
        if number != last + 1 {
            shown.push(ShownLine { number: None, text: "…".to_owned(), mark: Mark::Around });
        }
        last = number;
        let mark = if met.contains(&number) { Mark::Met } else { Mark::Around };
        shown.push(ShownLine { number: Some(number), text: line.chars().take(WIDTH).collect(), mark });
    }
    shown
}

fn elsewhere(rule: usize, content: &Rule, crossings: &[CrossFire]) -> Vec<Elsewhere> {
    let of_rule = crossings.iter().filter(|crossing| crossing.rule == rule);
    of_rule
        .map(|crossing| Elsewhere {
            on: crossing.hit.on.clone(),
            words: format!("{}, {}", crossing.hit.example.words(), crossing.hit.fired_on),
            because: crossing.reason.and_then(|reason| content.also_fires.get(reason)).map(|also| also.because.clone()),
        })
        .collect()
}

impl BlastView {
    /// Whether the edit changes nothing.
    pub fn is_empty(&self) -> bool {
        self.fires.is_empty() && self.stops.is_empty()
    }
}

impl From<&Blast> for BlastView {
    fn from(blast: &Blast) -> Self {
        const MOST: usize = 100;
        let rows = |hits: &[(Line, Hit)]| -> Vec<BlastRow> { hits.iter().take(MOST).map(BlastRow::from).collect() };
        let more = blast.fires.len().saturating_sub(MOST) + blast.stops.len().saturating_sub(MOST);
        Self { fires: rows(&blast.fires), stops: rows(&blast.stops), more }
    }
}

impl From<&(Line, Hit)> for BlastRow {
    fn from((rule, hit): &(Line, Hit)) -> Self {
        Self { rule: rule.clone(), on: hit.on.clone(), which: hit.example.words(), first_line: hit.first_line.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn the_lines_that_were_met_are_shown_with_their_neighbours() {
        let text = "one\ntwo\nthree\nfour\nfive\nsix";
        let told = |met: &[u32]| -> Vec<String> {
            shown(text, met)
                .iter()
                .map(|line| format!("{}{}", line.text, if line.is_met() { "!" } else { "" }))
                .collect()
        };
        assert_eq!(told(&[1, 5]), ["one!", "two", "…", "four", "five!", "six"]);
        assert_eq!(told(&[4]), ["…", "three", "four!", "five"]);
        assert!(told(&[]).is_empty());
    }
}
