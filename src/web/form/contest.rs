//! What two people wrote into one field, side by side, for the one of them who decides.

use crate::domain::input::StoryInput;
use crate::domain::{Category, DetectedBy, Severity, Trigger};
use crate::merging::{Merged, Outcome};
use crate::web::diff::{self, Piece};
use crate::web::form::complaint::field_label;

/// A field into which two people wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    /// The id of the field, or the name of the list.
    pub id: &'static str,
    /// What the page calls it.
    pub label: String,
    /// Theirs; what only they say is marked.
    pub theirs: Vec<Piece>,
    /// Yours; what only you say is marked.
    pub yours: Vec<Piece>,
}

impl Contest {
    /// The id of an element beside which it is shown: lists have their button to add a row.
    pub fn anchor(&self) -> &'static str {
        match self.id {
            "timeline" => "add-timeline",
            "rules" => "add-rules",
            "checks" => "add-checks",
            "references" => "add-references",
            "action_items" => "add-action_items",
            "translations" => "add-translations",
            "facts" => "add-facts",
            field => field,
        }
    }
}

/// A merge as the form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// What the form holds now.
    pub input: StoryInput,
    /// What only the other side changed, as the page calls it.
    pub taken: Vec<String>,
    /// What both changed in different places.
    pub together: Vec<String>,
    /// What has to be decided.
    pub contests: Vec<Contest>,
}

impl From<Merged> for Brought {
    fn from(merged: Merged) -> Self {
        let mut brought = Self { input: merged.input, taken: Vec::new(), together: Vec::new(), contests: Vec::new() };
        for field in merged.fields {
            let label = label(field.name);
            match field.outcome {
                Outcome::Theirs => brought.taken.push(label),
                Outcome::Together => brought.together.push(label),
                Outcome::Contested { theirs, yours } => {
                    let (theirs, yours) = (for_people(field.name, theirs), for_people(field.name, yours));
                    let pieces = diff::between(&theirs, &yours);
                    let only = |left_out: fn(&Piece) -> bool| {
                        pieces.iter().filter(|piece| !left_out(piece)).cloned().collect::<Vec<_>>()
                    };
                    brought.contests.push(Contest {
                        id: field.name,
                        label,
                        theirs: only(|piece| matches!(piece, Piece::Added(_))),
                        yours: only(|piece| matches!(piece, Piece::Removed(_))),
                    });
                }
            }
        }
        brought
    }
}

fn label(name: &str) -> String {
    match name {
        "provenance_id" => "Provenance, name".to_owned(),
        "provenance_source" => "Provenance, address".to_owned(),
        "provenance_author" => "Provenance, author".to_owned(),
        "provenance_license" => "Provenance, licence".to_owned(),
        "action_items" => "Action items".to_owned(),
        "rules" => "Detection rules".to_owned(),
        "checks" => "Checks".to_owned(),
        "references" => "Sources".to_owned(),
        "translations" => "Other languages".to_owned(),
        "facts" => "Facts looked up".to_owned(),
        other => field_label(other).to_owned(),
    }
}

/// What a menu calls the value, where the field is a menu.
fn for_people(name: &str, value: String) -> String {
    let label = match name {
        "category" => Category::parse(&value).ok().map(Category::label),
        "severity" => Severity::parse(&value).ok().map(Severity::label),
        "trigger" => Trigger::parse(&value).ok().map(Trigger::label),
        "detected_by" => DetectedBy::parse(&value).ok().map(DetectedBy::label),
        _ => None,
    };
    label.map_or(value, str::to_owned)
}
