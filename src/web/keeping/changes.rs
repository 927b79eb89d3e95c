//! What changed since a member read it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;

use super::see_other;
use crate::domain::Member;
use crate::store::reading::{self, ChangedRecord};
use crate::web::error::PageError;
use crate::web::extract::Form;
use crate::web::failure::{counted, path_of};
use crate::web::guard;
use crate::web::page::{Shell, render};
use crate::web::state::AppState;

/// How many records are listed.
const LISTED: usize = 100;

pub(super) async fn list(state: web::Data<AppState>, shell: Shell, member: Member) -> Result<HttpResponse, PageError> {
    // Taken first: what is saved while the page is made is not on it.
    let seen = state.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
    let limit = LISTED as i64 + 1;
    let mut changed =
        state.reading(async |connection| reading::changed(connection, member.account, limit).await).await?;
    let is_cut = changed.len() > LISTED;
    changed.truncate(LISTED);
    render(&ChangesPage { shell, changed, is_cut, seen }, StatusCode::OK)
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    seen: String,
}

pub(super) async fn mark_as_read(
    request: HttpRequest,
    state: web::Data<AppState>,
    member: Member,
    Form(sent): Form<Sent>,
) -> Result<HttpResponse, PageError> {
    guard::check_token(&state.settings, request.headers(), &sent.csrf)?;
    let now = state.clock.now();
    let seen = DateTime::parse_from_rfc3339(&sent.seen).map(|seen| seen.with_timezone(&Utc));
    let seen = seen.map_err(|_| PageError::BadRequest("The form does not say when its page was made.".to_owned()))?;
    state.reading(async |connection| reading::catch_up(connection, member.account, seen.min(now), now).await).await?;
    Ok(see_other("/changes".to_owned()))
}

#[derive(Template)]
#[template(path = "keeping/changes.html")]
struct ChangesPage {
    shell: Shell,
    /// The latest change first.
    changed: Vec<ChangedRecord>,
    /// Whether there are more than are listed.
    is_cut: bool,
    /// When the page was made, as the form sends it back.
    seen: String,
}

impl ChangesPage {
    fn path(&self, changed: &ChangedRecord) -> String {
        format!("{}/{}", path_of(changed.kind), changed.slug)
    }

    fn count(&self, changed: &ChangedRecord) -> String {
        counted(changed.count(), "revision", "revisions")
    }
}
