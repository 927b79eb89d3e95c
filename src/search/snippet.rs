//! Marks the words that were asked for, and picks the passages that meet most of them.

use std::collections::HashSet;
use std::ops::Range;

use super::results::{Fragment, Snippet};
use super::words::{Role, Word, each_word};
use crate::domain::matching::Field;

/// About how long a passage is, in bytes.
const PASSAGE: usize = 200;
/// How many passages a result shows.
const MOST_PASSAGES: usize = 2;

/// The whole text, marked.
pub(super) fn mark(text: &str, terms: &HashSet<String>) -> Vec<Fragment> {
    fragments(text, 0..text.len(), &met(text, terms))
}

/// The best passages of the texts, but for the title, which is shown whole anyway. Each field gives at most one.
pub(super) fn best(texts: &[(Field, String)], terms: &HashSet<String>) -> Vec<Snippet> {
    if terms.is_empty() {
        return Vec::new();
    }
    let mut passages: Vec<(usize, Snippet)> = Vec::new();
    for (field, text) in texts.iter().filter(|(field, _)| *field != Field::Title) {
        let met = met(text, terms);
        let Some((count, window)) = densest(text, &met) else { continue };
        let snippet = Snippet { field: *field, fragments: passage(text, window, &met) };
        match passages.iter_mut().find(|(_, known)| known.field == *field) {
            Some(known) if known.0 >= count => {}
            Some(known) => *known = (count, snippet),
            None => passages.push((count, snippet)),
        }
    }
    // The sort is stable: fields of equal worth stay in the order of the document.
    passages.sort_by_key(|&(count, _)| std::cmp::Reverse(count));
    passages.into_iter().take(MOST_PASSAGES).map(|(_, snippet)| snippet).collect()
}

/// A marked range and the term that it meets.
struct Met {
    range: Range<usize>,
    term: String,
}

fn met(text: &str, terms: &HashSet<String>) -> Vec<Met> {
    let mut found = Vec::new();
    if !terms.is_empty() {
        each_word(text, |word| found.extend(met_of(&word, terms)));
    }
    found
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

fn met_of(word: &Word, terms: &HashSet<String>) -> Vec<Met> {
    met_ranges(word, |term| terms.contains(term))
        .into_iter()
        .map(|(range, term)| Met { range, term: term.to_owned() })
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
