//! What is marked in the evidence: the places where rules fired, and around them the words that met something.

use std::ops::Range;

use crate::domain::matching::{Mark, MarkKind, Match, Place};

/// How many stretches are marked: more would say nothing more.
pub(super) const MOST_MARKS: usize = 2_000;

/// The places of the rules that fired for these matches, and the words (ascending, without overlap) beside them.
pub(super) fn marks(evidence: &str, matches: &[Match], words: Vec<Range<usize>>) -> Vec<Mark> {
    let proofs = matches.iter().flat_map(|found| &found.findings).filter_map(|finding| finding.proof());
    let places = proofs.flat_map(|proof| &proof.places).take(MOST_MARKS);
    let fired = joined(places.filter_map(|place| stretch(evidence, place)).collect());
    let words = words.into_iter().flat_map(|word| outside(&fired, word)).collect::<Vec<_>>();
    let mark = |kind| move |range| Mark { range, kind };
    let mut marks: Vec<Mark> = words.into_iter().map(mark(MarkKind::Word)).collect();
    marks.extend(fired.into_iter().map(mark(MarkKind::Fired)));
    marks.sort_by_key(|mark| mark.range.start);
    marks
}

/// The bytes of a place: its whole line where a rule names the line and nothing on it.
fn stretch(evidence: &str, place: &Place) -> Option<Range<usize>> {
    let span = place.span.clone();
    let before = evidence.get(..span.start)?;
    if !span.is_empty() {
        return evidence.get(span.clone()).map(|_| span);
    }
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = evidence[span.start..].find('\n').map_or(evidence.len(), |at| span.start + at);
    (start < end).then_some(start..end)
}

/// Ascending and without overlap.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, last| {
        let overlaps = next.start < last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    ranges
}

/// What is left of a stretch beside others that are in order.
fn outside(taken: &[Range<usize>], stretch: Range<usize>) -> Vec<Range<usize>> {
    let first = taken.partition_point(|range| range.end <= stretch.start);
    let mut left = Vec::new();
    let mut at = stretch.start;
    for range in taken[first..].iter().take_while(|range| range.start < stretch.end) {
        if at < range.start {
            left.push(at..range.start);
        }
        at = range.end;
    }
    if at < stretch.end {
        left.push(at..stretch.end);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::{joined, outside, stretch};
    use crate::domain::matching::Place;

    #[test]
    fn a_word_is_marked_beside_what_fired_and_never_over_it() {
        let fired = joined(vec![10..20, 15..25, 30..40]);
        assert_eq!(fired, [10..25, 30..40]);
        assert_eq!(outside(&fired, 0..5).first(), Some(&(0..5)));
        assert_eq!(outside(&fired, 5..35), [5..10, 25..30]);
        assert!(outside(&fired, 12..18).is_empty());
        assert_eq!(outside(&fired, 39..50).first(), Some(&(40..50)));
    }

    #[test]
    fn a_place_without_bytes_is_its_line_and_one_outside_the_evidence_is_nothing() {
        let evidence = "kind: Pod\nname: é";
        let place = |span| stretch(evidence, &Place { line: 1, span });
        assert_eq!(place(12..12), Some(10..18));
        assert_eq!(place(0..4), Some(0..4));
        assert_eq!(place(0..99), None);
        assert_eq!(place(99..99), None);
        assert_eq!(place(17..18), None, "half a character");
    }
}
