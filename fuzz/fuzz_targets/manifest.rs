//! A CEL expression and a manifest, parted by a line of `%%`: the expression's compiler, the YAML reader, the evaluation.

#![no_main]

use casebook_fuzz::detection::manifest::ManifestRule;
use casebook_fuzz::evidence::Signals;
use casebook_fuzz::in_time;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (rule, manifest) = text.split_once("\n%%\n").unwrap_or(("has(object.spec)", text));
    let now = chrono::DateTime::from_timestamp(1_750_000_000, 0).expect("a time");
    in_time(text.len(), || {
        let signals = Signals::read(manifest, now);
        if let Ok(rule) = ManifestRule::compile(rule) {
            rule.run(&signals);
        }
    });
});
