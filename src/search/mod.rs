//! The shape that the pages rely on, until the index itself lands.
#![expect(missing_docs, reason = "replaced as a whole when the index lands")]

use crate::domain::matching::{Card, Evidence, Field, Matches, Outcome};
use serde::{Deserialize, Serialize};

use crate::domain::vocabulary::vocabulary;
use crate::domain::{Category, FailureId, FailureKind, Severity, Slug, Technology};

#[derive(Clone)]
pub struct SearchIndex;

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("the search index is damaged ({0}); it must be rebuilt")]
    Damaged(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    pub query: String,
    pub kind: Option<FailureKind>,
    pub filters: Filters,
    pub sort: Sort,
    pub page: usize,
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

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    pub category: Vec<Category>,
    pub technology: Vec<Technology>,
    pub severity: Vec<Severity>,
    pub organization: Vec<String>,
    pub year: Vec<i32>,
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

#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchResults {
    pub total: u64,
    pub hits: Vec<Hit>,
    pub facets: Facets,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub card: Card,
    pub score: f32,
    pub title: Vec<Fragment>,
    pub snippets: Vec<Snippet>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub field: Field,
    pub fragments: Vec<Fragment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    pub text: String,
    pub marked: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    pub category: Vec<FacetCount>,
    pub technology: Vec<FacetCount>,
    pub severity: Vec<FacetCount>,
    pub organization: Vec<FacetCount>,
    pub year: Vec<FacetCount>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    pub value: String,
    pub label: String,
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Similar {
    pub card: Card,
    pub similarity: f32,
}

impl SearchIndex {
    pub fn in_memory() -> Result<Self, SearchError> {
        Ok(Self)
    }

    pub fn search(&self, _: &SearchRequest) -> Result<SearchResults, SearchError> {
        Ok(SearchResults::default())
    }

    pub fn diagnose(&self, _: &Evidence, _: usize) -> Result<Matches, SearchError> {
        Ok(Matches { outcome: Outcome::Unknown, matches: Vec::new(), marks: Vec::new() })
    }

    pub fn similar(&self, _: &str, _: &str, _: usize) -> Result<Vec<Similar>, SearchError> {
        Ok(Vec::new())
    }

    pub fn related(&self, _: FailureId, _: usize) -> Result<Vec<Card>, SearchError> {
        Ok(Vec::new())
    }

    pub fn card(&self, _: FailureKind, _: &Slug) -> Result<Option<Card>, SearchError> {
        Ok(None)
    }

    pub fn document_count(&self) -> u64 {
        0
    }
}
