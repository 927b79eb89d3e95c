//! Taking times: as many as there is time for, and what they come to.

use std::time::{Duration, Instant};

use crate::Outcome;

/// Times of the same work.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<Duration>);

/// When to stop: after so many samples or so much time, whichever is first; one sample is always taken.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    pub samples: usize,
    pub time: Duration,
}

impl Bound {
    pub fn new(samples: usize, seconds: u64) -> Self {
        Self { samples, time: Duration::from_secs(seconds) }
    }
}

impl Samples {
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time, in milliseconds, that this share of the samples does not exceed. NaN without samples.
    pub fn milliseconds_at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(place).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
    }
}

/// Times one after the other, of the work for each of some inputs.
pub fn times<T>(bound: Bound, inputs: &[T], mut work: impl FnMut(&T) -> Outcome<()>) -> Outcome<Samples> {
    let begun = Instant::now();
    let mut samples = Samples::default();
    for input in inputs.iter().take(bound.samples) {
        samples.add(timed(|| work(input))?.0);
        if begun.elapsed() > bound.time {
            break;
        }
    }
    Ok(samples)
}

/// Times of two ways to do the same, taken in turns, so that both meet the same machine.
pub fn in_turns<T>(
    bound: Bound,
    inputs: &[T],
    mut one: impl FnMut(&T) -> Outcome<()>,
    mut other: impl FnMut(&T) -> Outcome<()>,
) -> Outcome<(Samples, Samples)> {
    let begun = Instant::now();
    let (mut of_one, mut of_other) = (Samples::default(), Samples::default());
    for input in inputs.iter().take(bound.samples) {
        of_one.add(timed(|| one(input))?.0);
        of_other.add(timed(|| other(input))?.0);
        if begun.elapsed() > bound.time {
            break;
        }
    }
    Ok((of_one, of_other))
}

/// How long some work took, and what it gave.
pub fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(Duration, T)> {
    let begun = Instant::now();
    let given = std::hint::black_box(work()?);
    Ok((begun.elapsed(), given))
}

/// The one in the middle; NaN of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
