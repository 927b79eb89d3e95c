//! Folds a pattern and its stories into one result, and decides how sure each result is and which comes first: what a
//! rule proves before what words resemble.

use std::cmp::Reverse;

use super::diagnose::{Meeting, Resemblance};
use super::evidence::Scope;
use crate::domain::matching::{Card, Confidence, Finding};
use crate::domain::{FailureKind, Slug};

/// A candidate with what speaks for it, and what against.
pub(super) struct Scored {
    pub(super) card: Card,
    /// Its score among all, 1 for the best of them; 0 when only a rule proposes it.
    pub(super) rank: f32,
    pub(super) resemblance: Resemblance,
    pub(super) meeting: Meeting,
    /// What its rules say.
    pub(super) findings: Vec<Finding>,
}

/// Candidates that are one result.
pub(super) struct Group {
    /// Those that resemble the evidence most first.
    members: Vec<Scored>,
}

/// A result with its confidence.
pub(super) struct Judged {
    pub(super) head: Scored,
    /// None below the bar.
    pub(super) confidence: Option<Confidence>,
    pub(super) score: f32,
    pub(super) also: Vec<Card>,
    /// What the rules of the head say, and those of the others that bear on it.
    pub(super) findings: Vec<Finding>,
    /// How many rules of the head and of its patterns fired: other stories of a pattern add nothing.
    proven: usize,
}

/// A story counts as the answer rather than its pattern from this share of the pattern's score.
const STORY_SHARE: f32 = 0.5;
/// A member is listed beside the head from this share of the group's best score.
const ALSO_SHARE: f32 = 0.4;
/// A result further behind the best than this is noise beside it.
const WORTH_LISTING: f32 = 0.5;
/// How far ahead of the next result a strong one is.
const AHEAD: f32 = 1.25;
/// How far ahead of the next result a weak one must be to be proposed at all.
const FAR_AHEAD: f32 = 2.5;

/// Groups candidates, the group that ranks best first.
pub(super) fn group(mut scored: Vec<Scored>) -> Vec<Group> {
    scored.sort_by(|a, b| {
        let by_rank = b.rank.total_cmp(&a.rank);
        by_rank.then_with(|| a.card.slug.as_str().cmp(b.card.slug.as_str()))
    });
    let mut groups: Vec<(Vec<Slug>, Group)> = Vec::new();
    for candidate in scored {
        let patterns = patterns_of(&candidate.card);
        match groups.iter_mut().find(|(known, _)| patterns.iter().any(|slug| known.contains(slug))) {
            Some((_, group)) => group.members.push(candidate),
            None => groups.push((patterns, Group { members: vec![candidate] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn patterns_of(card: &Card) -> Vec<Slug> {
    match card.kind {
        FailureKind::Pattern => vec![card.slug.clone()],
        FailureKind::Story => card.patterns.iter().map(|pattern| pattern.slug.clone()).collect(),
    }
}

impl Scored {
    /// How many of its rules fired.
    fn proven(&self) -> usize {
        self.findings.iter().filter(|finding| finding.proof().is_some()).count()
    }
}

impl Group {
    fn best(&self) -> Resemblance {
        self.members[0].resemblance
    }

    fn fired(&self) -> bool {
        self.members.iter().any(|member| member.proven() > 0)
    }

    /// The place of the member that stands for all: a story that a rule proves, else a pattern that one proves, else
    /// the best story unless it is far behind its pattern.
    fn head(&self) -> usize {
        let proven = |kind: FailureKind| {
            let of_kind = self.members.iter().enumerate().filter(move |(_, member)| member.card.kind == kind);
            of_kind.filter(|(_, member)| member.proven() > 0).min_by_key(|(_, member)| Reverse(member.proven()))
        };
        if let Some((place, _)) = proven(FailureKind::Story).or_else(|| proven(FailureKind::Pattern)) {
            return place;
        }
        let pattern = self.members.iter().find(|member| member.card.kind == FailureKind::Pattern);
        let bar = pattern.map_or(0.0, |pattern| STORY_SHARE * pattern.resemblance.score);
        let is_close = |member: &Scored| member.card.kind == FailureKind::Story && member.resemblance.score >= bar;
        self.members.iter().position(is_close).unwrap_or(0)
    }

    fn into_judged(mut self, confidence: Option<Confidence>) -> Judged {
        let best = self.best().score;
        let mut head = self.members.remove(self.head());
        let patterns = self.members.iter().filter(|member| member.card.kind == FailureKind::Pattern);
        let proven = head.proven() + patterns.map(Scored::proven).sum::<usize>();
        // Where nothing fired, what contradicts one story says nothing of another one of the pattern.
        let bears_on_all =
            |member: &Scored, finding: &Finding| finding.proof().is_some() || member.card.kind == FailureKind::Pattern;
        let mut findings = std::mem::take(&mut head.findings);
        for member in &mut self.members {
            let own = std::mem::take(&mut member.findings);
            findings.extend(own.into_iter().filter(|finding| bears_on_all(member, finding)));
        }
        findings.sort_by_key(|finding| (finding.proof().is_none(), !finding.is_contradicted()));
        let is_contradicted = findings.iter().any(Finding::is_contradicted);
        let confidence = confidence.map(|sure| match sure {
            Confidence::Strong if is_contradicted => Confidence::Possible,
            Confidence::Fired | Confidence::Strong | Confidence::Possible => sure,
        });
        let (mut also, others): (Vec<Scored>, Vec<Scored>) = self.members.into_iter().partition(|member| {
            findings.iter().any(|finding| finding.proof().is_some() && finding.failure == member.card.id)
        });
        also.extend(others.into_iter().filter(|member| member.resemblance.score >= ALSO_SHARE * best && best > 0.0));
        let also = also.into_iter().map(|member| member.card).collect();
        Judged { head, confidence, score: best.min(1.0), also, findings, proven }
    }
}

impl Judged {
    /// Whether it is only listed below others that nothing speaks against.
    fn is_doubted(&self) -> bool {
        self.confidence != Some(Confidence::Fired) && self.findings.iter().any(Finding::is_contradicted)
    }
}

/// A log has many lines, and the best of them meets some failure by chance: with bars of 0.36 and none for strong, 4 of 16
/// logs of ordinary days and 7 of 33 logs of unknown failures were answered as known. With these none is.
const POSSIBLE_LINE: f32 = 0.45;
const STRONG_LINE: f32 = 0.61;

/// Keeps the groups in which a rule fired and those that clear the bar, best first. Beside what a rule proves, a merely
/// possible resemblance is listed only where it is clearly closer than that of the proven one: the skeleton of a
/// `kubectl describe` meets some words of every story about pods.
pub(super) fn judge(groups: Vec<Group>) -> Vec<Judged> {
    let scores: Vec<f32> = groups.iter().map(|group| group.best().score).collect();
    let proven = groups.iter().filter(|group| group.fired()).map(|group| group.best().score).reduce(f32::max);
    let confidences: Vec<Option<Confidence>> = groups
        .iter()
        .enumerate()
        .map(|(place, group)| match by_words(place, &scores, group) {
            _ if group.fired() => Some(Confidence::Fired),
            Some(Confidence::Possible) if proven.is_some_and(|score| group.best().score < AHEAD * score) => None,
            by_words => by_words,
        })
        .collect();
    let mut judged: Vec<Judged> =
        groups.into_iter().zip(confidences).map(|(group, confidence)| group.into_judged(confidence)).collect();
    // Stable: what is equally proven stays in the order of its words.
    judged.sort_by_key(|one| {
        let fired = one.confidence == Some(Confidence::Fired);
        (Reverse(fired), Reverse(if fired { one.proven } else { 0 }), one.is_doubted())
    });
    judged
}

/// How sure a result is by its words alone, given the scores of all; none below the bar.
fn by_words(place: usize, scores: &[f32], group: &Group) -> Option<Confidence> {
    let resemblance = group.best();
    let best = scores.first().copied().unwrap_or(0.0);
    let next = scores.get(place + 1).copied().unwrap_or(0.0);
    let first_by = |factor: f32| place == 0 && resemblance.score >= factor * next;
    if is_strong(&resemblance) && first_by(AHEAD) {
        return Some(Confidence::Strong);
    }
    let stands_out = is_noticeable(&resemblance) && first_by(FAR_AHEAD);
    let worth_listing = resemblance.score >= WORTH_LISTING * best;
    (worth_listing && (is_possible(&resemblance) || stands_out)).then_some(Confidence::Possible)
}

/// The honest bar: a fair share of the evidence, by more than one or two telling words, or nearly all of it when that is
/// only a word or two. The numbers here separate the descriptions and the unrelated texts of the tests, with room on
/// both sides.
fn is_possible(resemblance: &Resemblance) -> bool {
    match resemblance.scope {
        Scope::Whole => {
            let several = resemblance.words >= 3 || (resemblance.words >= 2 && resemblance.coverage >= 0.6);
            let nearly_all = resemblance.met >= 0.5 && resemblance.coverage >= 0.8;
            nearly_all || (several && resemblance.met >= 0.8 && resemblance.score >= 0.38)
        }
        Scope::Part => resemblance.words >= 3 && resemblance.met >= 1.4 && resemblance.score >= POSSIBLE_LINE,
    }
}

/// Too little to be proposed as one of several, but enough when nothing else comes near: chance meets many failures
/// about equally.
fn is_noticeable(resemblance: &Resemblance) -> bool {
    resemblance.scope == Scope::Whole && resemblance.words >= 3 && resemblance.met >= 2.0 && resemblance.score >= 0.3
}

fn is_strong(resemblance: &Resemblance) -> bool {
    let bar = match resemblance.scope {
        Scope::Whole => 0.0,
        Scope::Part => STRONG_LINE,
    };
    resemblance.words >= 3 && resemblance.met >= 2.0 && resemblance.coverage >= 0.5 && resemblance.score >= bar
}
