//! How often something was tried of late, counted for all nodes together.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Connection, StoreError};

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is counted, as a hash: logins for one account, logins from one address.
    pub key: [u8; 32],
    /// So many.
    pub most: u32,
    /// In so long.
    pub within: TimeDelta,
}

/// An attempt that may not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// When the next one may be.
    pub until: DateTime<Utc>,
}

/// Counts an attempt before it is made, if all limits leave room for it. One that is refused is not counted, so that
/// whoever keeps trying does not shut themselves out for longer. To be called in a short transaction: attempts that are
/// made at the same time wait for one another, so that none slips through.
pub async fn take(
    connection: &mut Connection,
    limits: &[Limit],
    now: DateTime<Utc>,
) -> Result<Result<(), TooMany>, StoreError> {
    let mut locks: Vec<i64> = limits.iter().map(|limit| lock(&limit.key)).collect();
    // In one order everywhere: two that wait for one another would wait for ever.
    locks.sort_unstable();
    for lock in locks {
        sqlx::query!("SELECT pg_advisory_xact_lock($1)", lock).execute(&mut *connection).await?;
    }
    let mut until = None;
    for limit in limits {
        // The oldest of those that fill the limit: when it has passed, there is room again.
        let oldest = sqlx::query_scalar!(
            "SELECT at
             FROM attempt
             WHERE key = $1 AND at > $2
             ORDER BY at DESC
             OFFSET $3
             LIMIT 1",
            &limit.key[..],
            now - limit.within,
            i64::from(limit.most) - 1
        )
        .fetch_optional(&mut *connection)
        .await?;
        until = until.max(oldest.map(|oldest| oldest + limit.within));
    }
    if let Some(until) = until {
        return Ok(Err(TooMany { until }));
    }
    let keys: Vec<Vec<u8>> = limits.iter().map(|limit| limit.key.to_vec()).collect();
    sqlx::query!("INSERT INTO attempt (key, at) SELECT key, $2 FROM unnest($1::bytea[]) AS key", &keys, now)
        .execute(connection)
        .await?;
    Ok(Ok(()))
}

/// Takes back an attempt that turned out well: it counts for nothing.
pub async fn give_back(connection: &mut Connection, limits: &[Limit], at: DateTime<Utc>) -> Result<(), StoreError> {
    let keys: Vec<Vec<u8>> = limits.iter().map(|limit| limit.key.to_vec()).collect();
    sqlx::query!("DELETE FROM attempt WHERE key = ANY($1) AND at = $2", &keys, at).execute(connection).await?;
    Ok(())
}

/// Forgets everything that was counted under a key.
pub async fn forget(connection: &mut Connection, key: &[u8; 32]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM attempt WHERE key = $1", &key[..]).execute(connection).await?;
    Ok(())
}

/// Forgets what is older than any limit looks back.
pub async fn prune(connection: &mut Connection, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let done = sqlx::query!("DELETE FROM attempt WHERE at < $1", before).execute(connection).await?;
    Ok(done.rows_affected())
}

fn lock(key: &[u8; 32]) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&key[..8]);
    i64::from_be_bytes(first)
}
