//! Folds a pattern and its stories into one result, and decides how sure each result is.

use super::diagnose::{Meeting, Verdict};
use super::evidence::Scope;
use crate::domain::matching::{Card, Confidence};
use crate::domain::{FailureKind, Slug};

/// A candidate with what speaks for it.
pub(super) struct Scored {
    pub(super) card: Card,
    pub(super) verdict: Verdict,
    pub(super) meeting: Meeting,
}

/// Candidates that are one result.
pub(super) struct Group {
    /// Best first.
    members: Vec<Scored>,
}

/// A result with its confidence.
pub(super) struct Judged {
    pub(super) head: Scored,
    pub(super) confidence: Confidence,
    pub(super) score: f32,
    pub(super) also: Vec<Card>,
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

/// Groups candidates, best group first.
pub(super) fn group(mut scored: Vec<Scored>) -> Vec<Group> {
    scored.sort_by(|a, b| {
        b.verdict.score.total_cmp(&a.verdict.score).then_with(|| a.card.slug.as_str().cmp(b.card.slug.as_str()))
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

impl Group {
    fn best(&self) -> Verdict {
        self.members[0].verdict
    }

    fn into_judged(mut self, confidence: Confidence) -> Judged {
        let best = self.best().score;
        let pattern = self.members.iter().find(|member| member.card.kind == FailureKind::Pattern);
        let bar = pattern.map_or(0.0, |pattern| STORY_SHARE * pattern.verdict.score);
        let story = self
            .members
            .iter()
            .position(|member| member.card.kind == FailureKind::Story && member.verdict.score >= bar);
        let head = self.members.remove(story.unwrap_or(0));
        let also = self
            .members
            .into_iter()
            .filter(|member| member.verdict.score >= ALSO_SHARE * best)
            .map(|member| member.card);
        Judged { confidence, score: best.min(1.0), also: also.collect(), head }
    }
}

/// Keeps the groups that clear the bar.
pub(super) fn judge(groups: Vec<Group>, limit: usize) -> Vec<Judged> {
    let scores: Vec<f32> = groups.iter().map(|group| group.best().score).collect();
    let best = scores.first().copied().unwrap_or(0.0);
    groups
        .into_iter()
        .enumerate()
        .filter_map(|(place, group)| {
            let verdict = group.best();
            let next = scores.get(place + 1).copied().unwrap_or(0.0);
            let first_by = |factor: f32| place == 0 && verdict.score >= factor * next;
            if is_strong(&verdict) && first_by(AHEAD) {
                return Some(group.into_judged(Confidence::Strong));
            }
            let stands_out = is_noticeable(&verdict) && first_by(FAR_AHEAD);
            let worth_listing = verdict.score >= WORTH_LISTING * best;
            (worth_listing && (is_possible(&verdict) || stands_out)).then(|| group.into_judged(Confidence::Possible))
        })
        .take(limit)
        .collect()
}

/// The honest bar: a fair share of the evidence, by more than one or two telling words, or nearly all of it when that is
/// only a word or two. The numbers here separate the descriptions and the unrelated texts of the tests, with room on
/// both sides.
fn is_possible(verdict: &Verdict) -> bool {
    match verdict.scope {
        Scope::Whole => {
            let several = verdict.words >= 3 || (verdict.words >= 2 && verdict.coverage >= 0.6);
            let nearly_all = verdict.met >= 0.5 && verdict.coverage >= 0.8;
            nearly_all || (several && verdict.met >= 0.8 && verdict.score >= 0.38)
        }
        Scope::Part => verdict.words >= 3 && verdict.met >= 1.4 && verdict.score >= 0.36,
    }
}

/// Too little to be proposed as one of several, but enough when nothing else comes near: chance meets many failures
/// about equally.
fn is_noticeable(verdict: &Verdict) -> bool {
    verdict.scope == Scope::Whole && verdict.words >= 3 && verdict.met >= 2.0 && verdict.score >= 0.3
}

fn is_strong(verdict: &Verdict) -> bool {
    verdict.words >= 3 && verdict.met >= 2.0 && verdict.coverage >= 0.5
}
