//! What is not right in a form that was sent: told above it with a link, and beside the field.

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};

use crate::domain::Invalid;
use crate::store::attempt::TooMany;
use crate::web::guard;
use crate::web::state::Settings;

/// Everything that is not right.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

/// One thing.
#[derive(Debug)]
pub struct Fault {
    /// The id of the field; empty where it is about the whole form.
    pub id: &'static str,
    /// A sentence or two.
    pub words: String,
}

impl Faults {
    /// With one about the whole form.
    pub fn whole(words: impl std::fmt::Display) -> Self {
        Self(vec![Fault { id: "", words: words.to_string() }])
    }

    /// Adds one about a field.
    pub fn add(&mut self, id: &'static str, words: impl std::fmt::Display) {
        self.0.push(Fault { id, words: words.to_string() });
    }

    /// The value of a field, or a fault more.
    pub fn take<T>(&mut self, id: &'static str, parsed: Result<T, Invalid>) -> Option<T> {
        parsed.map_err(|wrong| self.add(id, format!("Found {}; expected {}.", wrong.found, wrong.expected))).ok()
    }

    /// What is not right with a field.
    pub fn of(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|fault| fault.id == id).map(|fault| fault.words.as_str())
    }

    /// Whether all is right.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order of the form.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }
}

/// What is to be said about a form that no page of ours may have sent: it is shown again with what was typed.
pub fn forged(settings: &Settings, request: &HttpRequest, csrf: &str) -> Option<Faults> {
    guard::check_token(settings, request.headers(), csrf).err()?;
    Some(Faults::whole("The page was too old, or cookies are off. Nothing was done; send it once more."))
}

/// When somebody may try again who erred too often.
pub fn too_many(too_many: TooMany, now: DateTime<Utc>) -> Faults {
    let minutes = (retry_after(too_many, now) + 59) / 60;
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let at = too_many.until.format("%H:%M UTC");
    Faults::whole(format!("Too many tries went wrong. Try again in {minutes} {unit}, after {at}."))
}

/// The same in seconds, for programs.
pub fn retry_after(too_many: TooMany, now: DateTime<Utc>) -> i64 {
    (too_many.until - now).num_seconds().max(0) + 1
}
