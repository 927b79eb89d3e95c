//! Help with detection rules while they are written: every rule tried on a paste at once, and a log rule suggested for
//! lines of it. Nothing of it is stored; what a suggestion does elsewhere is for [`super::review`] to find out.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::detection::Compiled;
use crate::detection::log::suggest::{Refused, suggest};
use crate::domain::input::RuleInput;
use crate::domain::matching::Verdict;
use crate::domain::{ExampleText, Invalid, Line, Rule, RuleKind, RuleText};
use crate::evidence::Signals;
use crate::evidence::mask::mask;
use crate::service::review::{Now, lines_of, shortfall};

/// A paste with its secrets masked. Lines count in it as they do in what is shown, so that everything here is done on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedPaste {
    /// The text, with `\n` line ends.
    pub text: String,
    /// What was masked, for people: `2 tokens and 1 password`.
    pub tally: Option<String>,
}

/// What a rule makes of a paste.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriedRule {
    /// Its place, from 1.
    pub number: usize,
    /// Its name, where it has one by now.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of trying a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It fired on these lines, from 1.
    Fired {
        /// The lines.
        lines: Vec<u32>,
        /// What could not be checked.
        remarks: Vec<String>,
    },
    /// It did not.
    Missed {
        /// Which part is missing: `it meets line 2 and misses a line with "refused"`.
        words: String,
        /// The lines that were met all the same.
        lines: Vec<u32>,
    },
    /// Its text is no rule.
    Broken(String),
}

impl MaskedPaste {
    /// Masks a paste.
    pub fn of(text: &str) -> Self {
        let masked = mask(&text.replace("\r\n", "\n").replace('\r', "\n"));
        Self { tally: masked.tally(), text: masked.text }
    }
}

/// Tries the rules of a form, as far as they are written, on a paste.
pub fn try_all(rules: &[RuleInput], paste: &MaskedPaste, now: Now) -> Vec<TriedRule> {
    let signals = Signals::read(&paste.text, now);
    let is_written = |rule: &RuleInput| !rule.text.trim().is_empty();
    (1..)
        .zip(rules)
        .filter(|(_, rule)| is_written(rule))
        .map(|(number, rule)| {
            let name = rule.name.trim().to_owned();
            let outcome = match compiled(rule) {
                Ok(compiled) => Outcome::of(compiled.run(&signals).as_ref()),
                Err(words) => Outcome::Broken(words),
            };
            TriedRule { number, name, outcome }
        })
        .collect()
}

fn compiled(rule: &RuleInput) -> Result<Compiled, String> {
    let read = || -> Result<Rule, Invalid> {
        let (kind, text) = (RuleKind::parse(&rule.kind)?, RuleText::parse(&rule.text)?);
        // It needs a name only where it is kept.
        let name = Line::parse("Rule")?;
        Ok(Rule { kind, name, text, fires_on: Vec::new(), silent_on: Vec::new(), also_fires: Vec::new() })
    };
    let rule = read().map_err(|invalid| invalid.to_string())?;
    Compiled::new(&rule).map_err(|error| error.to_string())
}

impl Outcome {
    fn of(verdict: Option<&Verdict>) -> Self {
        let words = shortfall(verdict);
        let remarks = match verdict {
            Some(Verdict::Fired(proof)) => proof.remarks.clone(),
            Some(Verdict::Partial { .. } | Verdict::Contradicted { .. }) | None => Vec::new(),
        };
        let lines = lines_of(verdict);
        match words {
            None => Self::Fired { lines, remarks },
            Some(words) => Self::Missed { words, lines },
        }
    }

    /// The lines that the rule met.
    pub fn lines(&self) -> &[u32] {
        match self {
            Self::Fired { lines, .. } | Self::Missed { lines, .. } => lines,
            Self::Broken(_) => &[],
        }
    }
}

/// A log rule for the chosen lines of a paste, with them as the example that it must fire on, ready to be put into a
/// form; or why there is none.
pub fn suggested(paste: &MaskedPaste, lines: &BTreeSet<u32>, now: Now) -> Result<Rule, Refused> {
    let found = suggest(&Signals::read(&paste.text, now), lines, now)?;
    let rule = |name: &str| -> Result<Rule, Invalid> {
        Ok(Rule {
            kind: RuleKind::Log,
            name: Line::parse(name)?,
            text: RuleText::parse(&found.text)?,
            fires_on: vec![ExampleText::parse(&found.example)?],
            silent_on: Vec::new(),
            also_fires: Vec::new(),
        })
    };
    rule(&found.name).or_else(|_| rule("Lines of the log")).map_err(|_| Refused::Silent)
}
