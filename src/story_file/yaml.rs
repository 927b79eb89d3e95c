//! Front matter as a tree of text with line numbers. YAML's guesses about types are left out: `2019` and `true` are
//! the text they are written in. Anchors, aliases and tags are refused, and with them every way to make a small file
//! large.

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::Problem;

/// A value and the line it stands on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) content: Content,
}

/// What a value is made of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// Something that was refused and reported.
    Refused,
}

/// A key and the line it stands on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) line: usize,
    pub(super) text: String,
}

/// Nothing in a story is nested deeper than a mapping in a list in a mapping; the rest is room for a clear message.
const MAX_NESTING: usize = 8;

/// Reads the front matter; `lines_before` lines of the file stand before it. Without a tree, the problems say why.
pub(super) fn read(text: &str, lines_before: usize) -> (Option<Node>, Vec<Problem>) {
    let mut options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_NESTING,
        block_nesting_limit: MAX_NESTING,
    };
    options.set_emit_comments(false);
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { text, parser, lines_before, problems: Vec::new() };
    match reader.document() {
        Ok(root) => (root, reader.problems),
        Err(problem) => {
            reader.problems.push(problem);
            (None, reader.problems)
        }
    }
}

struct Reader<'s> {
    text: &'s str,
    parser: Parser<'s, StrInput<'s>>,
    lines_before: usize,
    problems: Vec<Problem>,
}

impl<'s> Reader<'s> {
    fn document(&mut self) -> Result<Option<Node>, Problem> {
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            if event.is_node() {
                root = Some(self.node(event, &span, None)?);
            } else if root.is_some() && matches!(event, Event::DocumentStart(..)) {
                let line = self.line(&span);
                return Err(Problem::new(
                    line,
                    "found a second YAML document; expected one, between the two lines of ---",
                ));
            }
        }
        Ok(root)
    }

    fn next(&mut self) -> Result<Option<(Event<'s>, Span)>, Problem> {
        self.parser.next_event().transpose().map_err(|error| self.syntax(&error))
    }

    fn syntax(&self, error: &ScanError) -> Problem {
        Problem::new(
            error.marker().line() + self.lines_before,
            format!("found front matter that is not YAML: {} (column {})", error.info(), error.marker().col() + 1),
        )
    }

    fn line(&self, span: &Span) -> usize {
        span.start.line() + self.lines_before
    }

    fn refuse(&mut self, line: usize, what: &str) -> Node {
        self.problems.push(Problem::new(line, format!("found {what}; expected the value itself, written out")));
        Node { line, content: Content::Refused }
    }

    /// The value that begins with `event`. A block scalar and an empty value count as standing where their key does.
    fn node(&mut self, event: Event<'s>, span: &Span, key_line: Option<usize>) -> Result<Node, Problem> {
        let line = self.line(span);
        if event.tag().is_some() {
            self.refuse(line, "a YAML tag (!)");
        }
        if event.anchor_id().is_some() {
            self.refuse(line, "a YAML anchor (&)");
        }
        if let Event::Scalar(text, style, ..) = event {
            let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            // The parser says `~` where nothing is written.
            let is_absent = style == ScalarStyle::Plain && text == "~" && span.slice(self.text) != Some("~");
            let line = key_line.filter(|_| is_block || is_absent).unwrap_or(line);
            let text = if is_absent { String::new() } else { text.into_owned() };
            return Ok(Node { line, content: Content::Text(text) });
        }
        let line = key_line.unwrap_or(line);
        if matches!(event, Event::SequenceStart(..)) {
            return Ok(Node { line, content: Content::List(self.items()?) });
        }
        if matches!(event, Event::MappingStart(..)) {
            return Ok(Node { line, content: Content::Map(self.entries()?) });
        }
        Ok(self.refuse(line, "a YAML alias (*)"))
    }

    fn items(&mut self) -> Result<Vec<Node>, Problem> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            items.push(self.node(event, &span, None)?);
        }
        Ok(items)
    }

    fn entries(&mut self) -> Result<Vec<(Key, Node)>, Problem> {
        let mut entries = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, &span, None)?;
            let Some((event, span)) = self.next()? else { break };
            let value = self.node(event, &span, Some(key.line))?;
            match key.content {
                Content::Text(text) => entries.push((Key { line: key.line, text }, value)),
                Content::Refused => {}
                Content::List(_) | Content::Map(_) => {
                    self.problems.push(Problem::new(key.line, "found a list or a mapping as a key; expected a word"));
                }
            }
        }
        Ok(entries)
    }
}
