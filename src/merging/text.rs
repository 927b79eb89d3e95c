//! Prose brought together line by line. A paragraph is a line here: what two people did to one is for a third look.

use super::sequence::{Stretch, shared, stretches};

/// A text out of two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Prose {
    pub(super) text: String,
    /// Whether both changed the same lines. Both are in the text then: theirs, an empty line, yours.
    pub(super) is_contested: bool,
}

/// Brings two texts together; without a base, what they share is taken for it.
pub(super) fn merge(base: Option<&str>, yours: &str, theirs: &str) -> Prose {
    let (yours, theirs) = (lines(yours), lines(theirs));
    let base = base.map_or_else(|| shared(&yours, &theirs), lines);
    let (mut merged, mut is_contested): (Vec<&str>, bool) = (Vec::new(), false);
    for stretch in stretches(&base, &yours, &theirs) {
        match stretch {
            Stretch::Settled(lines) => merged.extend(lines),
            Stretch::Contested { yours, theirs, .. } => {
                is_contested = true;
                merged.extend(theirs);
                if !theirs.is_empty() && !yours.is_empty() {
                    merged.push("");
                }
                merged.extend(yours);
            }
        }
    }
    Prose { text: merged.join("\n"), is_contested }
}

/// The lines of a text; none of an empty one.
fn lines(text: &str) -> Vec<&str> {
    if text.is_empty() { Vec::new() } else { text.split('\n').collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Prose, merge};

    fn clean(text: &str) -> Prose {
        Prose { text: text.to_owned(), is_contested: false }
    }

    #[test]
    fn changes_of_different_lines_stand_together() {
        let merged = merge(Some("one\ntwo\nthree"), "ONE\ntwo\nthree", "one\ntwo\nthree\nfour");
        assert_eq!(merged, clean("ONE\ntwo\nthree\nfour"));
    }

    #[test]
    fn what_both_made_of_one_line_stands_one_after_the_other_without_any_sign() {
        let merged = merge(Some("one\ntwo\nthree"), "one\nmine\nthree", "one\ntheirs\nthree");
        assert_eq!(merged, Prose { text: "one\ntheirs\n\nmine\nthree".to_owned(), is_contested: true });
    }

    #[test]
    fn the_same_change_is_no_contest() {
        assert_eq!(merge(Some("a\nb"), "a\nc", "a\nc"), clean("a\nc"));
    }

    #[test]
    fn without_a_base_nothing_is_taken_for_deleted() {
        assert_eq!(merge(None, "a\nb", "a\nb\nc"), clean("a\nb\nc"));
        assert_eq!(merge(None, "a\nb\nc", "a\nc"), clean("a\nb\nc"));
        assert!(merge(None, "a\nx", "a\ny").is_contested);
    }

    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec("[a-d]{0,2}", 0..9).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn merging_with_an_unchanged_side_gives_the_other_side(base in text(), other in text()) {
            prop_assert_eq!(merge(Some(&base), &base, &other), clean(&other));
            prop_assert_eq!(merge(Some(&base), &other, &base), clean(&other));
        }

        #[test]
        fn no_line_that_either_side_wrote_is_lost(base in text(), yours in text(), theirs in text()) {
            let merged = merge(Some(&base), &yours, &theirs).text;
            for line in yours.split('\n').chain(theirs.split('\n')).filter(|line| !base.split('\n').any(|old| old == *line)) {
                prop_assert!(line.is_empty() || merged.split('\n').any(|kept| kept == line), "{} is gone from {:?}", line, merged);
            }
        }

        #[test]
        fn without_a_base_every_line_of_both_is_there(yours in text(), theirs in text()) {
            let merged = merge(None, &yours, &theirs).text;
            for line in yours.split('\n').chain(theirs.split('\n')).filter(|line| !line.is_empty()) {
                prop_assert!(merged.split('\n').any(|kept| kept == line), "{} is gone from {:?}", line, merged);
            }
        }
    }
}
