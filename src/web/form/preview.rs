//! The story as readers would see it, from whatever has been written so far.

use std::collections::BTreeSet;

use super::complaint::Complaint;
use crate::domain::input::{MAX_ENTRIES, ProvenanceInput, StoryInput};
use crate::domain::{Category, Story, TimelineEntry};

/// The page of a story that is being written.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The content of the page, from its own template. Nothing in it is named like anything of the form.
    pub html: String,
    /// What is missing or not right yet, and so not shown as it was typed.
    pub left_out: Vec<Complaint>,
}

/// As much of a story as is right.
#[derive(Debug, Clone)]
pub struct Sketch {
    /// It, with words in the place of what is missing.
    pub story: Story,
    /// What is missing or wrong.
    pub left_out: Vec<Complaint>,
}

/// How often what is wrong may be taken out: facts, for one, are wrong once their source is gone.
const MOST_ROUNDS: usize = 4;

impl Sketch {
    /// Makes a story out of what there is; none where nothing is written.
    pub fn of(input: &StoryInput) -> Option<Self> {
        if *input == StoryInput::default() {
            return None;
        }
        let mut input = input.clone();
        let mut left_out = Vec::new();
        for _ in 0..MOST_ROUNDS {
            match input.parse() {
                Ok(story) => return Some(Self { story, left_out: Complaint::all(&left_out) }),
                Err(errors) => {
                    let places: BTreeSet<(&str, Option<usize>)> =
                        errors.iter().map(|error| place(&error.field)).collect();
                    // From the last row to the first, so that the numbers of those that are left to take hold.
                    places.into_iter().rev().for_each(|(name, row)| take_out(&mut input, name, row));
                    left_out.extend(errors);
                }
            }
        }
        None
    }
}

/// The field that an error is about, and the row of it: `timeline` and 3 for `timeline[3].at`.
fn place(path: &str) -> (&str, Option<usize>) {
    match path.split_once('[') {
        Some((name, rest)) => (name, rest.split(']').next().and_then(|number| number.parse().ok())),
        None => (path.split('.').next().unwrap_or_default(), None),
    }
}

/// Takes out what is wrong, so that the rest can be shown.
fn take_out(input: &mut StoryInput, name: &str, row: Option<usize>) {
    let failure = &mut input.failure;
    match name {
        "title" => stand_in(&mut failure.title, "Untitled"),
        "summary" => stand_in(&mut failure.summary, UNWRITTEN),
        "symptom" => stand_in(&mut failure.symptom, UNWRITTEN),
        "root_cause" => stand_in(&mut failure.root_cause, UNWRITTEN),
        "remediation" => stand_in(&mut failure.remediation, UNWRITTEN),
        "category" => stand_in(&mut failure.category, Category::Capacity.as_str()),
        "organization" => stand_in(&mut input.organization, "Organization not named yet"),
        "started_at" => input.started_at.clear(),
        "detected_at" => input.detected_at.clear(),
        "resolved_at" => input.resolved_at.clear(),
        "duration" => input.duration.clear(),
        "severity" => input.severity.clear(),
        "trigger" => input.trigger.clear(),
        "detected_by" => input.detected_by.clear(),
        "impact" => input.impact.clear(),
        "lessons" => input.lessons.clear(),
        "provenance" => failure.provenance = ProvenanceInput::default(),
        "contributing_factors" => take_row(&mut failure.contributing_factors, row, MAX_ENTRIES),
        "technologies" => take_row(&mut failure.technologies, row, MAX_ENTRIES),
        "rules" => take_row(&mut failure.rules, row, MAX_ENTRIES),
        "checks" => take_row(&mut failure.checks, row, MAX_ENTRIES),
        "references" => take_row(&mut failure.references, row, MAX_ENTRIES),
        "translations" => take_row(&mut failure.translations, row, MAX_ENTRIES),
        "timeline" => take_row(&mut input.timeline, row, TimelineEntry::MAX_ROWS),
        "action_items" => take_row(&mut input.action_items, row, MAX_ENTRIES),
        "patterns" => take_row(&mut input.patterns, row, MAX_ENTRIES),
        "facts" => take_row(&mut input.facts, row, MAX_ENTRIES),
        _ => {}
    }
}

const UNWRITTEN: &str = "*Not written yet.*";

fn stand_in(text: &mut String, words: &str) {
    words.clone_into(text);
}

/// Takes one row, or all that are more than a story has.
fn take_row<T>(rows: &mut Vec<T>, row: Option<usize>, most: usize) {
    match row {
        Some(row) if row < rows.len() => drop(rows.remove(row)),
        Some(_) => {}
        None => rows.truncate(most),
    }
}

/// The same page with ids of its own: above the form, `summary` is the field that the summary is written in.
pub fn set_apart(html: &str) -> String {
    // What anybody wrote has no quotation marks in it that are not escaped, so that these stand in tags only.
    let apart = [(" id=\"", " id=\"preview-"), (" href=\"#", " href=\"#preview-")];
    let apart = apart.into_iter().fold(html.to_owned(), |html, (from, to)| html.replace(from, to));
    // Its title is no title of this page.
    apart.replace(" aria-labelledby=\"", " aria-labelledby=\"preview-").replace("<h1", "<h1 aria-level=\"2\"")
}

#[cfg(test)]
mod tests {
    use super::{Sketch, set_apart};
    use crate::domain::input::{FactInput, StoryInput, TimelineInput};

    #[test]
    fn nothing_gives_nothing_and_a_title_alone_gives_a_page() {
        assert!(Sketch::of(&StoryInput::default()).is_none());
        let mut input = StoryInput::default();
        input.failure.title = "Pods hang".to_owned();
        let sketch = Sketch::of(&input).expect("a page");
        assert_eq!(sketch.story.failure.title.as_str(), "Pods hang");
        assert!(sketch.left_out.iter().any(|one| one.words == "Summary is missing."));
    }

    #[test]
    fn rows_that_are_wrong_are_left_out_and_no_others() {
        let row =
            |at: &str, text: &str| TimelineInput { at: at.to_owned(), text: text.to_owned(), ..Default::default() };
        let mut input = StoryInput {
            timeline: vec![row("1", "one"), row("", ""), row("3", "three"), row("4", "")],
            facts: vec![FactInput { claim: "c".to_owned(), source: "nowhere".to_owned(), passage: "p".to_owned() }],
            started_at: "soon".to_owned(),
            ..StoryInput::default()
        };
        input.failure.technologies = vec!["x".to_owned(); 60];
        let story = Sketch::of(&input).expect("a page").story;
        let kept: Vec<&str> = story.timeline.iter().map(|row| row.at.as_str()).collect();
        assert_eq!(kept, ["1", "3"]);
        assert!(story.facts.is_empty());
        assert_eq!(story.incident.started_at, None);
    }

    #[test]
    fn ids_are_set_apart_and_words_are_not() {
        let html = r##"<h2 id="summary"><a href="#summary">id=</a></h2><a href="/stories">x</a>"##;
        let apart = r##"<h2 id="preview-summary"><a href="#preview-summary">id=</a></h2><a href="/stories">x</a>"##;
        assert_eq!(set_apart(html), apart);
    }
}
