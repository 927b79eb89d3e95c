//! Taking detection rules home: a page that lists them, and files for the tools that run them. The whole library, one
//! story, a pattern with its stories, or one rule.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::about::address;
use super::error::PageError;
use super::extract::Query;
use super::failure::{self, Found, counted};
use super::page::{Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::{FailureKind, Permission, Record, RuleKind};
use crate::service::rules::{self, FailureRules, RuleFormat};
use crate::store::rule::{self, Listed};

/// Adds the routes. They come before those of stories and patterns, whose `/rules/{number}` takes every word.
pub(super) fn routes() -> Vec<At> {
    const RECORD: &str = "/{kind:stories|patterns}/{slug}/rules";
    vec![
        at("/rules").get(Permission::Read, list),
        at("/rules/{file}").get(Permission::Read, of_library),
        at(format!("{RECORD}/{{file:[a-z]+\\.ya?ml}}")).get(Permission::Read, of_record),
        at(format!("{RECORD}/{{number}}/{{file}}")).get(Permission::Read, of_rule),
    ]
}

async fn of_library(
    request: HttpRequest,
    state: web::Data<AppState>,
    file: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let format = format_of(&file)?;
    let published = state.reading(async |connection| rules::published(connection).await).await?;
    Ok(answer(&request, &state, "casebook", format, &published))
}

async fn of_record(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, PageError> {
    let (kind, slug, file) = path.into_inner();
    let (kind, format) = (kind_of(&kind), format_of(&file)?);
    match failure::find(&state, kind, &slug).await? {
        Found::Here(record) => {
            let found = state.reading(async |connection| rules::with_stories(connection, &record).await).await?;
            Ok(answer(&request, &state, record.slug().as_str(), format, &found))
        }
        Found::Moved(slug) => Ok(failure::moved(kind, &slug, &format!("/rules/{file}"))),
        Found::Withdrawn(gone) => gone.led_on(&format!("/rules/{file}")),
        Found::Missing => Err(missing(kind, &slug)),
    }
}

async fn of_rule(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String, String, String)>,
) -> Result<HttpResponse, PageError> {
    let (kind, slug, number, file) = path.into_inner();
    let (kind, number, format) = (kind_of(&kind), failure::rule_number(&number)?, format_of(&file)?);
    match failure::find(&state, kind, &slug).await? {
        Found::Here(record) => {
            let rule = the_rule(&record, number, format)?;
            let name = format!("{}-rule-{number}", record.slug());
            Ok(answer(&request, &state, &name, format, &[rule]))
        }
        Found::Moved(slug) => Ok(failure::moved(kind, &slug, &format!("/rules/{number}/{file}"))),
        // The other record numbers its rules differently.
        Found::Withdrawn(gone) => Err(gone.refusal()),
        Found::Missing => Err(missing(kind, &slug)),
    }
}

fn the_rule(record: &Record, number: usize, format: RuleFormat) -> Result<FailureRules, PageError> {
    let is_of_kind = record.failure().rules.get(number - 1).is_some_and(|rule| rule.kind == format.kind());
    let rule = FailureRules::from(record).only(number).filter(|_| is_of_kind);
    rule.ok_or_else(|| PageError::NotFound(format!("{} rule {number} of {}", format.kind(), record.slug())))
}

fn kind_of(folder: &str) -> FailureKind {
    if folder == "patterns" { FailureKind::Pattern } else { FailureKind::Story }
}

fn format_of(file: &str) -> Result<RuleFormat, PageError> {
    let names: Vec<&str> = RuleFormat::ALL.iter().map(|format| format.file_name()).collect();
    RuleFormat::of_file(file)
        .ok_or_else(|| PageError::NotFound(format!("file of rules called {file}: there are {}", names.join(", "))))
}

fn missing(kind: FailureKind, slug: &str) -> PageError {
    PageError::NotFound(format!("{kind} called {slug}"))
}

fn answer(
    request: &HttpRequest,
    state: &AppState,
    name: &str,
    format: RuleFormat,
    failures: &[FailureRules],
) -> HttpResponse {
    let file = rules::print(format, failures, &address(request, &state.settings));
    failure::file(&format!("{name}-{}", format.file_name()), "application/yaml; charset=utf-8", file.text)
}

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    page: String,
}

/// Rules that a page lists.
const SHOWN: usize = 100;

async fn list(
    request: HttpRequest,
    shell: Shell,
    state: web::Data<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<HttpResponse, PageError> {
    let refused = |invalid: crate::domain::Invalid| PageError::BadRequest(format!("In the address: {invalid}."));
    let kind = Some(wanted.kind.as_str()).filter(|kind| !kind.is_empty());
    let kind = kind.map(RuleKind::parse).transpose().map_err(refused)?;
    let page = match wanted.page.as_str() {
        "" => 1,
        number => number.parse().ok().filter(|page| (1..=1_000_000).contains(page)).ok_or_else(|| {
            PageError::BadRequest(format!("In the address: found page {number:?}; expected a number."))
        })?,
    };
    let offset = (page - 1) * SHOWN as i64;
    let (counts, rules) = state
        .reading(async |connection| {
            Ok((rule::counts(connection).await?, rule::list(connection, kind, offset, SHOWN as i64).await?))
        })
        .await?;
    let total: u64 =
        counts.iter().filter(|(counted, _)| kind.is_none_or(|kind| kind == *counted)).map(|(_, n)| n).sum();
    let pages = i64::try_from(total.div_ceil(SHOWN as u64)).unwrap_or(i64::MAX);
    let address = address(&request, &state.settings);
    render(&RulesPage { shell, address, counts, rules, kind, page, pages }, StatusCode::OK)
}

#[derive(Template)]
#[template(path = "rules/page.html")]
struct RulesPage {
    shell: Shell,
    /// Where this server is, for the examples.
    address: String,
    counts: Vec<(RuleKind, u64)>,
    rules: Vec<Listed>,
    kind: Option<RuleKind>,
    page: i64,
    pages: i64,
}

impl RulesPage {
    fn count(&self, kind: RuleKind) -> u64 {
        self.counts.iter().filter(|(counted, _)| *counted == kind).map(|(_, count)| count).sum()
    }

    fn counted(&self, kind: &RuleKind) -> String {
        counted(self.count(*kind), &format!("{kind} rule"), &format!("{kind} rules"))
    }

    fn is_chosen(&self, kind: &RuleKind) -> bool {
        self.kind.as_ref() == Some(kind)
    }

    fn file(&self, kind: &RuleKind) -> &'static str {
        RuleFormat::of(*kind).file_name()
    }

    fn link(&self, page: i64) -> String {
        match self.kind {
            Some(kind) => format!("/rules?kind={kind}&page={page}"),
            None => format!("/rules?page={page}"),
        }
    }

    fn previous(&self) -> Option<String> {
        (self.page > 1).then(|| self.link(self.page - 1))
    }

    fn next(&self) -> Option<String> {
        (self.page < self.pages).then(|| self.link(self.page + 1))
    }
}
