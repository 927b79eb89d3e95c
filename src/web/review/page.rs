//! The page of a draft in review: the story as it will be, what it changes, the checklist, the conversation.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;

use super::checklist::{Checklist, Tried};
use super::texts::{FIELDS, label};
use super::{Part, State, find};
use crate::domain::input::{FieldError, StoryInput};
use crate::domain::{Actor, Draft, Entry, ReviewEvent, ReviewStep, Status, Story};
use crate::markdown::{SafeHtml, to_html};
use crate::service::review::published::{Examined, Purpose, Written};
use crate::service::reviewing;
use crate::store;
use crate::web::diff::{self, FieldDiff};
use crate::web::error::PageError;
use crate::web::extract::Query;
use crate::web::form::Filled;
use crate::web::form::complaint::Complaint;
use crate::web::form::trial::BlastView;
use crate::web::page::{Shell, render};
use crate::web::submit::save::{self, Similarity};

/// What stands in the box in which one says something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The field that it is about; empty for the whole.
    pub(super) field: String,
    pub(super) words: String,
    /// Why it came back.
    pub(super) refusal: Option<Refusal>,
}

/// Why a step was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) words: String,
    /// The element to mend; none where nothing that was typed is wrong.
    pub(super) mends: Option<&'static str>,
    /// What is wrong with the draft itself.
    pub(super) faults: Vec<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The field whose comment link was followed.
    field: String,
}

/// Shows a draft to its author, or to a reviewer.
pub(super) async fn show(
    state: State,
    shell: Shell,
    id: web::Path<String>,
    Query(asked): Query<Asked>,
    actor: Actor,
) -> Result<HttpResponse, PageError> {
    let (draft, part) = find(&state, &actor, &id).await?;
    page(&state, shell, draft, part, Said { field: asked.field, ..Said::default() }).await
}

/// The page of a draft for somebody, with what they were about to say.
pub(super) async fn page(
    state: &State,
    shell: Shell,
    draft: Draft,
    part: Part,
    said: Said,
) -> Result<HttpResponse, PageError> {
    let (id, failure) = (draft.id, draft.failure);
    let (events, current) = state
        .reading(async |connection| {
            let events = store::review::events(connection, id).await?;
            Ok((events, store::story::find(connection, failure).await?))
        })
        .await?;
    let status = said.refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status);
    let input = Filled::parse(draft.form.as_bytes()).map(|filled| filled.input);
    let input = input.inspect_err(|error| tracing::warn!(%error, draft = %id, "a draft cannot be read")).ok();
    let judged = match &input {
        Some(input) => judge(state, &draft, part, input, current.as_ref()).await?,
        None => Judged::default(),
    };
    let sections = input.as_ref().map(sections).unwrap_or_default();
    let page = ReviewPage { shell, part, sections, events, current, judged, said, input, draft };
    render(&page, status)
}

/// What is found out about a draft beside what it says.
#[derive(Default)]
struct Judged {
    story: Option<Story>,
    faults: Vec<Complaint>,
    /// What a change of a published story changes.
    changes: Vec<FieldDiff>,
    checklist: Option<Checklist>,
    blast: BlastView,
    /// Of the examples elsewhere that the rules change.
    mark: String,
}

async fn judge(
    state: &State,
    draft: &Draft,
    part: Part,
    input: &StoryInput,
    current: Option<&Entry<Story>>,
) -> Result<Judged, PageError> {
    let (story, faults) = match input.parse() {
        Ok(story) => (Some(story), Vec::new()),
        Err(errors) => (None, Complaint::all(&errors)),
    };
    if draft.status != Status::InReview {
        return Ok(Judged { story, faults, ..Judged::default() });
    }
    let (mut tried, mut similar) = (None, Vec::new());
    if part.decides() {
        tried = Some(try_rules(state, draft, input).await);
        let (title, symptom) = (input.failure.title.clone(), input.failure.symptom.clone());
        similar = save::similar(state, title, symptom, Similarity::RELATED).await;
        similar.retain(|one| one.card.id != draft.failure);
    }
    let before = current.filter(|_| draft.base.is_some()).map(|entry| entry.content.clone());
    let input = input.clone();
    // Comparing and masking a MiB takes long enough to hold up others.
    let work = move || {
        let changes = before.zip(story.as_ref()).map(|(before, story)| diff::compare(&before, story));
        let mut changes = changes.unwrap_or_default();
        changes.retain(FieldDiff::is_changed);
        let checklist = tried.as_ref().map(|tried| Checklist::of(&input, tried, &similar));
        let examined = match &tried {
            Some(Tried::Run(examined)) => examined.as_ref().clone(),
            Some(Tried::Unreadable(_) | Tried::NotRun) | None => Examined::default(),
        };
        let blast = &examined.effect.blast;
        let (view, mark) = (BlastView::from(blast), if blast.is_empty() { String::new() } else { blast.mark() });
        Judged { story, faults, changes, checklist, blast: view, mark }
    };
    web::block(work).await.map_err(|error| PageError::Internal(Box::new(error)))
}

async fn try_rules(state: &State, draft: &Draft, input: &StoryInput) -> Tried {
    let rules = match input.failure.parse_rules() {
        Ok(rules) => rules,
        Err(errors) => return Tried::Unreadable(errors),
    };
    let patterns = input.patterns.iter().filter_map(|slug| crate::domain::Slug::parse(slug).ok()).collect();
    match save::examine(state, draft.failure, Written { rules, patterns }, Purpose::Try).await {
        Ok(examined) => Tried::Run(Box::new(examined)),
        Err(_logged) => Tried::NotRun,
    }
}

/// A text of the story under its heading.
struct Section {
    field: &'static str,
    heading: &'static str,
    html: SafeHtml,
}

/// What is written, in the order of the page; empty texts are left out.
fn sections(input: &StoryInput) -> Vec<Section> {
    let failure = &input.failure;
    let factors: String = failure.contributing_factors.iter().map(|factor| format!("- {factor}\n")).collect();
    let texts = [
        ("summary", &failure.summary),
        ("symptom", &failure.symptom),
        ("impact", &input.impact),
        ("root_cause", &failure.root_cause),
        ("contributing_factors", &factors),
        ("remediation", &failure.remediation),
        ("lessons", &input.lessons),
    ];
    let written = texts.into_iter().filter(|(_, text)| !text.trim().is_empty());
    written.map(|(field, text)| Section { field, heading: label(field), html: to_html(text) }).collect()
}

fn comments(events: &[ReviewEvent], field: &str) -> usize {
    events.iter().filter(|event| event.field.as_deref() == Some(field)).count()
}

#[derive(askama::Template)]
#[template(path = "review/page.html")]
struct ReviewPage {
    shell: Shell,
    draft: Draft,
    part: Part,
    events: Vec<ReviewEvent>,
    /// The story as it is published, where it is.
    current: Option<Entry<Story>>,
    input: Option<StoryInput>,
    sections: Vec<Section>,
    judged: Judged,
    said: Said,
}

impl ReviewPage {
    fn title(&self) -> &str {
        match self.draft.title.trim() {
            "" => "A draft without a title",
            title => title,
        }
    }

    fn is_change(&self) -> bool {
        self.draft.base.is_some()
    }

    fn waits(&self) -> bool {
        self.draft.status == Status::InReview
    }

    fn is_over(&self) -> bool {
        matches!(self.draft.status, Status::Published | Status::Withdrawn)
    }

    fn may_decide(&self) -> bool {
        self.waits() && self.part.decides()
    }

    fn may_take_back(&self) -> bool {
        self.waits() && self.part.wrote()
    }

    fn may_write_on(&self) -> bool {
        self.draft.status == Status::Draft && self.part.wrote()
    }

    fn may_ask(&self) -> bool {
        self.may_decide() && reviewing::has_author(&self.draft)
    }

    /// Whether the story that it changes was changed since, or is gone.
    fn is_stale(&self) -> bool {
        let current = self.current.as_ref().map(|entry| entry.revision);
        self.waits() && self.draft.base.is_some_and(|base| current != Some(base))
    }

    fn may_publish(&self) -> bool {
        self.may_decide() && self.judged.story.is_some() && !self.is_stale()
    }

    /// Where the published story is read.
    fn address(&self) -> Option<String> {
        self.current
            .as_ref()
            .filter(|entry| entry.status == Status::Published)
            .map(|entry| format!("/stories/{}", entry.slug))
    }

    fn standing(&self) -> &'static str {
        match self.draft.status {
            Status::Draft => "Being written",
            Status::InReview => "In review",
            Status::Published => "Published",
            Status::Withdrawn => "Declined",
        }
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &FIELDS
    }

    fn comments(&self, field: &str) -> usize {
        comments(&self.events, field)
    }

    fn label<'a>(&self, field: &'a str) -> &'a str {
        label(field)
    }

    /// What was done, as the conversation says it behind a name.
    fn did(&self, event: &ReviewEvent) -> &'static str {
        match event.step {
            ReviewStep::Submitted => "handed it in",
            ReviewStep::Commented => "said",
            ReviewStep::ChangesAsked => "asked for changes",
            ReviewStep::TakenBack => "took it back",
            ReviewStep::Published => "published it",
            ReviewStep::Declined => "declined it",
        }
    }

    /// What is wrong with what was said.
    fn complaint(&self) -> Option<&str> {
        let refusal = self.said.refusal.as_ref()?;
        (refusal.mends == Some("words")).then_some(refusal.words.as_str())
    }

    /// What the box is filled with where nothing was typed.
    fn words(&self) -> &str {
        const STALE: &str = "The story was changed since you began. Please bring your draft up to date with it.";
        if self.said.words.is_empty() && self.is_stale() && self.may_ask() { STALE } else { &self.said.words }
    }
}

/// For [`Refusal::faults`].
pub(super) fn faults(errors: &[FieldError]) -> Vec<String> {
    Complaint::all(errors).into_iter().map(|complaint| complaint.words).collect()
}
