//! What the figures are turned into.

pub mod goals;
pub mod plot;
pub mod tables;
