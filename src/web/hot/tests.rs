//! What is kept, what never is, and that nothing old is shown, without a database: lists come from the index alone.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix_web::App;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::test::{self, TestRequest};
use actix_web::web::{Bytes, Data};

use crate::domain::{Entry, Record};
use crate::search::{Checkpoint, SearchIndex, SearchRequest};
use crate::service::follow::IndexStatus;
use crate::service::project;
use crate::web::browse::tests::{published, state};
use crate::web::{AppState, edge, routes};

/// The application as the server has it, but for its log lines.
async fn application(state: &Data<AppState>) -> impl AsyncFn(TestRequest) -> Got + use<> {
    counted(state, &Arc::default()).await
}

/// The same; `made` counts the answers that did not come from memory.
async fn counted(state: &Data<AppState>, made: &Arc<AtomicUsize>) -> impl AsyncFn(TestRequest) -> Got + use<> {
    let made = Arc::clone(made);
    let app = App::new()
        .app_data(state.clone())
        .wrap(from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
            made.fetch_add(1, Ordering::Relaxed);
            next.call(request)
        }))
        .wrap(from_fn(edge::edge))
        .wrap(Compress::default())
        .wrap(from_fn(super::keep));
    let service = test::init_service(app.configure(routes::configure)).await;
    async move |request: TestRequest| {
        let request = request.peer_addr(([127, 0, 0, 1], 9).into());
        let response = test::call_service(&service, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Got { status, headers, bytes: to_bytes(response.into_body()).await.expect("a body") }
    }
}

struct Got {
    status: u16,
    headers: header::HeaderMap,
    bytes: Bytes,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

async fn get(app: &impl AsyncFn(TestRequest) -> Got, path: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = TestRequest::get().uri(path).insert_header(("host", "localhost"));
    for (name, value) in headers {
        request = request.insert_header((*name, *value));
    }
    app(request).await
}

fn kept(state: &AppState) -> usize {
    state.pages.answers.len()
}

/// A story that says which revision of it this is.
fn revision(number: u64, of: &Record) -> Record {
    let Record::Story(entry) = of.clone() else { panic!("it is a story") };
    let mut content = entry.content;
    content.failure.title = crate::domain::Title::parse(&format!("Revision {number} of it")).expect("a title");
    Record::Story(Entry { content, ..entry })
}

fn apply(index: &SearchIndex, number: u64, of: &Record) {
    let document = project::document(&revision(number, of), &HashMap::new(), 0);
    let checkpoint = Checkpoint { n: i64::try_from(number).expect("small"), token: uuid::Uuid::nil() };
    index.apply(vec![(of.id(), Some(document))], checkpoint).expect("applied");
}

fn story() -> Record {
    let input = serde_json::json!({
        "title": "Revision 0 of it", "category": "dns", "organization": "Example", "summary": "It stopped.",
        "symptom": "Errors.", "root_cause": "A limit.", "remediation": "Raise it.",
    });
    let input: crate::domain::input::StoryInput = serde_json::from_value(input).expect("shape");
    published(input.parse().expect("a story"))
}

/// The number of the revision in some text.
fn number_in(text: &str) -> u64 {
    let (_, rest) = text.split_once("Revision ").expect("a revision");
    rest.split(' ').next().and_then(|number| number.parse().ok()).expect("its number")
}

#[actix_web::test]
async fn a_list_is_made_once_and_made_again_after_a_change() {
    let story = story();
    let state = Data::new(state(std::slice::from_ref(&story)));
    let app = application(&state).await;
    let first = get(&app, "/stories", &[]).await;
    assert_eq!((first.status, kept(&state)), (200, 1));
    let second = get(&app, "/stories", &[]).await;
    assert_eq!((&second.bytes, second.header("etag"), kept(&state)), (&first.bytes, first.header("etag"), 1));
    assert!(second.headers.contains_key("content-security-policy"), "what protects the reader is there too");
    assert_eq!(second.header("cache-control"), "private, no-cache");
    apply(&state.index, 1, &story);
    let third = get(&app, "/stories", &[]).await;
    assert!(String::from_utf8_lossy(&third.bytes).contains("Revision 1 of it"));
    assert_ne!(third.header("etag"), first.header("etag"));
    assert_eq!(kept(&state), 1, "what is old is dropped");
    drop(state.pages.writing());
    assert_eq!(get(&app, "/stories", &[]).await.bytes, third.bytes);
    assert_eq!(kept(&state), 1, "a write here counts as a change before the index has heard of it");
}

#[actix_web::test]
async fn what_the_reader_has_is_not_sent_again() {
    let state = Data::new(state(&[story()]));
    let app = application(&state).await;
    let tag = get(&app, "/stories", &[]).await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34, "{tag}");
    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let again = get(&app, "/stories", &[("if-none-match", &known)]).await;
        assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag.as_str()), "{known}");
        assert_eq!(again.header("content-type"), "");
        assert!(again.header("vary").contains("cookie"));
    }
    assert_eq!(get(&app, "/stories", &[("if-none-match", "\"other\"")]).await.status, 200);
}

#[actix_web::test]
async fn compressed_and_plain_are_told_apart() {
    let state = Data::new(state(&[story()]));
    let app = application(&state).await;
    for _ in 0..2 {
        let plain = get(&app, "/stories", &[]).await;
        let packed = get(&app, "/stories", &[("accept-encoding", "gzip, deflate, br")]).await;
        assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "gzip"));
        assert!(packed.bytes.starts_with(&[0x1f, 0x8b]) && packed.bytes.len() < plain.bytes.len());
        assert_ne!(plain.header("etag"), packed.header("etag"));
        assert!(packed.header("vary").contains("accept-encoding"));
    }
    assert_eq!(kept(&state), 2);
}

#[actix_web::test]
async fn visitors_who_see_different_pages_get_different_pages() {
    let state = Data::new(state(&[story()]));
    let app = application(&state).await;
    let visitors: [&[(&str, &str)]; 5] = [
        &[],
        &[("cookie", "theme=dark")],
        &[("x-forwarded-for", "192.0.2.1")],
        &[("host", "127.0.0.1")],
        &[("x-fragment", "results")],
    ];
    for round in 0..2 {
        for headers in visitors {
            let got = get(&app, "/stories", headers).await;
            let text = String::from_utf8_lossy(&got.bytes).into_owned();
            let is_dark = headers == [("cookie", "theme=dark")];
            assert_eq!(text.contains("data-theme=\"dark\""), is_dark, "round {round}: {headers:?}");
            let is_whole = headers != [("x-fragment", "results")];
            assert_eq!(text.contains("<!doctype html>"), is_whole, "round {round}: {headers:?}");
            let may_write = is_whole && headers != [("x-forwarded-for", "192.0.2.1")];
            assert_eq!(text.contains("site-write"), may_write, "round {round}: {headers:?}");
        }
    }
    assert_eq!(kept(&state), visitors.len());
    assert_eq!(get(&app, "/stories", &[("host", "evil.example")]).await.status, 421, "a name that is not ours");
}

#[actix_web::test]
async fn errors_forms_and_what_was_pasted_are_not_kept() {
    let state = Data::new(state(&[story()]));
    let app = application(&state).await;
    for (path, status) in [
        ("/stories/x", 503),
        ("/api/v1/stories/x", 503),
        ("/stories/UPPER", 404),
        ("/api/v1/search?categroy=dns", 400),
        ("/stories?q=%ff", 400),
        ("/?q=pods", 200),
        ("/about", 200),
    ] {
        assert_eq!(get(&app, path, &[]).await.status, status, "{path}");
    }
    let form = get(&app, "/stories/new", &[]).await;
    assert!(form.header("set-cookie").starts_with("casebook-csrf="));
    let hidden = get(&app, "/stories/%6eew", &[]).await;
    assert!(hidden.status != 200 || hidden.header("etag").is_empty(), "a form by another spelling");
    let post = TestRequest::post().uri("/stories").insert_header(("host", "localhost"));
    assert_eq!(app(post).await.status, 405);
    assert_eq!(kept(&state), 0);
}

#[actix_web::test]
async fn no_kept_answer_holds_the_token_of_a_visitor() {
    let token = "0123456789abcdef".repeat(4);
    let cookie = format!("casebook-csrf={token}");
    let state = Data::new(state(&[story()]));
    let app = application(&state).await;
    for path in
        ["/", "/stories", "/stories/new", "/patterns", "/stories?q=errors", "/api/v1/stories", "/api/v1/search?q=a"]
    {
        let got = get(&app, path, &[("cookie", &cookie)]).await;
        assert_eq!(got.status, 200, "{path}");
        assert_eq!(String::from_utf8_lossy(&got.bytes).contains(&token), path == "/stories/new", "{path}");
    }
    assert_eq!(kept(&state), 6);
    for (_, answer) in state.pages.answers.iter() {
        let response = answer.respond(std::iter::empty());
        assert!(!response.headers().contains_key("set-cookie"));
        let bytes = to_bytes(response.into_body()).await.expect("a body");
        assert!(!String::from_utf8_lossy(&bytes).contains(&token));
    }
}

#[actix_web::test]
async fn many_who_ask_for_the_same_wait_for_the_one_who_makes_it() {
    let state = Data::new(state(&[story()]));
    let made = Arc::default();
    let app = counted(&state, &made).await;
    let all = futures_util::future::join_all((0..50).map(|_| get(&app, "/stories", &[]))).await;
    assert!(all.iter().all(|got| got.status == 200 && got.bytes == all[0].bytes));
    assert_eq!(made.load(Ordering::Relaxed), 1);
    let failing = futures_util::future::join_all((0..50).map(|_| get(&app, "/stories/UPPER", &[]))).await;
    assert!(failing.iter().all(|got| got.status == 404), "those who wait for an error make their own");
    assert_eq!(kept(&state), 1);
}

#[actix_web::test]
async fn addresses_without_end_do_not_fill_the_memory() {
    let state = Data::new(state(&[story()]));
    let app = application(&state).await;
    let long = "x".repeat(5_000);
    assert_eq!(get(&app, &format!("/stories?other={long}"), &[]).await.status, 200);
    assert_eq!(kept(&state), 0, "nobody asks for that twice");
    for number in 0..200 {
        get(&app, &format!("/stories?q=errors&page={number}{}", "&other=x".repeat(300)), &[]).await;
    }
    assert!(state.pages.answers.weight() <= super::HotPages::MEMORY);
}

#[actix_web::test]
async fn while_the_follower_is_in_trouble_what_is_kept_only_stands_in_for_what_cannot_be_made() {
    let (sender, index_status) = tokio::sync::watch::channel(IndexStatus::default());
    let state = Data::new(AppState { index_status, ..state(&[story()]) });
    let made = Arc::default();
    let app = counted(&state, &made).await;
    let first = get(&app, "/stories", &[]).await;
    sender.send_modify(|status| status.trouble = Some("the database is away".to_owned()));
    for count in 2..4 {
        assert_eq!(get(&app, "/stories", &[]).await.bytes, first.bytes);
        assert_eq!(made.load(Ordering::Relaxed), count);
    }
    // Nothing here has the story's page made: it is put in its place as if it had been read before.
    let request = TestRequest::get().uri("/stories/x").peer_addr(([127, 0, 0, 1], 9).into());
    let request = request.insert_header(("host", "localhost")).to_srv_request();
    let key = super::Key::of(&request, &state.settings, || state.pages.epoch(&state.index)).expect("a key");
    let answer = super::Answer::new(&header::HeaderMap::new(), Bytes::from_static(b"as it was"));
    state.pages.answers.insert(key, Arc::new(answer));
    let page = get(&app, "/stories/x", &[]).await;
    assert_eq!((page.status, &page.bytes[..]), (200, &b"as it was"[..]));
    assert_eq!(get(&app, "/stories/y", &[]).await.status, 503);
}

/// While one thread revises a story as fast as it can, readers ask the index and then the page. A page may be newer
/// than what the index said a moment ago, never older.
#[actix_web::test]
async fn once_a_search_finds_a_revision_no_page_shows_an_older_one() {
    const READS: usize = 150;
    let story = story();
    let state = Data::new(state(std::slice::from_ref(&story)));
    let app = application(&state).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (index, stop) = (state.index.clone(), Arc::clone(&stop));
        move || {
            for number in 1.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                apply(&index, number, &story);
                if number % 16 == 0 {
                    rebuild(&index, number, &story);
                }
            }
        }
    });
    let mut was_kept = 0;
    for _ in 0..READS {
        let found = state.index.search(&SearchRequest::default()).expect("found");
        let known = number_in(&found.hits[0].card.title);
        for path in ["/stories", "/api/v1/stories", "/stories"] {
            let got = get(&app, path, &[]).await;
            let shown = number_in(&String::from_utf8_lossy(&got.bytes));
            assert!(shown >= known, "{path} shows {shown}, and {known} was found before");
        }
        was_kept += usize::from(kept(&state) > 0);
    }
    stop.store(true, Ordering::Relaxed);
    writer.join().expect("the writer ends well");
    assert!(was_kept > 0, "nothing was kept, so nothing was tested");
}

/// The same state in an index made anew.
fn rebuild(index: &SearchIndex, number: u64, of: &Record) {
    let rebuild = index.begin_rebuild().expect("begun");
    rebuild.add(project::document(&revision(number, of), &HashMap::new(), 0)).expect("added");
    let checkpoint = Checkpoint { n: i64::try_from(number).expect("small"), token: uuid::Uuid::nil() };
    rebuild.finish(checkpoint).expect("finished");
}
