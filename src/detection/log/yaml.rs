//! The YAML of a rule as a tree of text with line numbers. Types are not guessed: `30` and `true` are the text they are
//! written in. Anchors, aliases and tags are refused, and with them every way to make a small rule large.

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, Span, StrInput};

use super::RuleError;

/// A value and the line it stands on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) content: Content,
}

/// What a value is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing is written, or `null`.
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) line: u32,
    pub(super) key: String,
    pub(super) value: Node,
}

impl Entry {
    /// An error on its line.
    pub(super) fn error(&self, message: impl Into<String>) -> RuleError {
        RuleError { line: Some(self.line), message: message.into() }
    }
}

/// A whole document with terms nests nine levels; the rest is room for a clear message.
const MAX_NESTING: usize = 24;

impl Node {
    /// An error on its line.
    pub(super) fn error(&self, message: impl Into<String>) -> RuleError {
        RuleError { line: Some(self.line), message: message.into() }
    }

    /// What it is, in words for an error.
    pub(super) fn described(&self) -> String {
        match &self.content {
            Content::Nothing => "nothing".to_owned(),
            Content::Text(text) => format!("`{}`", super::words::shortened(text)),
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a mapping".to_owned(),
        }
    }

    /// The entries of a mapping.
    pub(super) fn entries(&self, what: &str) -> Result<&[Entry], RuleError> {
        match &self.content {
            Content::Map(entries) => Ok(entries),
            Content::Nothing | Content::Text(_) | Content::List(_) => {
                Err(self.error(format!("found {} as {what}; expected a mapping", self.described())))
            }
        }
    }

    /// The items of a list; none where nothing is written.
    pub(super) fn items(&self, what: &str) -> Result<&[Self], RuleError> {
        match &self.content {
            Content::List(items) => Ok(items),
            Content::Nothing => Ok(&[]),
            Content::Text(_) | Content::Map(_) => {
                Err(self.error(format!("found {} as {what}; expected a list", self.described())))
            }
        }
    }

    /// Text; empty where nothing is written.
    pub(super) fn text(&self, what: &str) -> Result<&str, RuleError> {
        match &self.content {
            Content::Text(text) => Ok(text),
            Content::Nothing => Ok(""),
            Content::List(_) | Content::Map(_) => {
                Err(self.error(format!("found {} as {what}; expected text", self.described())))
            }
        }
    }
}

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Node, RuleError> {
    let mut options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_NESTING,
        block_nesting_limit: MAX_NESTING,
    };
    options.set_emit_comments(false);
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { text, parser };
    let mut root = None;
    while let Some((event, span)) = reader.next()? {
        if !event.is_node() {
            continue;
        }
        if root.is_some() {
            return Err(at(&span, "found a second YAML document; expected one rule"));
        }
        root = Some(reader.node(event, &span, None)?);
    }
    root.ok_or_else(|| RuleError { line: None, message: "found no rule; expected `set:` or `sequence:`".to_owned() })
}

fn line_of(span: &Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}

fn at(span: &Span, message: impl Into<String>) -> RuleError {
    RuleError { line: Some(line_of(span)), message: message.into() }
}

struct Reader<'s> {
    text: &'s str,
    parser: Parser<'s, StrInput<'s>>,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Result<Option<(Event<'s>, Span)>, RuleError> {
        self.parser.next_event().transpose().map_err(|error| RuleError {
            line: u32::try_from(error.marker().line()).ok(),
            message: format!("found text that is not YAML: {} (column {})", error.info(), error.marker().col() + 1),
        })
    }

    /// The value that begins with `event`. A block scalar and an empty value count as standing where their key does.
    fn node(&mut self, event: Event<'s>, span: &Span, key_line: Option<u32>) -> Result<Node, RuleError> {
        if event.tag().is_some() || event.anchor_id().is_some() {
            return Err(at(span, "found a YAML tag (!) or anchor (&); expected the value itself, written out"));
        }
        let line = line_of(span);
        if let Event::Scalar(text, style, ..) = event {
            let is_plain = matches!(style, ScalarStyle::Plain);
            let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            // The parser says `~` where nothing is written.
            let is_nothing = is_plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
            let is_written = span.slice(self.text).is_some_and(|slice| !slice.is_empty());
            let line = key_line.filter(|_| is_block || !is_written).unwrap_or(line);
            let content = if is_nothing { Content::Nothing } else { Content::Text(text.into_owned()) };
            return Ok(Node { line, content });
        }
        let line = key_line.unwrap_or(line);
        if matches!(event, Event::SequenceStart(..)) {
            return Ok(Node { line, content: Content::List(self.items()?) });
        }
        if matches!(event, Event::MappingStart(..)) {
            return Ok(Node { line, content: Content::Map(self.entries()?) });
        }
        Err(at(span, "found a YAML alias (*); expected the value itself, written out"))
    }

    fn items(&mut self) -> Result<Vec<Node>, RuleError> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            items.push(self.node(event, &span, None)?);
        }
        Ok(items)
    }

    fn entries(&mut self) -> Result<Vec<Entry>, RuleError> {
        let mut entries: Vec<Entry> = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, &span, None)?;
            let Some((event, span)) = self.next()? else { break };
            let value = self.node(event, &span, Some(key.line))?;
            let name = key.text("a key")?.to_owned();
            if entries.iter().any(|entry| entry.key == name) {
                return Err(key.error(format!("found the key `{name}` twice; expected it once")));
            }
            entries.push(Entry { line: key.line, key: name, value });
        }
        Ok(entries)
    }
}
