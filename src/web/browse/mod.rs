//! The lists of stories and patterns: searching, narrowing, sorting and paging, all in the address and without scripts.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

mod address;
#[cfg(test)]
pub(super) mod tests;
mod results;

use self::address::ListAddress;
use self::results::{ResultsPage, Way};
use super::error::PageError;
use super::failure::{path_of, section_of};
use super::page::{Shell, render};
use super::state::AppState;
use crate::domain::{FailureKind, Permission};
use crate::search::{SearchError, SearchIndex, SearchRequest, SearchResults};
use crate::web::routes::{At, at};

/// Results to a page.
const PER_PAGE: usize = 20;

/// The index counts more results than this but pages no further.
const LAST_PAGE: usize = 500;

/// The header by which a script asks for [`Part::Results`]. Whatever keeps answers by their address has to tell them
/// apart by it.
pub(super) const FRAGMENT: &str = "x-fragment";

/// How much of a page is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// What depends on the address: the filters and the results. The search box stays where somebody types in it.
    Results,
}

impl Part {
    fn asked_by(request: &HttpRequest) -> Self {
        if request.headers().get(FRAGMENT).is_some_and(|part| part == "results") { Self::Results } else { Self::Whole }
    }
}

/// Adds the routes.
pub(super) fn routes() -> Vec<At> {
    vec![at("/stories").get(Permission::Read, stories), at("/patterns").get(Permission::Read, patterns)]
}

async fn stories(state: web::Data<AppState>, shell: Shell, request: HttpRequest) -> Result<HttpResponse, PageError> {
    list(&state, shell, FailureKind::Story, &request).await
}

async fn patterns(state: web::Data<AppState>, shell: Shell, request: HttpRequest) -> Result<HttpResponse, PageError> {
    list(&state, shell, FailureKind::Pattern, &request).await
}

async fn list(
    state: &AppState,
    shell: Shell,
    kind: FailureKind,
    request: &HttpRequest,
) -> Result<HttpResponse, PageError> {
    let address =
        ListAddress::parse(kind, request.query_string()).map_err(|bad| PageError::BadRequest(bad.to_string()))?;
    let asked = address.clone();
    let (mut results, ways) = state
        .searching(move |index| {
            let results = search(index, &asked)?;
            let ways = if results.total == 0 { ways_onward(index, &asked)? } else { Vec::new() };
            Ok((results, ways))
        })
        .await?;
    shell.spoken.tell(results.hits.iter_mut().map(|hit| &mut hit.card));
    let mut shell = shell.at(section_of(kind));
    // The box in the header searches stories.
    if kind == FailureKind::Story {
        shell = shell.searched(&address.query);
    }
    let page = ResultsPage { shell, address, results, ways };
    let mut response = match Part::asked_by(request) {
        Part::Whole => render(&page, StatusCode::OK),
        Part::Results => render(&page.as_results(), StatusCode::OK),
    }?;
    response.headers_mut().append(header::VARY, HeaderValue::from_static(FRAGMENT));
    Ok(response)
}

fn search(index: &SearchIndex, address: &ListAddress) -> Result<SearchResults, SearchError> {
    index.search(&SearchRequest {
        query: address.query.clone(),
        kind: Some(address.kind),
        filters: address.filters(),
        sort: address.order(),
        page: address.page,
        per_page: PER_PAGE,
    })
}

/// Where nothing was found: the same list with one thing less asked for, as far as that finds something.
fn ways_onward(index: &SearchIndex, address: &ListAddress) -> Result<Vec<Way>, SearchError> {
    const MOST: usize = 6;
    let mut wider: Vec<(String, ListAddress)> = Vec::new();
    for choice in address.choices.iter().take(MOST) {
        let without = address.toggled(choice.facet, &choice.value, &choice.label);
        wider.push((format!("Without {}: {}", choice.facet.label().to_lowercase(), choice.label), without));
    }
    if address.choices.len() > 1 {
        wider.push(("Without any filter".to_owned(), address.without_choices()));
    }
    if !address.query.is_empty() && address.is_narrowed() {
        wider.push(("The same filters without the words".to_owned(), address.without_words()));
    }
    let mut ways = Vec::new();
    for (label, address) in wider {
        let total = search(index, &address)?.total;
        if total > 0 {
            ways.push(Way { label, link: address.link(), total });
        }
    }
    Ok(ways)
}
