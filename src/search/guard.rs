//! The ways in for those who ask: what damage on disk makes of a question is an error, remembered, and never a panic.

use std::sync::atomic::Ordering;

use super::SearchIndex;
use super::diagnose::Ranked;
use super::error::SearchError;
use super::generation::guarded;
use super::request::SearchRequest;
use super::results::SearchResults;
use super::similar::Similar;
use crate::domain::matching::{Card, Evidence, Finding, Matches};
use crate::domain::{FailureId, FailureKind, Slug};

impl SearchIndex {
    /// Searches. No query fails: what is no query language is words.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResults, SearchError> {
        self.suspecting(|| self.search_unguarded(request))
    }

    /// The card of a published record.
    pub fn card(&self, kind: FailureKind, slug: &Slug) -> Result<Option<Card>, SearchError> {
        self.suspecting(|| self.card_unguarded(kind, slug))
    }

    /// What a person who writes this title and symptom should look at before going on, most similar first.
    pub fn similar(&self, title: &str, symptom: &str, limit: usize) -> Result<Vec<Similar>, SearchError> {
        self.suspecting(|| self.similar_unguarded(title, symptom, limit))
    }

    /// What to read beside a record: of the same pattern first, then of a similar symptom, technology and category.
    pub fn related(&self, id: FailureId, limit: usize) -> Result<Vec<Card>, SearchError> {
        self.suspecting(|| self.related_unguarded(id, limit))
    }

    /// Proposes known failures for evidence, best first, at most `limit`; none when nothing honest can be said.
    /// `findings` is what the rules of the library say about the same evidence; those of failures that are not in the
    /// index (any more) are passed over.
    pub fn diagnose(&self, evidence: &Evidence, findings: &[Finding], limit: usize) -> Result<Matches, SearchError> {
        self.suspecting(|| self.diagnose_unguarded(evidence, findings, limit))
    }

    /// Every failure that evidence may point to, best first, whether or not it clears the bar, at most `limit`.
    pub fn rank(&self, evidence: &Evidence, findings: &[Finding], limit: usize) -> Result<Vec<Ranked>, SearchError> {
        self.suspecting(|| self.rank_unguarded(evidence, findings, limit))
    }

    /// Runs something that reads the index. Where it panics, that is an error; what only damage (or a mistake of ours)
    /// explains is remembered.
    pub(super) fn suspecting<T>(&self, work: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
        guarded(work).inspect_err(|error| {
            if error.may_be_damage() {
                self.shared.suspect.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Whether, since this was asked last, something came out of the index that calls for [`SearchIndex::verify`].
    pub fn take_suspicion(&self) -> bool {
        self.shared.suspect.swap(false, Ordering::Relaxed)
    }
}
