//! From a story handed in to a search that finds it, with ten writers at once, beside the bare library's own commit;
//! and files coming in.

use std::path::Path;
use std::time::{Duration, Instant};

use casebook::domain::clock::SystemClock;
use casebook::domain::{FailureId, Story};
use casebook::search::SearchRequest;
use casebook::service::import::import;
use casebook::store::Database;
use casebook::story_file::{print_story, read_library};
use serde_json::json;

use crate::Outcome;
use crate::client::{Connection, post};
use crate::corpus::Corpus;
use crate::figures::{BARE, Book, CASEBOOK, Part, Topic};
use crate::library::Library;
use crate::node::Node;
use crate::peers::bare::Bare;
use crate::sampling::{Bound, Samples};

/// What the figures are called.
pub const SEARCHABLE: &str = "write to searchable, 10 writers";
pub const COMMIT: &str = "commit and reload of one document";
const IMPORT: &str = "import of story files, documents";

const WRITERS: u64 = 10;
/// How long they write.
const WRITING: Duration = Duration::from_secs(8);
/// How many files come in.
const FILES: u64 = 1_000;

/// Takes the bare library's time before and after the writers'.
pub fn measure(book: &mut Book, corpus: &Corpus, library: &Library, bare: &mut Bare, data: &Path) -> Outcome<()> {
    let size = corpus.size;
    let stories = (0..200).map(|number| corpus.story(number)).collect::<Outcome<Vec<_>>>()?;
    let mut commits = bare.write_one_by_one(Bound::new(100, 4), &stories)?;
    let node = Node::start(&library.url, data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let samples = runtime.block_on(async {
        let until = Instant::now() + WRITING;
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            let stories = stories.iter().skip(number as usize).step_by(WRITERS as usize).cloned().collect();
            writers.spawn(write(Watched::of(&node), stories, until));
        }
        let mut samples = Samples::default();
        for written in writers.join_all().await {
            samples.extend(written?);
        }
        Outcome::Ok(samples)
    })?;
    drop(node);
    commits.extend(bare.write_one_by_one(Bound::new(100, 4), &stories)?);
    let topic = |what| Topic { size, part: Part::Writing, what };
    book.latency(topic(SEARCHABLE), CASEBOOK, &samples);
    book.latency(topic(COMMIT), BARE, &commits);
    let rate = runtime.block_on(files(corpus, library))?;
    book.rate(topic(IMPORT), CASEBOOK, &[rate]);
    Ok(())
}

/// What a writer needs of the node.
struct Watched {
    index: casebook::search::SearchIndex,
    address: std::net::SocketAddr,
}

impl Watched {
    fn of(node: &Node) -> Self {
        Self { index: node.index.clone(), address: node.address }
    }
}

/// One story after the other, each looked for before the next is sent.
async fn write(node: Watched, stories: Vec<Story>, until: Instant) -> Outcome<Samples> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let mut connection = Connection::open(node.address).await?;
    let mut samples = Samples::default();
    for story in stories.iter().cycle() {
        if Instant::now() > until {
            break;
        }
        let id = FailureId::new();
        let word = letters(id);
        let request = post("/api/v1/stories", "application/json", &submission(id, &word, story));
        let begun = Instant::now();
        let answer = connection.send(&request).await?;
        if answer.status != 201 {
            let said = String::from_utf8_lossy(answer.body).into_owned();
            return Err(format!("a story was answered with {}: {said}; expected 201", answer.status).into());
        }
        let mut documents = None;
        loop {
            // Whether anything has come in costs next to nothing to ask, so that ten who wait take little from the node.
            // What it says of itself comes later: by then the rules have been read as well.
            let now = Some(node.index.document_count());
            if documents != now && finds(&node, &word, id)? {
                break;
            }
            documents = now;
            if begun.elapsed() > PATIENCE {
                return Err(format!("a story was not found within {} s", PATIENCE.as_secs()).into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        samples.add(begun.elapsed());
    }
    Ok(samples)
}

fn finds(node: &Watched, word: &str, id: FailureId) -> Outcome<bool> {
    let request = SearchRequest { query: format!("\"{word}\""), per_page: 1, ..SearchRequest::default() };
    Ok(node.index.search(&request)?.hits.iter().any(|hit| hit.card.id == id))
}

/// A word that no other story has.
fn letters(id: FailureId) -> String {
    id.0.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(b'a' + digit)).collect()
}

fn submission(id: FailureId, word: &str, story: &Story) -> String {
    let failure = &story.failure;
    json!({
        "id": id,
        "title": format!("{} {word}", failure.title.as_str().split(' ').take(5).collect::<Vec<_>>().join(" ")),
        "organization": story.incident.organization,
        "summary": failure.summary,
        "symptom": failure.symptom,
        "root_cause": failure.root_cause,
        "remediation": failure.remediation,
        "category": failure.category,
        "technologies": failure.technologies,
        "impact": story.incident.impact,
        "lessons": story.lessons,
    })
    .to_string()
}

/// How many files come in a second, read and saved.
async fn files(corpus: &Corpus, library: &Library) -> Outcome<f64> {
    let files = (0..FILES)
        .map(|number| {
            let mut story = corpus.story(corpus.size as u64 + number)?;
            story.failure.rules.clear();
            Ok((format!("imported-{number}.md"), print_story(&story).into_bytes()))
        })
        .collect::<Outcome<Vec<_>>>()?;
    let database = Database::lazy(&library.url)?;
    let begun = Instant::now();
    let (read, errors) = read_library(files, &[]);
    if let Some(error) = errors.first() {
        return Err(format!("a made-up story is not right as a file: {error}").into());
    }
    import(&database, &SystemClock, &read, |_| {}).await?;
    let took = begun.elapsed();
    database.close().await;
    Ok(FILES as f64 / took.as_secs_f64())
}
