//! Matching as every way in offers it: evidence is read as signals, the rules of the library run over them, and the
//! index adds what words resemble. What is handed back can be shown: nothing in it holds a secret of the evidence.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use super::rules_of_index::Changed;
use super::rules_of_index::RulesOfIndex;
use crate::domain::matching::{Evidence, Finding, Mark, MarkKind, Matches, Place, Proof, Verdict};
use crate::evidence::Signals;
use crate::evidence::mask::{Masked, mask};
use crate::search::{Ranked, SearchError, SearchIndex};

/// Matches evidence with the index and with the rules of what is in it. Clones share both.
#[derive(Clone)]
pub struct Diagnoser {
    index: SearchIndex,
    rules: Arc<RulesOfIndex>,
}

/// The answer to some evidence, fit to be shown.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The known failures. Words, places and marks are those of `evidence`.
    pub matches: Matches,
    /// The evidence, its secrets masked.
    pub evidence: Masked,
    /// The number that each line of it has in what was pasted.
    pub line_numbers: Vec<u32>,
    /// What it was read as: `12 log lines, 1 Deployment, 3 events`.
    pub read: String,
}

impl Diagnoser {
    /// A diagnoser with the rules that are in the index now.
    pub fn new(index: SearchIndex) -> Result<Self, SearchError> {
        let diagnoser = Self::unread(index);
        diagnoser.refresh()?;
        Ok(diagnoser)
    }

    /// A diagnoser whose rules are yet to be read from the index: by the follower, or for the first match if that comes
    /// sooner and so has to wait.
    pub fn unread(index: SearchIndex) -> Self {
        Self { index, rules: Arc::default() }
    }

    /// The index that it asks.
    pub fn index(&self) -> &SearchIndex {
        &self.index
    }

    /// Notes what of the index has changed. Until the next refresh, matching runs the rules from before.
    pub fn note(&self, changed: Changed) {
        self.rules.note(changed);
    }

    /// Whether something was noted that no refresh has read.
    pub fn is_behind(&self) -> bool {
        self.rules.is_behind()
    }

    /// Reads the rules of what was noted; what has not changed is not compiled again. Blocks, for a second where
    /// thousands of rules are new. When it fails, what was noted stays noted.
    pub fn refresh(&self) -> Result<(), SearchError> {
        self.rules.refresh(&self.index)
    }

    /// Every failure that evidence may point to, best first, however unsure: what matching is measured by.
    pub fn rank(&self, evidence: &Evidence, now: DateTime<Utc>, limit: usize) -> Result<Vec<Ranked>, SearchError> {
        let findings = self.rules.book(&self.index)?.run(&Signals::read(evidence.as_str(), now));
        self.index.rank(evidence, &findings, limit)
    }

    /// Proposes known failures for evidence, best first, at most `limit`. `now` settles stamps without a year.
    pub fn diagnose(&self, evidence: &Evidence, now: DateTime<Utc>, limit: usize) -> Result<Diagnosis, SearchError> {
        let signals = Signals::read(evidence.as_str(), now);
        let findings = self.rules.book(&self.index)?.run(&signals);
        let matches = self.index.diagnose(evidence, &findings, limit)?;
        let masked = mask(evidence.as_str());
        Ok(Diagnosis {
            matches: fit_to_show(matches, &masked),
            line_numbers: line_numbers(evidence, &masked),
            read: masked.apply(&signals.summary()),
            evidence: masked,
        })
    }
}

/// The number that each line of masked evidence has in what was pasted: a private key of thirty lines is masked by one.
pub fn line_numbers(evidence: &Evidence, masked: &Masked) -> Vec<u32> {
    let line_ends = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
    let mut swallowed = masked
        .replaced
        .iter()
        .map(|secret| (secret.masked.end, line_ends(&evidence.as_str()[secret.original.clone()])))
        .filter(|(_, lines)| *lines > 0)
        .peekable();
    let starts = std::iter::once(0).chain(masked.text.match_indices('\n').map(|(at, _)| at + 1));
    let mut skipped = 0;
    starts
        .enumerate()
        .map(|(index, start)| {
            while let Some((_, lines)) = swallowed.next_if(|(end, _)| *end <= start) {
                skipped += lines;
            }
            (index + 1 + skipped) as u32
        })
        .collect()
}

/// The same matches over the masked evidence: places moved, and no word that stands only in what was masked.
fn fit_to_show(mut matches: Matches, masked: &Masked) -> Matches {
    if masked.replaced.is_empty() {
        return matches;
    }
    matches.marks = moved(&matches.marks, masked);
    let mut seen: HashMap<String, bool> = HashMap::new();
    let mut is_shown = |term: &String| match seen.get(term) {
        Some(&shown) => shown,
        None => *seen.entry(term.clone()).or_insert(masked.text.contains(term.as_str())),
    };
    for found in &mut matches.matches {
        for reason in &mut found.reasons {
            reason.terms.retain(&mut is_shown);
        }
        found.reasons.retain(|reason| !reason.terms.is_empty());
        for finding in &mut found.findings {
            hide(finding, masked);
        }
    }
    matches
}

fn moved(marks: &[Mark], masked: &Masked) -> Vec<Mark> {
    let mut moved: Vec<Mark> = Vec::with_capacity(marks.len());
    // That a part of a secret is also a word of some story is nobody's business.
    let is_secret = |mark: &Mark| {
        let first = masked.replaced.partition_point(|secret| secret.original.end <= mark.range.start);
        masked.replaced.get(first).is_some_and(|secret| secret.original.start < mark.range.end)
    };
    for mark in marks.iter().filter(|mark| mark.kind == MarkKind::Fired || !is_secret(mark)) {
        let range = masked.range(mark.range.clone());
        // What lay side by side in a secret lies on the same word now.
        match moved.last_mut() {
            Some(last) if range.start < last.range.end => last.range.end = last.range.end.max(range.end),
            _ => moved.push(Mark { range, kind: mark.kind }),
        }
    }
    moved
}

/// What a rule says about the evidence may quote it.
fn hide(finding: &mut Finding, masked: &Masked) {
    let hidden = |text: &mut String| *text = masked.apply(text);
    let place = |place: &mut Place| place.span = masked.range(place.span.clone());
    match &mut finding.verdict {
        Verdict::Fired(Proof { places, subject, remarks }) => {
            places.iter_mut().for_each(place);
            subject.iter_mut().chain(remarks).for_each(hidden);
        }
        Verdict::Contradicted { by, at } => {
            at.iter_mut().for_each(place);
            hidden(by);
        }
        Verdict::Partial { met, missing } => {
            met.iter_mut().for_each(place);
            missing.iter_mut().for_each(hidden);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{Changed, Diagnoser, line_numbers};
    use crate::domain::matching::Evidence;
    use crate::domain::{FailureId, RuleKind};
    use crate::evidence::mask::mask;
    use crate::search::SearchIndex;

    #[test]
    fn lines_keep_their_numbers_where_a_private_key_is_masked_by_one() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
        let evidence = Evidence::parse(&format!("before\n{key}\nafter\nlast")).expect("evidence");
        let masked = mask(evidence.as_str());
        assert_eq!(masked.text.lines().collect::<Vec<_>>(), ["before", "[private key 1]", "after", "last"]);
        assert_eq!(line_numbers(&evidence, &masked), [1, 2, 5, 6]);
        let plain = Evidence::parse("a\nb\n").expect("evidence");
        assert_eq!(line_numbers(&plain, &mask(plain.as_str())), [1, 2, 3]);
    }

    /// The rules of which failures fire.
    fn fired(diagnoser: &Diagnoser, evidence: &Evidence) -> Vec<FailureId> {
        let diagnosis = diagnoser.diagnose(evidence, DateTime::<Utc>::UNIX_EPOCH, 10).expect("diagnosed");
        let findings = diagnosis.matches.matches.into_iter().flat_map(|found| found.findings);
        findings.filter(|finding| finding.proof().is_some()).map(|finding| finding.failure).collect()
    }

    #[test]
    fn a_match_that_comes_before_the_rules_are_read_has_them_read_and_a_noted_change_is_read_at_the_next_refresh() {
        let (library, _) = crate::service::library::built_in();
        let rules = library.stories.iter().flat_map(|(_, story, _)| &story.failure.rules);
        let rules = rules.filter(|rule| rule.kind == RuleKind::Log);
        let example = rules.flat_map(|rule| &rule.fires_on).next().expect("an example");
        let evidence = Evidence::parse(example.as_str()).expect("evidence");
        let index = crate::service::offline::index(library, DateTime::<Utc>::UNIX_EPOCH).expect("an index");
        let diagnoser = Diagnoser::unread(index.clone());
        assert!(diagnoser.is_behind());
        let before = fired(&diagnoser, &evidence);
        assert!(!before.is_empty(), "no rule fires on the example of a rule");
        assert!(!diagnoser.is_behind());

        let checkpoint = index.checkpoint().expect("a checkpoint");
        index.apply(before.iter().map(|id| (*id, None)).collect(), checkpoint).expect("withdrawn");
        diagnoser.note(Changed::These(before.into_iter().collect()));
        assert!(diagnoser.is_behind());
        diagnoser.refresh().expect("read");
        let whole = Diagnoser::new(index).expect("read");
        assert_eq!(fired(&diagnoser, &evidence), []);
        assert_eq!(fired(&whole, &evidence), []);
    }

    #[test]
    fn an_empty_library_knows_nothing_and_says_what_it_read() {
        let diagnoser = Diagnoser::new(SearchIndex::in_memory().expect("an index")).expect("no rules");
        let evidence = Evidence::parse("mail root@corp.invalid").expect("evidence");
        let diagnosis = diagnoser.diagnose(&evidence, DateTime::<Utc>::UNIX_EPOCH, 5).expect("diagnosed");
        assert!(diagnosis.matches.matches.is_empty() && !diagnosis.read.is_empty());
        assert!(!diagnosis.evidence.text.contains("root@"));
        assert!(!diagnoser.is_behind());
    }
}
