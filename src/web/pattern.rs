//! Reading a pattern: its page with the stories that are instances of it, its Markdown file and its rules as files.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::error::PageError;
use super::failure::{self, Found};
use super::keeping::{self, Around};
use super::page::{Section, Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::matching::Card;
use crate::domain::{
    Entry, FailureKind, Language, Markdown, Pattern, Permission, Record, RevisionNumber, Title, Translation,
};
use crate::markdown::SafeHtml;
use crate::search::{Filters, SearchRequest, Sort};
use crate::story_file;

/// How many of its stories a page shows; the list has the others.
const SHOWN: usize = 6;

/// Adds the routes. `/patterns/new` and the like must have been added before: `{slug}` takes every word.
pub(super) fn routes() -> Vec<At> {
    vec![
        at("/patterns/{slug}.md").get(Permission::Read, markdown_file),
        at("/patterns/{slug}/rules/{number}").get(Permission::Read, rule_file),
        at("/patterns/{slug}").get(Permission::Read, show),
    ]
}

async fn show(state: web::Data<AppState>, shell: Shell, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    match failure::find(&state, FailureKind::Pattern, &slug).await? {
        Found::Here(record) => {
            let around = keeping::read(&state, shell.member(), &record).await;
            page(&state, shell, *record, None, around).await
        }
        Found::Moved(slug) => Ok(failure::moved(FailureKind::Pattern, &slug, "")),
        Found::Withdrawn(gone) => gone.page(&state, shell).await,
        Found::Missing => failure::missing(&state, shell, FailureKind::Pattern, &slug).await,
    }
}

async fn markdown_file(state: web::Data<AppState>, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    match failure::find(&state, FailureKind::Pattern, &slug).await? {
        Found::Here(record) => {
            let entry = expect_pattern(*record)?;
            let text = story_file::print_pattern(&entry.content);
            Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(text))
        }
        Found::Moved(slug) => Ok(failure::moved(FailureKind::Pattern, &slug, ".md")),
        Found::Withdrawn(gone) => gone.led_on(".md"),
        Found::Missing => Err(PageError::NotFound(format!("pattern called {slug}"))),
    }
}

async fn rule_file(state: web::Data<AppState>, path: web::Path<(String, String)>) -> Result<HttpResponse, PageError> {
    let (slug, number) = path.into_inner();
    let number = failure::rule_number(&number)?;
    match failure::find(&state, FailureKind::Pattern, &slug).await? {
        Found::Here(record) => failure::rule_file(record.slug(), &record.failure().rules, number),
        Found::Moved(slug) => Ok(failure::moved(FailureKind::Pattern, &slug, &format!("/rules/{number}"))),
        Found::Withdrawn(gone) => Err(gone.refusal()),
        Found::Missing => Err(PageError::NotFound(format!("pattern called {slug}"))),
    }
}

/// The page of a pattern as of some revision, with what is said around it; `newest` is given when that revision is not
/// the newest.
pub(super) async fn page(
    state: &AppState,
    shell: Shell,
    record: Record,
    newest: Option<RevisionNumber>,
    around: Around,
) -> Result<HttpResponse, PageError> {
    let entry = expect_pattern(record)?;
    let request = SearchRequest {
        kind: Some(FailureKind::Story),
        filters: Filters { pattern: vec![entry.slug.clone()], ..Filters::default() },
        sort: Sort::NewestIncident,
        per_page: SHOWN,
        ..SearchRequest::default()
    };
    let found = state.searching(move |index| index.search(&request)).await?;
    let mut instances: Vec<Card> = found.hits.into_iter().map(|hit| hit.card).collect();
    shell.spoken.tell(&mut instances);
    let page = PatternPage { shell: shell.at(Section::Patterns), entry, newest, instances, total: found.total, around };
    render(&page, StatusCode::OK)
}

/// A record that was looked for among patterns.
pub(super) fn expect_pattern(record: Record) -> Result<Entry<Pattern>, PageError> {
    match record {
        Record::Pattern(entry) => Ok(entry),
        Record::Story(entry) => Err(PageError::Internal(format!("story {} was found as a pattern", entry.id).into())),
    }
}

#[derive(Template)]
#[template(path = "pattern/page.html")]
struct PatternPage {
    shell: Shell,
    entry: Entry<Pattern>,
    /// The number of the newest revision, where this is not it.
    newest: Option<RevisionNumber>,
    /// The latest stories that are instances of it.
    instances: Vec<Card>,
    /// How many there are in all.
    total: u64,
    around: Around,
}

impl PatternPage {
    fn path(&self) -> String {
        format!("/patterns/{}", self.entry.slug)
    }

    fn noun(&self) -> &'static str {
        failure::noun_of(FailureKind::Pattern)
    }

    fn html(&self, text: &Markdown) -> SafeHtml {
        failure::prose(text)
    }

    /// What stands there in the reader's language.
    fn told(&self) -> Option<&Translation> {
        self.shell.spoken.choose(&self.entry.content.failure.translations)
    }

    /// The same, where the summary is translated too.
    fn told_summary(&self) -> Option<&Translation> {
        self.told().filter(|told| !told.summary.is_empty())
    }

    fn language<'a>(&self, language: &'a Language) -> &'a str {
        failure::language_name(language)
    }

    /// The other names: a handful, and the rest, which are there to be matched more than to be read.
    fn aliases(&self) -> (&[Title], &[Title]) {
        const SHOWN: usize = 5;
        let aliases = &self.entry.content.aliases;
        aliases.split_at(if aliases.len() > SHOWN + 1 { SHOWN } else { aliases.len() })
    }

    fn counted_instances(&self) -> String {
        failure::counted(self.total, "known story", "known stories")
    }

    /// The headings that this pattern has, as anchor and words.
    fn sections(&self) -> Vec<(&'static str, &'static str)> {
        let failure = &self.entry.content.failure;
        [
            ("summary", "Summary", true),
            ("symptom", "Symptom", true),
            ("root-cause", "Root cause", true),
            ("remediation", "Remediation", true),
            ("stories", "Stories", true),
            ("checks", "How to be sure", !failure.checks.is_empty()),
            ("detection-rules", "Detection rules", !failure.rules.is_empty()),
            ("references", "References", !failure.references.is_empty() || failure.provenance.is_some()),
            ("translations", "Translations", !failure.translations.is_empty()),
        ]
        .into_iter()
        .filter_map(|(anchor, label, is_there)| is_there.then_some((anchor, label)))
        .collect()
    }
}
