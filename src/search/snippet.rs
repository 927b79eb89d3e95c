//! Marks the words that were asked for, and picks the passages that meet most of them. Only what begins like one of
//! the words is cut into terms and stemmed; the rest of a text is read past.

use std::collections::HashSet;
use std::ops::Range;

use super::results::{Fragment, Snippet};
use super::words::{Role, Word, each_word};
use crate::domain::matching::Field;

/// About how long a passage is, in bytes.
const PASSAGE: usize = 200;
/// How many passages a result shows.
const MOST_PASSAGES: usize = 2;
/// A passage that meets so many different terms is good: when enough are, the rest of the record is not read.
const GOOD: usize = 4;
/// How many places of a text are compared for the best passage.
const MOST_MET: usize = 64;

/// The terms to mark.
pub(super) struct Marker {
    terms: HashSet<String>,
    /// Which three letters some term begins with, as [`code`] writes them.
    beginnings: Vec<u64>,
    /// Whether every stretch of text is cut: a term of one letter may stand anywhere.
    everything: bool,
    /// Whether some term is of letters that are not of this alphabet.
    others: bool,
}

/// How many codes of three letters there are.
const CODES: usize = 1 << 15;

impl Marker {
    pub(super) fn of(terms: HashSet<String>) -> Self {
        let mut marker =
            Self { beginnings: vec![0; CODES / 64], everything: false, others: false, terms: HashSet::new() };
        for term in &terms {
            match term.as_bytes() {
                [first, second, rest @ ..] if first.is_ascii() && second.is_ascii() => {
                    // Endings change in stems from the third letter on at the earliest: dying and die.
                    let thirds = if let [third, _, ..] = rest { code_of(*third)..=code_of(*third) } else { 0..=31 };
                    for third in thirds {
                        marker.allow(code_of(*first) << 10 | code_of(*second) << 5 | third);
                    }
                }
                [first, ..] if !first.is_ascii() => marker.others = true,
                _ => marker.everything = true,
            }
        }
        marker.terms = terms;
        marker
    }

    fn allow(&mut self, code: usize) {
        self.beginnings[code / 64] |= 1 << (code % 64);
    }

    fn allows(&self, code: usize) -> bool {
        self.beginnings[code / 64] & (1 << (code % 64)) != 0
    }

    /// Whether a stretch of text between spaces may hold a term.
    fn may_hold(&self, stretch: &[u8]) -> bool {
        if self.everything {
            return true;
        }
        let mut last_three = 0;
        // Two more, so that the last letters come to be the first of three.
        for &byte in stretch.iter().chain(b"  ") {
            last_three = (last_three << 5 | code_of(byte)) & (CODES - 1);
            if self.allows(last_three) || (self.others && !byte.is_ascii()) {
                return true;
            }
        }
        false
    }

    /// The whole text, marked.
    pub(super) fn mark(&self, text: &str) -> Vec<Fragment> {
        fragments(text, 0..text.len(), &self.met(text))
    }

    /// The best passages of the texts, but for the title, which is shown whole anyway. Each field gives at most one.
    pub(super) fn best(&self, texts: &[(Field, &str)]) -> Vec<Snippet> {
        if self.terms.is_empty() {
            return Vec::new();
        }
        let mut passages: Vec<Passage<'_>> = Vec::new();
        let good = GOOD.min(self.terms.len());
        for &(field, text) in texts.iter().filter(|(field, _)| *field != Field::Title) {
            let met = self.met(text);
            let Some((count, window)) = densest(text, &met) else { continue };
            let found = Passage { count, field, text, window, met };
            match passages.iter_mut().find(|known| known.field == field) {
                Some(known) if known.count >= count => {}
                Some(known) => *known = found,
                None => passages.push(found),
            }
            if passages.iter().filter(|passage| passage.count >= good).count() >= MOST_PASSAGES {
                break;
            }
        }
        // The sort is stable: fields of equal worth stay in the order of the document.
        passages.sort_by_key(|passage| std::cmp::Reverse(passage.count));
        passages.into_iter().take(MOST_PASSAGES).map(Passage::into_snippet).collect()
    }

    fn met(&self, text: &str) -> Vec<Met> {
        let mut found = Vec::new();
        let mut at = 0;
        // Nothing that is one word has a space in it.
        for stretch in text.split_inclusive(|character: char| character.is_ascii_whitespace()) {
            if self.may_hold(stretch.as_bytes()) {
                each_word(stretch, |word| found.extend(met_of(&word, &self.terms, at)));
                if found.len() >= MOST_MET {
                    break;
                }
            }
            at += stretch.len();
        }
        found
    }
}

/// A letter in five bits, whatever its case; `i` and `y` are one, since stems write one for the other. All that is no
/// letter shares what is left.
fn code_of(byte: u8) -> usize {
    match byte | 0x20 {
        b'y' => usize::from(b'i' - b'a'),
        letter @ b'a'..=b'z' => usize::from(letter - b'a'),
        digit @ b'0'..=b'9' => 26 + usize::from(digit % 5),
        _ => 31,
    }
}

/// The best window of a text.
struct Passage<'a> {
    /// How many different terms it meets.
    count: usize,
    field: Field,
    text: &'a str,
    window: Range<usize>,
    /// What is met in the whole text.
    met: Vec<Met>,
}

impl Passage<'_> {
    fn into_snippet(self) -> Snippet {
        Snippet { field: self.field, fragments: passage(self.text, self.window, &self.met) }
    }
}

/// A marked range and the term that it meets.
struct Met {
    range: Range<usize>,
    term: String,
}

/// The widest term of a word that is asked for, else each of its parts that is.
pub(super) fn met_ranges(word: &Word, wanted: impl Fn(&str) -> bool) -> Vec<(Range<usize>, &str)> {
    if let Some(whole) = word.terms.iter().find(|term| {
        (term.role == Role::Compound || term.range == word.range)
            && term.range.len() >= word.range.len()
            && wanted(&term.text)
    }) {
        return vec![(whole.range.clone(), whole.text.as_str())];
    }
    let mut found: Vec<(Range<usize>, &str)> = Vec::new();
    for term in word.terms.iter().filter(|term| wanted(&term.text)) {
        // Words inside a Chinese word may overlap: they are marked as one stretch.
        match found.last_mut() {
            Some((last, _)) if term.range.start < last.end => last.end = last.end.max(term.range.end),
            _ => found.push((term.range.clone(), term.text.as_str())),
        }
    }
    found
}

fn met_of(word: &Word, terms: &HashSet<String>, offset: usize) -> Vec<Met> {
    met_ranges(word, |term| terms.contains(term))
        .into_iter()
        .map(|(range, term)| Met { range: offset + range.start..offset + range.end, term: term.to_owned() })
        .collect()
}

/// The window of a passage's length that meets the most different terms, and how many.
fn densest(text: &str, met: &[Met]) -> Option<(usize, Range<usize>)> {
    let mut best: Option<(usize, usize, usize)> = None;
    for (first, start) in met.iter().enumerate() {
        let inside = met[first..].iter().take_while(|one| one.range.end <= start.range.start + PASSAGE);
        let (mut terms, mut last) = (HashSet::new(), first);
        for (offset, one) in inside.enumerate() {
            terms.insert(one.term.as_str());
            last = first + offset;
        }
        if best.is_none_or(|(count, _, _)| terms.len() > count) {
            best = Some((terms.len().max(1), first, last));
        }
        if terms.len() >= 12 {
            break;
        }
    }
    let (count, first, last) = best?;
    let (start, end) = (met[first].range.start, met[last].range.end.max(met[first].range.end));
    let spare = PASSAGE.saturating_sub(end - start);
    let from = word_start(text, start.saturating_sub(spare / 3), start);
    let until = word_end(text, (end + spare - spare / 3).min(text.len()), end);
    Some((count, from..until))
}

/// The first place at or after `at` where a word begins, at most `limit`.
fn word_start(text: &str, at: usize, limit: usize) -> usize {
    if at == 0 {
        return 0;
    }
    let at = text.ceil_char_boundary(at).min(limit);
    let space = text[at..limit].find(char::is_whitespace).map(|offset| at + offset + 1);
    // Text without spaces (Chinese) is cut between any two characters.
    let start = space.unwrap_or(if text[at..limit].is_ascii() { limit } else { at });
    text.ceil_char_boundary(start).min(limit)
}

/// The last place at or before `at` where a word ends, at least `limit`.
fn word_end(text: &str, at: usize, limit: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    let at = text.floor_char_boundary(at).max(limit);
    let space = text[limit..at].rfind(char::is_whitespace).map(|offset| limit + offset);
    space.unwrap_or(if text[limit..at].is_ascii() { limit } else { at })
}

fn passage(text: &str, window: Range<usize>, met: &[Met]) -> Vec<Fragment> {
    let mut fragments = fragments(text, window.clone(), met);
    let plain = |text: &str| Fragment { text: text.to_owned(), marked: false };
    if window.start > 0 {
        fragments.insert(0, plain("… "));
    }
    if window.end < text.len() {
        fragments.push(plain(" …"));
    }
    fragments
}

fn fragments(text: &str, window: Range<usize>, met: &[Met]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    let mut at = window.start;
    for one in met.iter().filter(|one| one.range.start >= window.start && one.range.end <= window.end) {
        if one.range.start < at {
            continue;
        }
        if one.range.start > at {
            fragments.push(Fragment { text: text[at..one.range.start].to_owned(), marked: false });
        }
        fragments.push(Fragment { text: text[one.range.clone()].to_owned(), marked: true });
        at = one.range.end;
    }
    if at < window.end {
        fragments.push(Fragment { text: text[at..window.end].to_owned(), marked: false });
    }
    fragments
}
