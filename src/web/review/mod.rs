//! Review: the queue of what was handed in, and the page on which a draft is looked at, talked about and decided on.

mod act;
mod checklist;
mod page;
mod texts;
pub(in crate::web) mod work;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Actor, Denial, Draft, DraftId, Permission};
use crate::service::reviewing;
use crate::store;
use crate::store::review::Waiting;
use crate::web::error::PageError;
use crate::web::page::{Section, Shell, render};
use crate::web::routes::{At, at};
use crate::web::state::AppState;

type State = web::Data<AppState>;

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/review").get(Permission::Publish, queue),
        // For authors too, who see what is said about their own drafts.
        at("/review/{id}").get(Permission::Submit, page::show).post(Permission::Submit, act::act),
    ]
}

/// How many drafts the queue shows. What waits behind them comes up when these are done.
const SHOWN: i64 = 100;

#[derive(askama::Template)]
#[template(path = "review/queue.html")]
struct QueuePage {
    shell: Shell,
    waiting: Vec<Waiting>,
    total: u64,
    now: DateTime<Utc>,
}

impl QueuePage {
    fn since(&self, waiting: &Waiting) -> String {
        for_how_long(waiting.since, self.now)
    }
}

async fn queue(state: State, shell: Shell) -> Result<HttpResponse, PageError> {
    let (waiting, total) = state
        .reading(async |connection| {
            let waiting = store::review::queue(connection, SHOWN).await?;
            Ok((waiting, store::review::count_waiting(connection).await?))
        })
        .await?;
    let shell = shell.at(Section::Review);
    render(&QueuePage { shell, waiting, total, now: state.clock.now() }, StatusCode::OK)
}

/// How long ago something was, in the largest unit that says anything.
fn for_how_long(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - since).num_minutes();
    let (number, unit) = match minutes {
        ..1 => return "less than a minute".to_owned(),
        1..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        1440.. => (minutes / 1440, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// What somebody is to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// They decide about it.
    Reviewer,
    /// They wrote it.
    Author,
    /// They wrote it, and may decide about it as well.
    Both,
}

impl Part {
    /// None for whoever may not know that the draft is there. A draft that was never handed in is its author's alone.
    fn of(state: &AppState, actor: &Actor, draft: &Draft) -> Option<Self> {
        let reviews = state.settings.policy.permits(actor, Permission::Publish).is_ok() && draft.submitted_at.is_some();
        match (reviews, reviewing::is_by(draft, actor)) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Reviewer),
            (false, true) => Some(Self::Author),
            (false, false) => None,
        }
    }

    fn decides(self) -> bool {
        matches!(self, Self::Reviewer | Self::Both)
    }

    fn wrote(self) -> bool {
        matches!(self, Self::Author | Self::Both)
    }
}

/// A draft as somebody sees it, if they may: to all others it is not there.
async fn find(state: &State, actor: &Actor, id: &str) -> Result<(Draft, Part), PageError> {
    if *actor == Actor::Anonymous {
        return Err(PageError::Denied(Denial::Unknown));
    }
    let nothing = || PageError::NotFound("draft at this address".to_owned());
    let id = Uuid::try_parse(id).map(DraftId).map_err(|_| nothing())?;
    let draft =
        state.reading(async |connection| store::draft::find(connection, id).await).await?.ok_or_else(nothing)?;
    let part = Part::of(state, actor, &draft).ok_or_else(nothing)?;
    Ok((draft, part))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::for_how_long;

    #[test]
    fn a_wait_is_told_in_its_largest_unit() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let told = |minutes| for_how_long(now - TimeDelta::minutes(minutes), now);
        assert_eq!([-5, 0, 1, 59].map(told), ["less than a minute", "less than a minute", "1 minute", "59 minutes"]);
        assert_eq!([60, 1439, 1440, 5000].map(told), ["1 hour", "23 hours", "1 day", "3 days"]);
    }
}
