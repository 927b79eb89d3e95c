//! The rules that a node runs: read from its index, and nothing else. Whole once, then those of what has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;

use crate::detection::{BookRule, Compiled, RuleBook};
use crate::domain::matching::Finding;
use crate::domain::{FailureId, Rule};
use crate::evidence::Signals;
use crate::search::{SearchError, SearchIndex};

/// What of the index has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It is another index, or nothing has been read from it.
    Everything,
    /// These failures; they may have no rules, or be gone.
    These(BTreeSet<FailureId>),
}

/// The rules of an index.
pub(super) struct RulesOfIndex {
    /// A pure function of what the index held when it was read last, replaced whole: matching never waits for a new one.
    /// None until it was read.
    book: ArcSwapOption<Book>,
    /// What has changed since.
    noted: Mutex<Changed>,
    /// Held by the one that reads.
    reading: Mutex<()>,
}

impl Default for RulesOfIndex {
    fn default() -> Self {
        Self { book: ArcSwapOption::empty(), noted: Mutex::new(Changed::Everything), reading: Mutex::new(()) }
    }
}

impl RulesOfIndex {
    pub(super) fn note(&self, changed: Changed) {
        lock(&self.noted).join(changed);
    }

    pub(super) fn is_behind(&self) -> bool {
        *lock(&self.noted) != Changed::NOTHING
    }

    pub(super) fn refresh(&self, index: &SearchIndex) -> Result<(), SearchError> {
        let _alone = lock(&self.reading);
        // Taken before the index is read: what changes from here on is noted again, and to read it twice does no harm.
        let noted = std::mem::replace(&mut *lock(&self.noted), Changed::NOTHING);
        self.read(index, &noted).inspect_err(|_| self.note(noted))
    }

    fn read(&self, index: &SearchIndex, changed: &Changed) -> Result<(), SearchError> {
        let present = self.book.load_full();
        let base = present.clone().unwrap_or_default();
        let rewritten = match changed {
            Changed::Everything => base.rewritten(index.rules()?),
            Changed::These(ids) => base.amended(ids, index.rules_of(ids.iter().copied())?),
        };
        match rewritten {
            Some(book) => self.book.store(Some(Arc::new(book))),
            None if present.is_none() => self.book.store(Some(base)),
            None => {}
        }
        Ok(())
    }

    /// The book, which is read first if it never was: an answer without rules would be a wrong one.
    pub(super) fn book(&self, index: &SearchIndex) -> Result<Arc<Book>, SearchError> {
        if let Some(book) = self.book.load_full() {
            return Ok(book);
        }
        self.refresh(index)?;
        Ok(self.book.load_full().unwrap_or_default())
    }
}

impl Changed {
    const NOTHING: Self = Self::These(BTreeSet::new());

    fn join(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::These(ids), Self::These(more)) => ids.extend(more),
            (Self::Everything, _) => {}
            (Self::These(_), Self::Everything) => *self = Self::Everything,
        }
    }
}

/// The rules of one state of the index.
#[derive(Debug, Default)]
pub(super) struct Book {
    pages: BTreeMap<FailureId, Chapter>,
    rules: RuleBook,
}

/// The rules of one failure, shared by one book and the next.
#[derive(Debug, Clone)]
struct Chapter(Arc<[Page]>);

/// A rule as it is written and, where it is one, as it runs.
#[derive(Debug)]
struct Page {
    rule: Rule,
    compiled: Option<Arc<Compiled>>,
}

impl Book {
    /// What the rules say about some evidence.
    pub(super) fn run(&self, signals: &Signals<'_>) -> Vec<Finding> {
        self.rules.run(signals)
    }

    /// The book that says this; none where this one does.
    fn rewritten(&self, failures: Vec<(FailureId, Vec<Rule>)>) -> Option<Self> {
        let all = failures.iter().map(|(id, _)| *id).chain(self.pages.keys().copied()).collect();
        self.amended(&all, failures)
    }

    /// The book that says this of some failures, of which those that are not in `ruled` have no rules; none where this
    /// one does.
    fn amended(&self, changed: &BTreeSet<FailureId>, ruled: Vec<(FailureId, Vec<Rule>)>) -> Option<Self> {
        let mut ruled: BTreeMap<FailureId, Vec<Rule>> = ruled.into_iter().collect();
        let mut different = changed
            .iter()
            .map(|id| (*id, ruled.remove(id)))
            .filter(|(id, rules)| !self.says(*id, rules.as_deref().unwrap_or_default()))
            .peekable();
        different.peek()?;
        let mut pages = self.pages.clone();
        for (id, rules) in different {
            match rules {
                Some(rules) => pages.insert(id, Chapter(rules.into_iter().map(|rule| self.page(id, rule)).collect())),
                None => pages.remove(&id),
            };
        }
        let bound = |id: FailureId, page: &Page| {
            let compiled = Arc::clone(page.compiled.as_ref()?);
            Some(BookRule { failure: id, name: page.rule.name.clone(), kind: page.rule.kind, compiled })
        };
        let rules = pages.iter().flat_map(|(id, chapter)| chapter.0.iter().filter_map(|page| bound(*id, page)));
        Some(Self { rules: RuleBook::new(rules.collect()), pages })
    }

    fn says(&self, id: FailureId, rules: &[Rule]) -> bool {
        let present = self.pages.get(&id).map_or(&[][..], |chapter| &chapter.0);
        present.iter().map(|page| &page.rule).eq(rules)
    }

    fn page(&self, id: FailureId, rule: Rule) -> Page {
        let mut known = self.pages.get(&id).into_iter().flat_map(|chapter| &*chapter.0);
        let same = known.find(|page| page.rule.kind == rule.kind && page.rule.text == rule.text);
        if let Some(page) = same {
            return Page { rule, compiled: page.compiled.clone() };
        }
        // The rule was checked before it was published; a node of another version may know less of its language.
        let compiled = Compiled::new(&rule)
            .inspect_err(|error| tracing::warn!(failure = %id, rule = %rule.name, %error, "a rule is passed over"));
        Page { rule, compiled: compiled.ok().map(Arc::new) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the locks guard is replaced whole, so a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use uuid::Uuid;

    use super::Book;
    use crate::domain::{FailureId, Line, Rule, RuleKind, RuleText};

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
        Arc::clone(book.pages[&id(n)].0[0].compiled.as_ref().expect("a rule"))
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
    fn reading_only_what_has_changed_gives_the_book_that_reading_everything_gives() {
        let first = Book::default().rewritten(vec![(id(1), vec![looks_for("oom")]), (id(2), vec![looks_for("dns")])]);
        let first = first.expect("rules are new");
        let changed = BTreeSet::from([id(1), id(2), id(3), id(4)]);
        let said = vec![(id(2), vec![looks_for("dns"), looks_for("disk")]), (id(3), vec![looks_for("quota")])];
        let amended = first.amended(&changed, said.clone()).expect("changes");
        let whole = Book::default().rewritten(said).expect("rules are new");
        let names = |book: &Book| book.rules.rules().iter().map(|rule| rule.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&amended), ["dns", "disk", "quota"]);
        assert_eq!(names(&amended), names(&whole));
        assert!(amended.amended(&BTreeSet::from([id(4)]), Vec::new()).is_none(), "a story without rules came");
        assert!(Arc::ptr_eq(&compiled(&first, 2), &compiled(&amended, 2)));
    }
}
