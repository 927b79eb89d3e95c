//! Measures of ranked results, each with the interval in which it lies for nineteen samples of twenty.

use super::{DEPTH, Outcome};

/// A mean over queries with its interval of 95 %, by bootstrap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What is measured of a set of queries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// How many queries.
    pub queries: usize,
    /// The share that find something expected first.
    pub success_at_1: Interval,
    /// The share that find something expected among the first five.
    pub success_at_5: Interval,
    /// The mean of one over the place of the first that was expected, among ten.
    pub mrr_at_10: Interval,
    /// Normalised discounted cumulative gain among ten; what was expected counts one, the rest nothing.
    pub ndcg_at_10: Interval,
}

/// How many samples the bootstrap draws.
const SAMPLES: usize = 1000;

/// Measures queries that expect something; none where there are no such queries.
pub fn measure<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Option<Measures> {
    let outcomes: Vec<&Outcome> = outcomes.into_iter().filter(|outcome| !outcome.expected.is_empty()).collect();
    if outcomes.is_empty() {
        return None;
    }
    let over =
        |value: &dyn Fn(&Outcome) -> f64| interval(&outcomes.iter().map(|outcome| value(outcome)).collect::<Vec<_>>());
    let within = |most: usize| move |outcome: &Outcome| f64::from(outcome.place().is_some_and(|place| place < most));
    Some(Measures {
        queries: outcomes.len(),
        success_at_1: over(&within(1)),
        success_at_5: over(&within(5)),
        mrr_at_10: over(&|outcome| outcome.place().map_or(0.0, |place| 1.0 / (place as f64 + 1.0))),
        ndcg_at_10: over(&ndcg),
    })
}

fn ndcg(outcome: &Outcome) -> f64 {
    let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
    let mut wanted: Vec<&String> = outcome.expected.iter().collect();
    let mut gained = 0.0;
    for (place, names) in outcome.found.iter().take(DEPTH).enumerate() {
        let before = wanted.len();
        wanted.retain(|name| !names.contains(name));
        gained += if wanted.len() < before { discount(place) } else { 0.0 };
    }
    let ideal: f64 = (0..outcome.expected.len().min(DEPTH)).map(discount).sum();
    gained / ideal
}

/// The same values give the same interval: the samples are drawn from a fixed seed.
fn interval(values: &[f64]) -> Interval {
    let mean = |sum: f64| sum / values.len() as f64;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as usize
    };
    let mut means: Vec<f64> =
        (0..SAMPLES).map(|_| mean((0..values.len()).map(|_| values[below(values.len())]).sum())).collect();
    means.sort_by(f64::total_cmp);
    Interval { mean: mean(values.iter().sum()), low: means[SAMPLES / 40], high: means[SAMPLES - 1 - SAMPLES / 40] }
}

#[cfg(test)]
mod tests {
    use super::{interval, measure};
    use crate::service::evaluate::Outcome;

    fn outcome(expected: &[&str], found: &[&[&str]]) -> Outcome {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Outcome {
            id: "q".to_owned(),
            kind: "k".to_owned(),
            expected: owned(expected),
            found: found.iter().map(|names| owned(names)).collect(),
            certainty: 0.5,
            confidence: None,
            grounds: None,
        }
    }

    #[test]
    fn the_measures_are_those_of_the_textbook() {
        let outcomes = [
            outcome(&["a"], &[&["a"], &["b"]]),
            outcome(&["a"], &[&["b"], &["c", "a"]]),
            outcome(&["a"], &[&["b"]]),
            outcome(&[], &[&["b"]]),
        ];
        let measures = measure(&outcomes).expect("queries");
        assert_eq!(measures.queries, 3);
        assert!((measures.success_at_1.mean - 1.0 / 3.0).abs() < 1e-9);
        assert!((measures.success_at_5.mean - 2.0 / 3.0).abs() < 1e-9);
        assert!((measures.mrr_at_10.mean - 0.5).abs() < 1e-9);
        let ndcg = (1.0 + 1.0 / 3_f64.log2()) / 3.0;
        assert!((measures.ndcg_at_10.mean - ndcg).abs() < 1e-9);
        assert!(measure(&outcomes[3..]).is_none());
    }

    #[test]
    fn several_right_answers_are_all_wanted_first() {
        let both = measure(&[outcome(&["a", "b"], &[&["a"], &["b"]])]).expect("queries");
        assert!((both.ndcg_at_10.mean - 1.0).abs() < 1e-9);
        let one = measure(&[outcome(&["a", "b"], &[&["a"], &["c"]])]).expect("queries");
        assert!(one.ndcg_at_10.mean < 1.0 && one.success_at_1.mean == 1.0);
    }

    #[test]
    fn an_interval_holds_its_mean_and_narrows_with_more_queries() {
        let few = interval(&[0.0, 1.0, 0.0, 1.0]);
        let many = interval(&[0.0, 1.0].repeat(200));
        assert!(few.low <= few.mean && few.mean <= few.high);
        assert!(many.high - many.low < few.high - few.low);
    }
}
