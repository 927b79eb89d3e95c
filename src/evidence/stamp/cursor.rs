//! A place in a line that moves forward over bytes it expects.

/// A line and a place in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'t> {
    bytes: &'t [u8],
    /// The place, in bytes.
    pub at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(line: &'t str, at: usize) -> Self {
        Self { bytes: line.as_bytes(), at }
    }

    /// The byte here; 0 past the end, which no form expects.
    pub fn peek(&self) -> u8 {
        self.ahead(0)
    }

    /// The byte some bytes further on.
    pub fn ahead(&self, by: usize) -> u8 {
        self.bytes.get(self.at + by).copied().unwrap_or(0)
    }

    /// What is left of the line.
    pub fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Moves over one of these bytes.
    pub fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek();
        let found = byte != 0 && bytes.contains(&byte);
        self.at += usize::from(found);
        found.then_some(byte)
    }

    /// Moves over this word.
    pub fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found.then_some(())
    }

    /// Moves over spaces and tabs, at least one.
    pub fn blank(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), b' ' | b'\t') {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// How many digits follow; 20 stands for more as well.
    pub fn digits_ahead(&self) -> usize {
        self.rest().iter().take(20).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Moves over a number of this many digits, at most 19, after which no further digit follows.
    pub fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<u64> {
        let length = self.digits_ahead();
        digits.contains(&length).then(|| self.take(length))
    }

    /// Moves over exactly so many digits, whatever follows.
    pub fn exactly(&mut self, digits: usize) -> Option<u64> {
        (self.digits_ahead() >= digits).then(|| self.take(digits))
    }

    fn take(&mut self, digits: usize) -> u64 {
        let value = self.rest()[..digits]
            .iter()
            .fold(0_u64, |value, byte| value.saturating_mul(10).saturating_add(u64::from(byte - b'0')));
        self.at += digits;
        value
    }

    /// Whether a word, a number or a name ends here.
    pub fn is_at_end_of_word(&self) -> bool {
        !self.peek().is_ascii_alphanumeric()
    }
}
