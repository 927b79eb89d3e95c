//! The one command worth running next: it tells the first two matches apart, where they state such a check.

use crate::domain::matching::{Card, Link, Match, NextCheck};
use crate::domain::{Check, FailureAddress, FailureKind};

/// A check with whose it is.
type Stated<'m> = (&'m Card, &'m Check);

/// The first check that names the other of the first two; else the first that the second does not state as well.
pub(super) fn next_check(matches: &[Match]) -> Option<NextCheck> {
    let first = matches.first()?;
    let second = matches.get(1);
    let chosen = second
        .and_then(|second| {
            let names = |other: &Match, check: &Check| check.apart_from.as_ref().is_some_and(|it| is(other, it));
            let of_first = checks(first).find(|(_, check)| names(second, check));
            of_first.or_else(|| checks(second).find(|(_, check)| names(first, check)))
        })
        .or_else(|| checks(first).find(|(_, check)| !second.is_some_and(|second| states(second, check))));
    chosen.map(|(card, check)| NextCheck {
        of: Link { slug: card.slug.clone(), title: card.title.clone() },
        kind: card.kind,
        check: check.clone(),
    })
}

/// The checks of a result: its own, then those of the patterns folded into it.
fn checks(found: &Match) -> impl Iterator<Item = Stated<'_>> {
    let patterns = found.also.iter().filter(|card| card.kind == FailureKind::Pattern);
    std::iter::once(&found.card).chain(patterns).flat_map(|card| card.checks.iter().map(move |check| (card, check)))
}

/// Whether an address is that of a result: of its head, of what is folded into it, or of a pattern it is an instance of.
fn is(found: &Match, address: &FailureAddress) -> bool {
    let named = |card: &Card| card.kind == address.kind && card.slug == address.slug;
    let is_instance =
        address.kind == FailureKind::Pattern && found.card.patterns.iter().any(|pattern| pattern.slug == address.slug);
    is_instance || std::iter::once(&found.card).chain(&found.also).any(named)
}

fn states(found: &Match, check: &Check) -> bool {
    checks(found).any(|(_, other)| other.command == check.command)
}
