//! Kubernetes objects in pasted YAML and JSON.

use std::collections::BTreeMap;

use serde_json::Value;

use super::blocks::Block;
use super::lines::{self, Lines};
use super::tree::{Budget, Damage, Expanded, Tree, View, read_json, read_yaml};

/// One object with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// `Deployment`.
    pub kind: String,
    /// `metadata.name`, or nothing.
    pub name: Option<String>,
    /// `metadata.namespace`, or nothing.
    pub namespace: Option<String>,
    /// The whole of it, typed as Kubernetes types YAML.
    pub value: Value,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The line of each field that has one of its own, by JSON pointer (`/spec/replicas`); the object's own is at the
    /// empty pointer. What an alias or a merge key (`<<`) brings in stands on the line of that alias.
    pub lines: BTreeMap<String, u32>,
}

impl Object {
    /// The line of a field by JSON pointer, or of the nearest field around it that has one.
    pub fn line_of(&self, pointer: &str) -> u32 {
        let mut pointer = pointer;
        loop {
            if let Some(&line) = self.lines.get(pointer) {
                return line;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return self.line,
            }
        }
    }
}

/// Why a document of a manifest could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ObjectError {
    /// The line, from 1.
    pub line: u32,
    /// What was found and what was expected.
    pub message: String,
}

/// The objects of a manifest file, and what is wrong with it: each document that is broken, and each that has a `kind`
/// and no `apiVersion`. Documents with neither, such as values of a chart, are passed over.
pub fn objects_in(text: &str) -> (Vec<Object>, Vec<ObjectError>) {
    let starts = lines::starts(text);
    let lines = Lines::new(text, &starts);
    let (mut objects, mut errors) = (Vec::new(), Vec::new());
    for document in documents(lines) {
        let mut budget = Budget::of(&document);
        let result = read_document(text, document).and_then(|trees| {
            for tree in &trees {
                let Some(root) = tree.root() else { continue };
                objects.extend(objects_of(lines, root, &mut budget)?);
                if root.get("kind").is_some() && root.get("apiVersion").is_none() {
                    return Err(Damage {
                        at: root.at,
                        message: "found a kind and no apiVersion; a Kubernetes object has both".to_owned(),
                    });
                }
            }
            Ok(())
        });
        if let Err(damage) = result {
            errors.push(ObjectError { line: lines.of(damage.at), message: damage.message });
        }
    }
    (objects, errors)
}

/// The stretches between lines of `---`.
fn documents(lines: Lines<'_>) -> Vec<std::ops::Range<usize>> {
    let mut documents = Vec::new();
    let mut from = if lines.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for line in 1..=lines.count() {
        let span = lines.span(line);
        let text = lines.get(line);
        if text.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r'])) {
            documents.push(from..span.start);
            from = span.start + 3;
        } else if text.trim_start_matches('\u{feff}').starts_with('%')
            && lines.text.get(from..span.start).is_none_or(|before| before.trim().is_empty())
        {
            from = span.end;
        }
    }
    documents.push(from..lines.text.len());
    documents
}

/// A document of YAML, or one or several values of JSON.
fn read_document(text: &str, span: std::ops::Range<usize>) -> Result<Vec<Tree>, Damage> {
    if !text[span.clone()].trim_start().starts_with(['{', '[']) {
        return Ok(vec![read_yaml(text, span)?]);
    }
    match read_json(text, span.clone()) {
        Ok(tree) => Ok(vec![tree]),
        Err(damage) => {
            if let Ok(tree) = read_yaml(text, span.clone()) {
                return Ok(vec![tree]);
            }
            let values = super::blocks::json_values(text, span);
            values
                .and_then(|values| values.into_iter().map(|value| read_json(text, value).ok()).collect())
                .ok_or(damage)
        }
    }
}

/// The objects of a paste, in order; which of the blocks hold any is told by their lines.
pub(super) fn read(lines: Lines<'_>, blocks: &[Block]) -> Vec<Object> {
    let found = |block: &Block| objects_of(lines, block.tree.root()?, &mut Budget::of(&block.span)).ok();
    blocks.iter().filter_map(found).flatten().collect()
}

/// What an object takes beside its fields, in bytes: aliases can make many small ones.
const WORTH_OF_AN_OBJECT: usize = 256;

/// How deep lists may lie in lists.
const MOST_LISTS: usize = 4;

/// The objects that a value is or holds: `kind: List` and its like, and lists, are taken apart.
fn objects_of(lines: Lines<'_>, root: View<'_>, budget: &mut Budget) -> Result<Vec<Object>, Damage> {
    let mut objects = Vec::new();
    let mut waiting = vec![Waiting { view: root, of: None, lists: 0 }];
    while let Some(next) = waiting.pop() {
        budget.spend(next.view, 0)?;
        let type_of = Type::of(next.view).or(next.of);
        let items = match type_of {
            None => next.view.items().map(|items| (None, items)),
            Some(list) if list.kind.ends_with("List") => {
                next.view.get("items").and_then(View::items).map(|items| (list.of_items(), items))
            }
            Some(_) => None,
        };
        match (items, type_of) {
            (Some((of, items)), _) if next.lists < MOST_LISTS => {
                let from = waiting.len();
                waiting.extend(items.map(|view| Waiting { view, of, lists: next.lists + 1 }));
                waiting[from..].reverse();
            }
            (None, Some(type_of)) if !is_reference(next.view) => {
                budget.spend(next.view, WORTH_OF_AN_OBJECT)?;
                objects.push(object(lines, next.view.expand(budget)?, next.view.at, type_of));
            }
            (Some(_), _) | (None, _) => {}
        }
    }
    Ok(objects)
}

struct Waiting<'a> {
    view: View<'a>,
    /// What it is if it does not say so itself: items of a `PodList` often do not.
    of: Option<Type<'a>>,
    lists: usize,
}

#[derive(Clone, Copy)]
struct Type<'a> {
    api_version: &'a str,
    kind: &'a str,
}

impl<'a> Type<'a> {
    fn of(view: View<'a>) -> Option<Self> {
        let text = |key| view.get(key).and_then(View::as_str).filter(|text| !text.is_empty());
        Some(Self { api_version: text("apiVersion")?, kind: text("kind")? })
    }

    /// `Pod` of a `PodList`; a plain `List` does not say.
    fn of_items(self) -> Option<Self> {
        let kind = self.kind.strip_suffix("List").filter(|kind| !kind.is_empty())?;
        Some(Self { kind, ..self })
    }
}

/// Whether something only names an object, as in `ownerReferences` of a paste that was cut.
fn is_reference(view: View<'_>) -> bool {
    let mut fields = view.entries().into_iter().flatten();
    view.get("name").is_some() && fields.all(|(_, field)| field.as_scalar().is_some())
}

fn object(lines: Lines<'_>, expanded: Expanded, at: usize, type_of: Type<'_>) -> Object {
    let mut value = expanded.value;
    if let Value::Object(fields) = &mut value {
        fields.entry("apiVersion").or_insert_with(|| type_of.api_version.into());
        fields.entry("kind").or_insert_with(|| type_of.kind.into());
    }
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Object {
        kind: type_of.kind.to_owned(),
        name: text("/metadata/name"),
        namespace: text("/metadata/namespace"),
        line: lines.of(at),
        lines: expanded.places.into_iter().map(|(pointer, at)| (pointer, lines.of(at))).collect(),
        value,
    }
}
