//! Says why: which words of the evidence stand in which field, on which lines, and where to mark them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::diagnose::{field_share, outcome};
use super::evidence::{Reading, Scope};
use super::grouping::{Judged, Scored};
use super::marks::{MOST_MARKS, marks};
use super::next::next_check;
use super::noise::is_noise;
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
/// A line of a log is pointed at from this share of what the best line tells.
const TELLING_LINE: f32 = 0.5;

/// A term where it is met.
struct Occurrence {
    term: String,
    written: String,
    line: u32,
}

/// Where the terms stand in the evidence.
#[derive(Default)]
struct Occurrences {
    met: Vec<Occurrence>,
    marks: Vec<Range<usize>>,
}

/// Gives each match its reasons.
pub(super) fn explain(evidence: &str, reading: &Reading, telling: &[f32], judged: Vec<Judged>) -> Matches {
    let wanted: HashMap<&str, f32> = judged
        .iter()
        .flat_map(|one| one.head.meeting.keys())
        .filter(|&&place| telling[place] >= LEAST_TELLING)
        .map(|&place| (reading.terms[place].text.as_str(), telling[place]))
        .collect();
    let is_description = reading.windows.iter().any(|window| window.scope == Scope::Whole);
    let found = occurrences(evidence, &wanted, if is_description { 0.0 } else { TELLING_LINE });
    let matches: Vec<Match> = judged
        .into_iter()
        .filter_map(|one| {
            Some(Match {
                reasons: reasons(&one.head, reading, telling, &found),
                card: one.head.card,
                confidence: one.confidence?,
                score: one.score,
                also: one.also,
                findings: one.findings,
            })
        })
        .collect();
    Matches {
        outcome: outcome(matches.first().map(|best| best.confidence)),
        next: next_check(&matches),
        marks: marks(evidence, &matches, found.marks),
        matches,
    }
}

/// Finds the wanted terms on every line that tells at least a share of what the best line tells: in a log, the words of
/// the telling line stand on a thousand others too, and pointing at those would hide it.
fn occurrences(evidence: &str, wanted: &HashMap<&str, f32>, share: f32) -> Occurrences {
    let mut found = Occurrences::default();
    if wanted.is_empty() {
        return found;
    }
    let mut lines: Vec<(f32, Vec<Occurrence>, Vec<Range<usize>>)> = Vec::new();
    let mut start = 0;
    for (number, line) in (1_u32..).zip(evidence.split('\n')) {
        let (mut met, mut marks, mut terms) = (Vec::new(), Vec::new(), HashSet::new());
        each_word(line, |word| {
            if is_noise(&line[word.range.clone()]) {
                return;
            }
            let ranges = met_ranges(&word, |term| wanted.contains_key(term)).into_iter();
            marks.extend(ranges.map(|(range, _)| start + range.start..start + range.end));
            for term in word.terms.into_iter().filter(|term| wanted.contains_key(term.text.as_str())) {
                if terms.insert(term.text.clone()) {
                    met.push(Occurrence { written: line[term.range].to_owned(), term: term.text, line: number });
                }
            }
        });
        let tells = met.iter().filter_map(|one| wanted.get(one.term.as_str())).sum();
        if !met.is_empty() {
            lines.push((tells, met, marks));
        }
        start += line.len() + 1;
    }
    let best = lines.iter().map(|(tells, _, _)| *tells).fold(0.0, f32::max);
    for (_, met, marks) in lines.into_iter().filter(|(tells, _, _)| *tells >= share * best) {
        found.met.extend(met);
        found.marks.extend(marks);
    }
    found.marks.truncate(MOST_MARKS);
    // Pairs of kana or hangul overlap: marks must not.
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
            let mut here = found.met.iter().filter(|one| one.term == reading.terms[term].text).peekable();
            // A part says nothing beside its whole: `256` beside `0/256`.
            let is_said =
                |word: &str| reason.terms.iter().any(|said| said.to_lowercase().contains(&word.to_lowercase()));
            if let Some(first) = here.peek().filter(|first| !is_said(&first.written)) {
                reason.terms.push(first.written.clone());
            }
            lines.extend(here.map(|one| one.line));
        }
        reason.lines = lines.into_iter().take(MOST_LINES).collect();
        if !reason.terms.is_empty() {
            reasons.push((worth, reason));
        }
    }
    reasons.sort_by(|a, b| b.0.total_cmp(&a.0));
    reasons.into_iter().map(|(_, reason)| reason).collect()
}
