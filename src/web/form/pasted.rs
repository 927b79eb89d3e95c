//! What is pasted into the form to be made into something: it is no part of the story and is not kept with it.

use std::collections::BTreeSet;

/// The pastes of the form, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pasted {
    /// What rules are tried on and suggested for.
    pub evidence: String,
    /// The lines of it that are ticked, from 1.
    pub lines: BTreeSet<u32>,
    /// A chat log to make timeline rows of.
    pub chat: String,
    /// The day on which it begins.
    pub chat_day: String,
    /// The zone of its times.
    pub chat_zone: String,
}
