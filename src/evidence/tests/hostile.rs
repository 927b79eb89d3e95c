//! Pastes made to be slow: time stays in proportion to length.

use std::time::Duration;

use super::processor::processor_time;
use super::read;
use crate::evidence::mask::mask;

/// A quarter of the longest paste: a debug build takes its time, and the shape shows here too.
const LONG: usize = 256 * 1024;

fn filled(piece: &str, length: usize) -> String {
    piece.repeat(length / piece.len())
}

/// What it is, and how to make so many bytes of it.
type Hostile = (&'static str, fn(usize) -> String);

fn hostile() -> Vec<Hostile> {
    vec![
        ("square brackets", |n| filled("[", n)),
        ("braces", |n| filled("{", n)),
        ("closed braces", |n| format!("{}{}", filled("{", n / 2), filled("}", n / 2))),
        ("keys and braces", |n| filled("{\"apiVersion\":", n)),
        ("objects in JSON", |n| filled("{\"apiVersion\":\"v1\",\"kind\":\"A\"}", n)),
        ("list in JSON", |n| format!("{{\"apiVersion\":\"v1\",\"kind\":\"A\",\"x\":[{}0]}}", filled("0,", n))),
        ("mixed brackets", |n| filled("{[", n)),
        ("wrapped", |n| filled("[x {\"apiVersion\":1} ]", n)),
        ("quotes", |n| format!("{{{}", filled("\"", n))),
        ("backslashes", |n| format!("{{\"{}", filled("\\", n))),
        ("dashes", |n| format!("apiVersion: v1\nkind: A\nx:\n{}", filled("- ", n))),
        ("dashes on lines", |n| format!("apiVersion: v1\nkind: A\nx:\n{}", filled("-\n", n))),
        ("anchors", |n| format!("apiVersion: v1\nkind: A\nx: [{}", filled("&a ", n))),
        ("anchored items", |n| format!("apiVersion: v1\nkind: A\nx:\n{}", filled("- &a x\n", n))),
        ("aliases", |n| format!("apiVersion: v1\nkind: A\ny: &a x\nx:\n{}", filled("- *a\n", n))),
        ("unknown aliases", |n| format!("apiVersion: v1\nkind: A\nx: [{}", filled("*a, ", n))),
        ("merges", |n| format!("apiVersion: v1\nkind: A\ny: &a {{b: c}}\nx:\n{}", filled("- {<<: *a}\n", n))),
        ("aliased lists", |n| {
            let items = filled("- *a\n", n / 4);
            format!("apiVersion: v1\nkind: List\nx: &a\n  apiVersion: v1\n  kind: A\nitems:\n{items}")
        }),
        ("spaces", |n| filled(" ", n)),
        ("spaces in YAML", |n| format!("apiVersion: v1\nkind: A\nx:\n{}", filled(" ", n))),
        ("deeper and deeper", |n| {
            let lines = (0..n).scan(0, |length, depth| {
                *length += depth + 3;
                (*length < n).then(|| format!("{}a:\n", " ".repeat(depth)))
            });
            format!("apiVersion: v1\nkind: A\n{}", lines.collect::<String>())
        }),
        ("documents", |n| filled("---\n", n)),
        ("documents with kinds", |n| filled("---\nkind: A\napiVersion: v1\n", n)),
        ("kinds", |n| filled("kind: A\n", n)),
        ("kinds in items", |n| filled("- kind: A\n", n)),
        ("broken kinds", |n| filled("apiVersion: v1\nkind: A\nx: [\n---\n", n)),
        ("broken items", |n| format!("kind: List\napiVersion: v1\nitems:\n{}x: [", filled("- kind: A\n", n))),
        ("question marks", |n| format!("apiVersion: v1\nkind: A\n{}", filled("? ", n))),
        ("a long key", |n| format!("apiVersion: v1\nkind: A\n{}: x", filled("k", n))),
        ("a long scalar", |n| format!("apiVersion: v1\nkind: A\nx: {}", filled("k ", n))),
        ("a block scalar", |n| format!("apiVersion: v1\nkind: A\nx: |\n{}", filled("  k\n", n))),
        ("a quoted scalar", |n| format!("apiVersion: v1\nkind: A\nx: \"{}\"", filled("k\n", n))),
        ("comments", |n| format!("apiVersion: v1\nkind: A\n{}", filled("# k\n", n))),
        ("colons", |n| filled("a:", n)),
        ("a long line", |n| filled("x", n)),
        ("digits", |n| filled("1", n)),
        ("dotted", |n| filled("1.", n)),
        ("addresses", |n| filled("10.1.2.3 ", n)),
        ("many addresses", |n| {
            (0..n / 12).map(|i| format!("10.{}.{}.{} ", i >> 16 & 255, i >> 8 & 255, i & 255)).collect()
        }),
        ("colons and digits", |n| filled("a1:", n)),
        ("mail", |n| filled("a@b.co ", n)),
        ("at signs", |n| filled("@", n)),
        ("joined mail", |n| filled("a@b", n)),
        ("passwords", |n| filled("password:", n)),
        ("password lines", |n| (0..n / 24).map(|i| format!("password=hunter{i:08}\n")).collect()),
        ("quoted passwords", |n| filled("password=\"", n)),
        ("tokens", |n| filled("--token ", n)),
        ("blocks", |n| filled("password: |\n", n)),
        ("bearer", |n| filled("Authorization: Bearer ", n)),
        ("cookies", |n| filled("Cookie: a=b;", n)),
        ("credentials", |n| filled("://a:", n)),
        ("private keys", |n| filled("-----BEGIN PRIVATE KEY-----\n", n)),
        ("secrets", |n| filled("kind: Secret\ndata:\n  a: b1\n", n)),
        ("nested secrets", |n| format!("Secret{}", filled("{\"data\":{\"a\":\"b\",", n))),
        ("names", |n| filled("- name: ", n)),
        ("names of secrets", |n| filled("name: token\n", n)),
        ("JWTs", |n| filled("eyJ", n)),
        ("emoji", |n| filled("🦀", n)),
        ("right to left", |n| filled("שלום ", n)),
        ("combining", |n| filled("e\u{301}", n)),
        ("series", |n| filled("{alertname=\"", n)),
        ("headlines", |n| filled("[FIRING:1] A", n)),
        ("headlines on lines", |n| filled("[FIRING:1] Abc\n", n)),
        ("labels of alerts", |n| filled("alertname = A\n", n)),
        ("alerts in YAML", |n| filled("- alertname: A\n", n)),
        ("alerts in JSON", |n| format!("[{}{{}}]", filled("{\"labels\":{\"alertname\":\"A\"}},", n))),
        ("gaps", |n| filled("Warning  ", n)),
        ("heads", |n| filled("LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n", n)),
        ("rows", |n| filled("2m   Warning   BackOff   pod/web-1   Back-off\n", n)),
        ("names of described", |n| filled("Name: a\n", n)),
        ("frames", |n| format!("a.BError: x\n{}", filled("\tat a.B.c(B.java:1)\n", n))),
        ("thrown", |n| filled("a.BError: x\n\tat a\n", n)),
        ("dots", |n| filled("a.", n)),
        ("tracebacks", |n| filled("Traceback (most recent call last):\n", n)),
        ("open tracebacks", |n| filled("Traceback (most recent call last):\n  x\n\n", n)),
        ("panics", |n| filled("panic: x\n", n)),
        ("panics apart", |n| filled("panic: x\n\n", n)),
        ("goroutines", |n| format!("panic: x\n\n{}", filled("goroutine 1 [running]:\n", n))),
        ("parentheses", |n| format!("panic: x\n\n{}", filled("a(", n))),
        ("line ends", |n| filled("\n", n)),
    ]
}

/// What takes less, in a debug build on a busy machine, needs no second look.
const UNREMARKABLE: Duration = Duration::from_secs(1);

/// The whole over an eighth of it: 8 where time is in proportion, 64 where it grows with the square.
const MOST_GROWTH: u32 = 24;

fn run_read(text: &str) {
    drop(read(text));
}

fn run_mask(text: &str) {
    drop(mask(text));
}

#[test]
fn time_stays_in_proportion_to_length() {
    let mut slow = Vec::new();
    for (name, make) in hostile() {
        for (what, run) in [("read", run_read as fn(&str)), ("mask", run_mask)] {
            let time = |length: usize| {
                let text = make(length);
                let start = processor_time();
                run(&text);
                processor_time().saturating_sub(start)
            };
            let whole = time(LONG);
            if std::env::var_os("CASEBOOK_TEST_TIMES").is_some() {
                println!("{whole:?}\t{what}\t{name}");
            }
            // The machine may be busy with something else: the best of three, each.
            let best = |length: usize| (0..3).map(|_| time(length)).min().unwrap_or_default();
            if whole > UNREMARKABLE && best(LONG) > best(LONG / 8) * MOST_GROWTH {
                slow.push(format!("{name}: {what} takes {whole:?}"));
            }
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}
