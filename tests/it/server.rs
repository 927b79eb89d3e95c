//! A whole node in this process: web server on port 0, index in a temporary folder, follower, on a database of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use casebook::domain::clock::{Clock, SystemClock};
use casebook::domain::{Policy, Slug};
use casebook::identity::oidc::Provider;
use casebook::search::SearchIndex;
use casebook::service::account::Passwords;
use casebook::service::diagnose::Diagnoser;
use casebook::service::follow::Follower;
use casebook::service::{import, library};
use casebook::store::Database;
use casebook::story_file::{FileFacts, Library};
use casebook::web::server::{self, Listening};
use casebook::web::{AppState, HotPages, Lanes, Network, Patience, RateLimit, Rates, Settings};
use scraper::Html;
use serde_json::Value;
use tokio::sync::watch;

use crate::database::{TestDatabase, folder};

/// A node that is stopped when dropped.
pub struct Node {
    pub url: String,
    pub index_folder: PathBuf,
    pub client: Client,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// How a node differs from the usual one.
#[derive(Clone)]
pub struct NodeOptions {
    pub policy: Policy,
    pub public_url: Option<String>,
    pub security_contact: Option<String>,
    pub data: Option<PathBuf>,
    pub clock: Arc<dyn Clock>,
    pub trusted_proxies: Vec<Network>,
    pub oidc: Option<Arc<Provider>>,
    /// Off as a rule: a test asks faster than people do.
    pub rate_limit: RateLimit,
    pub patience: Patience,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            policy: Policy::TRYING,
            public_url: None,
            data: None,
            clock: Arc::new(SystemClock),
            trusted_proxies: Vec::new(),
            oidc: None,
            security_contact: None,
            rate_limit: RateLimit::Off,
            patience: Patience::default(),
        }
    }
}

/// A node with an empty library.
pub async fn empty() -> (Node, TestDatabase) {
    let database = TestDatabase::new().await;
    let node = Node::start(&database.url, NodeOptions::default()).await;
    (node, database)
}

/// The stories that tests know, and their patterns: what the built-in library began with. Tests of the whole of it say so.
pub const SEED: [&str; 5] = [
    "jetstack-opa-webhook-gke-upgrade",
    "jw-player-weave-scope-cryptominer",
    "loveholidays-gke-pod-ip-exhaustion",
    "mindtickle-eks-external-snat",
    "moonlight-pods-on-one-node",
];

/// A small library that stays as it is when stories are added to the built-in one.
pub fn seed() -> Library {
    let (mut library, _) = library::built_in();
    library.stories.retain(|(slug, ..)| SEED.contains(&slug.as_str()));
    assert_eq!(library.stories.len(), SEED.len());
    let named: Vec<Slug> = library.stories.iter().flat_map(|(_, story, _)| story.patterns.clone()).collect();
    library.patterns.retain(|(slug, ..)| named.contains(slug));
    library
}

/// The files of the seed in a folder of their own.
pub fn seed_folder() -> PathBuf {
    let stories = folder("casebook-seed");
    std::fs::create_dir(stories.join("patterns")).expect("folder");
    let seed = seed();
    let files = seed.stories.iter().map(|(.., facts)| facts).chain(seed.patterns.iter().map(|(.., facts)| facts));
    for FileFacts { path, .. } in files {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories").join(path);
        std::fs::copy(from, stories.join(path)).expect("copy");
    }
    stories
}

/// A node with the seed.
pub async fn with_library() -> (Node, TestDatabase) {
    with(&seed()).await
}

/// A node with the whole built-in library.
pub async fn with_built_in() -> (Node, TestDatabase) {
    let (library, errors) = library::built_in();
    assert_eq!(errors, []);
    with(&library).await
}

async fn with(library: &Library) -> (Node, TestDatabase) {
    let database = TestDatabase::new().await;
    import::import(&database.database, &SystemClock, library, |_| {}).await.expect("import");
    let node = Node::start(&database.url, NodeOptions::default()).await;
    (node, database)
}

impl Node {
    /// Starts a node and returns when its index holds the database.
    pub async fn start(database_url: &str, options: NodeOptions) -> Self {
        let data = options.data.clone().unwrap_or_else(|| folder("casebook-node"));
        let index_folder = data.join("index");
        let (stop, stopped) = watch::channel(false);
        let (ready, is_ready) = mpsc::channel();
        let thread = std::thread::spawn({
            let (url, index_folder) = (database_url.to_owned(), index_folder.clone());
            move || run(&url, &index_folder, &data, options, stopped, &ready)
        });
        let url = tokio::task::spawn_blocking(move || is_ready.recv_timeout(Duration::from_secs(60)))
            .await
            .expect("thread")
            .expect("the node starts");
        let client = Client::new(&url);
        Self { url, index_folder, client, stop, thread: Some(thread) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed; the test fails by what it asked in vain.
            thread.join().unwrap_or_default();
        }
    }
}

fn run(
    url: &str,
    index_folder: &Path,
    data: &Path,
    options: NodeOptions,
    mut stopped: watch::Receiver<bool>,
    ready: &mpsc::Sender<String>,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
    runtime.block_on(async {
        let database = Database::lazy(url).expect("address");
        let (index, opened) = SearchIndex::open(index_folder).expect("index");
        let diagnoser = Diagnoser::new(index.clone()).expect("rules");
        let (follower, mut status) = Follower::new(database.clone(), diagnoser.clone(), opened);
        let state = AppState {
            database,
            index,
            diagnoser,
            clock: options.clock,
            settings: Settings {
                policy: options.policy,
                hosts: Vec::new(),
                public_url: options.public_url,
                trusted_proxies: options.trusted_proxies,
                security_contact: options.security_contact,
                data: data.to_owned(),
                oidc: options.oidc,
            },
            index_status: status.clone(),
            pages: HotPages::default(),
            lanes: Lanes::default(),
            passwords: Passwords::default(),
            rates: Rates::new(options.rate_limit),
        };
        let addresses = vec![([127, 0, 0, 1], 0).into()];
        let listening = Listening { addresses, workers: 1, patience: options.patience };
        let server = server::bind(state, &listening).expect("bind");
        let following = tokio::spawn(follower.run(stopped.clone()));
        status.wait_for(|status| status.ready).await.expect("ready");
        ready.send(format!("http://{}", server.addresses()[0])).expect("somebody waits");
        let handle = server.handle();
        let serving = tokio::spawn(server.run());
        stopped.wait_for(|stop| *stop).await.expect("told to stop");
        handle.stop(false).await;
        serving.await.expect("joined").expect("served");
        following.await.expect("joined");
    });
}

/// An HTTP client that follows no redirects, keeps cookies, and takes every status as an answer.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    pub base: String,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text))
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.text)
    }

    /// The text of every element that the selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = scraper::Selector::parse(selector).expect("selector");
        let squeezed = |element: scraper::ElementRef<'_>| {
            element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.html().select(&selector).map(squeezed).collect()
    }

    /// An attribute of every element that the selector finds.
    pub fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let selector = scraper::Selector::parse(selector).expect("selector");
        let found = |element: scraper::ElementRef<'_>| element.value().attr(attribute).map(str::to_owned);
        self.html().select(&selector).filter_map(found).collect()
    }
}

impl Client {
    pub fn new(base: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        Self { agent, base: base.to_owned(), cookies: Arc::default() }
    }

    /// Another browser at the same server: without the cookies of this one.
    pub fn stranger(&self) -> Self {
        Self::new(&self.base)
    }

    /// The cookies that it would send.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().expect("lock").clone()
    }

    /// Keeps a cookie as if a server had set it.
    pub fn keep_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().expect("lock").insert(name.to_owned(), value.to_owned());
    }

    /// Sends any request; the cookies go along, and those that come back are kept.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        let cookies: Vec<String> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body).expect("request"))?,
            None => self.agent.run(request.body(()).expect("request"))?,
        };
        let answer = answer(response)?;
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().expect("ASCII").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            self.cookies.lock().expect("lock").insert(name.to_owned(), value.to_owned());
        }
        Ok(answer)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    pub fn try_get(&self, path: &str) -> Result<Answer, ureq::Error> {
        self.request("GET", path, &[], None)
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        self.try_post(path, headers, body).unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    pub fn try_post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Result<Answer, ureq::Error> {
        self.request("POST", path, headers, Some(body.as_ref()))
    }

    pub fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.post(path, &[("content-type", "application/json")], body.to_string())
    }

    /// Sends a form as a browser does: with the page's origin.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_html_form::to_string(fields).expect("form");
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", self.base.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.post(path, &headers, body)
    }

    /// Submits a story over the API and gives its slug.
    pub fn submit(&self, story: &Value) -> String {
        let answer = self.post_json("/api/v1/stories", story);
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["slug"].as_str().expect("slug").to_owned()
    }

    /// The slugs that evidence is matched to, best first.
    pub fn matches(&self, evidence: &str) -> Vec<String> {
        let answer = self.post("/api/v1/match", &[("content-type", "text/plain")], evidence);
        assert_eq!(answer.status, 200, "{}", answer.text);
        slugs(&answer.json()["matches"])
    }

    /// The slugs that a search finds, best first.
    pub fn finds(&self, query: &str) -> Vec<String> {
        let query = serde_html_form::to_string([("q", query), ("limit", "100")]).expect("query");
        let answer = self.get(&format!("/api/v1/search?{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        slugs(&answer.json()["results"])
    }
}

fn slugs(results: &Value) -> Vec<String> {
    let results = results.as_array().expect("an array");
    results.iter().map(|result| result["slug"].as_str().expect("slug").to_owned()).collect()
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let (parts, mut body) = response.into_parts();
    // Pictures are no text: of them only status and headers are looked at.
    let text = String::from_utf8_lossy(&body.with_config().limit(64 << 20).read_to_vec()?).into_owned();
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, text })
}

/// The smallest story, with a title.
pub fn story(title: &str) -> Value {
    serde_json::json!({
        "title": title,
        "summary": "A short summary.",
        "symptom": "Requests failed.",
        "root_cause": "A limit was reached.",
        "remediation": "1. Raise the limit.",
        "category": "capacity",
        "organization": "Example",
    })
}

/// How long a test waits for a change to reach an index. Tens of milliseconds are usual and a second is promised, but a
/// test shares its machine with others: how fast it is, is measured elsewhere.
pub const SOON: Duration = Duration::from_secs(5);

/// Asks again until the answer is yes; a no after `patience` fails the test.
#[track_caller]
pub fn eventually(patience: Duration, what: &str, mut check: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    loop {
        if check() {
            return started.elapsed();
        }
        assert!(started.elapsed() < patience, "not within {patience:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
