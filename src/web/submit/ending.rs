//! What becomes of a story that is finished: published, or handed in for review; or the form again, saying why not.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use super::merge;
use super::notice::Notice;
use super::page::{Ending, Reply, show};
use super::save::{self, SaveFailure, Similarity};
use super::similar::SimilarStory;
use super::turn::{Sent, Turn, away, fault, writing};
use crate::domain::input::FieldError;
use crate::domain::{Actor, DraftId, FailureId, Invalid, Line, Permission, Saved, Status, Story};
use crate::service;
use crate::service::draft::submit::HandedIn;
use crate::service::reviewing::work::{Price, WorkError};
use crate::service::submit::Submission;
use crate::store::draft::Writing;
use crate::web::error::PageError;
use crate::web::extract::parse_form;
use crate::web::form::body::{Duplicates, Secrets};
use crate::web::form::secrets::{self, Weight};
use crate::web::form::trial::BlastView;
use crate::web::form::view::Mode;
use crate::web::form::{Action, Filled};
use crate::web::page::Shell;
use crate::web::review::work;
use crate::web::state::Settings;

/// Asks the page of a new story to thank a visitor who handed one in.
pub(super) const THANKS: &str = "handed-in=1";

/// What it came to.
enum Ended {
    Published(Saved),
    HandedIn(DraftId, FailureId),
}

/// What the form says, found right.
struct Checked {
    filled: Filled,
    writing: Writing,
    story: Story,
    note: Option<Line>,
    author_name: Option<Line>,
    price: Result<Price, WorkError>,
}

/// Tells `form.js` which story was saved, so that it forgets the draft of it. It holds nothing secret, and is for scripts.
pub(super) fn saved_cookie(settings: &Settings, id: FailureId) -> String {
    let (prefix, secure) = if settings.is_https() { ("__Host-", "; Secure") } else { ("", "") };
    format!("{prefix}casebook-saved={id}; Path=/; Max-Age=86400; SameSite=Lax{secure}")
}

impl Turn<'_> {
    /// Publishes it or hands it in: what the button says, as far as its presser may.
    pub(super) async fn end(self, shell: Shell, sent: Sent) -> Result<HttpResponse, PageError> {
        let may_publish = self.state.settings.policy.permits(self.by, Permission::Publish).is_ok();
        let ending =
            if sent.filled.action == Action::HandIn || !may_publish { Ending::Review } else { Ending::Publication };
        let writing = writing(&sent)?;
        let state = self.state;
        let is_stranger = *self.by == Actor::Anonymous;
        let price = parse_form::<work::Sent>(sent.body()).unwrap_or_default().price(&state.settings, self.request);
        let outcome = match self.check(sent.filled, writing, price) {
            Ok(checked) => self.settle(checked, ending).await,
            Err(reply) => Err(reply),
        };
        let (location, id) = match outcome {
            Ok(Ended::Published(Saved { id, slug, .. })) => (format!("/stories/{slug}?saved=1"), id),
            Ok(Ended::HandedIn(_, id)) if is_stranger => (format!("/stories/new?{THANKS}"), id),
            Ok(Ended::HandedIn(draft, id)) => (format!("/drafts/{draft}"), id),
            Err(reply) => return show(state, shell, *reply.towards(ending)).await,
        };
        Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, location))
            .append_header((header::SET_COOKIE, saved_cookie(&state.settings, id)))
            .finish())
    }

    /// What the form says as a story, or the form again with what is wrong.
    fn check(&self, filled: Filled, writing: Writing, price: Result<Price, WorkError>) -> Result<Checked, Box<Reply>> {
        if let Some(notice) = self.forgery(&filled) {
            return Err(Reply::new(self.mode.clone(), filled).with_notice(StatusCode::FORBIDDEN, notice));
        }
        if filled.secrets == Secrets::Show {
            let mut found = secrets::find(&filled.input);
            found.retain(|one| one.weight == Weight::Credential);
            if !found.is_empty() {
                let notice = Notice::Secrets(found);
                return Err(Reply::new(self.mode.clone(), filled).with_notice(StatusCode::CONFLICT, notice));
            }
        }
        let (note, author_name) = (line(&filled.note), line(&filled.author_name));
        match (filled.input.parse(), note, author_name) {
            (Ok(story), Ok(note), Ok(author_name)) => Ok(Checked { filled, writing, story, note, author_name, price }),
            (story, note, author_name) => {
                let wrong =
                    |field: &str, why: Invalid| FieldError { field: field.to_owned(), message: why.to_string() };
                let mut errors = story.err().unwrap_or_default();
                errors.extend(note.err().map(|why| wrong("note", why)));
                errors.extend(author_name.err().map(|why| wrong("author_name", why)));
                Err(Reply::new(self.mode.clone(), filled).with_errors(errors))
            }
        }
    }

    async fn settle(self, checked: Checked, ending: Ending) -> Result<Ended, Box<Reply>> {
        let Checked { filled, writing, story, note, author_name, price } = checked;
        if filled.base.is_none()
            && filled.duplicates == Duplicates::Show
            && let Some(notice) = self.likely_the_same(&filled, &story).await
        {
            return Err(Reply::new(self.mode, filled).with_notice(StatusCode::CONFLICT, notice));
        }
        let ended = match (ending, filled.base) {
            (Ending::Review, _) => {
                let seen = filled.seen;
                let price = match price {
                    Err(error) if *self.by == Actor::Anonymous => {
                        return Err(self.not_saved(filled, SaveFailure::Unpaid(error.to_string()), Some(&story)).await);
                    }
                    price => price.ok(),
                };
                let handed = HandedIn { writing, seen, story: story.clone(), note, author_name, price };
                let handed = save::hand_in(self.state, self.by, handed, &filled.blast).await;
                handed.map(|draft| Ended::HandedIn(draft, filled.id))
            }
            (Ending::Publication, None) => {
                let submission = Submission { id: filled.id, story: story.clone(), note: None, by: self.by.clone() };
                save::publish(self.state, submission).await.map(Ended::Published)
            }
            (Ending::Publication, Some(base)) => {
                let story = story.clone();
                let saved = save::revise(self.state, filled.id, base, story, note, self.by, &filled.blast).await;
                saved.map(Ended::Published)
            }
        };
        match ended {
            Ok(ended) => {
                if let Ended::Published(_) = ended {
                    self.note_published(filled.draft).await;
                }
                Ok(ended)
            }
            Err(failure) => Err(self.not_saved(filled, failure, Some(&story)).await),
        }
    }

    /// The draft of what was published has done its work. That it is still listed would be no reason to say that the story
    /// was not saved.
    async fn note_published(&self, draft: DraftId) {
        if let Err(error) = service::draft::published(&self.state.database, self.by, draft).await {
            tracing::warn!(%error, %draft, "a draft that was published is still listed as being written");
        }
    }

    async fn likely_the_same(&self, filled: &Filled, story: &Story) -> Option<Notice> {
        let (title, symptom) = (story.failure.title.to_string(), story.failure.symptom.to_string());
        let similar = save::similar(self.state, title, symptom, Similarity::LIKELY_THE_SAME).await;
        // A form sent twice finds what the first one saved: that is no other story.
        let is_known = similar.is_empty() || similar.iter().any(|one| one.card.id == filled.id);
        (!is_known).then(|| {
            Notice::Similar(similar.iter().map(|one| SimilarStory::new(&one.card, &filled.input.patterns)).collect())
        })
    }

    /// The form for a save that came to nothing, saying why; `yours` is what it says, where it was found right.
    pub(super) async fn not_saved(self, mut filled: Filled, failure: SaveFailure, yours: Option<&Story>) -> Box<Reply> {
        let mode = self.mode;
        match failure {
            SaveFailure::Stale(current) => merge::with_story(self.state, mode, filled, *current, yours).await,
            SaveFailure::StaleDraft(theirs) => merge::with_draft(mode, filled, *theirs).await,
            SaveFailure::Refused(examined) => {
                filled.ask_for_reasons(&examined.effect.cross_fire);
                Reply::new(mode, filled).with_errors(examined.errors)
            }
            SaveFailure::Unseen(blast) => {
                filled.blast.clear();
                let notice = Notice::Blast { view: BlastView::from(&*blast), mark: blast.mark() };
                Reply::new(mode, filled).with_notice(StatusCode::CONFLICT, notice)
            }
            SaveFailure::UnknownPatterns(error) => Reply::new(mode, filled).with_errors(vec![error]),
            SaveFailure::Gone => troubled(
                mode,
                filled,
                "This story is not here any more",
                "What you wrote is still in the form. Copy what you need, and begin a new story with it.",
            ),
            SaveFailure::Settled(status) => settled(mode, filled, status),
            SaveFailure::NotYours => troubled(
                mode,
                filled,
                "This draft is not yours",
                "What you wrote is still in the form. Copy what you need, and begin a new story with it.",
            ),
            SaveFailure::TooManyDrafts => troubled(
                mode,
                filled,
                "You are writing very many drafts",
                "Discard some that you do not need, then save this one again. Everything you wrote is still in the form.",
            ),
            SaveFailure::Unpaid(words) => Reply::new(mode, filled).with_notice(
                StatusCode::UNPROCESSABLE_ENTITY,
                Notice::trouble(
                    "It was not handed in yet",
                    &format!("{words} Everything you wrote is still in the form."),
                ),
            ),
            SaveFailure::NoSpace(words) => Reply::new(mode, filled)
                .with_notice(StatusCode::INSUFFICIENT_STORAGE, Notice::trouble("There is no room to save it", &words)),
            SaveFailure::Unavailable => away(mode, filled),
            SaveFailure::Fault => fault(mode, filled),
        }
    }
}

fn settled(mode: Mode, filled: Filled, status: Status) -> Box<Reply> {
    let words = match status {
        Status::InReview => {
            "It waits for a reviewer. Take it back on its own page to change it. What you wrote here is still in the form."
        }
        Status::Draft | Status::Published | Status::Withdrawn => {
            "What you wrote here is still in the form. Copy what you need, and begin anew with it."
        }
    };
    troubled(mode, filled, &format!("This draft is {} by now", status.label().to_lowercase()), words)
}

fn troubled(mode: Mode, filled: Filled, heading: &str, words: &str) -> Box<Reply> {
    Reply::new(mode, filled).with_notice(StatusCode::CONFLICT, Notice::trouble(heading, words))
}

/// A line that may be left out.
fn line(text: &str) -> Result<Option<Line>, Invalid> {
    if text.trim().is_empty() { Ok(None) } else { Line::parse(text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::saved_cookie;
    use crate::domain::{FailureId, Policy};
    use crate::web::state::Settings;

    #[test]
    fn over_https_the_script_is_told_by_a_cookie_of_this_host_alone() {
        let over = |url: &str| {
            let settings = Settings { public_url: Some(url.to_owned()), ..Settings::new(Policy::TRYING, ".".into()) };
            saved_cookie(&settings, FailureId(uuid::Uuid::nil()))
        };
        let kept = "casebook-saved=00000000-0000-0000-0000-000000000000; Path=/; Max-Age=86400; SameSite=Lax";
        assert_eq!(over("http://127.0.0.1:8080"), kept);
        assert_eq!(over("https://casebook.example.com"), format!("__Host-{kept}; Secure"));
    }
}
