//! What is over is forgotten, once an hour: old attempts, sessions that ended, links that were used.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::domain::clock::Clock;
use crate::store::{Database, StoreError, attempt, link, session};

/// Longer than any limit looks back.
const ATTEMPTS: TimeDelta = TimeDelta::days(2);

/// So long it can still be told that a link was used, rather than never made.
const LINKS: TimeDelta = TimeDelta::days(30);

/// Forgets now.
pub async fn sweep(database: &Database, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut connection = database.connection().await?;
    let attempts = attempt::prune(&mut connection, now - ATTEMPTS).await?;
    let sessions = session::prune(&mut connection, now).await?;
    let links = link::prune(&mut connection, now - LINKS).await?;
    tracing::debug!(attempts, sessions, links, "forgot what is over");
    Ok(())
}

/// Forgets at the start and then every hour, until it is told to stop. Nodes that do it at once do no harm.
pub async fn run(database: Database, clock: Arc<dyn Clock>, mut stopped: watch::Receiver<bool>) {
    const HOUR: Duration = Duration::from_secs(3600);
    loop {
        if let Err(error) = sweep(&database, clock.now()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what is over could not be forgotten");
        }
        // An error means that nobody is left to say stop.
        let told = tokio::time::timeout(HOUR, stopped.wait_for(|stop| *stop)).await;
        if told.is_ok() {
            return;
        }
    }
}
