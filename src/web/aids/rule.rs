//! The panel beside the rules: what every rule makes of a paste, its lines to choose from, and a rule suggested for them.

use std::collections::BTreeSet;

use super::State;
use crate::domain::input::RuleInput;
use crate::domain::{FailureAddress, Rule, Slug};
use crate::markdown;
use crate::service::review::published::{Purpose, Written};
use crate::service::rule_aid::{MaskedPaste, Outcome, TriedRule, suggested, try_all};
use crate::web::error::PageError;
use crate::web::form::Filled;
use crate::web::form::action::{Aid, List};
use crate::web::form::trial::Standing;
use crate::web::lanes::Lanes;
use crate::web::submit::save;

/// The most lines that are shown to choose from, and how much of each.
const MOST_LINES: usize = 300;
const WIDTH: usize = 400;

/// The panel.
#[derive(Debug, Clone, Default)]
pub struct RuleAid {
    /// The paste, as typed.
    pub evidence: String,
    /// What there is to say before all else.
    pub note: Option<String>,
    /// What was masked in the paste.
    pub masked: Option<String>,
    /// What came of the rules.
    pub tried: Vec<TriedView>,
    /// The lines of the paste, masked.
    pub lines: Vec<AidLine>,
    /// How many lines are not shown.
    pub more: usize,
    /// A rule for the chosen lines.
    pub offer: Option<Offer>,
    place: Place,
}

/// Where the panel stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// In the form, which takes rules.
    #[default]
    Form,
    /// On a page of its own.
    Alone,
}

/// What a rule of the form makes of the paste.
#[derive(Debug, Clone)]
pub struct TriedView {
    pub number: usize,
    pub name: String,
    pub standing: Standing,
    pub words: String,
}

/// A line of the paste.
#[derive(Debug, Clone)]
pub struct AidLine {
    /// From 1.
    pub number: u32,
    pub text: String,
    /// The numbers of the rules that met it, as words; empty where none did.
    pub met_by: String,
    pub is_chosen: bool,
}

/// A suggested rule.
#[derive(Debug, Clone)]
pub struct Offer {
    pub name: String,
    pub text: String,
    pub example: String,
    /// What it does on the paste.
    pub words: String,
    pub elsewhere: Elsewhere,
}

/// Where a suggested rule fires besides.
#[derive(Debug, Clone)]
pub enum Elsewhere {
    /// On no example of another published failure.
    Nowhere,
    /// On these.
    There(Vec<(FailureAddress, String)>),
    /// It could not be found out.
    Unknown,
}

/// What was worked out of a paste.
struct Worked {
    paste: MaskedPaste,
    tried: Vec<TriedRule>,
    rule: Option<Result<(Rule, Vec<TriedRule>), String>>,
}

impl RuleAid {
    /// The panel before anything is asked of it.
    pub fn of(evidence: &str) -> Self {
        Self { evidence: evidence.to_owned(), ..Self::default() }
    }

    /// The same on a page of its own.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { place: Place::Alone, ..self }
    }

    /// The panel with nothing but something to say.
    pub fn saying(evidence: &str, note: &str) -> Self {
        Self { note: Some(note.to_owned()), ..Self::of(evidence) }
    }

    /// Whether there is a form that takes what is suggested.
    pub fn is_in_form(&self) -> bool {
        self.place == Place::Form
    }

    fn new(evidence: &str, worked: &Worked, chosen: &BTreeSet<u32>) -> Self {
        let shown = worked.paste.text.trim_end_matches('\n').split('\n');
        let met_by = |number: u32| {
            let rules = worked.tried.iter().filter(|tried| tried.outcome.lines().contains(&number));
            rules.map(|tried| tried.number.to_string()).collect::<Vec<_>>().join(", ")
        };
        let lines: Vec<AidLine> = (1..)
            .zip(shown.clone().take(MOST_LINES))
            .map(|(number, line)| AidLine {
                number,
                text: line.chars().take(WIDTH).collect(),
                met_by: met_by(number),
                is_chosen: chosen.contains(&number),
            })
            .collect();
        Self {
            masked: worked.paste.tally.clone(),
            tried: worked.tried.iter().map(TriedView::of).collect(),
            more: shown.count().saturating_sub(MOST_LINES),
            lines,
            ..Self::of(evidence)
        }
    }
}

impl TriedView {
    fn of(tried: &TriedRule) -> Self {
        let (standing, words) = match &tried.outcome {
            Outcome::Fired { lines, remarks } => (Standing::Right, fired(lines, remarks)),
            Outcome::Missed { words, .. } => (Standing::NotRun, format!("does not fire: {words}")),
            Outcome::Broken(words) => (Standing::Wrong, format!("cannot be read: {words}")),
        };
        Self { number: tried.number, name: tried.name.clone(), standing, words }
    }
}

/// `fires on lines 1 and 4; no timestamps were found, …`.
fn fired(lines: &[u32], remarks: &[String]) -> String {
    const NAMED: usize = 6;
    let mut words: Vec<String> = lines.iter().take(NAMED).map(u32::to_string).collect();
    if lines.len() > NAMED {
        words.push(format!("{} more", lines.len() - NAMED));
    }
    let told = match words.split_last() {
        None => "fires on it as a whole".to_owned(),
        Some((only, [])) => format!("fires on line {only}"),
        Some((last, first)) => format!("fires on lines {} and {last}", first.join(", ")),
    };
    std::iter::once(told.as_str()).chain(remarks.iter().map(String::as_str)).collect::<Vec<_>>().join("; ")
}

/// Does what a button of the panel asks for. A suggestion that is taken becomes a row of the form.
pub async fn help(state: &State, filled: &mut Filled, aid: Aid) -> Result<RuleAid, PageError> {
    if aid == Aid::Take {
        filled.pasted.lines.clear();
        match markdown::code_blocks(&filled.input.failure.symptom) {
            Some(pasted) => filled.pasted.evidence = pasted,
            None => {
                let note = "The symptom holds no code block. Paste the lines here.";
                return Ok(RuleAid::saying(&filled.pasted.evidence, note));
            }
        }
    }
    let evidence = filled.pasted.evidence.clone();
    if evidence.trim().is_empty() {
        return Ok(RuleAid::saying(&evidence, "There is nothing to try rules on yet: paste some lines first."));
    }
    let wants_rule = matches!(aid, Aid::Suggest | Aid::Adopt);
    let worked = work(state, filled, wants_rule.then(|| filled.pasted.lines.clone())).await?;
    let mut panel = RuleAid::new(&evidence, &worked, &filled.pasted.lines);
    match worked.rule {
        None => {}
        Some(Err(words)) => panel.note = Some(words),
        Some(Ok((rule, _))) if aid == Aid::Adopt => panel.note = Some(adopt(filled, &rule)),
        Some(Ok((rule, on_paste))) => {
            let words = on_paste.first().map(|tried| TriedView::of(tried).words).unwrap_or_default();
            panel.offer = Some(offer(state, filled, rule, words).await);
        }
    }
    Ok(panel)
}

/// Reads the paste and runs the rules when it is their turn.
async fn work(state: &State, filled: &Filled, lines: Option<BTreeSet<u32>>) -> Result<Worked, PageError> {
    let (evidence, rules, now) =
        (filled.pasted.evidence.clone(), filled.input.failure.rules.clone(), state.clock.now());
    let lane = if evidence.len() >= Lanes::LONG { &state.lanes.long_matches } else { &state.lanes.matches };
    lane.run(move || {
        let paste = MaskedPaste::of(&evidence);
        let tried = try_all(&rules, &paste, now);
        let rule = lines.map(|lines| match suggested(&paste, &lines, now) {
            Ok(rule) => {
                let on_paste = try_all(&[row(&rule)], &paste, now);
                Ok((rule, on_paste))
            }
            Err(refused) => Err(refused.to_string()),
        });
        Worked { paste, tried, rule }
    })
    .await
}

fn row(rule: &Rule) -> RuleInput {
    RuleInput {
        kind: rule.kind.to_string(),
        name: rule.name.to_string(),
        text: rule.text.as_str().to_owned(),
        fires_on: rule.fires_on.iter().map(ToString::to_string).collect(),
        ..RuleInput::default()
    }
}

/// Puts a rule into the form and says so.
fn adopt(filled: &mut Filled, rule: &Rule) -> String {
    let most = List::Rules.most();
    let rules = &mut filled.input.failure.rules;
    if rules.len() >= most {
        return format!("A story takes at most {most} rules: remove one before another is added.");
    }
    rules.push(row(rule));
    filled.pasted.lines.clear();
    format!("Added as rule {}.", rules.len())
}

/// The suggestion with what it does on the examples of everything that is published.
async fn offer(state: &State, filled: &Filled, rule: Rule, words: String) -> Offer {
    let patterns = filled.input.patterns.iter().filter_map(|slug| Slug::parse(slug).ok()).collect();
    let written = Written { rules: vec![rule.clone()], patterns };
    let elsewhere = match save::examine(state, filled.id, written, Purpose::Try).await {
        Ok(examined) if examined.effect.cross_fire.is_empty() => Elsewhere::Nowhere,
        Ok(examined) => {
            let hits = examined.effect.cross_fire.into_iter();
            let told = hits.map(|crossing| {
                let words = format!("{}, {}", crossing.hit.example.words(), crossing.hit.fired_on);
                (crossing.hit.on, words)
            });
            Elsewhere::There(told.collect())
        }
        // What went wrong has been logged; the rule itself is worth showing.
        Err(_logged) => Elsewhere::Unknown,
    };
    Offer {
        name: rule.name.to_string(),
        text: rule.text.as_str().to_owned(),
        example: rule.fires_on.first().map(ToString::to_string).unwrap_or_default(),
        words,
        elsewhere,
    }
}
