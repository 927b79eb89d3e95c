//! The form as its template reads it: values, complaints beside them, what is open and what takes the focus.

use std::fmt::Display;

use super::action::{List, blank};
use super::body::Filled;
use super::complaint::Complaint;
use super::contest::Contest;
use super::preview::Preview;
use super::rest;
use super::steps::Progress;
use super::sublist::Sublist;
use super::trial::TrialView;
use crate::domain::input::{
    ActionItemInput, CheckInput, FactInput, FieldError, ProvenanceInput, ReferenceInput, RuleInput, StoryInput,
    TimelineInput, TranslationInput,
};
use crate::domain::{DraftId, Slug};
use crate::store::pattern::PatternName;
use crate::web::aids::rule::RuleAid;
use crate::web::aids::timeline::ChatAnswer;

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// A story that does not exist yet.
    New,
    /// A new revision of the story at this address.
    Edit(Slug),
    /// A draft of the one or of the other, which has an address of its own.
    Draft(DraftId),
}

/// The form, ready to be shown.
#[derive(Debug, Clone)]
pub struct FormView {
    /// What is being written.
    pub mode: Mode,
    /// What has been typed, with an empty row in each empty list.
    pub filled: Filled,
    /// What is wrong, in the order of the summary.
    pub complaints: Vec<Complaint>,
    /// The patterns that there are, and those chosen that are not among them.
    pub patterns: Vec<PatternChoice>,
    /// What two people wrote into one field, where that has to be decided.
    pub contests: Vec<Contest>,
    /// The rendered story, if it was asked for.
    pub preview: Option<Preview>,
    /// What the rules do, if it was asked for.
    pub trial: Option<TrialView>,
    /// What the rules make of a paste, and what is suggested for it.
    pub aid: RuleAid,
    /// What came of a chat log, if one was read.
    pub chat: Option<ChatAnswer>,
    /// The timeline rows after the last that is shown as a row, as text.
    pub timeline_rest: String,
    focus: Option<String>,
}

/// What was made of the pastes of a form.
#[derive(Debug, Clone, Default)]
pub struct Aids {
    /// Of the one beside the rules.
    pub rule: Option<RuleAid>,
    /// Of the one above the timeline.
    pub chat: Option<ChatAnswer>,
}

/// A pattern to tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternChoice {
    pub slug: String,
    pub title: String,
    /// How it is shown.
    pub state: Tick,
}

/// Whether a pattern is ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// Known, not chosen.
    Off,
    /// Known and chosen.
    On,
    /// Chosen, but not in the list: it is gone, or the list could not be read.
    Carried,
}

impl FormView {
    /// A form that shows what was typed. `patterns` is `None` when the list could not be read.
    pub fn new(mode: Mode, mut filled: Filled, patterns: Option<&[PatternName]>) -> Self {
        let patterns = pattern_choices(&filled.input.patterns, patterns.unwrap_or_default());
        let most = List::Timeline.most();
        let rest = filled.input.timeline.split_off(filled.input.timeline.len().min(most));
        show_one_row(&mut filled.input);
        Self {
            aid: RuleAid::of(&filled.pasted.evidence),
            chat: None,
            mode,
            filled,
            complaints: Vec::new(),
            patterns,
            contests: Vec::new(),
            preview: None,
            trial: None,
            timeline_rest: rest::print(&rest),
            focus: None,
        }
    }

    /// The same form with what is wrong with it.
    #[must_use]
    pub fn with_errors(mut self, errors: &[FieldError]) -> Self {
        self.complaints = Complaint::all(errors);
        self
    }

    /// The same form with the focus on an element.
    #[must_use]
    pub fn with_focus(mut self, element: Option<String>) -> Self {
        self.focus = element;
        self
    }

    /// The same form with what two people wrote beside the fields that it is about.
    #[must_use]
    pub fn with_contests(mut self, contests: Vec<Contest>) -> Self {
        self.contests = contests;
        self
    }

    /// The same form with the story rendered above it.
    #[must_use]
    pub fn with_preview(mut self, preview: Preview) -> Self {
        self.preview = Some(preview);
        self.focus = Some("preview".to_owned());
        self
    }

    /// The same form with what its rules do above it.
    #[must_use]
    pub fn with_trial(mut self, trial: TrialView) -> Self {
        self.trial = Some(trial);
        self.focus = Some("trial".to_owned());
        self
    }

    /// The same form with what was made of a paste.
    #[must_use]
    pub fn with_aids(mut self, aids: Aids) -> Self {
        self.aid = aids.rule.unwrap_or(self.aid);
        self.chat = aids.chat;
        self
    }

    /// The story's fields.
    pub fn input(&self) -> &StoryInput {
        &self.filled.input
    }

    /// Whether the story exists already.
    pub fn is_edit(&self) -> bool {
        match self.mode {
            Mode::New => false,
            Mode::Edit(_) => true,
            Mode::Draft(_) => self.filled.base.is_some(),
        }
    }

    /// Where the form is sent.
    pub fn target(&self) -> String {
        match &self.mode {
            Mode::New => "/stories/new".to_owned(),
            Mode::Edit(slug) => format!("/stories/{slug}/edit"),
            Mode::Draft(id) => format!("/drafts/{id}"),
        }
    }

    /// The revision that an edit began from; empty for a new story.
    pub fn base(&self) -> String {
        self.filled.base.map(|base| base.to_string()).unwrap_or_default()
    }

    /// What two people wrote into a field, if that has to be decided.
    pub fn contest(&self, id: &str) -> Option<&Contest> {
        self.contests.iter().find(|contest| contest.id == id)
    }

    /// How far a step is, by the names of its fields; `*` stands behind those without which there is no story.
    pub fn progress(&self, fields: &str) -> Progress {
        let mut names = fields.split_whitespace();
        let required: Vec<&str> = names.clone().filter_map(|name| name.strip_suffix('*')).collect();
        if required.is_empty() {
            return if names.any(|name| self.says(name)) { Progress::Done } else { Progress::Empty };
        }
        match required.iter().filter(|name| self.says(name)).count() {
            0 => Progress::Empty,
            count if count == required.len() => Progress::Done,
            _ => Progress::Begun,
        }
    }

    /// Everything that is wrong with an element, in one text.
    pub fn complaint(&self, id: &str) -> Option<String> {
        let words: Vec<&str> =
            self.complaints.iter().filter(|complaint| complaint.id == id).map(|complaint| &*complaint.words).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// As much of what is wrong as a summary can hold; beside the fields is everything.
    pub fn shown_complaints(&self) -> &[Complaint] {
        const MOST: usize = 30;
        &self.complaints[..self.complaints.len().min(MOST)]
    }

    /// Whether similar stories have been seen and passed over.
    pub fn is_no_duplicate(&self) -> bool {
        self.filled.duplicates == super::body::Duplicates::Accepted
    }

    /// Whether credentials in examples have been seen and passed over.
    pub fn is_open_secret(&self) -> bool {
        self.filled.secrets == super::body::Secrets::Accepted
    }

    /// The most rows that a timeline takes.
    pub fn most_timeline_rows(&self) -> usize {
        List::Timeline.most()
    }

    /// Whether an element takes the focus. The summary of complaints goes before everything.
    pub fn has_focus(&self, id: &str) -> bool {
        self.complaints.is_empty() && self.focus.as_deref() == Some(id)
    }

    /// Whether a folded part has to be open: one of its fields (by name, with spaces between) is filled in, wrong,
    /// or about to be written in.
    pub fn is_open(&self, fields: &str) -> bool {
        fields.split_whitespace().any(|field| {
            let concerns = |id: &str| {
                let id = id.strip_prefix("add-").unwrap_or(id);
                id.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
            };
            self.says(field)
                || self.complaints.iter().any(|complaint| concerns(&complaint.id))
                || self.contests.iter().any(|contest| concerns(contest.id))
                || self.focus.as_deref().is_some_and(concerns)
        })
    }

    fn says(&self, field: &str) -> bool {
        let input = &self.filled.input;
        let any = |texts: &[&str]| !blank(texts);
        match field {
            "title" => any(&[&input.failure.title]),
            "organization" => any(&[&input.organization]),
            "summary" => any(&[&input.failure.summary]),
            "symptom" => any(&[&input.failure.symptom]),
            "root_cause" => any(&[&input.failure.root_cause]),
            "category" => any(&[&input.failure.category]),
            "remediation" => any(&[&input.failure.remediation]),
            "contributing_factors" => !input.failure.contributing_factors.is_empty(),
            "patterns" => !input.patterns.is_empty(),
            "started_at" => any(&[&input.started_at]),
            "detected_at" => any(&[&input.detected_at]),
            "resolved_at" => any(&[&input.resolved_at]),
            "duration" => any(&[&input.duration]),
            "severity" => any(&[&input.severity]),
            "trigger" => any(&[&input.trigger]),
            "detected_by" => any(&[&input.detected_by]),
            "impact" => any(&[&input.impact]),
            "lessons" => any(&[&input.lessons]),
            "timeline" => input.timeline.iter().any(|row| any(&[&row.at, &row.marker, &row.text])),
            "rules" => input.failure.rules.iter().any(|rule| any(&[&rule.name, &rule.text])),
            "checks" => input.failure.checks.iter().any(|check| any(&[&check.command, &check.means])),
            "provenance" => input.failure.provenance != ProvenanceInput::default(),
            "references" => input.failure.references.iter().any(|source| any(&[&source.title, &source.url])),
            "facts" => input.facts.iter().any(|fact| any(&[&fact.claim, &fact.passage])),
            "action_items" => {
                input.action_items.iter().any(|item| any(&[&item.text, &item.owner, &item.due, &item.link]))
            }
            "translations" => input
                .failure
                .translations
                .iter()
                .any(|translation| any(&[&translation.language, &translation.title, &translation.symptom])),
            _ => false,
        }
    }

    /// Technologies, as one line.
    pub fn technologies(&self) -> String {
        self.filled.input.failure.technologies.join(", ")
    }

    /// Contributing factors, one on a line.
    pub fn contributing_factors(&self) -> String {
        self.filled.input.failure.contributing_factors.join("\n")
    }

    /// The id of a cell.
    pub fn cell_id(&self, list: impl Display, place: impl Display, part: impl Display) -> String {
        format!("{list}-{place}-{part}")
    }

    /// The id of an example of a rule.
    pub fn example_id(&self, rule: impl Display, list: impl Display, place: impl Display) -> String {
        format!("rules-{rule}-{list}-{place}")
    }

    /// The id of a cell in a list of a rule.
    pub fn inner_id(&self, rule: impl Display, list: impl Display, place: impl Display, part: impl Display) -> String {
        format!("rules-{rule}-{list}-{place}-{part}")
    }

    /// The id of the button that adds a row to a list of a rule.
    pub fn inner_add_id(&self, rule: impl Display, list: impl Display) -> String {
        format!("add-rules-{rule}-{list}")
    }

    /// The id of the button that adds a row.
    pub fn add_id(&self, list: impl Display) -> String {
        format!("add-{list}")
    }

    /// Whether one more row would still be taken.
    pub fn takes_more(&self, list: &str) -> bool {
        List::ALL.into_iter().any(|known| known.name() == list && known.count(&self.filled.input) < known.most())
    }

    /// Whether one more row would still be taken by a list of a rule.
    pub fn rule_takes_more(&self, rule: &usize, list: &str) -> bool {
        let rule = self.filled.input.failure.rules.get(*rule);
        Sublist::named(list).zip(rule).is_some_and(|(list, rule)| list.count(rule) < list.most())
    }

    /// Whether the reasons of a rule for firing on other failures have to be seen.
    pub fn is_open_elsewhere(&self, rule: &usize) -> bool {
        let says = |input: &StoryInput| {
            let reasons = input.failure.rules.get(*rule).map_or(&[][..], |rule| &rule.also_fires);
            reasons.iter().any(|also| !blank(&[&also.on, &also.because]))
        };
        says(&self.filled.input) || self.is_open(&format!("rules-{rule}-also_fires"))
    }

    /// The failure that the form has put into a row itself, to ask for a reason.
    pub fn asked_of(&self, rule: &usize, on: &str) -> String {
        let is_asked = self.filled.asked.contains(&(*rule, on.to_owned()));
        if is_asked { on.to_owned() } else { String::new() }
    }
}

impl PatternChoice {
    /// Whether it is ticked.
    pub fn is_ticked(&self) -> bool {
        self.state == Tick::On
    }

    /// Whether it cannot be ticked or unticked, only carried along.
    pub fn is_carried(&self) -> bool {
        self.state == Tick::Carried
    }
}

fn pattern_choices(chosen: &[String], names: &[PatternName]) -> Vec<PatternChoice> {
    let known = names.iter().map(|name| PatternChoice {
        slug: name.slug.clone(),
        title: name.title.clone(),
        state: if chosen.contains(&name.slug) { Tick::On } else { Tick::Off },
    });
    let carried = chosen.iter().filter(|slug| names.iter().all(|name| name.slug != **slug)).map(|slug| PatternChoice {
        slug: slug.clone(),
        title: slug.clone(),
        state: Tick::Carried,
    });
    known.chain(carried).collect()
}

/// An empty list shows one empty row to begin in.
fn show_one_row(input: &mut StoryInput) {
    fn one<T: Default>(rows: &mut Vec<T>) {
        if rows.is_empty() {
            rows.push(T::default());
        }
    }
    one::<TimelineInput>(&mut input.timeline);
    one::<ActionItemInput>(&mut input.action_items);
    one::<RuleInput>(&mut input.failure.rules);
    for rule in &mut input.failure.rules {
        Sublist::ALL.into_iter().for_each(|list| list.show_one_row(rule));
    }
    one::<CheckInput>(&mut input.failure.checks);
    one::<ReferenceInput>(&mut input.failure.references);
    one::<TranslationInput>(&mut input.failure.translations);
    one::<FactInput>(&mut input.facts);
}
