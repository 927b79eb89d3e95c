//! The data of Kubernetes Secrets, in YAML and in JSON: every value below `data` and `stringData` beside `kind: Secret`.

use std::collections::HashMap;
use std::ops::Range;

use super::found::{Found, SecretKind};
use super::value;

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    if !text.contains("Secret") {
        return;
    }
    find_yaml(text, found);
    // Within another string, as in the annotation of `kubectl apply`, quotes are escaped.
    for quote in ["\"", "\\\""] {
        find_json(text, quote, found);
    }
}

/// A line of YAML: where its key begins, its key, and the bytes of what follows.
struct Line<'t> {
    /// Where the line begins in the text.
    start: usize,
    column: usize,
    is_item: bool,
    key: &'t str,
    value: Range<usize>,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split('\n').filter_map(move |line| {
        let at = start;
        start += line.len() + 1;
        let content = line.trim_start_matches([' ', '-']);
        let column = line.len() - content.len();
        let is_item = line[..column].contains('-');
        let (key, after) = content.split_once(':').unwrap_or((content.trim_end(), ""));
        let value = at + line.len() - after.len()..at + line.len();
        (!line.trim().is_empty() && !content.starts_with('#')).then_some(Line {
            start: at,
            column,
            is_item,
            key,
            value,
        })
    })
}

/// One mapping of YAML: its column, and a number that tells it from its neighbours at the same column.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Mapping {
    column: usize,
    number: usize,
}

fn find_yaml(text: &str, found: &mut Vec<Found>) {
    let mut open: Vec<Mapping> = Vec::new();
    let mut made = 0;
    let mut is_secret: HashMap<Mapping, bool> = HashMap::new();
    let mut values: Vec<(Mapping, Range<usize>)> = Vec::new();
    // The mapping whose `data` is being read, and the block scalar within it.
    let mut data: Option<Mapping> = None;
    for line in lines(text) {
        let is_border = text[line.start..].starts_with("---") || text[line.start..].starts_with("```");
        while open
            .last()
            .is_some_and(|last| is_border || last.column > line.column || (last.column == line.column && line.is_item))
        {
            open.pop();
        }
        if is_border {
            data = None;
            continue;
        }
        if open.last().is_none_or(|last| last.column < line.column) {
            made += 1;
            open.push(Mapping { column: line.column, number: made });
        }
        let Some(&here) = open.last() else { continue };
        if let Some(owner) = data {
            if line.column > owner.column {
                values.push((owner, line.start..line.value.end));
                continue;
            }
            data = None;
        }
        let written = text[line.value.clone()].trim().trim_matches(['"', '\'']);
        if line.key == "kind" {
            is_secret.insert(here, written == "Secret");
        } else if matches!(line.key, "data" | "stringData") && written.is_empty() {
            data = Some(here);
        }
    }
    for (owner, line) in values {
        if is_secret.get(&owner).copied().unwrap_or(false) {
            found.extend(data_value(text, line));
        }
    }
}

/// The value of a line below `data`, or the whole of it where it is a line of a block scalar.
fn data_value(text: &str, line: Range<usize>) -> Option<Found> {
    let content = text[line.clone()].trim_end();
    let indentation = content.len() - content.trim_start().len();
    let key = content.find(": ").filter(|&at| !content[indentation..at].contains(char::is_whitespace)).map(|at| at + 2);
    if key.is_none() && content.ends_with(':') {
        return None;
    }
    let from = key.unwrap_or(indentation);
    let from = from + (content[from..].len() - content[from..].trim_start().len());
    let written = content[from..].trim_matches(['"', '\'']);
    let quotes = content[from..].len() - content[from..].trim_start_matches(['"', '\'']).len();
    let start = line.start + from + quotes;
    let span = start..start + written.len();
    let is_indicator = written.starts_with(['|', '>']) && written.len() <= 3;
    (!is_indicator && value::is_written_out(written)).then_some(Found { span, kind: SecretKind::Secret })
}

/// An object of JSON that is open.
#[derive(Default)]
struct Frame {
    is_secret: bool,
    /// The last string, until a comma: a key while a colon follows it.
    key: Range<usize>,
    /// Whether this object is the value of `data` or `stringData` in the one around it.
    is_data: bool,
    /// The strings in the data of this object.
    values: Vec<Range<usize>>,
}

/// Strings end at the end of their line at the latest, so that a stray quote spoils one line only.
fn find_json(text: &str, quote: &str, found: &mut Vec<Found>) {
    let mut open: Vec<Frame> = Vec::new();
    let mut after_colon = false;
    let mut at = 0;
    while let Some(step) = text[at..].find(['{', '}', ':', ',', quote.as_bytes()[0] as char]) {
        at += step;
        let byte = text.as_bytes()[at];
        if !text[at..].starts_with(quote) {
            match byte {
                b'{' => {
                    let is_data = after_colon
                        && open.last().is_some_and(|frame| matches!(&text[frame.key.clone()], "data" | "stringData"));
                    open.push(Frame { is_data, ..Frame::default() });
                    after_colon = false;
                }
                b'}' => close(&mut open, found),
                b':' => after_colon = true,
                b',' => after_colon = false,
                _ => {}
            }
            at += 1;
            continue;
        }
        let start = at + quote.len();
        let end = start + string_end(&text[start..], quote);
        at = end + if text[end..].starts_with(quote) { quote.len() } else { 0 };
        let Some(frame) = open.last_mut() else { continue };
        if !after_colon {
            frame.key = start..end;
        } else if frame.is_data {
            frame.values.push(start..end);
        } else if &text[frame.key.clone()] == "kind" {
            frame.is_secret |= &text[start..end] == "Secret";
        }
    }
}

fn close(open: &mut Vec<Frame>, found: &mut Vec<Found>) {
    let Some(frame) = open.pop() else { return };
    if frame.is_data {
        // Kept by the object around it, which says at its end whether it is a Secret.
        if let Some(around) = open.last_mut() {
            around.values.extend(frame.values);
        }
    } else if frame.is_secret {
        found.extend(frame.values.into_iter().map(|span| Found { span, kind: SecretKind::Secret }));
    }
}

fn string_end(text: &str, quote: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'\n' {
            return at;
        }
        if !is_escaped && text.as_bytes()[at..].starts_with(quote.as_bytes()) {
            return at;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    text.len()
}
