//! The lines of a text by number: lines count from 1, bytes from 0.

use std::ops::Range;

/// A text and where its lines begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    starts: &'t [usize],
}

/// Where the lines of a text begin, ascending; the first is 0.
pub(super) fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, starts: &'t [usize]) -> Self {
        Self { text, starts }
    }

    /// How many there are; an empty one at the end counts.
    pub(super) fn count(self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The line on which a byte stands.
    pub(super) fn of(self, byte: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= byte)).unwrap_or(u32::MAX)
    }

    /// The bytes of a line without its end; empty past the last.
    pub(super) fn span(self, line: u32) -> Range<usize> {
        let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(&start) = self.starts.get(index) else { return self.text.len()..self.text.len() };
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        start..end
    }

    /// A line without its end.
    pub(super) fn get(self, line: u32) -> &'t str {
        &self.text[self.span(line)]
    }

    /// The bytes of several lines, without the end of the last.
    pub(super) fn span_of(self, lines: &Range<u32>) -> Range<usize> {
        let start = self.span(lines.start).start;
        if lines.is_empty() { start..start } else { start..self.span(lines.end - 1).end }
    }
}

/// How many blanks a line begins with.
pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
