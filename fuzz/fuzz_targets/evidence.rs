//! Any paste: split into signals, masked, and masked again, which must change nothing.

#![no_main]

use casebook_fuzz::evidence::Signals;
use casebook_fuzz::evidence::mask::mask;
use casebook_fuzz::in_time;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = chrono::DateTime::from_timestamp(1_750_000_000, 0).expect("a time");
    in_time(text.len(), || {
        let signals = Signals::read(text, now);
        for entry in &signals.log.entries {
            assert!(text.is_char_boundary(entry.span.start) && text.is_char_boundary(entry.span.end));
        }
        let once = mask(text);
        assert_eq!(mask(&once.text).text, once.text);
    });
});
