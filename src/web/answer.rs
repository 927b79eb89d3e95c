//! The answer to some evidence as the front page shows it: what is known, why, and what to run next.

use super::evidence::ShownEvidence;
use crate::domain::matching::{Card, Confidence, Field, Finding, Match, Matches, NextCheck, Outcome, Reason, Verdict};
use crate::domain::{FailureKind, RuleKind};
use crate::markdown::{self, SafeHtml};
use crate::service::diagnose::Diagnosis;

/// A root cause of up to so many bytes is shown whole.
const SHORT_CAUSE: usize = 600;
/// Evidence handed on to a new story; its symptom may have 64 KiB.
const HANDED_ON: usize = 60 * 1024;
/// How many lines of one rule or reason are named.
const LINES: usize = 5;
/// How many lines that a rule met are repeated beside it, where the evidence is not in sight.
const QUOTED: usize = 3;
/// How many rules of which only a part was met are shown.
const EXPECTATIONS: usize = 3;

/// The answer.
pub(super) struct AnswerView {
    pub(super) outcome: Outcome,
    pub(super) matches: Vec<MatchView>,
    pub(super) next: Option<NextCheck>,
    pub(super) shown: ShownEvidence,
    /// What the evidence was read as.
    pub(super) read: String,
    /// What was masked in it, in a sentence.
    pub(super) masked: Option<String>,
    /// The evidence, for the symptom of a new story.
    pub(super) symptom: String,
    /// Whether not all of it fits there.
    pub(super) is_cut: bool,
}

/// One known failure.
pub(super) struct MatchView {
    pub(super) card: Card,
    pub(super) confidence: Confidence,
    pub(super) fired: Vec<FiredView>,
    pub(super) expects: Vec<ExpectedView>,
    pub(super) against: Vec<AgainstView>,
    pub(super) root_cause: SafeHtml,
    pub(super) first_step: SafeHtml,
    pub(super) reasons: Vec<ReasonView>,
    pub(super) also: Vec<Card>,
}

/// A rule that fired.
pub(super) struct FiredView {
    pub(super) rule: String,
    pub(super) kind: RuleKind,
    /// The object or the alert.
    pub(super) subject: Option<String>,
    pub(super) lines: LinesView,
    /// The first lines, where the evidence stands far below.
    pub(super) quotes: Vec<QuoteView>,
    pub(super) remarks: Vec<String>,
    /// Whose rule it is, where it is that of another failure of the pattern.
    pub(super) of: Option<Card>,
}

/// A line of the evidence beside the rule that it met.
pub(super) struct QuoteView {
    pub(super) line: u32,
    pub(super) text: String,
}

/// A rule of which only a part was met.
pub(super) struct ExpectedView {
    pub(super) rule: String,
    pub(super) missing: String,
    pub(super) lines: LinesView,
}

/// What speaks against a match.
pub(super) struct AgainstView {
    pub(super) rule: String,
    pub(super) by: String,
    pub(super) lines: LinesView,
}

/// The words that one field has too.
pub(super) struct ReasonView {
    /// The field.
    pub(super) field: &'static str,
    /// The most telling words, and how many more there are.
    pub(super) words: String,
    pub(super) lines: LinesView,
}

/// Lines of the evidence to go to.
pub(super) struct LinesView {
    /// The first of them, and whether each can be gone to.
    pub(super) numbers: Vec<(u32, bool)>,
    /// How many more there are.
    pub(super) more: usize,
}

impl AnswerView {
    pub(super) fn new(diagnosis: Diagnosis) -> Self {
        let Diagnosis { matches: Matches { outcome, matches, next, marks }, evidence, line_numbers, read } = diagnosis;
        let text = &evidence.text;
        let shown = ShownEvidence::new(text, &line_numbers, &marks, &pointed_at(&matches));
        Self {
            outcome,
            matches: matches.into_iter().map(|found| MatchView::new(found, &shown)).collect(),
            next,
            shown,
            read,
            masked: evidence.tally().map(|tally| was_masked(&tally)),
            symptom: handed_on(text).to_owned(),
            is_cut: text.len() > HANDED_ON,
        }
    }

    pub(super) fn heading(&self) -> String {
        match (self.outcome, self.matches.len()) {
            (Outcome::Unknown, _) | (_, 0) => "Nothing known matches".to_owned(),
            (Outcome::Known, _) => "This is known".to_owned(),
            (Outcome::Possible, _) => "This may be known".to_owned(),
        }
    }

    /// How many are proposed, by how sure they are.
    pub(super) fn tally(&self) -> String {
        let kinds = [
            (Confidence::Fired, "with a rule that fired"),
            (Confidence::Strong, "strong"),
            (Confidence::Possible, "possible"),
        ];
        let count = |confidence| self.matches.iter().filter(|found| found.confidence == confidence).count();
        let counted = kinds.into_iter().map(|(confidence, words)| (confidence, count(confidence), words));
        let counted: Vec<_> = counted.filter(|(_, count, _)| *count > 0).collect();
        let words: Vec<String> = counted.iter().map(|(_, count, words)| format!("{count} {words}")).collect();
        let noun = match counted.last() {
            None | Some((Confidence::Fired, ..)) => "",
            Some((Confidence::Strong | Confidence::Possible, 1, _)) => " match",
            Some((Confidence::Strong | Confidence::Possible, ..)) => " matches",
        };
        format!("{}{noun}", words.join(", "))
    }

    /// What the next check is for.
    pub(super) fn next_purpose(&self) -> &'static str {
        if self.matches.len() > 1 { "To tell the first two apart, run" } else { "To be sure, run" }
    }
}

/// The lines that no mark shows and a reader is sent to all the same: those that speak against a match, and those of
/// which a rule met only a part.
fn pointed_at(matches: &[Match]) -> Vec<u32> {
    let findings = matches.iter().flat_map(|found| &found.findings).filter(|finding| finding.proof().is_none());
    findings.flat_map(|finding| finding.lines().into_iter().take(LINES)).collect()
}

impl MatchView {
    fn new(mut found: Match, shown: &ShownEvidence) -> Self {
        let findings = std::mem::take(&mut found.findings);
        let fired = findings.iter().filter_map(|finding| FiredView::new(finding, &found.also, shown)).collect();
        // A pattern that is named as the pattern is not named again as a match.
        let patterns = &found.card.patterns;
        found.also.retain(|card| {
            card.kind == FailureKind::Story || !patterns.iter().any(|pattern| pattern.slug == card.slug)
        });
        // Those that tell the most; where a rule fired, that its text has the same words tells nothing more.
        let proven = found.confidence == Confidence::Fired;
        let telling = found.reasons.iter().filter(|reason| !(proven && reason.field == Field::Rules));
        let reasons = telling.take(3).map(|reason| ReasonView::new(reason, shown)).collect();
        let cause = &found.card.root_cause;
        let root_cause = if cause.len() <= SHORT_CAUSE {
            markdown::to_html(cause)
        } else {
            markdown::to_html(&escaped(&markdown::excerpt(cause, SHORT_CAUSE / 2)))
        };
        Self {
            fired,
            expects: findings
                .iter()
                .filter_map(|finding| ExpectedView::new(finding, shown))
                .take(EXPECTATIONS)
                .collect(),
            against: findings.iter().filter_map(|finding| AgainstView::new(finding, shown)).collect(),
            root_cause,
            first_step: markdown::first_step(&found.card.remediation),
            confidence: found.confidence,
            reasons,
            also: found.also,
            card: found.card,
        }
    }

    pub(super) fn confidence_words(&self) -> &'static str {
        match self.confidence {
            Confidence::Fired => "A detection rule fired",
            Confidence::Strong => "Strong match",
            Confidence::Possible => "Possible match",
        }
    }

    pub(super) fn confidence_name(&self) -> &'static str {
        match self.confidence {
            Confidence::Fired => "fired",
            Confidence::Strong => "strong",
            Confidence::Possible => "possible",
        }
    }
}

/// An excerpt is plain text: what is special in Markdown is taken literally.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

impl FiredView {
    fn new(finding: &Finding, also: &[Card], shown: &ShownEvidence) -> Option<Self> {
        let proof = finding.proof()?;
        let lines = finding.lines();
        let quoted = lines.iter().filter(|_| !shown.is_short()).take(QUOTED);
        Some(Self {
            rule: finding.rule.to_string(),
            kind: finding.kind,
            subject: proof.subject.clone(),
            quotes: quoted.filter_map(|&line| Some(QuoteView { line, text: quote(&shown.line(line)?) })).collect(),
            lines: LinesView::new(&lines, shown),
            remarks: proof.remarks.clone(),
            of: also.iter().find(|card| card.id == finding.failure).cloned(),
        })
    }
}

/// The beginning of a line.
fn quote(line: &str) -> String {
    const LONGEST: usize = 240;
    let line = line.trim();
    let cut = &line[..line.floor_char_boundary(LONGEST)];
    if cut.len() < line.len() { format!("{cut} …") } else { cut.to_owned() }
}

impl ExpectedView {
    fn new(finding: &Finding, shown: &ShownEvidence) -> Option<Self> {
        match &finding.verdict {
            Verdict::Partial { missing, .. } => Some(Self {
                rule: finding.rule.to_string(),
                missing: missing.join(", "),
                lines: LinesView::new(&finding.lines(), shown),
            }),
            Verdict::Fired(_) | Verdict::Contradicted { .. } => None,
        }
    }
}

impl AgainstView {
    fn new(finding: &Finding, shown: &ShownEvidence) -> Option<Self> {
        match &finding.verdict {
            Verdict::Contradicted { by, .. } => Some(Self {
                rule: finding.rule.to_string(),
                by: by.clone(),
                lines: LinesView::new(&finding.lines(), shown),
            }),
            Verdict::Fired(_) | Verdict::Partial { .. } => None,
        }
    }
}

impl ReasonView {
    fn new(reason: &Reason, shown: &ShownEvidence) -> Self {
        const SHOWN: usize = 8;
        let words = reason.terms.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let words = match reason.terms.len().saturating_sub(SHOWN) {
            0 => words,
            more => format!("{words} and {more} more"),
        };
        Self { field: reason.field.label(), words, lines: LinesView::new(&reason.lines, shown) }
    }
}

impl LinesView {
    fn new(lines: &[u32], shown: &ShownEvidence) -> Self {
        // One line of evidence needs no number.
        let lines = if shown.is_numbered() { lines } else { &[] };
        let numbers = lines.iter().take(LINES).map(|&line| (line, shown.line(line).is_some())).collect();
        Self { numbers, more: lines.len().saturating_sub(LINES) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

/// `2 tokens and 3 addresses were masked before this page was made`.
fn was_masked(tally: &str) -> String {
    let is_one = tally.starts_with("1 ") && !tally.contains(" and ");
    format!("{tally} {} masked before this page was made", if is_one { "was" } else { "were" })
}

/// As much of the evidence as fits, for the form to make a symptom of.
fn handed_on(evidence: &str) -> &str {
    &evidence[..evidence.floor_char_boundary(HANDED_ON)]
}

#[cfg(test)]
mod tests {
    use super::{escaped, handed_on};

    #[test]
    fn what_is_handed_on_fits_a_symptom_and_ends_with_a_whole_character() {
        assert_eq!(handed_on("a\nb"), "a\nb");
        assert_eq!(handed_on(&"日\n".repeat(100_000)).len(), 60 * 1024);
        assert_eq!(handed_on(&"é日".repeat(100_000)).chars().last(), Some('日'));
    }

    #[test]
    fn an_excerpt_is_not_read_as_markdown_again() {
        let html = crate::markdown::to_html(&escaped("1. *not* <b> a [list](https://example.com)"));
        assert_eq!(html.to_string().trim(), "<p>1. *not* &lt;b&gt; a [list](https://example.com)</p>");
    }
}
