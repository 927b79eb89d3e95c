//! The page that says what this is and how to use it, and the description with which browsers add it as a search.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::error::PageError;
use super::page::{Section, Shell, render};
use super::routes::{At, at};
use super::state::{AppState, Settings};
use crate::domain::{Category, FailureKind, Permission, Severity};
use crate::search::SearchRequest;
use crate::service::follow::IndexStatus;

pub(super) fn routes() -> Vec<At> {
    vec![at("/about").get(Permission::Read, about), at("/opensearch.xml").get(Permission::Enter, open_search)]
}

#[derive(Template)]
#[template(path = "about/page.html")]
struct AboutPage {
    shell: Shell,
    stories: u64,
    patterns: u64,
    index: IndexStatus,
    /// Where this server is, for the examples.
    address: String,
}

impl AboutPage {
    fn words(&self) -> [(&'static str, &'static str); 9] {
        [
            ("Story", "One incident as one team lived it: when, how long, how bad, what happened, what was learned."),
            ("Pattern", "A named failure mode that comes back. Stories are instances of patterns."),
            ("Symptom", "What people and monitors saw."),
            ("Root cause", "Why it happened. What else had to be so stands beside it, as contributing factors."),
            ("Remediation", "What ended it, and what keeps it from coming back."),
            ("Detection rule", "A statement that a machine can check: over logs, Kubernetes manifests or metrics."),
            ("Evidence", "What you paste to be matched: a sentence, logs, events, an alert, a manifest."),
            ("Match", "A known failure proposed for some evidence, with the reasons."),
            ("Revision", "One saved state of a story or a pattern. Revisions are never changed."),
        ]
    }
}

async fn about(request: HttpRequest, shell: Shell, state: web::Data<AppState>) -> Result<HttpResponse, PageError> {
    let (stories, patterns) = state
        .searching(|index| {
            let count = |kind| {
                let request = SearchRequest { kind: Some(kind), per_page: 1, ..SearchRequest::default() };
                index.search(&request).map(|results| results.total)
            };
            Ok((count(FailureKind::Story)?, count(FailureKind::Pattern)?))
        })
        .await?;
    let index = state.index_status.borrow().clone();
    let address = address(&request, &state.settings);
    render(&AboutPage { shell: shell.at(Section::About), stories, patterns, index, address }, StatusCode::OK)
}

#[derive(Template)]
#[template(path = "about/opensearch.xml")]
struct OpenSearchDescription {
    address: String,
}

/// The addresses in it must be absolute.
async fn open_search(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse, PageError> {
    let description = OpenSearchDescription { address: address(&request, &state.settings) }.render()?;
    Ok(HttpResponse::Ok().content_type("application/opensearchdescription+xml").body(description))
}

/// Where this server is: its public address, else the name it was called by, which has been checked by then.
pub(super) fn address(request: &HttpRequest, settings: &Settings) -> String {
    let called = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    settings.public_url.clone().unwrap_or_else(|| format!("http://{called}"))
}
