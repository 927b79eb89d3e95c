//! The query that ranks, against the library's own and over many windows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tantivy::collector::{Count, DocSetCollector, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, STRING, Schema, TEXT};
use tantivy::{DocAddress, Index, IndexWriter, Searcher, TantivyDocument, Term};

use crate::search::scoring::{AnyOf, Name, RankedWord};

const DOCUMENTS: usize = 20_000;

/// Words in a regular part of many documents, in two segments, one of which has deletions.
fn library() -> (Searcher, Field) {
    let mut schema = Schema::builder();
    let text = schema.add_text_field("text", TEXT);
    let number = schema.add_text_field("number", STRING);
    let index = Index::create_in_ram(schema.build());
    let mut writer: IndexWriter = index.writer_with_num_threads(1, 20_000_000).expect("a writer");
    for place in 0..DOCUMENTS {
        let mut document = TantivyDocument::new();
        let words = [("half", 2), ("third", 3), ("rare", 1009), ("odd", 7), ("late", 9001)];
        let has = words.iter().filter(|(_, every)| place % every == 1).map(|(word, _)| *word);
        document.add_text(text, format!("{} {}", has.collect::<Vec<_>>().join(" "), "filler ".repeat(place % 5)));
        document.add_text(number, place.to_string());
        writer.add_document(document).expect("added");
        if place == DOCUMENTS / 3 {
            writer.commit().expect("committed");
        }
    }
    for place in (0..DOCUMENTS).step_by(11) {
        writer.delete_term(Term::from_field_text(number, &place.to_string()));
    }
    writer.commit().expect("committed");
    (index.reader().expect("a reader").searcher(), text)
}

static LIBRARY: std::sync::LazyLock<(Searcher, Field)> = std::sync::LazyLock::new(library);

fn any_of(words: &[Vec<&[&str]>]) -> AnyOf {
    let named = words.iter().map(|names| RankedWord {
        names: names
            .iter()
            .zip([2.0, 1.0, 0.5])
            .map(|(terms, worth)| Name { terms: terms.iter().map(|&term| term.to_owned()).collect(), worth })
            .collect(),
    });
    AnyOf { field: LIBRARY.1, words: named.collect(), mean_length: 4.0 }
}

fn scores(query: &dyn Query) -> BTreeMap<DocAddress, String> {
    let found = LIBRARY.0.search(query, &(TopDocs::with_limit(DOCUMENTS).order_by_score(), Count)).expect("searched");
    assert_eq!(found.0.len(), found.1);
    found.0.into_iter().map(|(score, address)| (address, format!("{score:.4}"))).collect()
}

fn library_union(terms: &[&str]) -> BooleanQuery {
    BooleanQuery::new_multiterms_query(terms.iter().map(|term| Term::from_field_text(LIBRARY.1, term)).collect())
}

#[test]
fn it_meets_what_the_union_of_its_words_meets() {
    for terms in [&["half", "rare", "odd"][..], &["rare"], &["late", "nobody"], &["nobody"], &[]] {
        let ranking = any_of(&terms.iter().map(|term| vec![std::slice::from_ref(term)]).collect::<Vec<_>>());
        let met = LIBRARY.0.search(&ranking, &DocSetCollector).expect("searched");
        assert_eq!(met, LIBRARY.0.search(&library_union(terms), &DocSetCollector).expect("searched"), "{terms:?}");
        assert_eq!(scores(&ranking).len(), met.len());
        assert_eq!(ranking.count(&LIBRARY.0).expect("counted"), met.len());
    }
}

#[test]
fn a_name_of_several_terms_needs_all_of_them() {
    let met = LIBRARY.0.search(&any_of(&[vec![&["half", "third"]]]), &DocSetCollector).expect("searched");
    let both = ["half", "third"].map(|term| {
        let term = Term::from_field_text(LIBRARY.1, term);
        (Occur::Must, Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>)
    });
    assert_eq!(met, LIBRARY.0.search(&BooleanQuery::new(both.into()), &DocSetCollector).expect("searched"));
    assert!(LIBRARY.0.search(&any_of(&[vec![&["half", "nobody"]]]), &Count).expect("searched") == 0);
}

#[test]
fn of_several_names_only_the_best_counts() {
    let one = scores(&any_of(&[vec![&["half"]]]));
    let several = scores(&any_of(&[vec![&["half"], &["third"]]]));
    assert!(several.len() > one.len());
    for (address, score) in &one {
        assert_eq!(several.get(address), Some(score), "a second name changed the score of {address:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn with_conditions_scores_and_documents_stay_the_same(words in proptest::sample::subsequence(
        vec!["half", "third", "rare", "odd", "late", "nobody"], 1..5), narrowed in 0..4_usize)
    {
        let asked: Vec<Vec<&[&str]>> = words.iter().map(|word| vec![std::slice::from_ref(word), &["odd", "third"]]).collect();
        let ranking = any_of(&asked);
        let alone = scores(&ranking);
        let condition: Box<dyn Query> = match narrowed {
            0 => Box::new(AllQuery),
            at => Box::new(library_union(&[["rare", "late", "half"][at - 1]])),
        };
        let allowed = LIBRARY.0.search(condition.as_ref(), &DocSetCollector).expect("searched");
        let unscored = Box::new(tantivy::query::ConstScoreQuery::new(condition, 0.0));
        let both = BooleanQuery::new(vec![(Occur::Must, unscored), (Occur::Must, Box::new(ranking))]);
        let expected: BTreeMap<DocAddress, String> =
            alone.into_iter().filter(|(address, _)| allowed.contains(address)).collect();
        prop_assert_eq!(scores(&both), expected);
    }
}
