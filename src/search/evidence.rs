//! Reads evidence into terms and windows: noise such as timestamps and ids is left out, and long evidence is looked at
//! line by line, because one line of a log usually tells it and the rest drowns it.

use std::collections::{HashMap, HashSet};

use super::common_words;
use super::glossary;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// The places of its terms in [`Reading::terms`], without repeats.
    pub(super) terms: Vec<usize>,
    /// How much of the evidence it is.
    pub(super) scope: Scope,
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
        for line in evidence.lines() {
            for sentence in sentences(line) {
                reader.stretch(sentence);
            }
        }
        let mut reading = reader.reading;
        if let [only] = reading.windows.as_mut_slice() {
            only.scope = Scope::Whole;
        } else if reading.windows.len() <= DESCRIPTION {
            let mut seen = HashSet::new();
            let mut terms: Vec<usize> = reading.windows.iter().flat_map(|window| &window.terms).copied().collect();
            terms.retain(|term| seen.insert(*term));
            reading.windows.push(Window { terms, scope: Scope::Whole });
        }
        reading
    }
}

/// Where a sentence ends, so that a paragraph on one line is not one window.
fn sentences(line: &str) -> impl Iterator<Item = &str> {
    let line =
        if line.len() < 240 { vec![line] } else { line.split_inclusive(['。', '！', '？', ';', '；']).collect() };
    line.into_iter().flat_map(|part| if part.len() < 240 { vec![part] } else { part.split_inclusive(". ").collect() })
}

#[derive(Default)]
struct Reader {
    reading: Reading,
    places: HashMap<String, usize>,
    windows: HashSet<Vec<usize>>,
}

impl Reader {
    fn stretch(&mut self, text: &str) {
        let mut steps: Vec<(String, Option<usize>)> = Vec::new();
        let mut window: Vec<usize> = Vec::new();
        each_word(text, |word| {
            if is_noise(&text[word.range.clone()]) {
                return;
            }
            for (term, kind) in telling(&word) {
                let place = (!common_words::is_stop_word(term)).then(|| self.place(term, kind)).flatten();
                if kind != TermKind::Compound {
                    steps.push((term.to_owned(), place));
                }
                window.extend(place.filter(|place| !window.contains(place)));
            }
            if window.len() >= WIDEST_WINDOW {
                self.keep(std::mem::take(&mut window));
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

    fn keep(&mut self, terms: Vec<usize>) {
        if !terms.is_empty() && self.reading.windows.len() < MOST_WINDOWS && self.windows.insert(terms.clone()) {
            self.reading.windows.push(Window { terms, scope: Scope::Part });
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

/// A number, a single character, or letters and digits in a jumble such as the end of a pod's name.
fn looks_generated(term: &str) -> bool {
    let changes =
        term.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    term.chars().all(char::is_numeric) || term.chars().count() < 2 || (changes >= 2 && term.len() >= 5)
}

/// Timestamps, dates, addresses, UUIDs, digests and long numbers: they tell this incident from itself and nothing else.
pub(super) fn is_noise(word: &str) -> bool {
    if !word.is_ascii() {
        return false;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let hexadecimal = |b: u8| b.is_ascii_hexdigit();
    let is_date_part = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.' | b'T' | b'Z' | b'/');
    let groups = word.split(['-', ':', '.', '/']).count();
    let stamp = groups >= 3 && digits >= 4 && word.bytes().all(is_date_part);
    let address = word.bytes().all(|b| hexadecimal(b) || matches!(b, b':' | b'.' | b'/')) && groups >= 4;
    let digest = word.len() >= 8 && word.bytes().all(|b| hexadecimal(b) || b == b'-') && digits >= 2;
    let pointer = word.starts_with("0x");
    let long_number = digits >= 7 && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    stamp || address || digest || pointer || long_number
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
    use super::{Reading, Scope, is_noise};

    #[test]
    fn what_only_this_incident_has_is_noise() {
        for noise in [
            "2020-02-01T14:30:59.123Z",
            "14:30:59.123",
            "2020-02-01",
            "10.0.0.1",
            "10.1.2.3:8080",
            "fe80::1:2:3",
            "123e4567-e89b-12d3-a456-426614174000",
            "7d9f8b6c54",
            "0x7ffe12",
            "1580567459",
        ] {
            assert!(is_noise(noise), "{noise} was kept");
        }
        for word in ["0/256", "/16", "v1.14", "i3en.large", "502", "65535", "ipv4", "k8s", "kube-dns", "2.5.1"] {
            assert!(!is_noise(word), "{word} was dropped");
        }
    }

    #[test]
    fn equal_lines_of_a_log_are_one_window() {
        let log: String = (0..100).map(|n| format!("2020-02-01T14:30:{:02}Z pod-{n} evicted\n", n % 60)).collect();
        let reading = Reading::of(&log);
        assert!(reading.windows.len() <= 100);
        let same = Reading::of(&"2020-02-01 connection refused\n".repeat(100));
        assert_eq!((same.windows.len(), same.windows[0].scope), (1, Scope::Whole));
    }
}
