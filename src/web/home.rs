//! The front page: paste what you see, get the failures that are known.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::error::PageError;
use super::evidence::{Piece, ShownEvidence};
use super::extract::{Form, Query};
use super::page::{Section, Shell, render};
use super::state::AppState;
use crate::domain::FailureKind;
use crate::domain::matching::{Card, Confidence, Evidence, Match, Matches, Outcome, Reason};
use crate::markdown::{self, SafeHtml};
use crate::search::{FacetCount, SearchError, SearchIndex, SearchRequest, Sort};

/// Evidence of at most so many bytes goes into the address of its answer, so that it can be shared.
const SHAREABLE: usize = 1_500;
/// How many failures are proposed.
const PROPOSED: usize = 8;
/// A root cause of up to so many bytes is shown whole.
const SHORT_CAUSE: usize = 600;
/// Evidence handed on to a new story; its symptom may have 64 KiB.
const HANDED_ON: usize = 60 * 1024;

/// What people see, in the words they use.
const EXAMPLES: [&str; 3] = [
    "0/256 nodes are available, deployment stuck for an hour, subnet exhausted",
    "calls from pods to a service outside the cluster time out now and then since we moved to EKS",
    "an unknown process called gcc burns one core on every worker, days after a dashboard was made public",
];

pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/").route(web::get().to(ask)).route(web::post().to(paste)));
}

#[derive(askama::Template)]
#[template(path = "home/page.html")]
struct HomePage {
    shell: Shell,
    /// As it was typed or pasted; the box keeps it.
    evidence: String,
    /// What is wrong with it.
    error: Option<String>,
    answer: Option<Answer>,
    library: Library,
}

struct Answer {
    outcome: Outcome,
    matches: Vec<MatchView>,
    shown: ShownEvidence,
    /// The evidence, for the symptom of a new story.
    symptom: String,
    /// Whether not all of it fits there.
    is_cut: bool,
}

struct MatchView {
    card: Card,
    confidence: Confidence,
    root_cause: SafeHtml,
    first_step: SafeHtml,
    reasons: Vec<ReasonView>,
    also: Vec<Card>,
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

impl Answer {
    fn heading(&self) -> String {
        match (self.outcome, self.matches.len()) {
            (Outcome::Unknown, _) | (_, 0) => "Nothing known matches".to_owned(),
            (Outcome::Known, _) => "This is known".to_owned(),
            (Outcome::Possible, _) => "This may be known".to_owned(),
        }
    }
}

impl Answer {
    /// How many are proposed, by how sure they are.
    fn tally(&self) -> String {
        let kinds = [
            (Confidence::Fired, "with a rule that fired"),
            (Confidence::Strong, "strong"),
            (Confidence::Possible, "possible"),
        ];
        let counted = kinds.into_iter().filter_map(|(confidence, words)| {
            let count = self.matches.iter().filter(|found| found.confidence == confidence).count();
            (count > 0).then(|| format!("{count} {words}"))
        });
        let counted = counted.collect::<Vec<_>>().join(", ");
        format!("{counted} {}", if self.matches.len() == 1 { "match" } else { "matches" })
    }
}

impl MatchView {
    fn new(mut found: Match) -> Self {
        // A pattern that is named as the pattern is not named again as a match.
        let patterns = &found.card.patterns;
        found.also.retain(|card| {
            card.kind == FailureKind::Story || !patterns.iter().any(|pattern| pattern.slug == card.slug)
        });
        let cause = &found.card.root_cause;
        let root_cause = if cause.len() <= SHORT_CAUSE {
            markdown::to_html(cause)
        } else {
            markdown::to_html(&escaped(&markdown::excerpt(cause, SHORT_CAUSE / 2)))
        };
        Self {
            root_cause,
            first_step: markdown::first_step(&found.card.remediation),
            confidence: found.confidence,
            reasons: found.reasons.into_iter().map(ReasonView).collect(),
            also: found.also,
            card: found.card,
        }
    }

    fn confidence_words(&self) -> &'static str {
        match self.confidence {
            Confidence::Fired => "A detection rule fired",
            Confidence::Strong => "Strong match",
            Confidence::Possible => "Possible match",
        }
    }

    /// The reasons that tell the most.
    fn first_reasons(&self) -> &[ReasonView] {
        &self.reasons[..self.reasons.len().min(3)]
    }

    fn confidence_name(&self) -> &'static str {
        match self.confidence {
            Confidence::Fired => "fired",
            Confidence::Strong => "strong",
            Confidence::Possible => "possible",
        }
    }
}

/// An excerpt is plain text: what is special in Markdown is taken literally.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Why, in the words of the page.
struct ReasonView(Reason);

impl ReasonView {
    /// The field that was met.
    fn field(&self) -> &'static str {
        self.0.field.label()
    }

    /// The most telling words, and how many more there are.
    fn words(&self) -> String {
        const SHOWN: usize = 8;
        let words = self.0.terms.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        match self.0.terms.len().saturating_sub(SHOWN) {
            0 => words,
            more => format!("{words} and {more} more"),
        }
    }

    /// `line 3`, `lines 3, 8, 12 …`; empty where the reason names none.
    fn places(&self) -> String {
        const SHOWN: usize = 5;
        let numbers: Vec<_> = self.0.lines.iter().take(SHOWN).map(ToString::to_string).collect();
        match (numbers.len(), self.0.lines.len() > SHOWN) {
            (0, _) => String::new(),
            (1, _) => format!("line {}", numbers[0]),
            (_, more) => format!("lines {}{}", numbers.join(", "), if more { " …" } else { "" }),
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

async fn ask(shell: Shell, state: web::Data<AppState>, Query(asked): Query<Asked>) -> Result<HttpResponse, PageError> {
    if asked.q.trim().is_empty() {
        return show(shell, &state, String::new(), None).await;
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
        Ok(evidence) if evidence.as_str().len() <= SHAREABLE => {
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
            return show(shell, state, text.replace('\0', "\u{2400}"), Some((status, invalid.to_string()))).await;
        }
    };
    let searched = evidence.clone();
    let (matches, library) =
        state.searching(move |index| Ok((index.diagnose(&searched, PROPOSED)?, Library::in_index(index)?))).await?;
    let Matches { outcome, matches, marks, next: _ } = matches;
    let answer = Answer {
        outcome,
        shown: ShownEvidence::new(evidence.as_str(), &marks),
        symptom: handed_on(evidence.as_str()).to_owned(),
        is_cut: evidence.as_str().len() > HANDED_ON,
        matches: matches.into_iter().map(MatchView::new).collect(),
    };
    let page = HomePage {
        shell: shell.at(Section::Match),
        evidence: evidence.as_str().to_owned(),
        error: None,
        answer: Some(answer),
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
    let library = state.searching(Library::in_index).await?;
    let (status, error) = wrong.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
    render(&HomePage { shell: shell.at(Section::Match), evidence, error, answer: None, library }, status)
}

impl Library {
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

/// As much of the evidence as fits, for the form to make a symptom of.
fn handed_on(evidence: &str) -> &str {
    &evidence[..evidence.floor_char_boundary(HANDED_ON)]
}

#[cfg(test)]
mod tests {
    use super::{address_of, escaped, handed_on};

    #[test]
    fn the_address_of_an_answer_holds_the_evidence() {
        assert_eq!(address_of("0/256 nodes & 好"), "/?q=0%2F256+nodes+%26+%E5%A5%BD");
    }

    #[test]
    fn what_is_handed_on_fits_a_symptom_and_ends_with_a_whole_character() {
        assert_eq!(handed_on("a\nb"), "a\nb");
        assert_eq!(handed_on(&"日\n".repeat(100_000)).len(), 60 * 1024);
        assert_eq!(handed_on(&"é日".repeat(100_000)).chars().last(), Some('日'));
    }

    #[test]
    fn an_excerpt_is_not_read_as_markdown_again() {
        let html = crate::markdown::to_html(&escaped("1. *not* <b> a [list](https://example.com)"));
        assert_eq!(html.to_string().trim(), "<p>1. *not* &lt;b&gt; a [list](https://example.com)</p>");
    }
}
