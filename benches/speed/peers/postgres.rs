//! PostgreSQL's own full text: a `tsvector` column with a GIN index, any of the words, ranked by `ts_rank_cd`.

use sqlx::{Connection, Executor, PgConnection, Row};
use uuid::Uuid;

use crate::Outcome;
use crate::corpus::{self, Corpus};

/// A connection to a database in which every document of the corpus has its words.
pub struct FullText {
    connection: PgConnection,
    runtime: tokio::runtime::Runtime,
}

impl FullText {
    /// Makes the words out of the records that are in the database.
    pub fn build(url: &str, corpus: &Corpus) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let connection = runtime.block_on(async {
            let mut connection = PgConnection::connect(url).await?;
            connection
                .execute("SET maintenance_work_mem = '512MB'; SET work_mem = '64MB'; SET parallel_setup_cost = 0")
                .await?;
            sqlx::query(
                "CREATE UNLOGGED TABLE bench_text AS
                 SELECT failure_id AS id, body, to_tsvector('english', body) AS words
                 FROM (SELECT failure_id,
                              concat_ws(E'\\n', title, symptom, summary, root_cause, remediation, impact, lessons,
                                        organization, category, array_to_string(technologies, ' ')) AS body
                       FROM revision
                       WHERE number = 1) written",
            )
            .execute(&mut connection)
            .await?;
            // What was submitted since is not in the corpus.
            sqlx::query("DELETE FROM bench_text WHERE id > $1")
                .bind::<Uuid>(corpus::id(corpus.size as u64).0)
                .execute(&mut connection)
                .await?;
            connection.execute("CREATE INDEX bench_words ON bench_text USING gin (words)").await?;
            connection.execute("VACUUM ANALYZE bench_text").await?;
            Outcome::Ok(connection)
        })?;
        Ok(Self { connection, runtime })
    }

    /// The best twenty, with a headline for each.
    pub fn search(&mut self, query: &str) -> Outcome<usize> {
        let any = query.split(' ').collect::<Vec<_>>().join(" or ");
        let rows = self.runtime.block_on(
            sqlx::query(
                "SELECT id, score, ts_headline('english', body, asked) AS headline
                 FROM (SELECT id, body, asked, ts_rank_cd(words, asked) AS score
                       FROM bench_text, websearch_to_tsquery('english', $1) AS asked
                       WHERE words @@ asked
                       ORDER BY score DESC
                       LIMIT 20) best",
            )
            .bind(any)
            .fetch_all(&mut self.connection),
        )?;
        for row in &rows {
            std::hint::black_box(row.try_get::<String, _>("headline")?);
        }
        Ok(rows.len())
    }

    /// Removes what was made.
    pub fn drop(mut self) -> Outcome<()> {
        self.runtime.block_on(self.connection.execute("DROP TABLE bench_text"))?;
        Ok(())
    }
}
