//! What readers find at the address of a record that was withdrawn or merged into another.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::Record;
use crate::domain::matching::Card;
use crate::store::keeping::{Kept, Withdrawal};
use crate::web::error::PageError;
use crate::web::failure::{moved, noun_of, path_of, section_of};
use crate::web::page::{Shell, render};
use crate::web::state::AppState;

/// A record that is not published any more.
pub(in crate::web) struct Gone {
    pub(in crate::web) record: Record,
    pub(in crate::web) withdrawal: Withdrawal,
}

impl Gone {
    /// How alike a record has to be to be offered instead; as beside the form of a new story.
    const ALIKE: f32 = 0.3;
    /// How many are offered.
    const OFFERED: usize = 4;

    /// Its address, which says what became of it.
    pub(in crate::web) fn path(&self) -> String {
        format!("{}/{}", path_of(self.record.kind()), self.record.slug())
    }

    pub(in crate::web) fn noun(&self) -> &'static str {
        noun_of(self.record.kind())
    }

    /// Where its readers are led, where it was merged.
    pub(in crate::web) fn kept(&self) -> Option<&Kept> {
        self.withdrawal.kept.as_ref()
    }

    /// The address of that.
    pub(in crate::web) fn kept_path(&self) -> Option<String> {
        self.kept().map(|kept| format!("{}/{}", path_of(self.record.kind()), kept.slug))
    }

    /// The day on which it was withdrawn.
    pub(in crate::web) fn day(&self) -> String {
        self.withdrawal.at.format("%-d %B %Y").to_string()
    }

    /// For programs, and where there is no page.
    pub(in crate::web) fn refusal(&self) -> PageError {
        let Withdrawal { reason, by, .. } = &self.withdrawal;
        PageError::Gone(format!("This {} was withdrawn on {} by {by}: {reason}", self.noun(), self.day()))
    }

    /// Leads to the record that it was merged into, `rest` being what follows the slug; or says that it is gone.
    pub(in crate::web) fn led_on(&self, rest: &str) -> Result<HttpResponse, PageError> {
        match self.kept() {
            Some(kept) => Ok(moved(self.record.kind(), &kept.slug, rest)),
            None => Err(self.refusal()),
        }
    }

    /// What is answered at its address: the way to the record that it was merged into, or what was here and why it is
    /// not any more.
    pub(in crate::web) async fn page(self, state: &AppState, shell: Shell) -> Result<HttpResponse, PageError> {
        if self.kept().is_some() {
            return self.led_on("");
        }
        let failure = self.record.failure();
        let (title, symptom) = (failure.title.to_string(), failure.symptom.to_string());
        let similar = state.searching(move |index| index.similar(&title, &symptom, Self::OFFERED)).await;
        let similar = similar.unwrap_or_else(|error| {
            tracing::warn!(%error, "similar records could not be looked up");
            Vec::new()
        });
        let similar = similar.into_iter().filter(|one| one.similarity >= Self::ALIKE).map(|one| one.card).collect();
        let shell = shell.at(section_of(self.record.kind()));
        render(&GonePage { shell, gone: self, similar }, StatusCode::GONE)
    }
}

#[derive(Template)]
#[template(path = "keeping/gone.html")]
struct GonePage {
    shell: Shell,
    gone: Gone,
    similar: Vec<Card>,
}
