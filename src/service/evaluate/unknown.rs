//! Whether what is known and what is not are told apart: by the certainty of the first result, and at the bar.

use super::Outcome;
use crate::domain::matching::Confidence;

/// How well known and unknown are told apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Separation {
    /// How many queries have their answer in the library.
    pub known: usize,
    /// How many have none there.
    pub unknown: usize,
    /// The chance that a known query is answered with more certainty than an unknown one: 0.5 for dice, 1 for an oracle.
    pub auroc: f64,
    /// Of the answers that say "known", the share whose first is right; none where none says so.
    pub precision_known: Option<f64>,
    /// Of the known queries, the share that is answered with "known", rightly.
    pub recall_known: f64,
    /// The same of the answers that say "known" or "possible".
    pub precision_possible: Option<f64>,
    /// The same of the answers that say "known" or "possible".
    pub recall_possible: f64,
}

/// Compares queries whose answer is in the library with such whose answer is not; none where either are missing.
pub fn separation(known: &[Outcome], unknown: &[Outcome]) -> Option<Separation> {
    if known.is_empty() || unknown.is_empty() {
        return None;
    }
    let pairs = known.iter().flat_map(|one| unknown.iter().map(move |other| (one.certainty, other.certainty)));
    let wins: f64 = pairs
        .map(|(one, other)| {
            if one > other {
                1.0
            } else if one < other {
                0.0
            } else {
                0.5
            }
        })
        .sum();
    let at = |bar: Confidence| {
        let says = |outcome: &&Outcome| outcome.confidence.is_some_and(|confidence| confidence >= bar);
        let right = known.iter().filter(says).filter(|outcome| outcome.place() == Some(0)).count();
        let all = known.iter().chain(unknown).filter(says).count();
        ((all > 0).then(|| right as f64 / all as f64), right as f64 / known.len() as f64)
    };
    let (precision_known, recall_known) = at(Confidence::Strong);
    let (precision_possible, recall_possible) = at(Confidence::Possible);
    Some(Separation {
        known: known.len(),
        unknown: unknown.len(),
        auroc: wins / (known.len() * unknown.len()) as f64,
        precision_known,
        recall_known,
        precision_possible,
        recall_possible,
    })
}

#[cfg(test)]
mod tests {
    use super::separation;
    use crate::domain::matching::Confidence;
    use crate::service::evaluate::Outcome;

    fn outcome(certainty: f32, confidence: Option<Confidence>, right: bool) -> Outcome {
        Outcome {
            id: "q".to_owned(),
            kind: "k".to_owned(),
            expected: vec!["a".to_owned()],
            found: vec![vec![if right { "a" } else { "b" }.to_owned()]],
            certainty,
            confidence,
            grounds: None,
        }
    }

    #[test]
    fn certainty_and_the_bar_are_both_judged() {
        let known = [
            outcome(0.9, Some(Confidence::Strong), true),
            outcome(0.6, Some(Confidence::Possible), true),
            outcome(0.3, None, false),
        ];
        let unknown = [outcome(0.5, Some(Confidence::Possible), false), outcome(0.1, None, false)];
        let told = separation(&known, &unknown).expect("both");
        assert!((told.auroc - 5.0 / 6.0).abs() < 1e-9);
        assert_eq!((told.precision_known, told.precision_possible), (Some(1.0), Some(2.0 / 3.0)));
        assert!((told.recall_possible - 2.0 / 3.0).abs() < 1e-9);
        assert!(separation(&known, &[]).is_none());
    }
}
