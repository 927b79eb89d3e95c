//! Folds a pattern and its stories into one result, and decides how sure each result is and which comes first: what a
//! rule proves before what words resemble.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use super::diagnose::{Meeting, Resemblance};
use super::evidence::Scope;
use super::ranking::Candidate;
use crate::domain::matching::{Card, Confidence, Finding};
use crate::domain::{FailureKind, Slug};

/// A candidate with what speaks for it, and what against.
pub(super) struct Scored {
    pub(super) card: Card,
    /// How it ranks; with a score of 0 when only a rule proposes it.
    pub(super) candidate: Candidate,
    pub(super) resemblance: Resemblance,
    pub(super) meeting: Meeting,
    /// What its rules say.
    pub(super) findings: Vec<Finding>,
}

/// Candidates that are one result.
pub(super) struct Group {
    /// Those that rank best first.
    members: Vec<Scored>,
}

/// A result with its confidence.
pub(super) struct Judged {
    pub(super) head: Scored,
    /// None below the bar.
    pub(super) confidence: Option<Confidence>,
    pub(super) grounds: Grounds,
    pub(super) score: f32,
    pub(super) also: Vec<Card>,
    /// What the rules of the head say, and those of the others that bear on it.
    pub(super) findings: Vec<Finding>,
    /// How many rules of the head and of its patterns fired: other stories of a pattern add nothing.
    proven: usize,
}

/// What the certainty of a result by its words rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Grounds {
    /// How far it is ahead: 1 less the share of its score that the next result has; 0 unless it is the first.
    pub lead: f32,
    /// What it has of the passage of the evidence that it meets best, as a share of a text that is nothing else.
    pub passage: f32,
    /// The same of the evidence as a whole.
    pub whole: f32,
    /// The share of the telling words of a passage, or of a whole description, that it meets.
    pub coverage: f32,
    /// The weight of the words that it meets there: about how many telling words these are.
    pub met: f32,
    /// How many those are.
    pub words: usize,
}

/// A story counts as the answer rather than its pattern from this share of the pattern's score.
const STORY_SHARE: f32 = 0.5;
/// A member is listed beside the head from this share of the group's best score.
const ALSO_SHARE: f32 = 0.4;
/// From this certainty an answer says "known", and "possible" from this one. Of the answers to judged logs and alerts, with
/// and without their failure in the library, 95 of 100 above the upper bar were right, and none of 80 stretches of ordinary
/// logs came to the lower one; `docs/ranking.md` tells how they were asked.
const KNOWN: f32 = 0.75;
const POSSIBLE: f32 = 0.3;
/// How many telling words an answer rests on that says "known", or that rests on one passage of several: by chance some
/// line of a log meets two.
const FEWEST_WORDS: usize = 3;
/// Fewer are enough when they are this share of all that was said.
const NEARLY_ALL: f32 = 0.6;
/// What meets a smaller share meets it by chance: no right answer to a judged log or alert that came to the lower bar did.
const LEAST_COVERAGE: f32 = 0.36;
/// Beside what a rule proves, a merely possible result is this much closer.
const CLOSER: f32 = 1.25;

/// Groups candidates, the group that ranks best first.
pub(super) fn group(mut scored: Vec<Scored>) -> Vec<Group> {
    scored.sort_by(|a, b| {
        let by_rank = b.candidate.score.total_cmp(&a.candidate.score);
        by_rank.then_with(|| a.card.slug.as_str().cmp(b.card.slug.as_str()))
    });
    let ranks: HashMap<Slug, usize> = scored
        .iter()
        .enumerate()
        .filter(|(_, one)| one.card.kind == FailureKind::Pattern)
        .map(|(rank, one)| (one.card.slug.clone(), rank))
        .collect();
    let mut groups: Vec<(Option<Slug>, Group)> = Vec::new();
    for candidate in scored {
        let pattern = pattern_of(&candidate.card, &ranks);
        match groups.iter_mut().find(|(of, _)| of.is_some() && *of == pattern) {
            Some((_, group)) => group.members.push(candidate),
            None => groups.push((pattern, Group { members: vec![candidate] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The pattern that a failure is an instance of here: of several the one that ranks best by itself, else the one that its
/// story names first. Stories that share any pattern would pull one another in without end.
fn pattern_of(card: &Card, ranks: &HashMap<Slug, usize>) -> Option<Slug> {
    let named = || card.patterns.iter().map(|pattern| &pattern.slug);
    match card.kind {
        FailureKind::Pattern => Some(card.slug.clone()),
        FailureKind::Story => named()
            .filter(|slug| ranks.contains_key(*slug))
            .min_by_key(|slug| ranks[*slug])
            .or_else(|| named().next())
            .cloned(),
    }
}

impl Scored {
    /// How many of its rules fired.
    fn proven(&self) -> usize {
        self.findings.iter().filter(|finding| finding.proof().is_some()).count()
    }
}

impl Group {
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
        let bar = pattern.map_or(0.0, |pattern| STORY_SHARE * pattern.candidate.score);
        let is_close = |member: &Scored| member.card.kind == FailureKind::Story && member.candidate.score >= bar;
        self.members.iter().position(is_close).unwrap_or(0)
    }

    fn grounds(&self, lead: f32) -> Grounds {
        let Scored { candidate, resemblance, .. } = &self.members[0];
        Grounds {
            lead,
            passage: candidate.passage,
            whole: candidate.whole,
            coverage: resemblance.coverage,
            met: resemblance.met,
            words: resemblance.words,
        }
    }

    fn into_judged(mut self, lead: f32) -> Judged {
        let grounds = self.grounds(lead);
        let scope = self.members[0].resemblance.scope;
        let confidence = if self.fired() { Some(Confidence::Fired) } else { by_words(&grounds, scope) };
        let best = self.members[0].candidate.score;
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
        also.extend(others.into_iter().filter(|member| member.candidate.score >= ALSO_SHARE * best && best > 0.0));
        let also = also.into_iter().map(|member| member.card).collect();
        Judged { head, confidence, score: grounds.certainty(), grounds, also, findings, proven }
    }
}

impl Judged {
    fn is_proven(&self) -> bool {
        self.confidence == Some(Confidence::Fired)
    }

    /// Whether it is only listed below others that nothing speaks against.
    fn is_doubted(&self) -> bool {
        self.confidence != Some(Confidence::Fired) && self.findings.iter().any(Finding::is_contradicted)
    }
}

impl Grounds {
    /// How likely it is that a result is right, from 0 to 1: a logistic regression over judged queries. The weights hold for
    /// a line as for a megabyte: nothing that they weigh grows with the evidence.
    fn certainty(&self) -> f32 {
        let sum = -6.56
            + 4.07 * self.lead.min(0.6)
            + 2.11 * self.passage.min(1.2)
            + 1.51 * self.whole.min(0.8)
            + 1.74 * self.coverage
            + 1.92 * (self.met.min(4.0) + 0.25).ln();
        1.0 / (1.0 + (-sum).exp())
    }
}

/// Says of each group how sure it is, best first; those below the bar stay, without a confidence. Beside what a rule proves, a merely
/// possible resemblance is listed only where it is clearly closer than that of the proven one: the skeleton of a
/// `kubectl describe` meets some words of every story about pods.
pub(super) fn judge(groups: Vec<Group>) -> Vec<Judged> {
    let ranks: Vec<f32> = groups.iter().map(|group| group.members[0].candidate.score).collect();
    let lead = match ranks.as_slice() {
        [first, next, ..] if *first > 0.0 => 1.0 - next / first,
        [_] => 1.0,
        _ => 0.0,
    };
    let leads = std::iter::once(lead).chain(std::iter::repeat(0.0));
    let mut judged: Vec<Judged> = groups.into_iter().zip(leads).map(|(group, lead)| group.into_judged(lead)).collect();
    let proven = judged.iter().filter(|one| one.is_proven()).map(|one| one.score).reduce(f32::max);
    for one in judged.iter_mut().filter(|one| one.confidence == Some(Confidence::Possible)) {
        if proven.is_some_and(|score| one.score < CLOSER * score) {
            one.confidence = None;
        }
    }
    // Stable: what is equally proven stays in the order of its words.
    judged.sort_by_key(|one| {
        (Reverse(one.is_proven()), Reverse(if one.is_proven() { one.proven } else { 0 }), one.is_doubted())
    });
    judged
}

/// How sure a result is by its words alone; none below the bar.
fn by_words(grounds: &Grounds, scope: Scope) -> Option<Confidence> {
    let certainty = grounds.certainty();
    let several = grounds.words >= FEWEST_WORDS && grounds.coverage >= LEAST_COVERAGE;
    let nearly_all = scope == Scope::Whole && grounds.coverage >= NEARLY_ALL;
    if certainty >= KNOWN && several {
        Some(Confidence::Strong)
    } else {
        (certainty >= POSSIBLE && (several || nearly_all)).then_some(Confidence::Possible)
    }
}
