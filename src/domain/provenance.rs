//! Provenance: who wrote a record, where it was taken from, and under which licence.

use serde::{Deserialize, Serialize};

use super::{Line, WebAddress};

/// Where the text of a record comes from, when it was not written here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Its id there: `CRE-2024-0007`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Line>,
    /// Where it can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<WebAddress>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Line>,
    /// Under which licence: an SPDX expression such as `Apache-2.0`, or words.
    pub license: Line,
}
