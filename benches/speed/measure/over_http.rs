//! The program itself, asked over HTTP: searches beside the bare library under the same concurrency, pastes, pages
//! beside a hello-world, and the memory it takes.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use casebook::domain::Category;

use super::search_of;
use crate::Outcome;
use crate::client::{Encoding, encoded, get, load, post};
use crate::corpus::Corpus;
use crate::corpus::questions::{LENGTHS, Paste, Pastes, Questions};
use crate::figures::{BARE, Book, CASEBOOK, HELLO, Part, Topic};
use crate::library::Library;
use crate::peers::bare::Bare;
use crate::program::Program;
use crate::sampling::{Samples, timed};

/// What the figures are called.
pub const MEMORY: &str = "own memory after all of this";
pub const STORY: &str = "story page, kept, gzip";
pub const LIST: &str = "list page with facets, gzip";

const CONNECTIONS: usize = 32;
/// How often each load comes.
const ROUNDS: usize = 3;
/// How long a load lasts each time.
const LASTING: Duration = Duration::from_millis(1_200);
/// The most that a server here answers in that time.
const MOST: usize = 15_000;

/// How the searches of a length are called, as JSON and as a page.
pub fn over_http(words: usize) -> String {
    format!("{} over HTTP, 32 connections", search_of(words))
}

pub fn as_page(words: usize) -> String {
    format!("{} as a page, 32 connections", search_of(words))
}

/// Starts the program on the index in `data` and asks it everything.
pub fn measure(
    book: &mut Book,
    corpus: &Corpus,
    library: &Library,
    data: &Path,
    bare: &Bare,
    pastes: &Pastes,
) -> Outcome<()> {
    let program = Program::casebook(data, &library.url)?;
    let topic = |what| Topic { size: corpus.size, part: Part::Serving, what };
    book.amount(topic("start of the program until it serves"), CASEBOOK, program.ready_after.as_secs_f64() * 1e3, "ms");
    if let Some(memory) = program.own_memory() {
        book.amount(topic("own memory after the start"), CASEBOOK, memory, "MiB");
    }
    let questions = Questions::about(corpus)?;
    for words in LENGTHS {
        searching(book, &questions, &program, bare, words)?;
    }
    matching(book, corpus, &program, pastes)?;
    pages(book, corpus, &program)?;
    if let Some(memory) = program.own_memory() {
        book.amount(topic(MEMORY), CASEBOOK, memory, "MiB");
    }
    Ok(())
}

fn searching(book: &mut Book, questions: &Questions, program: &Program, bare: &Bare, words: usize) -> Outcome<()> {
    let (mut own, mut page, mut other) = (Samples::default(), Samples::default(), Samples::default());
    let (mut own_rates, mut other_rates) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS as u64 {
        let queries = |kind: u64| questions.searches(words, MOST / 3, 10 + round * 3 + kind);
        let asking = |kind, path: &str, encoding| -> Vec<Vec<u8>> {
            queries(kind).iter().map(|words| get(&format!("{path}?q={}", encoded(words)), encoding)).collect()
        };
        let requests = asking(0, "/api/v1/search", Encoding::Plain);
        let loaded = load(program.address, CONNECTIONS, LASTING, requests)?;
        own_rates.push(loaded.per_second);
        own.extend(loaded.latencies);
        let (took, samples) = timed(|| at_once(bare, &queries(1)))?;
        other_rates.push(samples.len() as f64 / took.as_secs_f64());
        other.extend(samples);
        let requests = asking(2, "/stories", Encoding::Gzip);
        page.extend(load(program.address, CONNECTIONS, LASTING, requests)?.latencies);
    }
    let (as_json, as_page) = (over_http(words), as_page(words));
    let topic = Topic { size: questions.size, part: Part::Http, what: &as_json };
    book.latency(topic, CASEBOOK, &own);
    book.latency(topic, BARE, &other);
    book.latency(Topic { what: &as_page, ..topic }, CASEBOOK, &page);
    // Threads are given slices of time, in which one that is quick answers itself several times while all others wait:
    // half of its searches look faster than the machine can keep up. How many are done in all does not depend on that.
    let done = format!("{as_json}: searches done");
    book.rate_beside(Topic { what: &done, ..topic }, CASEBOOK, &own_rates, &other_rates);
    book.rate(Topic { what: &done, ..topic }, BARE, &other_rates);
    Ok(())
}

/// The bare library, called by as many threads as there are connections.
fn at_once(bare: &Bare, queries: &[String]) -> Outcome<Samples> {
    let (next, until) = (AtomicUsize::new(0), Instant::now() + LASTING);
    let work = || {
        let mut samples = Samples::default();
        while Instant::now() < until
            && let Some(query) = queries.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let begun = Instant::now();
            bare.search(query)?;
            samples.add(begun.elapsed());
        }
        Outcome::Ok(samples)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(work)).collect();
        let mut samples = Samples::default();
        for thread in threads {
            samples.extend(thread.join().map_err(|_| "a thread that searched panicked")??);
        }
        Ok(samples)
    })
}

/// Pastes one after the other: who pastes waits for the answer.
fn matching(book: &mut Book, corpus: &Corpus, program: &Program, pastes: &Pastes) -> Outcome<()> {
    for kind in Paste::ALL {
        let made = match kind {
            Paste::OneLine | Paste::HundredLines => 300,
            Paste::Mebibyte => 30,
        };
        let requests = (1_000..1_000 + made)
            .map(|number| Ok(post("/api/v1/match", "text/plain", &pastes.paste(corpus, kind, number)?)))
            .collect::<Outcome<_>>()?;
        let samples = load(program.address, 1, Duration::from_secs(5), requests)?.latencies;
        let what = format!("{} over HTTP, 1 connection", kind.label());
        book.latency(Topic { size: corpus.size, part: Part::Http, what: &what }, CASEBOOK, &samples);
    }
    Ok(())
}

/// Pages in turns with the hello-world.
fn pages(book: &mut Book, corpus: &Corpus, program: &Program) -> Outcome<()> {
    let hello = Program::hello()?;
    let stories =
        (0..50).map(|number| Ok(format!("/stories/{}", corpus.entry(number)?.slug))).collect::<Outcome<_>>()?;
    let lists = Category::ALL.iter().map(|category| format!("/stories?category={category}"));
    let lists: Vec<String> = lists.chain(["/stories".to_owned()]).collect();
    let asked: [(&str, &Vec<String>, Encoding); 4] = [
        (STORY, &stories, Encoding::Gzip),
        (LIST, &lists, Encoding::Gzip),
        ("story page, kept, not compressed", &stories, Encoding::Plain),
        ("list page with facets, not compressed", &lists, Encoding::Plain),
    ];
    let mut rounds: [Vec<f64>; 4] = Default::default();
    let mut of_hello = Vec::new();
    let cycled = |paths: &[String], encoding| {
        let requests = paths.iter().map(|path| get(path, encoding)).collect::<Vec<_>>();
        requests.into_iter().cycle().take(MOST * 4).collect::<Vec<_>>()
    };
    let home = ["/".to_owned()];
    for round in 0..=ROUNDS {
        let hello = load(hello.address, CONNECTIONS, LASTING, cycled(&home, Encoding::Plain))?.per_second;
        for ((_, paths, encoding), rates) in asked.iter().zip(&mut rounds) {
            let rate = load(program.address, CONNECTIONS, LASTING, cycled(paths, *encoding))?.per_second;
            // The first round warms up.
            if round > 0 {
                rates.push(rate);
            }
        }
        if round > 0 {
            of_hello.push(hello);
        }
    }
    let topic = |what| Topic { size: corpus.size, part: Part::Pages, what };
    for ((what, _, _), rates) in asked.iter().zip(&rounds) {
        book.rate_beside(topic(what), CASEBOOK, rates, &of_hello);
    }
    book.rate(topic("a few bytes"), HELLO, &of_hello);
    Ok(())
}
