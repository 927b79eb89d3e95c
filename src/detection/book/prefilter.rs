//! Which rules can have anything to say about some evidence, found by one search for the literals of all of them.

use std::collections::HashMap;

use aho_corasick::automaton::{Automaton, OverlappingState};
use aho_corasick::nfa::contiguous::{Builder, NFA};
use aho_corasick::{Anchored, Input};

use crate::detection::Compiled;
use crate::detection::log::Literals;
use crate::evidence::Signals;

/// Some terms of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms(u64);

impl Terms {
    const NONE: Self = Self(0);
    /// Every term, or the only thing that a rule without terms looks for.
    const ALL: Self = Self(u64::MAX);

    /// Of the 64 terms that a rule has at most; more would share bits, and so be tried more often than needed.
    fn one(term: usize) -> Self {
        Self(1 << (term % 64))
    }

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether a term is among them.
    pub fn has(self, term: usize) -> bool {
        self.0 & Self::one(term).0 != 0
    }
}

/// What has to be in the evidence for a rule to say anything.
#[derive(Debug)]
enum Need {
    /// A log entry that one of its terms may hit. Of these terms no literal is known: they may hit any.
    Entry(Terms),
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
    /// For each literal the rules that need it, and for which term.
    owners: Vec<Vec<(usize, Terms)>>,
}

impl Prefilter {
    /// A prefilter for these rules.
    pub fn new<'r>(rules: impl Iterator<Item = &'r Compiled>) -> Self {
        let mut patterns: Vec<&str> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut owners: Vec<Vec<(usize, Terms)>> = Vec::new();
        let mut needs: Vec<Need> = Vec::new();
        for (index, rule) in rules.enumerate() {
            let Compiled::Log(rule) = rule else {
                needs.push(if matches!(rule, Compiled::Manifest(_)) { Need::Object } else { Need::Alert });
                continue;
            };
            let mut anywhere = Terms::NONE;
            for (term, literals) in rule.required().iter().enumerate() {
                let Literals::OneOf(strings) = literals else {
                    anywhere.add(Terms::one(term));
                    continue;
                };
                for string in strings {
                    let literal = *known.entry(string).or_insert_with(|| {
                        patterns.push(string);
                        owners.push(Vec::new());
                        owners.len() - 1
                    });
                    owners[literal].push((index, Terms::one(term)));
                }
            }
            needs.push(Need::Entry(anywhere));
        }
        if patterns.is_empty() {
            return Self { needs, literals: None, owners };
        }
        match Builder::new().ascii_case_insensitive(true).build(&patterns) {
            Ok(literals) => Self { needs, literals: Some(literals), owners },
            // More literals than an automaton can number: every term is tried.
            Err(_) => {
                for need in &mut needs {
                    if let Need::Entry(anywhere) = need {
                        *anywhere = Terms::ALL;
                    }
                }
                Self { needs, literals: None, owners: Vec::new() }
            }
        }
    }

    /// For each rule the terms that may hit; a rule without any has nothing to say.
    pub fn terms(&self, signals: &Signals<'_>) -> Vec<Terms> {
        let all_if = |is_there| if is_there { Terms::ALL } else { Terms::NONE };
        let mut terms: Vec<Terms> = self
            .needs
            .iter()
            .map(|need| match need {
                Need::Entry(anywhere) => *anywhere,
                Need::Object => all_if(!signals.objects.is_empty()),
                Need::Alert => all_if(!signals.alerts.is_empty()),
            })
            .collect();
        for (owners, is_there) in self.owners.iter().zip(self.literals_in(signals)) {
            if is_there {
                owners.iter().for_each(|&(rule, term)| terms[rule].add(term));
            }
        }
        terms
    }

    /// For each literal, whether an entry of the log has it.
    fn literals_in(&self, signals: &Signals<'_>) -> Vec<bool> {
        let mut is_there = vec![false; self.owners.len()];
        let Some(literals) = &self.literals else { return is_there };
        for entry in &signals.log.entries {
            let seen = entry.seen(signals.text);
            let input = Input::new(&*seen).anchored(Anchored::No);
            let mut state = OverlappingState::start();
            // A search can only fail where the automaton was built without what the input asks for.
            while literals.try_find_overlapping(&input, &mut state).is_ok()
                && let Some(found) = state.get_match()
            {
                is_there[found.pattern().as_usize()] = true;
            }
        }
        is_there
    }
}
