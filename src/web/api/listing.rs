//! Lists: `GET /api/v1/search`, `/stories` and `/patterns`. All come from the index, so they need no database.

use std::ops::RangeInclusive;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::link::{Addresses, Link};
use crate::domain::matching::Card;
use crate::domain::{Category, FailureId, FailureKind, Invalid, Moment, Severity, Slug, Technology};
use crate::markdown;
use crate::search::{Filters, Hit, SearchRequest, SearchResults, Sort};
use crate::web::error::PageError;
use crate::web::extract::Query;
use crate::web::state::AppState;

/// The query string. A name that is not known is refused: a misspelt filter would otherwise filter nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    q: String,
    kind: Option<String>,
    category: Vec<String>,
    technology: Vec<String>,
    severity: Vec<String>,
    organization: Vec<String>,
    year: Vec<String>,
    pattern: Vec<String>,
    sort: Option<String>,
    page: Option<String>,
    limit: Option<String>,
    per_page: Option<String>,
}

#[derive(Serialize)]
struct Found {
    total: u64,
    page: usize,
    per_page: usize,
    results: Vec<SearchResult>,
}

#[derive(Serialize)]
struct SearchResult {
    kind: FailureKind,
    slug: Slug,
    title: String,
    url: String,
    score: f32,
    snippet: String,
}

#[derive(Serialize)]
struct Listed {
    total: u64,
    page: usize,
    per_page: usize,
    results: Vec<Entry>,
}

/// A record as lists have it.
#[derive(Serialize)]
struct Entry {
    id: FailureId,
    kind: FailureKind,
    slug: Slug,
    title: String,
    url: String,
    summary: String,
    category: Category,
    technologies: Vec<Technology>,
    #[serde(flatten)]
    details: Details,
    updated_at: DateTime<Utc>,
}

/// What only one of the kinds has.
#[derive(Serialize)]
#[serde(untagged)]
enum Details {
    Story {
        organization: Option<String>,
        severity: Option<Severity>,
        started_at: Option<Moment>,
        duration: Option<String>,
        patterns: Vec<Link>,
    },
    Pattern {
        instances: u32,
    },
}

pub(super) async fn search(state: web::Data<AppState>, Query(asked): Query<Asked>) -> Result<HttpResponse, PageError> {
    let addresses = Addresses::of(&state.settings);
    let request = asked.request(None)?;
    let (page, per_page) = (request.page, request.per_page);
    let SearchResults { total, hits, .. } = state.searching(move |index| index.search(&request)).await?;
    let results = hits.iter().map(|hit| result(hit, &addresses)).collect();
    Ok(HttpResponse::Ok().json(Found { total, page, per_page, results }))
}

pub(super) async fn stories(state: web::Data<AppState>, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    list(&state, asked, FailureKind::Story).await
}

pub(super) async fn patterns(state: web::Data<AppState>, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    list(&state, asked, FailureKind::Pattern).await
}

async fn list(state: &AppState, Query(asked): Query<Asked>, kind: FailureKind) -> Result<HttpResponse, PageError> {
    let addresses = Addresses::of(&state.settings);
    let request = asked.request(Some(kind))?;
    let (page, per_page) = (request.page, request.per_page);
    let SearchResults { total, hits, .. } = state.searching(move |index| index.search(&request)).await?;
    let results = hits.into_iter().map(|hit| entry(hit.card, &addresses)).collect();
    Ok(HttpResponse::Ok().json(Listed { total, page, per_page, results }))
}

impl Asked {
    /// Checks every parameter. `only` is the kind where the address has chosen it already.
    fn request(self, only: Option<FailureKind>) -> Result<SearchRequest, PageError> {
        let kind = match (only, self.kind.as_deref().filter(|kind| !kind.is_empty())) {
            (Some(_), Some(_)) => {
                return Err(PageError::BadRequest("kind: this address lists one kind only.".to_owned()));
            }
            (Some(only), None) => Some(only),
            (None, kind) => kind.map(FailureKind::parse).transpose().map_err(wrong("kind"))?,
        };
        let page = number("page", self.page.as_deref(), 1..=1_000_000)?.unwrap_or(1);
        let limit = number("limit", self.limit.as_deref(), 1..=100)?;
        let per_page = number("per_page", self.per_page.as_deref(), 1..=100)?;
        let sort = self.sort.as_deref().filter(|sort| !sort.is_empty()).map(Sort::parse).transpose();
        Ok(SearchRequest {
            query: self.q,
            kind,
            filters: Filters {
                category: all(&self.category, "category", Category::parse)?,
                technology: all(&self.technology, "technology", Technology::parse)?,
                severity: all(&self.severity, "severity", Severity::parse)?,
                organization: self.organization,
                year: all(&self.year, "year", |text| {
                    text.parse().map_err(|_| Invalid::new(text, "a year such as 2019"))
                })?,
                pattern: all(&self.pattern, "pattern", Slug::parse)?,
            },
            sort: sort.map_err(wrong("sort"))?.unwrap_or(Sort::Relevance),
            page,
            per_page: limit.or(per_page).unwrap_or(20),
        })
    }
}

fn number(name: &'static str, text: Option<&str>, allowed: RangeInclusive<usize>) -> Result<Option<usize>, PageError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.parse() {
        Ok(number) if allowed.contains(&number) => Ok(Some(number)),
        Ok(_) | Err(_) => {
            Err(wrong(name)(Invalid::new(text, format!("a number from {} to {}", allowed.start(), allowed.end()))))
        }
    }
}

fn all<T>(
    texts: &[String],
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, Invalid>,
) -> Result<Vec<T>, PageError> {
    texts.iter().map(|text| parse(text).map_err(wrong(name))).collect()
}

fn wrong(name: &'static str) -> impl Fn(Invalid) -> PageError {
    move |invalid| PageError::BadRequest(format!("{name}: {invalid}."))
}

fn result(hit: &Hit, addresses: &Addresses) -> SearchResult {
    let card = &hit.card;
    // Where only the title meets the words, the summary says more than nothing.
    let snippet = hit.snippets.first().map_or_else(
        || markdown::excerpt(&card.summary, 200),
        |snippet| snippet.fragments.iter().map(|fragment| fragment.text.as_str()).collect(),
    );
    SearchResult {
        kind: card.kind,
        slug: card.slug.clone(),
        title: card.title.clone(),
        url: addresses.page(card.kind, &card.slug),
        score: hit.score,
        snippet,
    }
}

fn entry(card: Card, addresses: &Addresses) -> Entry {
    let details = match card.kind {
        FailureKind::Story => Details::Story {
            organization: card.organization,
            severity: card.severity,
            started_at: card.started_at,
            duration: card.duration,
            patterns: card
                .patterns
                .iter()
                .map(|pattern| addresses.link(FailureKind::Pattern, &pattern.slug, &pattern.title))
                .collect(),
        },
        FailureKind::Pattern => Details::Pattern { instances: card.instances },
    };
    Entry {
        url: addresses.page(card.kind, &card.slug),
        id: card.id,
        kind: card.kind,
        slug: card.slug,
        title: card.title,
        summary: card.summary,
        category: card.category,
        technologies: card.technologies,
        details,
        updated_at: card.updated_at,
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;
    use crate::domain::FailureKind;
    use crate::web::error::PageError;

    fn asked(query: &str) -> Asked {
        serde_html_form::from_str(query).expect("readable")
    }

    #[test]
    fn filters_repeat_and_are_checked() {
        let request =
            asked("q=pods&category=dns&category=capacity&year=2019&limit=5&page=2").request(None).expect("fine");
        assert_eq!((request.filters.category.len(), request.per_page, request.page), (2, 5, 2));
        for bad in [
            "category=kapacity",
            "limit=0",
            "limit=101",
            "page=0",
            "kind=tale",
            "sort=best",
            "severity=high",
            "year=x",
            "per_page=-1",
        ] {
            assert!(matches!(asked(bad).request(None), Err(PageError::BadRequest(_))), "{bad} was accepted");
        }
        assert!(asked("kind=pattern").request(Some(FailureKind::Story)).is_err());
    }

    #[test]
    fn a_misspelt_parameter_is_refused() {
        assert!(serde_html_form::from_str::<Asked>("categroy=dns").is_err());
    }
}
