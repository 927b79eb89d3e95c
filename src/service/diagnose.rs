//! Matching as every way in offers it: evidence is read as signals, the rules of the library run over them, and the
//! index adds what words resemble. What is handed back can be shown: nothing in it holds a secret of the evidence.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use crate::detection::{BookRule, Compiled, RuleBook};
use crate::domain::matching::{Evidence, Finding, Mark, MarkKind, Matches, Place, Proof, Verdict};
use crate::domain::{FailureId, Rule};
use crate::evidence::Signals;
use crate::evidence::mask::{Masked, mask};
use crate::search::{Checkpoint, Ranked, SearchError, SearchIndex};

/// Matches evidence with the index and with the rules of what is in it. Clones share both.
#[derive(Clone)]
pub struct Diagnoser {
    index: SearchIndex,
    rules: Arc<Rules>,
}

/// The rules of the index.
#[derive(Default)]
struct Rules {
    /// A pure function of what the index holds, replaced whole: matching never waits for a new one.
    book: ArcSwap<Book>,
    /// The change that the index had reached when the book was made of it.
    as_of: Mutex<Option<Checkpoint>>,
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
        let diagnoser = Self { index, rules: Arc::default() };
        diagnoser.refresh()?;
        Ok(diagnoser)
    }

    /// The index that it asks.
    pub fn index(&self) -> &SearchIndex {
        &self.index
    }

    /// Whether the index has gone on since the rules were read from it.
    pub fn is_behind(&self) -> bool {
        *self.rules.as_of.lock().unwrap_or_else(PoisonError::into_inner) != self.index.checkpoint()
    }

    /// Brings the rules to the present state of the index; what has not changed is not compiled again. Blocks, for a
    /// second where thousands of rules are new. The follower's business: one at a time.
    pub fn refresh(&self) -> Result<(), SearchError> {
        let checkpoint = self.index.checkpoint();
        if let Some(book) = self.rules.book.load().rewritten(self.index.rules()?) {
            self.rules.book.store(Arc::new(book));
        }
        *self.rules.as_of.lock().unwrap_or_else(PoisonError::into_inner) = checkpoint;
        Ok(())
    }

    /// Every failure that evidence may point to, best first, however unsure: what matching is measured by.
    pub fn rank(&self, evidence: &Evidence, now: DateTime<Utc>, limit: usize) -> Result<Vec<Ranked>, SearchError> {
        let findings = self.rules.book.load().rules.run(&Signals::read(evidence.as_str(), now));
        self.index.rank(evidence, &findings, limit)
    }

    /// Proposes known failures for evidence, best first, at most `limit`. `now` settles stamps without a year.
    pub fn diagnose(&self, evidence: &Evidence, now: DateTime<Utc>, limit: usize) -> Result<Diagnosis, SearchError> {
        let signals = Signals::read(evidence.as_str(), now);
        let findings = self.rules.book.load().rules.run(&signals);
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

/// The rules of one state of the index.
#[derive(Debug, Default)]
struct Book {
    pages: BTreeMap<FailureId, Vec<Page>>,
    rules: RuleBook,
}

/// A rule as it is written and, where it is one, as it runs.
#[derive(Debug)]
struct Page {
    rule: Rule,
    compiled: Option<Arc<Compiled>>,
}

impl Book {
    /// The book that says this; none where this one does.
    fn rewritten(&self, failures: Vec<(FailureId, Vec<Rule>)>) -> Option<Self> {
        let pages: BTreeMap<FailureId, Vec<Page>> = failures
            .into_iter()
            .map(|(id, rules)| (id, rules.into_iter().map(|rule| self.page(id, rule)).collect()))
            .collect();
        if self.says(&pages) {
            return None;
        }
        let bound = |id: &FailureId, page: &Page| {
            let compiled = Arc::clone(page.compiled.as_ref()?);
            Some(BookRule { failure: *id, name: page.rule.name.clone(), kind: page.rule.kind, compiled })
        };
        let rules = pages.iter().flat_map(|(id, pages)| pages.iter().filter_map(move |page| bound(id, page)));
        Some(Self { rules: RuleBook::new(rules.collect()), pages })
    }

    fn page(&self, id: FailureId, rule: Rule) -> Page {
        let known = self.pages.get(&id).into_iter().flatten();
        let same = known.into_iter().find(|page| page.rule.kind == rule.kind && page.rule.text == rule.text);
        if let Some(page) = same {
            return Page { rule, compiled: page.compiled.clone() };
        }
        // The rule was checked before it was published; a node of another version may know less of its language.
        let compiled = Compiled::new(&rule)
            .inspect_err(|error| tracing::warn!(failure = %id, rule = %rule.name, %error, "a rule is passed over"));
        Page { rule, compiled: compiled.ok().map(Arc::new) }
    }

    fn says(&self, other: &BTreeMap<FailureId, Vec<Page>>) -> bool {
        let same = |a: &Vec<Page>, b: &Vec<Page>| a.iter().map(|page| &page.rule).eq(b.iter().map(|page| &page.rule));
        self.pages.len() == other.len()
            && self.pages.iter().zip(other).all(|((id, a), (other_id, b))| id == other_id && same(a, b))
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
    use std::sync::Arc;

    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::{Book, Diagnoser, line_numbers};
    use crate::domain::matching::Evidence;
    use crate::domain::{FailureId, Line, Rule, RuleKind, RuleText};
    use crate::evidence::mask::mask;
    use crate::search::SearchIndex;

    fn id(n: u128) -> FailureId {
        FailureId(Uuid::from_u128(n))
    }

    fn rule(name: &str, text: &str) -> Rule {
        Rule {
            kind: RuleKind::Log,
            name: Line::parse(name).expect("a name"),
            text: RuleText::parse(text).expect("a text"),
            fires_on: Vec::new(),
            silent_on: Vec::new(),
            also_fires: Vec::new(),
        }
    }

    fn looks_for(value: &str) -> Rule {
        rule(value, &format!("set:\n  match:\n    - value: {value}\n"))
    }

    fn compiled(book: &Book, n: u128) -> Arc<crate::detection::Compiled> {
        Arc::clone(book.pages[&id(n)][0].compiled.as_ref().expect("a rule"))
    }

    #[test]
    fn only_what_has_changed_is_compiled_again() {
        let first = Book::default().rewritten(vec![(id(1), vec![looks_for("oom")]), (id(2), vec![looks_for("dns")])]);
        let first = first.expect("rules are new");
        let same = vec![(id(1), vec![looks_for("oom")]), (id(2), vec![looks_for("dns")])];
        assert!(first.rewritten(same).is_none(), "nothing has changed");
        let renamed = Rule { name: Line::parse("other words").expect("a name"), ..looks_for("oom") };
        let second = first.rewritten(vec![(id(1), vec![renamed]), (id(2), vec![looks_for("disk")])]).expect("changes");
        assert!(Arc::ptr_eq(&compiled(&first, 1), &compiled(&second, 1)));
        assert!(!Arc::ptr_eq(&compiled(&first, 2), &compiled(&second, 2)));
        assert_eq!(second.rules.rules()[0].name.as_str(), "other words");
    }

    #[test]
    fn what_is_no_rule_is_passed_over_and_the_others_run() {
        let book = Book::default().rewritten(vec![(id(1), vec![rule("broken", "set: ["), looks_for("oom")])]);
        let names: Vec<String> =
            book.expect("rules are new").rules.rules().iter().map(|rule| rule.name.to_string()).collect();
        assert_eq!(names, ["oom"]);
    }

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
