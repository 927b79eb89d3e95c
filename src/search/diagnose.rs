//! Matching evidence to known failures: those whose rules fired, and candidates by full-text score; then an explanation
//! of each that decides how sure it is. A failure is proposed for a rule that fired or for the share of the evidence's
//! telling words that it meets, never for a score that nobody can explain.

use std::collections::{HashMap, HashSet};

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher};

use super::SearchIndex;
use super::error::{Doing, SearchError};
use super::evidence::{EvidenceTerm, Reading, Scope, TermKind, Window};
use super::grouping::{self, Grounds, Judged, Scored};
use super::lexicon;
use super::ranking::{Candidate, Frequencies, rank};
use super::reasons;
use super::results::card_at;
use super::schema::{Fields, TEXT_FIELDS};
use super::similar::find;
use crate::domain::FailureId;
use crate::domain::matching::{Card, Confidence, Evidence, Field, Finding, Matches, Outcome};

/// How many windows of a log are explained, the most telling first.
const MOST_WINDOWS: usize = 48;
/// How many candidates are explained.
const MOST_CANDIDATES: usize = 40;
/// How many failures are proposed because a rule fired: evidence that fires more has nothing to do with any of them.
const MOST_FIRED: usize = 200;
/// A synonym is not quite the word.
const SYNONYM: f32 = 0.75;
/// How heavy the words that no failure has may be, against those that some have: one slip must not sink a sentence,
/// and a recipe in which three words happen to be known must sink.
const UNKNOWN_SHARE: f32 = 2.0;

impl SearchIndex {
    pub(super) fn diagnose_unguarded(
        &self,
        evidence: &Evidence,
        findings: &[Finding],
        limit: usize,
    ) -> Result<Matches, SearchError> {
        let considered = self.consider(evidence, findings)?;
        let judged = considered.judged.into_iter().filter(|one| one.confidence.is_some()).take(limit).collect();
        Ok(reasons::explain(evidence.as_str(), &considered.reading, &considered.telling, judged))
    }

    pub(super) fn rank_unguarded(
        &self,
        evidence: &Evidence,
        findings: &[Finding],
        limit: usize,
    ) -> Result<Vec<Ranked>, SearchError> {
        let judged = self.consider(evidence, findings)?.judged.into_iter().take(limit);
        let ranked = judged.map(|one| Ranked {
            score: one.score,
            confidence: one.confidence,
            grounds: one.grounds,
            cards: std::iter::once(one.head.card).chain(one.also).collect(),
        });
        Ok(ranked.collect())
    }

    fn consider(&self, evidence: &Evidence, findings: &[Finding]) -> Result<Considered, SearchError> {
        let generation = self.current();
        let searcher = generation.searcher();
        let fields = &generation.fields;
        let reading = Reading::of(evidence.as_str());
        let frequencies = Frequencies::of(&searcher, fields, &reading)?;
        let mut ranked = rank(&searcher, fields, &reading, &frequencies, MOST_CANDIDATES)?;
        let weights = Weights::of(&reading, &frequencies);
        let windows = weights.most_telling_windows(&reading);
        let mut said = by_failure(findings);
        add_fired(&searcher, fields, &said, &mut ranked)?;
        let candidates: Vec<DocAddress> = ranked.iter().map(|candidate| candidate.address).collect();
        let meetings = meetings(&searcher, fields, &reading, &windows, &candidates)?;
        let mut scored = Vec::new();
        for (candidate, meeting) in ranked.into_iter().zip(meetings) {
            let card = card_at(&searcher, fields, candidate.address)?;
            let findings = said.remove(&card.id).unwrap_or_default();
            let resemblance = best_window(&windows, &weights, &meeting);
            scored.push(Scored { card, candidate, resemblance, meeting, findings });
        }
        let judged = grouping::judge(grouping::group(scored));
        Ok(Considered { telling: weights.telling, judged, reading })
    }
}

/// A failure (with what is folded into it) that evidence may point to.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The failure that stands for all, then the others of its pattern that match as well.
    pub cards: Vec<Card>,
    /// How sure it is, from 0 to 1.
    pub score: f32,
    /// The same in words; none below the bar.
    pub confidence: Option<Confidence>,
    /// What that rests on.
    pub grounds: Grounds,
}

/// What evidence comes to, before anything is left out or explained.
struct Considered {
    reading: Reading,
    /// How much each of its terms tells.
    telling: Vec<f32>,
    judged: Vec<Judged>,
}

fn by_failure(findings: &[Finding]) -> HashMap<FailureId, Vec<Finding>> {
    let mut said: HashMap<FailureId, Vec<Finding>> = HashMap::new();
    for finding in findings {
        said.entry(finding.failure).or_default().push(finding.clone());
    }
    said
}

/// A failure with a rule that fired is a candidate even where no word meets it.
fn add_fired(
    searcher: &Searcher,
    fields: &Fields,
    said: &HashMap<FailureId, Vec<Finding>>,
    ranked: &mut Vec<Candidate>,
) -> Result<(), SearchError> {
    let fired = |findings: &[Finding]| findings.iter().filter(|finding| finding.proof().is_some()).count();
    let mut proven: Vec<(usize, FailureId)> =
        said.iter().map(|(id, findings)| (fired(findings), *id)).filter(|(count, _)| *count > 0).collect();
    proven.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, id) in proven.into_iter().take(MOST_FIRED) {
        if let Some(address) = find(searcher, fields, id)?
            && !ranked.iter().any(|known| known.address == address)
        {
            ranked.push(Candidate { address, score: 0.0, passage: 0.0, whole: 0.0 });
        }
    }
    Ok(())
}

/// How much each term tells, and whether any failure has it.
struct Weights {
    telling: Vec<f32>,
    known: Vec<bool>,
}

impl Weights {
    fn of(reading: &Reading, frequencies: &Frequencies<'_>) -> Self {
        let mut weights = Self { telling: Vec::new(), known: Vec::new() };
        for term in &reading.terms {
            let own = frequencies.get(&term.text);
            let least =
                |synonym: &Vec<String>| synonym.iter().map(|part| frequencies.get(part)).fold(f32::MAX, f32::min);
            let commonest_synonym = term.synonyms.iter().map(least).fold(0.0, f32::max);
            let frequency = if own > 0.0 { own } else { commonest_synonym };
            let known = (frequency > 0.0).then_some(frequency);
            weights.telling.push(weight(term, known, frequencies.documents));
            weights.known.push(known.is_some());
        }
        weights
    }

    /// The windows to explain by: all of a description, the most telling of a log.
    fn most_telling_windows(&self, reading: &Reading) -> Vec<Window> {
        let mut ranked: Vec<(f32, Window)> = reading
            .windows
            .iter()
            .map(|window| {
                let (known, all) = self.mass(&window.terms);
                (known * known / all.max(0.1), window.clone())
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked.truncate(MOST_WINDOWS);
        ranked.into_iter().filter(|&(telling, _)| telling > 0.0).map(|(_, window)| window).collect()
    }

    /// The weight of a window's terms that some failure has, and of all, the unknown ones bounded.
    fn mass(&self, window: &[usize]) -> (f32, f32) {
        let (mut known, mut unknown) = (0.0, 0.0);
        for &term in window {
            if self.known[term] { known += self.telling[term] } else { unknown += self.telling[term] }
        }
        (known, known + unknown.min(UNKNOWN_SHARE * known.max(1.5)))
    }
}

/// From 0 to 1: a word that one failure of many has tells most. Its count in a small library says little about how
/// common it is in the world, so everyday words and numbers are weighed down.
fn weight(term: &EvidenceTerm, known_in: Option<f32>, documents: f32) -> f32 {
    let rarity = |frequency| lexicon::rarity(frequency, documents);
    let relative = match known_in {
        Some(frequency) => 0.3 + 0.7 * (rarity(frequency.max(1.0)) / rarity(1.0).max(0.1)).clamp(0.0, 1.0),
        None => 0.6,
    };
    match (term.kind, known_in) {
        (TermKind::Word, _) | (TermKind::Compound, Some(_)) => relative,
        (TermKind::Common, _) => 0.25 * relative,
        (TermKind::Weak, Some(_)) => 0.3 * relative,
        (TermKind::Compound | TermKind::Weak, None) => 0.0,
    }
}

/// How much of a word's weight counts when it is met in a field.
pub(super) fn field_share(field: Field) -> f32 {
    match field {
        Field::Title | Field::Aliases | Field::Symptom => 1.0,
        Field::Rules => 0.9,
        Field::Summary | Field::Pattern | Field::Tags => 0.85,
        Field::RootCause => 0.75,
        Field::Remediation => 0.55,
        Field::Details => 0.45,
    }
}

/// Which fields of a candidate meet which terms, and how well: 1 for the word itself, less for a synonym.
pub(super) type Meeting = HashMap<usize, [f32; TEXT_FIELDS.len()]>;

fn meetings(
    searcher: &Searcher,
    fields: &Fields,
    reading: &Reading,
    windows: &[Window],
    candidates: &[DocAddress],
) -> Result<Vec<Meeting>, SearchError> {
    let asked: HashSet<usize> = windows.iter().flat_map(|window| &window.terms).copied().collect();
    let texts: HashSet<&str> = asked
        .iter()
        .flat_map(|&place| {
            let term = &reading.terms[place];
            std::iter::once(&term.text).chain(term.synonyms.iter().flatten()).map(String::as_str)
        })
        .collect();
    let present = present(searcher, fields, &texts, candidates)?;
    Ok((0..candidates.len())
        .map(|candidate| {
            let has = |text: &str, field: usize| {
                present.get(text).is_some_and(|documents| documents[candidate] & (1 << field) != 0)
            };
            let mut meeting = Meeting::new();
            for &place in &asked {
                let term = &reading.terms[place];
                let mut shares = [0.0; TEXT_FIELDS.len()];
                for (field, share) in shares.iter_mut().enumerate() {
                    if has(&term.text, field) {
                        *share = 1.0;
                    } else if term.synonyms.iter().any(|all| all.iter().all(|part| has(part, field))) {
                        *share = SYNONYM;
                    }
                }
                if shares.iter().any(|&share| share > 0.0) {
                    meeting.insert(place, shares);
                }
            }
            meeting
        })
        .collect())
}

/// For each text, a set of fields (by bit) for each candidate.
fn present<'a>(
    searcher: &Searcher,
    fields: &Fields,
    texts: &HashSet<&'a str>,
    candidates: &[DocAddress],
) -> Result<HashMap<&'a str, Vec<u16>>, SearchError> {
    let mut present: HashMap<&str, Vec<u16>> = HashMap::new();
    for (segment, reader) in searcher.segment_readers().iter().enumerate() {
        let mut here: Vec<(u32, usize)> = candidates
            .iter()
            .enumerate()
            .filter(|(_, address)| address.segment_ord as usize == segment)
            .map(|(candidate, address)| (address.doc_id, candidate))
            .collect();
        here.sort_unstable();
        if here.is_empty() {
            continue;
        }
        let inverted = reader.inverted_index(fields.texts).doing("search")?;
        for (field, kind) in TEXT_FIELDS.into_iter().enumerate() {
            for &text in texts {
                let term = fields.word(kind, text);
                let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic).doing("search")?
                else {
                    continue;
                };
                for &(document, candidate) in &here {
                    if postings.doc() <= document && postings.seek(document) == document {
                        present.entry(text).or_insert_with(|| vec![0; candidates.len()])[candidate] |= 1 << field;
                    }
                }
            }
        }
    }
    Ok(present)
}

/// How a candidate meets the window that it meets best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Resemblance {
    /// From 0 to 1: the share of the window's telling words that are met, less when those are few.
    pub(super) score: f32,
    /// The weight of the words that are met.
    pub(super) met: f32,
    /// The share of the window's weight that is met.
    pub(super) coverage: f32,
    /// How many telling words are met.
    pub(super) words: usize,
    /// How much of the evidence it is.
    pub(super) scope: Scope,
}

impl Resemblance {
    /// No word in common.
    const NONE: Self = Self { score: 0.0, met: 0.0, coverage: 0.0, words: 0, scope: Scope::Part };
}

fn best_window(windows: &[Window], weights: &Weights, meeting: &Meeting) -> Resemblance {
    let resemblances = windows.iter().map(|window| resemblance(window, weights, meeting));
    resemblances.max_by(|a, b| a.score.total_cmp(&b.score)).unwrap_or(Resemblance::NONE)
}

fn resemblance(window: &Window, weights: &Weights, meeting: &Meeting) -> Resemblance {
    let (_, all) = weights.mass(&window.terms);
    let (mut met, mut words) = (0.0, 0);
    let mut by_field = [0.0_f32; TEXT_FIELDS.len()];
    for place in &window.terms {
        let Some(shares) = meeting.get(place) else { continue };
        let mut best = 0.0_f32;
        for ((share, field), sum) in shares.iter().zip(TEXT_FIELDS).zip(&mut by_field) {
            let worth = share * field_share(field) * weights.telling[*place];
            *sum += worth;
            best = best.max(worth);
        }
        met += best;
        words += usize::from(best >= 0.2);
    }
    // Words that stand together in one field tell one story; strewn over five fields they may be chance.
    let together = by_field.iter().copied().fold(0.0, f32::max) / f32::max(met, f32::MIN_POSITIVE);
    let all = all.max(f32::MIN_POSITIVE);
    let coverage = (met / all).min(1.0);
    // What stands in the title or another name is what the failure is about.
    let named = TEXT_FIELDS.iter().zip(by_field).filter(|(field, _)| matches!(field, Field::Title | Field::Aliases));
    let named = named.map(|(_, sum)| sum).fold(0.0, f32::max) / all;
    let enough = match window.scope {
        Scope::Whole => met / (met + 0.5),
        Scope::Part => met / (met + 1.0),
    };
    let score = coverage * (0.7 + 0.25 * together.min(1.0) + 0.1 * named.min(0.5)) * enough;
    Resemblance { score, met, coverage, words, scope: window.scope }
}

/// The answer as a whole, from its best match.
pub(super) fn outcome(best: Option<crate::domain::matching::Confidence>) -> Outcome {
    match best {
        Some(Confidence::Fired | Confidence::Strong) => Outcome::Known,
        Some(Confidence::Possible) => Outcome::Possible,
        None => Outcome::Unknown,
    }
}
