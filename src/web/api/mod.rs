//! The JSON beside the pages, under `/api/v1`; `docs/api.md` describes it. Errors are RFC 9457 problem documents,
//! which the edge makes of a `PageError`.

mod body;
mod handed_in;
mod link;
mod listing;
mod matching;
mod pattern;
mod story;

use crate::domain::Permission;
use crate::web::review::work;
use crate::web::routes::{At, at};

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/api/v1/search").get(Permission::Read, listing::search),
        at("/api/v1/match").post(Permission::Read, matching::diagnose),
        at("/api/v1/stories").get(Permission::Read, listing::stories).post(Permission::Submit, story::submit),
        at("/api/v1/stories/{slug}").get(Permission::Read, story::read),
        at("/api/v1/work").get(Permission::Submit, work::offer),
        at("/api/v1/patterns").get(Permission::Read, listing::patterns),
        at("/api/v1/patterns/{slug}").get(Permission::Read, pattern::read),
    ]
}
