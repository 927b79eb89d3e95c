//! SQLite's FTS5: words stemmed by Porter's rules, any of them, in its own order of rank.

use std::path::Path;

use rusqlite::Connection;

use crate::Outcome;
use crate::corpus::{Corpus, whole_text};

/// A database with every document of the corpus.
pub struct Fts5 {
    connection: Connection,
}

impl Fts5 {
    /// Writes the corpus, without the safety that a database for keeps would want.
    pub fn build(file: &Path, corpus: &Corpus) -> Outcome<Self> {
        let mut connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;
             CREATE VIRTUAL TABLE text USING fts5(body, tokenize = 'porter unicode61')",
        )?;
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare("INSERT INTO text (rowid, body) VALUES (?1, ?2)")?;
            for (number, entry) in (1_i64..).zip(corpus.entries()) {
                insert.execute((number, whole_text(&entry?.content)))?;
            }
        }
        transaction.commit()?;
        Ok(Self { connection })
    }

    /// The best twenty, with a snippet of each.
    pub fn search(&self, query: &str) -> Outcome<usize> {
        let any = query.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" OR ");
        let mut search = self.connection.prepare_cached(
            "SELECT rowid, snippet(text, 0, '[', ']', '…', 30) FROM text WHERE text MATCH ?1 ORDER BY rank LIMIT 20",
        )?;
        let mut rows = search.query([any])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            std::hint::black_box(row.get::<_, String>(1)?);
            count += 1;
        }
        Ok(count)
    }
}
