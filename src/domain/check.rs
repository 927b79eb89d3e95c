//! Checks: what to run next, and what its output means.

use serde::{Deserialize, Serialize};

use super::{FailureAddress, Line};

/// A command that an engineer can paste, and what its output says about the failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The command, on one line.
    pub command: Line,
    /// What to look for in its output, and what that means.
    pub means: Line,
    /// The failure that it tells this one apart from, where there is one that is easily taken for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart_from: Option<FailureAddress>,
}
