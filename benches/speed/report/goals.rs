//! What is aimed at, as ratios of figures of one run, and whether it was reached.

use super::tables::number;
use crate::corpus::questions::Paste;
use crate::figures::{BARE, Book, CASEBOOK, POSTGRES, SQLITE};
use crate::measure::over_http::{LIST, MEMORY, STORY, as_page, over_http};
use crate::measure::rebuilding::{BUILD, FAILED_MEANWHILE, OPEN};
use crate::measure::search_of;
use crate::measure::writing::{COMMIT, SEARCHABLE};

/// One goal.
struct Goal {
    what: &'static str,
    /// The sizes it was set for; all where it names none.
    sizes: &'static [usize],
    bar: Bar,
    unit: &'static str,
    figure: fn(&Book, usize) -> Option<f64>,
}

/// What a figure is held against.
#[derive(Clone, Copy)]
enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// A goal beside what came of it.
pub struct Reckoned {
    pub size: usize,
    pub what: &'static str,
    pub figure: String,
    pub goal: String,
    pub is_reached: bool,
}

/// Every goal that was set for a size which was measured.
pub fn reckoned(book: &Book, sizes: &[usize]) -> Vec<Reckoned> {
    GOALS.iter().flat_map(|goal| sizes.iter().filter_map(|&size| goal.reckoned(book, size))).collect()
}

impl Goal {
    fn reckoned(&self, book: &Book, size: usize) -> Option<Reckoned> {
        if !self.sizes.is_empty() && !self.sizes.contains(&size) {
            return None;
        }
        let (figure, unit) = ((self.figure)(book, size)?, self.unit);
        let (goal, is_reached) = match self.bar {
            Bar::AtMost(bar) => (format!("at most {bar}{unit}"), figure <= bar),
            Bar::AtLeast(bar) => (format!("at least {bar}{unit}"), figure >= bar),
        };
        Some(Reckoned { size, what: self.what, figure: format!("{}{unit}", number(figure)), goal, is_reached })
    }
}

const GOALS: [Goal; 17] = [
    Goal {
        what: "search of 5 words, inside: p50 to tantivy's, doing the same",
        sizes: &[],
        bar: Bar::AtMost(2.0),
        unit: "x",
        figure: |book, size| Some(own_search(book, size)? / book.p50(size, &search_of(5), BARE)?),
    },
    Goal {
        what: "search of 5 words, inside: p50 of PostgreSQL's ts_rank_cd to it",
        sizes: &[100_000],
        bar: Bar::AtLeast(300.0),
        unit: "x",
        figure: |book, size| Some(book.p50(size, &search_of(5), POSTGRES)? / own_search(book, size)?),
    },
    Goal {
        what: "search of 5 words, inside: p50 of SQLite FTS5 to it",
        sizes: &[100_000],
        bar: Bar::AtLeast(30.0),
        unit: "x",
        figure: |book, size| Some(book.p50(size, &search_of(5), SQLITE)? / own_search(book, size)?),
    },
    Goal {
        what: "search of 5 words, inside: p50 of PostgreSQL's ts_rank_cd to it",
        sizes: &[1_000_000],
        bar: Bar::AtLeast(700.0),
        unit: "x",
        figure: |book, size| Some(book.p50(size, &search_of(5), POSTGRES)? / own_search(book, size)?),
    },
    Goal {
        what: "search of 5 words, inside: p50 of SQLite FTS5 to it",
        sizes: &[1_000_000],
        bar: Bar::AtLeast(100.0),
        unit: "x",
        figure: |book, size| Some(book.p50(size, &search_of(5), SQLITE)? / own_search(book, size)?),
    },
    Goal {
        what: "search of 5 words over HTTP, 32 connections: p50 to tantivy's under the same concurrency",
        sizes: &[],
        bar: Bar::AtMost(3.0),
        unit: "x",
        figure: |book, size| Some(book.p50(size, &over_http(5), CASEBOOK)? / book.p50(size, &over_http(5), BARE)?),
    },
    Goal {
        what: "search of 5 words over HTTP, 32 connections: p99 to tantivy's under the same concurrency",
        sizes: &[],
        bar: Bar::AtMost(5.0),
        unit: "x",
        figure: |book, size| Some(book.p99(size, &over_http(5), CASEBOOK)? / book.p99(size, &over_http(5), BARE)?),
    },
    Goal {
        what: "search of 5 words as a page for people, gzip, 32 connections: p50 to the same",
        sizes: &[],
        bar: Bar::AtMost(3.0),
        unit: "x",
        figure: |book, size| Some(book.p50(size, &as_page(5), CASEBOOK)? / book.p50(size, &over_http(5), BARE)?),
    },
    Goal {
        what: "paste of 100 lines, 5,000 rules, inside: p50 to a search of 5 words",
        sizes: &[100_000],
        bar: Bar::AtMost(30.0),
        unit: "x",
        figure: |book, size| Some(book.p50(size, Paste::HundredLines.label(), CASEBOOK)? / own_search(book, size)?),
    },
    Goal {
        what: "story page: requests a second to hello world's",
        sizes: &[],
        bar: Bar::AtLeast(0.5),
        unit: "",
        figure: |book, size| book.of_peer(size, STORY),
    },
    Goal {
        what: "list page with facets: requests a second to hello world's",
        sizes: &[],
        bar: Bar::AtLeast(0.25),
        unit: "",
        figure: |book, size| book.of_peer(size, LIST),
    },
    Goal {
        what: "write to searchable, 10 writers: p50 to tantivy's commit and reload",
        sizes: &[],
        bar: Bar::AtMost(2.5),
        unit: "x",
        figure: |book, size| Some(book.p50(size, SEARCHABLE, CASEBOOK)? / book.p50(size, COMMIT, BARE)?),
    },
    Goal {
        what: "write to searchable, 10 writers: p99 to tantivy's commit and reload",
        sizes: &[],
        bar: Bar::AtMost(4.0),
        unit: "x",
        figure: |book, size| Some(book.p99(size, SEARCHABLE, CASEBOOK)? / book.p99(size, COMMIT, BARE)?),
    },
    Goal {
        what: "rebuild from PostgreSQL: documents a second to tantivy's build",
        sizes: &[],
        bar: Bar::AtLeast(0.5),
        unit: "",
        figure: |book, size| Some(book.per_second(size, BUILD, CASEBOOK)? / book.per_second(size, BUILD, BARE)?),
    },
    Goal {
        what: "searches that failed during a rebuild",
        sizes: &[],
        bar: Bar::AtMost(0.0),
        unit: "",
        figure: |book, size| book.in_amount(size, FAILED_MEANWHILE),
    },
    Goal {
        what: "opening a warm index",
        sizes: &[1_000_000],
        bar: Bar::AtMost(50.0),
        unit: " ms",
        figure: |book, size| book.in_amount(size, OPEN),
    },
    Goal {
        what: "own (anonymous) memory of the server, after all requests",
        sizes: &[1_000_000],
        bar: Bar::AtMost(150.0),
        unit: " MiB",
        figure: |book, size| book.in_amount(size, MEMORY),
    },
];

fn own_search(book: &Book, size: usize) -> Option<f64> {
    book.p50(size, &search_of(5), CASEBOOK)
}
