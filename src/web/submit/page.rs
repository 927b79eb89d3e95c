//! The page around the form, and the status it is answered with.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::notice::Notice;
use super::similar::Panel;
use crate::domain::input::FieldError;
use crate::store;
use crate::web::error::PageError;
use crate::web::form::trial::TrialView;
use crate::web::form::view::{Aids, Mode};
use crate::web::form::{Action, Filled, FormView};
use crate::web::page::{Shell, render};
use crate::web::state::AppState;

/// A form on its way back to the person who writes.
pub(super) struct Draft {
    mode: Mode,
    filled: Filled,
    status: StatusCode,
    errors: Vec<FieldError>,
    notice: Notice,
    action: Action,
    focus: Option<String>,
    trial: Option<TrialView>,
    panel: Panel,
    patterns: Patterns,
    aids: Aids,
}

/// Whether to ask the database for the patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patterns {
    Read,
    /// It has just been found away; waiting for it once more would make the person wait twice.
    LeaveOut,
}

impl Draft {
    pub(super) fn new(mode: Mode, filled: Filled) -> Self {
        Self {
            mode,
            filled,
            status: StatusCode::OK,
            errors: Vec::new(),
            notice: Notice::None,
            action: Action::Save,
            focus: None,
            trial: None,
            panel: Panel::Waiting,
            patterns: Patterns::Read,
            aids: Aids::default(),
        }
    }

    pub(super) fn with_notice(mut self, status: StatusCode, notice: Notice) -> Box<Self> {
        self.status = status;
        self.notice = notice;
        Box::new(self)
    }

    pub(super) fn with_errors(mut self, errors: Vec<FieldError>) -> Box<Self> {
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
        self.errors = errors;
        Box::new(self)
    }

    pub(super) fn after(mut self, action: Action, focus: Option<String>) -> Self {
        self.action = action;
        self.focus = focus;
        self
    }

    pub(super) fn with_trial(mut self, trial: TrialView) -> Self {
        self.trial = Some(trial);
        self
    }

    pub(super) fn with_aids(mut self, aids: Aids) -> Self {
        self.aids = aids;
        self
    }

    pub(super) fn with_panel(mut self, panel: Panel) -> Self {
        self.panel = panel;
        self
    }

    pub(super) fn without_patterns(mut self) -> Self {
        self.patterns = Patterns::LeaveOut;
        self
    }
}

#[derive(askama::Template)]
#[template(path = "form/edit.html")]
pub(super) struct FormPage {
    shell: Shell,
    heading: &'static str,
    form: FormView,
    notice: Notice,
    panel: Panel,
    patterns_known: bool,
    origin: Origin,
}

/// Where what the form shows comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It is opened: a draft that the browser kept may be newer.
    Opened,
    /// It came back, with what had just been written in it.
    Returned,
}

impl FormPage {
    /// A page that is opened while the patterns cannot be read.
    pub(super) fn new(shell: Shell, form: FormView, notice: Notice) -> Self {
        let heading = match &form.mode {
            Mode::New => "Write a postmortem",
            Mode::Edit(_) => "Change this story",
        };
        Self { shell, heading, form, notice, panel: Panel::Waiting, patterns_known: false, origin: Origin::Opened }
    }

    fn is_returned(&self) -> bool {
        self.origin == Origin::Returned
    }

    /// What the primary button has to send to carry on with what has been seen above, and what it says.
    fn insists(&self) -> Option<(&'static str, &str, &'static str)> {
        match &self.notice {
            Notice::Similar(_) => Some(("duplicate_ok", "yes", "Publish anyway")),
            Notice::Secrets(_) => Some(("secrets_ok", "yes", "Publish them as they are")),
            Notice::Blast { mark, .. } => Some(("blast_ok", mark, "Save anyway")),
            Notice::None | Notice::Trouble { .. } | Notice::Stale(_) => None,
        }
    }

    fn is_quiet(&self) -> bool {
        matches!(self.notice, Notice::None)
    }
}

/// Answers with the form.
pub(super) async fn show(state: &AppState, shell: Shell, draft: Draft) -> Result<HttpResponse, PageError> {
    let names = match draft.patterns {
        // Without the list the form can still be filled in: what was chosen is carried along.
        Patterns::Read => state.reading(async |connection| store::pattern::names(connection).await).await.ok(),
        Patterns::LeaveOut => None,
    };
    let is_shown_again = draft.action.is_about_rows()
        || matches!(draft.action, Action::Preview | Action::Try | Action::Mask | Action::Similar | Action::Aid(_));
    let came_back = is_shown_again || !draft.errors.is_empty() || !matches!(draft.notice, Notice::None);
    let origin = if came_back { Origin::Returned } else { Origin::Opened };
    let mut form = FormView::new(draft.mode, draft.filled, names.as_deref())
        .with_errors(&draft.errors)
        .with_focus(draft.focus)
        .with_aids(draft.aids);
    if draft.action == Action::Preview {
        form = form.with_preview();
    }
    if let Some(trial) = draft.trial {
        form = form.with_trial(trial);
    }
    if draft.action == Action::Start {
        form = form.with_focus(Some("title".to_owned()));
    }
    let (panel, patterns_known) = (draft.panel, names.is_some());
    let page = FormPage { panel, patterns_known, origin, ..FormPage::new(shell, form, draft.notice) };
    render(&page, draft.status)
}
