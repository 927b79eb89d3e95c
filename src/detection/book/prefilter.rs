//! Which entries of a log each rule can have anything to say about, found by one search for the literals of all rules.

use std::collections::HashMap;

use aho_corasick::automaton::{Automaton, OverlappingState};
use aho_corasick::nfa::contiguous::{Builder, NFA};
use aho_corasick::{Anchored, Input};

use crate::detection::log::{Candidates, Literals, LogRule};
use crate::evidence::Signals;

/// One automaton over the literals of log rules.
///
/// It is searched in what the terms of rules see, entry by entry, not in the paste: a literal may lie across lines that
/// are folded, and behind the escapes of Docker's JSON.
#[derive(Debug, Default)]
pub(super) struct Prefilter {
    /// Nothing where there are no literals, or more than an automaton can number.
    automaton: Option<NFA>,
    literals: usize,
    /// For each rule its terms, each as the literals of which it needs one.
    rules: Vec<Vec<Need>>,
}

/// What a term needs to hit an entry.
#[derive(Debug)]
enum Need {
    /// Nothing is known.
    Unknown,
    /// One of these literals, by number.
    OneOf(Vec<usize>),
}

/// The entries that have each literal, ascending.
#[derive(Debug)]
pub(super) struct Found(Vec<Vec<u32>>);

impl Prefilter {
    /// A prefilter for these rules; of those that are not about logs nothing is known.
    pub fn new<'r>(rules: impl Iterator<Item = Option<&'r LogRule>>) -> Self {
        let mut patterns: Vec<&str> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut number = |literal: &'r str| {
            *known.entry(literal).or_insert_with(|| {
                patterns.push(literal);
                patterns.len() - 1
            })
        };
        let rules: Vec<Vec<Need>> = rules
            .map(|rule| {
                let terms = rule.map_or(&[][..], LogRule::required).iter();
                let need = |literals: &'r Literals| match literals {
                    Literals::Unknown => Need::Unknown,
                    Literals::OneOf(strings) => Need::OneOf(strings.iter().map(|string| number(string)).collect()),
                };
                terms.map(need).collect()
            })
            .collect();
        let automaton = Builder::new().ascii_case_insensitive(true).build(&patterns).ok();
        Self { automaton: automaton.filter(|_| !patterns.is_empty()), literals: patterns.len(), rules }
    }

    /// Searches a log once.
    pub fn search(&self, signals: &Signals<'_>) -> Found {
        let mut found = vec![Vec::new(); self.literals];
        if let Some(automaton) = &self.automaton {
            for (number, entry) in (0..).zip(&signals.log.entries) {
                let seen = entry.seen(signals.text);
                let input = Input::new(&*seen).anchored(Anchored::No);
                let mut state = OverlappingState::start();
                // A search can only fail where the automaton was built without what the input asks for.
                while automaton.try_find_overlapping(&input, &mut state).is_ok()
                    && let Some(hit) = state.get_match()
                {
                    let entries: &mut Vec<u32> = &mut found[hit.pattern().as_usize()];
                    if entries.last() != Some(&number) {
                        entries.push(number);
                    }
                }
            }
        }
        Found(found)
    }

    /// For each term of a rule the entries that it may hit; nothing where none of them may hit any.
    pub fn candidates(&self, rule: usize, found: &Found) -> Option<Vec<Candidates>> {
        let terms = &self.rules[rule];
        let is_possible = |need: &Need| match need {
            Need::OneOf(literals) if self.automaton.is_some() => {
                literals.iter().any(|&literal| !found.0[literal].is_empty())
            }
            Need::OneOf(_) | Need::Unknown => true,
        };
        if !terms.iter().any(is_possible) {
            return None;
        }
        let candidates = |need: &Need| match need {
            Need::OneOf(literals) if self.automaton.is_some() => {
                let mut entries: Vec<u32> = literals.iter().flat_map(|&literal| &found.0[literal]).copied().collect();
                entries.sort_unstable();
                entries.dedup();
                Candidates::These(entries)
            }
            Need::OneOf(_) | Need::Unknown => Candidates::All,
        };
        Some(terms.iter().map(candidates).collect())
    }
}
