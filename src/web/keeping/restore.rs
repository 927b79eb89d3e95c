//! Restoring an earlier revision as a new one.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Asked, Refused, check_token, done_within, on_one_line, open, path, see_other};
use crate::domain::{Actor, FailureKind, Line, Record, RevisionNumber};
use crate::service::keeping::{self, Restoring};
use crate::store::record;
use crate::web::diff::{self, FieldDiff};
use crate::web::error::PageError;
use crate::web::extract::Form;
use crate::web::failure::section_of;
use crate::web::page::{Shell, render};
use crate::web::revision;
use crate::web::state::AppState;

/// The longest that it may take: everything published is read when the rules of a revision are reviewed.
const REVIEWING: Duration = Duration::from_secs(30);

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    base: String,
    reason: String,
}

pub(super) async fn ask(
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    place: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let (slug, number) = place.into_inner();
    match open(&state, &shell, **kind, &slug, &format!("/revisions/{number}/restore")).await? {
        Ok(record) => show(&state, shell, record, revision_number(&number)?, Asked::default()).await,
        Err(instead) => Ok(instead),
    }
}

pub(super) async fn restore(
    request: HttpRequest,
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    place: web::Path<(String, String)>,
    by: Actor,
    Form(sent): Form<Sent>,
) -> Result<HttpResponse, PageError> {
    let (slug, number) = place.into_inner();
    let record = match open(&state, &shell, **kind, &slug, &format!("/revisions/{number}/restore")).await? {
        Ok(record) => record,
        Err(instead) => return Ok(instead),
    };
    let number = revision_number(&number)?;
    let base = revision::number(&sent.base).ok_or_else(|| {
        PageError::BadRequest("The form does not say which revision it replaces. Open it again.".to_owned())
    })?;
    let outcome = async {
        check_token(&state, &request, &sent.csrf)?;
        let note = note(number, &sent.reason)?;
        let restoring = Restoring { id: record.id(), number, base, note };
        done_within(REVIEWING, &state, keeping::restore(&state.database, &*state.clock, restoring, &by)).await
    };
    match outcome.await {
        Ok(_saved) => Ok(see_other(path(&record))),
        Err(refused) => {
            let asked = Asked { reason: sent.reason, refused: Some(refused) };
            show(&state, shell, record, number, asked).await
        }
    }
}

fn revision_number(text: &str) -> Result<RevisionNumber, PageError> {
    revision::number(text)
        .ok_or_else(|| PageError::NotFound("revision at this address: they are numbered from 1".to_owned()))
}

/// What is noted of the new revision: where it comes from, and the words of whoever restores.
fn note(number: RevisionNumber, words: &str) -> Result<Line, Refused> {
    let words = on_one_line(words);
    let note = if words.is_empty() {
        format!("Restored revision {number}")
    } else {
        format!("Restored revision {number}: {words}")
    };
    Line::parse(&note).map_err(|invalid| Refused::at("reason", format!("The note cannot be kept: {invalid}.")))
}

async fn show(
    state: &AppState,
    shell: Shell,
    record: Record,
    number: RevisionNumber,
    asked: Asked,
) -> Result<HttpResponse, PageError> {
    // Somebody may have saved while the form was open: what is shown is what would be restored over now.
    let (current, earlier) = state
        .reading(async |connection| {
            let current = record::find(connection, record.id()).await?;
            Ok((current, record::at_revision(connection, record.id(), number).await?))
        })
        .await?;
    let current = current.unwrap_or(record);
    let earlier = earlier.filter(|_| number < current.revision()).ok_or_else(|| {
        PageError::NotFound(format!(
            "earlier revision {number} of {}: the newest is {}",
            current.slug(),
            current.revision()
        ))
    })?;
    let (path, title, base) = (path(&current), current.failure().title.to_string(), current.revision());
    let shell = shell.at(section_of(current.kind()));
    // Up to 600 ms of arithmetic: not on the thread that answers everybody else.
    let fields = web::block(move || diff::compare_records(&current, &earlier)).await;
    let mut fields = fields.map_err(|cause| PageError::Internal(Box::new(cause)))?;
    fields.retain(FieldDiff::is_changed);
    let status = asked.status();
    render(&RestorePage { shell, path, title, number, base, fields, asked }, status)
}

#[derive(Template)]
#[template(path = "keeping/restore.html")]
struct RestorePage {
    shell: Shell,
    path: String,
    title: String,
    number: RevisionNumber,
    base: RevisionNumber,
    /// What would change.
    fields: Vec<FieldDiff>,
    asked: Asked,
}

#[cfg(test)]
mod tests {
    use super::note;
    use crate::domain::RevisionNumber;

    #[test]
    fn the_note_says_which_revision_and_why() {
        let of = |words| note(RevisionNumber(3), words).map(|note| note.to_string()).map_err(|refused| refused.field);
        assert_eq!(of(" ").as_deref(), Ok("Restored revision 3"));
        assert_eq!(of("the cause\nwas right").as_deref(), Ok("Restored revision 3: the cause was right"));
        assert_eq!(of(&"x".repeat(300)), Err(Some("reason")));
    }
}
