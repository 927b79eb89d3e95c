//! Each migration is applied over the data of the one before, as an upgrade does it.

use casebook::store::MIGRATOR;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::database;

/// Rows as the version of that migration wrote them: `tests/it/migrations/<version>.sql`, run after it.
fn sample(version: i64) -> Option<&'static str> {
    match version {
        1 => Some(include_str!("migrations/0001.sql")),
        2 => Some(include_str!("migrations/0002.sql")),
        3 => Some(include_str!("migrations/0003.sql")),
        4 => Some(include_str!("migrations/0004.sql")),
        5 => Some(include_str!("migrations/0005.sql")),
        6 => Some(include_str!("migrations/0006.sql")),
        7 => Some(include_str!("migrations/0007.sql")),
        8 => Some(include_str!("migrations/0008.sql")),
        9 => Some(include_str!("migrations/0009.sql")),
        _ => None,
    }
}

#[tokio::test]
async fn every_migration_is_applied_over_the_data_of_the_one_before() {
    let url = database::fresh(None).await;
    let mut connection = PgConnection::connect(&url).await.expect("connect");
    for migration in MIGRATOR.iter() {
        let mut transaction = connection.begin().await.expect("begin");
        transaction
            .execute(migration.sql.clone())
            .await
            .unwrap_or_else(|error| panic!("migration {} over sample data: {error}", migration.version));
        transaction.commit().await.expect("commit");
        let rows = sample(migration.version)
            .unwrap_or_else(|| panic!("migration {} has no sample data in tests/it/migrations", migration.version));
        let mut transaction = connection.begin().await.expect("begin");
        transaction.execute(rows).await.unwrap_or_else(|error| panic!("sample {}: {error}", migration.version));
        transaction.commit().await.expect("commit");
    }

    let titles = connection
        .fetch_all("SELECT r.title FROM failure f JOIN revision r ON r.failure_id = f.id AND r.number = f.latest_revision ORDER BY f.id")
        .await
        .expect("read");
    let titles: Vec<String> = titles.iter().map(|row| row.get(0)).collect();
    assert_eq!(titles, ["Range exhausted", "No addresses left, told again", "A third story"]);
}

#[tokio::test]
async fn records_from_before_the_change_counter_are_changes_too_in_the_order_of_their_creation() {
    let url = database::fresh(None).await;
    let mut connection = PgConnection::connect(&url).await.expect("connect");
    let migrations: Vec<_> = MIGRATOR.iter().collect();
    connection.execute(migrations[0].sql.clone()).await.expect("first");
    connection.execute(include_str!("migrations/0001.sql")).await.expect("sample");
    connection.execute(migrations[1].sql.clone()).await.expect("second");
    let rows = connection.fetch_all("SELECT n, failure_id::text FROM change ORDER BY n").await.expect("read");
    let changes: Vec<(i64, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(changes.len(), 3);
    assert!(changes[1].1.ends_with("01") && changes[2].1.ends_with("02"), "{changes:?}");
    let counter: i64 = connection.fetch_one("SELECT n FROM change_counter").await.expect("counter").get(0);
    assert_eq!(counter, 2);
}

#[tokio::test]
async fn a_revision_cannot_be_changed_or_removed() {
    let database = database::TestDatabase::new().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    connection.execute(include_str!("migrations/0001.sql")).await.expect("sample");
    for statement in ["UPDATE revision SET title = 'x'", "DELETE FROM revision", "DELETE FROM revision_pattern"] {
        let error = connection.execute(statement).await.expect_err(statement).to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
}
