//! Searching: from a request to a page of hits with marked snippets and facets.

use tantivy::collector::{Collector, TopDocs};
use tantivy::query::{EmptyQuery, Query, TermQuery};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocAddress, Order, Searcher, TantivyDocument};

use super::SearchIndex;
use super::compile::{self, Compiled};
use super::document;
use super::error::{Doing, SearchError};
use super::facets::{self, Facets};
use super::query::ParsedQuery;
use super::request::{SearchRequest, Sort};
use super::schema::{self, Fields, Key};
use super::tally::{Tallied, Tally};
use crate::domain::matching::{Card, Field};
use crate::domain::{FailureKind, Slug};

/// A page of results.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResults {
    /// How many records meet the request, on all pages.
    pub total: u64,
    /// Those of this page.
    pub hits: Vec<Hit>,
    /// What the results could be narrowed to.
    pub facets: Facets,
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The record.
    pub card: Card,
    /// The higher the better; comparable within one answer only. 0 when the order is not by relevance.
    pub score: f32,
    /// The title, with the words that were met marked.
    pub title: Vec<Fragment>,
    /// Passages that meet the words, at most 2, best first; empty when only the title does.
    pub snippets: Vec<Snippet>,
}

/// A passage of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Where it is from.
    pub field: Field,
    /// The passage in pieces, about 200 characters together.
    pub fragments: Vec<Fragment>,
}

/// A piece of plain text: never HTML, the page escapes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The text.
    pub text: String,
    /// Whether it is one of the words that were asked for.
    pub marked: bool,
}

/// More results than this are counted but cannot be paged to.
const DEEPEST: usize = 10_000;

impl SearchIndex {
    /// Searches. No query fails: what is no query language is words.
    pub(super) fn search_unguarded(&self, request: &SearchRequest) -> Result<SearchResults, SearchError> {
        let generation = self.current();
        let searcher = generation.searcher();
        let (fields, kept, filters) = (&generation.fields, &generation.facets, &request.filters);
        let parsed = ParsedQuery::parse(&request.query);
        let compiled = compile::compile(&searcher, fields, &parsed, request.kind)?;
        let everything = compiled.with_filters(fields, filters, None);
        let per_page = request.per_page.clamp(1, 100);
        let offset = (request.page.max(1) - 1).saturating_mul(per_page);
        let run = |facets| {
            let top = (offset < DEEPEST).then(|| TopDocs::with_limit(per_page).and_offset(offset));
            let tally = Tally { numbering: &kept.numbering, facets };
            ranked(&searcher, everything.as_ref(), top, request.sort, compiled.has_words(), tally)
        };
        let (ranked, total, facets) = match compiled.asks_for_all_of().filter(|_| filters.is_empty()) {
            Some(kind) => {
                let (total, facets) = kept.whole(&searcher, kind, || {
                    let tally = Tally { numbering: &kept.numbering, facets: facets::free(filters) };
                    let counted = searcher.search(everything.as_ref(), &tally).doing("count in")?;
                    Ok((counted.total, facets::complete(&searcher, fields, kept, &compiled, filters, &counted)?))
                })?;
                (run(Vec::new())?.0, total, facets)
            }
            None => {
                let (ranked, counted) = run(facets::free(filters))?;
                let facets = facets::complete(&searcher, fields, kept, &compiled, filters, &counted)?;
                (ranked, counted.total, facets)
            }
        };
        let hits = ranked
            .into_iter()
            .map(|(score, address)| hit(&searcher, fields, &compiled, score, address))
            .collect::<Result<_, _>>()?;
        Ok(SearchResults { total, hits, facets })
    }

    /// The card of a published record.
    pub(super) fn card_unguarded(&self, kind: FailureKind, slug: &Slug) -> Result<Option<Card>, SearchError> {
        let generation = self.current();
        let searcher = generation.searcher();
        let term = generation.fields.key(Key::Address, &schema::address(kind, slug));
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score()).doing("search")?;
        found.first().map(|&(_, address)| card_at(&searcher, &generation.fields, address)).transpose()
    }
}

type Ranked = Vec<(f32, DocAddress)>;

/// Ranks and counts in one pass. Equal ones come in the order in which the index holds them.
fn ranked(
    searcher: &Searcher,
    query: &dyn Query,
    top: Option<TopDocs>,
    sort: Sort,
    has_words: HasWords,
    tally: Tally<'_>,
) -> Result<(Ranked, Tallied), SearchError> {
    let Some(top) = top else { return Ok((Vec::new(), searcher.search(query, &tally).doing("count in")?)) };
    match (sort, has_words) {
        (Sort::Relevance, HasWords::Yes) => searcher.search(query, &(top.order_by_score(), tally)).doing("search"),
        (Sort::Relevance, HasWords::No) | (Sort::RecentlyUpdated, _) => {
            by(searcher, query, top.order_by_fast_field::<i64>("updated", Order::Desc), tally)
        }
        (Sort::NewestIncident, _) => by(searcher, query, top.order_by_fast_field::<i64>("started", Order::Desc), tally),
        (Sort::OldestIncident, _) => by(searcher, query, top.order_by_fast_field::<i64>("started", Order::Asc), tally),
        (Sort::Title, _) => by(searcher, query, top.order_by_string_fast_field("title_order", Order::Asc), tally),
    }
}

/// Whether a query asks for words, by which results can be ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HasWords {
    Yes,
    No,
}

fn by<K>(
    searcher: &Searcher,
    query: &dyn Query,
    collector: impl Collector<Fruit = Vec<(K, DocAddress)>>,
    tally: Tally<'_>,
) -> Result<(Ranked, Tallied), SearchError> {
    let (found, counted) = searcher.search(query, &(collector, tally)).doing("search")?;
    Ok((found.into_iter().map(|(_, address)| (0.0, address)).collect(), counted))
}

fn hit(
    searcher: &Searcher,
    fields: &Fields,
    compiled: &Compiled,
    score: f32,
    address: DocAddress,
) -> Result<Hit, SearchError> {
    let document: TantivyDocument = searcher.doc(address).doing("read")?;
    let card = read_card(fields, &document)?;
    let texts = read_texts(fields, &document);
    let title = compiled.marker().mark(&card.title);
    let snippets = compiled.marker().best(&texts);
    Ok(Hit { card, score, title, snippets })
}

pub(super) fn card_at(searcher: &Searcher, fields: &Fields, address: DocAddress) -> Result<Card, SearchError> {
    let document: TantivyDocument = searcher.doc(address).doing("read")?;
    read_card(fields, &document)
}

pub(super) fn read_card(fields: &Fields, document: &TantivyDocument) -> Result<Card, SearchError> {
    read_json(document, fields.card)
}

/// The stored texts with their fields.
pub(super) fn read_texts<'a>(fields: &Fields, document: &'a TantivyDocument) -> Vec<(Field, &'a str)> {
    document
        .get_all(fields.stored_texts)
        .filter_map(|value| document::read_text(value.as_str()?))
        .filter_map(|(place, text)| schema::TEXT_FIELDS.get(place).map(|&field| (field, text)))
        .collect()
}

pub(super) fn read_json<T: serde::de::DeserializeOwned>(
    document: &TantivyDocument,
    field: tantivy::schema::Field,
) -> Result<T, SearchError> {
    let text = document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default();
    serde_json::from_str(text).map_err(|error| SearchError::Damaged(format!("a stored document: {error}")))
}

/// A query that meets nothing, for requests that cannot be met.
pub(super) fn nothing() -> Box<dyn Query> {
    Box::new(EmptyQuery)
}
