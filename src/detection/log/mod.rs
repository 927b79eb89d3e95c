//! Rules over logs, in the language of Common Reliability Enumerations. `docs/log-rules.md` says how each part is read.

mod yaml;
mod duration;
mod grammar;
mod re2;
mod jq;
mod term;
mod literals;
mod timeline;
mod frames;
mod verdict;
mod words;
pub mod export;
pub mod suggest;

pub use self::literals::Literals;
pub use self::timeline::Candidates;

use self::frames::{Denial, Frames, Outcome, Shape, Step};
use self::grammar::{MOST_TERMS, Options, Order, Positive, Written};
use self::term::{Look, Term};
use self::timeline::{Rank, Timeline};
use self::verdict::Reader;
use super::RuleError;
use crate::domain::matching::Verdict;
use crate::evidence::Signals;

/// A log rule, ready to run.
#[derive(Debug)]
pub struct LogRule {
    source: Option<String>,
    /// The distinct positive terms.
    terms: Vec<Term>,
    shape: Shape,
    negatives: Vec<(Term, Options)>,
    required: Vec<Literals>,
    remarks: Vec<String>,
}

impl LogRule {
    /// Compiles the text: `set: …` or `sequence: …`, with `terms: …` beside it; or a whole CRE document with one rule.
    pub fn compile(text: &str) -> Result<Self, RuleError> {
        let written = grammar::read(&yaml::read(text)?)?;
        let (steps, looks) = steps(&written)?;
        check_anchors(&written, &steps)?;
        let compiled =
            |look: Look, line: u32| Term::compile(look).map_err(|message| RuleError { line: Some(line), message });
        let terms: Vec<Term> =
            looks.into_iter().map(|(look, line)| compiled(look.clone(), line)).collect::<Result<_, RuleError>>()?;
        let negatives = written.negatives.into_iter();
        let negatives: Vec<(Term, Options)> = negatives
            .map(|negative| Ok((compiled(negative.look, negative.line)?, negative.options)))
            .collect::<Result<_, RuleError>>()?;
        Ok(Self {
            source: written.source,
            required: terms.iter().map(|term| term.literals.clone()).collect(),
            terms,
            shape: Shape { order: written.order, steps, window: written.window },
            negatives,
            remarks: written.remarks,
        })
    }

    /// The source of events that the rule names, such as `cre.log.nginx`. A paste does not say where it comes from, so
    /// nothing depends on it.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// What the text must contain for each positive term to hit, one for each distinct term and at most 64. The rule
    /// can fire only where all of them may hit; it can say anything at all only where one of them may.
    pub fn required(&self) -> &[Literals] {
        &self.required
    }

    /// Runs it over the log entries; nothing where it has nothing to say.
    pub fn run(&self, signals: &Signals<'_>) -> Option<Verdict> {
        self.run_among(signals, &vec![Candidates::All; self.terms.len()])
    }

    /// Runs it where more is known: for each of [`Self::required`], the entries that its term may hit.
    pub fn run_among(&self, signals: &Signals<'_>, candidates: &[Candidates]) -> Option<Verdict> {
        if let ([term], [Step { count: 1, .. }], []) = (&self.terms[..], &self.shape.steps[..], &self.negatives[..]) {
            // One line is enough, and time plays no part.
            let timeline = Timeline::in_lines(signals);
            let rank = timeline.first_hit(term, candidates.first()?)?;
            return Some(Reader { rule: self, signals, timeline: &timeline }.fired(&[(0, rank)]));
        }
        let timeline = Timeline::of(signals);
        let terms = self.terms.iter().zip(candidates);
        let hits: Vec<Vec<Rank>> = terms.map(|(term, candidates)| timeline.hits(term, candidates)).collect();
        self.judge(&Reader { rule: self, signals, timeline: &timeline }, &hits)
    }

    fn judge(&self, reader: &Reader<'_>, hits: &[Vec<Rank>]) -> Option<Verdict> {
        if hits.iter().zip(self.needed()).any(|(hits, needed)| hits.len() < needed) {
            return reader.partial(hits);
        }
        match Frames::new(&self.shape, reader.timeline, hits.to_vec()).first(&self.denials(reader.timeline)) {
            Outcome::Fired(chosen) => Some(reader.fired(&chosen)),
            Outcome::Denied { negative, rank } => Some(reader.contradicted(&self.negatives[negative].0, rank)),
            Outcome::Unmet => reader.partial(hits),
        }
    }

    fn denials(&self, timeline: &Timeline<'_>) -> Vec<Denial<'_>> {
        let negatives = self.negatives.iter();
        negatives.map(|(term, options)| Denial { options, hits: timeline.hits(term, &Candidates::All) }).collect()
    }
}

/// The distinct terms of a rule, each with its line.
type Looks<'w> = Vec<(&'w Look, u32)>;

/// The steps of a rule and its distinct terms with the line of each. In a set equal terms become one with their counts
/// added; in a sequence only those that stand beside each other do.
fn steps(written: &Written) -> Result<(Vec<Step>, Looks<'_>), RuleError> {
    let mut looks: Looks<'_> = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    for Positive { look, count, line } in &written.positives {
        let term = looks.iter().position(|(known, _)| *known == look).unwrap_or_else(|| {
            looks.push((look, *line));
            looks.len() - 1
        });
        let same = match written.order {
            Order::Any => steps.iter_mut().find(|step| step.term == term),
            Order::Sequence => steps.last_mut().filter(|step| step.term == term),
        };
        match same {
            Some(step) => step.count += count,
            None => steps.push(Step { term, count: *count }),
        }
    }
    if looks.len() > MOST_TERMS {
        let message = format!("found {} distinct conditions; expected at most {MOST_TERMS}", looks.len());
        return Err(RuleError { line: Some(written.line), message });
    }
    Ok((steps, looks))
}

/// In a sequence, the second and later hits of a counted term are no anchors: which lines they are is not settled while
/// the frame is.
fn check_anchors(written: &Written, steps: &[Step]) -> Result<(), RuleError> {
    if written.order == Order::Any {
        return Ok(());
    }
    let ends = steps.iter().scan(0, |end, step| {
        *end += step.count;
        Some(*end)
    });
    let firsts: Vec<usize> = std::iter::once(0).chain(ends).collect();
    match written.negatives.iter().find(|negative| !firsts.contains(&negative.options.anchor)) {
        Some(negative) => Err(RuleError {
            line: Some(negative.line),
            message: format!(
                "found the anchor {}, a repeated hit of a counted condition; expected the first hit of a condition",
                negative.options.anchor
            ),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
