//! The menus of the form.

use super::view::FormView;
use crate::domain::{Category, DetectedBy, Marker, ReferenceKind, RuleKind, Severity, Trigger};

/// A value of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is the one that was chosen.
    pub chosen: Chosen,
}

/// Whether a menu item is the chosen one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// It is.
    Yes,
    /// It is not.
    No,
}

impl FormView {
    /// The menu of categories.
    pub fn categories(&self) -> Vec<MenuItem> {
        menu(
            Category::ALL.iter().map(|value| (value.as_str(), value.label(), value.meaning())),
            &self.filled.input.failure.category,
        )
    }

    /// The menu of severities.
    pub fn severities(&self) -> Vec<MenuItem> {
        menu(
            Severity::ALL.iter().map(|value| (value.as_str(), value.label(), value.meaning())),
            &self.filled.input.severity,
        )
    }

    /// The menu of triggers.
    pub fn triggers(&self) -> Vec<MenuItem> {
        menu(
            Trigger::ALL.iter().map(|value| (value.as_str(), value.label(), value.meaning())),
            &self.filled.input.trigger,
        )
    }

    /// The menu of ways of detection.
    pub fn detections(&self) -> Vec<MenuItem> {
        menu(
            DetectedBy::ALL.iter().map(|value| (value.as_str(), value.label(), value.meaning())),
            &self.filled.input.detected_by,
        )
    }

    /// The menu of a timeline row's markers.
    pub fn markers(&self, chosen: &str) -> Vec<MenuItem> {
        menu(Marker::ALL.iter().map(|value| (value.as_str(), value.label(), "")), chosen)
    }

    /// The menu of a rule's kinds.
    pub fn rule_kinds(&self, chosen: &str) -> Vec<MenuItem> {
        menu(RuleKind::ALL.iter().map(|value| (value.as_str(), value.label(), value.meaning())), chosen)
    }

    /// The menu of a source's kinds.
    pub fn reference_kinds(&self, chosen: &str) -> Vec<MenuItem> {
        menu(ReferenceKind::ALL.iter().map(|value| (value.as_str(), value.label(), value.meaning())), chosen)
    }
}

impl MenuItem {
    /// Whether it is the one that was chosen.
    pub fn is_chosen(&self) -> bool {
        self.chosen == Chosen::Yes
    }
}

/// A menu's items; a value that is not among them is kept as one more, so that nothing is changed silently.
fn menu<'a>(values: impl Iterator<Item = (&'a str, &'a str, &'a str)>, chosen: &str) -> Vec<MenuItem> {
    let item = |value: &str, label: String| MenuItem {
        value: value.to_owned(),
        label,
        chosen: if value == chosen { Chosen::Yes } else { Chosen::No },
    };
    let mut items: Vec<MenuItem> = values
        .map(|(value, label, meaning)| {
            item(
                value,
                if meaning.is_empty() { label.to_owned() } else { format!("{label} ({})", lower_first(meaning)) },
            )
        })
        .collect();
    if !chosen.is_empty() && items.iter().all(|item| item.value != chosen) {
        items.push(item(chosen, chosen.to_owned()));
    }
    items
}

/// Inside brackets a sentence begins in lower case, but for a word such as CRE or CPU.
fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() && !text.starts_with("Prometheus") => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}
