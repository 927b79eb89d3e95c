//! (to come)
use actix_web::web;
pub(super) fn configure(_routes: &mut web::ServiceConfig) {}
