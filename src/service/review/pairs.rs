//! Which rule of a new revision is which rule of the one before: rules have no ids, and are renamed, moved and rewritten.

use crate::domain::Rule;

/// A rule before and after an edit, each by its place; one of them is missing where it was added or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) old: Option<usize>,
    pub(super) new: Option<usize>,
}

/// The rules that an edit changed, added or removed. One whose language and text stayed is left out wherever it went:
/// it fires as before.
pub(super) fn changed(old: &[Rule], new: &[Rule]) -> Vec<Pair> {
    let mut old_left: Vec<usize> = (0..old.len()).collect();
    let mut new_left: Vec<usize> = (0..new.len()).collect();
    take_pairs(&mut old_left, &mut new_left, |a, b| old[a].kind == new[b].kind && old[a].text == new[b].text);
    let mut pairs = take_pairs(&mut old_left, &mut new_left, |a, b| old[a].name == new[b].name);
    pairs.extend(take_pairs(&mut old_left, &mut new_left, |a, b| a == b && old[a].kind == new[b].kind));
    pairs.extend(old_left.into_iter().map(|old| Pair { old: Some(old), new: None }));
    pairs.extend(new_left.into_iter().map(|new| Pair { old: None, new: Some(new) }));
    pairs
}

fn take_pairs(old: &mut Vec<usize>, new: &mut Vec<usize>, same: impl Fn(usize, usize) -> bool) -> Vec<Pair> {
    let mut pairs = Vec::new();
    old.retain(|&a| {
        let Some(place) = new.iter().position(|&b| same(a, b)) else { return true };
        pairs.push(Pair { old: Some(a), new: Some(new.remove(place)) });
        false
    });
    pairs
}

#[cfg(test)]
mod tests {
    use super::{Pair, changed};
    use crate::domain::rule::RuleText;
    use crate::domain::{Line, Rule, RuleKind};

    fn rule(name: &str, text: &str) -> Rule {
        Rule {
            kind: RuleKind::Log,
            name: Line::parse(name).expect("name"),
            text: RuleText::parse(text).expect("text"),
            fires_on: Vec::new(),
            silent_on: Vec::new(),
            also_fires: Vec::new(),
        }
    }

    #[test]
    fn rules_are_known_again_by_text_then_by_name_then_by_place() {
        let old = [rule("a", "1"), rule("b", "2"), rule("c", "3")];
        assert_eq!(changed(&old, &[rule("c", "3"), rule("x", "1"), rule("b", "2")]), [], "moved and renamed");
        let pair = |old: Option<usize>, new: Option<usize>| Pair { old, new };
        assert_eq!(changed(&old, &[rule("b", "9"), rule("a", "1"), rule("c", "3")]), [pair(Some(1), Some(0))]);
        assert_eq!(changed(&old, &[rule("a", "1"), rule("d", "9"), rule("c", "3")]), [pair(Some(1), Some(1))]);
        assert_eq!(changed(&old[..1], &[]), [pair(Some(0), None)]);
        assert_eq!(changed(&[], &old[..1]), [pair(None, Some(0))]);
    }
}
