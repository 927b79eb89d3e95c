//! What a request can come to instead of its answer. One type for pages and API; the path decides how it is shown.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::domain::Denial;
use crate::domain::input::FieldError;
use crate::search::SearchError;
use crate::store::StoreError;

/// The cause of a failure that is ours. It is logged, never shown.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What is the matter with an API token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is nobody's.
    #[error("This API token is not valid: it was never made here, or it was revoked.")]
    Unknown,
    /// It was good once.
    #[error("This API token has expired. Make a new one on the page of your account.")]
    Expired,
}

/// A request that cannot be answered as asked. The texts are shown to whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Nothing is at this address; the text says what was looked for ("story of that name").
    #[error("There is no {0}.")]
    NotFound(String),
    /// What was at this address was withdrawn; the text says when and why.
    #[error("{0}")]
    Gone(String),
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// Fields are wrong. Forms show these themselves, with the input kept; this is for the API.
    #[error("Some fields are not right.")]
    Invalid(Vec<FieldError>),
    /// Whoever asks may not do this, or has to log in first.
    #[error("{0}")]
    Denied(Denial),
    /// The request came with an API token that is not good.
    #[error("{0}")]
    BadToken(TokenFault),
    /// It may not be done from there, or not at all.
    #[error("{0}")]
    Forbidden(String),
    /// Something changed in the meantime.
    #[error("{0}")]
    Conflict(String),
    /// More was sent than is read.
    #[error("{0}")]
    TooLarge(String),
    /// The body is in a form that is not read here.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// The address exists, the method does not apply to it.
    #[error("This address does not answer to that method.")]
    MethodNotAllowed,
    /// The request did not arrive whole in time.
    #[error("The request did not arrive in time.")]
    Timeout,
    /// The server is called by a name that is not its own.
    #[error("{0}")]
    Misdirected(String),
    /// Too many connections from one address.
    #[error("Too many connections are open from your address. Close some and try again.")]
    TooManyConnections,
    /// Somebody does something more often than anybody may, and may again so many seconds from now.
    #[error("{words}")]
    TooOften {
        /// What was too much.
        words: String,
        /// When to try again.
        seconds: u64,
    },
    /// The disk of the database is nearly full: reading goes on, writing does not.
    #[error("{0}")]
    NoSpace(String),
    /// The database is away; it may work again soon.
    #[error("The database cannot be reached at the moment. Matching and searching still work.")]
    Unavailable(Cause),
    /// More is asked than can be answered in time.
    #[error("Too much is asked of this server at the moment. Try again in a few seconds.")]
    Busy,
    /// A fault of ours.
    #[error("Something went wrong on this server. It has been logged.")]
    Internal(Cause),
}

impl PageError {
    /// For a refusal that came from the framework with nothing but its status.
    pub(super) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound("page at this address".to_owned()),
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge("More was sent than is read here.".to_owned()),
            StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::UnsupportedMediaType("The body is in a form that is not read here.".to_owned())
            }
            status if status.is_client_error() => Self::BadRequest("The request could not be read.".to_owned()),
            status => Self::Internal(format!("the framework answered {status}").into()),
        }
    }

    /// A few words for the heading.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "Not found",
            Self::Gone(_) => "Withdrawn",
            Self::BadRequest(_) => "That request makes no sense",
            Self::Invalid(_) => "Not valid",
            Self::Denied(Denial::Unknown) => "Log in first",
            Self::BadToken(_) => "API token not valid",
            Self::Denied(_) | Self::Forbidden(_) => "Not allowed",
            Self::Conflict(_) => "Changed in the meantime",
            Self::TooLarge(_) => "Too large",
            Self::UnsupportedMediaType(_) => "Unsupported media type",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Timeout => "Too slow",
            Self::Misdirected(_) => "Wrong name",
            Self::TooManyConnections => "Too many connections",
            Self::TooOften { .. } => "Too many requests",
            Self::NoSpace(_) => "No room to save it",
            Self::Unavailable(_) | Self::Busy => "Not available just now",
            Self::Internal(_) => "Something went wrong",
        }
    }

    /// The fields that are wrong, where that is the matter.
    pub fn field_errors(&self) -> &[FieldError] {
        if let Self::Invalid(errors) = self { errors } else { &[] }
    }

    /// What lies behind a failure that is ours.
    pub(super) fn cause(&self) -> Option<&Cause> {
        if let Self::Unavailable(cause) | Self::Internal(cause) = self { Some(cause) } else { None }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Gone(_) => StatusCode::GONE,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Denied(Denial::Unknown) | Self::BadToken(_) => StatusCode::UNAUTHORIZED,
            Self::Denied(_) | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::TooManyConnections | Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSpace(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Unavailable(_) | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare: the edge, which knows the request, makes the page or the problem document.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(Box::new(error)),
            StoreError::Stale { .. } => Self::Conflict("Somebody saved a newer revision in the meantime.".to_owned()),
            StoreError::Address { .. }
            | StoreError::Migration { .. }
            | StoreError::Inconsistent { .. }
            | StoreError::Query(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<SearchError> for PageError {
    fn from(error: SearchError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}
