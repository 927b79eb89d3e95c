//! What is asked of a search.

use crate::domain::vocabulary::vocabulary;
use crate::domain::{Category, FailureKind, Severity, Slug, Technology};

/// A search as a page or the API asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// The words, in the query language of [`super::ParsedQuery`]. Empty lists everything.
    pub query: String,
    /// Only stories, or only patterns.
    pub kind: Option<FailureKind>,
    /// The chosen values of the facets.
    pub filters: Filters,
    /// The order. Without words, relevance is the newest change first.
    pub sort: Sort,
    /// Which page, from 1.
    pub page: usize,
    /// How many to a page, 1 to 100.
    pub per_page: usize,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            query: String::new(),
            kind: None,
            filters: Filters::default(),
            sort: Sort::Relevance,
            page: 1,
            per_page: 20,
        }
    }
}

/// Chosen values: any of them within a facet, and every facet that has some. The case of an organization is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the facets")]
pub struct Filters {
    pub category: Vec<Category>,
    pub technology: Vec<Technology>,
    pub severity: Vec<Severity>,
    pub organization: Vec<String>,
    pub year: Vec<i32>,
    /// Not counted as the others are: what a pattern's page asks by.
    pub pattern: Vec<Slug>,
}

impl Filters {
    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

vocabulary! {
    /// The order of results.
    Sort: "an order" {
        Relevance = "relevance", "Best match", "What meets the most words comes first";
        NewestIncident = "newest", "Newest incident", "The latest incident comes first, those without a date last";
        OldestIncident = "oldest", "Oldest incident", "The earliest incident comes first, those without a date last";
        RecentlyUpdated = "updated", "Recently updated", "The latest revision comes first";
        Title = "title", "Title", "By title, from A to Z";
    }
}
