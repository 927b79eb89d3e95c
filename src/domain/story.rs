//! A story: one incident as one team lived it.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{
    DetectedBy, Fact, Failure, Line, Markdown, Moment, Precision, Severity, Slug, TimelineEntry, Trigger, WebAddress,
};

/// One incident with what was learned from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Story {
    /// The fields that it shares with patterns.
    #[serde(flatten)]
    pub failure: Failure,
    /// Who, when, how bad.
    #[serde(flatten)]
    pub incident: Incident,
    /// What happened when, in the order it was told.
    pub timeline: Vec<TimelineEntry>,
    /// What the team learned.
    pub lessons: Markdown,
    /// What the team set out to do.
    pub action_items: Vec<ActionItem>,
    /// The patterns that it is an instance of, by slug.
    pub patterns: Vec<Slug>,
    /// What was looked up in the sources.
    pub facts: Vec<Fact>,
}

/// The facts of the incident. Unknown stays unknown: `None` is never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// Whose incident it was.
    pub organization: Line,
    /// When it began to hurt.
    pub started_at: Option<Moment>,
    /// When someone noticed.
    pub detected_at: Option<Moment>,
    /// When it no longer hurt.
    pub resolved_at: Option<Moment>,
    /// How long it lasted, in the report's words, where the times do not say it ("about a week").
    pub duration: Option<Line>,
    /// How bad it was.
    pub severity: Option<Severity>,
    /// What set it off.
    pub trigger: Option<Trigger>,
    /// How the team learned of it.
    pub detected_by: Option<DetectedBy>,
    /// What users and the business felt, with numbers.
    pub impact: Markdown,
}

/// Something to do so that it does not happen again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    /// What is to be done.
    pub text: Line,
    /// Who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Line>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    /// Where its progress can be followed: the issue or ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<WebAddress>,
    /// Whether it is done.
    #[serde(default)]
    pub done: bool,
}

impl Incident {
    /// The time from start to resolution, where both are known to the minute.
    pub fn measured_duration(&self) -> Option<TimeDelta> {
        let (start, end) = (self.started_at?, self.resolved_at?);
        let exact = start.precision() == Precision::Minute && end.precision() == Precision::Minute;
        exact.then(|| end.start() - start.start()).filter(|length| *length >= TimeDelta::zero())
    }

    /// The duration for people: the report's own words, else what the times say.
    pub fn duration_for_people(&self) -> Option<String> {
        if let Some(words) = &self.duration {
            return Some(words.to_string());
        }
        let minutes = self.measured_duration()?.num_minutes();
        let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        let parts = [(days, "d"), (hours, "h"), (rest, "min")];
        let text: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
        Some(if text.is_empty() { "under a minute".to_owned() } else { text.join(" ") })
    }

    /// The year it happened in, as far as any of its times tells.
    pub fn year(&self) -> Option<i32> {
        self.started_at.or(self.detected_at).or(self.resolved_at).map(Moment::year)
    }
}
