//! Ranks failures for evidence. Every passage is scored by itself, since one line of a log usually tells it and the rest
//! would drown it, and once more the evidence as a whole, each word once. What was tried against it is in
//! `docs/ranking.md`.

mod candidates;
mod frequencies;
mod table;
mod weighing;

use tantivy::{DocAddress, Searcher};

pub(super) use self::frequencies::Frequencies;
use self::table::Table;
use self::weighing::Weighed;
use super::error::SearchError;
use super::evidence::Reading;
use super::schema::Fields;

/// What a synonym is of the word itself.
const SYNONYM: f32 = 0.2;
/// The saturation of a word that comes often, and how much long texts are held against it.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// The share of the evidence as a whole, beside that of its passages.
const WHOLE: f32 = 0.6;

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
    let table = Table::of(searcher, fields, weighed.texts(), &candidates)?;
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
