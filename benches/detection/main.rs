//! How fast the rules run, beside grep as the floor: `make bench-detection`. Everything is generated, the same each time.
//!
//! The rules are the public ones of `../shared/data/cre-dev`, where that folder is; else those of the built-in stories.
//! More are made by exchanging words in them. Times are of the processor where the system tells them (Linux), so that
//! what else the machine does spoils little.

#![expect(clippy::print_stdout, reason = "a table for people is what it is for")]

mod rules;
mod grep;

use std::hint::black_box;
use std::time::{Duration, Instant};

use casebook::detection::RuleBook;
use casebook::evidence::Signals;
use casebook_benches::logs;

const MIB: usize = 1024 * 1024;
const LOG: usize = 100_000_000;

fn main() {
    let public = rules::known();
    let hits = rules::examples();
    println!("{} rules, {} of their example logs among the generated lines\n", public.len(), hits.len());
    let log = logs::generated(LOG, &hits);
    let paste = logs::beginning(&log, MIB);
    one_paste(&public, paste);
    whole_log(&public, &log);
}

/// One paste of 1 MiB, against more and more rules.
fn one_paste(known: &[String], paste: &str) {
    println!("A paste of 1 MiB, {} lines: best of 7\n", paste.lines().count());
    println!(
        "{:>7} {:>12} {:>12} {:>12} {:>7} {:>12} {:>12}",
        "rules", "make book", "read", "run", "fired", "grep -F", "grep -E"
    );
    for count in [361, 1_000, 5_000] {
        let texts = rules::varied(known, count);
        let compiled = rules::compiled(&texts);
        let (making, book) = best_of(3, || RuleBook::new(compiled.clone()));
        let (reading, signals) = best_of(7, || signals(paste));
        let (running, findings) = best_of(7, || book.run(&signals));
        let floor = grep::Floor::of(&texts);
        println!(
            "{:>7} {:>12} {:>12} {:>12} {:>7} {:>12} {:>12}",
            book.rules().len(),
            shown(making),
            shown(reading),
            shown(running),
            findings
                .iter()
                .filter(|finding| matches!(finding.verdict, casebook::domain::matching::Verdict::Fired(_)))
                .count(),
            floor.fixed(paste).map_or("-".to_owned(), shown),
            floor.extended(paste).map_or("-".to_owned(), shown),
        );
    }
    println!();
}

/// All known rules over the whole log, in pastes of 1 MiB as that is the most that is read at once.
fn whole_log(known: &[String], log: &str) {
    let book = RuleBook::new(rules::compiled(known));
    let mut reading = Duration::ZERO;
    let mut running = Duration::ZERO;
    let mut findings = 0;
    let mut rest = log;
    while !rest.is_empty() {
        let paste = logs::beginning(rest, MIB);
        let (took, signals) = timed(|| signals(paste));
        reading += took;
        let (took, found) = timed(|| book.run(&signals).len());
        running += took;
        findings += found;
        rest = &rest[paste.len()..];
    }
    let floor = grep::Floor::of(known);
    // grep -E needs minutes for more.
    let tenth = logs::beginning(log, log.len() / 10);
    println!("{} MB, {} rules, {findings} findings", log.len() / 1_000_000, book.rules().len());
    let rows = [
        ("reading it as evidence", log, Some(reading)),
        ("running the rules", log, Some(running)),
        ("both", log, Some(reading + running)),
        ("grep -F, their literals", log, floor.fixed(log)),
        ("grep -E, on a tenth of it", tenth, floor.extended(tenth)),
    ];
    let rate = |text: &str, took: Duration| text.len() as f64 / 1e6 / took.as_secs_f64();
    let own = rate(log, reading + running);
    println!("\n{:<26} {:>12} {:>10} {:>18}", "", "time", "MB/s", "of casebook's rate");
    for (name, text, took) in rows {
        let Some(took) = took else {
            println!("{name:<26} {:>12}", "gave up");
            continue;
        };
        println!("{name:<26} {:>12} {:>10.1} {:>17.2}x", shown(took), rate(text, took), rate(text, took) / own);
    }
}

fn signals(text: &str) -> Signals<'_> {
    Signals::read(text, chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(20_500))
}

/// The shortest of some runs, and what the last of them gave.
fn best_of<T>(runs: usize, run: impl Fn() -> T) -> (Duration, T) {
    let (mut best, mut given) = timed(&run);
    for _ in 1..runs {
        let (took, newer) = timed(&run);
        best = best.min(took);
        given = newer;
    }
    (best, given)
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let (start, clock) = (processor_time(), Instant::now());
    let given = black_box(run());
    let took = start.zip(processor_time()).map(|(start, end)| end.saturating_sub(start));
    (took.unwrap_or_else(|| clock.elapsed()), given)
}

/// How long this thread, the only one, has run on a processor.
fn processor_time() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(Duration::from_nanos(statistics.split_whitespace().next()?.parse().ok()?))
}

fn shown(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1e3)
}
