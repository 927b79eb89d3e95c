//! `casebook check --page`: what a folder of story files holds, as tables in a Markdown file, so that it can be kept in a
//! repository beside what is said about them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::crossing::Row;
use crate::cli::Failed;
use crate::domain::{Category, RuleKind};
use crate::story_file::Library;

/// The page is written between these; what stands around them stays.
const BEGIN: &str = "<!-- casebook check: from here on written by the command -->\n";
const END: &str = "<!-- casebook check: to here -->\n";
/// Of many values only the most frequent are told.
const MOST: usize = 24;

/// Writes the tables into a file that has the two marks, or makes one.
pub(super) fn write(file: &Path, library: &Library, crossings: &[Row]) -> Result<(), Failed> {
    let old = std::fs::read_to_string(file).unwrap_or_else(|_| format!("# Library\n\n{BEGIN}{END}"));
    let cannot = || format!("cannot write {}", file.display());
    let parts = old.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let Some((head, tail)) = parts else {
        return Err(Failed::new(format!("{}: expected a line {} and below it {}", cannot(), BEGIN.trim(), END.trim())));
    };
    let tables = tables(library, crossings);
    std::fs::write(file, format!("{head}{BEGIN}{tables}{END}{tail}")).map_err(Failed::because(cannot()))
}

fn tables(library: &Library, crossings: &[Row]) -> String {
    let mut page = String::new();
    let stories = || library.stories.iter().map(|(_, story, _)| story);
    let failures =
        || library.patterns.iter().map(|(_, pattern, _)| &pattern.failure).chain(stories().map(|s| &s.failure));
    let organizations = counted(stories().map(|story| story.incident.organization.to_string()));
    let rules = |kind| failures().flat_map(|failure| &failure.rules).filter(|rule| rule.kind == kind).count();
    let translated = failures().filter(|failure| !failure.translations.is_empty()).count();
    let rows = [
        ("stories", library.stories.len()),
        ("patterns", library.patterns.len()),
        ("organizations", organizations.len()),
        ("facts looked up", stories().map(|story| story.facts.len()).sum()),
        ("stories with a detection rule", stories().filter(|story| !story.failure.rules.is_empty()).count()),
        ("log rules", rules(RuleKind::Log)),
        ("manifest rules", rules(RuleKind::Manifest)),
        ("metric rules", rules(RuleKind::Metric)),
        ("stories and patterns in another language too", translated),
    ];
    page.push_str("\n| what | number |\n|---|---:|\n");
    for (what, number) in rows {
        _ = writeln!(page, "| {what} | {number} |");
    }
    let categories = Category::ALL.iter().map(|category| {
        let of = |failure: &&crate::domain::Failure| failure.category == *category;
        let stories = stories().map(|story| &story.failure).filter(of).count();
        (category.label().to_owned(), stories, failures().filter(of).count() - stories)
    });
    page.push_str("\n| category | stories | patterns |\n|---|---:|---:|\n");
    for (category, stories, patterns) in categories {
        _ = writeln!(page, "| {category} | {stories} | {patterns} |");
    }
    let years = counted(stories().filter_map(|story| story.incident.year()).map(|year| year.to_string()));
    let technologies = counted(
        stories().flat_map(|story| &story.failure.technologies).map(|technology| technology.as_str().to_owned()),
    );
    _ = writeln!(page, "\nYears: {}.", told(years.into_iter().collect()));
    _ = writeln!(page, "\nTechnologies: {}.", told(most(technologies)));
    _ = writeln!(page, "\nOrganizations: {}.", told(most(organizations)));
    page.push_str("\n## Rules on the examples of other failures\n\n");
    if crossings.is_empty() {
        page.push_str("No rule fires on an example of a failure that it is not related to.\n");
        return page;
    }
    page.push_str("| rule | of | fires on an example of | because |\n|---|---|---|---|\n");
    for Row { owner, name, on, because } in crossings {
        let because = because.as_deref().unwrap_or("no reason given");
        _ = writeln!(page, "| {} | {owner} | {on} | {} |", cell(name), cell(because));
    }
    page
}

fn counted(values: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    values.fold(BTreeMap::new(), |mut counts, value| {
        *counts.entry(value).or_default() += 1;
        counts
    })
}

/// The most frequent, those first.
fn most(counts: BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(MOST);
    counts
}

fn told(counts: Vec<(String, usize)>) -> String {
    counts.into_iter().map(|(value, count)| format!("{value} ({count})")).collect::<Vec<_>>().join(", ")
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
