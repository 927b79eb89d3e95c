//! A match: a known failure proposed for some evidence, with the reasons.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Check, FailureId, FailureKind, Invalid, Line, RuleKind, Slug};

/// What a person pastes to be matched: 1 byte to 1 MiB of text without NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence(String);

impl Evidence {
    /// The most evidence that is read at once, in bytes.
    pub const MAX: usize = 1024 * 1024;

    /// Parses a paste. It is kept as it is but for its line ends, so that marks point at what was pasted.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() > Self::MAX {
            return Err(Invalid::described(
                format!("{} bytes", text.len()),
                "at most 1 MiB of evidence (1048576 bytes)",
            ));
        }
        if text.contains('\0') {
            return Err(Invalid::described("a NUL character", "text without NUL characters"));
        }
        if text.trim().is_empty() {
            return Err(Invalid::described("nothing", "a sentence, or a paste of logs, events or an alert"));
        }
        Ok(Self(text.replace("\r\n", "\n").replace('\r', "\n")))
    }

    /// The text, with `\n` line ends.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How sure a match is, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Its words make it likely enough to be looked at.
    Possible,
    /// Its words leave little doubt.
    Strong,
    /// A detection rule fired.
    Fired,
}

/// The answer as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// At least one match is fired or strong.
    Known,
    /// The best match is possible.
    Possible,
    /// Nothing clears the bar.
    Unknown,
}

/// Which field of a failure met the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "named after the fields of Failure, Story and Pattern")]
pub enum Field {
    Title,
    Aliases,
    Symptom,
    Summary,
    RootCause,
    Remediation,
    Rules,
    Details,
    Tags,
    Pattern,
}

impl Field {
    /// The words that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Aliases => "other names",
            Self::Symptom => "symptom",
            Self::Summary => "summary",
            Self::RootCause => "root cause",
            Self::Remediation => "remediation",
            Self::Rules => "text of its rules",
            Self::Details => "impact, timeline and lessons",
            Self::Tags => "category and technologies",
            Self::Pattern => "its pattern",
        }
    }
}

/// Why a failure was proposed: the words of the evidence that one of its fields has too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Which field.
    pub field: Field,
    /// The words, as they stand in the evidence, most telling first.
    pub terms: Vec<String>,
    /// The lines of the evidence they stand on, from 1, at most 20.
    pub lines: Vec<u32>,
}

/// What a detection rule says about the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whose rule it is.
    pub failure: FailureId,
    /// What the rule recognises.
    pub rule: Line,
    /// Its language.
    pub kind: RuleKind,
    /// What came of it.
    pub verdict: Verdict,
}

impl Finding {
    /// The proof, if the rule fired.
    pub fn proof(&self) -> Option<&Proof> {
        match &self.verdict {
            Verdict::Fired(proof) => Some(proof),
            Verdict::Contradicted { .. } | Verdict::Partial { .. } => None,
        }
    }

    /// Whether something in the evidence says that it is not this failure.
    pub fn is_contradicted(&self) -> bool {
        matches!(self.verdict, Verdict::Contradicted { .. })
    }

    /// Where the evidence met the rule: what fired, what contradicts, or what of it is there.
    pub fn places(&self) -> &[Place] {
        match &self.verdict {
            Verdict::Fired(proof) => &proof.places,
            Verdict::Contradicted { at, .. } => at,
            Verdict::Partial { met, .. } => met,
        }
    }

    /// The lines of its places, ascending, each once.
    pub fn lines(&self) -> Vec<u32> {
        let lines: std::collections::BTreeSet<u32> = self.places().iter().map(|place| place.line).collect();
        lines.into_iter().collect()
    }
}

/// What came of running one rule over some evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "verdict")]
pub enum Verdict {
    /// It fired: here is the proof.
    Fired(Proof),
    /// All that it looks for is there, and something beside it that says it is not this failure.
    Contradicted {
        /// What contradicts, in words for people: `a line with "Startup complete"`.
        by: String,
        /// Where it stands.
        at: Vec<Place>,
    },
    /// Some of what it looks for is there.
    Partial {
        /// Where that stands.
        met: Vec<Place>,
        /// What it also looks for and did not find, in words for people.
        missing: Vec<String>,
    },
}

/// Where in the evidence a rule met what it looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The lines, in order, at most [`Proof::MOST_PLACES`].
    pub places: Vec<Place>,
    /// The object, for a manifest rule: `Deployment web/frontend`; the alert, for a metric rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What a person should know about how it was read: "no timestamps were found, so the window of 5m was not checked".
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl Proof {
    /// More places than this prove nothing more.
    pub const MOST_PLACES: usize = 50;
}

/// A stretch of one line of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The bytes of the evidence, for marking; within the line, on character boundaries.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

/// What is shown of a failure wherever it is listed. It comes from the index, so that lists need no database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Card {
    /// The record.
    pub id: FailureId,
    /// Story or pattern.
    pub kind: FailureKind,
    /// Its address.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// Its summary, as Markdown.
    pub summary: String,
    /// Its root cause, as Markdown.
    pub root_cause: String,
    /// Its remediation, as Markdown.
    pub remediation: String,
    /// Its category.
    pub category: super::Category,
    /// Its technologies.
    pub technologies: Vec<super::Technology>,
    /// Whose incident it was, of a story.
    pub organization: Option<String>,
    /// How bad it was, of a story.
    pub severity: Option<super::Severity>,
    /// When it began, of a story: as well as it is known.
    pub started_at: Option<super::Moment>,
    /// How long it lasted, for people.
    pub duration: Option<String>,
    /// The patterns that a story is an instance of.
    pub patterns: Vec<Link>,
    /// What to run to be sure.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// How many stories are instances of a pattern.
    pub instances: u32,
    /// When its newest revision was saved.
    pub updated_at: DateTime<Utc>,
    /// Title and summary in other languages.
    #[serde(default)]
    pub translations: Vec<TranslatedCard>,
    /// The language that title and summary are in; none is the one that the record was written in.
    #[serde(skip)]
    pub language: Option<super::Language>,
}

/// What a card shows in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct TranslatedCard {
    /// Which language.
    pub language: super::Language,
    /// The title in it.
    pub title: String,
    /// The summary in it, as Markdown; empty where there is none.
    pub summary: String,
}

impl Card {
    /// Shows title and summary in the language of one of its translations.
    pub fn show_translation(&mut self, place: usize) {
        let Some(translation) = self.translations.get(place) else { return };
        self.title.clone_from(&translation.title);
        if !translation.summary.is_empty() {
            self.summary.clone_from(&translation.summary);
        }
        self.language = Some(translation.language.clone());
    }
}

/// A record by name and address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Link {
    /// Its address.
    pub slug: Slug,
    /// Its title.
    pub title: String,
}

/// One proposed failure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// The failure.
    pub card: Card,
    /// How sure it is.
    pub confidence: Confidence,
    /// How likely it is right by its words alone, 0 to 1; what it rests on is in `docs/ranking.md`.
    pub score: f32,
    /// The words that met its fields.
    pub reasons: Vec<Reason>,
    /// What its rules, and those of the failures folded into it, say: fired first.
    pub findings: Vec<Finding>,
    /// Other known failures of the same pattern that match as well, best first: folded into this one.
    pub also: Vec<Card>,
}

/// A check that a proposed failure states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextCheck {
    /// Whose check it is.
    pub of: Link,
    /// Story or pattern.
    pub kind: FailureKind,
    /// The command and what its output means.
    pub check: Check,
}

/// The answer to some evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matches {
    /// The answer in one word.
    pub outcome: Outcome,
    /// The proposed failures, best first.
    pub matches: Vec<Match>,
    /// The one command worth running next to tell the first two apart.
    pub next: Option<NextCheck>,
    /// What in the evidence met something in the matches, ascending, without overlap: what the page marks.
    pub marks: Vec<Mark>,
}

/// A stretch of the evidence that met something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// The bytes of the evidence, on character boundaries.
    pub range: std::ops::Range<usize>,
    /// What it met.
    pub kind: MarkKind,
}

/// What a stretch of the evidence met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkKind {
    /// What a rule looks for, and the rule fired.
    Fired,
    /// A word of a known failure.
    Word,
}
