//! Pastes made to be slow: time stays in proportion to length.

use std::time::Duration;
use std::time::Instant;

use super::read;
use crate::evidence::mask::mask;

const MEBIBYTE: usize = 1024 * 1024;

fn filled(piece: &str, length: usize) -> String {
    piece.repeat(length / piece.len())
}

fn hostile() -> Vec<(&'static str, fn(usize) -> String)> {
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
        ("line ends", |n| filled("\n", n)),
    ]
}

/// Longest time for a mebibyte in a debug build, where our own code is not optimised and cores are shared.
const BEARABLE: Duration = Duration::from_secs(4);

#[test]
fn no_paste_is_slow() {
    let mut slow = Vec::new();
    for (name, make) in hostile() {
        for (what, run) in [("read", (|text| drop(read(text))) as fn(&str)), ("mask", |text| drop(mask(text)))] {
            let time = |length: usize| {
                let text = make(length);
                let start = Instant::now();
                run(&text);
                start.elapsed()
            };
            let whole = time(MEBIBYTE);
            if std::env::var_os("EVIDENCE_TIMES").is_some() {
                println!("{name}: {what} {whole:?}");
            }
            if whole > BEARABLE {
                slow.push(format!("{name}: {what} takes {whole:?}, an eighth {:?}", time(MEBIBYTE / 8)));
            }
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}
