//! (to come)
pub mod diff;
