//! The outermost fields of a line of JSON, without building a tree: lines are many, and often cut off.

/// One field: both as they stand in the line, the key without its quotes and the value with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonField<'t> {
    /// The key, escapes and all.
    pub key: &'t str,
    /// The value: a string with its quotes, a number, a word, an object, an array.
    pub value: &'t str,
}

impl<'t> JsonField<'t> {
    /// The inside of a string, escapes and all; other values as they are.
    pub fn bare(&self) -> &'t str {
        self.value.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')).unwrap_or(self.value)
    }

    /// The string it holds, or nothing where it is none.
    pub fn decoded(&self) -> Option<String> {
        serde_json::from_str(self.value).ok()
    }
}

/// The fields of the object that begins a text; none where no object does. Stops at the first thing that is not JSON.
pub fn json_fields(text: &str) -> JsonFields<'_> {
    let at = if text.starts_with('{') { 1 } else { text.len() };
    JsonFields { text, at }
}

/// See [`json_fields`].
#[derive(Debug)]
pub struct JsonFields<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for JsonFields<'t> {
    type Item = JsonField<'t>;

    fn next(&mut self) -> Option<JsonField<'t>> {
        let field = self.field();
        if field.is_none() {
            self.at = self.text.len();
        }
        field
    }
}

impl<'t> JsonFields<'t> {
    fn field(&mut self) -> Option<JsonField<'t>> {
        self.skip(b", \t");
        let key = self.string()?;
        self.skip(b" \t");
        self.at += usize::from(self.peek() == Some(b':'));
        self.skip(b" \t");
        let start = self.at;
        match self.peek()? {
            b'"' => {
                self.string()?;
            }
            b'{' | b'[' => self.nested()?,
            _ => self.until(b",}] \t"),
        }
        let value = self.text.get(start..self.at).filter(|value| !value.is_empty())?;
        Some(JsonField { key: &key[1..key.len() - 1], value })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, bytes: &[u8]) {
        while self.peek().is_some_and(|byte| bytes.contains(&byte)) {
            self.at += 1;
        }
    }

    fn until(&mut self, bytes: &[u8]) {
        while self.peek().is_some_and(|byte| !bytes.contains(&byte)) {
            self.at += 1;
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'t str> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(start..self.at)
    }

    /// Moves over an object or an array.
    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}
