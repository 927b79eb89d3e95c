//! The page around the form, and the status it is answered with.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::notice::Notice;
use super::similar::Panel;
use crate::domain::input::FieldError;
use crate::store;
use crate::web::error::PageError;
use crate::web::form::contest::Contest;
use crate::web::form::preview::{Preview, Sketch, set_apart};
use crate::web::form::trial::TrialView;
use crate::web::form::view::{Aids, Mode};
use crate::web::form::{Action, Filled, FormView};
use crate::web::page::{Shell, render};
use crate::web::review::work::WorkField;
use crate::web::state::AppState;
use crate::web::story;

/// A form on its way back to the person who writes.
pub(in crate::web) struct Reply {
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
    contests: Vec<Contest>,
    ending: Ending,
    aids: Aids,
}

/// What the writer wants to come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// To be there for all at once.
    Publication,
    /// To be looked at by somebody else first.
    Review,
}

/// Whether to ask the database for the patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patterns {
    Read,
    /// It has just been found away; waiting for it once more would make the person wait twice.
    LeaveOut,
}

impl Reply {
    pub(in crate::web) fn new(mode: Mode, filled: Filled) -> Self {
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
            contests: Vec::new(),
            ending: Ending::Publication,
            aids: Aids::default(),
        }
    }

    pub(in crate::web) fn with_notice(mut self, status: StatusCode, notice: Notice) -> Box<Self> {
        self.status = status;
        self.notice = notice;
        Box::new(self)
    }

    /// The same form with a calm word above it.
    pub(in crate::web) fn saying(mut self, notice: Notice) -> Self {
        self.notice = notice;
        self
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

    pub(super) fn with_contests(mut self, contests: Vec<Contest>) -> Self {
        self.contests = contests;
        self
    }

    /// Notes what the writer wanted, so that a button that carries on does that.
    pub(super) fn towards(mut self: Box<Self>, ending: Ending) -> Box<Self> {
        self.ending = ending;
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
    ending: Ending,
    /// What a visitor without an account has to have worked out.
    work: Option<WorkField>,
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
        let heading = if form.is_edit() { "Change this story" } else { "Write a postmortem" };
        Self {
            shell,
            heading,
            form,
            notice,
            panel: Panel::Waiting,
            patterns_known: false,
            origin: Origin::Opened,
            ending: Ending::Publication,
            work: None,
        }
    }

    fn is_returned(&self) -> bool {
        self.origin == Origin::Returned
    }

    /// What the primary button has to send to carry on with what has been seen above, and what it says.
    fn insists(&self) -> Option<(&'static str, &str, &'static str)> {
        let say = |published, reviewed| match self.ending {
            Ending::Publication => published,
            Ending::Review => reviewed,
        };
        match &self.notice {
            Notice::Similar(_) => Some(("duplicate_ok", "yes", say("Publish anyway", "Hand in anyway"))),
            Notice::Secrets(_) => {
                Some(("secrets_ok", "yes", say("Publish them as they are", "Hand them in as they are")))
            }
            Notice::Blast { mark, .. } => Some(("blast_ok", mark, say("Save anyway", "Hand in anyway"))),
            Notice::None
            | Notice::Trouble { .. }
            | Notice::LoggedOut
            | Notice::Merge(_)
            | Notice::Told(_)
            | Notice::Masked(_) => None,
        }
    }

    fn is_for_review(&self) -> bool {
        self.ending == Ending::Review
    }

    /// Whether the server keeps drafts of this visitor; strangers have those in their browser.
    fn keeps_drafts(&self) -> bool {
        !self.shell.offers_login()
    }

    fn is_quiet(&self) -> bool {
        self.notice.is_calm()
    }
}

/// Answers with the form.
pub(in crate::web) async fn show(state: &AppState, shell: Shell, reply: Reply) -> Result<HttpResponse, PageError> {
    let names = match reply.patterns {
        // Without the list the form can still be filled in: what was chosen is carried along.
        Patterns::Read => state.reading(async |connection| store::pattern::names(connection).await).await.ok(),
        Patterns::LeaveOut => None,
    };
    let is_shown_again = reply.action.is_about_rows()
        || matches!(reply.action, Action::Preview | Action::Try | Action::Mask | Action::Similar | Action::Aid(_));
    let came_back = is_shown_again || !reply.errors.is_empty() || !reply.notice.is_calm();
    let origin = if came_back { Origin::Returned } else { Origin::Opened };
    let preview =
        if reply.action == Action::Preview { Some(preview(state, &shell, &reply.filled).await?) } else { None };
    let mut form = FormView::new(reply.mode, reply.filled, names.as_deref())
        .with_errors(&reply.errors)
        .with_contests(reply.contests)
        .with_focus(reply.focus)
        .with_aids(reply.aids);
    if let Some(preview) = preview {
        form = form.with_preview(preview);
    }
    if let Some(trial) = reply.trial {
        form = form.with_trial(trial);
    }
    if reply.action == Action::Start {
        form = form.with_focus(Some("title".to_owned()));
    }
    let (panel, patterns_known, ending) = (reply.panel, names.is_some(), reply.ending);
    let work = shell.offers_login().then(|| WorkField::new(state.clock.now()));
    let page = FormPage { panel, patterns_known, origin, ending, work, ..FormPage::new(shell, form, reply.notice) };
    render(&page, reply.status)
}

/// The page that the story would have, as far as it is written.
async fn preview(state: &AppState, shell: &Shell, filled: &Filled) -> Result<Preview, PageError> {
    let Some(Sketch { story, left_out }) = Sketch::of(&filled.input) else {
        return Ok(Preview { html: String::new(), left_out: Vec::new() });
    };
    let html = story::preview(state, shell.clone(), filled.id, story).await?;
    Ok(Preview { html: set_apart(&html), left_out })
}
