//! From hits to a verdict: the places in the paste, and in words what is missing or what contradicts.

use crate::domain::matching::{Place, Proof, Verdict};
use crate::evidence::Signals;

use super::frames::{Frames, Outcome, Shape, Step};
use super::grammar::Order;
use super::term::Term;
use super::timeline::{Rank, Timeline};
use super::{LogRule, duration, words};

/// What verdicts on one paste are made from.
pub(super) struct Reader<'r> {
    pub(super) rule: &'r LogRule,
    pub(super) signals: &'r Signals<'r>,
    pub(super) timeline: &'r Timeline<'r>,
}

impl Reader<'_> {
    /// It fired on these hits.
    pub(super) fn fired(&self, hits: &[(usize, Rank)]) -> Verdict {
        let places = self.places(hits.iter().map(|&(term, rank)| (&self.rule.terms[term], rank)));
        Verdict::Fired(Proof { places, subject: None, remarks: self.remarks() })
    }

    /// All is there, and this hit of a negative term.
    pub(super) fn contradicted(&self, by: &Term, rank: Rank) -> Verdict {
        Verdict::Contradicted { by: words::line_for(&by.look), at: self.places([(by, rank)]) }
    }

    /// Some of it is there; nothing where none is, or where one line is all that the rule looks for.
    pub(super) fn partial(&self, hits: &[Vec<Rank>]) -> Option<Verdict> {
        let needed = self.rule.needed();
        if needed.iter().sum::<usize>() < 2 || hits.iter().all(Vec::is_empty) {
            return None;
        }
        let all = || self.rule.terms.iter().zip(hits).zip(needed.iter().copied());
        let met = all().flat_map(|((term, hits), needed)| hits.iter().take(needed).map(move |&rank| (term, rank)));
        let met = self.places(met);
        let mut missing: Vec<String> = all()
            .filter(|((_, hits), needed)| hits.len() < *needed)
            .map(|((term, hits), needed)| words::lines_missing(&term.look, hits.len(), needed))
            .collect();
        if missing.is_empty() {
            missing.push(self.missing_together(hits));
        }
        Some(Verdict::Partial { met, missing })
    }

    /// What keeps hits that are all there from meeting the rule: the order or the time.
    fn missing_together(&self, hits: &[Vec<Rank>]) -> String {
        let shape = &self.rule.shape;
        let unhurried = Shape { order: shape.order, steps: shape.steps.clone(), window: None };
        let in_order = Frames::new(&unhurried, self.timeline, hits.to_vec()).first(&[]);
        match (in_order, shape.window, shape.order) {
            (Outcome::Fired(_), Some(window), _) => format!("all of them within {}", duration::written(window)),
            (_, Some(window), Order::Sequence) if self.timeline.is_stamped() => {
                format!("all of them in the rule's order, within {}", duration::written(window))
            }
            _ => "all of them in the rule's order".to_owned(),
        }
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.rule.remarks.clone();
        if self.timeline.is_stamped() {
            return remarks;
        }
        if let Some(window) = self.rule.shape.window {
            let window = duration::written(window);
            remarks.push(format!("no timestamps were found, so the window of {window} was not checked"));
        }
        if !self.rule.negatives.is_empty() {
            remarks
                .push("no timestamps were found, so lines alone decided where what negates was looked for".to_owned());
        }
        remarks
    }

    /// The places of hits, in the order of lines. Of one that reaches over several lines, the first and the last.
    fn places<'t>(&self, hits: impl IntoIterator<Item = (&'t Term, Rank)>) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for (term, rank) in hits.into_iter().take(Proof::MOST_PLACES) {
            let entry = self.timeline.entry(rank);
            let seen = entry.seen(self.signals.text);
            let touched = entry.places(&term.stretch(&seen));
            let ends = [touched.first(), touched.last().filter(|_| touched.len() > 1)];
            places.extend(ends.into_iter().flatten().map(|span| self.place(span)));
        }
        places.sort_by_key(|place| (place.span.start, place.span.end));
        places.dedup();
        places.truncate(Proof::MOST_PLACES);
        places
    }

    fn place(&self, span: &std::ops::Range<usize>) -> Place {
        Place { line: self.signals.line_of(span.start), span: span.clone() }
    }
}

impl LogRule {
    /// How many hits of each term the rule asks for in all.
    pub(super) fn needed(&self) -> Vec<usize> {
        let mut needed = vec![0; self.terms.len()];
        for Step { term, count } in &self.shape.steps {
            needed[*term] += count;
        }
        needed
    }
}
