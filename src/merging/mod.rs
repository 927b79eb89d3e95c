//! Three-way merges: what two people wrote on the same base, as one text where they do not contradict each other.
//!
//! Where they do, both are kept, theirs before yours, and it is told: nothing that either wrote is ever left out, and
//! no sign of the merge stands in what may be published. Pure functions; the page is elsewhere.

mod sequence;
mod text;
mod rows;
mod story;

pub use story::{Field, Merged, Outcome, merge};
