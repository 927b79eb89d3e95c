//! Counts the values of facets over what a search meets, in the same pass that ranks it: dense counts by the ordinals of
//! the columns, which are put into words only for the few values that are given.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, ColumnIndex, ColumnValues};
use tantivy::index::SegmentId;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::facets::Facet;
use super::generation::lock;

/// How many documents are counted together.
const BLOCK: usize = 256;
/// Years are of four digits; a column that spans more is not counted beyond.
const MOST_YEARS: u64 = 10_000;

/// The values that the facets of an index have had, each with a number that stays, so that the counts of segments add
/// up without a look at the words. Segments never change, so each is read once.
#[derive(Default)]
pub(super) struct Numbering {
    facets: Mutex<HashMap<Facet, Numbers>>,
}

#[derive(Default)]
struct Numbers {
    values: Vec<Arc<str>>,
    by_value: HashMap<Arc<str>, u32>,
    /// The number of each ordinal of a segment.
    segments: HashMap<SegmentId, Arc<[u32]>>,
}

impl Numbers {
    fn number(&mut self, value: &str) -> u32 {
        if let Some(&known) = self.by_value.get(value) {
            return known;
        }
        let (number, value) = (self.values.len() as u32, Arc::from(value));
        self.by_value.insert(Arc::clone(&value), number);
        self.values.push(value);
        number
    }
}

impl Numbering {
    /// The values behind numbers.
    pub(super) fn values(&self, facet: Facet, counted: &[(u32, u64)]) -> Vec<(Arc<str>, u64)> {
        let facets = lock(&self.facets);
        let Some(numbers) = facets.get(&facet) else { return Vec::new() };
        counted
            .iter()
            .filter_map(|&(number, count)| Some((Arc::clone(numbers.values.get(number as usize)?), count)))
            .collect()
    }

    /// Forgets segments that are no longer there.
    pub(super) fn keep(&self, present: &[SegmentReader]) {
        for numbers in lock(&self.facets).values_mut() {
            numbers.segments.retain(|known, _| present.iter().any(|reader| reader.segment_id() == *known));
        }
    }

    /// A column of a segment, its values counted from 0, and the number of each; none if no document has a value.
    fn open(&self, facet: Facet, reader: &SegmentReader) -> tantivy::Result<Option<Counted>> {
        let columns = reader.fast_fields();
        let known = lock(&self.facets).entry(facet).or_default().segments.get(&reader.segment_id()).cloned();
        let (column, base, numbers) = if facet == Facet::Year {
            let Some(column) = columns.column_opt::<i64>(facet.column())? else { return Ok(None) };
            let column = column.to_u64_monotonic();
            let (first, last) = (column.min_value(), column.max_value());
            let numbers = known.unwrap_or_else(|| {
                let years = (first..=last).take(MOST_YEARS as usize).map(|year| tantivy::u64_to_i64(year).to_string());
                self.number_all(facet, reader, years)
            });
            (column, first, numbers)
        } else {
            let Some(column) = columns.str(facet.column())? else { return Ok(None) };
            let (dictionary, ordinals) = column.into_parts();
            let numbers = match known {
                Some(numbers) => numbers,
                None => {
                    let mut values = Vec::with_capacity(dictionary.num_terms());
                    let mut stream = dictionary.stream()?;
                    while stream.advance() {
                        values.push(String::from_utf8_lossy(stream.key()).into_owned());
                    }
                    self.number_all(facet, reader, values.into_iter())
                }
            };
            (ordinals, 0, numbers)
        };
        Ok(Some(Counted { facet, column, base, counts: vec![0; numbers.len()], numbers }))
    }

    fn number_all(&self, facet: Facet, reader: &SegmentReader, values: impl Iterator<Item = String>) -> Arc<[u32]> {
        let mut facets = lock(&self.facets);
        let numbers = facets.entry(facet).or_default();
        let all: Arc<[u32]> = values.map(|value| numbers.number(&value)).collect();
        numbers.segments.insert(reader.segment_id(), Arc::clone(&all));
        all
    }
}

/// Counts facets, and how many documents there are in all.
pub(super) struct Tally<'a> {
    pub(super) numbering: &'a Numbering,
    pub(super) facets: Vec<Facet>,
}

/// What was counted: numbers of values with how many documents have each, by facet.
#[derive(Debug, Default)]
pub(super) struct Tallied {
    pub(super) total: u64,
    pub(super) facets: Vec<(Facet, Vec<(u32, u64)>)>,
}

/// A column with the counts of its values.
struct Counted {
    facet: Facet,
    column: Column<u64>,
    base: u64,
    counts: Vec<u32>,
    numbers: Arc<[u32]>,
}

impl Counted {
    fn count(&mut self, block: &[DocId], scratch: &mut Scratch) {
        let rows = if matches!(self.column.index, ColumnIndex::Full) {
            block
        } else {
            scratch.documents.clear();
            scratch.rows.clear();
            self.column.row_ids_for_docs(block, &mut scratch.documents, &mut scratch.rows);
            &scratch.rows
        };
        scratch.values.resize(rows.len(), 0);
        self.column.values.get_vals(rows, &mut scratch.values);
        for value in &scratch.values {
            if let Some(count) = self.counts.get_mut((value - self.base) as usize) {
                *count += 1;
            }
        }
    }
}

#[derive(Default)]
struct Scratch {
    documents: Vec<DocId>,
    rows: Vec<u32>,
    values: Vec<u64>,
}

pub(super) struct SegmentTally {
    total: u64,
    block: Vec<DocId>,
    counted: Vec<Counted>,
    scratch: Scratch,
}

impl SegmentTally {
    fn count_block(&mut self) {
        self.total += self.block.len() as u64;
        for counted in &mut self.counted {
            counted.count(&self.block, &mut self.scratch);
        }
        self.block.clear();
    }
}

pub(super) struct SegmentCounts {
    total: u64,
    facets: Vec<(Facet, Arc<[u32]>, Vec<u32>)>,
}

impl SegmentCollector for SegmentTally {
    type Fruit = SegmentCounts;

    fn collect(&mut self, document: DocId, _score: Score) {
        self.block.push(document);
        if self.block.len() == BLOCK {
            self.count_block();
        }
    }

    fn harvest(mut self) -> SegmentCounts {
        self.count_block();
        let facets = self.counted.into_iter().map(|counted| (counted.facet, counted.numbers, counted.counts));
        SegmentCounts { total: self.total, facets: facets.collect() }
    }
}

impl Collector for Tally<'_> {
    type Fruit = Tallied;
    type Child = SegmentTally;

    fn for_segment(&self, _segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentTally> {
        let mut counted = Vec::with_capacity(self.facets.len());
        for &facet in &self.facets {
            counted.extend(self.numbering.open(facet, reader)?);
        }
        Ok(SegmentTally { total: 0, block: Vec::with_capacity(BLOCK), counted, scratch: Scratch::default() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<SegmentCounts>) -> tantivy::Result<Tallied> {
        let total = segments.iter().map(|segment| segment.total).sum();
        let add_up = |facet: Facet| {
            let mut sums: Vec<u64> = Vec::new();
            let of_facet = segments.iter().flat_map(|segment| &segment.facets).filter(|(of, ..)| *of == facet);
            for (_, numbers, counts) in of_facet {
                for (&number, &count) in numbers.iter().zip(counts).filter(|&(_, &count)| count > 0) {
                    let number = number as usize;
                    if sums.len() <= number {
                        sums.resize(number + 1, 0);
                    }
                    sums[number] += u64::from(count);
                }
            }
            let counted = sums.into_iter().zip(0..).filter(|&(count, _)| count > 0);
            (facet, counted.map(|(count, number)| (number, count)).collect())
        };
        Ok(Tallied { total, facets: self.facets.iter().map(|&facet| add_up(facet)).collect() })
    }
}
