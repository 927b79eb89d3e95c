//! How good matching is, in numbers: judged queries are asked of a library, and what comes first is compared with what
//! they were expected to find.

mod corpus;
mod judged;
mod measure;
mod unknown;

use chrono::{DateTime, Utc};

pub use self::corpus::{Corpus, CorpusError, Rules, cre_rules};
pub use self::judged::{Document, Input, InputError, Query, read};
pub use self::measure::{Interval, Measures, measure};
pub use self::unknown::{Separation, separation};
use crate::domain::matching::{Confidence, Evidence};
use crate::search::{Grounds, SearchError};

/// How many results of a query are looked at.
pub const DEPTH: usize = 10;

/// What a query found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which query, as it is called.
    pub id: String,
    /// What it is a case of.
    pub kind: String,
    /// What was expected, any of these; nothing where nothing should be known.
    pub expected: Vec<String>,
    /// The results, best first, each by the names of all that it stands for.
    pub found: Vec<Vec<String>>,
    /// How sure the first is, from 0 to 1; 0 where there is none.
    pub certainty: f32,
    /// What the answer would say of the first.
    pub confidence: Option<Confidence>,
    /// What its certainty rests on, so that the weights can be fitted anew.
    pub grounds: Option<Grounds>,
}

impl Outcome {
    /// The place of the first result that was expected, from 0.
    pub fn place(&self) -> Option<usize> {
        self.found.iter().position(|names| names.iter().any(|name| self.expected.contains(name)))
    }
}

/// Asks every query. What a query is itself (a report among reports) is left out of what it finds.
pub fn ask(corpus: &Corpus, queries: &[Query], now: DateTime<Utc>) -> Result<Vec<Outcome>, SearchError> {
    queries.iter().map(|query| ask_one(corpus, query, now)).collect()
}

fn ask_one(corpus: &Corpus, query: &Query, now: DateTime<Utc>) -> Result<Outcome, SearchError> {
    let mut outcome = Outcome {
        id: query.id.clone(),
        kind: query.kind.clone(),
        expected: query.expected.clone(),
        found: Vec::new(),
        certainty: 0.0,
        confidence: None,
        grounds: None,
    };
    let text = query.query.replace('\0', " ");
    let Ok(evidence) = Evidence::parse(&text[..text.floor_char_boundary(Evidence::MAX)]) else { return Ok(outcome) };
    let ranked = corpus.rank(&evidence, now, DEPTH + 1)?;
    let others = ranked.into_iter().filter(|(names, _)| !names.contains(&query.id));
    for (place, (names, ranked)) in others.take(DEPTH).enumerate() {
        if place == 0 {
            (outcome.certainty, outcome.confidence) = (ranked.score, ranked.confidence);
            outcome.grounds = Some(ranked.grounds);
        }
        outcome.found.push(names);
    }
    Ok(outcome)
}
