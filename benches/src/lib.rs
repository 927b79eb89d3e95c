//! What the benches share: chance that is the same on every run, and logs.

pub mod dice;
pub mod logs;
