//! The front page: paste what you see, get the failures that are known.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::answer::AnswerView;
use super::error::PageError;
use super::evidence::Piece;
use super::extract::{Form, Query};
use super::page::{Section, Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::matching::{Card, Evidence, MarkKind};
use crate::domain::{FailureKind, Permission};
use crate::evidence::mask::mask;
use crate::search::{FacetCount, SearchError, SearchIndex, SearchRequest, Sort};

/// Evidence of at most so many bytes goes into the address of its answer, so that it can be shared.
const SHAREABLE: usize = 1_500;
/// How many failures are proposed.
const PROPOSED: usize = 8;

/// What people see, in the words they use.
const EXAMPLES: [&str; 3] = [
    "0/256 nodes are available, deployment stuck for an hour, subnet exhausted",
    "calls from pods to a service outside the cluster time out now and then since we moved to EKS",
    "an unknown process called gcc burns one core on every worker, days after a dashboard was made public",
];

pub(super) fn routes() -> Vec<At> {
    vec![at("/").get(Permission::Read, ask).post(Permission::Read, paste)]
}

#[derive(askama::Template)]
#[template(path = "home/page.html")]
struct HomePage {
    shell: Shell,
    /// As it was typed or pasted, its secrets masked; the box keeps it.
    evidence: String,
    /// What is wrong with it.
    error: Option<String>,
    answer: Option<AnswerView>,
    library: Library,
}

/// What there is to be matched with.
struct Library {
    stories: u64,
    patterns: u64,
    categories: Vec<FacetCount>,
    newest: Vec<Card>,
}

impl HomePage {
    fn examples(&self) -> [(&'static str, String); 3] {
        EXAMPLES.map(|example| (example, address_of(example)))
    }

    fn heading(&self) -> String {
        match (&self.error, &self.answer) {
            (Some(_), _) => "Error: match a symptom".to_owned(),
            (None, Some(answer)) => answer.heading(),
            (None, None) => "Match a symptom".to_owned(),
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

async fn ask(
    mut shell: Shell,
    state: web::Data<AppState>,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse, PageError> {
    if asked.q.trim().is_empty() {
        return show(shell, &state, String::new(), None).await;
    }
    if !mask(&asked.q).replaced.is_empty() {
        // Whoever put the secret into the address knows it; the page does not repeat it.
        "/".clone_into(&mut shell.here);
    }
    answer(shell, &state, asked.q).await
}

#[derive(Deserialize)]
struct Pasted {
    #[serde(default)]
    evidence: String,
}

async fn paste(
    shell: Shell,
    state: web::Data<AppState>,
    Form(pasted): Form<Pasted>,
) -> Result<HttpResponse, PageError> {
    // Browsers send line ends as two bytes; neither the limit nor the box is to count both.
    let pasted = pasted.evidence.replace("\r\n", "\n");
    match Evidence::parse(&pasted) {
        // A secret must not get into an address: those are kept in histories and logs.
        Ok(evidence) if evidence.as_str().len() <= SHAREABLE && mask(evidence.as_str()).replaced.is_empty() => {
            Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, address_of(evidence.as_str()))).finish())
        }
        _ => answer(shell, &state, pasted).await,
    }
}

/// Where the answer to short evidence is.
fn address_of(evidence: &str) -> String {
    #[derive(Serialize)]
    struct Asking<'a> {
        q: &'a str,
    }
    let query = serde_html_form::to_string(Asking { q: evidence }).unwrap_or_default();
    format!("/?{query}")
}

async fn answer(shell: Shell, state: &AppState, text: String) -> Result<HttpResponse, PageError> {
    let evidence = match Evidence::parse(&text) {
        Ok(evidence) => evidence,
        Err(invalid) => {
            let status = if text.len() > Evidence::MAX {
                StatusCode::PAYLOAD_TOO_LARGE
            } else if text.contains('\0') {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            // A box cannot hold NUL; the reader sees where it was.
            let kept = mask(&text).text.replace('\0', "\u{2400}");
            return show(shell, state, kept, Some((status, invalid.to_string()))).await;
        }
    };
    let mut diagnosis = state.diagnosing(evidence, PROPOSED).await?;
    shell.spoken.tell(diagnosis.matches.matches.iter_mut().flat_map(|one| one.also.iter_mut().chain([&mut one.card])));
    let library = Library::read(state, &shell).await?;
    let page = HomePage {
        shell: shell.at(Section::Match),
        evidence: diagnosis.evidence.text.clone(),
        error: None,
        answer: Some(AnswerView::new(diagnosis)),
        library,
    };
    render(&page, StatusCode::OK)
}

/// The page without an answer, with what is wrong if something is.
async fn show(
    shell: Shell,
    state: &AppState,
    evidence: String,
    wrong: Option<(StatusCode, String)>,
) -> Result<HttpResponse, PageError> {
    let library = Library::read(state, &shell).await?;
    let (status, error) = wrong.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
    render(&HomePage { shell: shell.at(Section::Match), evidence, error, answer: None, library }, status)
}

impl Library {
    async fn read(state: &AppState, shell: &Shell) -> Result<Self, PageError> {
        let mut library = state.searching(Self::in_index).await?;
        shell.spoken.tell(&mut library.newest);
        Ok(library)
    }

    fn in_index(index: &SearchIndex) -> Result<Self, SearchError> {
        let listed = |kind, per_page| {
            index.search(&SearchRequest {
                kind: Some(kind),
                sort: Sort::RecentlyUpdated,
                per_page,
                ..SearchRequest::default()
            })
        };
        let stories = listed(FailureKind::Story, 3)?;
        let patterns = listed(FailureKind::Pattern, 1)?;
        Ok(Self {
            stories: stories.total,
            patterns: patterns.total,
            categories: stories.facets.category,
            newest: stories.hits.into_iter().map(|hit| hit.card).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::address_of;

    #[test]
    fn the_address_of_an_answer_holds_the_evidence() {
        assert_eq!(address_of("0/256 nodes & 好"), "/?q=0%2F256+nodes+%26+%E5%A5%BD");
    }
}
