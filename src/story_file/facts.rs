//! From the tree of the front matter to raw text fields, keeping the line of each, and reporting what has another
//! shape than the field it stands in.

use std::collections::{BTreeMap, BTreeSet};

use super::yaml::{Content, Node};
use super::{FieldLines, Problem};
use crate::domain::input::FieldError;

/// The entries of one mapping that have a known key and are yet to be taken out.
#[derive(Default)]
pub(super) struct Table {
    path: String,
    entries: BTreeMap<String, Node>,
}

impl Table {
    fn take(&mut self, key: &str) -> Option<(String, Node)> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.entries.remove(key).map(|node| (path, node))
    }
}

/// Where fields stand and what is wrong with them.
#[derive(Default)]
pub(super) struct Facts {
    /// The line of each field by its path (`rules[0].kind`).
    pub(super) lines: FieldLines,
    pub(super) problems: Vec<Problem>,
    reported: BTreeSet<String>,
}

impl Facts {
    /// Takes a mapping apart. Unknown and repeated keys are reported.
    pub(super) fn table(&mut self, path: String, node: Node, known: &[&str]) -> Table {
        let mut table = Table { path, entries: BTreeMap::new() };
        let entries = match node.content {
            Content::Map(entries) => entries,
            Content::Refused => {
                self.reported.insert(table.path);
                return Table::default();
            }
            Content::Text(_) | Content::List(_) => {
                let message =
                    format!("found {}; expected keys and values: {}", describe(&node.content), known.join(", "));
                self.report(&table.path, node.line, message);
                return Table::default();
            }
        };
        for (key, value) in entries {
            let path = if table.path.is_empty() { key.text.clone() } else { format!("{}.{}", table.path, key.text) };
            if !known.contains(&key.text.as_str()) {
                self.report(&path, key.line, format!("found an unknown key; expected one of {}", known.join(", ")));
            } else if let Some(first) = table.entries.get(&key.text) {
                let message = format!("found this key again; expected it once (first on line {})", first.line);
                self.problems.push(Problem::new(key.line, format!("{path}: {message}")));
            } else {
                self.lines.0.insert(path, value.line);
                table.entries.insert(key.text, value);
            }
        }
        table
    }

    /// The text of a key; empty where it is absent.
    pub(super) fn text(&mut self, table: &mut Table, key: &str) -> String {
        table.take(key).map(|(path, node)| self.text_of(&path, node)).unwrap_or_default()
    }

    /// The texts of a list; none where it is absent or left empty.
    pub(super) fn texts(&mut self, table: &mut Table, key: &str) -> Vec<String> {
        let items = self.items(table, key, "a list of text, such as [a, b]");
        items.into_iter().map(|(path, node)| self.text_of(&path, node)).collect()
    }

    /// The mappings of a list, each read by `read`.
    pub(super) fn records<T>(
        &mut self,
        table: &mut Table,
        key: &str,
        known: &[&str],
        read: impl Fn(&mut Self, &mut Table) -> T,
    ) -> Vec<T> {
        let items = self.items(table, key, &format!("a list of entries with {}", known.join(", ")));
        let mut records = Vec::new();
        for (path, node) in items {
            let mut record = self.table(path, node, known);
            records.push(read(self, &mut record));
        }
        records
    }

    /// The mapping of a key, read by `read`; as if it were empty where it is absent.
    pub(super) fn record<T>(
        &mut self,
        table: &mut Table,
        key: &str,
        known: &[&str],
        read: impl Fn(&mut Self, &mut Table) -> T,
    ) -> T {
        let mut record = match table.take(key) {
            Some((path, node)) => self.table(path, node, known),
            None => Table::default(),
        };
        read(self, &mut record)
    }

    /// Whether `true` stands there; absent is `false`.
    pub(super) fn truth(&mut self, table: &mut Table, key: &str) -> bool {
        let Some((path, node)) = table.take(key) else { return false };
        let line = node.line;
        let text = self.text_of(&path, node);
        if !matches!(text.as_str(), "true" | "false") && !self.is_reported(&path) {
            self.report(&path, line, format!("found \"{}\"; expected true or false", text.escape_debug()));
        }
        text == "true"
    }

    fn items(&mut self, table: &mut Table, key: &str, expected: &str) -> Vec<(String, Node)> {
        let Some((path, node)) = table.take(key) else { return Vec::new() };
        match node.content {
            Content::List(items) => {
                let named = items.into_iter().enumerate().map(|(index, item)| (format!("{path}[{index}]"), item));
                let items: Vec<_> = named.collect();
                self.lines.0.extend(items.iter().map(|(path, item)| (path.clone(), item.line)));
                return items;
            }
            Content::Refused => self.skip(path),
            Content::Text(text) if text.trim().is_empty() => {}
            Content::Text(_) | Content::Map(_) => {
                let message = format!("found {}; expected {expected}", describe(&node.content));
                self.report(&path, node.line, message);
            }
        }
        Vec::new()
    }

    fn text_of(&mut self, path: &str, node: Node) -> String {
        match node.content {
            Content::Text(text) => return text,
            Content::Refused => self.skip(path.to_owned()),
            Content::Map(_) => {
                let message = "found keys and values; expected text (in quotes, if it has a colon followed by a space)";
                self.report(path, node.line, message.to_owned());
            }
            Content::List(_) => {
                let message = "found a list; expected text (in quotes, if it begins with a bracket)";
                self.report(path, node.line, message.to_owned());
            }
        }
        String::new()
    }

    fn report(&mut self, path: &str, line: usize, message: String) {
        let message = if path.is_empty() { message } else { format!("{path}: {message}") };
        self.problems.push(Problem::new(line, message));
        self.reported.insert(path.to_owned());
    }

    /// Says that whatever else is found out about this field has been reported already.
    pub(super) fn skip(&mut self, path: String) {
        self.reported.insert(path);
    }

    fn is_reported(&self, path: &str) -> bool {
        ancestors(path).any(|path| self.reported.contains(path))
    }

    /// Adds what the domain found, at the line of the field or else of the nearest thing around it.
    pub(super) fn add(&mut self, error: &FieldError, shown: &str) {
        if !self.is_reported(&error.field) {
            let line = self.line_of(&error.field);
            self.problems.push(Problem::new(line, format!("{shown}: {}", error.message)));
        }
    }

    /// The line of a field, or of the nearest thing around it; the first line of the file at last.
    pub(super) fn line_of(&self, path: &str) -> usize {
        self.lines.of(path)
    }
}

/// `a[0].b`, `a[0]`, `a`.
pub(super) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rfind(['.', '[']).map(|end| &path[..end]))
}

fn describe(content: &Content) -> String {
    match content {
        Content::Text(text) if text.trim().is_empty() => "nothing".to_owned(),
        Content::Text(text) => {
            let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
            format!("\"{shown}\"")
        }
        Content::List(_) => "a list".to_owned(),
        Content::Map(_) => "keys and values".to_owned(),
        Content::Refused => "something refused".to_owned(),
    }
}
