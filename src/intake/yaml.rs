//! YAML as others write it: a tree of text with the line and the bytes of each value. Lenient: tags are passed over,
//! aliases are followed as far as a bound on the whole tree allows, and of a repeated key the first one counts.

use std::collections::HashMap;
use std::ops::Range;

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, Span, StrInput};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The line, from 1.
    pub line: usize,
    /// The bytes of the text that it was read from, from its first to its last visible one.
    pub span: Range<usize>,
    /// What it is made of.
    pub content: Content,
}

/// What a value is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// A scalar; whether it was written without quotes and not as a block, so that it may be a number or nothing.
    Text { text: String, is_plain: bool },
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the text.
    Map(Vec<(String, Node)>),
}

/// Two values are equal when they say the same, wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

/// Why a text is not YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found something that is not YAML: {message}")]
pub(super) struct NotYaml {
    /// The line, from 1.
    pub line: usize,
    message: String,
}

impl Node {
    /// The value of a key of a mapping; nothing where it is absent or left empty.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let found = self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value);
        found.filter(|value| !value.is_nothing())
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[(String, Self)] {
        match &self.content {
            Content::Map(entries) => entries,
            Content::Text { .. } | Content::List(_) => &[],
        }
    }

    /// The items of a list. A value that stands where a list was asked for is a list of itself.
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            Content::Text { .. } | Content::Map(_) => std::slice::from_ref(self),
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text { text, .. } if !self.is_nothing() => Some(text),
            Content::Text { .. } | Content::List(_) | Content::Map(_) => None,
        }
    }

    /// The text of the scalar at a key.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    fn is_nothing(&self) -> bool {
        match &self.content {
            Content::Text { text, is_plain } => {
                text.trim().is_empty() || (*is_plain && matches!(text.as_str(), "~" | "null" | "Null" | "NULL"))
            }
            Content::List(_) | Content::Map(_) => false,
        }
    }
}

const MOST_NESTED: usize = 32;
/// More values than this are not read from one file: a bound for aliases of aliases.
const MOST_NODES: usize = 200_000;

/// Reads every document of a text.
pub(super) fn read(text: &str) -> Result<Vec<Node>, NotYaml> {
    let mut options = granit_parser::options! { flow_nesting_limit: MOST_NESTED, block_nesting_limit: MOST_NESTED };
    options.set_emit_comments(false);
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { text, parser, anchors: HashMap::new(), nodes: 0 };
    let mut documents = Vec::new();
    while let Some((event, span)) = reader.next()? {
        if event.is_node() {
            documents.push(reader.node(event, &span)?);
        } else if matches!(event, Event::DocumentStart(..)) {
            reader.anchors.clear();
        }
    }
    Ok(documents)
}

struct Reader<'s> {
    text: &'s str,
    parser: Parser<'s, StrInput<'s>>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Result<Option<(Event<'s>, Span)>, NotYaml> {
        self.parser.next_event().transpose().map_err(|error| NotYaml {
            line: error.marker().line(),
            message: format!("{} (column {})", error.info(), error.marker().col() + 1),
        })
    }

    fn count(&mut self, nodes: usize, line: usize) -> Result<(), NotYaml> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            return Err(NotYaml { line, message: format!("more than {MOST_NODES} values, aliases followed") });
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'s>, span: &Span) -> Result<Node, NotYaml> {
        let line = span.start.line();
        self.count(1, line)?;
        let before = self.nodes;
        let anchor = event.anchor_id();
        let mut bytes = span.byte_range().unwrap_or_default();
        let is_flow = span.slice(self.text).is_some_and(|text| !text.is_empty());
        let content = if let Event::Scalar(text, style, ..) = event {
            bytes.end = bytes.start + self.text.get(bytes.clone()).unwrap_or_default().trim_end().len();
            Content::Text { text: text.into_owned(), is_plain: style == ScalarStyle::Plain }
        } else if matches!(event, Event::SequenceStart(..)) {
            Content::List(self.items(&mut bytes, is_flow)?)
        } else if matches!(event, Event::MappingStart(..)) {
            Content::Map(self.entries(&mut bytes, is_flow)?)
        } else {
            let target = event.alias_id().and_then(|id| self.anchors.get(&id)).cloned();
            let Some((node, nodes)) = target else {
                return Err(NotYaml { line, message: "an alias of itself".to_owned() });
            };
            self.count(nodes, line)?;
            return Ok(Node { line, span: bytes, content: node.content });
        };
        let node = Node { line, span: bytes, content };
        if let Some(id) = anchor.filter(|id| *id != 0) {
            self.anchors.insert(id, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn items(&mut self, bytes: &mut Range<usize>, is_flow: bool) -> Result<Vec<Node>, NotYaml> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                close(bytes, &span, is_flow);
                break;
            }
            let item = self.node(event, &span)?;
            bytes.end = bytes.end.max(item.span.end);
            items.push(item);
        }
        Ok(items)
    }

    fn entries(&mut self, bytes: &mut Range<usize>, is_flow: bool) -> Result<Vec<(String, Node)>, NotYaml> {
        let mut entries = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                close(bytes, &span, is_flow);
                break;
            }
            let key = self.node(event, &span)?;
            let Some((event, span)) = self.next()? else { break };
            let value = self.node(event, &span)?;
            bytes.end = bytes.end.max(key.span.end).max(value.span.end);
            // A list or a mapping as a key is nothing that a rule has.
            if let Content::Text { text, .. } = key.content {
                entries.push((text, value));
            }
        }
        Ok(entries)
    }
}

/// A flow collection ends with its bracket; a block collection with the last of what is in it.
fn close(bytes: &mut Range<usize>, span: &Span, is_flow: bool) {
    if let Some(end) = span.byte_range().filter(|_| is_flow) {
        bytes.end = end.end;
    }
}

#[cfg(test)]
mod tests {
    use super::{Node, read};

    fn one(text: &str) -> Node {
        read(text).expect("YAML").pop().expect("a document")
    }

    #[test]
    fn values_are_text_with_their_line_and_bytes() {
        let text = "a: 1\nb:\n  - x y # note\n  - {c: 'd'}\n  - |\n    one\n    two\n\ne: ~\n";
        let node = one(text);
        let list = node.get("b").expect("b");
        assert_eq!((list.line, &text[list.span.clone()]), (3, "- x y # note\n  - {c: 'd'}\n  - |\n    one\n    two"));
        assert_eq!(&text[list.items()[1].span.clone()], "{c: 'd'}");
        assert_eq!(list.items()[2].text(), Some("one\ntwo\n"));
        assert_eq!((node.text_at("a"), node.text_at("e")), (Some("1"), None));
    }

    #[test]
    fn aliases_are_followed_and_cannot_make_a_small_file_large() {
        let node = one("a: &x {k: v}\nb: *x\nc: !thing d\n");
        assert_eq!(node.get("b").and_then(|b| b.text_at("k")), Some("v"));
        assert_eq!(node.text_at("c"), Some("d"));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{},", level - 1).repeat(9);
            bomb.push_str(&format!("a{level}: &a{level} [{before}]\n"));
        }
        assert!(read(&bomb).expect_err("a bomb").to_string().contains("200000 values"));
        assert!(read(&"[".repeat(10_000)).is_err());
        assert!(read("a: &x [*x]\n").is_err());
    }

    #[test]
    fn what_is_not_yaml_is_told_with_its_line() {
        assert_eq!(read("a: b\nc: [\n").map(|_| ()).expect_err("open").line, 2);
        assert_eq!(read("").expect("nothing"), []);
        assert_eq!(read("a: 1\n---\nb: 2\n").expect("two").len(), 2);
    }
}
