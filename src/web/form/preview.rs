//! The story as readers will see it, from whatever has been written so far.

use crate::domain::input::StoryInput;
use crate::markdown::{SafeHtml, to_html};

/// The prose of a story, rendered.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The title as typed.
    pub title: String,
    /// Headings and what stands under them; empty sections are left out.
    pub sections: Vec<(&'static str, SafeHtml)>,
    /// When, and what happened.
    pub timeline: Vec<(String, SafeHtml)>,
}

/// The most timeline rows that are rendered: the most that a story may have.
const ROWS: usize = crate::domain::TimelineEntry::MAX_ROWS;

impl Preview {
    /// Renders what there is.
    pub fn of(input: &StoryInput) -> Self {
        let failure = &input.failure;
        let factors: String = failure.contributing_factors.iter().map(|factor| format!("- {factor}\n")).collect();
        let sections = [
            ("Summary", failure.summary.as_str()),
            ("Symptom", &failure.symptom),
            ("Impact", &input.impact),
            ("Root cause", &failure.root_cause),
            ("Contributing factors", &factors),
            ("Remediation", &failure.remediation),
            ("Lessons", &input.lessons),
        ];
        Self {
            title: failure.title.clone(),
            sections: sections
                .into_iter()
                .filter(|(_, markdown)| !markdown.trim().is_empty())
                .map(|(heading, markdown)| (heading, to_html(markdown)))
                .collect(),
            // The form always holds a row to begin with.
            timeline: input
                .timeline
                .iter()
                .filter(|row| !row.at.trim().is_empty() || !row.text.trim().is_empty())
                .take(ROWS)
                .map(|row| (row.at.clone(), to_html(&row.text)))
                .collect(),
        }
    }

    /// Whether nothing has been written that could be shown.
    pub fn is_empty(&self) -> bool {
        self.title.trim().is_empty() && self.sections.is_empty() && self.timeline.is_empty()
    }
}
