//! The proof of work of a submission without an account, as forms and programs send it.

use std::net::IpAddr;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::input::FieldError;
use crate::service::reviewing::work::{BITS, Proof, WorkError, challenge, pay};
use crate::store::Connection;
use crate::web::error::PageError;
use crate::web::state::AppState;

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
    now: DateTime<Utc>,
    request: &HttpRequest,
    sent: &Sent,
) -> Result<(), WorkError> {
    let proof = Proof::parse(&sent.challenge, &sent.answer)?;
    pay(connection, now, proof, sender(request)).await
}

/// The address that a request comes from, as far as this server sees.
fn sender(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip())
}

impl From<WorkError> for PageError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Store(error) => error.into(),
            WorkError::TooMany => Self::TooOften(error.to_string()),
            WorkError::Missing | WorkError::Old | WorkError::Wrong | WorkError::Spent => {
                Self::Invalid(vec![FieldError { field: "proof".to_owned(), message: error.to_string() }])
            }
        }
    }
}
