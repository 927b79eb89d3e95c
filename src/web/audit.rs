//! The audit log for admins: a page that filters it, and the whole of it as a file.

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use super::error::PageError;
use super::extract::Query;
use super::page::{Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::{Actor, AuditLine, Deed, FailureAddress, Permission};
use crate::service;
use crate::store::audit::{self, Wanted};

pub(super) fn routes() -> Vec<At> {
    vec![at("/audit").get(Permission::Administer, list), at("/audit.jsonl").get(Permission::Administer, export)]
}

/// How many lines a page shows.
const SHOWN: usize = 100;

/// How many lines of an export are in memory at once.
const EXPORTED: i64 = 1_000;

/// The filters as the address has them; empty where nothing is asked for.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    who: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    deed: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    to: String,
    /// The number of the last line of the page before.
    #[serde(skip_serializing_if = "String::is_empty")]
    below: String,
}

/// What is wrong with a filter: its name, and a sentence.
type Complaint = (&'static str, String);

impl Asked {
    fn wanted(&self) -> Result<(Wanted, Option<i64>), Complaint> {
        let below = match self.below.as_str() {
            "" => None,
            number => Some(number.parse().map_err(|_| ("below", "Expected the number of a line.".to_owned()))?),
        };
        let deed = some(&self.deed).map(Deed::parse).transpose();
        let from = day("from", &self.from)?;
        let to = day("to", &self.to)?;
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(("to", "The last day is before the first.".to_owned()));
        }
        let wanted = Wanted {
            who: some(&self.who).map(str::to_owned),
            deed: deed.map_err(|invalid| ("deed", format!("{invalid}.")))?,
            subject: some(&self.subject).map(str::to_owned),
            from: from.map(midnight),
            // The last day is meant to the end of it.
            until: to.and_then(|day| day.checked_add_days(Days::new(1))).map(midnight),
        };
        Ok((wanted, below))
    }

    /// Whether any of the filters is set.
    fn is_filtering(&self) -> bool {
        [&self.who, &self.deed, &self.subject, &self.from, &self.to].iter().any(|text| !text.trim().is_empty())
    }

    /// The address of the page that follows a line.
    fn after(&self, line: &AuditLine) -> String {
        let next = Self { below: line.n.to_string(), ..self.clone() };
        format!("/audit?{}", serde_html_form::to_string(next).unwrap_or_default())
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn day(name: &'static str, text: &str) -> Result<Option<NaiveDate>, Complaint> {
    let Some(text) = some(text) else { return Ok(None) };
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| (1970..=9999).contains(&day.year()));
    day.map(Some).ok_or_else(|| (name, "Expected a day such as 2026-05-03.".to_owned()))
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

async fn list(state: web::Data<AppState>, shell: Shell, Query(asked): Query<Asked>) -> Result<HttpResponse, PageError> {
    let (wanted, below) = match asked.wanted() {
        Ok(wanted) => wanted,
        Err(complaint) => {
            let page = AuditPage { shell, asked, complaint: Some(complaint), lines: Vec::new(), next: None };
            return render(&page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let limit = SHOWN as i64 + 1;
    let mut lines = state.reading(async |connection| audit::newest(connection, &wanted, below, limit).await).await?;
    let is_cut = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    let next = lines.last().filter(|_| is_cut).map(|last| asked.after(last));
    render(&AuditPage { shell, asked, complaint: None, lines, next }, StatusCode::OK)
}

/// Sends the whole log, a line of JSON for each of its lines, oldest first. It is read in pages while it is sent, so that
/// neither its length nor a slow reader costs memory or a connection to the database.
async fn export(state: web::Data<AppState>, by: Actor) -> Result<HttpResponse, PageError> {
    let last = service::audit::begin_export(&state.database, &*state.clock, &by).await?;
    let lines = stream::try_unfold((state, 0), move |(state, after)| async move {
        let page = state.reading(async |connection| audit::between(connection, after, last, EXPORTED).await).await?;
        let Some(newest) = page.last() else { return Ok::<_, PageError>(None) };
        let after = newest.n;
        Ok(Some((json_lines(&page)?, (state, after))))
    });
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename("casebook-audit.jsonl".to_owned())],
    };
    Ok(HttpResponse::Ok().content_type("application/jsonl; charset=utf-8").insert_header(disposition).streaming(lines))
}

fn json_lines(lines: &[AuditLine]) -> Result<Bytes, PageError> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line).map_err(|cause| PageError::Internal(Box::new(cause)))?;
        text.push(b'\n');
    }
    Ok(Bytes::from(text))
}

#[derive(Template)]
#[template(path = "audit/page.html")]
struct AuditPage {
    shell: Shell,
    asked: Asked,
    complaint: Option<Complaint>,
    lines: Vec<AuditLine>,
    /// The address of the lines before these.
    next: Option<String>,
}

impl AuditPage {
    fn wrong(&self, field: &str) -> Option<&str> {
        self.complaint.as_ref().filter(|(name, _)| *name == field).map(|(_, words)| words.as_str())
    }

    /// The address of what a line is about, where it has one.
    fn link(&self, line: &AuditLine) -> Option<String> {
        FailureAddress::parse(&line.subject).ok().map(|address| format!("/{address}"))
    }

    fn deeds(&self) -> &'static [Deed] {
        Deed::ALL
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn days_are_whole_and_in_order() {
        let asked = |from: &str, to: &str| Asked { from: from.to_owned(), to: to.to_owned(), ..Asked::default() };
        let (wanted, _) = asked("2026-05-03", "2026-05-03").wanted().expect("fine");
        let hours = wanted.until.zip(wanted.from).map(|(until, from)| (until - from).num_hours());
        assert_eq!(hours, Some(24));
        for (from, to, wrong) in [
            ("yesterday", "", "from"),
            ("", "2026-02-30", "to"),
            ("+99999-01-01", "", "from"),
            ("0001-01-01", "", "from"),
            ("2026-05-04", "2026-05-03", "to"),
        ] {
            assert_eq!(asked(from, to).wanted().expect_err("refused").0, wrong, "{from} {to}");
        }
        assert!(Asked { deed: "stolen".to_owned(), ..Asked::default() }.wanted().is_err());
        assert!(Asked { below: "x".to_owned(), ..Asked::default() }.wanted().is_err());
    }
}
