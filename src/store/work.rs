//! What submissions without an account were paid with, and how many came from an address of late.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Connection, StoreError};

/// Takes a proof of work. False when it was taken before. Proofs from before `forgotten` are forgotten.
pub async fn spend(
    connection: &mut Connection,
    challenge: Uuid,
    now: DateTime<Utc>,
    forgotten: DateTime<Utc>,
) -> Result<bool, StoreError> {
    sqlx::query!("DELETE FROM spent_work WHERE at < $1", forgotten).execute(&mut *connection).await?;
    let spent = sqlx::query!(
        "INSERT INTO spent_work (challenge, at)
         VALUES ($1, $2)
         ON CONFLICT DO NOTHING",
        challenge,
        now
    )
    .execute(connection)
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// Notes a submission and gives how many were noted since a time, this one included. The key is a hash of the address.
pub async fn count_submission(
    connection: &mut Connection,
    key: &[u8; 32],
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    sqlx::query!("INSERT INTO attempt (key, at) VALUES ($1, $2)", &key[..], now).execute(&mut *connection).await?;
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM attempt WHERE key = $1 AND at > $2"#, &key[..], since)
            .fetch_one(connection)
            .await?;
    Ok(count.unsigned_abs())
}
