//! A pattern: a named failure mode that comes back in story after story.

use serde::Serialize;

use super::{Failure, Title};

/// A failure mode in general form. Its instances are the stories that name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// The fields that it shares with stories.
    #[serde(flatten)]
    pub failure: Failure,
    /// Other names that people use for it.
    pub aliases: Vec<Title>,
}
