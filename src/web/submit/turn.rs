//! One press of a button of the form, whichever page the form is on.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::notice::Notice;
use super::page::{Reply, show};
use super::similar::Panel;
use super::{State, save};
use crate::domain::{Actor, Denial, Slug};
use crate::service::review::published::{Purpose, Written};
use crate::store::draft::{Owner, Writing};
use crate::web::error::PageError;
use crate::web::extract::form_body;
use crate::web::form::trial::TrialView;
use crate::web::form::view::Mode;
use crate::web::form::{Action, BodyError, Filled, body, paste, secrets};
use crate::web::guard::{self, Leave, Refusal};
use crate::web::page::Shell;

/// A form that was sent.
pub(in crate::web) struct Sent {
    /// What it says.
    pub(in crate::web) filled: Filled,
    /// As it came.
    body: web::Bytes,
}

impl Sent {
    pub(in crate::web) async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Self, PageError> {
        let body = form_body(request, payload.into_inner()).await?;
        let filled = Filled::parse(&body).map_err(|error| match error {
            BodyError::TooLarge(_) => PageError::TooLarge(error.to_string()),
            BodyError::NotText(_)
            | BodyError::Ragged { .. }
            | BodyError::TooManyRows { .. }
            | BodyError::Hidden { .. }
            | BodyError::Malformed(_) => PageError::BadRequest(error.to_string()),
        })?;
        Ok(Self { filled, body })
    }

    /// The form as it came, encoded.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }
}

/// What a draft is to hold of a form that was sent.
pub(in crate::web) fn writing(sent: &Sent) -> Result<Writing, PageError> {
    const LONGEST_TITLE: usize = 200;
    let filled = &sent.filled;
    let title: String = filled.input.failure.title.trim().chars().take(LONGEST_TITLE).collect();
    Ok(Writing {
        id: filled.draft,
        failure: filled.id,
        base: filled.base,
        // The database takes no NUL; the form holds it encoded.
        title: title.replace('\0', "\u{2400}"),
        form: body::kept(&sent.body).map_err(|error| PageError::BadRequest(error.to_string()))?,
        saved_from: filled.tab.to_string(),
    })
}

/// A press of a button.
pub(in crate::web) struct Turn<'a> {
    pub(in crate::web) request: &'a HttpRequest,
    pub(in crate::web) state: &'a State,
    pub(in crate::web) by: &'a Actor,
    pub(in crate::web) mode: Mode,
}

impl Turn<'_> {
    /// Does what the button says, as far as its presser may.
    pub(in crate::web) async fn take(
        self,
        shell: Shell,
        leave: Leave,
        sent: Result<Sent, PageError>,
    ) -> Result<HttpResponse, PageError> {
        let sent = match (leave.0, sent) {
            (Ok(()), sent) => sent?,
            (Err(refusal), Ok(sent)) => {
                return show(self.state, shell, given_back(self.mode, sent.filled, refusal)).await;
            }
            (Err(Refusal::Denied(denial)), Err(_)) => return Err(PageError::Denied(denial)),
            (Err(Refusal::Unasked), Err(unreadable)) => return Err(unreadable),
        };
        if sent.filled.base.is_none() && matches!(self.mode, Mode::Edit(_)) {
            return Err(PageError::BadRequest(
                "The form does not say which revision it changes. Open it again.".to_owned(),
            ));
        }
        let state = self.state;
        let reply = match sent.filled.action {
            Action::Save | Action::HandIn => return self.end(shell, sent).await,
            Action::KeepDraft => return self.keep(shell, sent).await,
            Action::Try | Action::Mask => self.try_rules(sent.filled).await,
            Action::Aid(aid) => self.aided(sent.filled, aid).await,
            Action::Similar if sent.filled.base.is_none() => self.compared(sent.filled).await,
            Action::Similar
            | Action::Preview
            | Action::Start
            | Action::Add(_)
            | Action::Remove(..)
            | Action::AddTo(..)
            | Action::RemoveFrom(..) => changed(self.mode, sent.filled),
        };
        show(state, shell, reply).await
    }

    /// Why a form may not be one of ours.
    pub(super) fn forgery(&self, filled: &Filled) -> Option<Notice> {
        let refusal = guard::check_token(&self.state.settings, self.request.headers(), &filled.csrf).err()?;
        Some(Notice::trouble(
            "The form could not be accepted",
            &format!("{refusal} Or simply save again from here: nothing you wrote is lost."),
        ))
    }

    /// Keeps the draft, and leads to its own page.
    async fn keep(self, shell: Shell, sent: Sent) -> Result<HttpResponse, PageError> {
        let writing = writing(&sent)?;
        let filled = sent.filled;
        if let Some(notice) = self.forgery(&filled) {
            return show(self.state, shell, *Reply::new(self.mode, filled).with_notice(StatusCode::FORBIDDEN, notice))
                .await;
        }
        let Some(owner) = Owner::of(self.by) else {
            let notice = Notice::trouble(
                "Only your browser keeps this",
                "Drafts are kept on the server for those who have an account. Everything you wrote is still in the form.",
            );
            return show(self.state, shell, *Reply::new(self.mode, filled).with_notice(StatusCode::FORBIDDEN, notice))
                .await;
        };
        match save::keep(self.state, &owner, &writing, filled.seen).await {
            Ok(_) => Ok(HttpResponse::SeeOther()
                .insert_header((header::LOCATION, format!("/drafts/{}?saved=1", filled.draft)))
                .append_header((header::SET_COOKIE, super::ending::saved_cookie(&self.state.settings, filled.id)))
                .finish()),
            Err(failure) => {
                let state = self.state;
                let reply = self.not_saved(filled, failure, None).await;
                show(state, shell, *reply).await
            }
        }
    }

    /// The form with what its rules do, whether or not the rest of it is right. It reads everything that is published, so
    /// it is held to come from our own page like a save.
    async fn try_rules(self, mut filled: Filled) -> Reply {
        if let Some(notice) = self.forgery(&filled) {
            return *Reply::new(self.mode, filled).with_notice(StatusCode::FORBIDDEN, notice);
        }
        let action = filled.action;
        let mut notice = Notice::None;
        if action == Action::Mask {
            notice = Notice::Masked(secrets::find(&filled.input));
            secrets::mask_all(&mut filled.input);
        }
        if action == Action::Mask && filled.input.failure.rules.is_empty() {
            return Reply::new(self.mode, filled).after(action, Some("symptom".to_owned())).saying(notice);
        }
        let rules = match filled.input.failure.parse_rules() {
            Ok(rules) => rules,
            Err(errors) => return Reply::new(self.mode, filled).with_errors(errors).after(action, None).saying(notice),
        };
        let patterns = filled.input.patterns.iter().filter_map(|slug| Slug::parse(slug).ok()).collect();
        let written = Written { rules: rules.clone(), patterns };
        match save::examine(self.state, filled.id, written, Purpose::Try).await {
            Ok(examined) => {
                filled.ask_for_reasons(&examined.effect.cross_fire);
                let trial = TrialView::new(&rules, &examined, secrets::find(&filled.input));
                Reply::new(self.mode, filled).after(action, None).with_trial(trial).saying(notice)
            }
            Err(save::SaveFailure::Unavailable) => *away(self.mode, filled),
            Err(_logged) => *fault(self.mode, filled),
        }
    }

    /// The form with what resembles it, where no script looks for that while it is filled in.
    async fn compared(self, filled: Filled) -> Reply {
        let failure = &filled.input.failure;
        let panel = Panel::of(self.state, failure.title.clone(), failure.symptom.clone(), &filled.input.patterns).await;
        Reply::new(self.mode, filled).after(Action::Similar, Some("similar-stories".to_owned())).with_panel(panel)
    }
}

/// The form for somebody who may not send it: with what they wrote, and nothing that was read for them.
fn given_back(mode: Mode, filled: Filled, refusal: Refusal) -> Reply {
    let (status, notice) = match refusal {
        Refusal::Denied(Denial::Unknown) => (StatusCode::UNAUTHORIZED, Notice::LoggedOut),
        Refusal::Denied(denial) => (
            StatusCode::FORBIDDEN,
            Notice::trouble("You may not save this", &format!("{denial} Everything you wrote is still in the form.")),
        ),
        Refusal::Unasked => return *away(mode, filled),
    };
    *Reply::new(mode, filled).without_patterns().with_notice(status, notice)
}

/// The form after a button that saves nothing.
fn changed(mode: Mode, mut filled: Filled) -> Reply {
    if filled.action == Action::Start {
        filled.input.failure.symptom = paste::to_symptom(&filled.input.failure.symptom);
    }
    let action = filled.action;
    let focus = action.apply(&mut filled.input);
    Reply::new(mode, filled).after(action, focus)
}

pub(super) fn away(mode: Mode, filled: Filled) -> Box<Reply> {
    Reply::new(mode, filled).without_patterns().with_notice(
        StatusCode::SERVICE_UNAVAILABLE,
        Notice::trouble(
            "The database cannot be reached at the moment",
            "Everything you wrote is still in the form: wait a little and save again. Sent twice, it is saved once.",
        ),
    )
}

pub(super) fn fault(mode: Mode, filled: Filled) -> Box<Reply> {
    Reply::new(mode, filled).with_notice(
        StatusCode::INTERNAL_SERVER_ERROR,
        Notice::trouble(
            "Something went wrong on this server",
            "It has been logged. Nothing has been saved, and everything you wrote is still in the form.",
        ),
    )
}
