//! What was measured, as it is written to JSON and read by tables, goals and plot.

use serde::Serialize;

use crate::sampling::{Samples, median};

/// Whose figure it is.
pub const CASEBOOK: &str = "Casebook";
pub const BARE: &str = "tantivy";
pub const POSTGRES: &str = "PostgreSQL";
pub const SQLITE: &str = "SQLite FTS5";
pub const HELLO: &str = "hello world";

/// Which table a figure stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Inside,
    Http,
    Pages,
    Writing,
    Serving,
}

/// One figure.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// How many failures there were.
    pub size: usize,
    pub part: Part,
    pub what: String,
    pub who: &'static str,
    #[serde(flatten)]
    pub value: Value,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase", tag = "measure")]
pub enum Value {
    /// In milliseconds.
    Latency { p50: f64, p99: f64, samples: usize },
    /// So many a second; `of_peer` is the median of the ratios to the peer that the same rounds had.
    Rate { per_second: f64, rounds: usize, of_peer: Option<f64> },
    /// Anything else.
    Amount { amount: f64, unit: &'static str },
}

/// All figures, in the order in which they were taken.
#[derive(Debug, Default, Serialize)]
pub struct Book {
    pub figures: Vec<Figure>,
}

/// What is measured, of how many failures: what figures are filed under.
#[derive(Debug, Clone, Copy)]
pub struct Topic<'a> {
    pub size: usize,
    pub part: Part,
    pub what: &'a str,
}

impl Book {
    pub fn latency(&mut self, topic: Topic<'_>, who: &'static str, samples: &Samples) {
        let (p50, p99) = (samples.milliseconds_at(0.5), samples.milliseconds_at(0.99));
        self.add(topic, who, Value::Latency { p50, p99, samples: samples.len() });
    }

    /// A rate, from the rounds it was taken in.
    pub fn rate(&mut self, topic: Topic<'_>, who: &'static str, rounds: &[f64]) {
        self.add(topic, who, Value::Rate { per_second: median(rounds.to_vec()), rounds: rounds.len(), of_peer: None });
    }

    /// A rate and its ratio to another that was taken in turns with it.
    pub fn rate_beside(&mut self, topic: Topic<'_>, who: &'static str, rounds: &[f64], peer: &[f64]) {
        let ratios = rounds.iter().zip(peer).map(|(own, other)| own / other).collect();
        let of_peer = Some(median(ratios));
        self.add(topic, who, Value::Rate { per_second: median(rounds.to_vec()), rounds: rounds.len(), of_peer });
    }

    pub fn amount(&mut self, topic: Topic<'_>, who: &'static str, amount: f64, unit: &'static str) {
        self.add(topic, who, Value::Amount { amount, unit });
    }

    fn add(&mut self, topic: Topic<'_>, who: &'static str, value: Value) {
        self.figures.push(Figure { size: topic.size, part: topic.part, what: topic.what.to_owned(), who, value });
    }

    /// A figure, if it was taken.
    pub fn find(&self, size: usize, what: &str, who: &str) -> Option<Value> {
        let found = self.figures.iter().find(|one| one.size == size && one.what == what && one.who == who)?;
        Some(found.value)
    }

    pub fn p50(&self, size: usize, what: &str, who: &str) -> Option<f64> {
        match self.find(size, what, who)? {
            Value::Latency { p50, .. } => Some(p50),
            Value::Rate { .. } | Value::Amount { .. } => None,
        }
    }

    pub fn p99(&self, size: usize, what: &str, who: &str) -> Option<f64> {
        match self.find(size, what, who)? {
            Value::Latency { p99, .. } => Some(p99),
            Value::Rate { .. } | Value::Amount { .. } => None,
        }
    }

    pub fn per_second(&self, size: usize, what: &str, who: &str) -> Option<f64> {
        match self.find(size, what, who)? {
            Value::Rate { per_second, .. } => Some(per_second),
            Value::Latency { .. } | Value::Amount { .. } => None,
        }
    }

    /// The median of the ratios to the peer.
    pub fn of_peer(&self, size: usize, what: &str) -> Option<f64> {
        match self.find(size, what, CASEBOOK)? {
            Value::Rate { of_peer, .. } => of_peer,
            Value::Latency { .. } | Value::Amount { .. } => None,
        }
    }

    pub fn in_amount(&self, size: usize, what: &str) -> Option<f64> {
        match self.find(size, what, CASEBOOK)? {
            Value::Amount { amount, .. } => Some(amount),
            Value::Latency { .. } | Value::Rate { .. } => None,
        }
    }
}
