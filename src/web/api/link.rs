//! Records by name and address: absolute where the public address of the server is known, else a path.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;

use crate::domain::{FailureKind, Slug};
use crate::web::state::Settings;

/// Puts the public address before paths.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    base: String,
}

/// A record to go to.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Link {
    kind: FailureKind,
    slug: Slug,
    title: String,
    url: String,
}

impl Addresses {
    pub(super) fn of(settings: &Settings) -> Self {
        Self { base: settings.public_url.clone().unwrap_or_default() }
    }

    /// What stands before paths: the public address, or nothing.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The page of a record.
    pub(super) fn page(&self, kind: FailureKind, slug: &Slug) -> String {
        format!("{}/{}/{slug}", self.base, folder(kind))
    }

    /// The record itself.
    pub(super) fn record(&self, kind: FailureKind, slug: &Slug) -> String {
        format!("{}/api/v1/{}/{slug}", self.base, folder(kind))
    }

    /// Leads to where a record is now.
    pub(super) fn moved(&self, kind: FailureKind, slug: &Slug) -> HttpResponse {
        HttpResponse::MovedPermanently().insert_header((header::LOCATION, self.record(kind, slug))).finish()
    }

    pub(super) fn link(&self, kind: FailureKind, slug: &Slug, title: &str) -> Link {
        Link { kind, slug: slug.clone(), title: title.to_owned(), url: self.page(kind, slug) }
    }
}

fn folder(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Story => "stories",
        FailureKind::Pattern => "patterns",
    }
}
