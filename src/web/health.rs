//! For those who watch over the server: `/healthz` is the process, `/readyz` is what it needs.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::state::{AppState, IndexState};

/// Below this, PostgreSQL may stop at any write; writes are refused before.
const SCARCE: u64 = 512 * 1024 * 1024;

pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/healthz").route(web::get().to(healthz)))
        .service(web::resource("/readyz").route(web::get().to(readyz)));
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: &'static str,
    index: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index_change: Option<i64>,
    /// In bytes, on the disk of the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_disk: Option<u64>,
    disk: &'static str,
}

async fn readyz(state: web::Data<AppState>) -> HttpResponse {
    let answered = tokio::time::timeout(Duration::from_secs(3), state.database.ping()).await;
    let database = matches!(answered, Ok(Ok(())));
    let (index, index_change, index_reason) = match (state.index_state)() {
        IndexState::Following { change } => (true, Some(change), None),
        IndexState::Building { reason } => (false, None, Some(reason)),
    };
    let free_disk = rustix::fs::statvfs(&state.settings.data).ok().map(|disk| disk.f_bavail * disk.f_frsize);
    let disk = free_disk.is_none_or(|free| free >= SCARCE);
    let ready = database && index && disk;
    let readiness = Readiness {
        ready,
        database: if database { "ok" } else { "unreachable" },
        index: if index { "ok" } else { "building" },
        index_reason,
        index_change,
        free_disk,
        disk: if disk { "ok" } else { "nearly full" },
    };
    if ready { HttpResponse::Ok().json(readiness) } else { HttpResponse::ServiceUnavailable().json(readiness) }
}
