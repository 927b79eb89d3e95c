//! Searching and matching without HTTP: Casebook in turns with the bare library, then pastes.

use casebook::domain::matching::Evidence;
use casebook::search::{SearchIndex, SearchRequest};
use casebook::service::diagnose::Diagnoser;
use chrono::Utc;

use super::search_of;
use crate::Outcome;
use crate::corpus::Corpus;
use crate::corpus::questions::{LENGTHS, Paste, Pastes, Questions};
use crate::figures::{BARE, Book, CASEBOOK, Part, Topic};
use crate::peers::bare::Bare;
use crate::sampling::{Bound, in_turns, times};

/// Searches of each length, the first ones to warm up with.
pub const SEARCHES: usize = 520;
pub const WARMING: usize = 20;

/// Searches for the best twenty, as the page of results does.
pub fn search(index: &SearchIndex, query: &str) -> Outcome<usize> {
    let request = SearchRequest { query: query.to_owned(), ..SearchRequest::default() };
    Ok(std::hint::black_box(index.search(&request)?).hits.len())
}

/// Times searches of each length, and pastes of each size.
pub fn measure(book: &mut Book, corpus: &Corpus, index: &SearchIndex, bare: &Bare, pastes: &Pastes) -> Outcome<()> {
    let size = corpus.size;
    let questions = Questions::about(corpus)?;
    for words in LENGTHS {
        let queries = questions.searches(words, SEARCHES, 0);
        let (warming, asked) = queries.split_at(WARMING);
        for query in warming {
            search(index, query)?;
            bare.search(query)?;
        }
        let own = |query: &String| search(index, query).map(drop);
        let other = |query: &String| bare.search(query).map(drop);
        let (own, other) = in_turns(Bound::new(SEARCHES, 10), asked, own, other)?;
        let what = search_of(words);
        let topic = Topic { size, part: Part::Inside, what: &what };
        book.latency(topic, CASEBOOK, &own);
        book.latency(topic, BARE, &other);
    }
    matching(book, corpus, &Diagnoser::new(index.clone())?, pastes)
}

fn matching(book: &mut Book, corpus: &Corpus, diagnoser: &Diagnoser, pastes: &Pastes) -> Outcome<()> {
    let now = Utc::now();
    for kind in Paste::ALL {
        let (bound, made) = match kind {
            Paste::OneLine => (Bound::new(300, 5), 310),
            Paste::HundredLines => (Bound::new(200, 8), 210),
            Paste::Mebibyte => (Bound::new(40, 10), 42),
        };
        let evidence = (0..made)
            .map(|number| Ok(Evidence::parse(&pastes.paste(corpus, kind, number)?)?))
            .collect::<Outcome<Vec<_>>>()?;
        let (warming, asked) = evidence.split_at(made as usize - bound.samples);
        for one in warming {
            diagnoser.diagnose(one, now, 10)?;
        }
        let samples = times(bound, asked, |one| {
            std::hint::black_box(diagnoser.diagnose(one, now, 10)?);
            Ok(())
        })?;
        book.latency(Topic { size: corpus.size, part: Part::Inside, what: kind.label() }, CASEBOOK, &samples);
    }
    Ok(())
}
