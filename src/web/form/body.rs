//! The form's body: flat, repeated names on the wire, a [`StoryInput`] inside.
//!
//! Nothing that was typed is judged here; only a body that cannot be read as this form at all is refused.

use serde::Deserialize;

use super::action::{Action, Asked, List, drop_empty_rows};
use super::rest;
use super::sublist::Sublist;
use crate::domain::input::{
    ActionItemInput, AlsoFiresInput, CheckInput, FailureInput, ProvenanceInput, ReferenceInput, RuleInput, StoryInput,
    TimelineInput, TranslationInput,
};
use crate::domain::{FailureId, Invalid, RevisionNumber};
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
    /// What was changed, and why.
    pub note: String,
    /// Whether similar stories have been seen.
    pub duplicates: Duplicates,
    /// Which blast radius has been seen and accepted, as [`crate::service::review::Blast::mark`] has it; or empty.
    pub blast: String,
    /// The reasons that the form has asked for.
    pub asked: Asked,
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

/// The names on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wire {
    csrf: String,
    action: String,
    id: String,
    base: String,
    note: String,
    duplicate_ok: String,
    blast_ok: String,
    title: String,
    summary: String,
    symptom: String,
    root_cause: String,
    contributing_factors: String,
    remediation: String,
    category: String,
    technologies: String,
    organization: String,
    started_at: String,
    detected_at: String,
    resolved_at: String,
    duration: String,
    severity: String,
    trigger: String,
    detected_by: String,
    impact: String,
    lessons: String,
    patterns: Vec<String>,
    timeline_at: Vec<String>,
    timeline_marker: Vec<String>,
    timeline_text: Vec<String>,
    timeline_rest: String,
    rules_kind: Vec<String>,
    rules_name: Vec<String>,
    rules_text: Vec<String>,
    fires_on_rule: Vec<String>,
    fires_on_text: Vec<String>,
    silent_on_rule: Vec<String>,
    silent_on_text: Vec<String>,
    also_fires_rule: Vec<String>,
    also_fires_asked: Vec<String>,
    also_fires_on: Vec<String>,
    also_fires_because: Vec<String>,
    checks_command: Vec<String>,
    checks_means: Vec<String>,
    checks_apart_from: Vec<String>,
    provenance_id: String,
    provenance_source: String,
    provenance_author: String,
    provenance_license: String,
    references_kind: Vec<String>,
    references_title: Vec<String>,
    references_url: Vec<String>,
    action_items_text: Vec<String>,
    action_items_owner: Vec<String>,
    action_items_due: Vec<String>,
    action_items_done: Vec<String>,
    translations_language: Vec<String>,
    translations_title: Vec<String>,
    translations_symptom: Vec<String>,
}

impl Filled {
    /// A form that nobody has written in.
    pub fn empty(id: FailureId) -> Self {
        Self {
            input: StoryInput::default(),
            id,
            base: None,
            note: String::new(),
            duplicates: Duplicates::Show,
            blast: String::new(),
            asked: Asked::new(),
            action: Action::Save,
            csrf: String::new(),
        }
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
        Ok(Self {
            action: Action::parse(&wire.action).map_err(hidden("action"))?,
            id: id(&wire.id).map_err(hidden("id"))?,
            base: base(&wire.base).map_err(hidden("base"))?,
            duplicates: if wire.duplicate_ok.is_empty() { Duplicates::Show } else { Duplicates::Accepted },
            blast: wire.blast_ok.clone(),
            note: wire.note.clone(),
            csrf: wire.csrf.clone(),
            asked: asked(&wire),
            input: input(wire)?,
        })
    }
}

fn refuse_crowds(input: &StoryInput) -> Result<(), BodyError> {
    let lists = [List::Rules, List::Checks, List::References, List::ActionItems, List::Translations];
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

fn base(text: &str) -> Result<Option<RevisionNumber>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse::<i32>().ok().filter(|number| *number > 0);
    number.map(|number| Some(RevisionNumber(number))).ok_or_else(|| Invalid::new(text, "the number of a revision"))
}

/// The reasons that the form has asked for, where the failure is still the one that it has put there.
fn asked(wire: &Wire) -> Asked {
    let rows = wire.also_fires_rule.iter().zip(&wire.also_fires_asked).zip(&wire.also_fires_on);
    rows.filter(|((_, asked), on)| asked == on && !on.is_empty())
        .filter_map(|((rule, _), on)| Some((rule.parse().ok()?, on.clone())))
        .collect()
}

fn input(mut wire: Wire) -> Result<StoryInput, BodyError> {
    let rules = rules(&mut wire)?;
    let mut timeline: Vec<TimelineInput> =
        rows("timeline", [wire.timeline_at, wire.timeline_marker, wire.timeline_text])?
            .map(|[at, marker, text]| TimelineInput { at, marker, text })
            .collect();
    timeline.extend(rest::parse(&wire.timeline_rest));
    let action_items = rows(
        "action_items",
        [wire.action_items_text, wire.action_items_owner, wire.action_items_due, wire.action_items_done],
    )?
    .map(|[text, owner, due, done]| ActionItemInput { text, owner, due, done: done == "yes" })
    .collect();
    let failure = FailureInput {
        title: wire.title,
        summary: wire.summary,
        symptom: wire.symptom,
        root_cause: wire.root_cause,
        contributing_factors: lines(&wire.contributing_factors),
        remediation: wire.remediation,
        rules,
        checks: rows("checks", [wire.checks_command, wire.checks_means, wire.checks_apart_from])?
            .map(|[command, means, apart_from]| CheckInput { command, means, apart_from })
            .collect(),
        category: wire.category,
        technologies: wire
            .technologies
            .split([',', '\n'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect(),
        references: rows("references", [wire.references_kind, wire.references_title, wire.references_url])?
            .map(|[kind, title, url]| ReferenceInput { kind, title, url })
            .collect(),
        translations: rows(
            "translations",
            [wire.translations_language, wire.translations_title, wire.translations_symptom],
        )?
        .map(|[language, title, symptom]| TranslationInput { language, title, symptom })
        .collect(),
        provenance: ProvenanceInput {
            id: wire.provenance_id,
            source: wire.provenance_source,
            author: wire.provenance_author,
            license: wire.provenance_license,
        },
    };
    Ok(StoryInput {
        failure,
        organization: wire.organization,
        started_at: wire.started_at,
        detected_at: wire.detected_at,
        resolved_at: wire.resolved_at,
        duration: wire.duration,
        severity: wire.severity,
        trigger: wire.trigger,
        detected_by: wire.detected_by,
        impact: wire.impact,
        timeline,
        lessons: wire.lessons,
        action_items,
        patterns: wire.patterns,
        ..StoryInput::default()
    })
}

fn rules(wire: &mut Wire) -> Result<Vec<RuleInput>, BodyError> {
    use std::mem::take;
    let columns = [take(&mut wire.rules_kind), take(&mut wire.rules_name), take(&mut wire.rules_text)];
    let mut rules: Vec<RuleInput> = rows("rules", columns)?
        .map(|[kind, name, text]| RuleInput { kind, name, text, ..RuleInput::default() })
        .collect();
    for [rule, text] in rows("fires_on", [take(&mut wire.fires_on_rule), take(&mut wire.fires_on_text)])? {
        rule_at(&mut rules, "fires_on_rule", &rule)?.fires_on.push(text);
    }
    for [rule, text] in rows("silent_on", [take(&mut wire.silent_on_rule), take(&mut wire.silent_on_text)])? {
        rule_at(&mut rules, "silent_on_rule", &rule)?.silent_on.push(text);
    }
    let columns = [
        take(&mut wire.also_fires_rule),
        take(&mut wire.also_fires_asked),
        take(&mut wire.also_fires_on),
        take(&mut wire.also_fires_because),
    ];
    for [rule, _, on, because] in rows("also_fires", columns)? {
        rule_at(&mut rules, "also_fires_rule", &rule)?.also_fires.push(AlsoFiresInput { on, because });
    }
    Ok(rules)
}

fn rule_at<'r>(rules: &'r mut [RuleInput], field: &'static str, place: &str) -> Result<&'r mut RuleInput, BodyError> {
    let found = place.parse::<usize>().ok().and_then(|place| rules.get_mut(place));
    found.ok_or_else(|| BodyError::Hidden { field, why: Invalid::new(place, "the place of a rule, from 0") })
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Turns columns into rows.
fn rows<const N: usize>(
    list: &'static str,
    columns: [Vec<String>; N],
) -> Result<impl Iterator<Item = [String; N]>, BodyError> {
    let lengths: Vec<usize> = columns.iter().map(Vec::len).collect();
    if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
        let lengths = lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        return Err(BodyError::Ragged { list, lengths });
    }
    let count = lengths.first().copied().unwrap_or_default();
    let mut columns = columns.map(Vec::into_iter);
    Ok((0..count).map(move |_| std::array::from_fn(|column| columns[column].next().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::{Action, BodyError, Duplicates, EncodingFault, Filled, RevisionNumber};

    fn parse(body: &str) -> Result<Filled, BodyError> {
        Filled::parse(body.as_bytes())
    }

    #[test]
    fn an_empty_body_is_an_empty_form_with_an_id_of_its_own() {
        let (one, other) = (parse("").expect("fine"), parse("").expect("fine"));
        assert_eq!(one.input, crate::domain::input::StoryInput::default());
        assert_ne!(one.id, other.id);
        assert_eq!((one.action, one.base, one.duplicates), (Action::Save, None, Duplicates::Show));
    }

    #[test]
    fn columns_become_rows_and_empty_rows_go_when_it_is_saved() {
        let body = "timeline_at=09%3A00&timeline_marker=trigger&timeline_text=a&timeline_at=&timeline_marker=&timeline_text=\
                    &timeline_at=T%2B5&timeline_marker=&timeline_text=b%0D%0Ac";
        let saved = parse(body).expect("fine").input.timeline;
        assert_eq!(saved.len(), 2);
        assert_eq!((saved[0].at.as_str(), saved[0].marker.as_str()), ("09:00", "trigger"));
        assert_eq!((saved[1].at.as_str(), saved[1].text.as_str()), ("T+5", "b\r\nc"));
        let adding = parse(&format!("{body}&action=add:timeline")).expect("fine").input.timeline;
        assert_eq!(adding.len(), 3, "places must not move under a button's number");
    }

    #[test]
    fn a_ragged_list_is_refused_with_its_lengths() {
        let error = parse("rules_kind=log&rules_kind=log&rules_name=a&rules_text=b&rules_text=c").expect_err("ragged");
        assert_eq!(error, BodyError::Ragged { list: "rules", lengths: "2, 1, 2".to_owned() });
    }

    #[test]
    fn examples_find_their_rule_and_rows_that_only_ask_for_a_reason_go() {
        let body = "rules_kind=log&rules_name=a&rules_text=b&rules_kind=log&rules_name=c&rules_text=d\
                    &fires_on_rule=1&fires_on_text=one&fires_on_rule=0&fires_on_text=&fires_on_rule=1&fires_on_text=two\
                    &silent_on_rule=0&silent_on_text=three\
                    &also_fires_rule=0&also_fires_asked=patterns/x&also_fires_on=patterns/x&also_fires_because=\
                    &also_fires_rule=0&also_fires_asked=patterns/y&also_fires_on=patterns/y&also_fires_because=z\
                    &also_fires_rule=0&also_fires_asked=&also_fires_on=patterns/typed&also_fires_because=";
        let rules = parse(body).expect("fine").input.failure.rules;
        assert_eq!((rules[0].fires_on.len(), rules[0].silent_on[0].as_str()), (0, "three"));
        assert_eq!(rules[1].fires_on, ["one", "two"]);
        let kept: Vec<&str> = rules[0].also_fires.iter().map(|also| also.on.as_str()).collect();
        assert_eq!(kept, ["patterns/y", "patterns/typed"]);
        let adding = parse(&format!("{body}&action=add:rules:0:fires_on")).expect("fine").input.failure.rules;
        assert_eq!((adding[0].fires_on.len(), adding[0].also_fires.len()), (1, 3));
        for bad in [
            "fires_on_rule=0&fires_on_text=x",
            "also_fires_rule=x&also_fires_asked=&also_fires_on=&also_fires_because=",
        ] {
            assert!(matches!(parse(bad), Err(BodyError::Hidden { .. })), "{bad} was accepted");
        }
    }

    #[test]
    fn lists_on_one_field_are_split() {
        let filled =
            parse("technologies=GKE,+redis+,,&contributing_factors=one%0D%0A%0D%0A+two+&patterns=a&patterns=b")
                .expect("fine");
        assert_eq!(filled.input.failure.technologies, ["GKE", "redis"]);
        assert_eq!(filled.input.failure.contributing_factors, ["one", "two"]);
        assert_eq!(filled.input.patterns, ["a", "b"]);
    }

    #[test]
    fn what_is_not_utf_8_is_refused_rather_than_replaced() {
        assert_eq!(parse("title=%ff").expect_err("not text"), BodyError::NotText(EncodingFault::NotUtf8));
        assert_eq!(Filled::parse(b"title=\xff").expect_err("not text"), BodyError::NotText(EncodingFault::NotUtf8));
        assert_eq!(parse("title=%E5%A5%BD").expect("fine").input.failure.title, "好");
        assert_eq!(parse("title=100%").expect_err("cut"), BodyError::NotText(EncodingFault::Malformed));
    }

    #[test]
    fn a_nul_is_kept_for_the_complaint_beside_its_field() {
        let filled = parse("title=a%00b").expect("fine");
        assert_eq!(filled.input.parse().expect_err("NUL")[0].field, "title");
    }

    #[test]
    fn hidden_fields_that_no_page_sends_are_refused() {
        for bad in ["id=7", "base=x", "base=0", "base=-1", "action=fly"] {
            assert!(matches!(parse(bad), Err(BodyError::Hidden { .. })), "{bad} was accepted");
        }
        assert_eq!(parse("base=3").expect("fine").base, Some(RevisionNumber(3)));
    }

    #[test]
    fn more_than_a_mebibyte_of_text_is_refused() {
        let body = format!("symptom={}", "x".repeat(super::MAX_DECODED));
        assert!(matches!(parse(&body), Err(BodyError::TooLarge(_))));
        let many = "references_kind=fix&references_title=t&references_url=u&".repeat(201);
        assert!(matches!(parse(&many), Err(BodyError::TooManyRows { found: 201, most: 50, .. })));
    }

    #[test]
    fn ten_thousand_rows_reach_the_domain_which_refuses_them() {
        let body = "timeline_at=T%2B1&timeline_marker=&timeline_text=x&".repeat(10_000);
        let errors = parse(&body).expect("readable").input.parse().expect_err("too many");
        let timeline = errors.iter().find(|error| error.field == "timeline").expect("named");
        assert_eq!(timeline.message, "found 10000 entries; expected at most 500");
    }
}
