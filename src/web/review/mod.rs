//! Review.
use crate::web::routes::At;
pub(super) fn routes() -> Vec<At> { vec![] }
