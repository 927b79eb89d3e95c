//! The same documents and searches in PostgreSQL's full text and in SQLite's FTS5.

use std::path::Path;

use super::search_of;
use crate::Outcome;
use crate::corpus::Corpus;
use crate::corpus::questions::{LENGTHS, Questions};
use crate::figures::{Book, POSTGRES, Part, SQLITE, Topic};
use crate::library::Library;
use crate::measure::inside::{SEARCHES, WARMING};
use crate::peers::postgres::FullText;
use crate::peers::sqlite::Fts5;
use crate::sampling::{Bound, times};

/// Builds both, side by side since nobody times that, and searches first the one and then the other. At a million
/// documents a search takes seconds, and few fit into the time.
pub fn measure(book: &mut Book, corpus: &Corpus, library: &Library, folder: &Path) -> Outcome<()> {
    let file = folder.join("fts5.sqlite");
    let (postgres, sqlite) = std::thread::scope(|scope| {
        let building = scope.spawn(|| FullText::build(&library.url, corpus));
        let sqlite = Fts5::build(&file, corpus);
        (building.join(), sqlite)
    });
    let (mut postgres, sqlite) = (postgres.map_err(|_| "building PostgreSQL's full text panicked")??, sqlite?);
    let mut warm = false;
    let questions = Questions::about(corpus)?;
    for words in LENGTHS {
        let queries = questions.searches(words, SEARCHES, 0);
        if !warm {
            postgres.search(&queries[0])?;
            sqlite.search(&queries[0])?;
            warm = true;
        }
        let what = search_of(words);
        let topic = Topic { size: corpus.size, part: Part::Inside, what: &what };
        let asked = &queries[WARMING..];
        book.latency(topic, POSTGRES, &times(Bound::new(200, 12), asked, |query| postgres.search(query).map(drop))?);
        book.latency(topic, SQLITE, &times(Bound::new(200, 8), asked, |query| sqlite.search(query).map(drop))?);
    }
    postgres.drop()
}
