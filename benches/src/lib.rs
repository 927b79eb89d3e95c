//! What the benches share: chance that is the same on every run, logs, a client of HTTP, and times.

pub mod client;
pub mod dice;
pub mod logs;
pub mod sampling;

/// What everything here comes to.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
