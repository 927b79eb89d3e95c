//! Evidence as a page shows it: the lines on which a rule fired and the words that met something are marked, long
//! stretches that met nothing are folded.

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::matching::{Mark, MarkKind};

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
        /// In what was pasted, from 1; the page calls it `line-1`.
        number: u32,
        /// Its text in pieces; unmarked stretches of a very long line are shortened.
        fragments: Vec<Fragment>,
        /// What it met, at best.
        met: Option<MarkKind>,
    },
    /// Lines that are left out.
    Gap {
        /// How many.
        lines: usize,
        /// How many of them have marks, if only of words that are common in the paste.
        marked: usize,
    },
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The text; the page escapes it.
    pub text: String,
    /// What it met.
    pub mark: Option<MarkKind>,
}

impl ShownEvidence {
    /// Folds evidence around its marks (ascending, without overlap, on character boundaries) and around lines that are
    /// pointed at for another reason. `numbers` are those of the lines in what was pasted, ascending.
    pub fn new(text: &str, numbers: &[u32], marks: &[Mark], pointed_at: &[u32]) -> Self {
        let lines = lines(text, marks);
        let mut worth = worth(text, marks, &lines);
        for line in pointed_at {
            if let Some(worth) = numbers.binary_search(line).ok().and_then(|index| worth.get_mut(index)) {
                *worth = Worth::Proof;
            }
        }
        let shown = shown_lines(&worth);
        let mut pieces = Vec::new();
        for (index, (span, own)) in lines.iter().enumerate() {
            let own = &marks[own.clone()];
            if shown[index] {
                let met = |kind| own.iter().any(|mark| mark.kind == kind).then_some(kind);
                let met = met(MarkKind::Fired).or(met(MarkKind::Word));
                let number = numbers.get(index).copied().unwrap_or_default();
                pieces.push(Piece::Line { number, fragments: fragments(text, span, own), met });
            } else if let Some(Piece::Gap { lines, marked }) = pieces.last_mut() {
                *lines += 1;
                *marked += usize::from(!own.is_empty());
            } else {
                pieces.push(Piece::Gap { lines: 1, marked: usize::from(!own.is_empty()) });
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

    /// The text of a line that is shown.
    pub fn line(&self, wanted: u32) -> Option<String> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Line { number, fragments, .. } if *number == wanted => {
                Some(fragments.iter().map(|fragment| fragment.text.as_str()).collect())
            }
            Piece::Line { .. } | Piece::Gap { .. } => None,
        })
    }
}

/// A line's place in the text, and which of the marks are on it.
type MarkedLine = (Range<usize>, Range<usize>);

fn lines(text: &str, marks: &[Mark]) -> Vec<MarkedLine> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut next_mark = 0;
    for line in text.trim_end_matches('\n').split('\n') {
        let span = start..start + line.len();
        while marks.get(next_mark).is_some_and(|mark| mark.range.end <= span.start) {
            next_mark += 1;
        }
        let own = marks[next_mark..].iter().take_while(|mark| mark.range.start < span.end).count();
        lines.push((span.clone(), next_mark..next_mark + own));
        start = span.end + 1;
    }
    lines
}

/// What showing a line is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// A rule met it.
    Proof,
    /// It has words that tell something.
    Words,
    Nothing,
}

/// Lines that a rule met are worth showing; so are those with words, or, of many, those with the rarest words.
fn worth(text: &str, marks: &[Mark], lines: &[MarkedLine]) -> Vec<Worth> {
    let telling = telling(&rarity(text, marks, lines));
    let is_proof = |own: &Range<usize>| marks[own.clone()].iter().any(|mark| mark.kind == MarkKind::Fired);
    let worth = |((_, own), telling): (&MarkedLine, bool)| match (is_proof(own), telling) {
        (true, _) => Worth::Proof,
        (false, true) => Worth::Words,
        (false, false) => Worth::Nothing,
    };
    lines.iter().zip(telling).map(worth).collect()
}

/// For each line, on how few lines its rarest marked word stands; none without one.
fn rarity(text: &str, marks: &[Mark], lines: &[MarkedLine]) -> Vec<Option<usize>> {
    let words: Vec<Option<String>> = marks
        .iter()
        .map(|mark| (mark.kind == MarkKind::Word).then(|| text[mark.range.clone()].to_lowercase()))
        .collect();
    let mut last_seen: HashMap<&str, (usize, usize)> = HashMap::new();
    for (index, (_, own)) in lines.iter().enumerate() {
        for word in words[own.clone()].iter().flatten() {
            let (count, last) = last_seen.entry(word).or_insert((0, usize::MAX));
            if *last != index {
                (*count, *last) = (*count + 1, index);
            }
        }
    }
    let on_lines = |word: &String| last_seen.get(word.as_str()).map_or(0, |(count, _)| *count);
    lines.iter().map(|(_, own)| words[own.clone()].iter().flatten().map(on_lines).min()).collect()
}

/// The lines with words that tell something: all that are marked, or, of many, those with the rarest words.
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

/// Which lines are shown: proof and what is around it first, then words, as long as there is room.
fn shown_lines(worth: &[Worth]) -> Vec<bool> {
    let count = worth.len();
    if count <= SHORT {
        return vec![true; count];
    }
    let mut shown = vec![false; count];
    let mut left = MOST_LINES;
    for wanted in [Worth::Proof, Worth::Words] {
        for (index, _) in worth.iter().enumerate().filter(|(_, worth)| **worth == wanted) {
            for line in &mut shown[index.saturating_sub(CONTEXT)..(index + CONTEXT + 1).min(count)] {
                let is_new = !*line && left > 0;
                left -= usize::from(is_new);
                *line |= is_new;
            }
        }
    }
    if !shown.contains(&true) {
        shown[..SHORT / 2].fill(true);
    }
    // A gap of one line takes the room of the line itself.
    for index in 1..count - 1 {
        let fills = left > 0 && !shown[index] && shown[index - 1] && shown[index + 1];
        left -= usize::from(fills);
        shown[index] |= fills;
    }
    shown
}

fn fragments(text: &str, line: &Range<usize>, marks: &[Mark]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    let mut at = line.start;
    for mark in marks {
        let (from, to) = (mark.range.start.max(line.start), mark.range.end.min(line.end));
        push_plain(&mut fragments, &text[at..from.max(at)]);
        fragments.push(Fragment { text: text[from..to].to_owned(), mark: Some(mark.kind) });
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
    fragments.push(Fragment { text: shown, mark: None });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MOST_LINES, Piece, ShownEvidence};
    use crate::domain::matching::{Mark, MarkKind};

    fn mark(text: &str, word: &str) -> Vec<Mark> {
        marked(text, word, MarkKind::Word)
    }

    /// With every line numbered as it stands.
    fn shown(text: &str, marks: &[Mark], pointed_at: &[u32]) -> ShownEvidence {
        let numbers: Vec<u32> = (1..=text.split('\n').count() as u32).collect();
        ShownEvidence::new(text, &numbers, marks, pointed_at)
    }

    fn marked(text: &str, word: &str, kind: MarkKind) -> Vec<Mark> {
        text.match_indices(word).map(|(at, found)| Mark { range: at..at + found.len(), kind }).collect()
    }

    fn outline(shown: &ShownEvidence) -> Vec<String> {
        shown
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Line { number, met, .. } => match met {
                    Some(MarkKind::Fired) => format!("{number}!!"),
                    Some(MarkKind::Word) => format!("{number}!"),
                    None => number.to_string(),
                },
                Piece::Gap { lines, .. } => format!("({lines})"),
            })
            .collect()
    }

    #[test]
    fn a_sentence_is_shown_whole_with_its_words_marked() {
        let text = "the subnet is exhausted\n";
        let shown = shown(text, &mark(text, "subnet"), &[]);
        assert!(!shown.is_numbered());
        let [Piece::Line { fragments, .. }] = shown.pieces.as_slice() else { panic!("one line: {shown:?}") };
        let texts: Vec<_> = fragments.iter().map(|fragment| (fragment.text.as_str(), fragment.mark)).collect();
        assert_eq!(texts, [("the ", None), ("subnet", Some(MarkKind::Word)), (" is exhausted", None)]);
    }

    #[test]
    fn a_long_paste_is_folded_around_the_lines_that_met_something() {
        let mut lines = vec!["nothing"; 100];
        lines[49] = "subnet";
        lines[55] = "subnet";
        let text = lines.join("\n");
        let shown = shown(&text, &mark(&text, "subnet"), &[]);
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
        marks.sort_by_key(|mark| mark.range.start);
        assert_eq!(outline(&shown(&text, &marks, &[])), ["(198)", "199!", "200!", "201!", "202!", "203!", "(197)"]);
    }

    #[test]
    fn the_lines_on_which_a_rule_fired_are_shown_before_any_words() {
        let mut lines = vec!["the subnet"; 1000];
        lines[900] = "oom";
        let text = lines.join("\n");
        let mut marks = mark(&text, "subnet");
        marks.extend(marked(&text, "oom", MarkKind::Fired));
        marks.sort_by_key(|mark| mark.range.start);
        let shown = shown(&text, &marks, &[500]);
        assert!(outline(&shown).contains(&"901!!".to_owned()), "{:?}", outline(&shown));
        assert_eq!((shown.line(901).as_deref(), shown.line(500).as_deref()), (Some("oom"), Some("the subnet")));
        assert_eq!(shown.line(1000), None);
    }

    #[test]
    fn without_any_mark_the_beginning_is_shown() {
        let text = "nothing\n".repeat(40);
        assert_eq!(outline(&shown(&text, &[], &[])), ["1", "2", "3", "4", "5", "6", "(34)"]);
    }

    #[test]
    fn a_line_of_a_mebibyte_is_shortened_between_its_marks() {
        let text = format!("{}subnet{}", "é".repeat(300_000), "日".repeat(200_000));
        let shown = shown(&text, &mark(&text, "subnet"), &[]);
        let [Piece::Line { fragments, .. }] = shown.pieces.as_slice() else { panic!("one line") };
        assert_eq!(fragments.len(), 3);
        assert!(fragments.iter().all(|fragment| fragment.text.len() < 400));
    }

    proptest! {
        #[test]
        fn no_line_is_lost_and_the_page_stays_small(text in "[a-z ]{0,3}(\\n[a-zé日 ]{0,9}){0,400}") {
            let shown = shown(&text, &mark(&text, "a"), &[]);
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
