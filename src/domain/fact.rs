//! Facts: what a story claims, and where in its sources that stands, so that a reviewer can follow.

use serde::{Deserialize, Serialize};

use super::{Line, WebAddress};

/// One claim of a story that somebody has looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What the story says, in a sentence.
    pub claim: Line,
    /// The source that says it too: the address, or the archived address, of one of the references.
    pub source: WebAddress,
    /// Where it stands there: a heading, a time, the first words of a paragraph.
    pub passage: Line,
}
