//! Folds a pattern and its stories into one result, and decides how sure each result is.

use super::diagnose::{Meeting, Verdict};
use super::evidence::Length;
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
const WORTH_LISTING: f32 = 0.3;
/// How far ahead of the next result a strong one is.
const AHEAD: f32 = 1.25;

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
    let best = groups.first().map_or(0.0, |group| group.best().score);
    let scores: Vec<f32> = groups.iter().map(|group| group.best().score).collect();
    groups
        .into_iter()
        .enumerate()
        .filter(|(_, group)| is_possible(&group.best()) && group.best().score >= WORTH_LISTING * best)
        .map(|(place, group)| {
            let next = scores.get(place + 1).copied().unwrap_or(0.0);
            let strong = place == 0 && is_strong(&group.best()) && group.best().score >= AHEAD * next;
            group.into_judged(if strong { Confidence::Strong } else { Confidence::Possible })
        })
        .take(limit)
        .collect()
}

/// The honest bar: enough of the evidence, and by more than one telling word, unless it is hardly more than one.
fn is_possible(verdict: &Verdict) -> bool {
    let least = match verdict.length {
        Length::Description => 0.8,
        Length::Log => 1.2,
    };
    let several = verdict.words >= 2 && verdict.met >= least && verdict.coverage >= 0.22;
    let nearly_all = verdict.met >= 0.5 && verdict.coverage >= 0.8;
    match verdict.length {
        Length::Description => several || nearly_all,
        Length::Log => several,
    }
}

fn is_strong(verdict: &Verdict) -> bool {
    verdict.words >= 3 && verdict.met >= 2.0 && verdict.coverage >= 0.5
}
