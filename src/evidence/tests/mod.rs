//! Pastes as people make them, and as nobody should.

mod objects;
mod hostile;

use chrono::{DateTime, TimeZone, Utc};

use super::Signals;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 5, 17, 12, 0, 0).single().expect("a time")
}

fn read(text: &str) -> Signals<'_> {
    Signals::read(text, now())
}
