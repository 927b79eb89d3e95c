//! Searching in other words than those of the records: fields, beginnings, other names, slips, words together and apart.

use super::{at, change, library::LIBRARY, whole};
use crate::domain::matching::Field;
use crate::domain::{Line, Rule, RuleKind, RuleText};
use crate::search::{SearchIndex, SearchRequest, SearchResults};

fn search(index: &SearchIndex, query: &str) -> SearchResults {
    index.search(&SearchRequest { query: query.to_owned(), ..SearchRequest::default() }).expect("searched")
}

fn found(query: &str) -> Vec<String> {
    search(&whole(), query).hits.iter().map(|hit| hit.card.slug.to_string()).collect()
}

/// The words that are marked in the first result.
fn marked(query: &str) -> Vec<String> {
    let results = search(&whole(), query);
    let hit = &results.hits[0];
    let passages = hit.snippets.iter().flat_map(|snippet| &snippet.fragments);
    let marked = hit.title.iter().chain(passages).filter(|fragment| fragment.marked);
    marked.map(|fragment| fragment.text.clone()).collect()
}

#[test]
fn a_field_can_be_asked_for_a_word_a_beginning_or_a_phrase() {
    assert_eq!(found("title:certificate").len(), 2);
    assert_eq!(found("symptom:leader"), ["etcd-disk-latency"]);
    assert!(found("title:leader postgresql ").iter().all(|slug| slug == "etcd-disk-latency"));
    assert_eq!(found("cause:\"write-ahead log\""), ["etcd-disk-latency"]);
    assert!(found("title:\"write-ahead log\"").is_empty());
    assert_eq!(found("cause:fsyn*"), ["etcd-disk-latency"]);
    assert_eq!(found("title:evic"), ["redis-eviction-storm"], "a last word may be unfinished in a field too");
    assert!(found("title:evic ").is_empty());
    assert_eq!(found("certificate -title:login ").len(), found("certificate ").len(), "\"log in\" is not \"login\"");
    assert_eq!(found("certificate -title:unnoticed"), ["login-certificate-expired"]);
}

#[test]
fn what_a_field_must_hold_ranks_like_any_word() {
    let found = found("title:pool timeout ");
    assert_eq!(found, ["connection-pool-exhausted"]);
    assert!(search(&whole(), "title:pool").hits[0].score > 0.0);
    assert_eq!(marked("title:pool"), ["pool", "pool"]);
}

#[test]
fn a_star_stands_for_any_ending() {
    assert_eq!(found("evict* "), ["redis-eviction-storm"]);
    assert_eq!(found("evic* redis "), found("redis evic"));
    assert!(!found("certificate -expir*").iter().any(|slug| slug.contains("expired")));
    assert!(found("zzz* ").is_empty());
}

#[test]
fn stories_are_found_by_their_pattern_and_records_by_having_rules() {
    assert_eq!(found("pattern:expired-certificate"), ["login-certificate-expired"]);
    assert!(!found("-pattern:expired-certificate").contains(&"login-certificate-expired".to_owned()));
    let index = SearchIndex::in_memory().expect("an index");
    let mut with_rule = LIBRARY[0].document();
    with_rule.rules = vec![Rule {
        kind: RuleKind::Log,
        name: Line::parse("pool is dry").expect("a name"),
        text: RuleText::parse("set:\n  match:\n    - value: QueuePool\n").expect("a text"),
        fires_on: Vec::new(),
        silent_on: Vec::new(),
        also_fires: Vec::new(),
    }];
    index.apply(vec![(LIBRARY[0].id(), Some(with_rule)), change(&LIBRARY[1])], at(1)).expect("applied");
    let results = search(&index, "has:rule");
    assert_eq!((results.total, results.hits[0].card.slug.as_str()), (1, "connection-pool-exhausted"));
}

#[test]
fn other_names_of_a_thing_find_it_and_are_marked() {
    assert_eq!(found("k8s leader ")[0], "etcd-disk-latency");
    assert!(marked("k8s leader ").contains(&"Kubernetes".to_owned()));
    assert_eq!(found("out of memory ")[0], "java-service-oomkilled");
    assert!(found("cert ").contains(&"expired-certificate".to_owned()));
}

#[test]
fn the_word_itself_is_better_than_another_name() {
    let index = SearchIndex::in_memory().expect("an index");
    let named = |place: usize, symptom: &str| {
        let mut document = LIBRARY[place].document();
        document.texts = vec![(Field::Symptom, symptom.to_owned())];
        (LIBRARY[place].id(), Some(document))
    };
    index
        .apply(vec![named(0, "the kubernetes api"), named(1, "the k8s api"), named(2, "k8s kubernetes")], at(1))
        .expect("applied");
    let results = search(&index, "k8s ");
    let score = |slug: &str| {
        let hit = results.hits.iter().find(|hit| hit.card.slug.as_str() == slug).expect("found");
        hit.score
    };
    let (other, own) = (score(LIBRARY[0].slug), score(LIBRARY[1].slug));
    assert!(own > other, "{own} and {other}");
    assert!(score(LIBRARY[2].slug) < 1.2 * own, "both names counted");
}

#[test]
fn words_are_found_whether_written_together_or_apart() {
    assert_eq!(found("crashloop ")[0], "java-service-oomkilled");
    assert_eq!(found("max memory evicted ")[0], "redis-eviction-storm");
    assert!(marked("max memory ").contains(&"maxmemory".to_owned()));
}

#[test]
fn slips_are_forgiven_only_where_nobody_has_the_word() {
    assert_eq!(found("rebalansing "), ["kafka-rebalance-loop"]);
    assert_eq!(found("postgersql ").len(), found("postgresql ").len());
    assert_eq!(found("reader ").len(), 0, "\"leader\" begins with another letter");
}

#[test]
fn more_of_the_words_come_before_one_of_them_often() {
    let index = SearchIndex::in_memory().expect("an index");
    let told = |place: usize, symptom: String| {
        let mut document = LIBRARY[place].document();
        document.texts = vec![(Field::Symptom, symptom)];
        (LIBRARY[place].id(), Some(document))
    };
    let changes = vec![
        told(0, "disk ".repeat(30)),
        told(1, "disk and latency of other things".to_owned()),
        told(2, "latency".to_owned()),
    ];
    index.apply(changes, at(1)).expect("applied");
    assert_eq!(search(&index, "disk latency ").hits[0].card.slug.as_str(), LIBRARY[1].slug);
}
