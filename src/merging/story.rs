//! A story brought together field by field, as it was written rather than as it was understood: what is not right yet
//! is merged all the same.

use super::rows::{self, Row, cell};
use super::text;
use crate::domain::input::StoryInput;

/// A story out of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// What it says now.
    pub input: StoryInput,
    /// The fields that are not simply yours.
    pub fields: Vec<Field>,
}

/// A field that is not simply yours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in files and forms: `root_cause`, `provenance_license`.
    pub name: &'static str,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a field that the other side changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Only they changed it: it says what theirs says.
    Theirs,
    /// Both changed it, in different places: it says both.
    Together,
    /// Both changed the same place. Prose and lists hold both now; a single value is still yours.
    Contested {
        /// What theirs says.
        theirs: String,
        /// What yours says.
        yours: String,
    },
}

type Text = fn(&mut StoryInput) -> &mut String;

/// Fields that hold one value.
const VALUES: [(&str, Text); 14] = [
    ("title", |story| &mut story.failure.title),
    ("organization", |story| &mut story.organization),
    ("category", |story| &mut story.failure.category),
    ("started_at", |story| &mut story.started_at),
    ("detected_at", |story| &mut story.detected_at),
    ("resolved_at", |story| &mut story.resolved_at),
    ("duration", |story| &mut story.duration),
    ("severity", |story| &mut story.severity),
    ("trigger", |story| &mut story.trigger),
    ("detected_by", |story| &mut story.detected_by),
    ("provenance_id", |story| &mut story.failure.provenance.id),
    ("provenance_source", |story| &mut story.failure.provenance.source),
    ("provenance_author", |story| &mut story.failure.provenance.author),
    ("provenance_license", |story| &mut story.failure.provenance.license),
];

/// Fields that hold prose.
const PROSE: [(&str, Text); 6] = [
    ("summary", |story| &mut story.failure.summary),
    ("symptom", |story| &mut story.failure.symptom),
    ("impact", |story| &mut story.impact),
    ("root_cause", |story| &mut story.failure.root_cause),
    ("remediation", |story| &mut story.failure.remediation),
    ("lessons", |story| &mut story.lessons),
];

/// Brings together what two people made of a story. Where nobody knows what they began from, all that they do not share
/// is taken for written anew.
pub fn merge(base: Option<&StoryInput>, yours: &StoryInput, theirs: &StoryInput) -> Merged {
    let even = |input: &StoryInput| {
        let mut input = input.clone();
        PROSE.iter().for_each(|(_, text)| make_even(text(&mut input)));
        input.timeline.iter_mut().for_each(|row| make_even(&mut row.text));
        input
    };
    let mut merge =
        Merge { base: base.map(even), yours: even(yours), theirs: even(theirs), into: even(yours), fields: Vec::new() };
    VALUES.iter().for_each(|(name, text)| merge.value(name, *text));
    PROSE.iter().for_each(|(name, text)| merge.prose(name, *text));
    merge.list("technologies", |story| &mut story.failure.technologies);
    merge.list("contributing_factors", |story| &mut story.failure.contributing_factors);
    merge.list("patterns", |story| &mut story.patterns);
    merge.list("timeline", |story| &mut story.timeline);
    merge.list("action_items", |story| &mut story.action_items);
    merge.list("rules", |story| &mut story.failure.rules);
    merge.list("checks", |story| &mut story.failure.checks);
    merge.list("references", |story| &mut story.failure.references);
    merge.list("translations", |story| &mut story.failure.translations);
    merge.list("facts", |story| &mut story.facts);
    Merged { input: merge.into, fields: merge.fields }
}

/// Browsers send line breaks as two characters; what is stored has one.
fn make_even(text: &mut String) {
    if text.contains('\r') {
        *text = text.replace("\r\n", "\n");
    }
}

struct Merge {
    base: Option<StoryInput>,
    yours: StoryInput,
    theirs: StoryInput,
    into: StoryInput,
    fields: Vec<Field>,
}

impl Merge {
    fn value(&mut self, name: &'static str, of: Text) {
        let (yours, theirs) = (of(&mut self.yours).clone(), of(&mut self.theirs).clone());
        let base = self.base.as_mut().map(|base| of(base).clone()).unwrap_or_default();
        match cell(&base, &yours, &theirs) {
            Some(value) => {
                self.tell(name, value != yours, false);
                *of(&mut self.into) = value;
            }
            None => self.contest(name, theirs, yours),
        }
    }

    fn prose(&mut self, name: &'static str, of: Text) {
        let (yours, theirs) = (of(&mut self.yours).clone(), of(&mut self.theirs).clone());
        let base = self.base.as_mut().map(|base| of(base).clone());
        if yours == theirs {
            return;
        }
        let merged = text::merge(base.as_deref(), &yours, &theirs);
        self.tell(name, merged.text != yours && !merged.is_contested, merged.text != theirs);
        *of(&mut self.into) = merged.text;
        if merged.is_contested {
            self.contest(name, theirs, yours);
        }
    }

    fn list<T: Row>(&mut self, name: &'static str, of: impl Fn(&mut StoryInput) -> &mut Vec<T>) {
        let (yours, theirs) = (of(&mut self.yours).clone(), of(&mut self.theirs).clone());
        let base = self.base.as_mut().map(|base| of(base).clone());
        if yours == theirs {
            return;
        }
        let merged = rows::merge(base.as_deref(), &yours, &theirs);
        self.tell(name, merged.rows != yours && !merged.is_contested, merged.rows != theirs);
        *of(&mut self.into) = merged.rows;
        if merged.is_contested {
            self.contest(name, only_in(&theirs, &yours), only_in(&yours, &theirs));
        }
    }

    fn tell(&mut self, name: &'static str, is_not_yours: bool, is_not_theirs: bool) {
        if is_not_yours {
            let outcome = if is_not_theirs { Outcome::Together } else { Outcome::Theirs };
            self.fields.push(Field { name, outcome });
        }
    }

    fn contest(&mut self, name: &'static str, theirs: String, yours: String) {
        self.fields.push(Field { name, outcome: Outcome::Contested { theirs, yours } });
    }
}

/// The rows that only one list has, with an empty line between them.
fn only_in<T: Row>(list: &[T], other: &[T]) -> String {
    list.iter().filter(|row| !other.contains(row)).map(Row::words).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::{Outcome, merge};
    use crate::domain::input::{StoryInput, TimelineInput};

    fn story(title: &str, lessons: &str) -> StoryInput {
        let mut story = StoryInput { lessons: lessons.to_owned(), ..StoryInput::default() };
        story.failure.title = title.to_owned();
        story
    }

    #[test]
    fn an_unchanged_side_gives_way_to_the_other() {
        let (base, other) = (story("a", "one\ntwo"), story("b", "one\nthree"));
        let theirs = merge(Some(&base), &base, &other);
        assert_eq!(theirs.input, other);
        let told: Vec<_> = theirs.fields.iter().map(|field| (field.name, field.outcome.clone())).collect();
        assert_eq!(told, [("title", Outcome::Theirs), ("lessons", Outcome::Theirs)]);
        let yours = merge(Some(&base), &other, &base);
        assert_eq!((yours.input, yours.fields), (other, Vec::new()));
    }

    #[test]
    fn a_contested_value_is_yours_until_somebody_decides_and_contested_prose_is_both() {
        let merged = merge(Some(&story("a", "x")), &story("mine", "mine\r\nx"), &story("theirs", "theirs\nx"));
        assert_eq!((merged.input.failure.title.as_str(), merged.input.lessons.as_str()), ("mine", "theirs\n\nmine\nx"));
        assert!(merged.fields.iter().all(|field| matches!(field.outcome, Outcome::Contested { .. })));
    }

    #[test]
    fn different_rows_of_a_list_are_brought_together_and_told() {
        let with = |rows: &[&str]| StoryInput {
            timeline: rows.iter().map(|at| TimelineInput { at: (*at).to_owned(), ..Default::default() }).collect(),
            ..StoryInput::default()
        };
        let merged = merge(Some(&with(&["1"])), &with(&["0", "1"]), &with(&["1", "2"]));
        assert_eq!(merged.input, with(&["0", "1", "2"]));
        assert_eq!(merged.fields[0].outcome, Outcome::Together);
    }

    #[test]
    fn without_a_base_what_one_side_left_empty_is_filled() {
        let merged = merge(None, &story("a", ""), &story("", "learned"));
        assert_eq!(merged.input, story("a", "learned"));
    }
}
