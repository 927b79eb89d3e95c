//! The parts of the form, which can be filled in in any order, and how far each is.

/// A part of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The id of its section.
    pub anchor: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The names of its fields, with spaces between; `*` stands behind those without which there is no story.
    pub fields: &'static str,
}

const fn step(anchor: &'static str, label: &'static str, fields: &'static str) -> Step {
    Step { anchor, label, fields }
}

/// Every part, in the order of the page.
pub const STEPS: [Step; 8] = [
    step("what-happened", "What happened", "title* organization* summary*"),
    step("what-was-seen", "What was seen", "symptom*"),
    step("why", "Why", "root_cause* category*"),
    step("what-helped", "What helped", "remediation*"),
    step("when", "When and how bad", "started_at detected_at resolved_at duration severity trigger detected_by impact"),
    step("what-when", "Timeline", "timeline"),
    step("sooner", "How we would know sooner", "rules checks"),
    step("sources", "Sources and languages", "references facts translations"),
];

/// How far a step of the form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is written.
    Empty,
    /// Something is, and something else is required.
    Begun,
    /// All that is required is written, or something where nothing is.
    Done,
}

impl Progress {
    /// The name for the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Begun => "begun",
            Self::Done => "done",
        }
    }

    /// The words for those who do not see the mark.
    pub fn label(self) -> &'static str {
        match self {
            Self::Empty => "nothing written yet",
            Self::Begun => "begun",
            Self::Done => "filled in",
        }
    }
}
