//! What becomes of stories and patterns after they were published: withdrawn, merged, restored, read.

mod around;
mod changes;
mod gone;
mod merge;
mod restore;
mod withdraw;

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

pub(in crate::web) use self::around::{Around, read};
pub(in crate::web) use self::gone::Gone;
use super::error::PageError;
use super::failure::{self, Found};
use super::guard;
use super::page::Shell;
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::{FailureKind, Line, Permission, Record};
use crate::service::keeping::KeepError;
use crate::service::submit::{SubmitError, ensure_space};
use crate::store::{StoreError, pattern};

pub(super) fn routes() -> Vec<At> {
    let of_kind = |kind: &FailureKind| {
        let one = |rest: &str| at(format!("{}/{{slug}}/{rest}", failure::path_of(*kind))).knowing(*kind);
        let restore = one("revisions/{number}/restore");
        [
            one("withdraw").get(Permission::Publish, withdraw::ask).post(Permission::Publish, withdraw::withdraw),
            one("reinstate").post(Permission::Publish, withdraw::reinstate),
            one("merge").get(Permission::Publish, merge::ask).post(Permission::Publish, merge::merge),
            restore.get(Permission::Publish, restore::ask).post(Permission::Publish, restore::restore),
        ]
    };
    let changes = at("/changes").get(Permission::KeepAccount, changes::list);
    let changes = changes.post(Permission::KeepAccount, changes::mark_as_read);
    FailureKind::ALL.iter().flat_map(of_kind).chain([changes]).collect()
}

/// How many published stories are instances of a record; of a story none are.
async fn instances(state: &AppState, record: &Record) -> Result<u32, PageError> {
    match record.kind() {
        FailureKind::Story => Ok(0),
        FailureKind::Pattern => {
            let id = record.id();
            let counts = state.reading(async |connection| pattern::instance_counts(connection, &[id]).await).await?;
            Ok(counts.get(&id).copied().unwrap_or_default())
        }
    }
}

/// The longest that one of these deeds may take. One that was cut off may be asked for again.
const DOING: Duration = Duration::from_secs(4);

/// Why a form was not accepted; it comes back with what was typed.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    /// The control that has to be changed, where one has.
    field: Option<&'static str>,
    words: String,
}

impl Refused {
    fn at(field: &'static str, words: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, field: Some(field), words: words.into() }
    }

    fn whole(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, field: None, words: words.into() }
    }
}

/// What was typed into a form, and why it was not accepted.
#[derive(Debug, Default)]
struct Asked {
    reason: String,
    refused: Option<Refused>,
}

impl Asked {
    fn status(&self) -> StatusCode {
        self.refused.as_ref().map_or(StatusCode::OK, |refused| refused.status)
    }

    /// What is wrong with a control.
    fn wrong(&self, field: &str) -> Option<&str> {
        let refused = self.refused.as_ref().filter(|refused| refused.field == Some(field))?;
        Some(&refused.words)
    }
}

/// The published record at an address, or what is answered instead. `rest` is what follows the slug.
async fn open(
    state: &AppState,
    shell: &Shell,
    kind: FailureKind,
    slug: &str,
    rest: &str,
) -> Result<Result<Record, HttpResponse>, PageError> {
    Ok(match failure::find(state, kind, slug).await? {
        Found::Here(record) => Ok(*record),
        Found::Moved(slug) => Err(failure::moved(kind, &slug, rest)),
        Found::Withdrawn(gone) => Err(see_other(gone.path())),
        Found::Missing => Err(failure::missing(state, shell.clone(), kind, slug).await?),
    })
}

fn see_other(path: String) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

fn path(record: &Record) -> String {
    format!("{}/{}", failure::path_of(record.kind()), record.slug())
}

fn check_token(state: &AppState, request: &HttpRequest, field: &str) -> Result<(), Refused> {
    guard::check_token(&state.settings, request.headers(), field).map_err(|refusal| {
        Refused::whole(StatusCode::FORBIDDEN, format!("{refusal} Or simply send it again from here: nothing is lost."))
    })
}

/// A reason on one line, however many it was typed on.
fn reason(text: &str) -> Result<Line, Refused> {
    let text = on_one_line(text);
    if text.is_empty() {
        return Err(Refused::at("reason", "Say why: it is what readers find in its place, and what the log keeps."));
    }
    Line::parse(&text).map_err(|invalid| Refused::at("reason", format!("The reason cannot be kept: {invalid}.")))
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Has something done, in bounded time. Pages are made anew afterwards.
async fn done<T>(state: &AppState, deed: impl Future<Output = Result<T, KeepError>>) -> Result<T, Refused> {
    done_within(DOING, state, deed).await
}

/// The same for what may take longer.
async fn done_within<T>(
    patience: Duration,
    state: &AppState,
    deed: impl Future<Output = Result<T, KeepError>>,
) -> Result<T, Refused> {
    if let Err(full @ SubmitError::NoSpace { .. }) = ensure_space(&state.settings.data) {
        return Err(Refused::whole(StatusCode::INSUFFICIENT_STORAGE, format!("Nothing has been done: {full}.")));
    }
    let _writing = state.pages.writing();
    match tokio::time::timeout(patience, deed).await {
        Ok(result) => result.map_err(Refused::from),
        Err(_elapsed) => Err(away()),
    }
}

fn away() -> Refused {
    Refused::whole(
        StatusCode::SERVICE_UNAVAILABLE,
        "The database cannot be reached at the moment. What you wrote is still here: wait a little and send it again.",
    )
}

/// Where there is no form to come back with.
impl From<Refused> for PageError {
    fn from(refused: Refused) -> Self {
        match refused.status {
            StatusCode::FORBIDDEN => Self::Forbidden(refused.words),
            StatusCode::INSUFFICIENT_STORAGE => Self::NoSpace(refused.words),
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable(refused.words.into()),
            StatusCode::INTERNAL_SERVER_ERROR => Self::Internal(refused.words.into()),
            _ => Self::Conflict(refused.words),
        }
    }
}

impl From<KeepError> for Refused {
    fn from(error: KeepError) -> Self {
        let other = |words| Self::at("into", words);
        let conflict = |words: String| Self::whole(StatusCode::CONFLICT, words);
        match error {
            KeepError::Itself => other("That is the address of this very record: choose another one."),
            KeepError::Circle => {
                other("That one was merged into this one: its address leads here. Choose another one.")
            }
            KeepError::KeptWithdrawn => other("That one was withdrawn itself: choose one that can be read."),
            KeepError::OtherKind => {
                other("Stories are merged with stories, patterns with patterns: choose another one.")
            }
            KeepError::NotFound | KeepError::Withdrawn | KeepError::NotWithdrawn => {
                conflict("Somebody else changed how it stands in the meantime. Nothing has been done.".to_owned())
            }
            KeepError::Stale(current) => conflict(format!(
                "Somebody saved revision {} in the meantime. Below is what restoring would change now: \
                 look at it, and send the form again if it is still right.",
                current.revision()
            )),
            KeepError::Same => conflict("The newest revision says the same: there is nothing to restore.".to_owned()),
            KeepError::Rules(errors) => Self::whole(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!(
                    "The detection rules of that revision have to be mended first, in the form: {}.",
                    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
                ),
            ),
            KeepError::Store(StoreError::Unavailable(_)) => away(),
            KeepError::Store(_) | KeepError::Review(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a record could not be kept");
                Self::whole(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something went wrong on this server. It has been logged, and nothing has been done.",
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{on_one_line, reason};

    #[test]
    fn a_reason_may_be_typed_on_several_lines_and_in_any_script() {
        assert_eq!(on_one_line("  it held\r\n a  secret \n"), "it held a secret");
        assert_eq!(reason("これは重複です。\nسبب").expect("a reason").as_str(), "これは重複です。 سبب");
        assert_eq!(reason(" \n\t").expect_err("nothing").field, Some("reason"));
        assert!(reason(&"x".repeat(301)).expect_err("too long").words.contains("300"));
        assert!(reason("bell \u{7}").is_err());
    }
}
