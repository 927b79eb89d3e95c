//! What changed in one text, word by word.

use std::time::Instant;

use similar::{ChangeTag, TextDiff};

/// How many characters of unchanged text are kept on either side of a change.
const CONTEXT: usize = 240;

/// Two texts that share less than this share of their words read better as one text replaced by another.
const KINSHIP: f32 = 0.3;

/// A stretch of a changed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// Only in the old one.
    Removed(String),
    /// Only in the new one.
    Added(String),
    /// A long stretch that is in both and is left out, by its length in characters.
    Skipped(usize),
}

/// Whether two texts share enough words to be told as one text that changed.
pub(super) fn are_akin(old: &str, new: &str, deadline: Instant) -> bool {
    words(old, new, deadline).ratio() >= KINSHIP
}

/// The pieces of two texts that differ, in reading order.
pub(super) fn pieces(old: &str, new: &str, deadline: Instant) -> Vec<Piece> {
    let diff = words(old, new, deadline);
    if old.is_empty() || new.is_empty() || diff.ratio() < KINSHIP {
        return replaced(old, new);
    }
    let mut stretches = Stretches::default();
    for change in diff.iter_all_changes() {
        stretches.push(change.tag(), change.value());
    }
    stretches.finish()
}

/// One text in the place of the other, whole.
pub(super) fn replaced(old: &str, new: &str) -> Vec<Piece> {
    let gone = (!old.is_empty()).then(|| Piece::Removed(old.to_owned()));
    let come = (!new.is_empty()).then(|| Piece::Added(new.to_owned()));
    gone.into_iter().chain(come).collect()
}

fn words<'a>(old: &'a str, new: &'a str, deadline: Instant) -> TextDiff<'a, 'a, str> {
    // Words as Unicode has them rather than by white space: Chinese has none between its words.
    TextDiff::configure().deadline(deadline).diff_unicode_words(old, new)
}

/// Gathers words into stretches, so that "three words gone, three come" is not told in six crumbs.
#[derive(Default)]
struct Stretches {
    done: Vec<Piece>,
    removed: String,
    added: String,
    same: String,
}

impl Stretches {
    fn push(&mut self, tag: ChangeTag, word: &str) {
        match tag {
            ChangeTag::Equal => self.same.push_str(word),
            ChangeTag::Delete => {
                self.settle();
                self.removed.push_str(word);
            }
            ChangeTag::Insert => {
                self.settle();
                self.added.push_str(word);
            }
        }
    }

    /// Before a change: spaces alone since the last one belong to both of its sides, anything else stands between.
    fn settle(&mut self) {
        if self.same.is_empty() {
            return;
        }
        let in_a_change = !(self.removed.is_empty() && self.added.is_empty());
        if in_a_change && !self.same.contains('\n') && self.same.trim().is_empty() {
            let gap = std::mem::take(&mut self.same);
            self.removed.push_str(&gap);
            self.added.push_str(&gap);
        } else {
            self.close_change();
            self.done.push(Piece::Same(std::mem::take(&mut self.same)));
        }
    }

    fn close_change(&mut self) {
        let (removed, added) = (std::mem::take(&mut self.removed), std::mem::take(&mut self.added));
        let both = [(removed, Piece::Removed as fn(String) -> Piece), (added, Piece::Added)];
        self.done.extend(both.into_iter().filter(|(text, _)| !text.is_empty()).map(|(text, piece)| piece(text)));
    }

    fn finish(mut self) -> Vec<Piece> {
        self.close_change();
        if !self.same.is_empty() {
            self.done.push(Piece::Same(self.same));
        }
        let last = self.done.len().saturating_sub(1);
        let mut pieces = Vec::with_capacity(self.done.len());
        for (at, piece) in self.done.into_iter().enumerate() {
            match piece {
                Piece::Same(text) => {
                    let (head, tail) = (if at == 0 { 0 } else { CONTEXT }, if at == last { 0 } else { CONTEXT });
                    shorten(text, head, tail, &mut pieces);
                }
                Piece::Removed(_) | Piece::Added(_) | Piece::Skipped(_) => pieces.push(piece),
            }
        }
        pieces
    }
}

/// Leaves out the middle of an unchanged stretch when that saves the reader something.
fn shorten(text: String, head: usize, tail: usize, pieces: &mut Vec<Piece>) {
    let length = text.chars().count();
    if length <= head + tail + CONTEXT {
        pieces.push(Piece::Same(text));
        return;
    }
    let byte = |characters: usize| text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    let (first, second) = (&text[..byte(head)], &text[byte(length - tail)..]);
    pieces.extend((!first.is_empty()).then(|| Piece::Same(first.to_owned())));
    pieces.push(Piece::Skipped(length - head - tail));
    pieces.extend((!second.is_empty()).then(|| Piece::Same(second.to_owned())));
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{Piece, pieces};

    fn compared(old: &str, new: &str) -> Vec<Piece> {
        pieces(old, new, Instant::now() + Duration::from_secs(5))
    }

    fn removed(text: &str) -> Piece {
        Piece::Removed(text.to_owned())
    }

    fn added(text: &str) -> Piece {
        Piece::Added(text.to_owned())
    }

    fn same(text: &str) -> Piece {
        Piece::Same(text.to_owned())
    }

    #[test]
    fn words_that_change_together_are_told_together() {
        assert_eq!(
            compared("The pods had no address at all", "The pods lost every address at all"),
            [same("The pods "), removed("had no"), added("lost every"), same(" address at all")]
        );
    }

    #[test]
    fn a_text_with_nothing_in_common_is_replaced_whole() {
        assert_eq!(compared("alpha beta gamma", "delta"), [removed("alpha beta gamma"), added("delta")]);
        assert_eq!(compared("", "delta"), [added("delta")]);
    }

    #[test]
    fn chinese_is_compared_by_less_than_the_whole_sentence() {
        let pieces = compared("集群的地址段耗尽了", "集群的内存段耗尽了");
        assert_eq!(pieces, [same("集群的"), removed("地址"), added("内存"), same("段耗尽了")]);
    }

    #[test]
    fn a_long_unchanged_stretch_is_left_out_and_counted() {
        let long = "好 ".repeat(2_000);
        let pieces = compared(&format!("{long}old end"), &format!("{long}new end"));
        assert!(matches!(pieces[0], Piece::Skipped(3_760)), "{:?}", pieces[0]);
        assert_eq!(pieces[2..], [removed("old"), added("new"), same(" end")]);
    }

    proptest! {
        #[test]
        fn the_pieces_put_together_give_both_texts(old in "[ab好م \n]{0,40}", new in "[ab好م \n]{0,40}") {
            let (mut before, mut after) = (String::new(), String::new());
            for piece in compared(&old, &new) {
                match piece {
                    Piece::Same(text) => {
                        before.push_str(&text);
                        after.push_str(&text);
                    }
                    Piece::Removed(text) => before.push_str(&text),
                    Piece::Added(text) => after.push_str(&text),
                    Piece::Skipped(_) => prop_assert!(false, "short texts are shown whole"),
                }
            }
            prop_assert_eq!((before, after), (old, new));
        }
    }
}
