//! The figures as Markdown, which is also what the terminal shows.

use std::fmt::Write;

use super::goals::reckoned;
use crate::figures::{BARE, Book, CASEBOOK, Figure, Part, Value};

/// What is said of the machine and of the run.
pub struct Circumstances {
    pub cores: usize,
    pub load_before: String,
    pub load_after: String,
    pub minutes: f64,
}

const HEAD: &str = "\
# How fast it is

Written by `make bench`: one run of one program (`benches/speed`), in which Casebook and what it is held against get the
same documents, the same searches and the same machine. Ratios hold; times are those of the machine.

The documents are made up and the same on every run: incidents of 150 to 250 words out of 30,000, as frequent as words of
one trade are, with category, technologies, severity, organization and date, and 5,000 log rules. A search is for any of
2, 5 or 30 words of one incident, half of them rare; each search is another one. A paste is ordinary lines of logs among
which a few are of one incident. Everything is bounded in time: of fewer than 100 samples, p99 is the slowest.

- **tantivy** is the library of Casebook's index by itself: one stemmed text field, every match scored, the best twenty
  fetched with a snippet, five facets counted. Beside HTTP it is called by 32 threads at once, which the system lets run in
  slices: its p50 is of the lucky half and its p99 of those that waited, so look at the searches done as well.
- **PostgreSQL** has a `tsvector` column with a GIN index, any of the words, `ts_rank_cd`, the best twenty with a
  headline; no facets. As initdb makes it, like the one that Casebook runs.
- **SQLite FTS5** stems with `porter`, any of the words, its own rank, the best twenty with a snippet; no facets.
- **hello world** is a server with the same framework and as many threads, that answers 13 bytes.

";

/// The whole page.
pub fn page(book: &Book, sizes: &[usize], about: &Circumstances) -> String {
    let mut text = HEAD.to_owned();
    let (cores, minutes) = (about.cores, about.minutes);
    let (before, after) = (&about.load_before, &about.load_after);
    write_line(
        &mut text,
        format_args!("{cores} cores; load average {before} before and {after} after; {minutes:.0} minutes.\n"),
    );
    text.push_str("![Latency against the number of failures](performance.svg)\n\n## Goals\n\n");
    goals(&mut text, book, sizes);
    for (part, title) in [
        (Part::Inside, "Searching and matching, without HTTP"),
        (Part::Http, "Searching and matching over HTTP"),
        (Part::Pages, "Pages, 32 connections"),
        (Part::Writing, "Writing and rebuilding"),
        (Part::Serving, "Opening and serving"),
    ] {
        let figures: Vec<&Figure> = book.figures.iter().filter(|figure| figure.part == part).collect();
        write_line(&mut text, format_args!("\n## {title}\n"));
        latencies(&mut text, book, &figures);
        rates(&mut text, book, &figures);
        amounts(&mut text, &figures);
    }
    text
}

fn goals(text: &mut String, book: &Book, sizes: &[usize]) {
    text.push_str("| failures | what | figure | goal | |\n|---:|---|---:|---|---|\n");
    for goal in reckoned(book, sizes) {
        let reached = if goal.is_reached { "reached" } else { "**not reached**" };
        let (size, what) = (grouped(goal.size), goal.what);
        write_line(text, format_args!("| {size} | {what} | {} | {} | {reached} |", goal.figure, goal.goal));
    }
}

fn latencies(text: &mut String, book: &Book, figures: &[&Figure]) {
    let mut head = "| failures | what | whose | p50 ms | p99 ms | samples | times Casebook's p50 |\n\
                    |---:|---|---|---:|---:|---:|---:|\n";
    for figure in figures {
        let Value::Latency { p50, p99, samples } = figure.value else { continue };
        text.push_str(std::mem::take(&mut head));
        let own = book.p50(figure.size, &figure.what, CASEBOOK).filter(|_| figure.who != CASEBOOK);
        let ratio = own.map_or(String::new(), |own| number(p50 / own));
        let (size, what, who) = (grouped(figure.size), &figure.what, figure.who);
        let (p50, p99) = (number(p50), number(p99));
        write_line(text, format_args!("| {size} | {what} | {who} | {p50} | {p99} | {samples} | {ratio} |"));
    }
}

fn rates(text: &mut String, book: &Book, figures: &[&Figure]) {
    let mut head =
        "\n| failures | what | whose | a second | rounds | Casebook's share |\n|---:|---|---|---:|---:|---:|\n";
    for figure in figures {
        let Value::Rate { per_second, rounds, of_peer } = figure.value else { continue };
        text.push_str(std::mem::take(&mut head));
        let is_shown = book.of_peer(figure.size, &figure.what).is_some();
        let beside = (figure.who == BARE && !is_shown).then(|| book.per_second(figure.size, &figure.what, CASEBOOK));
        let beside = beside.flatten();
        let share = of_peer.or(beside.map(|own| own / per_second)).map_or(String::new(), number);
        let (size, what, who) = (grouped(figure.size), &figure.what, figure.who);
        let rate = grouped(per_second as usize);
        write_line(text, format_args!("| {size} | {what} | {who} | {rate} | {rounds} | {share} |"));
    }
}

fn amounts(text: &mut String, figures: &[&Figure]) {
    let mut head = "\n| failures | what | figure |\n|---:|---|---:|\n";
    for figure in figures {
        let Value::Amount { amount, unit } = figure.value else { continue };
        text.push_str(std::mem::take(&mut head));
        let (size, what, amount) = (grouped(figure.size), &figure.what, number(amount));
        write_line(text, format_args!("| {size} | {what} | {amount} {unit} |"));
    }
}

fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A string takes everything.
    writeln!(text, "{line}").unwrap_or_default();
}

/// Three telling digits.
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        ..1.0 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => grouped(value.round().abs() as usize),
    }
}

/// `1,000,000`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
