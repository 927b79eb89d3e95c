//! The rows of a timeline as text: `- **when** (marker) what happened`, going on in lines indented by two spaces.

use super::Problem;
use crate::domain::Invalid;
use crate::domain::input::TimelineInput;

/// A row and the line on which it begins.
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) input: TimelineInput,
}

const EXPECTED: &str =
    "a row such as - **2020-01-14T09:30Z** (trigger) What happened, or the rest of a row indented by two spaces";

/// Reads the rows; `lines_before` lines of the file stand before `text`.
pub(super) fn read(text: &str, lines_before: usize) -> (Vec<Row>, Vec<Problem>) {
    let mut rows: Vec<Row> = Vec::new();
    let mut problems = Vec::new();
    // What is indented under a row that is a problem is not another problem.
    let mut row_is_open = false;
    let mut row_is_lost = false;
    for (index, line) in text.split('\n').enumerate() {
        let number = lines_before + index + 1;
        if line.starts_with("- ") {
            row_is_open = true;
            match first_line(line) {
                Ok(input) => rows.push(Row { line: number, input }),
                Err(problem) => problems.push(Problem::new(number, problem)),
            }
            row_is_lost = problems.last().is_some_and(|problem| problem.line == number);
        } else if line.trim().is_empty() || (row_is_open && line.starts_with("  ")) {
            if let Some(row) = rows.last_mut().filter(|_| !row_is_lost) {
                row.input.text.push('\n');
                row.input.text.push_str(line.strip_prefix("  ").unwrap_or_default());
            }
        } else {
            problems.push(Problem::new(number, format!("timeline: {}", Invalid::new(line, EXPECTED))));
            row_is_open = true;
            row_is_lost = true;
        }
    }
    (rows, problems)
}

fn first_line(line: &str) -> Result<TimelineInput, String> {
    let wrong = || format!("timeline: {}", Invalid::new(line, EXPECTED));
    let rest = line.strip_prefix("- ").and_then(|rest| rest.trim_start().strip_prefix("**")).ok_or_else(wrong)?;
    let (at, rest) = when(rest).ok_or_else(wrong)?;
    let rest = rest.trim_start();
    let Some(marked) = rest.strip_prefix('(') else {
        return Ok(TimelineInput { at, marker: String::new(), text: unescape(rest) });
    };
    let Some((marker, text)) = marked.split_once(')') else {
        return Err(format!(
            "timeline: {}",
            Invalid::new(rest, "a marker in parentheses, or text that begins with \\(")
        ));
    };
    let marker = if marker.trim().is_empty() { "()".to_owned() } else { marker.to_owned() };
    Ok(TimelineInput { at, marker, text: unescape(text.trim_start()) })
}

/// Reads up to the closing `**`; a backslash keeps `*` and `\` from having a meaning.
fn when(text: &str) -> Option<(String, &str)> {
    let mut at = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        match (character, next) {
            ('\\', Some(escaped @ ('*' | '\\'))) => {
                at.push(escaped);
                characters.next();
            }
            ('*', Some('*')) => return Some((at, &text[index + 2..])),
            _ => at.push(character),
        }
    }
    None
}

fn unescape(text: &str) -> String {
    text.strip_prefix('\\').unwrap_or(text).to_owned()
}

/// Writes the rows, one after another, each ending in a newline.
pub(super) fn print(rows: &[TimelineInput]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str("- **");
        text.push_str(&row.at.replace('\\', "\\\\").replace('*', "\\*"));
        text.push_str("** ");
        if !row.marker.is_empty() {
            text.push_str(&format!("({}) ", row.marker));
        }
        if row.text.starts_with(|c: char| c.is_whitespace() || c == '(' || c == '\\') {
            text.push('\\');
        }
        for (index, line) in row.text.split('\n').enumerate() {
            if index > 0 && !line.is_empty() {
                text.push_str("  ");
            }
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
