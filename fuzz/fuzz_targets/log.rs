//! A log rule and a log, parted by a line of `%%`: the grammar, the stamps, and the matcher.

#![no_main]

use casebook_fuzz::detection::log::LogRule;
use casebook_fuzz::evidence::Signals;
use casebook_fuzz::in_time;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (rule, log) = text.split_once("\n%%\n").unwrap_or(("set: {match: [{regex: 'err.*'}]}", text));
    let now = chrono::DateTime::from_timestamp(1_750_000_000, 0).expect("a time");
    in_time(text.len(), || {
        let signals = Signals::read(log, now);
        if let Ok(rule) = LogRule::compile(rule) {
            rule.run(&signals);
        }
    });
});
