//! Counting what results could be narrowed to. The counts of a facet ignore its own filter, so that another value
//! can be added to those chosen.

use std::sync::{Arc, Mutex};

use tantivy::Searcher;

use super::compile::Compiled;
use super::error::{Doing, SearchError};
use super::generation::lock;
use super::request::Filters;
use super::schema::Fields;
use super::tally::{Numbering, Tallied, Tally};
use crate::domain::{Category, FailureKind, Severity};

/// The most values of a facet that are given.
const MOST_VALUES: usize = 50;

/// The facets of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Most frequent first, as are technologies and organizations.
    pub category: Vec<FacetCount>,
    /// By tag.
    pub technology: Vec<FacetCount>,
    /// Worst first.
    pub severity: Vec<FacetCount>,
    /// By name.
    pub organization: Vec<FacetCount>,
    /// Newest first.
    pub year: Vec<FacetCount>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// As a filter takes it.
    pub value: String,
    /// As people read it.
    pub label: String,
    /// How many results have it.
    pub count: u64,
}

/// A facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Facet {
    Category,
    Technology,
    Severity,
    Organization,
    Year,
}

impl Facet {
    pub(super) const ALL: [Self; 5] =
        [Self::Category, Self::Technology, Self::Severity, Self::Organization, Self::Year];

    /// The name of its column.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Technology => "technology",
            Self::Severity => "severity",
            Self::Organization => "organization",
            Self::Year => "year",
        }
    }

    fn is_filtered(self, filters: &Filters) -> bool {
        match self {
            Self::Category => !filters.category.is_empty(),
            Self::Technology => !filters.technology.is_empty(),
            Self::Severity => !filters.severity.is_empty(),
            Self::Organization => !filters.organization.is_empty(),
            Self::Year => !filters.year.is_empty(),
        }
    }
}

/// What is kept of the facets of an index: the numbers of their values, and the counts over everything, which change
/// only with the index.
#[derive(Default)]
pub(super) struct KeptFacets {
    pub(super) numbering: Numbering,
    whole: Mutex<Vec<Whole>>,
}

/// The counts over all records of a kind, or of both.
#[derive(Clone)]
struct Whole {
    searcher: u64,
    kind: Option<FailureKind>,
    total: u64,
    facets: Arc<Facets>,
}

impl KeptFacets {
    /// The counts over all records of a kind, counted once for each state of the index.
    pub(super) fn whole(
        &self,
        searcher: &Searcher,
        kind: Option<FailureKind>,
        count: impl FnOnce() -> Result<(u64, Facets), SearchError>,
    ) -> Result<(u64, Facets), SearchError> {
        let now = searcher.generation().generation_id();
        let known = lock(&self.whole).iter().find(|whole| whole.searcher == now && whole.kind == kind).cloned();
        if let Some(known) = known {
            return Ok((known.total, Facets::clone(&known.facets)));
        }
        let (total, facets) = count()?;
        let mut whole = lock(&self.whole);
        whole.retain(|known| known.searcher >= now && (known.searcher, known.kind) != (now, kind));
        whole.push(Whole { searcher: now, kind, total, facets: Arc::new(facets.clone()) });
        self.numbering.keep(searcher.segment_readers());
        Ok((total, facets))
    }
}

/// Those that no filter of their own narrows: they are counted while results are ranked.
pub(super) fn free(filters: &Filters) -> Vec<Facet> {
    Facet::ALL.into_iter().filter(|facet| !facet.is_filtered(filters)).collect()
}

/// Puts what was counted into words, and counts the facets that have a filter of their own, each without it.
pub(super) fn complete(
    searcher: &Searcher,
    fields: &Fields,
    kept: &KeptFacets,
    compiled: &Compiled,
    filters: &Filters,
    counted: &Tallied,
) -> Result<Facets, SearchError> {
    let mut facets = Facets::default();
    facets.take(&kept.numbering, counted);
    for facet in Facet::ALL.into_iter().filter(|facet| facet.is_filtered(filters)) {
        let query = compiled.with_filters(fields, filters, Some(facet));
        let tally = Tally { numbering: &kept.numbering, facets: vec![facet] };
        facets.take(&kept.numbering, &searcher.search(query.as_ref(), &tally).doing("count in")?);
    }
    Ok(facets)
}

impl Facets {
    fn take(&mut self, numbering: &Numbering, tallied: &Tallied) {
        for (facet, counted) in &tallied.facets {
            let values = |label: fn(&str) -> String| most_frequent(numbering, *facet, counted, label);
            match facet {
                Facet::Category => {
                    self.category = values(|value| label_of(value, Category::parse(value), Category::label));
                }
                Facet::Technology => self.technology = values(str::to_owned),
                Facet::Organization => self.organization = values(str::to_owned),
                Facet::Severity => {
                    self.severity = values(|value| label_of(value, Severity::parse(value), Severity::label));
                    self.severity.sort_by(|a, b| a.value.cmp(&b.value));
                }
                Facet::Year => {
                    self.year = values(str::to_owned);
                    self.year.sort_by(|a, b| b.value.cmp(&a.value));
                }
            }
        }
    }
}

/// The values that most documents have; those that as many have by their labels.
fn most_frequent(
    numbering: &Numbering,
    facet: Facet,
    counted: &[(u32, u64)],
    label: fn(&str) -> String,
) -> Vec<FacetCount> {
    let mut counted = counted.to_vec();
    if counted.len() > MOST_VALUES {
        let (_, &mut (_, least), _) = counted.select_nth_unstable_by(MOST_VALUES - 1, |(_, a), (_, b)| b.cmp(a));
        counted.retain(|(_, count)| *count >= least);
    }
    let values = numbering.values(facet, &counted).into_iter();
    let mut counts: Vec<FacetCount> =
        values.map(|(value, count)| FacetCount { label: label(&value), value: value.to_string(), count }).collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    counts.truncate(MOST_VALUES);
    counts
}

fn label_of<T, E>(value: &str, parsed: Result<T, E>, label: impl Fn(T) -> &'static str) -> String {
    parsed.map_or_else(|_| value.to_owned(), |known| label(known).to_owned())
}
