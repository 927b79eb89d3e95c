//! The query that ranks: documents in which any of some words stands, scored by how rare each word is and how it stands
//! there. It reads the postings of one field, window by window, so that a word with several names costs no more than
//! their postings, and is counted once however many of its names are met.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::postings::Postings;

/// How soon a word that comes again adds little.
const SATURATION: Score = 1.2;
/// How much a long document weighs against a short one.
const LENGTH: Score = 0.75;

/// Any of the words, in one field.
#[derive(Debug, Clone)]
pub(super) struct AnyOf {
    pub(super) field: TantivyField,
    pub(super) words: Arc<[RankedWord]>,
    /// How many tokens a document has on average.
    pub(super) mean_length: f32,
}

/// A word by the names under which it can be met. The best of those that are met counts.
#[derive(Debug, Clone, Default)]
pub(super) struct RankedWord {
    pub(super) names: Vec<Name>,
}

/// One or several terms, all of which must stand in a document.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) terms: Vec<String>,
    /// The most that meeting it adds to the score: nearly half of it when it stands once in a document of average length.
    pub(super) worth: f32,
}

impl Query for AnyOf {
    fn weight(&self, enable_scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let mut norms = [0.0; 256];
        for (id, norm) in (0..=u8::MAX).zip(&mut norms) {
            let length = FieldNormReader::id_to_fieldnorm(id) as Score;
            *norm = SATURATION * (1.0 - LENGTH + LENGTH * length / self.mean_length.max(1.0));
        }
        let scoring = if enable_scoring.is_scoring_enabled() { Scoring::Of(Arc::new(norms)) } else { Scoring::None };
        Ok(Box::new(AnyOfWeight { field: self.field, words: Arc::clone(&self.words), scoring }))
    }
}

#[derive(Clone)]
enum Scoring {
    /// With how a length of a document weakens what stands in it, by the code of the length.
    Of(Arc<[Score; 256]>),
    None,
}

struct AnyOfWeight {
    field: TantivyField,
    words: Arc<[RankedWord]>,
    scoring: Scoring,
}

impl AnyOfWeight {
    fn windows(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Windows> {
        let inverted = reader.inverted_index(self.field)?;
        let record = match self.scoring {
            Scoring::Of(_) => IndexRecordOption::WithFreqs,
            Scoring::None => IndexRecordOption::Basic,
        };
        let mut words = Vec::with_capacity(self.words.len());
        for word in self.words.iter() {
            let mut names = Vec::with_capacity(word.names.len());
            for name in &word.names {
                let mut terms = Vec::with_capacity(name.terms.len());
                for term in &name.terms {
                    let postings = inverted.read_block_postings(&Term::from_field_text(self.field, term), record)?;
                    terms.extend(postings.map(Postings::new));
                }
                if !terms.is_empty() && terms.len() == name.terms.len() {
                    names.push(NamePostings { terms, worth: name.worth * boost });
                }
            }
            if !names.is_empty() {
                words.push(names);
            }
        }
        let scores = match &self.scoring {
            Scoring::Of(norms) => Some((Arc::clone(norms), reader.get_fieldnorms_reader(self.field)?)),
            Scoring::None => None,
        };
        Ok(Windows::new(words, scores))
    }
}

impl Weight for AnyOfWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = AnyOfScorer { windows: self.windows(reader, boost)?, document: 0, score: 0.0 };
        scorer.advance();
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, document: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > document || scorer.seek(document) != document {
            return Err(tantivy::TantivyError::InvalidArgument(format!("document {document} meets none of the words")));
        }
        Ok(Explanation::new("the sum of what its words are worth", scorer.score()))
    }

    fn for_each(&self, reader: &SegmentReader, callback: &mut dyn FnMut(DocId, Score)) -> tantivy::Result<()> {
        let mut windows = self.windows(reader, 1.0)?;
        while windows.fill_next() {
            while let Some((document, score)) = windows.pop() {
                callback(document, score);
            }
        }
        Ok(())
    }

    fn for_each_no_score(&self, reader: &SegmentReader, callback: &mut dyn FnMut(&[DocId])) -> tantivy::Result<()> {
        let mut windows = self.windows(reader, 1.0)?;
        let mut block = [0; COLLECT_BLOCK_BUFFER_LEN];
        let mut count = 0;
        while windows.fill_next() {
            while let Some((document, _)) = windows.pop() {
                block[count] = document;
                count += 1;
                if count == block.len() {
                    callback(&block);
                    count = 0;
                }
            }
        }
        callback(&block[..count]);
        Ok(())
    }
}

/// How many documents are looked at together.
const WINDOW: usize = 4096;

struct NamePostings {
    terms: Vec<Postings>,
    worth: Score,
}

/// The documents that are next, with their scores.
struct Windows {
    words: Vec<Vec<NamePostings>>,
    scores: Option<(Arc<[Score; 256]>, FieldNormReader)>,
    start: DocId,
    /// The first 64 documents of the window that may hold one that was not handed out.
    bucket: usize,
    present: Box<[u64; WINDOW / 64]>,
    sums: Box<[Score; WINDOW]>,
    /// What the best name of a word that has several adds.
    best: Box<[Score]>,
    /// How many terms of a name of several were met, and the least of what they say.
    together: Box<[(u32, Score)]>,
    touched: Vec<usize>,
}

impl Windows {
    fn new(words: Vec<Vec<NamePostings>>, scores: Option<(Arc<[Score; 256]>, FieldNormReader)>) -> Self {
        let several_names = words.iter().any(|names| needs_best(names));
        let several_terms = words.iter().flatten().any(|name| name.terms.len() > 1);
        Self {
            words,
            scores,
            start: 0,
            bucket: WINDOW / 64,
            present: Box::new([0; WINDOW / 64]),
            sums: Box::new([0.0; WINDOW]),
            best: vec![0.0; if several_names { WINDOW } else { 0 }].into(),
            together: vec![(0, 0.0); if several_terms { WINDOW } else { 0 }].into(),
            touched: Vec::new(),
        }
    }

    /// Reads the next window that holds something; false at the end.
    fn fill_next(&mut self) -> bool {
        let postings = self.words.iter().flatten().flat_map(|name| &name.terms);
        let Some(start) = postings.map(Postings::document).min().filter(|&start| start != TERMINATED) else {
            return false;
        };
        self.start = start;
        self.bucket = 0;
        let end = start + WINDOW as DocId;
        for place in 0..self.words.len() {
            if needs_best(&self.words[place]) {
                self.add_best(place, end);
            } else {
                self.add(place, end);
            }
        }
        true
    }

    /// A word with one name of one term, which is nearly every word: straight into the sums.
    fn add(&mut self, place: usize, end: DocId) {
        let Self { words, scores, start, present, sums, .. } = self;
        let [NamePostings { terms, worth }] = words[place].as_mut_slice() else { return };
        let [postings] = terms.as_mut_slice() else { return };
        let worth = *worth;
        let mut stands = |document: DocId| {
            let at = (document - *start) as usize;
            present[at / 64] |= 1 << (at % 64);
            at
        };
        match scores {
            Some((norms, lengths)) => postings.each_before(end, |document, often| {
                let at = stands(document);
                sums[at] += worth * saturated(norms, lengths, document, often);
            }),
            None => postings.each_before(end, |document, _| {
                stands(document);
            }),
        }
    }

    fn add_best(&mut self, place: usize, end: DocId) {
        let Self { words, scores, start, present, sums, best, together, touched, .. } = self;
        touched.clear();
        let mut meet = |at: usize, score: Score| {
            if best[at] == 0.0 {
                touched.push(at);
            }
            best[at] = best[at].max(score);
        };
        let said = |document: DocId, often: u32| {
            scores.as_ref().map_or(1.0, |(norms, lengths)| saturated(norms, lengths, document, often))
        };
        for NamePostings { terms, worth } in &mut words[place] {
            let last = terms.len() - 1;
            if last == 0 {
                terms[0].each_before(end, |document, often| {
                    meet((document - *start) as usize, *worth * said(document, often));
                });
                continue;
            }
            for (turn, postings) in terms.iter_mut().enumerate() {
                postings.each_before(end, |document, often| {
                    let at = (document - *start) as usize;
                    let (met, least) = &mut together[at];
                    if *met as usize == turn {
                        let here = said(document, often);
                        *met += 1;
                        *least = if turn == 0 { here } else { least.min(here) };
                        if turn == last {
                            meet(at, *worth * *least);
                        }
                    }
                });
            }
            together.fill((0, 0.0));
        }
        for &at in touched.iter() {
            present[at / 64] |= 1 << (at % 64);
            sums[at] += std::mem::take(&mut best[at]);
        }
    }

    /// The next document of the window.
    #[inline]
    fn pop(&mut self) -> Option<(DocId, Score)> {
        while let Some(bits) = self.present.get_mut(self.bucket) {
            if *bits != 0 {
                let at = self.bucket * 64 + bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                return Some((self.start + at as DocId, std::mem::take(&mut self.sums[at])));
            }
            self.bucket += 1;
        }
        None
    }

    /// Passes over what comes before `target`.
    fn skip_to(&mut self, target: DocId) {
        let within = target.saturating_sub(self.start) as usize;
        while let Some(bits) = self.present.get_mut(self.bucket) {
            let from = self.bucket * 64;
            if from >= within {
                return;
            }
            let passed = if within - from >= 64 { u64::MAX } else { (1 << (within - from)) - 1 };
            let mut dropped = *bits & passed;
            *bits &= !passed;
            while dropped != 0 {
                self.sums[from + dropped.trailing_zeros() as usize] = 0.0;
                dropped &= dropped - 1;
            }
            if within - from < 64 {
                return;
            }
            self.bucket += 1;
        }
        for postings in self.words.iter_mut().flatten().flat_map(|name| &mut name.terms) {
            postings.seek(target);
        }
    }
}

fn needs_best(names: &[NamePostings]) -> bool {
    names.len() != 1 || names[0].terms.len() != 1
}

#[inline]
fn saturated(norms: &[Score; 256], lengths: &FieldNormReader, document: DocId, often: u32) -> Score {
    let often = often as Score;
    often / (often + norms[usize::from(lengths.fieldnorm_id(document))])
}

/// The documents one by one, for searches that have more to ask than words.
struct AnyOfScorer {
    windows: Windows,
    document: DocId,
    score: Score,
}

impl DocSet for AnyOfScorer {
    fn advance(&mut self) -> DocId {
        loop {
            if let Some((document, score)) = self.windows.pop() {
                (self.document, self.score) = (document, score);
                return document;
            }
            if !self.windows.fill_next() {
                self.document = TERMINATED;
                return TERMINATED;
            }
        }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.document >= target {
            return self.document;
        }
        self.windows.skip_to(target);
        self.advance()
    }

    fn doc(&self) -> DocId {
        self.document
    }

    fn size_hint(&self) -> u32 {
        let postings = self.windows.words.iter().flatten().flat_map(|name| &name.terms);
        postings.map(|postings| postings.frequency()).fold(0, u32::saturating_add)
    }
}

impl Scorer for AnyOfScorer {
    fn score(&mut self) -> Score {
        self.score
    }
}
