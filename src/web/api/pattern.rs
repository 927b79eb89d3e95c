//! One pattern: `GET /api/v1/patterns/{slug}`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::link::{Addresses, Link};
use super::story::Whole;
use crate::domain::{FailureKind, Pattern, Slug, Status};
use crate::store;
use crate::web::error::PageError;
use crate::web::state::AppState;

#[derive(Serialize)]
struct WithStories {
    #[serde(flatten)]
    pattern: Whole<Pattern>,
    /// The published stories that are instances of it.
    stories: Vec<Link>,
}

pub(super) async fn read(state: web::Data<AppState>, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    let nothing = || PageError::NotFound("pattern of that name".to_owned());
    let slug = Slug::parse(&slug).map_err(|_| nothing())?;
    let found = state
        .reading(async |connection| {
            let Some(entry) = store::pattern::find_by_slug(connection, &slug).await? else { return Ok(None) };
            let ids = store::pattern::instances(connection, &[entry.id]).await?;
            Ok(Some((entry, store::record::find_all(connection, &ids).await?)))
        })
        .await?;
    let (entry, instances) = found.filter(|(entry, _)| entry.status == Status::Published).ok_or_else(nothing)?;
    let addresses = Addresses::of(&state.settings);
    if entry.slug != slug {
        let present = addresses.record(FailureKind::Pattern, &entry.slug);
        return Ok(HttpResponse::MovedPermanently().insert_header((header::LOCATION, present)).finish());
    }
    let published = instances.iter().filter(|record| record.status() == Status::Published);
    let stories =
        published.map(|record| addresses.link(record.kind(), record.slug(), record.failure().title.as_str())).collect();
    let url = addresses.page(FailureKind::Pattern, &slug);
    Ok(HttpResponse::Ok().json(WithStories { pattern: Whole { kind: FailureKind::Pattern, url, entry }, stories }))
}
