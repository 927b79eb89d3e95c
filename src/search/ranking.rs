//! Ranks failures for evidence. Every passage is scored by itself, since one line of a log usually tells it and the rest
//! would drown it, and once more the evidence as a whole, each word once. What was tried against it is in
//! `docs/ranking.md`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tantivy::collector::{Count, TopDocs};
use tantivy::postings::Postings;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{DocAddress, DocSet, InvertedIndexReader, Searcher, SegmentReader, Term};

use super::compile::term_query;
use super::error::{Doing, SearchError};
use super::evidence::{Reading, Scope, Window};
use super::schema::{Fields, TITLE_LENGTH};
use crate::domain::matching::Field;

/// How many passages are scored, the most telling first.
const MOST_PASSAGES: usize = 48;
/// How many words of the evidence as a whole are scored, the most telling first.
const MOST_WORDS: usize = 200;
/// How many passages look for candidates of their own, and by how many words.
const ASKING_PASSAGES: usize = 12;
const ASKING_WORDS: usize = 16;
/// By how many words the evidence as a whole looks for candidates.
const ASKING_WORDS_OF_WHOLE: usize = 40;
/// How many candidates the whole finds, and each passage.
const FOUND_BY_WHOLE: usize = 100;
const FOUND_BY_PASSAGE: usize = 20;
/// In a large library, words that more failures than this share have find nothing that rarer words do not.
const FREQUENT: f32 = 0.05;
const LARGE_LIBRARY: f32 = 2_000.0;
const ENOUGH_RARE_WORDS: usize = 4;

/// The saturation of a word that comes often, and how much long texts are held against it.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Rare words count a little more than BM25 lets them.
const RARITY: f32 = 0.2;
/// How much a word counts more when a passage repeats it, by the logarithm of how often.
const REPEATED: f32 = 0.5;
/// A word that many passages of the evidence have tells less about each: its weight falls with their number to this power.
const SPREAD: f32 = 0.35;
/// What being in the title adds.
const TITLE: f32 = 0.8;
/// What a synonym is of the word itself.
const SYNONYM: f32 = 0.2;
/// How much a passage gains by being met whole rather than in part.
const COVERAGE: f32 = 0.6;
/// How far the best passage outweighs many middling ones.
const BEST_PASSAGE: f32 = 3.0;
/// The share of the evidence as a whole, beside that of its passages.
const WHOLE: f32 = 0.6;

/// In how many failures each text of some evidence (a word or a part of a synonym) stands, in any field.
pub(super) struct Frequencies<'r> {
    known: HashMap<&'r str, f32>,
    /// How many failures there are.
    pub(super) documents: f32,
}

impl<'r> Frequencies<'r> {
    /// Counts every text of the evidence.
    pub(super) fn of(searcher: &Searcher, fields: &Fields, reading: &'r Reading) -> Result<Self, SearchError> {
        let mut known = HashMap::new();
        for term in &reading.terms {
            for text in std::iter::once(&term.text).chain(term.synonyms.iter().flatten()) {
                if !known.contains_key(text.as_str()) {
                    let count = searcher.doc_freq(&Term::from_field_text(fields.all, text)).doing("search")?;
                    known.insert(text.as_str(), count as f32);
                }
            }
        }
        Ok(Self { known, documents: searcher.num_docs() as f32 })
    }

    /// In how many failures a text stands.
    pub(super) fn get(&self, text: &str) -> f32 {
        self.known.get(text).copied().unwrap_or(0.0)
    }

    fn rarity(&self, text: &str) -> f32 {
        let frequency = self.get(text);
        (1.0 + (self.documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln()
    }
}

/// The evidence as it is scored: passages and the whole, each as weighed words.
struct Weighed<'r> {
    reading: &'r Reading,
    frequencies: &'r Frequencies<'r>,
    passages: Vec<Weights>,
    whole: Weights,
}

/// Words (by their places in the reading) with their weights, the most telling first.
struct Weights {
    words: Vec<(usize, f32)>,
    emphasis: f32,
}

/// A candidate as it ranks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) address: DocAddress,
    /// From 0 to 1 among the candidates of one evidence: 1 is the most that anything reaches.
    pub(super) score: f32,
    /// What it has of the passage that it meets best, as a share of a text that is nothing but that passage.
    pub(super) passage: f32,
    /// The same of the evidence as a whole.
    pub(super) whole: f32,
}

/// The best candidates, best first, at most `limit`.
pub(super) fn rank(
    searcher: &Searcher,
    fields: &Fields,
    reading: &Reading,
    frequencies: &Frequencies<'_>,
    limit: usize,
) -> Result<Vec<Candidate>, SearchError> {
    let weighed = Weighed::of(reading, frequencies);
    let candidates = weighed.candidates(searcher, fields)?;
    let table = weighed.table(searcher, fields, &candidates)?;
    let by_passages = weighed.by_passages(&table, candidates.len());
    let by_whole = weighed.by_whole(&table, candidates.len());
    let best = |scores: &[(f32, f32)]| scores.iter().map(|(score, _)| *score).fold(f32::MIN_POSITIVE, f32::max);
    let (best_passages, best_whole) = (best(&by_passages), best(&by_whole));
    let scored = candidates.into_iter().zip(by_passages.into_iter().zip(by_whole));
    let fused = scored.map(|(address, ((by_passages, passage), (by_whole, whole)))| {
        let score = (1.0 - WHOLE) * by_passages / best_passages + WHOLE * by_whole / best_whole;
        Candidate { address, score, passage, whole }
    });
    let mut ranked: Vec<Candidate> = fused.collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.address.cmp(&b.address)));
    ranked.truncate(limit);
    Ok(ranked)
}

impl<'r> Weighed<'r> {
    fn of(reading: &'r Reading, frequencies: &'r Frequencies<'r>) -> Self {
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

    /// Where some of the words stand, most promising first.
    fn candidates(&self, searcher: &Searcher, fields: &Fields) -> Result<Vec<DocAddress>, SearchError> {
        let mut found: HashSet<DocAddress> = HashSet::new();
        let passages =
            self.passages.iter().take(ASKING_PASSAGES).map(|weights| (weights, ASKING_WORDS, FOUND_BY_PASSAGE));
        // One passage is the whole.
        let passages = passages.skip(usize::from(self.passages.len() < 2));
        for (weights, words, limit) in
            std::iter::once((&self.whole, ASKING_WORDS_OF_WHOLE, FOUND_BY_WHOLE)).chain(passages)
        {
            let query = self.query(fields, weights, words);
            // With a count beside it the collector scores every match: faster than skipping, from a few words on.
            let (top, _) =
                searcher.search(&query, &(TopDocs::with_limit(limit).order_by_score(), Count)).doing("search")?;
            found.extend(top.into_iter().map(|(_, address)| address));
        }
        let mut found: Vec<DocAddress> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found)
    }

    fn query(&self, fields: &Fields, weights: &Weights, most: usize) -> BooleanQuery {
        let is_rare = |text: &str| {
            let frequency = self.frequencies.get(text);
            frequency > 0.0
                && (self.frequencies.documents < LARGE_LIBRARY || frequency < FREQUENT * self.frequencies.documents)
        };
        let text_of = |term: usize| self.reading.terms[term].text.as_str();
        let rare = weights.words.iter().filter(|(term, _)| is_rare(text_of(*term))).take(ENOUGH_RARE_WORDS).count();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut ask = |text: &str, weight: f32| {
            if self.frequencies.get(text) > 0.0 && (rare < ENOUGH_RARE_WORDS || is_rare(text)) {
                clauses.push((Occur::Should, Box::new(BoostQuery::new(term_query(fields.all, text), weight))));
            }
        };
        for &(term, weight) in weights.words.iter().take(most) {
            ask(text_of(term), weight);
            let synonyms = &self.reading.terms[term].synonyms;
            synonyms.iter().flatten().for_each(|part| ask(part, SYNONYM * weight));
        }
        BooleanQuery::new(clauses)
    }

    /// What each text is worth in each candidate: BM25 over all fields and, a little less, over the title.
    fn table(
        &self,
        searcher: &Searcher,
        fields: &Fields,
        candidates: &[DocAddress],
    ) -> Result<HashMap<&str, Vec<f32>>, SearchError> {
        let scored = self.passages.iter().chain(std::iter::once(&self.whole)).flat_map(|weights| &weights.words);
        let terms = scored.map(|(term, _)| &self.reading.terms[*term]);
        let texts = terms.flat_map(|term| std::iter::once(&term.text).chain(term.synonyms.iter().flatten()));
        let mut table: HashMap<&str, Vec<f32>> =
            texts.filter(|text| self.frequencies.get(text) > 0.0).map(|text| (text.as_str(), Vec::new())).collect();
        for values in table.values_mut() {
            values.resize(candidates.len(), 0.0);
        }
        self.add_all(searcher, fields, candidates, &mut table)?;
        self.add_titles(searcher, fields, candidates, &mut table)?;
        Ok(table)
    }

    fn add_all(
        &self,
        searcher: &Searcher,
        fields: &Fields,
        candidates: &[DocAddress],
        table: &mut HashMap<&str, Vec<f32>>,
    ) -> Result<(), SearchError> {
        let average = average_length(searcher, fields.all)?;
        for (reader, range) in by_segment(searcher, candidates) {
            let inverted = reader.inverted_index(fields.all).doing("search")?;
            let lengths = reader.get_fieldnorms_reader(fields.all).doing("search")?;
            for (text, values) in table.iter_mut() {
                let (term, rarity) = (Term::from_field_text(fields.all, text), self.frequencies.rarity(text));
                each_met(&inverted, &term, &candidates[range.clone()], |place, document, times| {
                    let length = lengths.fieldnorm(document) as f32 / average;
                    values[range.start + place] += saturated(times, length) * rarity;
                })?;
            }
        }
        Ok(())
    }

    /// What a title is worth falls with its length beside the titles of the other candidates.
    fn add_titles(
        &self,
        searcher: &Searcher,
        fields: &Fields,
        candidates: &[DocAddress],
        table: &mut HashMap<&str, Vec<f32>>,
    ) -> Result<(), SearchError> {
        let lengths = title_lengths(searcher, candidates)?;
        let average = (lengths.iter().sum::<f32>() / lengths.len().max(1) as f32).max(1.0);
        for (reader, range) in by_segment(searcher, candidates) {
            let inverted = reader.inverted_index(fields.texts).doing("search")?;
            for (text, values) in table.iter_mut() {
                let (term, rarity) = (fields.word(Field::Title, text), self.frequencies.rarity(text));
                each_met(&inverted, &term, &candidates[range.clone()], |place, _, times| {
                    let place = range.start + place;
                    values[place] += TITLE * saturated(times, lengths[place] / average) * rarity;
                })?;
            }
        }
        Ok(())
    }

    /// What a candidate has of the weighed words.
    fn score(&self, weights: &Weights, table: &HashMap<&str, Vec<f32>>, candidate: usize) -> f32 {
        let value = |text: &String| table.get(text.as_str()).map_or(0.0, |values| values[candidate]);
        let met = |&(term, weight): &(usize, f32)| {
            let term = &self.reading.terms[term];
            let synonym = |parts: &Vec<String>| parts.iter().map(value).fold(f32::MAX, f32::min);
            let synonyms = term.synonyms.iter().map(synonym).fold(0.0, f32::max);
            weight * value(&term.text).max(SYNONYM * synonyms)
        };
        weights.words.iter().map(met).sum()
    }

    /// What each candidate scores by its passages, and the share that it has of the one it meets best.
    fn by_passages(&self, table: &HashMap<&str, Vec<f32>>, candidates: usize) -> Vec<(f32, f32)> {
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
    fn by_whole(&self, table: &HashMap<&str, Vec<f32>>, candidates: usize) -> Vec<(f32, f32)> {
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

/// How many words the titles of candidates have.
fn title_lengths(searcher: &Searcher, candidates: &[DocAddress]) -> Result<Vec<f32>, SearchError> {
    let mut lengths = vec![0.0; candidates.len()];
    for (reader, range) in by_segment(searcher, candidates) {
        let column = reader.fast_fields().u64(TITLE_LENGTH).doing("search")?;
        for place in range {
            lengths[place] = column.first(candidates[place].doc_id).unwrap_or_default() as f32;
        }
    }
    Ok(lengths)
}

/// What a word is worth that comes so often in a text of so many times the usual length, before its rarity.
fn saturated(times: f32, length: f32) -> f32 {
    times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length))
}

/// The segments that some candidates are in, each with the range of those.
fn by_segment<'s>(
    searcher: &'s Searcher,
    candidates: &[DocAddress],
) -> impl Iterator<Item = (&'s SegmentReader, Range<usize>)> {
    let starts = |ordinal: usize| candidates.partition_point(|address| (address.segment_ord as usize) < ordinal);
    let ranges: Vec<Range<usize>> =
        (0..searcher.segment_readers().len()).map(|ordinal| starts(ordinal)..starts(ordinal + 1)).collect();
    searcher.segment_readers().iter().zip(ranges).filter(|(_, range)| !range.is_empty())
}

/// Hands on the candidates of one segment that have a term: their places, their documents, and how often.
fn each_met(
    inverted: &InvertedIndexReader,
    term: &Term,
    candidates: &[DocAddress],
    mut take: impl FnMut(usize, u32, f32),
) -> Result<(), SearchError> {
    let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::WithFreqs).doing("search")? else {
        return Ok(());
    };
    for (place, address) in candidates.iter().enumerate() {
        if postings.doc() <= address.doc_id && postings.seek(address.doc_id) == address.doc_id {
            take(place, address.doc_id, postings.term_freq() as f32);
        }
    }
    Ok(())
}

/// How many words the field of a failure has, on average.
fn average_length(searcher: &Searcher, field: TantivyField) -> Result<f32, SearchError> {
    let (mut words, mut documents) = (0, 0);
    for reader in searcher.segment_readers() {
        words += reader.inverted_index(field).doing("search")?.total_num_tokens();
        documents += u64::from(reader.max_doc());
    }
    Ok((words as f32 / documents.max(1) as f32).max(1.0))
}
