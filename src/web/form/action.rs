//! What the person asked for: every button of the form says it in its `action` value.

use std::collections::BTreeSet;

use super::sublist::{self, Sublist};
use crate::domain::input::{
    ActionItemInput, CheckInput, FactInput, MAX_ENTRIES, ReferenceInput, RuleInput, StoryInput, TimelineInput,
    TranslationInput,
};
use crate::domain::{Invalid, TimelineEntry};

/// The value of the button that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Check everything and publish it.
    Save,
    /// Check everything and hand it in for review.
    HandIn,
    /// Keep it as it is, to be written on later.
    KeepDraft,
    /// Show the form again with the whole story rendered above it.
    Preview,
    /// Run the rules over their examples and those of all failures, and show what comes of it.
    Try,
    /// Put pseudonyms into the place of secrets in symptom and examples, and try the rules on what is left.
    Mask,
    /// Look for stories that resemble what is written so far.
    Similar,
    /// Begin a story from a paste that nothing known matched.
    Start,
    /// Make something of what was pasted; `web/aids` does it.
    Aid(Aid),
    /// One more empty row at the end of a list.
    Add(List),
    /// One row fewer; the number is its place as shown, from 0.
    Remove(List, usize),
    /// One more empty row at the end of a list that belongs to a rule, named by its place.
    AddTo(usize, Sublist),
    /// One row fewer of it.
    RemoveFrom(usize, Sublist, usize),
}

/// What can be made of a paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aid {
    /// Take the symptom's code blocks as the paste, and try the rules on it.
    Take,
    /// Try the rules on the paste.
    Try,
    /// Suggest a rule for the ticked lines.
    Suggest,
    /// Suggest it and put it among the rules.
    Adopt,
    /// Make a chat log into rows of the timeline.
    Chat,
}

/// The repeated parts of the form that are more than one field wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Timeline,
    Rules,
    Checks,
    References,
    ActionItems,
    Translations,
    Facts,
}

impl List {
    /// Every list.
    pub const ALL: [Self; 7] = [
        Self::Timeline,
        Self::Rules,
        Self::Checks,
        Self::References,
        Self::ActionItems,
        Self::Translations,
        Self::Facts,
    ];

    /// The name of the field of [`StoryInput`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Timeline => "timeline",
            Self::Rules => "rules",
            Self::Checks => "checks",
            Self::References => "references",
            Self::ActionItems => "action_items",
            Self::Translations => "translations",
            Self::Facts => "facts",
        }
    }

    /// The field that a new row is begun in.
    pub fn first_field(self) -> &'static str {
        match self {
            Self::Timeline => "at",
            Self::Rules => "kind",
            Self::Checks => "command",
            Self::References => "kind",
            Self::ActionItems => "text",
            Self::Translations => "language",
            Self::Facts => "claim",
        }
    }

    /// The most rows that a story takes.
    pub fn most(self) -> usize {
        match self {
            Self::Timeline => TimelineEntry::MAX_ROWS,
            Self::Rules | Self::Checks | Self::References | Self::ActionItems | Self::Translations | Self::Facts => {
                MAX_ENTRIES
            }
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }

    /// How many rows a story has.
    pub fn count(self, input: &StoryInput) -> usize {
        match self {
            Self::Timeline => input.timeline.len(),
            Self::Rules => input.failure.rules.len(),
            Self::Checks => input.failure.checks.len(),
            Self::References => input.failure.references.len(),
            Self::ActionItems => input.action_items.len(),
            Self::Translations => input.failure.translations.len(),
            Self::Facts => input.facts.len(),
        }
    }
}

impl Action {
    /// Reads a button's value; a form sent without a button is a save.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let wrong = || {
            Invalid::new(
                text,
                "an action of the form: save, hand-in, draft, preview, similar, try, start, add:timeline, remove:timeline:0",
            )
        };
        let list = |name| List::named(name).ok_or_else(wrong);
        let sublist = |name| Sublist::named(name).ok_or_else(wrong);
        let place = |text: &str| text.parse::<usize>().map_err(|_| wrong());
        match text.splitn(6, ':').collect::<Vec<_>>()[..] {
            ["" | "save"] => Ok(Self::Save),
            ["hand-in"] => Ok(Self::HandIn),
            ["draft"] => Ok(Self::KeepDraft),
            ["preview"] => Ok(Self::Preview),
            ["try"] => Ok(Self::Try),
            ["mask"] => Ok(Self::Mask),
            ["similar"] => Ok(Self::Similar),
            ["start"] => Ok(Self::Start),
            ["aid", "take"] => Ok(Self::Aid(Aid::Take)),
            ["aid", "try"] => Ok(Self::Aid(Aid::Try)),
            ["aid", "suggest"] => Ok(Self::Aid(Aid::Suggest)),
            ["aid", "adopt"] => Ok(Self::Aid(Aid::Adopt)),
            ["aid", "chat"] => Ok(Self::Aid(Aid::Chat)),
            ["add", name] => Ok(Self::Add(list(name)?)),
            ["remove", name, row] => Ok(Self::Remove(list(name)?, place(row)?)),
            ["add", "rules", rule, name] => Ok(Self::AddTo(place(rule)?, sublist(name)?)),
            ["remove", "rules", rule, name, row] => Ok(Self::RemoveFrom(place(rule)?, sublist(name)?, place(row)?)),
            _ => Err(wrong()),
        }
    }

    /// Whether it changes rows or speaks of them by number, so that their places must hold still until then.
    pub fn is_about_rows(self) -> bool {
        match self {
            Self::Add(_) | Self::Remove(..) | Self::AddTo(..) | Self::RemoveFrom(..) => true,
            Self::Aid(Aid::Take | Aid::Try | Aid::Suggest) => true,
            Self::Aid(Aid::Adopt | Aid::Chat)
            | Self::Save
            | Self::HandIn
            | Self::KeepDraft
            | Self::Preview
            | Self::Try
            | Self::Mask
            | Self::Similar
            | Self::Start => false,
        }
    }

    /// Does what the action does to the rows, and gives the id of the element to focus afterwards.
    pub fn apply(self, input: &mut StoryInput) -> Option<String> {
        match self {
            Self::Save
            | Self::HandIn
            | Self::KeepDraft
            | Self::Preview
            | Self::Try
            | Self::Mask
            | Self::Similar
            | Self::Start
            | Self::Aid(_) => None,
            Self::Add(list) => {
                add(list, input);
                Some(format!("{}-{}-{}", list.name(), list.count(input) - 1, list.first_field()))
            }
            Self::Remove(list, place) => {
                remove(list, place, input);
                Some(format!("add-{}", list.name()))
            }
            Self::AddTo(rule, list) => {
                let rows = list.add(input.failure.rules.get_mut(rule)?);
                Some(list.row_id(rule, rows - 1))
            }
            Self::RemoveFrom(rule, list, place) => {
                list.remove(input.failure.rules.get_mut(rule)?, place);
                Some(format!("add-rules-{rule}-{}", list.name()))
            }
        }
    }
}

fn add(list: List, input: &mut StoryInput) {
    // An empty list is shown with one empty row, which the person has seen: one more makes two.
    let rows = if list.count(input) == 0 { 2 } else { 1 };
    for _ in 0..rows {
        match list {
            List::Timeline => input.timeline.push(TimelineInput::default()),
            List::Rules => input.failure.rules.push(RuleInput::default()),
            List::Checks => input.failure.checks.push(CheckInput::default()),
            List::References => input.failure.references.push(ReferenceInput::default()),
            List::ActionItems => input.action_items.push(ActionItemInput::default()),
            List::Translations => input.failure.translations.push(TranslationInput::default()),
            List::Facts => input.facts.push(FactInput::default()),
        }
    }
}

fn remove(list: List, place: usize, input: &mut StoryInput) {
    fn take<T>(rows: &mut Vec<T>, place: usize) {
        if place < rows.len() {
            rows.remove(place);
        }
    }
    match list {
        List::Timeline => take(&mut input.timeline, place),
        List::Rules => take(&mut input.failure.rules, place),
        List::Checks => take(&mut input.failure.checks, place),
        List::References => take(&mut input.failure.references, place),
        List::ActionItems => take(&mut input.action_items, place),
        List::Translations => take(&mut input.failure.translations, place),
        List::Facts => take(&mut input.facts, place),
    }
}

/// A reason that the form asks for: the place of the rule, and the failure that it fires on.
pub type Asked = BTreeSet<(usize, String)>;

/// Drops the rows that nobody wrote in. A kind or a state that a menu starts out with is not writing, and neither is a
/// failure that the form has put there itself, to ask for a reason.
pub fn drop_empty_rows(input: &mut StoryInput, asked: &Asked) {
    input.timeline.retain(|row| !blank(&[&row.at, &row.marker, &row.text]));
    input.action_items.retain(|item| !blank(&[&item.text, &item.owner, &item.due, &item.link]));
    let failure = &mut input.failure;
    for (place, rule) in failure.rules.iter_mut().enumerate() {
        sublist::drop_empty_rows(rule, |on| asked.contains(&(place, on.to_owned())));
    }
    failure.rules.retain(|rule| !blank(&[&rule.name, &rule.text]) || !sublist::is_empty(rule));
    failure.checks.retain(|check| !blank(&[&check.command, &check.means, &check.apart_from]));
    failure.references.retain(|one| !blank(&[&one.title, &one.url, &one.archived, &one.language]));
    failure.translations.retain(|one| !blank(&[&one.language, &one.title, &one.summary, &one.symptom]));
    input.facts.retain(|fact| !blank(&[&fact.claim, &fact.source, &fact.passage]));
}

/// Whether nothing is written in any of these.
pub(super) fn blank(texts: &[&str]) -> bool {
    texts.iter().all(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::sublist::Sublist;
    use super::{Action, Asked, List, drop_empty_rows};
    use crate::domain::input::{RuleInput, StoryInput, TimelineInput};

    fn row(at: &str) -> TimelineInput {
        TimelineInput { at: at.to_owned(), ..TimelineInput::default() }
    }

    #[test]
    fn buttons_say_what_they_do() {
        assert_eq!(Action::parse(""), Ok(Action::Save));
        assert_eq!(Action::parse("add:rules"), Ok(Action::Add(List::Rules)));
        assert_eq!(Action::parse("remove:timeline:3"), Ok(Action::Remove(List::Timeline, 3)));
        assert_eq!(Action::parse("add:rules:1:fires_on"), Ok(Action::AddTo(1, Sublist::FiresOn)));
        assert_eq!(Action::parse("remove:rules:1:also_fires:0"), Ok(Action::RemoveFrom(1, Sublist::AlsoFires, 0)));
        for bad in ["add", "add:colours", "add:rules:1", "remove:timeline", "remove:timeline:x", "save:rules", "delete"]
        {
            assert!(Action::parse(bad).is_err(), "{bad} was accepted");
        }
        for bad in ["add:rules:x:fires_on", "add:checks:1:fires_on", "remove:rules:1:fires_on", "remove:rules:1:name:2"]
        {
            assert!(Action::parse(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_row_is_added_at_the_end_and_takes_the_focus() {
        let mut input = StoryInput { timeline: vec![row("one")], ..StoryInput::default() };
        assert_eq!(Action::Add(List::Timeline).apply(&mut input).as_deref(), Some("timeline-1-at"));
        assert_eq!(input.timeline, [row("one"), row("")]);
        assert_eq!(Action::Add(List::Rules).apply(&mut input).as_deref(), Some("rules-1-kind"));
    }

    #[test]
    fn the_row_whose_button_was_pressed_is_removed_and_no_other() {
        let mut input = StoryInput { timeline: vec![row("one"), row(""), row("three")], ..StoryInput::default() };
        Action::Remove(List::Timeline, 1).apply(&mut input);
        assert_eq!(input.timeline, [row("one"), row("three")]);
        Action::Remove(List::Timeline, 9).apply(&mut input);
        assert_eq!(input.timeline.len(), 2);
    }

    #[test]
    fn rows_that_hold_only_what_a_menu_starts_with_are_empty() {
        let mut input = StoryInput { timeline: vec![row(" "), row("x")], ..StoryInput::default() };
        input.failure.rules = vec![
            RuleInput { kind: "log".to_owned(), ..RuleInput::default() },
            RuleInput { kind: "log".to_owned(), name: "n".to_owned(), text: String::new(), ..RuleInput::default() },
        ];
        drop_empty_rows(&mut input, &Asked::new());
        assert_eq!(input.timeline, [row("x")]);
        assert_eq!(input.failure.rules.len(), 1);
    }
}
