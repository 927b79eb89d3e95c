//! What happened when: the rows of a story's timeline.

use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;
use super::{Line, Markdown, Moment};

vocabulary! {
    /// What a row of the timeline marks, where it marks a turn.
    Marker: "a marker" {
        Trigger = "trigger", "Trigger", "What set it off";
        Detection = "detection", "Detection", "When it was noticed";
        Diagnosis = "diagnosis", "Diagnosis", "When the cause was understood";
        Repair = "repair", "Repair", "When something that helped was done";
        Key = "key", "Key moment", "A turn worth finding again";
    }
}

/// One row: when (a moment, or the words the report uses: "Friday", "T+20 min"), an optional marker, what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When, as written.
    pub at: Line,
    /// What turn it marks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Marker>,
    /// What happened.
    pub text: Markdown,
}

impl TimelineEntry {
    /// The most rows that one story may have. A longer timeline is a log, and belongs behind a link.
    pub const MAX_ROWS: usize = 500;

    /// The moment, where `at` is one rather than a phrase.
    pub fn moment(&self) -> Option<Moment> {
        Moment::parse(self.at.as_str()).ok()
    }
}
