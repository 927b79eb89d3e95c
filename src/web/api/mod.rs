//! The JSON beside the pages, under `/api/v1`; `docs/api.md` describes it. Errors are RFC 9457 problem documents,
//! which the edge makes of a `PageError`.

mod body;
mod link;
mod listing;
mod matching;
mod pattern;
mod story;

use actix_web::web;

pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/api/v1/search").route(web::get().to(listing::search)))
        .service(web::resource("/api/v1/match").route(web::post().to(matching::diagnose)))
        .service(
            web::resource("/api/v1/stories")
                .route(web::get().to(listing::stories))
                .route(web::post().to(story::submit)),
        )
        .service(web::resource("/api/v1/stories/{slug}").route(web::get().to(story::read)))
        .service(web::resource("/api/v1/patterns").route(web::get().to(listing::patterns)))
        .service(web::resource("/api/v1/patterns/{slug}").route(web::get().to(pattern::read)));
}
