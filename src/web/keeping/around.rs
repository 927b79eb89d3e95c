//! What is said around a record that is read: that it is not published any more, or changed since it was read last.

use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};

use super::Gone;
use crate::domain::{Member, Record, RevisionNumber, Via};
use crate::store::reading::{self, Reading};
use crate::web::failure::counted;
use crate::web::state::AppState;

/// What is said around a record; mostly nothing.
#[derive(Default)]
pub(in crate::web) struct Around {
    /// What became of it.
    pub(in crate::web) gone: Option<Gone>,
    /// What is new in it to this reader.
    pub(in crate::web) since: Option<Since>,
}

/// That a record changed since somebody read it.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct Since {
    /// When they read it.
    pub(in crate::web) at: DateTime<Utc>,
    /// What they read.
    pub(in crate::web) from: RevisionNumber,
    /// What there is now.
    pub(in crate::web) to: RevisionNumber,
}

impl Since {
    /// How much is new.
    pub(in crate::web) fn count(&self) -> String {
        counted(u64::from(self.to.0.abs_diff(self.from.0)), "revision", "revisions")
    }
}

/// How exactly it is known when an unchanged record was read last: not every look at a page has to be written down.
const EXACTNESS: TimeDelta = TimeDelta::hours(1);

/// Remembers, beside the page, that somebody with a browser reads the newest revision of a record, and says what changed
/// since they did so last. Neither is a reason for the page to fail.
pub(in crate::web) async fn read(state: &web::Data<AppState>, member: Option<&Member>, record: &Record) -> Around {
    let Some(member) = member.filter(|member| matches!(member.via, Via::Session(_))) else { return Around::default() };
    let (account, id, revision) = (member.account, record.id(), record.revision());
    let before = state.reading(async |connection| reading::last(connection, account, id).await).await;
    let before = before.unwrap_or_else(|error| {
        tracing::debug!(%error, "it could not be looked up what was read last");
        None
    });
    let now = state.clock.now();
    if before.is_none_or(|before| before.revision != revision || now - before.at > EXACTNESS) {
        let state = web::Data::clone(state);
        actix_web::rt::spawn(async move {
            let reading = Reading { revision, at: now };
            let remembered =
                state.reading(async |connection| reading::remember(connection, account, id, reading).await).await;
            if let Err(error) = remembered {
                tracing::debug!(%error, "it could not be remembered what was read");
            }
        });
    }
    let since = before.filter(|before| before.revision < revision);
    Around { gone: None, since: since.map(|before| Since { at: before.at, from: before.revision, to: revision }) }
}
