//! One document of YAML with positions: anchors, aliases and merge keys as far as they stay small.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_json::Value;
use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, Span, StrInput};

use super::{Content, Damage, Entry, Item, MAX_DEPTH, NodeId, Tree, scalar};

/// Fields that merge keys (`<<`) may add in one document.
const MOST_MERGED: usize = 50_000;

/// Reads the document that stands in these bytes of the text.
pub(in crate::evidence) fn read(text: &str, span: Range<usize>) -> Result<Tree, Damage> {
    let mut options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    let document = &text[span.clone()];
    let mut reader = Reader {
        text: document,
        base: span.start,
        parser: Parser::new_from_str_with_options(document, options),
        tree: Tree::default(),
        anchors: HashMap::new(),
        merged: 0,
    };
    reader.document()?;
    Ok(reader.tree)
}

struct Reader<'t> {
    text: &'t str,
    base: usize,
    parser: Parser<'t, StrInput<'t>>,
    tree: Tree,
    anchors: HashMap<usize, NodeId>,
    merged: usize,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Result<(), Damage> {
        while let Some((event, span)) = self.next()? {
            let is_node = matches!(
                event,
                Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_)
            );
            if is_node && self.tree.root.is_none() {
                let (root, _) = self.node(event, &span)?;
                self.tree.root = Some(root);
            } else if is_node {
                return Err(self.damage(&span, "found a second document; expected a line of --- between them"));
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Damage> {
        self.parser.next_event().transpose().map_err(|error| {
            let at = self.base + error.marker().byte_offset().unwrap_or(0).min(self.text.len());
            let message = if self.has_template(at) { TEMPLATE.to_owned() } else { format!("found {}", error.info()) };
            Damage { at, message }
        })
    }

    fn bytes(&self, span: &Span) -> Range<usize> {
        let start = span.start.byte_offset().unwrap_or(0).min(self.text.len());
        let end = span.end.byte_offset().unwrap_or(start).clamp(start, self.text.len());
        self.base + start..self.base + end
    }

    fn damage(&self, span: &Span, message: &str) -> Damage {
        Damage { at: self.bytes(span).start, message: message.to_owned() }
    }

    /// Whether the line around a byte, or the one before it, has what Helm and its like fill in.
    fn has_template(&self, at: usize) -> bool {
        let at = at - self.base;
        let before = self.text[..at].rmatch_indices('\n').nth(1).map_or(0, |(end, _)| end);
        let after = self.text[at..].find('\n').map_or(self.text.len(), |end| at + end);
        self.text[before..after].contains("{{")
    }

    /// The node that begins with an event, and where it stands.
    fn node(&mut self, event: Event<'t>, span: &Span) -> Result<(NodeId, usize), Damage> {
        let bytes = self.bytes(span);
        let at = bytes.start;
        if let Event::Alias(id) = event {
            let Some(&node) = self.anchors.get(&id) else {
                return Err(
                    self.damage(span, "found an alias within its own anchor; expected one that comes to an end")
                );
            };
            return Ok((node, at));
        }
        let anchor = event.anchor_id();
        let content = if let Event::Scalar(text, style, _, tag) = event {
            let is_string = tag.as_ref().and_then(|tag| tag.core_suffix()) == Some("str");
            let is_absent = style == ScalarStyle::Plain && text == "~" && bytes.is_empty();
            Content::Scalar(if is_absent {
                Value::Null
            } else if style == ScalarStyle::Plain && !is_string {
                scalar::plain(&text)
            } else {
                Value::String(text.into_owned())
            })
        } else if matches!(event, Event::SequenceStart(..)) {
            Content::List(self.items()?)
        } else if matches!(event, Event::MappingStart(..)) {
            Content::Map(self.entries()?)
        } else {
            return Err(self.damage(span, "found something that is no value; expected one"));
        };
        let node = self.tree.add(bytes, content);
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, node);
        }
        Ok((node, at))
    }

    fn items(&mut self) -> Result<Vec<Item>, Damage> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            let (node, at) = self.node(event, &span)?;
            items.push(Item { at, node });
        }
        Ok(items)
    }

    fn entries(&mut self) -> Result<Vec<Entry>, Damage> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merges = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let at = self.bytes(&span).start;
            let Some(key) = self.key(event, &span)? else { return Err(self.no_key(at)) };
            let Some((event, span)) = self.next()? else { break };
            let (node, _) = self.node(event, &span)?;
            if key == "<<" {
                merges.push(Entry { key, at, node });
            } else {
                entries.push(Entry { key, at, node });
            }
        }
        self.merge(&mut entries, &merges)?;
        Ok(entries)
    }

    /// The text of a key as it is written; nothing of a list or a mapping.
    fn key(&mut self, event: Event<'t>, span: &Span) -> Result<Option<String>, Damage> {
        let (node, _) = self.node(event, span)?;
        let written = span.slice(self.text).unwrap_or_default();
        Ok(match &self.tree.nodes[node.0].content {
            Content::Scalar(Value::String(text)) => Some(text.clone()),
            Content::Scalar(_) => Some(written.to_owned()),
            Content::List(_) | Content::Map(_) => None,
        })
    }

    fn no_key(&self, at: usize) -> Damage {
        let message = if self.has_template(at) {
            TEMPLATE.to_owned()
        } else {
            "found a list or a mapping as a key; expected a word".to_owned()
        };
        Damage { at, message }
    }

    /// Fields of merged mappings, where the mapping itself and earlier ones do not have them.
    fn merge(&mut self, entries: &mut Vec<Entry>, merges: &[Entry]) -> Result<(), Damage> {
        if merges.is_empty() {
            return Ok(());
        }
        let mut keys: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        for merge in merges {
            let sources: Vec<NodeId> = match &self.tree.nodes[merge.node.0].content {
                Content::List(items) => items.iter().map(|item| item.node).collect(),
                Content::Map(_) | Content::Scalar(_) => vec![merge.node],
            };
            for source in sources {
                let Content::Map(merged) = &self.tree.nodes[source.0].content else { continue };
                self.merged += merged.len() + 1;
                if self.merged > MOST_MERGED {
                    let message =
                        format!("found merge keys (<<) that add more than {MOST_MERGED} fields; expected fewer");
                    return Err(Damage { at: merge.at, message });
                }
                for entry in merged {
                    if keys.insert(entry.key.clone()) {
                        entries.push(Entry { at: merge.at, ..entry.clone() });
                    }
                }
            }
        }
        Ok(())
    }
}

const TEMPLATE: &str = "found a template ({{ … }}); expected the manifest that it renders to, as `helm template` or \
                        `kustomize build` prints it";
