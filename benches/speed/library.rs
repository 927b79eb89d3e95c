//! A PostgreSQL with the corpus in it, laid out as Casebook's own saves would leave it, and written in bulk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use casebook::domain::{Entry, Moment, Story};
use casebook::postgres::{self, Cluster, DataFolder, Settings};
use casebook::store::Database;
use chrono::SecondsFormat;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use crate::Outcome;
use crate::corpus::Corpus;
use crate::sampling::timed;

/// Records sent at a time.
const CHUNK: usize = 5_000;

const FAILURES: &str = "COPY failure (id, kind, slug, status, latest_revision, created_at, published_at) FROM STDIN";
const ADDRESSES: &str = "COPY address (kind, slug, failure_id) FROM STDIN";
const REVISIONS: &str = "COPY revision (failure_id, number, saved_at, title, summary, symptom, root_cause,
    contributing_factors, remediation, rules, category, technologies, \"references\", translations, aliases, organization,
    started_at, started_precision, severity, impact, timeline, lessons, action_items) FROM STDIN";

/// A running cluster. It stops when this is dropped.
pub struct Library {
    _cluster: Cluster,
    /// The address of the database.
    pub url: String,
    /// How long the writing took.
    pub took: Duration,
}

impl Library {
    /// Starts a cluster in a new folder and fills it.
    pub fn filled(folder: &Path, corpus: &Corpus) -> Outcome<Self> {
        let claimed = DataFolder::claim(folder)?;
        let cluster = Cluster::start(&Settings::default(), &claimed)?;
        let url = cluster.url();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (took, ()) = timed(|| runtime.block_on(fill(&url, corpus)))?;
        Ok(Self { _cluster: cluster, url, took })
    }
}

/// A folder that PostgreSQL's user can reach: the one wanted, else one among the temporary ones.
pub fn reachable(wanted: &Path) -> PathBuf {
    if postgres::can_reach(wanted, &Settings::default()) {
        return wanted.to_owned();
    }
    std::env::temp_dir().join(format!("casebook-bench-{}", std::process::id()))
}

async fn fill(url: &str, corpus: &Corpus) -> Outcome<()> {
    let database = Database::lazy(url)?;
    database.migrate().await?;
    database.close().await;
    let mut connection = PgConnection::connect(url).await?;
    // One row at a time, checks of foreign keys and the counter of changes would take most of the time. The keys are
    // checked all at once in the end. A library without changes is one whose changes are all older than a week.
    connection.execute("SET synchronous_commit = off; ALTER TABLE failure DISABLE TRIGGER USER").await?;
    let keys = foreign_keys(&mut connection).await?;
    for key in &keys {
        connection.execute(AssertSqlSafe(format!("ALTER TABLE {} DROP CONSTRAINT {}", key.table, key.name))).await?;
    }
    let mut entries = corpus.entries();
    loop {
        let chunk = entries.by_ref().take(CHUNK).collect::<Outcome<Vec<_>>>()?;
        if chunk.is_empty() {
            break;
        }
        copy(&mut connection, FAILURES, &chunk, failure).await?;
        copy(&mut connection, ADDRESSES, &chunk, address).await?;
        copy(&mut connection, REVISIONS, &chunk, revision).await?;
    }
    for key in &keys {
        let statement = format!("ALTER TABLE {} ADD CONSTRAINT {} {}", key.table, key.name, key.definition);
        connection.execute(AssertSqlSafe(statement)).await?;
    }
    connection.execute("ALTER TABLE failure ENABLE TRIGGER USER").await?;
    connection.execute("ANALYZE").await?;
    Ok(())
}

struct ForeignKey {
    table: String,
    name: String,
    definition: String,
}

async fn foreign_keys(connection: &mut PgConnection) -> Outcome<Vec<ForeignKey>> {
    let rows = sqlx::query(
        "SELECT conrelid::regclass::text AS table, conname::text AS name, pg_get_constraintdef(oid) AS definition
         FROM pg_constraint
         WHERE contype = 'f'",
    )
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(ForeignKey {
            table: row.try_get("table")?,
            name: row.try_get("name")?,
            definition: row.try_get("definition")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn copy(
    connection: &mut PgConnection,
    statement: &'static str,
    entries: &[Entry<Story>],
    write: fn(&mut Rows, &Entry<Story>) -> Outcome<()>,
) -> Outcome<()> {
    let mut rows = Rows::default();
    for entry in entries {
        write(&mut rows, entry)?;
        rows.end();
    }
    let mut copying = connection.copy_in_raw(statement).await?;
    copying.send(rows.text.as_bytes()).await?;
    copying.finish().await?;
    Ok(())
}

/// Rows in the text format of COPY.
#[derive(Default)]
struct Rows {
    text: String,
}

impl Rows {
    fn value(&mut self, value: &str) {
        for character in value.chars() {
            match character {
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\t' => self.text.push_str("\\t"),
                other => self.text.push(other),
            }
        }
        self.text.push('\t');
    }

    fn values(&mut self, values: &[&str]) {
        values.iter().for_each(|value| self.value(value));
    }

    fn optional(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.value(value),
            None => self.text.push_str("\\N\t"),
        }
    }

    fn end(&mut self) {
        self.text.pop();
        self.text.push('\n');
    }
}

fn failure(row: &mut Rows, entry: &Entry<Story>) -> Outcome<()> {
    let saved = entry.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (id, status) = (entry.id.to_string(), entry.status.as_str());
    row.values(&[&id, "story", entry.slug.as_str(), status, "1", &saved, &saved]);
    Ok(())
}

fn address(row: &mut Rows, entry: &Entry<Story>) -> Outcome<()> {
    row.values(&["story", entry.slug.as_str(), &entry.id.to_string()]);
    Ok(())
}

fn revision(row: &mut Rows, entry: &Entry<Story>) -> Outcome<()> {
    let (failure, incident) = (&entry.content.failure, &entry.content.incident);
    let saved = entry.updated_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let technologies: Vec<&str> = failure.technologies.iter().map(|technology| technology.as_str()).collect();
    row.values(&[&entry.id.to_string(), "1", &saved, failure.title.as_str(), failure.summary.as_str()]);
    row.values(&[failure.symptom.as_str(), failure.root_cause.as_str(), "{}", failure.remediation.as_str()]);
    row.values(&[&serde_json::to_string(&failure.rules)?, failure.category.as_str()]);
    row.values(&[&format!("{{{}}}", technologies.join(",")), "[]", "[]", "{}", incident.organization.as_str()]);
    let started = incident.started_at.map(Moment::start).map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    row.optional(started.as_deref());
    row.optional(started.as_deref().map(|_| "day"));
    row.optional(incident.severity.map(|severity| severity.as_str()));
    row.values(&[incident.impact.as_str(), "[]", entry.content.lessons.as_str(), "[]"]);
    Ok(())
}
