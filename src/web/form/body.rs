//! The form's body: flat, repeated names on the wire, a [`StoryInput`] inside.
//!
//! Nothing that was typed is judged here; only a body that cannot be read as this form at all is refused.

mod wire;

use uuid::Uuid;

use self::wire::Wire;
use super::action::{Action, Asked, List, drop_empty_rows};
use super::pasted::Pasted;
use super::sublist::Sublist;
use crate::domain::input::{AlsoFiresInput, StoryInput};
use crate::domain::{Draft, DraftId, DraftVersion, FailureId, Invalid, RevisionNumber};
use crate::service::review::CrossFire;
use crate::web::limits::{self, EncodingFault};

/// The most that a form may say, in bytes after decoding.
pub const MAX_DECODED: usize = 1024 * 1024;

/// The most rows of any list but the timeline that are shown again when they are too many. No browser sends more.
const MOST_SHOWN_AGAIN: usize = 200;

/// A form as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// What the story says.
    pub input: StoryInput,
    /// The record that the form was made for when it was first shown: sent twice, it is saved once.
    pub id: FailureId,
    /// The revision that an edit began from.
    pub base: Option<RevisionNumber>,
    /// The draft that it is kept as, by an id that the page made.
    pub draft: DraftId,
    /// The version of the draft that the page has; 0 if it was never saved.
    pub seen: DraftVersion,
    /// The page itself, however often it saves.
    pub tab: Uuid,
    /// What a visitor without an account wants to be called.
    pub author_name: String,
    /// What was changed, and why.
    pub note: String,
    /// Whether similar stories have been seen.
    pub duplicates: Duplicates,
    /// Whether secrets in examples have been seen.
    pub secrets: Secrets,
    /// Which blast radius has been seen and accepted, as [`crate::service::review::Blast::mark`] has it; or empty.
    pub blast: String,
    /// The reasons that the form has asked for.
    pub asked: Asked,
    /// What was pasted to be made into something.
    pub pasted: Pasted,
    /// The button.
    pub action: Action,
    /// The token against forged forms, as sent.
    pub csrf: String,
}

/// What to do about very similar stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// Look for them, and show them before saving.
    Show,
    /// They have been shown; this is another story all the same.
    Accepted,
}

/// What to do about credentials in the examples of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Look for them, and show them before saving.
    Show,
    /// They have been shown; they open nothing.
    Accepted,
}

/// Why a body cannot be read as this form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// More than [`MAX_DECODED`] bytes.
    #[error("The form holds {0} bytes of text; at most {MAX_DECODED} (1 MiB) fit. Put long logs behind a link.")]
    TooLarge(usize),
    /// Not text.
    #[error("The form holds {0}. Save the text as UTF-8, or paste it anew.")]
    NotText(#[from] EncodingFault),
    /// The columns of a list are of different lengths, so that rows cannot be told.
    #[error(
        "The columns of {list} have {lengths} values; every row needs one of each. Send the form as the page has it."
    )]
    Ragged {
        /// Which list.
        list: &'static str,
        /// How many values each column has.
        lengths: String,
    },
    /// More rows than could be shown again.
    #[error("The form holds {found} rows of {list}; a story takes at most {most}.")]
    TooManyRows {
        /// Which list.
        list: &'static str,
        /// How many there are.
        found: usize,
        /// How many a story takes.
        most: usize,
    },
    /// A hidden field or a button has a value that the page never gives it.
    #[error("The form's field {field} cannot be used: {why}.")]
    Hidden {
        /// Which field.
        field: &'static str,
        /// What was found and expected.
        why: Invalid,
    },
    /// Not a form.
    #[error("The body cannot be read as a form: {0}.")]
    Malformed(String),
}

impl Filled {
    /// A form that nobody has written in.
    pub fn empty(id: FailureId) -> Self {
        Self {
            input: StoryInput::default(),
            id,
            base: None,
            draft: DraftId::new(),
            seen: DraftVersion(0),
            tab: Uuid::new_v4(),
            author_name: String::new(),
            note: String::new(),
            duplicates: Duplicates::Show,
            secrets: Secrets::Show,
            blast: String::new(),
            asked: Asked::new(),
            pasted: Pasted::default(),
            action: Action::Save,
            csrf: String::new(),
        }
    }

    /// The form that a draft holds.
    pub fn of(draft: &Draft) -> Result<Self, BodyError> {
        let read = Self::parse(draft.form.as_bytes())?;
        Ok(Self { id: draft.failure, base: draft.base, draft: draft.id, seen: draft.version, ..read })
    }

    /// Puts a row into the form for every failure on whose examples a rule fires without a reason.
    pub fn ask_for_reasons(&mut self, crossings: &[CrossFire]) {
        for crossing in crossings.iter().filter(|crossing| crossing.reason.is_none()) {
            let on = crossing.hit.on.to_string();
            let Some(rule) = self.input.failure.rules.get_mut(crossing.rule) else { continue };
            let is_there = rule.also_fires.iter().any(|also| also.on == on);
            if !is_there && rule.also_fires.len() < Sublist::AlsoFires.most() {
                rule.also_fires.push(AlsoFiresInput { on: on.clone(), because: String::new() });
                self.asked.insert((crossing.rule, on));
            }
        }
    }

    /// Reads a body. Rows keep their places while the rows themselves are being changed;
    /// to save or to preview, those that nobody wrote in are dropped.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        // The form library replaces what is not UTF-8, which would save something that nobody typed.
        limits::check_encoding(body)?;
        let decoded = body.len() - 2 * body.iter().filter(|byte| **byte == b'%').count();
        if decoded > MAX_DECODED {
            return Err(BodyError::TooLarge(decoded));
        }
        let wire: Wire = serde_html_form::from_bytes(body).map_err(|error| BodyError::Malformed(error.to_string()))?;
        let mut filled = Self::from_wire(wire)?;
        if !filled.action.is_about_rows() {
            drop_empty_rows(&mut filled.input, &filled.asked);
        }
        refuse_crowds(&filled.input)?;
        Ok(filled)
    }

    fn from_wire(wire: Wire) -> Result<Self, BodyError> {
        let hidden = |field| move |why| BodyError::Hidden { field, why };
        let toggled = wire.link_pattern.clone();
        let pressed = if wire.action.is_empty() { &wire.intent } else { &wire.action };
        let action = if toggled.is_empty() { Action::parse(pressed) } else { Ok(Action::Similar) };
        let mut filled = Self {
            action: action.map_err(hidden("action"))?,
            id: id(&wire.id).map_err(hidden("id"))?,
            base: base(&wire.base).map_err(hidden("base"))?,
            draft: draft(&wire.draft).map_err(hidden("draft"))?,
            seen: seen(&wire.draft_version).map_err(hidden("draft_version"))?,
            tab: wire.tab.parse().unwrap_or_else(|_| Uuid::new_v4()),
            author_name: wire.author_name.clone(),
            duplicates: if wire.duplicate_ok.is_empty() { Duplicates::Show } else { Duplicates::Accepted },
            secrets: if wire.secrets_ok.is_empty() { Secrets::Show } else { Secrets::Accepted },
            blast: wire.blast_ok.clone(),
            note: wire.note.clone(),
            csrf: wire.csrf.clone(),
            asked: wire::asked(&wire),
            pasted: wire::pasted(&wire),
            input: wire::input(wire)?,
        };
        if !toggled.is_empty() {
            toggle(&mut filled.input.patterns, toggled);
        }
        Ok(filled)
    }
}

/// What belongs to the page that a form was on rather than to what was written in it.
const OF_THE_PAGE: [&str; 11] = [
    "csrf",
    "action",
    "intent",
    "draft",
    "draft_version",
    "tab",
    "author_name",
    "duplicate_ok",
    "secrets_ok",
    "blast_ok",
    "link_pattern",
];

/// A body as it is kept: everything that was written, right or not, in the encoding of forms.
pub fn kept(body: &[u8]) -> Result<String, BodyError> {
    let malformed = |error: &dyn std::fmt::Display| BodyError::Malformed(error.to_string());
    let mut pairs: Vec<(String, String)> = serde_html_form::from_bytes(body).map_err(|error| malformed(&error))?;
    pairs.retain(|(name, _)| !OF_THE_PAGE.contains(&name.as_str()));
    serde_html_form::to_string(pairs).map_err(|error| malformed(&error))
}

/// Ticks a pattern, or takes the tick back.
fn toggle(patterns: &mut Vec<String>, slug: String) {
    let before = patterns.len();
    patterns.retain(|one| *one != slug);
    if patterns.len() == before {
        patterns.push(slug);
    }
}

fn refuse_crowds(input: &StoryInput) -> Result<(), BodyError> {
    let lists = [List::Rules, List::Checks, List::References, List::ActionItems, List::Translations, List::Facts];
    let counted = lists.map(|list| (list.name(), list.count(input), list.most()));
    let of_rules = input
        .failure
        .rules
        .iter()
        .flat_map(|rule| Sublist::ALL.map(|list| (list.name(), list.count(rule), list.most())));
    match counted.into_iter().chain(of_rules).find(|(_, found, _)| *found > MOST_SHOWN_AGAIN) {
        Some((list, found, most)) => Err(BodyError::TooManyRows { list, found, most }),
        None => Ok(()),
    }
}

fn id(text: &str) -> Result<FailureId, Invalid> {
    if text.is_empty() {
        return Ok(FailureId::new());
    }
    text.parse().map(FailureId).map_err(|_| Invalid::new(text, "the id that the form was shown with"))
}

fn draft(text: &str) -> Result<DraftId, Invalid> {
    if text.is_empty() {
        return Ok(DraftId::new());
    }
    text.parse().map(DraftId).map_err(|_| Invalid::new(text, "the id of the draft that the form was shown with"))
}

fn seen(text: &str) -> Result<DraftVersion, Invalid> {
    let number = if text.is_empty() { Some(0) } else { text.parse().ok().filter(|number| *number >= 0) };
    number.map(DraftVersion).ok_or_else(|| Invalid::new(text, "the version of a draft"))
}

fn base(text: &str) -> Result<Option<RevisionNumber>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse::<i32>().ok().filter(|number| *number > 0);
    number.map(|number| Some(RevisionNumber(number))).ok_or_else(|| Invalid::new(text, "the number of a revision"))
}

#[cfg(test)]
mod tests;
