//! Three sequences brought together: the base, and what two sides made of it.

use std::hash::Hash;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// How long one comparison may look for the smallest difference. After it the merge is still right, only coarser.
const PATIENCE: Duration = Duration::from_millis(300);

/// A stretch of the merged sequence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch<'a, T> {
    /// What both have, or one side alone changed.
    Settled(&'a [T]),
    /// What both changed, each in their own way.
    Contested { base: &'a [T], yours: &'a [T], theirs: &'a [T] },
}

/// Brings two sides together. Takes time linear in the lengths, beside the comparing, which is bounded.
pub(super) fn stretches<'a, T: Eq + Hash>(base: &'a [T], yours: &'a [T], theirs: &'a [T]) -> Vec<Stretch<'a, T>> {
    let (in_yours, in_theirs) = (places(base, yours), places(base, theirs));
    let mut stretches = Vec::new();
    // Up to where each is dealt with.
    let (mut at, mut mine, mut other) = (0, 0, 0);
    let anchors = in_yours.iter().zip(&in_theirs).enumerate();
    for (place, anchor) in anchors {
        let (Some(in_yours), Some(in_theirs)) = anchor else { continue };
        between(&base[at..place], &yours[mine..*in_yours], &theirs[other..*in_theirs], &mut stretches);
        stretches.push(Stretch::Settled(&base[place..=place]));
        (at, mine, other) = (place + 1, in_yours + 1, in_theirs + 1);
    }
    between(&base[at..], &yours[mine..], &theirs[other..], &mut stretches);
    stretches
}

/// What stands in both, in their order: where nobody knows the base, this is what they can be said to share.
pub(super) fn shared<T: Eq + Hash + Clone>(one: &[T], other: &[T]) -> Vec<T> {
    let places = places(one, other);
    one.iter().zip(places).filter(|(_, place)| place.is_some()).map(|(item, _)| item.clone()).collect()
}

fn between<'a, T: Eq>(base: &'a [T], yours: &'a [T], theirs: &'a [T], into: &mut Vec<Stretch<'a, T>>) {
    let settled = if yours == base || yours == theirs {
        Some(theirs)
    } else if theirs == base {
        Some(yours)
    } else {
        None
    };
    match settled {
        Some([]) => {}
        Some(items) => into.push(Stretch::Settled(items)),
        None => into.push(Stretch::Contested { base, yours, theirs }),
    }
}

/// Where each item of the base stands in a side, if it is still there.
fn places<T: Eq + Hash>(base: &[T], side: &[T]) -> Vec<Option<usize>> {
    let mut places = vec![None; base.len()];
    for op in capture_diff_slices_deadline(Algorithm::Myers, base, side, Some(Instant::now() + PATIENCE)) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for step in 0..len {
                places[old_index + step] = Some(new_index + step);
            }
        }
    }
    places
}
