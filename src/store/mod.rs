//! PostgreSQL, the truth: one file per aggregate, private row structs, compile-time checked queries. The only user of sqlx.
//!
//! Functions take a connection, so that the caller decides what is one transaction.
//! Deliberately absent: repository traits (there is one backend, and tests have a real database).

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};

mod error;
mod row;
pub mod record;
pub mod story;
pub mod pattern;
pub mod revision;
pub mod rule;
pub mod change;
pub mod imported_file;
pub mod account;
pub mod session;
pub mod token;
pub mod link;
pub mod attempt;
pub mod oidc;
pub mod audit;
pub mod review;
pub mod letter;
pub mod work;
pub mod draft;
pub mod keeping;
pub mod reading;
pub mod news;
pub mod picture;

pub use error::StoreError;

/// Every migration, compiled in; applied at start and by the tests.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// One connection, inside a transaction or not.
pub type Connection = PgConnection;

/// A connection lent by the pool; it goes back when dropped.
pub type PooledConnection = sqlx::pool::PoolConnection<Postgres>;

/// A transaction; dropped without a commit, it is rolled back.
pub type Transaction = sqlx::Transaction<'static, Postgres>;

/// The pool. Cloning it gives another handle on the same connections.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
}

impl Database {
    /// How long a request waits for a connection before it is told that the database is not there.
    const PATIENCE: Duration = Duration::from_secs(3);
    /// A connection that was given back longer ago is asked for a sign of life before it is lent again. The pool asks
    /// for one whenever a connection is given back, so that to ask again at once would only double the way to the
    /// database. One that dies in between fails one request, as it would have had it died a moment later.
    const TRUSTED: Duration = Duration::from_secs(1);

    /// Makes a pool for a `postgres://` address. Connections are made when they are first needed.
    pub fn lazy(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(|source| StoreError::Address { source })?;
        let options = options
            .application_name("casebook")
            // A query that outlives the page that asked for it only adds to the load that made it slow.
            .options([("statement_timeout", "20s"), ("idle_in_transaction_session_timeout", "60s")]);
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Self::PATIENCE)
            .idle_timeout(Duration::from_secs(300))
            .test_before_acquire(false)
            .before_acquire(|connection, lent_before| {
                Box::pin(async move {
                    if lent_before.idle_for > Self::TRUSTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self { pool })
    }

    /// Applies the migrations that have not been applied. Nodes that start together wait for one another.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATOR.run(&self.pool).await.map_err(|source| StoreError::Migration { source })
    }

    /// Borrows a connection, for reading.
    pub async fn connection(&self) -> Result<PooledConnection, StoreError> {
        self.pool.acquire().await.map_err(StoreError::from)
    }

    /// Begins a transaction at the default isolation level, for writing.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        self.pool.begin().await.map_err(StoreError::from)
    }

    /// Begins a read-only transaction that sees one state of the database throughout.
    pub async fn snapshot(&self) -> Result<Transaction, StoreError> {
        self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(StoreError::from)
    }

    /// Commits; only after this has returned is anything promised to anyone.
    pub async fn commit(transaction: Transaction) -> Result<(), StoreError> {
        transaction.commit().await.map_err(StoreError::from)
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        sqlx::query_scalar!("SELECT 1 AS \"one!\"").fetch_one(&mut *connection).await?;
        Ok(())
    }

    /// Closes every connection and waits for those that are lent.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
