//! Which rules can have anything to say about some evidence, found by one search for the literals of all of them.

use std::collections::HashMap;

use aho_corasick::automaton::{Automaton, OverlappingState};
use aho_corasick::nfa::contiguous::{Builder, NFA};
use aho_corasick::{Anchored, Input};

use crate::detection::Compiled;
use crate::detection::log::{Literals, LogRule};
use crate::evidence::Signals;

/// What has to be in the evidence for a rule to say anything.
#[derive(Debug)]
enum Need {
    /// Nothing that could be looked for beforehand.
    Nothing,
    /// One of its literals in a log entry.
    Literal,
    /// A Kubernetes object.
    Object,
    /// An alert.
    Alert,
}

/// One automaton over the literals of all log rules.
///
/// It is searched in what the terms of rules see, entry by entry, not in the paste: a literal may lie across lines that
/// are folded, and behind the escapes of Docker's JSON.
#[derive(Debug, Default)]
pub(super) struct Prefilter {
    needs: Vec<Need>,
    /// Nothing where no rule has a literal.
    literals: Option<NFA>,
    /// For each literal, the rules that need it.
    rules_of: Vec<Vec<usize>>,
}

impl Prefilter {
    /// A prefilter for these rules.
    pub fn new<'r>(rules: impl Iterator<Item = &'r Compiled>) -> Self {
        let mut ids: HashMap<&str, usize> = HashMap::new();
        let mut rules_of: Vec<Vec<usize>> = Vec::new();
        let mut needs: Vec<Need> = Vec::new();
        for (index, rule) in rules.enumerate() {
            needs.push(match rule {
                Compiled::Manifest(_) => Need::Object,
                Compiled::Metric(_) => Need::Alert,
                Compiled::Log(rule) => match literals_of(rule) {
                    Some(literals) => {
                        for literal in literals {
                            let id = *ids.entry(literal).or_insert(rules_of.len());
                            if id == rules_of.len() {
                                rules_of.push(Vec::new());
                            }
                            rules_of[id].push(index);
                        }
                        Need::Literal
                    }
                    None => Need::Nothing,
                },
            });
        }
        let mut patterns = vec![""; ids.len()];
        for (literal, id) in ids {
            patterns[id] = literal;
        }
        let built = (!patterns.is_empty()).then(|| Builder::new().ascii_case_insensitive(true).build(patterns));
        match built.transpose() {
            Ok(literals) => Self { needs, literals, rules_of },
            Err(_) => {
                // More literals than an automaton can number: the rules are run without it.
                let without = |need| if matches!(need, Need::Literal) { Need::Nothing } else { need };
                Self { needs: needs.into_iter().map(without).collect(), literals: None, rules_of: Vec::new() }
            }
        }
    }

    /// For each rule, whether it can have anything to say.
    pub fn worth_running(&self, signals: &Signals<'_>) -> Vec<bool> {
        let mut is_worth_running: Vec<bool> = self
            .needs
            .iter()
            .map(|need| match need {
                Need::Nothing => true,
                Need::Literal => false,
                Need::Object => !signals.objects.is_empty(),
                Need::Alert => !signals.alerts.is_empty(),
            })
            .collect();
        for (literal, is_there) in self.literals_in(signals).into_iter().enumerate() {
            if is_there {
                for &rule in &self.rules_of[literal] {
                    is_worth_running[rule] = true;
                }
            }
        }
        is_worth_running
    }

    /// For each literal, whether an entry of the log has it.
    fn literals_in(&self, signals: &Signals<'_>) -> Vec<bool> {
        let mut is_there = vec![false; self.rules_of.len()];
        let Some(literals) = &self.literals else { return is_there };
        for entry in &signals.log.entries {
            let seen = entry.seen(signals.text);
            let input = Input::new(&*seen).anchored(Anchored::No);
            let mut state = OverlappingState::start();
            // The search only fails where it was set up in a way that this one is not.
            while literals.try_find_overlapping(&input, &mut state).is_ok()
                && let Some(found) = state.get_match()
            {
                is_there[found.pattern().as_usize()] = true;
            }
        }
        is_there
    }
}

/// The literals of which a log rule needs at least one; nothing where it may say something without any.
fn literals_of(rule: &LogRule) -> Option<Vec<&str>> {
    let required = rule.required();
    if required.is_empty() {
        return None;
    }
    let mut literals = Vec::new();
    for term in required {
        match term {
            Literals::Unknown => return None,
            Literals::OneOf(strings) => literals.extend(strings.iter().map(String::as_str)),
        }
    }
    literals.sort_unstable();
    literals.dedup();
    Some(literals)
}
