//! Tests of manifest rules, by what they are about.

mod functions;
mod hostile;
mod language;
mod export;
mod witnesses;

use std::collections::BTreeMap;

use super::ManifestRule;
use crate::evidence::{Object, Signals};

/// An object of YAML, with the line of each field, as the reader of evidence gives it.
pub(super) fn object(yaml: &str) -> Object {
    let value: serde_json::Value = serde_saphyr::from_str(yaml).expect("YAML");
    let text = |pointer: &str| value.pointer(pointer).and_then(|text| text.as_str()).map(str::to_owned);
    Object {
        kind: text("/kind").unwrap_or_default(),
        name: text("/metadata/name"),
        namespace: text("/metadata/namespace"),
        value,
        line: 1,
        lines: BTreeMap::new(),
    }
}

pub(super) fn rule(text: &str) -> ManifestRule {
    ManifestRule::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What a rule says of an object.
pub(super) fn evaluated(text: &str, yaml: &str) -> Result<bool, String> {
    rule(text).evaluate(&object(yaml))
}

/// The sentence that a rule is refused with.
pub(super) fn refused(text: &str) -> String {
    ManifestRule::compile(text).err().unwrap_or_else(|| panic!("{text} is taken")).to_string()
}

/// Evidence in which objects stand at given lines.
pub(super) fn signals(text: &str, objects: Vec<Object>) -> Signals<'_> {
    let mut signals = Signals::read(text, chrono::DateTime::UNIX_EPOCH);
    signals.objects = objects;
    signals
}
