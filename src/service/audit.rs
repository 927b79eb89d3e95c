//! The audit log as a whole.

use crate::domain::clock::Clock;
use crate::domain::{Actor, Deed};
use crate::store::{Database, StoreError, audit};

/// Writes down that somebody exports the log, and gives the number of that line: the export ends with it.
pub async fn begin_export(database: &Database, clock: &dyn Clock, by: &Actor) -> Result<i64, StoreError> {
    let mut transaction = database.begin().await?;
    audit::append(&mut transaction, by, Deed::AuditExported, "audit log", "", clock.now()).await?;
    let last = audit::last(&mut transaction).await?;
    Database::commit(transaction).await?;
    Ok(last)
}
