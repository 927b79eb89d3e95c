//! What a rule made of an example, in words that name the lines.

use crate::domain::matching::{Place, Proof, Verdict};

/// The most of a line that is quoted, in characters.
const QUOTED: usize = 100;

/// Says why a rule that should have fired did not; nothing when it fired.
pub(super) fn silence(verdict: Option<&Verdict>) -> Option<String> {
    shortfall(verdict).map(|found| format!("{found}; expected it to fire"))
}

/// Says what a rule that did not fire met, and which part is missing; nothing when it fired.
pub fn shortfall(verdict: Option<&Verdict>) -> Option<String> {
    Some(match verdict {
        Some(Verdict::Fired(_)) => return None,
        None => "it meets nothing of what it looks for".to_owned(),
        Some(Verdict::Contradicted { by, at }) => match lines(at) {
            Some(lines) => format!("{lines} contradicts it: {by}"),
            None => format!("it is contradicted by {by}"),
        },
        Some(Verdict::Partial { met, missing }) => {
            let missing = missing.join(", and ");
            match lines(met) {
                Some(lines) => format!("it meets {lines} and misses {missing}"),
                None => format!("it misses {missing}"),
            }
        }
    })
}

/// Says on what a rule fired that should have stayed silent; nothing when it did.
pub(super) fn noise(verdict: Option<&Verdict>, text: &str) -> Option<String> {
    let Some(Verdict::Fired(proof)) = verdict else { return None };
    Some(format!("it fires on {}; expected it to stay silent", fired_on(proof, text)))
}

/// `line 3, "the text of it"`; the object or the alert where there is one.
pub(super) fn fired_on(proof: &Proof, text: &str) -> String {
    let place = lines(&proof.places).map(|lines| match proof.places.first() {
        Some(first) => format!("{lines}: \"{}\"", quoted(line_at(text, first.line))),
        None => lines,
    });
    match (&proof.subject, place) {
        (Some(subject), Some(place)) => format!("{subject}, {place}"),
        (Some(subject), None) => subject.clone(),
        (None, Some(place)) => place,
        (None, None) => "it as a whole".to_owned(),
    }
}

/// The first line with anything on it, shortened.
pub(super) fn first_line(text: &str) -> String {
    quoted(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default())
}

/// The line of a text with this number, from 1.
fn line_at(text: &str, number: u32) -> &str {
    text.split('\n').nth(number.saturating_sub(1) as usize).unwrap_or_default()
}

fn quoted(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

/// `line 3`, `lines 3 and 5`, `lines 1, 2, 3 and 9 more`.
fn lines(places: &[Place]) -> Option<String> {
    const NAMED: usize = 5;
    let mut numbers: Vec<u32> = places.iter().map(|place| place.line).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let more = numbers.len().saturating_sub(NAMED);
    let mut words: Vec<String> = numbers.iter().take(NAMED).map(u32::to_string).collect();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    let last = words.pop()?;
    Some(if words.is_empty() { format!("line {last}") } else { format!("lines {} and {last}", words.join(", ")) })
}

/// The lines that a verdict points at, each once.
pub fn lines_of(verdict: Option<&Verdict>) -> Vec<u32> {
    let places = match verdict {
        Some(Verdict::Fired(proof)) => proof.places.as_slice(),
        Some(Verdict::Contradicted { at, .. }) => at,
        Some(Verdict::Partial { met, .. }) => met,
        None => &[],
    };
    let mut numbers: Vec<u32> = places.iter().map(|place| place.line).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use super::{noise, silence};
    use crate::domain::matching::{Place, Proof, Verdict};

    fn places(lines: &[u32]) -> Vec<Place> {
        lines.iter().map(|&line| Place { line, span: 0..0 }).collect()
    }

    #[test]
    fn a_rule_that_stays_silent_is_told_what_it_met_and_what_it_misses() {
        let partial = Verdict::Partial { met: places(&[5, 2, 2]), missing: vec!["a line with \"X\"".to_owned()] };
        let told = "it meets lines 2 and 5 and misses a line with \"X\"; expected it to fire";
        assert_eq!(silence(Some(&partial)).as_deref(), Some(told));
        let contradicted = Verdict::Contradicted { by: "a line with \"Done\"".to_owned(), at: places(&[7]) };
        let told = "line 7 contradicts it: a line with \"Done\"; expected it to fire";
        assert_eq!(silence(Some(&contradicted)).as_deref(), Some(told));
        assert!(silence(None).is_some());
    }

    #[test]
    fn a_rule_that_fires_is_told_on_which_lines() {
        let fired = |lines: &[u32], subject: Option<&str>| {
            let subject = subject.map(str::to_owned);
            Verdict::Fired(Proof { places: places(lines), subject, remarks: Vec::new() })
        };
        let told = |verdict: Verdict| noise(Some(&verdict), "one\n  two \nthree").expect("fired");
        assert_eq!(told(fired(&[2], None)), "it fires on line 2: \"two\"; expected it to stay silent");
        assert_eq!(
            told(fired(&[1, 2, 3, 4, 5, 6, 7], None)),
            "it fires on lines 1, 2, 3, 4, 5 and 2 more: \"one\"; expected it to stay silent"
        );
        assert_eq!(told(fired(&[], Some("Deployment web"))), "it fires on Deployment web; expected it to stay silent");
        assert_eq!(noise(None, "one"), None);
    }
}
