//! Rules over the examples of other failures: where they fire although they should not, and what an edit changes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use uuid::Uuid;

use super::pairs::{self, Pair};
use super::sentence::{fired_on, first_line};
use super::{ExampleAt, Expected, Now, Reviewed};
use crate::detection::{BookRule, Compiled, RuleBook};
use crate::domain::input::FieldError;
use crate::domain::matching::{Proof, Verdict};
use crate::domain::{FailureAddress, FailureId, FailureKind, Line, Rule, Slug};
use crate::evidence::Signals;

/// An example on which a rule fires.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hit {
    /// Whose example.
    pub on: FailureAddress,
    /// Which one.
    pub example: ExampleAt,
    /// Its first line, shortened.
    pub first_line: String,
    /// What the rule fires on: `line 3: "the text of it"`.
    pub fired_on: String,
}

/// A rule that fires on what an unrelated failure's rule must fire on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrossFire {
    /// Whose rule; nothing for a story that has no address yet.
    pub owner: Option<FailureAddress>,
    /// Which rule, from 0.
    pub rule: usize,
    /// Its name.
    pub name: Line,
    /// The example.
    pub hit: Hit,
    /// Which of the rule's reasons is for this failure, from 0, if there is one.
    pub reason: Option<usize>,
}

/// A reason for firing on a failure on none of whose examples the rule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unneeded {
    /// Which rule, from 0.
    pub rule: usize,
    /// Which of its reasons, from 0.
    pub reason: usize,
    /// The failure.
    pub on: FailureAddress,
}

/// What an edit of rules changes on stored examples.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Blast {
    /// Examples on which a rule fires that did not before, with the rule's name.
    pub fires: Vec<(Line, Hit)>,
    /// Examples on which a rule fired and does not any more, with the name that it had.
    pub stops: Vec<(Line, Hit)>,
}

impl Blast {
    /// Whether the edit changes nothing.
    pub fn is_empty(&self) -> bool {
        self.fires.is_empty() && self.stops.is_empty()
    }

    /// A short text that another blast does not have: what was shown once need not be shown again.
    pub fn mark(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// What the rules of one failure do to a library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// Where they fire on unrelated failures' examples, justified or not.
    pub cross_fire: Vec<CrossFire>,
    /// Reasons that are not needed.
    pub unneeded: Vec<Unneeded>,
    /// What changed against the rules before; nothing where there were none before.
    pub blast: Blast,
}

/// All rules of a library over all examples: every rule that fires on what an unrelated failure's rule must fire on.
/// Rules that do not compile are passed over; [`super::own_examples`] reports them.
pub fn cross_fire(library: &[Reviewed<'_>], now: Now) -> Vec<CrossFire> {
    let book = Book::new(library.iter().map(|failure| failure.rules));
    let mut found = Vec::new();
    for other in library {
        let Some(on) = &other.address else { continue };
        for (example, text) in other.examples().filter(|(at, _)| at.expected == Expected::Fires) {
            for (owner, rule, proof) in book.fired(text.as_str(), now) {
                let owner = &library[owner];
                if !is_related(owner, other) {
                    found.push(crossing(owner, rule, other, hit(on, example, text.as_str(), &proof)));
                }
            }
        }
    }
    found.sort_by(|a, b| (&a.owner, a.rule, &a.hit).cmp(&(&b.owner, b.rule, &b.hit)));
    found
}

/// A rule that fires on a text which is nobody's example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Whose rule: the place in the library.
    pub owner: usize,
    /// Which rule, from 0.
    pub rule: usize,
    /// What it fires on: `line 3: "the text of it"`.
    pub fired_on: String,
}

/// The rules of a library that fire on a text, such as the log of an ordinary day.
pub fn alarms(library: &[Reviewed<'_>], text: &str, now: Now) -> Vec<Alarm> {
    let fired = Book::new(library.iter().map(|failure| failure.rules)).fired(text, now).into_iter();
    fired.map(|(owner, rule, proof)| Alarm { owner, rule, fired_on: fired_on(&proof, text) }).collect()
}

/// The cross-fire that no reason justifies, as errors of the rules that do it.
pub fn unjustified<'c>(crossings: impl IntoIterator<Item = &'c CrossFire>) -> Vec<FieldError> {
    let mut of_rules: BTreeMap<usize, BTreeMap<&FailureAddress, &Hit>> = BTreeMap::new();
    for crossing in crossings.into_iter().filter(|crossing| crossing.reason.is_none()) {
        of_rules.entry(crossing.rule).or_default().entry(&crossing.hit.on).or_insert(&crossing.hit);
    }
    of_rules
        .into_iter()
        .map(|(rule, hits)| {
            let hits: Vec<String> =
                hits.into_iter().map(|(on, hit)| format!("{on} ({}, {})", hit.example.words(), hit.fired_on)).collect();
            FieldError {
                field: format!("rules[{rule}].also_fires"),
                message: format!(
                    "it fires on examples of failures that are not related: {}; expected a narrower rule, or a reason for each",
                    hits.join("; ")
                ),
            }
        })
        .collect()
}

/// The reasons of a failure's rules that no cross-fire needs: the other failure is gone, related, or does not fire them.
pub fn unneeded(failure: &Reviewed<'_>, crossings: &[CrossFire]) -> Vec<Unneeded> {
    let is_used = |rule, reason| {
        let uses = |crossing: &CrossFire| crossing.rule == rule && crossing.reason == Some(reason);
        crossings.iter().any(|crossing| crossing.owner == failure.address && uses(crossing))
    };
    let reasons = failure.rules.iter().enumerate().flat_map(|(rule, content)| {
        content.also_fires.iter().enumerate().map(move |(reason, also)| Unneeded { rule, reason, on: also.on.clone() })
    });
    reasons.filter(|unneeded| !is_used(unneeded.rule, unneeded.reason)).collect()
}

/// The rules of one failure, before and after an edit, on their way through a library.
#[derive(Debug)]
pub struct Probe<'f> {
    subject: Reviewed<'f>,
    old: &'f [Rule],
    pairs: Vec<Pair>,
    book: Book,
    now: Now,
    effect: Effect,
}

/// Which revision of the rules a rule of the book belongs to.
const NEW: usize = 0;
const OLD: usize = 1;

impl<'f> Probe<'f> {
    /// `old` are the rules as they are stored; nothing for a failure that is new, which has no blast to show.
    pub fn new(subject: Reviewed<'f>, old: Option<&'f [Rule]>, now: Now) -> Self {
        let pairs = old.map(|old| pairs::changed(old, subject.rules)).unwrap_or_default();
        let old = old.unwrap_or_default();
        let book = Book::new([subject.rules, if pairs.is_empty() { &[] } else { old }].into_iter());
        Self { subject, old, pairs, book, now, effect: Effect::default() }
    }

    /// Runs the rules over the stored examples of one failure, the subject's own as they are stored included.
    pub fn pass(&mut self, other: &Reviewed<'_>) {
        let Some(on) = &other.address else { return };
        let is_own = self.subject.address.as_ref() == Some(on);
        let counts = !is_related(&self.subject, other);
        for (example, text) in other.examples() {
            let fired = self.book.fired(text.as_str(), self.now);
            for (_, rule, proof) in fired.iter().filter(|(revision, ..)| *revision == NEW) {
                if counts && example.expected == Expected::Fires {
                    let hit = hit(on, example, text.as_str(), proof);
                    self.effect.cross_fire.push(crossing(&self.subject, *rule, other, hit));
                }
            }
            let proof_of = |revision, rule: Option<usize>| {
                let rule = rule?;
                fired.iter().find(|(r, place, _)| *r == revision && *place == rule).map(|(.., proof)| (rule, proof))
            };
            for pair in &self.pairs {
                match (proof_of(OLD, pair.old), proof_of(NEW, pair.new)) {
                    // To fire on what its own failure is known by is what a rule is for.
                    (None, Some(_)) if is_own && example.expected == Expected::Fires => {}
                    (None, Some((rule, proof))) => {
                        let name = self.subject.rules[rule].name.clone();
                        self.effect.blast.fires.push((name, hit(on, example, text.as_str(), proof)));
                    }
                    (Some((rule, proof)), None) => {
                        let name = self.old[rule].name.clone();
                        self.effect.blast.stops.push((name, hit(on, example, text.as_str(), proof)));
                    }
                    (None, None) | (Some(_), Some(_)) => {}
                }
            }
        }
    }

    /// What came of it.
    pub fn finish(mut self) -> Effect {
        self.effect.unneeded = unneeded(&self.subject, &self.effect.cross_fire);
        self.effect
    }
}

/// Rules of several owners in one book, each found again by owner and place.
#[derive(Debug)]
struct Book(RuleBook);

impl Book {
    fn new<'r>(owners: impl Iterator<Item = &'r [Rule]>) -> Self {
        let rules = owners.enumerate().flat_map(|(owner, rules)| {
            rules.iter().enumerate().filter_map(move |(place, rule)| {
                let compiled = Arc::new(Compiled::new(rule).ok()?);
                // A finding names the failure but not the rule's place: here each rule goes as a failure of its own.
                let failure = FailureId(Uuid::from_u64_pair(owner as u64, place as u64));
                Some(BookRule { failure, name: rule.name.clone(), kind: rule.kind, compiled })
            })
        });
        Self(RuleBook::new(rules.collect()))
    }

    /// The rules that fire, as owner, place and proof.
    fn fired(&self, text: &str, now: Now) -> Vec<(usize, usize, Proof)> {
        let findings = self.0.run(&Signals::read(text, now));
        findings
            .into_iter()
            .filter_map(|finding| {
                let Verdict::Fired(proof) = finding.verdict else { return None };
                let (owner, place) = finding.failure.0.as_u64_pair();
                Some((owner as usize, place as usize, proof))
            })
            .collect()
    }
}

fn hit(on: &FailureAddress, example: ExampleAt, text: &str, proof: &Proof) -> Hit {
    Hit { on: on.clone(), example, first_line: first_line(text), fired_on: fired_on(proof, text) }
}

fn crossing(owner: &Reviewed<'_>, rule: usize, other: &Reviewed<'_>, hit: Hit) -> CrossFire {
    let content = &owner.rules[rule];
    let reason = content.also_fires.iter().position(|also| other.is_at(&also.on));
    CrossFire { owner: owner.address.clone(), rule, name: content.name.clone(), hit, reason }
}

/// Whether firing on one another's examples is as it should be: the same failure, a pattern and its stories, and
/// stories of one pattern.
fn is_related(a: &Reviewed<'_>, b: &Reviewed<'_>) -> bool {
    fn family<'s>(failure: &'s Reviewed<'_>) -> impl Iterator<Item = &'s Slug> {
        let own = failure.address.as_ref().filter(|address| address.kind == FailureKind::Pattern);
        let names = own.into_iter().flat_map(|address| failure.former.iter().chain([&address.slug]));
        failure.patterns.iter().chain(names)
    }
    (a.address.is_some() && a.address == b.address) || family(a).any(|slug| family(b).any(|other| slug == other))
}
