//! For those who watch over the server: `/healthz` is the process, `/readyz` is what it needs.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::routes::{At, at};
use super::state::AppState;
use crate::domain::Permission;
use crate::postgres::free_space;
use crate::service::submit::LEAST_FREE;

pub(super) fn routes() -> Vec<At> {
    vec![at("/healthz").get(Permission::Enter, healthz), at("/readyz").get(Permission::Enter, readyz)]
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: &'static str,
    index: &'static str,
    /// The newest change that the index holds.
    index_change: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rebuilding: Option<RebuildReadiness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    /// In bytes, on the disk of the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_disk: Option<u64>,
    disk: &'static str,
}

#[derive(Serialize)]
struct RebuildReadiness {
    reason: String,
    done: u64,
    total: u64,
}

async fn readyz(state: web::Data<AppState>) -> HttpResponse {
    let answered = tokio::time::timeout(Duration::from_secs(3), state.database.ping()).await;
    let database = matches!(answered, Ok(Ok(())));
    let index = state.index_status.borrow().clone();
    let free_disk = free_space(&state.settings.data).ok();
    let disk = free_disk.is_none_or(|free| free >= LEAST_FREE);
    let ready = database && index.ready && disk;
    let readiness = Readiness {
        ready,
        database: if database { "ok" } else { "unreachable" },
        index: if index.ready { "ok" } else { "building" },
        index_change: index.n,
        rebuilding: index.rebuilding.map(|now| RebuildReadiness {
            reason: now.reason,
            done: now.done,
            total: now.total,
        }),
        trouble: index.trouble,
        free_disk,
        disk: if disk { "ok" } else { "nearly full" },
    };
    if ready { HttpResponse::Ok().json(readiness) } else { HttpResponse::ServiceUnavailable().json(readiness) }
}
