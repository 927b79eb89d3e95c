//! What each word is worth in each candidate.

use std::collections::HashMap;
use std::ops::Range;

use tantivy::postings::Postings;
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{DocAddress, DocSet, InvertedIndexReader, Searcher, SegmentReader, Term};

use super::{B, K1};
use crate::domain::matching::Field;
use crate::search::error::{Doing, SearchError};
use crate::search::lexicon::Lexicon;
use crate::search::schema::{Fields, TITLE_LENGTH};

/// What being in the title adds.
const TITLE: f32 = 0.8;

/// BM25 over all fields and, a little less, over the title: for each text a row, with a value for each candidate.
pub(super) struct Table<'t> {
    rows: HashMap<&'t str, Row>,
}

struct Row {
    rarity: f32,
    values: Vec<f32>,
}

impl<'t> Table<'t> {
    /// Of texts with their rarity. The candidates are in the order of the index.
    pub(super) fn of(
        searcher: &Searcher,
        fields: &Fields,
        texts: impl Iterator<Item = (&'t str, f32)>,
        candidates: &[DocAddress],
    ) -> Result<Self, SearchError> {
        let empty = |rarity| Row { rarity, values: vec![0.0; candidates.len()] };
        let mut table = Self { rows: texts.map(|(text, rarity)| (text, empty(rarity))).collect() };
        let in_all = |text: &str| Term::from_field_text(fields.all, text);
        let lengths = lengths(searcher, fields, candidates)?;
        table.add(searcher, (fields.all, &in_all), candidates, &lengths, 1.0)?;
        let in_title = |text: &str| fields.word(Field::Title, text);
        let lengths = title_lengths(searcher, candidates)?;
        table.add(searcher, (fields.texts, &in_title), candidates, &lengths, TITLE)?;
        Ok(table)
    }

    /// What a text is worth in a candidate.
    pub(super) fn worth(&self, text: &str, candidate: usize) -> f32 {
        self.rows.get(text).map_or(0.0, |row| row.values[candidate])
    }

    /// Adds what the texts are worth in one field, where each is the term that is made of it. `lengths` are those of the
    /// candidates beside the usual one.
    fn add(
        &mut self,
        searcher: &Searcher,
        (field, term): (TantivyField, &dyn Fn(&str) -> Term),
        candidates: &[DocAddress],
        lengths: &[f32],
        share: f32,
    ) -> Result<(), SearchError> {
        for (reader, range) in by_segment(searcher, candidates) {
            let inverted = reader.inverted_index(field).doing("search")?;
            for (text, row) in &mut self.rows {
                each_met(&inverted, &term(text), &candidates[range.clone()], |place, times| {
                    let place = range.start + place;
                    row.values[place] += share * saturated(times, lengths[place]) * row.rarity;
                })?;
            }
        }
        Ok(())
    }
}

/// How long candidates are beside the average of all failures.
fn lengths(searcher: &Searcher, fields: &Fields, candidates: &[DocAddress]) -> Result<Vec<f32>, SearchError> {
    let average = Lexicon::new(searcher, fields.all).mean_length()?.max(1.0);
    let mut lengths = vec![0.0; candidates.len()];
    for (reader, range) in by_segment(searcher, candidates) {
        let norms = reader.get_fieldnorms_reader(fields.all).doing("search")?;
        for place in range {
            lengths[place] = norms.fieldnorm(candidates[place].doc_id) as f32 / average;
        }
    }
    Ok(lengths)
}

/// How long the titles of candidates are beside each other.
fn title_lengths(searcher: &Searcher, candidates: &[DocAddress]) -> Result<Vec<f32>, SearchError> {
    let mut lengths = vec![0.0; candidates.len()];
    for (reader, range) in by_segment(searcher, candidates) {
        let column = reader.fast_fields().u64(TITLE_LENGTH).doing("search")?;
        for place in range {
            lengths[place] = column.first(candidates[place].doc_id).unwrap_or_default() as f32;
        }
    }
    let average = (lengths.iter().sum::<f32>() / lengths.len().max(1) as f32).max(1.0);
    lengths.iter_mut().for_each(|length| *length /= average);
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

/// Hands on the candidates of one segment that have a term: their places, and how often.
fn each_met(
    inverted: &InvertedIndexReader,
    term: &Term,
    candidates: &[DocAddress],
    mut take: impl FnMut(usize, f32),
) -> Result<(), SearchError> {
    let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::WithFreqs).doing("search")? else {
        return Ok(());
    };
    for (place, address) in candidates.iter().enumerate() {
        if postings.doc() <= address.doc_id && postings.seek(address.doc_id) == address.doc_id {
            take(place, postings.term_freq() as f32);
        }
    }
    Ok(())
}
