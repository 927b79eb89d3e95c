//! Pasted YAML and JSON as one tree that knows where everything stands. Nodes lie in one list and refer to each other by
//! number: an alias is a second reference, so that reading takes time and space linear in the text, whatever it expands
//! to. Expanding is bounded.

mod json;
mod yaml;
mod scalar;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

pub(super) use self::json::read as read_json;
pub(super) use self::yaml::read as read_yaml;

/// Custom resource definitions nest 40 deep; nothing real nests deeper than this.
const MAX_DEPTH: usize = 100;

/// Why a text is not a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    /// The byte at which it shows.
    pub(super) at: usize,
    /// What was found and what was expected.
    pub(super) message: String,
}

/// A document.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NodeId(usize);

#[derive(Debug)]
struct Node {
    /// Its bytes; of a list or a mapping where it begins, and nothing more.
    span: Range<usize>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// Null, a boolean, a number or a string.
    Scalar(Value),
    List(Vec<Item>),
    Map(Vec<Entry>),
}

/// An element of a list and where it stands: an alias stands elsewhere than what it means.
#[derive(Debug, Clone, Copy)]
struct Item {
    at: usize,
    node: NodeId,
}

/// A field of a mapping and where its key stands.
#[derive(Debug, Clone)]
struct Entry {
    key: String,
    at: usize,
    node: NodeId,
}

impl Tree {
    fn add(&mut self, span: Range<usize>, content: Content) -> NodeId {
        self.nodes.push(Node { span, content });
        NodeId(self.nodes.len() - 1)
    }

    /// The outermost value; nothing of an empty document.
    pub(super) fn root(&self) -> Option<View<'_>> {
        let id = self.root?;
        Some(View { tree: self, id, at: self.nodes.get(id.0)?.span.start })
    }
}

/// One value of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    tree: &'a Tree,
    id: NodeId,
    /// Where it stands: its key, of a field.
    pub(super) at: usize,
}

impl<'a> View<'a> {
    fn node(self) -> &'a Node {
        &self.tree.nodes[self.id.0]
    }

    /// The bytes of a scalar with its quotes.
    pub(super) fn span(self) -> Range<usize> {
        self.node().span.clone()
    }

    /// The text of a string.
    pub(super) fn as_str(self) -> Option<&'a str> {
        match &self.node().content {
            Content::Scalar(value) => value.as_str(),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    /// Null, a boolean, a number or a string.
    pub(super) fn as_scalar(self) -> Option<&'a Value> {
        match &self.node().content {
            Content::Scalar(value) => Some(value),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    /// The elements of a list; nothing of anything else.
    pub(super) fn items(self) -> Option<impl Iterator<Item = View<'a>>> {
        match &self.node().content {
            Content::List(items) => {
                Some(items.iter().map(move |item| View { tree: self.tree, id: item.node, at: item.at }))
            }
            Content::Scalar(_) | Content::Map(_) => None,
        }
    }

    /// The fields of a mapping; nothing of anything else. A key that is given twice comes twice.
    pub(super) fn entries(self) -> Option<impl DoubleEndedIterator<Item = (&'a str, View<'a>)>> {
        match &self.node().content {
            Content::Map(entries) => Some(
                entries
                    .iter()
                    .map(move |entry| (entry.key.as_str(), View { tree: self.tree, id: entry.node, at: entry.at })),
            ),
            Content::Scalar(_) | Content::List(_) => None,
        }
    }

    /// A field; the last of a key that is given twice, as in Kubernetes.
    pub(super) fn get(self, key: &str) -> Option<View<'a>> {
        self.entries()?.rev().find(|(name, _)| *name == key).map(|(_, view)| view)
    }

    /// The value with the place of each field, within bounds.
    pub(super) fn expand(self, budget: &mut Budget) -> Result<Expanded, Damage> {
        let mut places = BTreeMap::new();
        let mut pointer = String::new();
        let value = self.value(&mut pointer, self.at, &mut places, budget, 0)?;
        Ok(Expanded { value, places })
    }

    /// `begin` is where the outermost value stands: what stands before it was written for an anchor elsewhere, so it has
    /// no place of its own.
    fn value(
        self,
        pointer: &mut String,
        begin: usize,
        places: &mut BTreeMap<String, usize>,
        budget: &mut Budget,
        depth: usize,
    ) -> Result<Value, Damage> {
        if depth > MAX_DEPTH {
            return Err(self.too_much(&format!("values nested deeper than {MAX_DEPTH}")));
        }
        budget.spend(self, 0)?;
        if self.at >= begin {
            budget.note(pointer, self.at, places);
        }
        let length = pointer.len();
        match &self.node().content {
            Content::Scalar(value) => Ok(value.clone()),
            Content::List(_) => {
                let mut list = Vec::new();
                for (index, item) in self.items().into_iter().flatten().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    list.push(item.value(pointer, self.at.max(begin), places, budget, depth + 1)?);
                    pointer.truncate(length);
                }
                Ok(Value::Array(list))
            }
            Content::Map(_) => {
                let mut map = serde_json::Map::new();
                for (key, field) in self.entries().into_iter().flatten() {
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    map.insert(key.to_owned(), field.value(pointer, self.at.max(begin), places, budget, depth + 1)?);
                    pointer.truncate(length);
                }
                Ok(Value::Object(map))
            }
        }
    }

    fn too_much(self, found: &str) -> Damage {
        Damage { at: self.at, message: format!("found {found}; expected a manifest of ordinary size") }
    }
}

/// A value written out.
#[derive(Debug)]
pub(super) struct Expanded {
    pub(super) value: Value,
    /// The byte at which each field stands, by JSON pointer.
    pub(super) places: BTreeMap<String, usize>,
}

/// What expanding one document may cost: aliases can make a small text enormous.
#[derive(Debug)]
pub(super) struct Budget {
    /// Values and bytes of text that may still be made.
    left: usize,
    /// Bytes of pointers that may still be kept.
    pointers: usize,
}

impl Budget {
    /// The longest pointer that is kept: what is deeper is shown by the line of what it lies in.
    const LONGEST_POINTER: usize = 512;

    /// The most fields of one object whose places are kept; the largest of resource definitions has some 30,000.
    const MOST_PLACES: usize = 50_000;

    /// Sixteen times what a document of this length can say without aliases.
    pub(super) fn of(document: &Range<usize>) -> Self {
        Self { left: document.len() * 16, pointers: document.len() * 16 }
    }

    /// Counts a value about to be made, and what is kept beside it.
    pub(super) fn spend(&mut self, view: View<'_>, beside: usize) -> Result<(), Damage> {
        let cost = 1 + beside + view.as_str().map_or(0, str::len);
        self.left = self
            .left
            .checked_sub(cost)
            .ok_or_else(|| view.too_much("aliases that make it many times as large as it is written"))?;
        Ok(())
    }

    fn note(&mut self, pointer: &str, at: usize, places: &mut BTreeMap<String, usize>) {
        let is_short = pointer.len() <= Self::LONGEST_POINTER && pointer.len() < self.pointers;
        if is_short && places.len() < Self::MOST_PLACES {
            self.pointers -= pointer.len();
            places.insert(pointer.to_owned(), at);
        }
    }
}
