//! Withdrawing a record with a reason, and publishing it again.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Asked, check_token, done, instances, open, path, reason, see_other};
use crate::domain::{Actor, FailureKind, Record};
use crate::service::keeping;
use crate::web::error::PageError;
use crate::web::extract::Form;
use crate::web::failure::{self, Found, section_of};
use crate::web::page::{Shell, render};
use crate::web::state::AppState;

/// The form of either page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    reason: String,
}

pub(super) async fn ask(
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    match open(&state, &shell, **kind, &slug, "/withdraw").await? {
        Ok(record) => show(&state, shell, record, Asked::default()).await,
        Err(instead) => Ok(instead),
    }
}

pub(super) async fn withdraw(
    request: HttpRequest,
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    slug: web::Path<String>,
    by: Actor,
    Form(sent): Form<Sent>,
) -> Result<HttpResponse, PageError> {
    let record = match open(&state, &shell, **kind, &slug, "/withdraw").await? {
        Ok(record) => record,
        Err(instead) => return Ok(instead),
    };
    let outcome = async {
        check_token(&state, &request, &sent.csrf)?;
        let reason = reason(&sent.reason)?;
        done(&state, keeping::withdraw(&state.database, &*state.clock, record.id(), &reason, &by)).await
    };
    match outcome.await {
        Ok(()) => Ok(see_other(path(&record))),
        Err(refused) => show(&state, shell, record, Asked { reason: sent.reason, refused: Some(refused) }).await,
    }
}

pub(super) async fn reinstate(
    request: HttpRequest,
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    slug: web::Path<String>,
    by: Actor,
    Form(sent): Form<Sent>,
) -> Result<HttpResponse, PageError> {
    // Nothing was typed that could be lost.
    check_token(&state, &request, &sent.csrf)?;
    let gone = match failure::find(&state, **kind, &slug).await? {
        Found::Withdrawn(gone) => gone,
        Found::Here(record) => return Ok(see_other(path(&record))),
        Found::Moved(slug) => return Ok(failure::moved(**kind, &slug, "")),
        Found::Missing => return failure::missing(&state, shell, **kind, &slug).await,
    };
    done(&state, keeping::reinstate(&state.database, &*state.clock, gone.record.id(), &by)).await?;
    Ok(see_other(gone.path()))
}

async fn show(state: &AppState, shell: Shell, record: Record, asked: Asked) -> Result<HttpResponse, PageError> {
    let stories = instances(state, &record).await?;
    let status = asked.status();
    let shell = shell.at(section_of(record.kind()));
    render(&WithdrawPage { shell, record, stories, asked }, status)
}

#[derive(Template)]
#[template(path = "keeping/withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    record: Record,
    /// How many published stories are instances of it, of a pattern.
    stories: u32,
    asked: Asked,
}

impl WithdrawPage {
    fn path(&self) -> String {
        path(&self.record)
    }
}
