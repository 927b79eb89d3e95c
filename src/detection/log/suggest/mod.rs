//! A rule from lines that somebody pointed at: what the next incident will say again is kept, what only this one has
//! (stamps, ids, addresses, counters) becomes an expression. What is suggested has been compiled and fires on the lines.

mod message;
mod pieces;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use self::pieces::Term;
use super::{LogRule, duration};
use crate::domain::matching::Verdict;
use crate::evidence::{LogEntry, Signals};

/// The most lines that a rule is made from: one that asks for more is seldom met a second time.
pub const MOST_LINES: usize = 20;

/// A rule that fires on the lines it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The rule.
    pub text: String,
    /// What to call it: the words that it looks for first.
    pub name: String,
    /// The lines, as an example that it must fire on.
    pub example: String,
}

/// Why there is no rule to suggest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No line with anything on it.
    #[error("No line is chosen. Choose those that say what failed.")]
    NoLines,
    /// More than [`MOST_LINES`].
    #[error("{0} lines are chosen; expected at most {MOST_LINES}. Choose those that say most.")]
    TooManyLines(usize),
    /// A line in which no word would be the same next time.
    #[error("Line {0} says too little that would be the same next time, beside numbers, ids, addresses or a level.")]
    NoWords(u32),
    /// Nothing that was tried fires.
    #[error("No rule was found that fires on these lines. Choose fewer of them.")]
    Silent,
}

/// A condition of the rule, with the entry that it was made from.
struct Condition {
    term: Term,
    /// The place of the entry in the log.
    entry: usize,
    stamp: Option<i64>,
}

/// Suggests a rule for the lines with these numbers, from 1.
pub fn suggest(signals: &Signals<'_>, lines: &BTreeSet<u32>, now: DateTime<Utc>) -> Result<Suggestion, Refused> {
    let chosen = chosen(signals, lines);
    match chosen.len() {
        0 => return Err(Refused::NoLines),
        1..=MOST_LINES => {}
        more => return Err(Refused::TooManyLines(more)),
    }
    let example = chosen.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
    let mut conditions = Vec::new();
    for (number, line) in chosen {
        let (entry, text) = said(signals, number, line);
        let term = Term::of(&text).ok_or(Refused::NoWords(number))?;
        let (place, stamp) = entry.map_or((usize::MAX, None), |(place, entry)| (place, entry.stamp));
        conditions.push(Condition { term, entry: place, stamp });
    }
    let name = conditions.first().map(|first| first.term.name()).unwrap_or_default();
    let mut written = Vec::new();
    if is_ordered(signals, &conditions) {
        written.push(rule("sequence", "order", &conditions));
    }
    written.push(rule("set", "match", &conditions));
    // Where a line is read otherwise alone than among its neighbours, its longest words still stand in it.
    conditions.iter_mut().for_each(|condition| condition.term = condition.term.longest_words());
    written.push(rule("set", "match", &conditions));
    let read = Signals::read(&example, now);
    let fires =
        |text: &String| LogRule::compile(text).is_ok_and(|rule| matches!(rule.run(&read), Some(Verdict::Fired(_))));
    let text = written.into_iter().find(fires).ok_or(Refused::Silent)?;
    Ok(Suggestion { text, name, example })
}

/// The chosen lines that hold anything, with their numbers.
fn chosen<'t>(signals: &Signals<'t>, lines: &BTreeSet<u32>) -> Vec<(u32, &'t str)> {
    let numbered = lines.iter().filter_map(|&number| {
        let start = *signals.line_starts.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        let line = signals.text[start..].split('\n').next().unwrap_or_default();
        Some((number, line.trim_end_matches('\r')))
    });
    numbered.filter(|(_, line)| !line.trim().is_empty()).collect()
}

/// The entry that a line is of, and what the line says in it, without what stands before the message.
fn said<'s>(signals: &'s Signals<'_>, number: u32, line: &str) -> (Option<(usize, &'s LogEntry)>, String) {
    let at = signals.line_starts[number as usize - 1];
    let entries = &signals.log.entries;
    let place = entries.partition_point(|entry| entry.span.end <= at);
    let entry = entries.get(place).filter(|entry| entry.span.start <= at).map(|entry| (place, entry));
    let text = match entry {
        Some((_, entry)) if entry.span.start == at => {
            let (first, start) = entry.first_line(signals.text);
            message::of(first, start).to_owned()
        }
        Some(_) | None => message::of(line, 0).to_owned(),
    };
    (entry, text)
}

/// Whether the lines are of several entries, in the order of their stamps.
fn is_ordered(signals: &Signals<'_>, conditions: &[Condition]) -> bool {
    let differ = conditions.windows(2).any(|pair| pair[0].term != pair[1].term);
    let follow = conditions.windows(2).all(|pair| pair[0].entry < pair[1].entry && pair[0].stamp <= pair[1].stamp);
    let stamps = || conditions.iter().map(|condition| condition.stamp);
    signals.log.is_stamped
        && differ
        && follow
        && stamps().all(|stamp| stamp.is_some())
        && !stamps().is_sorted_by(|a, b| a == b)
}

/// Writes the rule. Equal conditions become one with a count: in a set wherever they stand, in a sequence where they
/// stand beside each other.
fn rule(kind: &str, list: &str, conditions: &[Condition]) -> String {
    let mut counted: Vec<(&Term, usize)> = Vec::new();
    for Condition { term, .. } in conditions {
        let same = match kind {
            "sequence" => counted.last_mut().filter(|(known, _)| *known == term),
            _ => counted.iter_mut().find(|(known, _)| *known == term),
        };
        match same {
            Some((_, count)) => *count += 1,
            None => counted.push((term, 1)),
        }
    }
    let mut text = format!("{kind}:\n");
    if conditions.len() > 1 {
        text.push_str(&format!("  window: {}\n", duration::written(window(conditions))));
    }
    text.push_str(&format!("  {list}:\n"));
    for (term, count) in counted {
        text.push_str(&format!("    - {}\n", term.written()));
        if count > 1 {
            text.push_str(&format!("      count: {count}\n"));
        }
    }
    text
}

/// The time from the first line to the last, rounded up to what somebody would write; five minutes where no line says
/// when. In nanoseconds.
fn window(conditions: &[Condition]) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    const STEPS: [i64; 13] = [5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
    let stamps = || conditions.iter().filter_map(|condition| condition.stamp);
    let Some((first, last)) = stamps().min().zip(stamps().max()) else { return 300 * SECOND };
    let length = last.saturating_sub(first);
    let step = STEPS.into_iter().map(|step| step * SECOND).find(|step| *step >= length);
    // Beyond a day, in whole hours.
    step.unwrap_or_else(|| (length / (3_600 * SECOND)).saturating_add(1).saturating_mul(3_600 * SECOND))
}
