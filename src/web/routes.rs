//! Every address of the site. A page family adds its own in its `configure`.

use actix_web::{HttpResponse, web};

use super::error::PageError;
use super::{about, api, assets, browse, health, home, pattern, revision, rules, story, submit, theme};

/// The routes of server and tests alike.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .configure(home::configure)
        .configure(browse::configure)
        // Before the stories themselves: `new` is no story's name.
        .configure(submit::configure)
        .configure(revision::configure)
        .configure(rules::configure)
        .configure(story::configure)
        .configure(pattern::configure)
        .configure(api::configure)
        .configure(about::configure)
        .configure(theme::configure)
        .configure(health::configure)
        .configure(assets::configure)
        .default_service(web::to(nowhere));
}

async fn nowhere() -> Result<HttpResponse, PageError> {
    Err(PageError::NotFound("page at this address".to_owned()))
}
