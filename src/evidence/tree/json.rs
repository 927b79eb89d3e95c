//! JSON with positions. Stricter than YAML's idea of it, and at ease with tabs.

use std::ops::Range;

use serde_json::Value;

use super::{Content, Damage, Entry, Item, MAX_DEPTH, NodeId, Tree};

/// Reads the value that stands in these bytes of the text, and nothing after it but blanks.
pub(in crate::evidence) fn read(text: &str, span: Range<usize>) -> Result<Tree, Damage> {
    let mut reader = Reader { text: &text[..span.end], at: span.start, tree: Tree::default() };
    let root = reader.value(0)?;
    reader.blanks();
    if reader.at < span.end {
        return Err(reader.expected("the end of the JSON value"));
    }
    reader.tree.root = Some(root);
    Ok(reader.tree)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    tree: Tree,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.text.as_bytes().get(self.at).copied()
    }

    fn expected(&self, expected: &str) -> Damage {
        let found = match self.text[self.at..].chars().next() {
            Some(c) => format!("{c:?}"),
            None => "the end".to_owned(),
        };
        Damage { at: self.at, message: format!("found {found}; expected {expected}") }
    }

    fn value(&mut self, depth: usize) -> Result<NodeId, Damage> {
        if depth > MAX_DEPTH {
            return Err(Damage {
                at: self.at,
                message: format!("found JSON nested deeper than {MAX_DEPTH}; expected a manifest of ordinary size"),
            });
        }
        match self.peek() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => {
                let (span, text) = self.string()?;
                Ok(self.tree.add(span, Content::Scalar(Value::String(text))))
            }
            Some(_) | None => self.word(),
        }
    }

    fn map(&mut self, depth: usize) -> Result<NodeId, Damage> {
        let start = self.at;
        let mut entries = Vec::new();
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(self.tree.add(start..start + 1, Content::Map(entries)));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in quotes"));
            }
            let (span, key) = self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.expected("a colon after the key"));
            }
            self.at += 1;
            let node = self.value(depth + 1)?;
            entries.push(Entry { key, at: span.start, node });
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                Some(_) | None => return Err(self.expected("a comma or }")),
            }
        }
        self.at += 1;
        Ok(self.tree.add(start..start + 1, Content::Map(entries)))
    }

    fn list(&mut self, depth: usize) -> Result<NodeId, Damage> {
        let start = self.at;
        let mut items = Vec::new();
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(self.tree.add(start..start + 1, Content::List(items)));
        }
        loop {
            self.blanks();
            let at = self.at;
            let node = self.value(depth + 1)?;
            items.push(Item { at, node });
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                Some(_) | None => return Err(self.expected("a comma or ]")),
            }
        }
        self.at += 1;
        Ok(self.tree.add(start..start + 1, Content::List(items)))
    }

    fn string(&mut self) -> Result<(Range<usize>, String), Damage> {
        let start = self.at;
        let mut is_escaped = false;
        let rest = self.text.as_bytes()[start + 1..].iter();
        let length = rest.take_while(|&&byte| {
            let is_end = byte == b'\n' || (byte == b'"' && !is_escaped);
            is_escaped = byte == b'\\' && !is_escaped;
            !is_end
        });
        let end = (start + 2 + length.count()).min(self.text.len());
        let Some(Ok(text)) = self.text.get(start..end).map(serde_json::from_str) else {
            return Err(Damage {
                at: start,
                message: "found a string that does not end; expected its quote".to_owned(),
            });
        };
        self.at = end;
        Ok((start..end, text))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<NodeId, Damage> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
        let span = self.at..self.at + length;
        match serde_json::from_str(&self.text[span.clone()]) {
            Ok(value) => {
                self.at = span.end;
                Ok(self.tree.add(span, Content::Scalar(value)))
            }
            Err(_) => Err(self.expected("a value")),
        }
    }
}
