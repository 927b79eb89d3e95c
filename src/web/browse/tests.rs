//! The lists through their addresses, with an index and without a database: that is how they behave when it is away.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, test, web};
use chrono::DateTime;
use scraper::{Html, Selector};

use crate::domain::clock::SystemClock;
use crate::domain::input::StoryInput;
use crate::domain::{Entry, FailureId, Record, RevisionNumber, Slug, Status, Story};
use crate::search::{Checkpoint, SearchIndex};
use crate::service::diagnose::Diagnoser;
use crate::service::{follow, project};
use crate::store::Database;
use crate::web::{AppState, Settings, edge, routes};

/// One story for each row: title, category, technology, severity, year.
const STORIES: [(&str, &str, &str, &str, &str); 3] = [
    ("Resolver drowned in retries", "dns", "coredns", "sev1", "2019"),
    ("Queue without an end", "capacity", "kafka", "sev2", "2020"),
    ("Disk filled by <b>logs</b>", "storage", "c++", "sev2", "2021"),
];

fn story(index: usize, row: (&str, &str, &str, &str, &str)) -> Record {
    let (title, category, technology, severity, year) = row;
    let input = serde_json::json!({
        "title": title, "category": category, "technologies": [technology], "severity": severity, "started_at": year,
        "organization": "Example", "summary": "It stopped.", "symptom": "Errors.", "root_cause": "A limit.",
        "remediation": "Raise it.",
    });
    let content = serde_json::from_value::<StoryInput>(input).expect("shape").parse().expect("a story");
    let updated_at = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(i64::try_from(index).expect("small"));
    let Record::Story(entry) = published(content) else { panic!("a story was published") };
    Record::Story(Entry { updated_at, ..entry })
}

/// A story as it stands after it was submitted.
pub(in crate::web) fn published(content: Story) -> Record {
    Record::Story(Entry {
        id: FailureId::new(),
        slug: Slug::from_title(content.failure.title.as_str(), "story"),
        status: Status::Published,
        revision: RevisionNumber::FIRST,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        published_at: None,
        content,
    })
}

/// An index with these records, and a database that is away.
pub(in crate::web) fn state(records: &[Record]) -> AppState {
    let index = SearchIndex::in_memory().expect("an index");
    let changes =
        records.iter().map(|record| (record.id(), Some(project::document(record, &HashMap::new(), 0)))).collect();
    index.apply(changes, Checkpoint { n: 1, token: uuid::Uuid::nil() }).expect("indexed");
    AppState {
        // Nothing listens on port 1: every read of the database is refused at once.
        database: Database::lazy("postgres://nobody@127.0.0.1:1/none").expect("an address"),
        diagnoser: Diagnoser::new(index.clone()).expect("no rules"),
        index,
        clock: Arc::new(SystemClock),
        settings: Settings::new(crate::domain::Policy::TRYING, ".".into()),
        index_status: tokio::sync::watch::channel(follow::IndexStatus::default()).1,
        pages: crate::web::HotPages::default(),
        lanes: crate::web::Lanes::default(),
        passwords: crate::service::account::Passwords::default(),
        rates: crate::web::Rates::off(),
    }
}

async fn get(records: &[Record], address: &str) -> (StatusCode, Html) {
    let state = web::Data::new(state(records));
    let app = App::new().app_data(state).wrap(from_fn(edge::edge)).configure(routes::configure);
    let app = test::init_service(app).await;
    let request = test::TestRequest::get().uri(address).insert_header(("host", "localhost")).to_request();
    let response = test::call_service(&app, request).await;
    let status = response.status();
    (status, page_of(response.into_parts().1.map_into_boxed_body()).await)
}

/// The page of a response.
pub(in crate::web) async fn page_of(response: HttpResponse) -> Html {
    let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("the body was not read"));
    Html::parse_document(std::str::from_utf8(&body).expect("UTF-8"))
}

async fn library(address: &str) -> (StatusCode, Html) {
    let records: Vec<Record> = STORIES.into_iter().enumerate().map(|(index, row)| story(index, row)).collect();
    get(&records, address).await
}

/// The text of every element that a selector finds, white space made single.
pub(in crate::web) fn texts(page: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    page.select(&selector).map(|element| words(element.text().collect())).collect()
}

/// Where the first link leads that a selector finds.
pub(in crate::web) fn link(page: &Html, selector: &str) -> Option<String> {
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).next()?.attr("href").map(str::to_owned)
}

#[actix_web::test]
async fn lists_work_while_the_database_is_away_and_pages_that_need_it_say_so() {
    let (status, page) = library("/stories").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(texts(&page, ".results-total"), ["3 stories"]);
    assert_eq!(texts(&page, ".hit-title")[0], "Disk filled by <b>logs</b>", "the newest incident comes first");
    let (status, page) = library("/stories/queue-without-an-end").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(texts(&page, ".lead")[0].contains("searching still work"), "{:?}", texts(&page, ".lead"));
}

#[actix_web::test]
async fn choices_are_any_of_within_a_facet_and_all_of_across() {
    let (_, page) = library("/stories?severity=sev2&year=2020&year=2021").await;
    assert_eq!(texts(&page, ".results-total"), ["2 stories"]);
    assert_eq!(texts(&page, ".chip").len(), 3);
    assert_eq!(link(&page, ".chip").as_deref(), Some("/stories?year=2020&year=2021"));
    assert_eq!(link(&page, ".chip-clear").as_deref(), Some("/stories"));
    let chosen = link(&page, "#facet-severity + ul [aria-current=true]");
    assert_eq!(chosen.as_deref(), Some("/stories?year=2020&year=2021"));
    let (_, page) = library("/stories?technology=c%2B%2B").await;
    assert_eq!(texts(&page, ".hit .tag"), ["c++"]);
}

#[actix_web::test]
async fn words_that_were_met_are_marked_and_nothing_of_a_story_is_markup() {
    let (_, page) = library("/stories?q=disk").await;
    assert_eq!(texts(&page, ".hit-title mark"), ["Disk"]);
    assert!(texts(&page, ".hit-title b").is_empty());
    let (_, page) = library("/stories?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(texts(&page, "main script").is_empty());
}

#[actix_web::test]
async fn a_parameter_that_cannot_be_used_is_named() {
    for (address, name) in [("page=abc", "page"), ("severity=bad", "severity"), ("year=x", "year"), ("sort=up", "sort")]
    {
        let (status, page) = library(&format!("/stories?{address}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{address}");
        assert!(texts(&page, ".lead")[0].contains(&format!("\"{name}\"")), "{:?}", texts(&page, ".lead"));
    }
}

#[actix_web::test]
async fn nothing_found_offers_the_filter_to_drop() {
    let (status, page) = library("/stories?category=dns&severity=sev2").await;
    assert_eq!((status, texts(&page, ".results-total")), (StatusCode::OK, vec!["0 stories".to_owned()]));
    assert_eq!(link(&page, ".empty li a").as_deref(), Some("/stories?severity=sev2"));
    assert_eq!(texts(&page, ".empty li")[0], "Without category: DNS (2)");
}

#[actix_web::test]
async fn a_page_beyond_the_end_leads_back_to_the_last() {
    let many: Vec<Record> =
        (0..45).map(|index| story(index, ("Same again", "dns", "coredns", "sev1", "2019"))).collect();
    let (_, page) = get(&many, "/stories?q=again&page=2").await;
    assert_eq!(texts(&page, ".hit").len(), 20);
    assert_eq!(link(&page, ".pages [rel=prev]").as_deref(), Some("/stories?q=again"));
    assert_eq!(link(&page, ".pages [rel=next]").as_deref(), Some("/stories?q=again&page=3"));
    assert!(texts(&page, ".results-total")[0].ends_with("21–40"));
    let (status, page) = get(&many, "/stories?page=9").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(link(&page, ".empty a").as_deref(), Some("/stories?page=3"));
}

#[actix_web::test]
async fn an_empty_library_says_so() {
    let (status, page) = get(&[], "/patterns").await;
    assert_eq!((status, texts(&page, ".empty h2")), (StatusCode::OK, vec!["Nothing here yet".to_owned()]));
}
