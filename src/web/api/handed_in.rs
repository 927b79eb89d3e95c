//! A story from somebody who may not publish alone: kept as a draft and handed in for review.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::domain::input::{RuleInput, StoryInput};
use crate::domain::{Actor, Draft, DraftId, Status};
use crate::service::reviewing::{self, StepError, work::WorkError};
use crate::service::submit::{Submission, SubmitError, ensure_space};
use crate::store::draft::{Owner, Writing};
use crate::store::{self, Connection, Database, StoreError};
use crate::web::error::PageError;
use crate::web::review::work::{self, Sent};
use crate::web::state::AppState;
use crate::web::submit::save::SaveFailure;

/// What waits for a reviewer now.
#[derive(Serialize)]
struct HandedIn {
    draft: DraftId,
    /// `in_review`, until somebody decides.
    status: Status,
}

/// Why it was not handed in.
enum Refusal {
    Step(StepError),
    Work(WorkError),
    /// The id is that of something else.
    Taken,
}

/// Hands a story in. Sent again, it is answered as it was: nothing is handed in twice.
pub(super) async fn hand_in(
    request: &HttpRequest,
    state: &AppState,
    by: &Actor,
    submission: Submission,
    proof: &Sent,
) -> Result<HttpResponse, PageError> {
    let keeping = async {
        ensure_space(&state.settings.data).map_err(StepError::Submit)?;
        let mut transaction = state.database.begin().await?;
        let draft = keep(&mut transaction, request, state, by, &submission, proof).await?;
        Database::commit(transaction).await?;
        Ok::<_, Refusal>(draft)
    };
    match tokio::time::timeout(AppState::READING, keeping).await {
        Ok(Ok((draft, status))) => Ok(HttpResponse::Accepted().json(HandedIn { draft, status })),
        Ok(Err(refusal)) => Err(PageError::from(refusal)),
        Err(elapsed) => Err(PageError::Unavailable(Box::new(elapsed))),
    }
}

async fn keep(
    connection: &mut Connection,
    request: &HttpRequest,
    state: &AppState,
    by: &Actor,
    submission: &Submission,
    proof: &Sent,
) -> Result<(DraftId, Status), Refusal> {
    let (failure, title) = (submission.id, submission.story.failure.title.as_str());
    let form = form_of(submission);
    if let Some(before) = store::review::find_new(connection, failure).await? {
        return if is_same(&before, by, &form) { Ok((before.id, before.status)) } else { Err(Refusal::Taken) };
    }
    if store::record::find(connection, failure).await?.is_some() {
        return Err(Refusal::Taken);
    }
    if *by == Actor::Anonymous {
        work::check(connection, state, request, proof).await?;
    }
    let id = DraftId::new();
    let writing = Writing { id, failure, base: None, title: title.to_owned(), form, saved_from: String::new() };
    store::draft::insert(connection, Owner::of(by).as_ref(), by.name(), &writing, state.clock.now()).await?;
    let note = submission.note.as_ref().map_or("", |note| note.as_str());
    reviewing::submit(connection, &*state.clock, by, id, note).await?;
    Ok((id, Status::InReview))
}

fn is_same(before: &Draft, by: &Actor, form: &str) -> bool {
    before.form == form && reviewing::is_by(before, by)
}

/// Names and values of a form.
type Fields<'i> = Vec<(&'static str, Cow<'i, str>)>;

/// The form that a browser would have sent with the same story in it.
fn form_of(submission: &Submission) -> String {
    let input = &StoryInput::from(&submission.story);
    let failure = &input.failure;
    let mut fields = Fields::new();
    let note = submission.note.as_ref().map_or("", |note| note.as_str());
    fields.push(("id", submission.id.to_string().into()));
    fields.push(("technologies", failure.technologies.join(", ").into()));
    fields.push(("contributing_factors", failure.contributing_factors.join("\n").into()));
    add(
        &mut fields,
        [
            ("note", note),
            ("title", &failure.title),
            ("organization", &input.organization),
            ("summary", &failure.summary),
            ("symptom", &failure.symptom),
            ("root_cause", &failure.root_cause),
            ("remediation", &failure.remediation),
            ("category", &failure.category),
            ("started_at", &input.started_at),
            ("detected_at", &input.detected_at),
            ("resolved_at", &input.resolved_at),
            ("duration", &input.duration),
            ("severity", &input.severity),
            ("trigger", &input.trigger),
            ("detected_by", &input.detected_by),
            ("impact", &input.impact),
            ("lessons", &input.lessons),
            ("provenance_id", &failure.provenance.id),
            ("provenance_source", &failure.provenance.source),
            ("provenance_author", &failure.provenance.author),
            ("provenance_license", &failure.provenance.license),
        ],
    );
    add(&mut fields, input.patterns.iter().map(|slug| ("patterns", slug.as_str())));
    add_rows(&mut fields, input);
    add_rules(&mut fields, &failure.rules);
    // Pairs of strings can always be written.
    serde_html_form::to_string(fields).unwrap_or_default()
}

fn add<'i>(fields: &mut Fields<'i>, more: impl IntoIterator<Item = (&'static str, &'i str)>) {
    fields.extend(more.into_iter().map(|(name, value)| (name, Cow::Borrowed(value))));
}

fn add_rows<'i>(fields: &mut Fields<'i>, input: &'i StoryInput) {
    for row in &input.timeline {
        add(fields, [("timeline_at", &*row.at), ("timeline_marker", &row.marker), ("timeline_text", &row.text)]);
    }
    for row in &input.failure.checks {
        add(fields, [("checks_command", &*row.command), ("checks_means", &row.means)]);
        add(fields, [("checks_apart_from", &*row.apart_from)]);
    }
    for row in &input.failure.references {
        add(fields, [("references_kind", &*row.kind), ("references_title", &row.title), ("references_url", &row.url)]);
        add(fields, [("references_archived", &*row.archived), ("references_language", &row.language)]);
    }
    for row in &input.failure.translations {
        add(fields, [("translations_language", &*row.language), ("translations_title", &row.title)]);
        add(fields, [("translations_summary", &*row.summary), ("translations_symptom", &row.symptom)]);
    }
    for row in &input.facts {
        add(fields, [("facts_claim", &*row.claim), ("facts_source", &row.source), ("facts_passage", &row.passage)]);
    }
    for row in &input.action_items {
        add(fields, [("action_items_text", &*row.text), ("action_items_owner", &row.owner)]);
        add(fields, [("action_items_due", &*row.due), ("action_items_link", &row.link)]);
        add(fields, [("action_items_done", if row.done { "yes" } else { "" })]);
    }
}

fn add_rules<'i>(fields: &mut Fields<'i>, rules: &'i [RuleInput]) {
    for (place, rule) in rules.iter().enumerate() {
        let place = || Cow::Owned(place.to_string());
        add(fields, [("rules_kind", &*rule.kind), ("rules_name", &rule.name), ("rules_text", &rule.text)]);
        for text in &rule.fires_on {
            fields.extend([("fires_on_rule", place()), ("fires_on_text", text.into())]);
        }
        for text in &rule.silent_on {
            fields.extend([("silent_on_rule", place()), ("silent_on_text", text.into())]);
        }
        for also in &rule.also_fires {
            fields.extend([("also_fires_rule", place()), ("also_fires_asked", "".into())]);
            add(fields, [("also_fires_on", &*also.on), ("also_fires_because", &also.because)]);
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Step(StepError::Store(error))
    }
}

impl From<StepError> for Refusal {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

impl From<WorkError> for Refusal {
    fn from(error: WorkError) -> Self {
        Self::Work(error)
    }
}

impl From<Refusal> for PageError {
    fn from(refusal: Refusal) -> Self {
        let error = match refusal {
            Refusal::Taken => {
                return Self::Conflict("The id belongs to something that was handed in before.".to_owned());
            }
            Refusal::Work(error) => return error.into(),
            Refusal::Step(error) => error,
        };
        match error {
            StepError::Submit(error) => SaveFailure::from(error).into(),
            StepError::Store(error) => SaveFailure::from(SubmitError::Store(error)).into(),
            StepError::NotFound
            | StepError::Impossible(_)
            | StepError::Changed
            | StepError::NotYours
            | StepError::NobodyToAsk => Self::Conflict(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::form_of;
    use crate::domain::{Actor, FailureId, Line};
    use crate::service::library;
    use crate::service::submit::Submission;
    use crate::web::form::Filled;

    #[test]
    fn every_story_of_the_library_survives_the_way_through_a_form() {
        let (library, _) = library::built_in();
        for (slug, story, _) in &library.stories {
            let note = Some(Line::parse("From the report & the talk").expect("a line"));
            let submission = Submission { id: FailureId::new(), story: story.clone(), note, by: Actor::Anonymous };
            let filled = Filled::parse(form_of(&submission).as_bytes()).expect("a form");
            assert_eq!(filled.input.parse().as_ref(), Ok(story), "{slug}");
            assert_eq!((filled.id, filled.note.as_str()), (submission.id, "From the report & the talk"));
        }
    }
}
