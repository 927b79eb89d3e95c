//! What is aimed at, as ratios of figures of one run, and whether it was reached.

use crate::corpus::questions::Paste;
use crate::figures::{BARE, Book, CASEBOOK, POSTGRES, SQLITE};
use crate::measure::over_http::{LIST, MEMORY, STORY, as_page, over_http};
use crate::measure::rebuilding::{BUILD, FAILED_MEANWHILE, OPEN};
use crate::measure::search_of;
use crate::measure::writing::{COMMIT, SEARCHABLE};

/// One goal.
struct Goal {
    what: &'static str,
    bar: Bar,
    figure: fn(&Book, usize) -> Option<f64>,
}

/// What a figure is held against, by the number of failures.
enum Bar {
    AtMost(Sizes, f64, &'static str),
    AtLeast(Sizes, f64, &'static str),
}

/// For which sizes a goal was set.
enum Sizes {
    All,
    Only(&'static [usize]),
}

/// A goal beside what came of it.
pub struct Outcome {
    pub size: usize,
    pub what: &'static str,
    pub figure: String,
    pub goal: String,
    pub reached: bool,
}

const GOALS: [Goal; 17] = [
    Goal {
        what: "search of 5 words inside: p50 to tantivy's, doing the same",
        bar: Bar::AtMost(Sizes::All, 2.0, "x"),
        figure: |book, size| Some(own(book, size)? / book.p50(size, &search_of(5), BARE)?),
    },
    Goal {
        what: "the same: times as fast as PostgreSQL's ts_rank_cd",
        bar: Bar::AtLeast(Sizes::Only(&[100_000]), 300.0, "x"),
        figure: faster_than_postgres,
    },
    Goal {
        what: "the same: times as fast as SQLite FTS5",
        bar: Bar::AtLeast(Sizes::Only(&[100_000]), 30.0, "x"),
        figure: faster_than_sqlite,
    },
    Goal {
        what: "the same: times as fast as PostgreSQL's ts_rank_cd",
        bar: Bar::AtLeast(Sizes::Only(&[1_000_000]), 700.0, "x"),
        figure: faster_than_postgres,
    },
    Goal {
        what: "the same: times as fast as SQLite FTS5",
        bar: Bar::AtLeast(Sizes::Only(&[1_000_000]), 100.0, "x"),
        figure: faster_than_sqlite,
    },
    Goal {
        what: "search of 5 words over HTTP, 32 connections: p50 to tantivy's under the same concurrency",
        bar: Bar::AtMost(Sizes::All, 3.0, "x"),
        figure: |book, size| Some(book.p50(size, &over_http(5), CASEBOOK)? / book.p50(size, &over_http(5), BARE)?),
    },
    Goal {
        what: "the same, p99",
        bar: Bar::AtMost(Sizes::All, 5.0, "x"),
        figure: |book, size| Some(book.p99(size, &over_http(5), CASEBOOK)? / book.p99(size, &over_http(5), BARE)?),
    },
    Goal {
        what: "search of 5 words as a page for people, gzip: p50 to the same",
        bar: Bar::AtMost(Sizes::All, 3.0, "x"),
        figure: |book, size| Some(book.p50(size, &as_page(5), CASEBOOK)? / book.p50(size, &over_http(5), BARE)?),
    },
    Goal {
        what: "paste of 100 lines, 5,000 rules: p50 to a search of 5 words",
        bar: Bar::AtMost(Sizes::Only(&[100_000]), 30.0, "x"),
        figure: |book, size| Some(book.p50(size, Paste::HundredLines.label(), CASEBOOK)? / own(book, size)?),
    },
    Goal {
        what: "story page: requests/s to hello world's",
        bar: Bar::AtLeast(Sizes::All, 0.5, ""),
        figure: |book, size| book.of_peer(size, STORY),
    },
    Goal {
        what: "list page with facets: requests/s to hello world's",
        bar: Bar::AtLeast(Sizes::All, 0.25, ""),
        figure: |book, size| book.of_peer(size, LIST),
    },
    Goal {
        what: "write to searchable, 10 writers: p50 to tantivy's commit and reload",
        bar: Bar::AtMost(Sizes::All, 2.5, "x"),
        figure: |book, size| Some(book.p50(size, SEARCHABLE, CASEBOOK)? / book.p50(size, COMMIT, BARE)?),
    },
    Goal {
        what: "the same, p99",
        bar: Bar::AtMost(Sizes::All, 4.0, "x"),
        figure: |book, size| Some(book.p99(size, SEARCHABLE, CASEBOOK)? / book.p99(size, COMMIT, BARE)?),
    },
    Goal {
        what: "rebuild from PostgreSQL: documents/s to tantivy's build",
        bar: Bar::AtLeast(Sizes::All, 0.5, ""),
        figure: |book, size| Some(book.per_second(size, BUILD, CASEBOOK)? / book.per_second(size, BUILD, BARE)?),
    },
    Goal {
        what: "searches that failed during a rebuild",
        bar: Bar::AtMost(Sizes::All, 0.0, ""),
        figure: |book, size| book.in_amount(size, FAILED_MEANWHILE),
    },
    Goal {
        what: "opening a warm index, checksums included",
        bar: Bar::AtMost(Sizes::Only(&[1_000_000]), 50.0, " ms"),
        figure: |book, size| book.in_amount(size, OPEN),
    },
    Goal {
        what: "memory of the server's own (anonymous), after all requests",
        bar: Bar::AtMost(Sizes::Only(&[1_000_000]), 150.0, " MiB"),
        figure: |book, size| book.in_amount(size, MEMORY),
    },
];

fn own(book: &Book, size: usize) -> Option<f64> {
    book.p50(size, &search_of(5), CASEBOOK)
}

fn faster_than_postgres(book: &Book, size: usize) -> Option<f64> {
    Some(book.p50(size, &search_of(5), POSTGRES)? / own(book, size)?)
}

fn faster_than_sqlite(book: &Book, size: usize) -> Option<f64> {
    Some(book.p50(size, &search_of(5), SQLITE)? / own(book, size)?)
}

/// Every goal that was set for a size which was measured.
pub fn outcomes(book: &Book, sizes: &[usize]) -> Vec<Outcome> {
    GOALS.iter().flat_map(|goal| sizes.iter().filter_map(|&size| goal.outcome(book, size))).collect()
}

impl Goal {
    fn outcome(&self, book: &Book, size: usize) -> Option<Outcome> {
        let (sizes, bar, unit) = match &self.bar {
            Bar::AtMost(sizes, bar, unit) | Bar::AtLeast(sizes, bar, unit) => (sizes, *bar, *unit),
        };
        if let Sizes::Only(sizes) = sizes
            && !sizes.contains(&size)
        {
            return None;
        }
        let figure = (self.figure)(book, size)?;
        let (words, reached) = match &self.bar {
            Bar::AtMost(..) => ("at most", figure <= bar),
            Bar::AtLeast(..) => ("at least", figure >= bar),
        };
        Some(Outcome {
            size,
            what: self.what,
            figure: format!("{}{unit}", super::tables::number(figure)),
            goal: format!("{words} {bar}{unit}"),
            reached,
        })
    }
}
