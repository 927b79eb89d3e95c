//! What the pages of stories and of patterns share: finding a record at its address, its rows and its files.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use askama::Template;

use super::error::PageError;
use super::keeping::Gone;
use super::page::{Section, Shell, render};
use super::state::AppState;
use crate::domain::matching::Card;
use crate::domain::{FailureKind, Language, Markdown, Record, Rule, RuleKind, Slug, Status, TimelineEntry};
use crate::markdown::{self, SafeHtml};
use crate::search::SearchRequest;
use crate::store::{keeping, record};

/// What is at an address.
pub(super) enum Found {
    /// A published record.
    Here(Box<Record>),
    /// Nothing any more: its record has another address now.
    Moved(Slug),
    /// Nothing any more: its record was withdrawn, or merged into another.
    Withdrawn(Box<Gone>),
    /// Nothing.
    Missing,
}

/// The path under which records of a kind live: `/stories`.
pub(super) fn path_of(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Story => "/stories",
        FailureKind::Pattern => "/patterns",
    }
}

/// The part of the site that records of a kind belong to.
pub(super) fn section_of(kind: FailureKind) -> Section {
    match kind {
        FailureKind::Story => Section::Stories,
        FailureKind::Pattern => Section::Patterns,
    }
}

/// Looks for the published record at an address, present or former.
pub(super) async fn find(state: &AppState, kind: FailureKind, address: &str) -> Result<Found, PageError> {
    let Ok(slug) = Slug::parse(address) else { return Ok(Found::Missing) };
    let found = state
        .reading(async |connection| {
            let Some(record) = record::find_by_slug(connection, kind, &slug).await? else { return Ok(None) };
            let standing = match record.status() {
                Status::Withdrawn => keeping::standing(connection, record.id()).await?,
                Status::Published | Status::Draft | Status::InReview => None,
            };
            Ok(Some((record, standing.and_then(|standing| standing.withdrawal))))
        })
        .await?;
    Ok(match found {
        Some((record, Some(withdrawal))) => Found::Withdrawn(Box::new(Gone { record, withdrawal })),
        Some((record, None)) if record.status() != Status::Published => Found::Missing,
        Some((record, None)) if *record.slug() != slug => Found::Moved(record.slug().clone()),
        Some((record, None)) => Found::Here(Box::new(record)),
        None => Found::Missing,
    })
}

/// What a record of a kind is called.
pub(super) fn noun_of(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Story => "story",
        FailureKind::Pattern => "pattern",
    }
}

/// Leads from a former address to the present one; `rest` is what follows the slug.
pub(super) fn moved(kind: FailureKind, slug: &Slug, rest: &str) -> HttpResponse {
    let location = format!("{}/{slug}{rest}", path_of(kind));
    HttpResponse::MovedPermanently().insert_header((header::LOCATION, location)).finish()
}

/// The page for an address without a record: it offers what the words of the address find.
pub(super) async fn missing(
    state: &AppState,
    shell: Shell,
    kind: FailureKind,
    address: &str,
) -> Result<HttpResponse, PageError> {
    let words: String = address.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).take(200).collect();
    let words = words.trim().to_owned();
    let mut similar = Vec::new();
    if !words.is_empty() {
        let request = SearchRequest { query: words.clone(), per_page: 5, ..SearchRequest::default() };
        let hits = state.searching(move |index| index.search(&request)).await?.hits;
        similar.extend(hits.into_iter().map(|hit| hit.card).filter(|card| is_near(address, card)));
    }
    let page = MissingPage { shell: shell.at(section_of(kind)).searched(&words), kind, similar };
    render(&page, StatusCode::NOT_FOUND)
}

/// Whether an address may be a slip for a record's: a third of its words, and not only little ones, are in it.
fn is_near(address: &str, card: &Card) -> bool {
    let address = address.to_lowercase();
    let words: Vec<&str> = address.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let shared = words.iter().filter(|&&word| card.slug.as_str().split('-').any(|known| known == word));
    let (count, longest) = shared.fold((0, 0), |(count, longest), word| (count + 1, longest.max(word.len())));
    count * 3 >= words.len() && longest >= 4
}

#[derive(Template)]
#[template(path = "failure/missing.html")]
struct MissingPage {
    shell: Shell,
    kind: FailureKind,
    similar: Vec<Card>,
}

impl MissingPage {
    fn noun(&self) -> &'static str {
        noun_of(self.kind)
    }

    fn list(&self) -> &'static str {
        path_of(self.kind)
    }
}

/// Text as a file to be saved.
pub(super) fn file(name: &str, content_type: &str, text: String) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name.to_owned())],
    };
    HttpResponse::Ok().content_type(content_type).insert_header(disposition).body(text)
}

/// The number of a rule, from 1, as an address has it.
pub(super) fn rule_number(text: &str) -> Result<usize, PageError> {
    let number = text.parse::<usize>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| PageError::NotFound("detection rule at this address: they are numbered from 1".to_owned()))
}

/// The rule of that number as a file of its own.
pub(super) fn rule_file(slug: &Slug, rules: &[Rule], number: usize) -> Result<HttpResponse, PageError> {
    let rule = rules.get(number - 1).ok_or_else(|| {
        let there = counted(rules.len() as u64, "rule", "rules");
        PageError::NotFound(format!("detection rule {number} of {slug}: it has {there}"))
    })?;
    let (extension, content_type) = match rule.kind {
        RuleKind::Log | RuleKind::Metric => ("yaml", "application/yaml; charset=utf-8"),
        RuleKind::Manifest => ("cel", "text/plain; charset=utf-8"),
    };
    let name = format!("{slug}-rule-{number}.{extension}");
    Ok(file(&name, content_type, format!("{}\n", rule.text.as_str().trim_end_matches('\n'))))
}

/// What a rule was tried on: "Fires on 2 examples, silent on 1". Nothing where it was tried on nothing.
pub(super) fn tried_on(rule: &Rule) -> Option<String> {
    let (fires, silent) = (rule.fires_on.len() as u64, rule.silent_on.len() as u64);
    let examples = |number| counted(number, "example", "examples");
    match (fires, silent) {
        (0, 0) => None,
        (_, 0) => Some(format!("Fires on {}", examples(fires))),
        (0, _) => Some(format!("Silent on {}", examples(silent))),
        (_, _) => Some(format!("Fires on {}, silent on {silent}", examples(fires))),
    }
}

/// "1 story", "12 stories".
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// Markdown as a page shows it.
pub(super) fn prose(markdown: &Markdown) -> SafeHtml {
    markdown::to_html(markdown.as_str())
}

/// A row of the timeline as the page shows it.
pub(super) struct TimelineRow<'a> {
    /// The row itself.
    pub entry: &'a TimelineEntry,
    /// The day, where it is another than that of the row before.
    pub day: Option<String>,
    /// The time of that day, or the words of the report.
    pub at: String,
    /// For machines, where the time is known.
    pub datetime: Option<String>,
}

impl TimelineRow<'_> {
    /// What happened.
    pub fn text(&self) -> SafeHtml {
        prose(&self.entry.text)
    }
}

/// The rows of a timeline. A day is named once, over its first row, so that the times can be compared at a glance.
pub(super) fn timeline(entries: &[TimelineEntry]) -> Vec<TimelineRow<'_>> {
    let mut last_day = None;
    let row = |entry| timeline_row(entry, &mut last_day);
    entries.iter().map(row).collect()
}

fn timeline_row<'a>(entry: &'a TimelineEntry, last_day: &mut Option<String>) -> TimelineRow<'a> {
    let moment = entry.moment();
    let datetime = moment.map(|moment| moment.to_string());
    let told = moment.map_or_else(|| entry.at.to_string(), crate::domain::Moment::for_people);
    let timed = moment.filter(|moment| moment.precision() == crate::domain::Precision::Minute);
    let Some((day, time)) = timed.and(told.split_once(", ")) else {
        *last_day = None;
        return TimelineRow { entry, day: None, at: told, datetime };
    };
    let (day, at) = (day.to_owned(), time.to_owned());
    let is_new = last_day.as_ref() != Some(&day);
    *last_day = Some(day.clone());
    TimelineRow { entry, day: is_new.then_some(day), at, datetime }
}

/// The name of a source's language, where it is not that of the page.
pub(super) fn foreign(language: &Option<Language>) -> Option<&str> {
    language.as_ref().map(language_name).filter(|name| *name != "English")
}

/// The name that speakers of a language give it, beside what English calls it; the tag where it is not known here.
pub(super) fn language_name(language: &Language) -> &str {
    let tag = language.as_str();
    match tag.split('-').next().unwrap_or_default() {
        "ar" => "العربية (Arabic)",
        "de" => "Deutsch (German)",
        "en" => "English",
        "es" => "Español (Spanish)",
        "fr" => "Français (French)",
        "he" => "עברית (Hebrew)",
        "hi" => "हिन्दी (Hindi)",
        "it" => "Italiano (Italian)",
        "ja" => "日本語 (Japanese)",
        "ko" => "한국어 (Korean)",
        "nl" => "Nederlands (Dutch)",
        "pl" => "Polski (Polish)",
        "pt" => "Português (Portuguese)",
        "ru" => "Русский (Russian)",
        "tr" => "Türkçe (Turkish)",
        "uk" => "Українська (Ukrainian)",
        "zh" => "中文 (Chinese)",
        _ => tag,
    }
}

#[cfg(test)]
mod tests {
    use super::timeline;
    use crate::domain::{Line, Markdown, TimelineEntry};

    #[test]
    fn a_day_is_named_once_over_the_rows_that_share_it() {
        let entries: Vec<TimelineEntry> =
            ["2020-01-14T09:30Z", "2020-01-14T09:45Z", "T+20 min", "2020-01-14T10:00Z", "2020-01-15"]
                .iter()
                .map(|at| TimelineEntry {
                    at: Line::parse(at).expect("fine"),
                    marker: None,
                    text: Markdown::parse("x").expect("fine"),
                })
                .collect();
        let rows = timeline(&entries);
        let told: Vec<(Option<&str>, &str)> = rows.iter().map(|row| (row.day.as_deref(), row.at.as_str())).collect();
        assert_eq!(
            told,
            [
                (Some("14 January 2020"), "09:30 UTC"),
                (None, "09:45 UTC"),
                (None, "T+20 min"),
                (Some("14 January 2020"), "10:00 UTC"),
                (None, "15 January 2020"),
            ]
        );
    }
}
