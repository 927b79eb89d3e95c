//! One pattern: `GET /api/v1/patterns/{slug}`.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::link::{Addresses, Link};
use super::story::Whole;
use crate::domain::{FailureKind, Pattern, Record, Status};
use crate::store;
use crate::web::error::PageError;
use crate::web::failure::{self, Found};
use crate::web::pattern::expect_pattern;
use crate::web::state::AppState;

#[derive(Serialize)]
struct WithStories {
    #[serde(flatten)]
    pattern: Whole<Pattern>,
    /// The published stories that are instances of it.
    stories: Vec<Link>,
}

pub(super) async fn read(state: web::Data<AppState>, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    let addresses = Addresses::of(&state.settings);
    match failure::find(&state, FailureKind::Pattern, &slug).await? {
        Found::Here(record) => whole(&state, *record, &addresses).await,
        Found::Moved(present) => Ok(addresses.moved(FailureKind::Pattern, &present)),
        Found::Withdrawn(gone) => match gone.kept() {
            Some(kept) => Ok(addresses.moved(FailureKind::Pattern, &kept.slug)),
            None => Err(gone.refusal()),
        },
        Found::Missing => Err(PageError::NotFound("pattern of that name".to_owned())),
    }
}

async fn whole(state: &AppState, record: Record, addresses: &Addresses) -> Result<HttpResponse, PageError> {
    let entry = expect_pattern(record)?;
    let instances = state
        .reading(async |connection| {
            let ids = store::pattern::instances(connection, &[entry.id]).await?;
            store::record::find_all(connection, &ids).await
        })
        .await?;
    let published = instances.iter().filter(|record| record.status() == Status::Published);
    let stories =
        published.map(|record| addresses.link(record.kind(), record.slug(), record.failure().title.as_str())).collect();
    let url = addresses.page(FailureKind::Pattern, &entry.slug);
    Ok(HttpResponse::Ok().json(WithStories { pattern: Whole { kind: FailureKind::Pattern, url, entry }, stories }))
}
