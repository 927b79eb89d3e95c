//! Making the index from the database, searching meanwhile, and opening it warm.

use std::path::Path;
use std::time::{Duration, Instant};

use casebook::search::SearchIndex;
use casebook::service::diagnose::Diagnoser;
use casebook::service::rebuild::rebuild;
use casebook::store::Database;
use tokio::runtime::Runtime;

use super::inside;
use crate::Outcome;
use crate::corpus::Corpus;
use crate::corpus::questions::Questions;
use crate::figures::{Book, CASEBOOK, Part, Topic};
use crate::library::Library;
use crate::sampling::{Samples, median, timed};

/// What the figures are called.
pub const BUILD: &str = "build of the whole index, documents";
pub const OPEN: &str = "opening a warm index";
pub const SEARCHED_MEANWHILE: &str = "search, 5 words, while the index is rebuilt";
pub const FAILED_MEANWHILE: &str = "searches that found nothing or failed while the index was rebuilt";

/// The longest that searching during a rebuild is watched.
const WATCHED: Duration = Duration::from_secs(15);

/// Builds the index in `<data>/index` for the first time.
pub fn build(book: &mut Book, corpus: &Corpus, library: &Library, data: &Path) -> Outcome<SearchIndex> {
    let runtime = runtime()?;
    let (index, _) = SearchIndex::open(&data.join("index"))?;
    let (took, checkpoint) = timed(|| {
        runtime.block_on(async {
            let database = Database::lazy(&library.url)?;
            let checkpoint = rebuild(&database, &index, |_, _| {}).await?;
            database.close().await;
            Ok(checkpoint)
        })
    })?;
    let topic = Topic { size: corpus.size, part: Part::Writing, what: BUILD };
    book.rate(topic, CASEBOOK, &[corpus.size as f64 / took.as_secs_f64()]);
    at_rest();
    // What was merged meanwhile is seen after the next change.
    index.apply(Vec::new(), checkpoint)?;
    Ok(index)
}

/// Rebuilds beside the index that serves and searches that one, until the rebuild ends or long enough.
pub fn searched_meanwhile(book: &mut Book, corpus: &Corpus, library: &Library, index: &SearchIndex) -> Outcome<()> {
    let runtime = runtime()?;
    let queries = Questions::about(corpus)?.searches(5, 400, 1);
    let rebuilding = runtime.spawn({
        let (url, index) = (library.url.clone(), index.clone());
        async move {
            let database = Database::lazy(&url)?;
            rebuild(&database, &index, |_, _| {}).await?;
            Outcome::Ok(())
        }
    });
    let (begun, mut samples, mut failed) = (Instant::now(), Samples::default(), 0);
    for query in queries.iter().cycle() {
        let searching = Instant::now();
        match inside::search(index, query) {
            Ok(1..) => {}
            Ok(0) | Err(_) => failed += 1,
        }
        samples.add(searching.elapsed());
        if rebuilding.is_finished() || begun.elapsed() > WATCHED {
            break;
        }
    }
    if rebuilding.is_finished() {
        runtime.block_on(rebuilding)??;
    } else {
        rebuilding.abort();
    }
    runtime.shutdown_timeout(Duration::from_secs(30));
    at_rest();
    let topic = |what| Topic { size: corpus.size, part: Part::Writing, what };
    book.latency(topic(SEARCHED_MEANWHILE), CASEBOOK, &samples);
    book.amount(topic(FAILED_MEANWHILE), CASEBOOK, f64::from(failed), "searches");
    Ok(())
}

/// Opens the index, whose files the system still has in memory, and reads its rules; several times.
pub fn open(book: &mut Book, corpus: &Corpus, data: &Path) -> Outcome<()> {
    let (mut opening, mut reading) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (took, (index, _)) = timed(|| Ok(SearchIndex::open(&data.join("index"))?))?;
        opening.push(took.as_secs_f64() * 1e3);
        reading.push(timed(|| Ok(Diagnoser::new(index)?))?.0.as_secs_f64() * 1e3);
    }
    let topic = |what| Topic { size: corpus.size, part: Part::Serving, what };
    book.amount(topic(OPEN), CASEBOOK, median(opening), "ms");
    book.amount(topic("reading and compiling its rules"), CASEBOOK, median(reading), "ms");
    Ok(())
}

/// Waits until this process has nothing to do: segments are merged in the background.
pub fn at_rest() {
    const MOST: Duration = Duration::from_secs(120);
    let begun = Instant::now();
    let mut before = processor_ticks();
    while begun.elapsed() < MOST {
        std::thread::sleep(Duration::from_millis(300));
        let now = processor_ticks();
        if now <= before + 1 {
            break;
        }
        before = now;
    }
}

/// How long all threads have run, in the system's ticks; 0 where it does not tell.
fn processor_ticks() -> u64 {
    let Ok(statistics) = std::fs::read_to_string("/proc/self/stat") else { return 0 };
    let after_name = statistics.rsplit(')').next().unwrap_or_default();
    // The 14th and 15th value of all, the 12th and 13th after the name.
    after_name.split_whitespace().skip(11).take(2).filter_map(|value| value.parse::<u64>().ok()).sum()
}

fn runtime() -> Outcome<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
