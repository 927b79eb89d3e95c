//! The timeline rows that are too many to be shown as rows, as lines of text, so that they are kept and can be copied away.
//!
//! One row is one line: when, marker and text with a tab between; tabs, line breaks and backslashes inside are escaped.

use crate::domain::input::TimelineInput;

/// Writes rows, one on a line.
pub fn print(rows: &[TimelineInput]) -> String {
    rows.iter().map(|row| [&row.at, &row.marker, &row.text].map(|text| escaped(text)).join("\t") + "\n").collect()
}

/// Reads them back; lines without anything are passed over.
pub fn parse(text: &str) -> Vec<TimelineInput> {
    let rows = text.lines().filter(|line| !line.trim().is_empty());
    rows.map(|line| {
        let mut cells = line.splitn(3, '\t').map(unescaped);
        let mut next = || cells.next().unwrap_or_default();
        TimelineInput { at: next(), marker: next(), text: next() }
    })
    .collect()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace("\r\n", "\n").replace(['\n', '\r'], "\\n")
}

fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some(other) => result.push(other),
            None => result.push('\\'),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{parse, print};
    use crate::domain::input::TimelineInput;

    proptest! {
        #[test]
        fn rows_that_do_not_fit_come_back_as_they_were(
            rows in prop::collection::vec(("[a\\\\\\t\\n]{0,5}", "[a-c]{0,2}", "[nt\\\\\\t\\n 好]{1,8}x"), 0..8)
        ) {
            let rows: Vec<TimelineInput> =
                rows.into_iter().map(|(at, marker, text)| TimelineInput { at, marker, text }).collect();
            prop_assert_eq!(parse(&print(&rows)), rows);
        }
    }
}
