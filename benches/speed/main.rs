//! How fast Casebook is beside what else could search the same documents: `make bench`. One run, everything made up,
//! the same each time. `SIZES=10000,100000` chooses how many failures; docs/performance.md is written when it does not.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tables for people are what it is for")]

mod corpus;
mod figures;
mod library;
mod node;
mod program;
mod peers;
mod measure;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use casebook_benches::{Outcome, client, sampling};

use crate::corpus::Corpus;
use crate::corpus::questions::Pastes;
use crate::figures::{BARE, Book, Part, Topic};
use crate::library::Library;
use crate::measure::{inside, others, over_http, rebuilding, writing};
use crate::peers::bare::Bare;
use crate::report::tables::Circumstances;
use crate::report::{plot, tables};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

fn main() -> ExitCode {
    let is_hello = std::env::args().nth(1).is_some_and(|argument| argument == program::HELLO);
    let done = if is_hello { program::serve_hello() } else { run() };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let begun = Instant::now();
    let chosen = std::env::var("SIZES").ok().filter(|sizes| !sizes.trim().is_empty());
    let sizes = chosen.as_deref().map_or(Ok(SIZES.to_vec()), sizes)?;
    let load_before = load_average();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let written = root.join("target/bench");
    std::fs::create_dir_all(&written)?;
    let mut book = Book::default();
    let pastes = Pastes::new();
    for &size in &sizes {
        let folder = library::reachable(&written).join(format!("data-{size}"));
        remove(&folder)?;
        std::fs::create_dir_all(&folder)?;
        let measured = measure(&mut book, size, &folder, &pastes);
        remove(&folder)?;
        measured?;
    }
    let about = Circumstances {
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        load_before,
        load_after: load_average(),
        minutes: begun.elapsed().as_secs_f64() / 60.0,
    };
    let page = tables::page(&book, &sizes, &about);
    println!("{page}");
    let mut folders = vec![written.clone()];
    if chosen.is_none() {
        folders.push(root.join("docs"));
    }
    for folder in folders {
        std::fs::write(folder.join("performance.md"), &page)?;
        std::fs::write(folder.join("performance.svg"), plot::svg(&book, &sizes))?;
    }
    std::fs::write(written.join("performance.json"), serde_json::to_string_pretty(&book)?)?;
    Ok(())
}

/// Everything, for one size of library.
fn measure(book: &mut Book, size: usize, folder: &Path, pastes: &Pastes) -> Outcome<()> {
    let begun = Instant::now();
    let step = |what: &str| eprintln!("{:>6.0} s  {size} failures: {what}", begun.elapsed().as_secs_f64());
    let corpus = Corpus::new(size);
    step("filling PostgreSQL");
    let library = Library::filled(&folder.join("library"), &corpus)?;
    step(&format!("filled in {:.0} s; building with tantivy alone", library.took.as_secs_f64()));
    let (mut bare, took) = Bare::build(&folder.join("bare"), &corpus)?;
    let topic = Topic { size, part: Part::Writing, what: rebuilding::BUILD };
    book.rate(topic, BARE, &[size as f64 / took.as_secs_f64()]);
    step("building Casebook's index");
    let data: PathBuf = folder.join("node");
    let index = rebuilding::build(book, &corpus, &library, &data)?;
    step("searching and matching");
    inside::measure(book, &corpus, &index, &bare, pastes)?;
    step("searching during a rebuild");
    rebuilding::searched_meanwhile(book, &corpus, &library, &index)?;
    drop(index);
    rebuilding::open(book, &corpus, &data)?;
    step("asking over HTTP");
    over_http::measure(book, &corpus, &library, &data, &bare, pastes)?;
    step("writing");
    writing::measure(book, &corpus, &library, &mut bare, &data)?;
    drop(bare);
    step("searching with PostgreSQL and SQLite");
    others::measure(book, &corpus, &library, folder)?;
    step("done");
    Ok(())
}

fn sizes(text: &str) -> Outcome<Vec<usize>> {
    let parsed: Result<Vec<usize>, _> = text.split(',').map(|size| size.trim().parse()).collect();
    match parsed {
        Ok(sizes) if sizes.iter().all(|size| *size >= 1_000) => Ok(sizes),
        _ => Err(format!("SIZES is {text:?}; expected numbers from 1000 on, such as 10000,100000").into()),
    }
}

/// The load of the machine over the last minute, where the system tells.
fn load_average() -> String {
    let loads = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    loads.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}

fn remove(folder: &Path) -> Outcome<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
