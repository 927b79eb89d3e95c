//! The two pages on which a picture is added without scripts: one to choose it, one with the Markdown that shows it.

use super::sent::Words;
use crate::domain::{FailureId, PictureAddress};
use crate::markdown::{SafeHtml, picture_markdown, to_html};
use crate::picture::Picture;
use crate::web::page::Shell;

/// A file to choose, and words for it.
#[derive(askama::Template)]
#[template(path = "picture/new.html")]
pub(super) struct NewPage {
    shell: Shell,
    failure: FailureId,
    words: Words,
    /// What was wrong with the last one; empty at first.
    complaint: String,
}

impl NewPage {
    pub(super) fn new(shell: Shell, failure: FailureId, words: Words, complaint: String) -> Self {
        Self { shell, failure, words, complaint }
    }

    fn most_mib(&self) -> usize {
        Picture::MOST_BYTES >> 20
    }
}

/// What to copy into the story.
#[derive(askama::Template)]
#[template(path = "picture/added.html")]
pub(super) struct AddedPage {
    shell: Shell,
    failure: FailureId,
    markdown: String,
    shown: SafeHtml,
    is_silent: bool,
}

impl AddedPage {
    pub(super) fn new(shell: Shell, failure: FailureId, address: PictureAddress, words: &Words) -> Self {
        let markdown = picture_markdown(address, &words.alt, &words.caption);
        let shown = to_html(&markdown);
        Self { shell, failure, markdown, shown, is_silent: words.alt.trim().is_empty() }
    }
}
