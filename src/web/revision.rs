//! The history of a record: its revisions, one of them as it was, and what changed between two.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::diff::{self, FieldDiff};
use super::error::PageError;
use super::failure::{self, Found};
use super::keeping::{Around, Gone};
use super::page::{Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use super::{pattern, story};
use crate::domain::{FailureKind, Permission, Record, Revision, RevisionNumber};
use crate::store;

/// Adds the routes, of stories and of patterns.
pub(super) fn routes() -> Vec<At> {
    let of_kind = |kind: &FailureKind| {
        let list = format!("{}/{{slug}}/revisions", failure::path_of(*kind));
        let one = format!("{list}/{{which}}");
        [at(list).knowing(*kind).get(Permission::Read, history), at(one).knowing(*kind).get(Permission::Read, show)]
    };
    FailureKind::ALL.iter().flat_map(of_kind).collect()
}

/// Two revisions as a form or an address names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    One(RevisionNumber),
    Span { from: RevisionNumber, to: RevisionNumber },
}

impl Which {
    /// Reads `3` or `1..3`; turned round where the larger comes first.
    fn parse(text: &str) -> Option<Self> {
        match text.split_once("..") {
            None => number(text).map(Self::One),
            Some((from, to)) => Some(Self::between(number(from)?, number(to)?)),
        }
    }

    fn between(a: RevisionNumber, b: RevisionNumber) -> Self {
        if a == b { Self::One(a) } else { Self::Span { from: a.min(b), to: a.max(b) } }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(number) => number.fmt(f),
            Self::Span { from, to } => write!(f, "{from}..{to}"),
        }
    }
}

/// The number of a revision, from 1, as an address or a form has it.
pub(super) fn number(text: &str) -> Option<RevisionNumber> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0).map(RevisionNumber)
}

/// A record with a history that may be read.
struct Subject {
    record: Record,
    /// What became of it, where it is not published any more.
    gone: Option<Box<Gone>>,
}

/// The record whose history is asked for, or what is answered instead; `rest` is what follows the slug. That of a merged
/// record stays readable, since its permalinks are out there; that of a withdrawn one only for those who decide about it.
async fn subject(
    state: &AppState,
    shell: &Shell,
    kind: FailureKind,
    slug: &str,
    rest: &str,
) -> Result<Result<Subject, HttpResponse>, PageError> {
    Ok(match failure::find(state, kind, slug).await? {
        Found::Here(record) => Ok(Subject { record: *record, gone: None }),
        Found::Moved(slug) => Err(failure::moved(kind, &slug, rest)),
        Found::Withdrawn(gone) if gone.kept().is_some() || shell.may_publish() => {
            Ok(Subject { record: gone.record.clone(), gone: Some(gone) })
        }
        Found::Withdrawn(gone) => Err(gone.page(state, shell.clone()).await?),
        Found::Missing => Err(failure::missing(state, shell.clone(), kind, slug).await?),
    })
}

async fn history(
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let kind = **kind;
    let Subject { record, gone } = match subject(&state, &shell, kind, &slug, "/revisions").await? {
        Ok(subject) => subject,
        Err(instead) => return Ok(instead),
    };
    let path = format!("{}/{}", failure::path_of(kind), record.slug());
    if let Some(which) = compared(request.query_string())? {
        let location = format!("{path}/revisions/{which}");
        return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish());
    }
    let revisions = state.reading(async |connection| store::revision::list(connection, record.id()).await).await?;
    let title = record.failure().title.to_string();
    let page = HistoryPage { shell: shell.at(failure::section_of(kind)), path, title, revisions, gone };
    render(&page, StatusCode::OK)
}

/// The two revisions that the form of the list asks for, if it was sent.
fn compared(query_string: &str) -> Result<Option<Which>, PageError> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query_string).unwrap_or_default();
    let named = |wanted: &str| -> Result<Option<RevisionNumber>, PageError> {
        let Some((_, text)) = pairs.iter().find(|(name, _)| name == wanted) else { return Ok(None) };
        let unusable =
            || PageError::BadRequest(format!("For \"{wanted}\" a number of a revision, from 1, was expected."));
        number(text).map(Some).ok_or_else(unusable)
    };
    Ok(named("from")?.zip(named("to")?).map(|(from, to)| Which::between(from, to)))
}

async fn show(
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let kind = **kind;
    let (slug, which) = path.into_inner();
    let which = Which::parse(&which).ok_or_else(|| {
        PageError::NotFound("revision at this address: expected one like /revisions/2 or /revisions/1..2".to_owned())
    })?;
    let subject = subject(&state, &shell, kind, &slug, &format!("/revisions/{which}")).await?;
    let Subject { record: newest, gone } = match subject {
        Ok(subject) => subject,
        Err(instead) => return Ok(instead),
    };
    let last = newest.revision();
    match which {
        // The page of the record itself leads elsewhere where it is not published any more.
        Which::One(number) if number == last && gone.is_none() => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("{}/{}", failure::path_of(kind), newest.slug())))
            .finish()),
        Which::One(number) => {
            let record = at_number(&state, &newest, number).await?;
            let around = Around { gone: gone.map(|gone| *gone), since: None };
            match kind {
                FailureKind::Story => story::page(&state, shell, record, story::Shown::Earlier(last), around).await,
                FailureKind::Pattern => pattern::page(&state, shell, record, Some(last), around).await,
            }
        }
        Which::Span { from, to } => {
            let (old, new) = (at_number(&state, &newest, from).await?, at_number(&state, &newest, to).await?);
            let title = new.failure().title.to_string();
            // Up to 600 ms of arithmetic: not on the thread that answers everybody else.
            let fields = web::block(move || diff::compare_records(&old, &new)).await;
            let fields = fields.map_err(|cause| PageError::Internal(Box::new(cause)))?;
            let path = format!("{}/{}", failure::path_of(kind), newest.slug());
            let shell = shell.at(failure::section_of(kind));
            render(&ComparePage { shell, path, title, from, to, last, fields, gone }, StatusCode::OK)
        }
    }
}

async fn at_number(state: &AppState, newest: &Record, number: RevisionNumber) -> Result<Record, PageError> {
    let last = newest.revision();
    if number == last {
        return Ok(newest.clone());
    }
    let id = newest.id();
    let found = state.reading(async |connection| store::record::at_revision(connection, id, number).await).await?;
    found.ok_or_else(|| PageError::NotFound(format!("revision {number} of {}: the newest is {last}", newest.slug())))
}

#[derive(Template)]
#[template(path = "revision/list.html")]
struct HistoryPage {
    shell: Shell,
    /// The address of the record.
    path: String,
    title: String,
    revisions: Vec<Revision>,
    /// What became of the record, where it is not published any more.
    gone: Option<Box<Gone>>,
}

impl HistoryPage {
    fn count(&self) -> String {
        failure::counted(self.revisions.len() as u64, "revision", "revisions")
    }

    /// Whether the form offers this revision as the older one at first: the one before the newest.
    fn is_second(&self, revision: &Revision) -> bool {
        self.revisions.get(1) == Some(revision)
    }

    fn is_newest(&self, revision: &Revision) -> bool {
        self.revisions.first() == Some(revision)
    }

    /// The address of a revision; that of the newest is the record's own, while that can be read.
    fn link(&self, revision: &Revision) -> String {
        if self.is_newest(revision) && self.gone.is_none() {
            self.path.clone()
        } else {
            format!("{}/revisions/{}", self.path, revision.number)
        }
    }

    /// Whether this visitor may make a revision the newest again.
    fn may_restore(&self, revision: &Revision) -> bool {
        !self.is_newest(revision) && self.gone.is_none() && self.shell.may_publish()
    }

    /// The address of what a revision changed; the first changed nothing.
    fn changes(&self, revision: &Revision) -> Option<String> {
        let number = revision.number.0;
        (number > 1).then(|| format!("{}/revisions/{}..{number}", self.path, number - 1))
    }
}

#[derive(Template)]
#[template(path = "revision/compare.html")]
struct ComparePage {
    shell: Shell,
    path: String,
    title: String,
    from: RevisionNumber,
    to: RevisionNumber,
    last: RevisionNumber,
    fields: Vec<FieldDiff>,
    /// What became of the record, where it is not published any more.
    gone: Option<Box<Gone>>,
}

impl ComparePage {
    fn changed(&self) -> Vec<&FieldDiff> {
        self.fields.iter().filter(|field| field.is_changed()).collect()
    }

    fn unchanged(&self) -> String {
        let labels: Vec<&str> =
            self.fields.iter().filter(|field| !field.is_changed()).map(|field| field.label).collect();
        labels.join(", ")
    }

    fn summary(&self) -> String {
        failure::counted(self.changed().len() as u64, "field changed", "fields changed")
    }

    /// The step before this one, of as many revisions.
    fn earlier(&self) -> Option<String> {
        (self.from.0 > 1).then(|| format!("{}/revisions/{}..{}", self.path, self.from.0 - 1, self.from))
    }

    /// The step after this one.
    fn later(&self) -> Option<String> {
        (self.to < self.last).then(|| format!("{}/revisions/{}..{}", self.path, self.to, self.to.next()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Which, compared};

    #[test]
    fn a_revision_or_two_are_read_from_the_address() {
        let read = |text| Which::parse(text).map(|which| which.to_string());
        assert_eq!(read("3").as_deref(), Some("3"));
        assert_eq!(read("3..1").as_deref(), Some("1..3"));
        assert_eq!(read("2..2").as_deref(), Some("2"));
        for bad in ["", "0", "-1", "+1", "1..", "..2", "1...2", "x", "99999999999", "1..2..3", "１"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_form_of_the_list_names_both_or_neither() {
        let both = compared("from=2&to=1").expect("fine").map(|which| which.to_string());
        assert_eq!(both.as_deref(), Some("1..2"));
        assert_eq!(compared("").expect("fine"), None);
        assert!(compared("from=x&to=1").is_err());
    }
}
