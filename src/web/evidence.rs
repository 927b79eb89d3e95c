//! Evidence as a page shows it: the words that met something are marked, long stretches that met nothing are folded.

use std::collections::HashMap;
use std::ops::Range;

use crate::search::Fragment;

/// So many lines are shown in any case.
const SHORT: usize = 12;
/// Lines around a marked one that give it its sense.
const CONTEXT: usize = 2;
/// More lines than this are counted, not shown.
const MOST_LINES: usize = 160;
/// With more marked lines than this, only those are shown whose words are rare in the paste: a word that stands on
/// every line of a log tells nothing.
const MANY_MARKED: usize = 30;
/// Bytes of a line kept at each end of a stretch without marks.
const KEPT: usize = 160;

/// Evidence, ready to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownEvidence {
    /// Lines and gaps, in order.
    pub pieces: Vec<Piece>,
    /// How many lines there are altogether.
    pub lines: usize,
}

/// A line, or the place of lines that are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A line that is shown.
    Line {
        /// From 1.
        number: usize,
        /// Its text in pieces; unmarked stretches of a very long line are shortened.
        fragments: Vec<Fragment>,
        /// Whether any piece is marked.
        marked: bool,
    },
    /// Lines that are left out.
    Gap {
        /// How many.
        lines: usize,
        /// How many of them have marks, if only of words that are common in the paste.
        marked: usize,
    },
}

impl ShownEvidence {
    /// Folds evidence around its marks (byte ranges, ascending, without overlap, on character boundaries).
    pub fn new(text: &str, marks: &[Range<usize>]) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut next_mark = 0;
        for line in text.trim_end_matches('\n').split('\n') {
            let span = start..start + line.len();
            while marks.get(next_mark).is_some_and(|mark| mark.end <= span.start) {
                next_mark += 1;
            }
            let own = marks[next_mark..].iter().take_while(|mark| mark.start < span.end).count();
            lines.push((span.clone(), next_mark..next_mark + own));
            start = span.end + 1;
        }
        let rarity = rarity(text, marks, &lines);
        let shown = shown_lines(&telling(&rarity));
        let mut pieces = Vec::new();
        for (index, (span, own)) in lines.iter().enumerate() {
            let marked = !own.is_empty();
            if shown[index] {
                let fragments = fragments(text, span, &marks[own.clone()]);
                pieces.push(Piece::Line { number: index + 1, fragments, marked });
            } else if let Some(Piece::Gap { lines, marked: marked_lines }) = pieces.last_mut() {
                *lines += 1;
                *marked_lines += usize::from(marked);
            } else {
                pieces.push(Piece::Gap { lines: 1, marked: usize::from(marked) });
            }
        }
        Self { pieces, lines: lines.len() }
    }

    /// Whether it fits above the answer; what does not is shown below it.
    pub fn is_short(&self) -> bool {
        self.lines <= SHORT
    }

    /// Whether line numbers are of use.
    pub fn is_numbered(&self) -> bool {
        self.lines > 1
    }
}

/// A line's place in the text, and which of the marks are on it.
type MarkedLine = (Range<usize>, Range<usize>);

/// For each line, on how few lines its rarest marked word stands; none without a mark.
fn rarity(text: &str, marks: &[Range<usize>], lines: &[MarkedLine]) -> Vec<Option<usize>> {
    let words: Vec<String> = marks.iter().map(|mark| text[mark.clone()].to_lowercase()).collect();
    let mut last_seen: HashMap<&str, (usize, usize)> = HashMap::new();
    for (index, (_, own)) in lines.iter().enumerate() {
        for word in &words[own.clone()] {
            let (count, last) = last_seen.entry(word).or_insert((0, usize::MAX));
            if *last != index {
                (*count, *last) = (*count + 1, index);
            }
        }
    }
    let on_lines = |word: &String| last_seen.get(word.as_str()).map_or(0, |(count, _)| *count);
    lines.iter().map(|(_, own)| words[own.clone()].iter().map(on_lines).min()).collect()
}

/// The lines worth showing: all that are marked, or, of many, those with the rarest words.
fn telling(rarity: &[Option<usize>]) -> Vec<bool> {
    let mut counts: Vec<usize> = rarity.iter().flatten().copied().collect();
    let bound = if counts.len() <= MANY_MARKED {
        usize::MAX
    } else {
        counts.sort_unstable();
        // The rarest always count; beyond them a word may stand on a twentieth of the lines.
        counts[MANY_MARKED].min(rarity.len() / 20).max(counts[0])
    };
    rarity.iter().map(|rarity| rarity.is_some_and(|count| count <= bound)).collect()
}

/// Which lines are shown, given which are telling.
fn shown_lines(marked: &[bool]) -> Vec<bool> {
    let count = marked.len();
    if count <= SHORT {
        return vec![true; count];
    }
    let mut shown = vec![false; count];
    for (index, _) in marked.iter().enumerate().filter(|(_, marked)| **marked) {
        shown[index.saturating_sub(CONTEXT)..(index + CONTEXT + 1).min(count)].fill(true);
    }
    if !shown.contains(&true) {
        shown[..SHORT / 2].fill(true);
    }
    // A gap of one line takes the room of the line itself.
    for index in 1..count - 1 {
        shown[index] |= shown[index - 1] && shown[index + 1];
    }
    let mut left = MOST_LINES;
    for line in &mut shown {
        *line &= left > 0;
        left -= usize::from(*line);
    }
    shown
}

fn fragments(text: &str, line: &Range<usize>, marks: &[Range<usize>]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    let mut at = line.start;
    for mark in marks {
        let (from, to) = (mark.start.max(line.start), mark.end.min(line.end));
        push_plain(&mut fragments, &text[at..from.max(at)]);
        fragments.push(Fragment { text: text[from..to].to_owned(), marked: true });
        at = to;
    }
    push_plain(&mut fragments, &text[at..line.end]);
    fragments
}

fn push_plain(fragments: &mut Vec<Fragment>, text: &str) {
    if text.is_empty() {
        return;
    }
    let shown = if text.len() > 3 * KEPT {
        let head = text.floor_char_boundary(KEPT);
        let tail = text.ceil_char_boundary(text.len() - KEPT);
        format!("{} […] {}", &text[..head], &text[tail..])
    } else {
        text.to_owned()
    };
    fragments.push(Fragment { text: shown, marked: false });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MOST_LINES, Piece, ShownEvidence};

    fn mark(text: &str, word: &str) -> Vec<std::ops::Range<usize>> {
        text.match_indices(word).map(|(at, found)| at..at + found.len()).collect()
    }

    fn outline(shown: &ShownEvidence) -> Vec<String> {
        shown
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Line { number, marked, .. } => format!("{number}{}", if *marked { "!" } else { "" }),
                Piece::Gap { lines, .. } => format!("({lines})"),
            })
            .collect()
    }

    #[test]
    fn a_sentence_is_shown_whole_with_its_words_marked() {
        let text = "the subnet is exhausted\n";
        let shown = ShownEvidence::new(text, &mark(text, "subnet"));
        assert!(!shown.is_numbered());
        let [Piece::Line { fragments, .. }] = shown.pieces.as_slice() else { panic!("one line: {shown:?}") };
        let texts: Vec<_> = fragments.iter().map(|fragment| (fragment.text.as_str(), fragment.marked)).collect();
        assert_eq!(texts, [("the ", false), ("subnet", true), (" is exhausted", false)]);
    }

    #[test]
    fn a_long_paste_is_folded_around_the_lines_that_met_something() {
        let mut lines = vec!["nothing"; 100];
        lines[49] = "subnet";
        lines[55] = "subnet";
        let text = lines.join("\n");
        let shown = ShownEvidence::new(&text, &mark(&text, "subnet"));
        let expected = ["(47)", "48", "49", "50!", "51", "52", "53", "54", "55", "56!", "57", "58", "(42)"];
        assert_eq!(outline(&shown), expected, "the gap of one line between the two is shown");
    }

    #[test]
    fn a_word_on_every_line_does_not_keep_a_log_from_being_folded() {
        let mut lines = vec!["info request served"; 400];
        lines[200] = "request: subnet exhausted";
        let text = lines.join("\n");
        let mut marks = mark(&text, "request");
        marks.extend(mark(&text, "subnet"));
        marks.sort_by_key(|mark| mark.start);
        assert_eq!(
            outline(&ShownEvidence::new(&text, &marks)),
            ["(198)", "199!", "200!", "201!", "202!", "203!", "(197)"]
        );
    }

    #[test]
    fn without_any_mark_the_beginning_is_shown() {
        let text = "nothing\n".repeat(40);
        assert_eq!(outline(&ShownEvidence::new(&text, &[])), ["1", "2", "3", "4", "5", "6", "(34)"]);
    }

    #[test]
    fn a_line_of_a_mebibyte_is_shortened_between_its_marks() {
        let text = format!("{}subnet{}", "é".repeat(300_000), "日".repeat(200_000));
        let shown = ShownEvidence::new(&text, &mark(&text, "subnet"));
        let [Piece::Line { fragments, .. }] = shown.pieces.as_slice() else { panic!("one line") };
        assert_eq!(fragments.len(), 3);
        assert!(fragments.iter().all(|fragment| fragment.text.len() < 400));
    }

    proptest! {
        #[test]
        fn no_line_is_lost_and_the_page_stays_small(text in "[a-z ]{0,3}(\\n[a-zé日 ]{0,9}){0,400}") {
            let shown = ShownEvidence::new(&text, &mark(&text, "a"));
            let counted: usize = shown.pieces.iter().map(|piece| match piece {
                Piece::Line { .. } => 1,
                Piece::Gap { lines, .. } => *lines,
            }).sum();
            prop_assert_eq!(counted, shown.lines);
            let lines = shown.pieces.iter().filter(|piece| matches!(piece, Piece::Line { .. })).count();
            prop_assert!(lines <= MOST_LINES);
        }
    }
}
