//! Stories that resemble the one being written: beside the form while it is filled in, and again before a likely
//! duplicate is saved.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::State;
use super::save::{self, Similarity};
use crate::domain::FailureKind;
use crate::domain::matching::Card;
use crate::markdown;
use crate::web::error::PageError;
use crate::web::extract::{form_body, parse_form};
use crate::web::failure::path_of;
use crate::web::page::render;

/// A story that resembles the one being written, or a pattern that does.
#[derive(Debug, Clone)]
pub(in crate::web) struct SimilarStory {
    pub(super) url: String,
    pub(super) title: String,
    /// Whose, and when; or that it is a pattern.
    pub(super) facts: String,
    pub(super) excerpt: String,
    /// Those that the new story may be an instance of, too.
    pub(super) patterns: Vec<PatternOffer>,
}

/// A pattern that can be linked with one click.
#[derive(Debug, Clone)]
pub(super) struct PatternOffer {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) is_linked: bool,
}

/// What stands beside the form.
#[derive(Debug, Clone)]
pub(super) enum Panel {
    /// Nothing is written yet that could be compared.
    Waiting,
    /// The most similar first; none is an answer too.
    Found(Vec<SimilarStory>),
}

/// The panel alone, for the script that updates it while somebody types.
#[derive(askama::Template)]
#[template(path = "form/similar.html")]
struct PanelFragment {
    panel: Panel,
}

/// As much of the form as the panel depends on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Written {
    title: String,
    symptom: String,
    patterns: Vec<String>,
}

/// Answers with the panel for what is written so far. Like the form that it belongs to, it is there for those who may
/// write; it changes nothing, so it needs no token.
pub(super) async fn show(request: HttpRequest, payload: web::Payload, state: State) -> Result<HttpResponse, PageError> {
    let body = form_body(&request, payload.into_inner()).await?;
    let written: Written = parse_form(&body)?;
    let panel = Panel::of(&state, written.title, written.symptom, &written.patterns).await;
    render(&PanelFragment { panel }, StatusCode::OK)
}

impl Panel {
    /// Looks for what resembles a title and a symptom; `linked` are the slugs of the patterns that are ticked.
    pub(super) async fn of(state: &State, title: String, symptom: String, linked: &[String]) -> Self {
        if title.trim().is_empty() && symptom.trim().is_empty() {
            return Self::Waiting;
        }
        let found = save::similar(state, title, symptom, Similarity::RELATED).await;
        let is_of_a_story =
            |pattern: &Card| found.iter().any(|one| one.card.patterns.iter().any(|its| its.slug == pattern.slug));
        // A pattern and its stories are one answer.
        let cards = found.iter().map(|one| &one.card);
        let told = cards.filter(|card| card.kind == FailureKind::Story || !is_of_a_story(card));
        Self::Found(told.map(|card| SimilarStory::new(card, linked)).collect())
    }

    /// What is said to those who cannot see the panel change.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Waiting => String::new(),
            Self::Found(stories) => match stories.len() {
                0 => "No similar stories".to_owned(),
                1 => "1 similar story".to_owned(),
                number => format!("{number} similar stories"),
            },
        }
    }
}

impl SimilarStory {
    pub(super) fn new(card: &Card, linked: &[String]) -> Self {
        let year = card.started_at.map(|at| at.year().to_string());
        let kind = (card.kind == FailureKind::Pattern).then(|| card.kind.label().to_owned());
        let facts: Vec<String> = kind.into_iter().chain(card.organization.clone()).chain(year).collect();
        Self {
            url: format!("{}/{}", path_of(card.kind), card.slug),
            title: card.title.clone(),
            facts: facts.join(", "),
            excerpt: markdown::excerpt(&card.summary, 220),
            patterns: PatternOffer::of(card, linked),
        }
    }
}

impl PatternOffer {
    /// The patterns of a story, or the pattern itself.
    fn of(card: &Card, linked: &[String]) -> Vec<Self> {
        let itself = (card.kind == FailureKind::Pattern).then(|| (card.slug.as_str(), card.title.as_str()));
        let of_story = card.patterns.iter().map(|pattern| (pattern.slug.as_str(), pattern.title.as_str()));
        let offer = |(slug, title): (&str, &str)| Self {
            slug: slug.to_owned(),
            title: title.to_owned(),
            is_linked: linked.iter().any(|one| one == slug),
        };
        itself.into_iter().chain(of_story).map(offer).collect()
    }
}
