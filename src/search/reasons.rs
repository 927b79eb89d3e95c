//! Says why: which words of the evidence stand in which field, on which lines, and where to mark them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::diagnose::{field_share, outcome};
use super::evidence::{Reading, is_noise};
use super::grouping::{Judged, Scored};
use super::schema::TEXT_FIELDS;
use super::snippet::met_ranges;
use super::words::each_word;
use crate::domain::matching::{Match, Matches, Reason};

/// Words that tell less than this are no reason.
const LEAST_TELLING: f32 = 0.12;
/// How many words a reason names.
const MOST_WORDS: usize = 12;
/// How many lines a reason names.
const MOST_LINES: usize = 20;
/// How many words of the evidence are marked.
const MOST_MARKS: usize = 2_000;

/// Where the terms stand in the evidence.
#[derive(Default)]
struct Occurrences {
    /// How a term is written where it is met first, and its lines.
    terms: HashMap<String, (String, BTreeSet<u32>)>,
    marks: Vec<Range<usize>>,
}

/// Gives each match its reasons.
pub(super) fn explain(evidence: &str, reading: &Reading, telling: &[f32], judged: Vec<Judged>) -> Matches {
    let wanted: HashSet<&str> = judged
        .iter()
        .flat_map(|one| one.head.meeting.keys())
        .filter(|&&place| telling[place] >= LEAST_TELLING)
        .map(|&place| reading.terms[place].text.as_str())
        .collect();
    let found = occurrences(evidence, &wanted);
    let matches: Vec<Match> = judged
        .into_iter()
        .map(|one| Match {
            reasons: reasons(&one.head, reading, telling, &found),
            card: one.head.card,
            confidence: one.confidence,
            score: one.score,
            also: one.also,
        })
        .collect();
    Matches { outcome: outcome(matches.first().map(|best| best.confidence)), matches, marks: found.marks }
}

fn occurrences(evidence: &str, wanted: &HashSet<&str>) -> Occurrences {
    let mut found = Occurrences::default();
    if wanted.is_empty() {
        return found;
    }
    let mut start = 0;
    for (number, line) in (1_u32..).zip(evidence.split('\n')) {
        each_word(line, |word| {
            if is_noise(&line[word.range.clone()]) {
                return;
            }
            for (range, _) in met_ranges(&word, |term| wanted.contains(term)) {
                if found.marks.len() < MOST_MARKS {
                    found.marks.push(start + range.start..start + range.end);
                }
            }
            for term in word.terms.iter().filter(|term| wanted.contains(term.text.as_str())) {
                let (_, lines) = found
                    .terms
                    .entry(term.text.clone())
                    .or_insert_with(|| (line[term.range.clone()].to_owned(), BTreeSet::new()));
                if lines.len() < MOST_LINES {
                    lines.insert(number);
                }
            }
        });
        start += line.len() + 1;
    }
    // Pairs of kana or hangul overlap: marks must not.
    found.marks.sort_by_key(|range| range.start);
    found.marks.dedup_by(|next, last| {
        let overlaps = next.start < last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    found
}

fn reasons(head: &Scored, reading: &Reading, telling: &[f32], found: &Occurrences) -> Vec<Reason> {
    let mut reasons: Vec<(f32, Reason)> = Vec::new();
    for (place, &field) in TEXT_FIELDS.iter().enumerate() {
        let mut met: Vec<(f32, usize)> = head
            .meeting
            .iter()
            .filter(|(term, shares)| shares[place] > 0.0 && telling[**term] >= LEAST_TELLING)
            .map(|(&term, shares)| (shares[place] * telling[term], term))
            .collect();
        met.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let worth = met.iter().map(|(worth, _)| worth).sum::<f32>() * field_share(field);
        let mut reason = Reason { field, terms: Vec::new(), lines: Vec::new() };
        let mut lines = BTreeSet::new();
        for (_, term) in met.into_iter().take(MOST_WORDS) {
            if let Some((written, on)) = found.terms.get(&reading.terms[term].text) {
                if !reason.terms.contains(written) {
                    reason.terms.push(written.clone());
                }
                lines.extend(on);
            }
        }
        reason.lines = lines.into_iter().take(MOST_LINES).collect();
        if !reason.terms.is_empty() {
            reasons.push((worth, reason));
        }
    }
    reasons.sort_by(|a, b| b.0.total_cmp(&a.0));
    reasons.into_iter().map(|(_, reason)| reason).collect()
}
