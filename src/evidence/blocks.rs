//! Where YAML and JSON stand in a paste that has other things around them.

use std::ops::Range;

use super::lines::{Lines, indentation};
use super::tree::{Damage, Tree, read_json, read_yaml};

/// A stretch of a paste that reads as one document.
#[derive(Debug)]
pub(super) struct Block {
    /// Its bytes.
    pub(super) span: Range<usize>,
    /// Its lines, the last excluded.
    pub(super) lines: Range<u32>,
    /// What it says.
    pub(super) tree: Tree,
}

/// The documents of a paste that could hold objects or alerts, in order. What does not parse is not one: a paste may be
/// cut anywhere.
pub(super) fn read(lines: Lines<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut gap = 1;
    for stretch in yaml_stretches(lines) {
        json_blocks(lines, lines.span_of(&(gap..stretch.lines.start)), &mut blocks);
        gap = stretch.lines.end;
        if let Some((tree, lines_read)) = stretch.read(lines) {
            blocks.push(Block { span: lines.span_of(&lines_read), lines: lines_read, tree });
        }
    }
    json_blocks(lines, lines.span_of(&(gap..lines.count() + 1)), &mut blocks);
    blocks
}

/// Lines that belong to one mapping or list of YAML, by their depth.
struct Stretch {
    lines: Range<u32>,
    /// The depth of its outermost keys, or of its dashes.
    depth: usize,
    is_list: bool,
    /// Whether it has what makes it worth reading.
    is_telling: bool,
}

impl Stretch {
    /// What it says, and the lines that say it. Of a list that is damaged, the items before the damage.
    fn read(&self, lines: Lines<'_>) -> Option<(Tree, Range<u32>)> {
        if !self.is_telling {
            return None;
        }
        match read_yaml(lines.text, lines.span_of(&self.lines)) {
            Ok(tree) => Some((tree, self.lines.clone())),
            Err(damage) => {
                let whole = self.lines.start..self.last_item_before(lines, &damage)?;
                Some((read_yaml(lines.text, lines.span_of(&whole)).ok()?, whole))
            }
        }
    }

    /// The line at which the item begins that is damaged: of this list, or of the `items` of a `kind: List`.
    fn last_item_before(&self, lines: Lines<'_>, damage: &Damage) -> Option<u32> {
        let depth = if self.is_list {
            self.depth
        } else {
            let is_items = |line: u32| lines.get(line).trim_end() == format!("{}items:", " ".repeat(self.depth));
            let items = self.lines.clone().find(|&line| is_items(line))?;
            indentation(lines.get(items + 1))
        };
        let damaged = lines.of(damage.at).min(self.lines.end);
        let begins_item = |line: &u32| indentation(lines.get(*line)) == depth && shape(lines.get(*line)).is_item;
        (self.lines.start + 1..damaged + 1).rev().find(begins_item)
    }
}

/// A line as YAML sees it.
struct Shape<'t> {
    /// Where its key begins, after dashes.
    column: usize,
    /// Whether a dash stands before the key.
    is_item: bool,
    /// What stands before the colon, and after it.
    field: Option<(&'t str, &'t str)>,
}

fn shape(line: &str) -> Shape<'_> {
    let content = line.trim_start_matches(' ');
    let (is_item, content) = match content.strip_prefix('-') {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => (true, rest.trim_start_matches(' ')),
        Some(_) | None => (false, content),
    };
    let field = content.find(':').and_then(|colon| {
        let (key, value) = (&content[..colon], &content[colon + 1..]);
        let is_key = !key.is_empty()
            && key.len() <= 128
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./\"'".contains(&byte));
        (is_key && (value.is_empty() || value.starts_with([' ', '\r']))).then_some((key, value.trim()))
    });
    Shape { column: line.len() - content.len(), is_item, field }
}

/// Fields by which objects and alerts are known.
const TELLING: [&str; 3] = ["apiVersion", "kind", "alertname"];

fn yaml_stretches(lines: Lines<'_>) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut floor = 1;
    let mut line = 1;
    while line <= lines.count() {
        let shape = shape(lines.get(line));
        if !shape.field.is_some_and(|(key, value)| TELLING.contains(&key) && !value.is_empty()) {
            line += 1;
            continue;
        }
        let stretch = stretch(lines, floor, line, &shape);
        line = stretch.lines.end.max(line + 1);
        floor = line;
        stretches.push(stretch);
    }
    stretches
}

/// The lines around a telling one that belong to the same mapping or list.
fn stretch(lines: Lines<'_>, floor: u32, line: u32, shape: &Shape<'_>) -> Stretch {
    let mut depth = if shape.is_item { indentation(lines.get(line)) } else { shape.column };
    let mut start = line;
    while start > floor && !shape.is_item {
        let above = lines.get(start - 1);
        // The labels of an alert are themselves a field of it.
        if above.trim() == "labels:" && indentation(above) < depth {
            depth = indentation(above);
        } else if above.trim().is_empty() || !belongs(above, depth, false) {
            break;
        }
        start -= 1;
    }
    let mut end = line + 1;
    let mut after = end;
    while after <= lines.count() {
        let below = lines.get(after);
        after += 1;
        if below.trim().is_empty() {
            continue;
        }
        if !belongs(below, depth, shape.is_item) {
            break;
        }
        end = after;
    }
    Stretch { is_telling: is_telling(lines, &(start..end)), lines: start..end, depth, is_list: shape.is_item }
}

fn is_telling(lines: Lines<'_>, range: &Range<u32>) -> bool {
    let text = &lines.text[lines.span_of(range)];
    text.contains("alertname:") || (text.contains("apiVersion:") && text.contains("kind:"))
}

/// Whether a line goes on with a mapping, or a list, whose keys or dashes stand at this depth.
fn belongs(line: &str, depth: usize, is_list: bool) -> bool {
    let at = indentation(line);
    let content = &line[at..];
    if at != depth {
        return at > depth;
    }
    let shape = shape(line);
    if content.starts_with('#') || content.starts_with("{{") || shape.is_item {
        return true;
    }
    !is_list && (content.starts_with(['}', ']']) || shape.field.is_some_and(|(key, value)| !is_foreign(key, value)))
}

/// Fields of an object whose text may go without quotes though it has several words.
const WORDY: [&str; 5] = ["description", "message", "note", "reason", "summary"];

/// `error: it broke` after an object is no field of it.
fn is_foreign(key: &str, value: &str) -> bool {
    let value = value.split(" #").next().unwrap_or_default().trim();
    let is_plain = !value.starts_with(['"', '\'', '{', '[', '|', '>', '&', '*', '!', '#']);
    key.starts_with(|c: char| c.is_ascii_uppercase())
        || (is_plain && value.contains(' ') && !WORDY.contains(&key) && !value.contains("{{"))
}

/// What is worth reading as JSON.
const TELLING_JSON: [&str; 3] = ["\"apiVersion\"", "\"alertname\"", "\"ruleName\""];

/// How deep is looked within brackets that hold something other than JSON.
const MOST_WRAPPERS: usize = 3;

fn json_blocks(lines: Lines<'_>, span: Range<usize>, blocks: &mut Vec<Block>) {
    let from = blocks.len();
    let mut waiting = vec![(span, 0)];
    while let Some((span, wrappers)) = waiting.pop() {
        let mut inner = Vec::new();
        for outermost in brackets(lines.text, span) {
            let text = &lines.text[outermost.clone()];
            if !TELLING_JSON.iter().any(|telling| text.contains(telling)) {
                continue;
            }
            match read_json(lines.text, outermost.clone()) {
                Ok(tree) => {
                    let lines_read = lines.of(outermost.start)..lines.of(outermost.end - 1) + 1;
                    blocks.push(Block { span: outermost, lines: lines_read, tree });
                }
                Err(_) if wrappers < MOST_WRAPPERS => {
                    inner.push((outermost.start + 1..outermost.end - 1, wrappers + 1));
                }
                Err(_) => {}
            }
        }
        waiting.extend(inner);
    }
    blocks[from..].sort_by_key(|block| block.span.start);
}

/// Values of JSON that stand one after the other, with nothing but blanks between them; nothing of anything else.
pub(super) fn json_values(text: &str, span: Range<usize>) -> Option<Vec<Range<usize>>> {
    let values = brackets(text, span.clone());
    let mut from = span.start;
    for value in &values {
        if !text[from..value.start].trim().is_empty() {
            return None;
        }
        from = value.end;
    }
    text[from..span.end].trim().is_empty().then_some(values)
}

/// The outermost pairs of brackets that are closed, in order. One that is never closed, as in a paste that was cut, is
/// passed over, and what it holds counts. Strings end with their line.
fn brackets(text: &str, span: Range<usize>) -> Vec<Range<usize>> {
    let mut open: Vec<(usize, u8)> = Vec::new();
    let mut open_braces = 0usize;
    let mut closed: Vec<Range<usize>> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = span.start;
    while at < span.end {
        let byte = bytes[at];
        at += 1;
        match byte {
            b'"' if !open.is_empty() => at = string_end(bytes, at, span.end),
            b'{' | b'[' => {
                open.push((at - 1, byte));
                open_braces += usize::from(byte == b'{');
            }
            b'}' if open_braces > 0 => {
                // Square brackets that were left open in between are no JSON.
                while let Some((start, bracket)) = open.pop() {
                    if bracket == b'{' {
                        open_braces -= 1;
                        close(&mut closed, start..at);
                        break;
                    }
                }
            }
            b']' => {
                if let Some((start, _)) = open.pop_if(|(_, bracket)| *bracket == b'[') {
                    close(&mut closed, start..at);
                }
            }
            _ => {}
        }
    }
    closed
}

fn close(closed: &mut Vec<Range<usize>>, pair: Range<usize>) {
    while closed.pop_if(|inner| inner.start > pair.start).is_some() {}
    closed.push(pair);
}

/// The byte after the quote that ends a string, or the end of its line.
fn string_end(bytes: &[u8], from: usize, most: usize) -> usize {
    let mut at = from;
    while at < most {
        match bytes[at] {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    most
}
