//! The pages of drafts that are not forms.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::domain::{Draft, ReviewStep, Status};
use crate::store::draft::Listed;
use crate::web::error::PageError;
use crate::web::page::{Shell, render};

#[derive(askama::Template)]
#[template(path = "drafts/list.html")]
pub(super) struct ListPage {
    shell: Shell,
    /// Those that are still on their way.
    open: Vec<Listed>,
    /// The others.
    over: Vec<Listed>,
}

impl ListPage {
    pub(super) fn new(shell: Shell, drafts: Vec<Listed>) -> Self {
        let is_open = |draft: &Listed| matches!(draft.status, Status::Draft | Status::InReview);
        let (open, over) = drafts.into_iter().partition(is_open);
        Self { shell, open, over }
    }

    pub(super) fn answer(&self) -> Result<HttpResponse, PageError> {
        render(self, StatusCode::OK)
    }

    /// How it stands, in words.
    fn standing(&self, draft: &Listed) -> &'static str {
        match (draft.status, draft.step) {
            (Status::Draft, Some(ReviewStep::ChangesAsked)) => "Changes asked for",
            (Status::Draft, Some(ReviewStep::TakenBack)) => "Taken back",
            (Status::Draft, _) => "Being written",
            (Status::InReview, _) => "Waits for a reviewer",
            (Status::Published, _) => "Published",
            (Status::Withdrawn, Some(ReviewStep::Declined)) => "Declined",
            (Status::Withdrawn, _) => "Given up",
        }
    }

    fn can_be_discarded(&self, draft: &Listed) -> bool {
        draft.status == Status::Draft
    }
}

/// A draft that is not being written.
#[derive(askama::Template)]
#[template(path = "drafts/shown.html")]
pub(super) struct ShownPage {
    pub(super) shell: Shell,
    pub(super) draft: Draft,
    /// Whether whoever looks at it wrote it.
    pub(super) is_own: bool,
    /// The page that it would have as a story.
    pub(super) html: String,
}

impl ShownPage {
    pub(super) fn answer(&self) -> Result<HttpResponse, PageError> {
        render(self, StatusCode::OK)
    }

    fn heading(&self) -> &'static str {
        match self.draft.status {
            Status::Draft => "This draft is being written",
            Status::InReview => "This waits for a reviewer",
            Status::Published => "This was published",
            Status::Withdrawn => "This is not on its way any more",
        }
    }

    fn words(&self) -> &'static str {
        match self.draft.status {
            Status::Draft => "",
            Status::InReview => "Below is what readers will see. Nobody finds it before it is published.",
            Status::Published => "Below is what was published then; the story itself may have been changed since.",
            Status::Withdrawn => "It was declined or given up. Below is what it said.",
        }
    }

    fn is_in_review(&self) -> bool {
        self.draft.status == Status::InReview
    }
}
