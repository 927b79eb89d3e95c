//! `POST /api/v1/match`: evidence in, known failures out.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::body::{self, Type};
use super::link::Addresses;
use crate::domain::matching::Evidence;
use crate::service::answer::Answer;
use crate::web::error::PageError;
use crate::web::extract::Query;
use crate::web::state::AppState;

/// The evidence with what is asked of the answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the evidence, and a limit if you like")]
struct Asked {
    evidence: String,
    limit: Option<usize>,
}

/// The query string: how many matches, where the body is the evidence itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    limit: Option<usize>,
}

/// How many matches are given unless another number is asked for.
const MATCHES: usize = 10;

/// The most that can be asked for.
const MOST: usize = 100;

pub(super) async fn diagnose(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<HttpResponse, PageError> {
    let asked = match body::type_of(&request)? {
        Type::Json => body::json::<Asked>(&request, payload).await?,
        Type::Text => Asked { evidence: body::text(&request, payload, Evidence::MAX).await?, limit: None },
    };
    let limit = asked.limit.or(wanted.limit).unwrap_or(MATCHES);
    if !(1..=MOST).contains(&limit) {
        return Err(PageError::BadRequest(format!("The limit is {limit}; it may be 1 to {MOST}.")));
    }
    if asked.evidence.len() > Evidence::MAX {
        return Err(PageError::TooLarge("At most 1 MiB of evidence is read at once.".to_owned()));
    }
    let evidence = Evidence::parse(&asked.evidence)
        .map_err(|invalid| PageError::BadRequest(format!("The evidence cannot be matched: {invalid}.")))?;
    let diagnosis = state.diagnosing(evidence, limit).await?;
    Ok(HttpResponse::Ok().json(Answer::new(&diagnosis, Addresses::of(&state.settings).base())))
}
