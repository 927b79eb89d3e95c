//! Reads evidence into terms and windows: noise such as timestamps and ids is left out, and long evidence is looked at
//! line by line, because one line of a log usually tells it and the rest drowns it.

use std::collections::{HashMap, HashSet};

use super::common_words;
use super::glossary;
use super::noise::{is_noise, looks_generated};
use super::passages::{Passage, is_field_name, passages};
use super::words::{Role, Word, each_word, words};

/// The most different terms that are read; a megabyte of logs has fewer telling ones.
const MOST_TERMS: usize = 20_000;
/// The most different windows.
const MOST_WINDOWS: usize = 4_000;
/// The most terms of one window: a longer line is cut.
const WIDEST_WINDOW: usize = 48;
/// Evidence of more windows than this is a log; of fewer, a description that also counts as a whole.
const DESCRIPTION: usize = 40;

/// Evidence as terms.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Every term once.
    pub(super) terms: Vec<EvidenceTerm>,
    /// Stretches of the evidence. Equal ones come once.
    pub(super) windows: Vec<Window>,
}

/// A stretch of the evidence.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    /// The places of its terms in [`Reading::terms`], without repeats.
    pub(super) terms: Vec<usize>,
    /// How often each of them comes, in the same order.
    pub(super) counts: Vec<f32>,
    /// How much it counts beside others.
    pub(super) emphasis: f32,
    /// How much of the evidence it is.
    pub(super) scope: Scope,
}

impl Window {
    /// The terms of a whole description are looked for one by one: descriptions are short.
    fn count(&mut self, term: usize, times: f32) {
        match self.terms.iter().position(|&known| known == term) {
            Some(place) => self.counts[place] += times,
            None => {
                self.terms.push(term);
                self.counts.push(times);
            }
        }
    }
}

/// How much of the evidence a window is. The best of many parts meets something by chance more easily than the whole
/// does, so it has more to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of it: a description.
    Whole,
    /// One line or sentence of several.
    Part,
}

/// A term of the evidence.
#[derive(Debug, Clone)]
pub(super) struct EvidenceTerm {
    /// As the tokenizer gives it.
    pub(super) text: String,
    /// What else it may be called: each is a set of terms that must all be met.
    pub(super) synonyms: Vec<Vec<String>>,
    /// What kind of term it is.
    pub(super) kind: TermKind,
}

/// What kind of term it is, by which it is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermKind {
    /// A word.
    Word,
    /// An identifier whose parts are terms too.
    Compound,
    /// Everyday language.
    Common,
    /// A number or something that looks like a generated name: it tells something only when the library knows it.
    Weak,
}

impl Reading {
    pub(super) fn of(evidence: &str) -> Self {
        let mut reader = Reader::default();
        for passage in passages(evidence) {
            reader.passage(passage);
        }
        let mut reading = reader.reading;
        if let [only] = reading.windows.as_mut_slice() {
            only.scope = Scope::Whole;
        } else if reading.windows.len() <= DESCRIPTION {
            let mut whole = Window { terms: Vec::new(), counts: Vec::new(), emphasis: 1.0, scope: Scope::Whole };
            for window in &reading.windows {
                for (&term, &count) in window.terms.iter().zip(&window.counts) {
                    whole.count(term, count);
                }
            }
            reading.windows.push(whole);
        }
        reading
    }
}

#[derive(Default)]
struct Reader {
    reading: Reading,
    places: HashMap<String, usize>,
    windows: HashSet<Vec<usize>>,
}

impl Reader {
    fn passage(&mut self, Passage { text, emphasis }: Passage<'_>) {
        let mut steps: Vec<(String, Option<usize>)> = Vec::new();
        let empty = || Window { terms: Vec::new(), counts: Vec::new(), emphasis, scope: Scope::Part };
        let mut window = empty();
        each_word(text, |word| {
            if is_noise(&text[word.range.clone()]) || is_field_name(text, &word.range) {
                return;
            }
            for (term, kind) in telling(&word) {
                let place = (!common_words::is_stop_word(term)).then(|| self.place(term, kind)).flatten();
                if kind != TermKind::Compound {
                    steps.push((term.to_owned(), place));
                }
                if let Some(place) = place {
                    window.count(place, 1.0);
                }
            }
            if window.terms.len() >= WIDEST_WINDOW {
                self.keep(std::mem::replace(&mut window, empty()));
            }
        });
        self.keep(window);
        for (span, synonyms) in glossary::find(&steps) {
            for place in steps[span].iter().filter_map(|(_, place)| *place) {
                let known = &mut self.reading.terms[place].synonyms;
                for synonym in &synonyms {
                    if !known.contains(synonym) {
                        known.push(synonym.clone());
                    }
                }
            }
        }
    }

    fn place(&mut self, text: &str, kind: TermKind) -> Option<usize> {
        if let Some(&place) = self.places.get(text) {
            return Some(place);
        }
        let place = self.reading.terms.len();
        if place >= MOST_TERMS {
            return None;
        }
        self.places.insert(text.to_owned(), place);
        self.reading.terms.push(EvidenceTerm { text: text.to_owned(), synonyms: Vec::new(), kind });
        Some(place)
    }

    fn keep(&mut self, window: Window) {
        let is_new = !window.terms.is_empty() && self.reading.windows.len() < MOST_WINDOWS;
        if is_new && self.windows.insert(window.terms.clone()) {
            self.reading.windows.push(window);
        }
    }
}

/// The terms of a word that count: a Chinese word with shorter ones inside gives those, and itself as a compound.
fn telling(word: &Word) -> impl Iterator<Item = (&str, TermKind)> {
    let has_inner = word.terms.iter().any(|term| term.role == Role::Inner);
    word.terms.iter().map(move |term| {
        let kind = match term.role {
            Role::Compound => TermKind::Compound,
            Role::Step if has_inner => TermKind::Compound,
            Role::Step | Role::Inner => kind_of(&term.text),
        };
        (term.text.as_str(), kind)
    })
}

fn kind_of(term: &str) -> TermKind {
    if common_words::is_common(term) {
        TermKind::Common
    } else if looks_generated(term) {
        TermKind::Weak
    } else {
        TermKind::Word
    }
}

/// The terms of a glossary entry, in order, stop words included.
pub(super) fn steps_of(text: &str) -> Vec<String> {
    words(text)
        .into_iter()
        .flat_map(|word| {
            let has_inner = word.terms.iter().any(|term| term.role == Role::Inner);
            word.terms.into_iter().filter(move |term| match term.role {
                Role::Compound => false,
                Role::Step => !has_inner,
                Role::Inner => true,
            })
        })
        .map(|term| term.text)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Reading, Scope};

    #[test]
    fn equal_lines_of_a_log_are_one_window() {
        let log: String = (0..100).map(|n| format!("2020-02-01T14:30:{:02}Z pod-{n} evicted\n", n % 60)).collect();
        let reading = Reading::of(&log);
        assert!(reading.windows.len() <= 100);
        let same = Reading::of(&"2020-02-01 connection refused\n".repeat(100));
        assert_eq!((same.windows.len(), same.windows[0].scope), (1, Scope::Whole));
    }
}
