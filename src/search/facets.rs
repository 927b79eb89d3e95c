//! Counting what results could be narrowed to. The counts of a facet ignore its own filter, so that another value
//! can be added to those chosen.

use serde_json::json;
use tantivy::Searcher;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::agg_result::{AggregationResult, AggregationResults, BucketResult};
use tantivy::aggregation::{AggContextParams, AggregationCollector, Key};

use super::compile::Compiled;
use super::error::{Doing, SearchError};
use super::request::Filters;
use super::schema::Fields;
use crate::domain::{Category, Severity};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    Category,
    Technology,
    Severity,
    Organization,
    Year,
}

impl Facet {
    const ALL: [Self; 5] = [Self::Category, Self::Technology, Self::Severity, Self::Organization, Self::Year];

    fn column(self) -> &'static str {
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

/// Counts all facets: one pass for those without a filter of their own, and one for each of the others.
pub(super) fn count(
    searcher: &Searcher,
    fields: &Fields,
    compiled: &Compiled,
    filters: &Filters,
) -> Result<Facets, SearchError> {
    let (filtered, free): (Vec<Facet>, Vec<Facet>) =
        Facet::ALL.into_iter().partition(|facet| facet.is_filtered(filters));
    let mut facets = Facets::default();
    if !free.is_empty() {
        let query = compiled.with_filters(fields, filters, None);
        facets.take(&pass(searcher, query.as_ref(), &free)?);
    }
    for facet in filtered {
        let query = compiled.with_filters(fields, filters, Some(facet));
        facets.take(&pass(searcher, query.as_ref(), &[facet])?);
    }
    Ok(facets)
}

fn pass(
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    facets: &[Facet],
) -> Result<AggregationResults, SearchError> {
    let request: serde_json::Map<String, serde_json::Value> = facets
        .iter()
        .map(|facet| {
            let column = facet.column();
            (column.to_owned(), json!({ "terms": { "field": column, "size": 2000, "segment_size": 2000 } }))
        })
        .collect();
    let request: Aggregations = serde_json::from_value(request.into())
        .map_err(|error| tantivy::TantivyError::InvalidArgument(error.to_string()))
        .doing("count in")?;
    let collector = AggregationCollector::from_aggs(request, AggContextParams::default());
    searcher.search(query, &collector).doing("count in")
}

impl Facets {
    fn take(&mut self, results: &AggregationResults) {
        for (column, result) in &results.0 {
            let counts = counts(result);
            match column.as_str() {
                "category" => {
                    self.category = by_count(counts, |value| label_of(value, Category::parse(value), Category::label));
                }
                "technology" => self.technology = by_count(counts, str::to_owned),
                "organization" => self.organization = by_count(counts, str::to_owned),
                "severity" => {
                    self.severity = by_count(counts, |value| label_of(value, Severity::parse(value), Severity::label));
                    self.severity.sort_by(|a, b| a.value.cmp(&b.value));
                }
                _ => {
                    self.year = by_count(counts, str::to_owned);
                    self.year.sort_by(|a, b| b.value.cmp(&a.value));
                }
            }
        }
    }
}

fn counts(result: &AggregationResult) -> Vec<(String, u64)> {
    let AggregationResult::BucketResult(BucketResult::Terms { buckets, .. }) = result else { return Vec::new() };
    buckets
        .iter()
        .map(|bucket| {
            let value = match &bucket.key {
                Key::Str(text) => text.clone(),
                Key::I64(number) => number.to_string(),
                Key::U64(number) => number.to_string(),
                Key::F64(number) => format!("{number:.0}"),
            };
            (value, bucket.doc_count)
        })
        .collect()
}

fn by_count(counts: Vec<(String, u64)>, label: impl Fn(&str) -> String) -> Vec<FacetCount> {
    let mut counts: Vec<FacetCount> = counts
        .into_iter()
        .filter(|&(_, count)| count > 0)
        .map(|(value, count)| FacetCount { label: label(&value), value, count })
        .collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    counts.truncate(MOST_VALUES);
    counts
}

fn label_of<T, E>(value: &str, parsed: Result<T, E>, label: impl Fn(T) -> &'static str) -> String {
    parsed.map_or_else(|_| value.to_owned(), |known| label(known).to_owned())
}
