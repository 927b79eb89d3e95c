//! A log as the example of a rule: whole where it fits, else the part that the rule fires on.

use crate::detection::Compiled;
use crate::domain::ExampleText;
use crate::domain::matching::{Place, Verdict};
use crate::evidence::Signals;
use crate::service::review::Now;

/// What became of a log.
#[derive(Debug, PartialEq)]
pub(super) enum Fitted {
    /// It is an example as it is.
    Whole(ExampleText),
    /// A part of it is.
    Part(ExampleText),
    /// It is none, and why, in a sentence without a full stop.
    LeftOut(String),
}

/// Makes a log an example on which the rule must fire. A log that fits is taken whether it fires or not: the review of
/// the rule says so then.
pub(super) fn to_fire_on(rule: &Compiled, log: &str, now: Now) -> Fitted {
    if log.trim().is_empty() {
        return Fitted::LeftOut("it is empty".to_owned());
    }
    if let Ok(example) = ExampleText::parse(log) {
        return Fitted::Whole(example);
    }
    let places = match rule.run(&Signals::read(log, now)) {
        Some(Verdict::Fired(proof)) => proof.places,
        Some(Verdict::Contradicted { .. } | Verdict::Partial { .. }) | None => Vec::new(),
    };
    let fires = |part: &str| matches!(rule.run(&Signals::read(part, now)), Some(Verdict::Fired(_)));
    let parts = [last_lines(log, log.len()), around(log, &places)];
    let part = parts.into_iter().find(|part| fires(part)).and_then(|part| ExampleText::parse(part).ok());
    let too_long = || format!("it is longer than {} bytes, and no part of it that fits fires", ExampleText::MAX);
    part.map_or_else(|| Fitted::LeftOut(too_long()), Fitted::Part)
}

/// Makes a log an example on which the rule must be silent: its last lines, since a rule that is silent on all is silent
/// on these.
pub(super) fn to_be_silent_on(log: &str) -> Fitted {
    match (ExampleText::parse(log), ExampleText::parse(last_lines(log, log.len()))) {
        (Ok(example), _) => Fitted::Whole(example),
        (Err(_), Ok(part)) => Fitted::Part(part),
        (Err(_), Err(invalid)) => Fitted::LeftOut(invalid.to_string()),
    }
}

/// The whole lines before `end` that fit into an example.
fn last_lines(log: &str, end: usize) -> &str {
    let start = end.saturating_sub(ExampleText::MAX);
    if start == 0 {
        return &log[..end];
    }
    match log.as_bytes()[start..end].iter().position(|byte| *byte == b'\n') {
        Some(newline) => &log[start + newline + 1..end],
        None => "",
    }
}

/// The lines up to the last one that the rule fired on.
fn around<'l>(log: &'l str, places: &[Place]) -> &'l str {
    let last = places.iter().map(|place| place.span.end).max().unwrap_or(0).min(log.len());
    let end = log.as_bytes()[last..].iter().position(|byte| *byte == b'\n').map_or(log.len(), |newline| last + newline);
    last_lines(log, end)
}

#[cfg(test)]
mod tests {
    use super::{Fitted, last_lines, to_be_silent_on};
    use crate::domain::ExampleText;

    #[test]
    fn the_last_lines_are_whole_lines_that_fit() {
        let log = "é line of a log\n".repeat(ExampleText::MAX / 16 * 2);
        let part = last_lines(&log, log.len());
        assert!(part.len() <= ExampleText::MAX && part.len() > ExampleText::MAX - 20 && part.starts_with("é line"));
        assert_eq!(last_lines("a\nb", 3), "a\nb");
        assert_eq!(last_lines(&"é".repeat(ExampleText::MAX), ExampleText::MAX * 2), "");
        assert!(matches!(to_be_silent_on(&log), Fitted::Part(_)));
        assert!(matches!(to_be_silent_on("a"), Fitted::Whole(_)));
        assert!(matches!(to_be_silent_on(" \n"), Fitted::LeftOut(_)));
    }
}
