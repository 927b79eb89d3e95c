//! The evidence as weighed words, and what a failure scores by them.

use std::collections::HashMap;

use super::table::Table;
use super::{Frequencies, K1, SYNONYM};
use crate::search::evidence::{Reading, Scope, Window};

/// How many passages are scored, the most telling first.
const MOST_PASSAGES: usize = 48;
/// How many words of the evidence as a whole are scored, the most telling first.
const MOST_WORDS: usize = 200;

/// Rare words count a little more than BM25 lets them.
const RARITY: f32 = 0.2;
/// How much a word counts more when a passage repeats it, by the logarithm of how often.
const REPEATED: f32 = 0.5;
/// A word that many passages of the evidence have tells less about each: its weight falls with their number to this power.
const SPREAD: f32 = 0.35;
/// How much a passage gains by being met whole rather than in part.
const COVERAGE: f32 = 0.6;
/// How far the best passage outweighs many middling ones.
const BEST_PASSAGE: f32 = 3.0;

/// The evidence as it is scored: passages and the whole, each as weighed words.
pub(super) struct Weighed<'r> {
    pub(super) reading: &'r Reading,
    pub(super) frequencies: &'r Frequencies<'r>,
    /// The most telling first.
    pub(super) passages: Vec<Weights>,
    pub(super) whole: Weights,
}

/// Words (by their places in the reading) with their weights, the most telling first.
pub(super) struct Weights {
    pub(super) words: Vec<(usize, f32)>,
    emphasis: f32,
}

impl<'r> Weighed<'r> {
    pub(super) fn of(reading: &'r Reading, frequencies: &'r Frequencies<'r>) -> Self {
        let mut weighed = Self { reading, frequencies, passages: Vec::new(), whole: Weights::empty(1.0) };
        let is_passage = |window: &&Window| window.scope == Scope::Part || reading.windows.len() == 1;
        let windows: Vec<&Window> = reading.windows.iter().filter(is_passage).collect();
        let mut spread: HashMap<usize, f32> = HashMap::new();
        let mut overall: HashMap<usize, (f32, f32)> = HashMap::new();
        for window in &windows {
            for (&term, &count) in window.terms.iter().zip(&window.counts) {
                *spread.entry(term).or_default() += 1.0;
                let (times, emphasis) = overall.entry(term).or_default();
                *times += count;
                *emphasis = emphasis.max(window.emphasis);
            }
        }
        let mut passages: Vec<(f32, Weights)> = Vec::with_capacity(windows.len());
        for window in windows {
            let weight =
                |(&term, &count): (&usize, &f32)| (term, weighed.weight(term, count) * spread[&term].powf(-SPREAD));
            let weights = weighed.sorted(window.terms.iter().zip(&window.counts).map(weight), window.emphasis);
            passages.push((weighed.ideal(&weights) * window.emphasis, weights));
        }
        passages.sort_by(|a, b| b.0.total_cmp(&a.0));
        passages.truncate(MOST_PASSAGES);
        let whole = overall.iter().map(|(&term, &(times, emphasis))| (term, emphasis * weighed.weight(term, times)));
        weighed.whole = weighed.sorted(whole, 1.0);
        weighed.whole.words.truncate(MOST_WORDS);
        weighed.passages = passages.into_iter().map(|(_, weights)| weights).collect();
        weighed
    }

    /// How rare a word or, where no failure has it, what else it may be called is.
    fn rarity(&self, term: usize) -> f32 {
        let term = &self.reading.terms[term];
        if self.frequencies.get(&term.text) > 0.0 {
            return self.frequencies.rarity(&term.text);
        }
        let met = term.synonyms.iter().filter(|parts| parts.iter().all(|part| self.frequencies.get(part) > 0.0));
        let rarest = met.map(|parts| parts.iter().map(|part| self.frequencies.rarity(part)).fold(f32::MAX, f32::min));
        SYNONYM * rarest.fold(0.0, f32::max)
    }

    fn weight(&self, term: usize, times: f32) -> f32 {
        (1.0 + REPEATED * times.max(1.0).ln()) * self.rarity(term).powf(RARITY)
    }

    fn sorted(&self, words: impl Iterator<Item = (usize, f32)>, emphasis: f32) -> Weights {
        let mut words: Vec<(f32, usize, f32)> = words
            .map(|(term, weight)| (weight * self.rarity(term), term, weight))
            .filter(|word| word.0 > 0.0)
            .collect();
        words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Weights { words: words.into_iter().map(|(_, term, weight)| (term, weight)).collect(), emphasis }
    }

    /// What a text that is nothing but these words would score.
    fn ideal(&self, weights: &Weights) -> f32 {
        weights.words.iter().map(|&(term, weight)| (K1 + 1.0) * weight * self.rarity(term)).sum()
    }

    /// Every text that is scored: words and the parts of what else they may be called, as far as some failure has them.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, f32)> {
        let scored = self.passages.iter().chain(std::iter::once(&self.whole)).flat_map(|weights| &weights.words);
        let terms = scored.map(|(term, _)| &self.reading.terms[*term]);
        let texts = terms.flat_map(|term| std::iter::once(&term.text).chain(term.synonyms.iter().flatten()));
        let known = texts.filter(|text| self.frequencies.get(text) > 0.0);
        known.map(|text| (text.as_str(), self.frequencies.rarity(text)))
    }

    /// What a candidate has of the weighed words.
    fn score(&self, weights: &Weights, table: &Table<'_>, candidate: usize) -> f32 {
        let value = |text: &String| table.worth(text, candidate);
        let met = |&(term, weight): &(usize, f32)| {
            let term = &self.reading.terms[term];
            let synonym = |parts: &Vec<String>| parts.iter().map(value).fold(f32::MAX, f32::min);
            let synonyms = term.synonyms.iter().map(synonym).fold(0.0, f32::max);
            weight * value(&term.text).max(SYNONYM * synonyms)
        };
        weights.words.iter().map(met).sum()
    }

    /// What each candidate scores by its passages, and the share that it has of the one it meets best.
    pub(super) fn by_passages(&self, table: &Table<'_>, candidates: usize) -> Vec<(f32, f32)> {
        let ideals: Vec<f32> = self.passages.iter().map(|passage| self.ideal(passage).max(f32::MIN_POSITIVE)).collect();
        let scores = (0..candidates).map(|candidate| {
            let (mut sum, mut best, mut share) = (0.0, 0.0, 0.0);
            for (passage, ideal) in self.passages.iter().zip(&ideals) {
                let met = self.score(passage, table, candidate);
                let score = passage.emphasis * met * (met / ideal).powf(COVERAGE);
                sum += score.powf(BEST_PASSAGE);
                if score > best {
                    (best, share) = (score, met / ideal);
                }
            }
            (sum.powf(1.0 / BEST_PASSAGE), share)
        });
        scores.collect()
    }

    /// What each candidate scores by the whole, as it is and as a share.
    pub(super) fn by_whole(&self, table: &Table<'_>, candidates: usize) -> Vec<(f32, f32)> {
        let ideal = self.ideal(&self.whole).max(f32::MIN_POSITIVE);
        let scores = (0..candidates).map(|candidate| self.score(&self.whole, table, candidate));
        scores.map(|score| (score, score / ideal)).collect()
    }
}

impl Weights {
    fn empty(emphasis: f32) -> Self {
        Self { words: Vec::new(), emphasis }
    }
}
