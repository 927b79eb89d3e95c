//! The change counter: what the index of every node follows. See `migrations/0002_changes.sql` for why it is no sequence.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgNotification};
use uuid::Uuid;

use super::{Connection, Database, StoreError};
use crate::domain::FailureId;

/// How far the database is: the number of its newest change, and the token that tells it from any other database's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on the type")]
pub struct Position {
    pub n: i64,
    pub token: Uuid,
}

/// One committed change. It says which record, not what: whoever follows reads the record as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on the type and on Position")]
pub struct Change {
    pub n: i64,
    pub id: FailureId,
    pub token: Uuid,
}

/// The newest change.
pub async fn position(connection: &mut Connection) -> Result<Position, StoreError> {
    let row = sqlx::query!("SELECT c.n, c.token FROM change c JOIN change_counter k ON k.n = c.n")
        .fetch_one(connection)
        .await?;
    Ok(Position { n: row.n, token: row.token })
}

/// Change `n`, unless it is too old to be kept, and at most `limit` of those after it, oldest first.
pub async fn from(connection: &mut Connection, n: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
    let rows =
        sqlx::query!("SELECT n, failure_id, token FROM change WHERE n >= $1 ORDER BY n LIMIT $2::bigint + 1", n, limit)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|row| Change { n: row.n, id: FailureId(row.failure_id), token: row.token }).collect())
}

/// Forgets changes older than a week, but never the newest: its token is what an idle index holds on to.
pub async fn prune(connection: &mut Connection) -> Result<u64, StoreError> {
    let deleted = sqlx::query!(
        "DELETE FROM change
         WHERE at < now() - interval '7 days' AND n < (SELECT n FROM change_counter)"
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

/// Asks every node that listens to rebuild its index.
pub async fn ask_for_reindex(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_notify('casebook_reindex', '') AS \"sent: ()\"").execute(connection).await?;
    Ok(())
}

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Something was committed.
    Change,
    /// Somebody wants the index rebuilt.
    Reindex,
    /// Nothing, for as long as was waited.
    Nothing,
}

/// Listens for word of a change. Only a hint: whoever listens polls as well.
pub struct Hints {
    listener: PgListener,
}

impl Hints {
    /// Starts listening on a connection of its own.
    pub async fn listen(database: &Database) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(&database.pool).await?;
        listener.listen_all(["casebook_change", "casebook_reindex"]).await?;
        Ok(Self { listener })
    }

    /// Returns at the next hint, or after `patience`; an error means that the connection is gone. Hints that have
    /// arrived together are one: whoever looks once sees all that they speak of.
    pub async fn wait(&mut self, patience: Duration) -> Result<Hint, StoreError> {
        let mut hint = match tokio::time::timeout(patience, self.listener.try_recv()).await {
            Ok(Ok(Some(heard))) => Hint::from(&heard),
            Ok(Ok(None)) => return Err(StoreError::Unavailable(sqlx::Error::PoolClosed)),
            Ok(Err(error)) => return Err(error.into()),
            Err(_elapsed) => return Ok(Hint::Nothing),
        };
        while let Some(heard) = self.listener.next_buffered() {
            if Hint::from(&heard) == Hint::Reindex {
                hint = Hint::Reindex;
            }
        }
        Ok(hint)
    }
}

impl From<&PgNotification> for Hint {
    fn from(heard: &PgNotification) -> Self {
        if heard.channel() == "casebook_reindex" { Self::Reindex } else { Self::Change }
    }
}
