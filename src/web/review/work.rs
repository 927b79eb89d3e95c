//! The proof of work of a submission without an account, as forms and programs send it.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::input::FieldError;
use crate::service::reviewing::work::{BITS, Price, Proof, WorkError, challenge, pay};
use crate::store::Connection;
use crate::web::error::PageError;
use crate::web::peer;
use crate::web::state::{AppState, Settings};

/// What `review/work.html` puts into a form (`work` in the page that includes it), and programs ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::web) struct WorkField {
    /// What the answer has to be found for.
    pub(in crate::web) challenge: String,
    /// How many leading zero bits it takes.
    pub(in crate::web) bits: u32,
}

/// The fields of a form (`extract::parse_form` reads them and passes over the others), or the object `proof` in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Sent {
    #[serde(alias = "work_challenge")]
    challenge: String,
    #[serde(alias = "work_answer")]
    answer: String,
}

impl Sent {
    /// What it is worth, coming from there.
    pub(in crate::web) fn price(&self, settings: &Settings, request: &HttpRequest) -> Result<Price, WorkError> {
        Ok(Price {
            proof: Proof::parse(&self.challenge, &self.answer)?,
            network: peer::network(peer::address(settings, request)),
        })
    }
}

impl WorkField {
    /// A new one. A form that comes back gets a new one too, and its script works again.
    pub(in crate::web) fn new(now: DateTime<Utc>) -> Self {
        Self { challenge: challenge(now).to_string(), bits: BITS }
    }
}

/// `GET /api/v1/work`: a challenge for a program. It has to find a number behind it as `work.js` does.
pub(in crate::web) async fn offer(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(WorkField::new(state.clock.now()))
}

/// Takes what was sent as the price of a submission, in the transaction that the submission is kept in.
pub(in crate::web) async fn check(
    connection: &mut Connection,
    state: &AppState,
    request: &HttpRequest,
    sent: &Sent,
) -> Result<(), WorkError> {
    pay(connection, state.clock.now(), &sent.price(&state.settings, request)?).await
}

impl From<WorkError> for PageError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Store(error) => error.into(),
            WorkError::TooMany => Self::TooOften { words: error.to_string(), seconds: 3600 },
            WorkError::Missing | WorkError::Old | WorkError::Wrong | WorkError::Spent => {
                Self::Invalid(vec![FieldError { field: "proof".to_owned(), message: error.to_string() }])
            }
        }
    }
}
