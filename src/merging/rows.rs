//! Lists brought together row by row: a row that both sides touched is one row still, as long as they touched
//! different cells of it.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::sequence::{Stretch, shared, stretches};
use crate::domain::input::{
    ActionItemInput, AlsoFiresInput, CheckInput, FactInput, ReferenceInput, RuleInput, TimelineInput, TranslationInput,
};

/// A row of a list.
pub(super) trait Row: Clone + Eq {
    /// What tells it from others whatever else of it changes.
    fn identity(&self) -> &str;

    /// The row that both made of one; none where they changed the same cell.
    fn together(base: &Self, yours: &Self, theirs: &Self) -> Option<Self>;

    /// What it says, a cell on a line.
    fn words(&self) -> String;
}

/// A list out of two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rows<T> {
    pub(super) rows: Vec<T>,
    /// Whether both changed the same row, so that both of theirs are there, or one removed what the other changed, so
    /// that it is still there.
    pub(super) is_contested: bool,
}

/// Brings two lists together; without a base, what they share is taken for it.
pub(super) fn merge<T: Row>(base: Option<&[T]>, yours: &[T], theirs: &[T]) -> Rows<T> {
    let (yours, theirs) = (numbered(yours), numbered(theirs));
    let base = base.map_or_else(|| shared(&yours, &theirs), numbered);
    let mut merged = Rows { rows: Vec::new(), is_contested: false };
    for stretch in stretches(&base, &yours, &theirs) {
        match stretch {
            Stretch::Settled(rows) => merged.rows.extend(rows.iter().map(|one| one.row.clone())),
            Stretch::Contested { base, yours, theirs } => merged.bring_together(base, yours, theirs),
        }
    }
    merged
}

/// A row that can be compared fast.
#[derive(Debug, Clone)]
struct Numbered<'a, T> {
    number: u64,
    row: &'a T,
}

impl<T: Eq> PartialEq for Numbered<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number && self.row == other.row
    }
}

impl<T: Eq> Eq for Numbered<'_, T> {}

impl<T> Hash for Numbered<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

fn numbered<T: Row>(rows: &[T]) -> Vec<Numbered<'_, T>> {
    let number = |row: &T| {
        let mut hasher = DefaultHasher::new();
        row.words().hash(&mut hasher);
        hasher.finish()
    };
    rows.iter().map(|row| Numbered { number: number(row), row }).collect()
}

/// The rows of a stretch by their identity, in their order where several share one.
struct ByIdentity<'a, T>(HashMap<&'a str, VecDeque<&'a T>>);

impl<'a, T: Row> ByIdentity<'a, T> {
    fn of(rows: &[Numbered<'a, T>]) -> Self {
        let mut map: HashMap<&str, VecDeque<&T>> = HashMap::new();
        for one in rows {
            map.entry(one.row.identity()).or_default().push_back(one.row);
        }
        Self(map)
    }

    fn take(&mut self, identity: &str) -> Option<&'a T> {
        self.0.get_mut(identity)?.pop_front()
    }
}

impl<T: Row> Rows<T> {
    fn bring_together(&mut self, base: &[Numbered<'_, T>], yours: &[Numbered<'_, T>], theirs: &[Numbered<'_, T>]) {
        let (mut of_base, mut of_theirs) = (ByIdentity::of(base), ByIdentity::of(theirs));
        // What became of each of yours, in the order of theirs first: rows that only you have follow.
        let mut partners: HashMap<*const T, (Option<&T>, &T)> = HashMap::new();
        let mut alone = Vec::new();
        for one in yours {
            let before = of_base.take(one.row.identity());
            match of_theirs.take(one.row.identity()) {
                Some(partner) => {
                    partners.insert(std::ptr::from_ref(partner), (before, one.row));
                }
                None => alone.push((before, one.row)),
            }
        }
        for one in theirs {
            match partners.get(&std::ptr::from_ref(one.row)) {
                Some((before, mine)) => self.pair(*before, mine, one.row),
                None => self.single(of_base.take(one.row.identity()), one.row),
            }
        }
        for (before, mine) in alone {
            self.single(before, mine);
        }
    }

    /// A row that both have.
    fn pair(&mut self, before: Option<&T>, mine: &T, other: &T) {
        if mine == other {
            self.rows.push(other.clone());
        } else if let Some(together) = before.and_then(|before| T::together(before, mine, other)) {
            self.rows.push(together);
        } else {
            self.is_contested = true;
            self.rows.extend([other.clone(), mine.clone()]);
        }
    }

    /// A row that one side has: it is new, or the other side removed it.
    fn single(&mut self, before: Option<&T>, row: &T) {
        let was_only_removed = before == Some(row);
        if !was_only_removed {
            self.is_contested |= before.is_some();
            self.rows.push(row.clone());
        }
    }
}

/// A value out of two, unless both changed it.
pub(super) fn cell<T: PartialEq + Clone>(base: &T, yours: &T, theirs: &T) -> Option<T> {
    if yours == base || yours == theirs {
        Some(theirs.clone())
    } else if theirs == base {
        Some(yours.clone())
    } else {
        None
    }
}

/// What a cell says.
trait Cell {
    fn say(&self, into: &mut Vec<String>);
}

impl Cell for String {
    fn say(&self, into: &mut Vec<String>) {
        if !self.is_empty() {
            into.push(self.clone());
        }
    }
}

impl Cell for bool {
    fn say(&self, into: &mut Vec<String>) {
        into.push(if *self { "Done" } else { "To do" }.to_owned());
    }
}

impl Cell for Vec<String> {
    fn say(&self, into: &mut Vec<String>) {
        self.iter().for_each(|text| text.say(into));
    }
}

impl Cell for Vec<AlsoFiresInput> {
    fn say(&self, into: &mut Vec<String>) {
        into.extend(self.iter().map(|also| format!("{}: {}", also.on, also.because)));
    }
}

/// Rows by the cell that tells them apart, with all their cells.
macro_rules! rows {
    ($($type:ident by $identity:ident: $($cell:ident),+;)+) => {$(
        impl Row for $type {
            fn identity(&self) -> &str {
                &self.$identity
            }

            fn together(base: &Self, yours: &Self, theirs: &Self) -> Option<Self> {
                Some(Self { $($cell: cell(&base.$cell, &yours.$cell, &theirs.$cell)?),+ })
            }

            fn words(&self) -> String {
                let mut words = Vec::new();
                $(self.$cell.say(&mut words);)+
                words.join("\n")
            }
        }
    )+};
}

rows! {
    TimelineInput by at: at, marker, text;
    ActionItemInput by text: text, owner, due, done, link;
    RuleInput by name: kind, name, text, fires_on, silent_on, also_fires;
    CheckInput by command: command, means, apart_from;
    ReferenceInput by url: kind, title, url, archived, language;
    TranslationInput by language: language, title, summary, symptom;
    FactInput by claim: claim, source, passage;
}

impl Row for String {
    fn identity(&self) -> &str {
        self
    }

    fn together(base: &Self, yours: &Self, theirs: &Self) -> Option<Self> {
        cell(base, yours, theirs)
    }

    fn words(&self) -> String {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Rows, merge};
    use crate::domain::input::TimelineInput;

    fn row(at: &str, marker: &str, text: &str) -> TimelineInput {
        TimelineInput { at: at.to_owned(), marker: marker.to_owned(), text: text.to_owned() }
    }

    fn clean<T>(rows: Vec<T>) -> Rows<T> {
        Rows { rows, is_contested: false }
    }

    #[test]
    fn rows_that_both_added_at_the_end_are_both_there() {
        let base = [row("1", "", "a")];
        let yours = [row("1", "", "a"), row("2", "", "mine")];
        let theirs = [row("1", "", "a"), row("3", "", "theirs")];
        let merged = merge(Some(&base), &yours, &theirs);
        assert_eq!(merged, clean(vec![row("1", "", "a"), row("3", "", "theirs"), row("2", "", "mine")]));
    }

    #[test]
    fn different_cells_of_one_row_stand_together() {
        let base = [row("1", "", "a")];
        let merged = merge(Some(&base), &[row("1", "trigger", "a")], &[row("1", "", "b")]);
        assert_eq!(merged, clean(vec![row("1", "trigger", "b")]));
    }

    #[test]
    fn the_same_cell_of_one_row_is_contested_and_both_rows_are_there() {
        let base = [row("1", "", "a")];
        let merged = merge(Some(&base), &[row("1", "", "mine")], &[row("1", "", "theirs")]);
        assert_eq!(merged, Rows { rows: vec![row("1", "", "theirs"), row("1", "", "mine")], is_contested: true });
    }

    #[test]
    fn what_one_removed_and_the_other_changed_is_still_there() {
        let base = [row("1", "", "a"), row("2", "", "b")];
        let merged = merge(Some(&base), &[row("2", "", "b")], &[row("1", "", "more"), row("2", "", "b")]);
        assert_eq!(merged, Rows { rows: vec![row("1", "", "more"), row("2", "", "b")], is_contested: true });
        let removed = merge(Some(&base), &[row("2", "", "b")], &base);
        assert_eq!(removed, clean(vec![row("2", "", "b")]));
    }

    fn rows() -> impl Strategy<Value = Vec<TimelineInput>> {
        prop::collection::vec(("[1-3]", "[a-c]"), 0..7)
            .prop_map(|rows| rows.into_iter().map(|(at, text)| row(&at, "", &text)).collect())
    }

    proptest! {
        #[test]
        fn merging_with_an_unchanged_side_gives_the_other_side(base in rows(), other in rows()) {
            prop_assert_eq!(merge(Some(&base), &base, &other), clean(other.clone()));
            prop_assert_eq!(merge(Some(&base), &other, &base), clean(other));
        }

        #[test]
        fn no_row_that_either_side_wrote_is_lost(base in rows(), yours in rows(), theirs in rows()) {
            let merged = merge(Some(&base), &yours, &theirs).rows;
            for row in yours.iter().chain(&theirs).filter(|row| !base.contains(row)) {
                prop_assert!(merged.contains(row), "{row:?} is gone from {merged:?}");
            }
        }
    }
}
