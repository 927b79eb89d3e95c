//! Searching: words, phrases, qualifiers, facets, orders, pages and marks.

use proptest::prelude::*;

use super::{Made, at, change, library::LIBRARY, whole};
use crate::domain::matching::Field;
use crate::domain::{Category, FailureId, FailureKind, Severity, Slug, Technology};
use crate::search::{FacetCount, Filters, Fragment, SearchIndex, SearchRequest, SearchResults, Sort};

fn search(index: &SearchIndex, query: &str) -> SearchResults {
    index.search(&SearchRequest { query: query.to_owned(), ..SearchRequest::default() }).expect("searched")
}

fn slugs(results: &SearchResults) -> Vec<&str> {
    results.hits.iter().map(|hit| hit.card.slug.as_str()).collect()
}

fn found(query: &str) -> Vec<String> {
    slugs(&search(&whole(), query)).into_iter().map(str::to_owned).collect()
}

fn marked(fragments: &[Fragment]) -> Vec<&str> {
    fragments.iter().filter(|fragment| fragment.marked).map(|fragment| fragment.text.as_str()).collect()
}

fn counts(facet: &[FacetCount]) -> Vec<(&str, u64)> {
    facet.iter().map(|count| (count.value.as_str(), count.count)).collect()
}

#[test]
fn what_meets_more_of_the_words_comes_first() {
    let found = found("certificate expired login");
    assert_eq!(found[..2], ["login-certificate-expired", "expired-certificate"]);
}

#[test]
fn a_phrase_must_stand_in_one_field_word_by_word() {
    assert_eq!(found("\"leader changed\""), ["etcd-disk-latency"]);
    assert!(found("\"changed leader\"").is_empty());
    assert_eq!(found("\"crash loop back off\""), ["java-service-oomkilled"]);
    assert_eq!(found("\"through CrashLoopBackOff with exit\""), ["java-service-oomkilled"]);
}

#[test]
fn excluded_words_and_qualifiers_narrow() {
    assert_eq!(found("certificate -login"), ["expired-certificate"]);
    assert_eq!(found("tech:redis"), ["redis-eviction-storm"]);
    assert_eq!(found("org:\"jw player\""), ["coredns-ndots"]);
    assert_eq!(found("category:capacity kind:pattern"), ["connection-pool-exhausted"]);
    assert_eq!(found("tech:java -tech:kafka"), ["java-service-oomkilled"]);
    let mut recent = found("year:>2020 year:<=2022");
    recent.sort();
    assert_eq!(recent, ["checkout-pool-ran-dry", "login-certificate-expired"]);
    assert_eq!(found("year:2018 severity:1"), ["etcd-disk-latency"]);
    assert_eq!(found("tech:redis tech:kafka").len(), 2);
}

#[test]
fn chinese_is_found_and_marked() {
    let results = search(&whole(), "证书过期");
    assert_eq!(slugs(&results)[0], "expired-certificate");
    let snippet = &results.hits[0].snippets[0];
    assert_eq!(snippet.field, Field::Symptom);
    assert!(marked(&snippet.fragments).concat().contains("证书"), "{snippet:?}");
    assert_eq!(found("域名解析")[0], "coredns-ndots");
}

#[test]
fn an_unfinished_word_finds_and_a_misspelt_one_too() {
    assert_eq!(found("evic")[0], "redis-eviction-storm");
    assert_eq!(found("certifcate").len(), 2);
    assert!(found("evic ").is_empty(), "a finished word is no beginning");
    let results = search(&whole(), "certifcate");
    assert_eq!(marked(&results.hits[0].title), ["certificate"]);
}

#[test]
fn titles_and_passages_are_marked_in_whole_pieces() {
    let results = search(&whole(), "rebalancing consumer");
    let hit = &results.hits[0];
    assert_eq!(marked(&hit.title), ["Consumers", "rebalanced"]);
    let text: String = hit.title.iter().map(|fragment| fragment.text.as_str()).collect();
    assert_eq!(text, hit.card.title);
    let passage = &hit.snippets[0];
    assert_eq!(passage.field, Field::Symptom);
    assert_eq!(marked(&passage.fragments), ["consumer", "rebalancing"]);
}

#[test]
fn a_passage_of_a_long_text_is_cut_at_word_ends() {
    let long = format!("{} the needle lies here {}", "straw ".repeat(200), "straw ".repeat(200));
    let mut document = LIBRARY[0].document();
    document.texts.push((Field::Details, long));
    let index = SearchIndex::in_memory().expect("an index");
    index.apply(vec![(LIBRARY[0].id(), Some(document))], at(1)).expect("applied");
    let results = search(&index, "needle");
    let passage: String = results.hits[0].snippets[0].fragments.iter().map(|fragment| fragment.text.as_str()).collect();
    assert!(passage.starts_with("… straw") && passage.ends_with("straw …"), "{passage}");
    assert!(passage.len() < 240, "{passage}");
}

#[test]
fn without_words_everything_is_listed_in_the_order_asked_for() {
    let index = whole();
    let list = |sort: Sort| {
        let request = SearchRequest { sort, kind: Some(FailureKind::Story), ..SearchRequest::default() };
        let results = index.search(&request).expect("searched");
        assert_eq!(results.total, 8);
        slugs(&results).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(list(Sort::NewestIncident)[0], "kafka-rebalance-loop");
    assert_eq!(list(Sort::NewestIncident)[7], "alert-silenced-for-months");
    assert_eq!(list(Sort::OldestIncident)[0], "etcd-disk-latency");
    assert_eq!(list(Sort::OldestIncident)[7], "alert-silenced-for-months");
    assert_eq!(list(Sort::Title)[0], "java-service-oomkilled");
    assert_eq!(list(Sort::RecentlyUpdated), list(Sort::Relevance));
}

#[test]
fn pages_follow_one_another_and_end() {
    let index = whole();
    let page = |page: usize| {
        let request = SearchRequest { sort: Sort::Title, page, per_page: 4, ..SearchRequest::default() };
        index.search(&request).expect("searched")
    };
    let all: Vec<String> =
        (1..=4).flat_map(|n| slugs(&page(n)).into_iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert_eq!(all.len(), 10);
    assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 10);
    assert_eq!(page(usize::MAX).total, 10);
    assert!(page(usize::MAX).hits.is_empty());
}

#[test]
fn a_facet_counts_what_its_other_values_would_give() {
    let index = whole();
    let filters = Filters {
        category: vec![Category::Capacity],
        technology: vec![Technology::parse("java").expect("a tag")],
        ..Filters::default()
    };
    let results = index.search(&SearchRequest { filters, ..SearchRequest::default() }).expect("searched");
    assert_eq!(slugs(&results), ["java-service-oomkilled"]);
    assert_eq!(counts(&results.facets.category), [("capacity", 1), ("configuration", 1)]);
    assert_eq!(counts(&results.facets.technology), [("postgresql", 2), ("java", 1), ("kubernetes", 1), ("python", 1)]);
    assert_eq!(counts(&results.facets.year), [("2019", 1)]);
    assert_eq!(results.facets.category[0].label, "Capacity");
}

#[test]
fn facets_have_their_own_orders() {
    let facets = search(&whole(), "").facets;
    assert_eq!(counts(&facets.severity), [("sev1", 2), ("sev2", 3), ("sev3", 2)]);
    let years: Vec<&str> = facets.year.iter().map(|year| year.value.as_str()).collect();
    assert_eq!(years, ["2023", "2022", "2021", "2020", "2019", "2018"]);
    assert_eq!(counts(&facets.organization)[..3], [("Ash Travel", 2), ("Birch Shop", 2), ("Fern Bank", 2)]);
    assert_eq!(facets.technology[0].value, "kubernetes");
}

#[test]
fn values_within_a_filter_are_alternatives() {
    let filters = Filters {
        severity: vec![Severity::Sev1, Severity::Sev3],
        organization: vec!["birch shop".to_owned()],
        ..Filters::default()
    };
    let request = SearchRequest { filters, sort: Sort::OldestIncident, ..SearchRequest::default() };
    let results = whole().search(&request).expect("searched");
    assert_eq!(slugs(&results), ["redis-eviction-storm", "checkout-pool-ran-dry"]);
}

#[test]
fn a_card_is_found_by_its_address() {
    let index = whole();
    let slug = Slug::parse("coredns-ndots").expect("a slug");
    let card = index.card(FailureKind::Story, &slug).expect("read").expect("there");
    assert_eq!(card, LIBRARY[4].document().card);
    assert_eq!(index.card(FailureKind::Pattern, &slug).expect("read"), None);
}

#[test]
fn related_failures_share_the_pattern_before_anything_else() {
    let index = whole();
    let of = |made: &Made| {
        let cards = index.related(made.id(), 5).expect("read");
        cards.into_iter().map(|card| card.slug.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of(&LIBRARY[1])[0], "connection-pool-exhausted");
    assert_eq!(of(&LIBRARY[2])[0], "login-certificate-expired");
    assert!(!of(&LIBRARY[4]).contains(&"coredns-ndots".to_owned()));
}

#[test]
fn what_shares_no_pattern_technology_or_category_is_not_related() {
    let index = whole();
    for made in LIBRARY {
        for card in index.related(made.id(), 10).expect("read") {
            let other = LIBRARY.iter().find(|other| other.slug == card.slug.as_str()).expect("of the library");
            let shares_technology = other.technologies.iter().any(|tag| made.technologies.contains(tag));
            let shares_pattern = other.pattern == Some(made.slug)
                || made.pattern == Some(other.slug)
                || (made.pattern.is_some() && made.pattern == other.pattern);
            let shares = shares_technology || shares_pattern || made.category == other.category;
            assert!(shares, "{} beside {}", other.slug, made.slug);
        }
    }
}

#[test]
fn the_same_text_is_the_same_and_other_texts_are_not() {
    let index = whole();
    for made in LIBRARY {
        let (title, symptom) =
            (made.title.lines().next().expect("a line"), made.symptom.lines().next().expect("a line"));
        let similar = index.similar(title, symptom, 3).expect("compared");
        assert_eq!(similar[0].card.slug.as_str(), made.slug);
        assert!(similar[0].similarity > 0.85, "{} is only {}", made.slug, similar[0].similarity);
        if let Some(next) = similar.get(1) {
            assert!(next.similarity < 0.5, "{} beside {} is {}", next.card.slug, made.slug, next.similarity);
        }
    }
    let beginning = index.similar("Login impossible", "every login failed with an expired x509 certificate", 3);
    let beginning = beginning.expect("compared");
    assert_eq!(beginning[0].card.slug.as_str(), "login-certificate-expired");
    assert!(beginning[0].similarity > 0.4, "only {}", beginning[0].similarity);
    let other = index.similar("A cake that did not rise", "flour, eggs and sugar in an oven", 3).expect("compared");
    assert!(other.is_empty(), "{other:?}");
    assert!(index.similar("", "", 3).expect("compared").is_empty());
}

#[test]
fn equally_good_results_keep_their_places_from_page_to_page() {
    let index = SearchIndex::in_memory().expect("an index");
    let changes = (0..40).map(|number| {
        let mut document = LIBRARY[0].document();
        document.card.id = FailureId(uuid::Uuid::from_u128(number));
        document.card.slug = Slug::parse(&format!("twin-{number}")).expect("a slug");
        (document.card.id, Some(document))
    });
    index.apply(changes.collect(), at(1)).expect("applied");
    for sort in [Sort::Relevance, Sort::Title, Sort::NewestIncident] {
        let page = |page: usize| {
            let request =
                SearchRequest { query: "pool".to_owned(), sort, page, per_page: 7, ..SearchRequest::default() };
            slugs(&index.search(&request).expect("searched")).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let all: Vec<String> = (1..=6).flat_map(page).collect();
        assert_eq!(all.len(), 40);
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 40);
        assert_eq!(page(2), page(2));
    }
}

#[test]
fn the_counts_over_everything_follow_every_change() {
    let index = SearchIndex::in_memory().expect("an index");
    for (changes, made) in LIBRARY.iter().enumerate() {
        index.apply(vec![change(made)], at(changes as i64)).expect("applied");
        let results = search(&index, "");
        assert_eq!(results.total, changes as u64 + 1);
        assert_eq!(results, search(&index, ""));
        let categories: u64 = results.facets.category.iter().map(|count| count.count).sum();
        assert_eq!(categories, results.total);
    }
    let stories = SearchRequest { kind: Some(FailureKind::Story), ..SearchRequest::default() };
    assert_eq!(index.search(&stories).expect("searched").total, 8);
    index.apply(vec![(LIBRARY[1].id(), None)], at(99)).expect("applied");
    let results = index.search(&stories).expect("searched");
    assert_eq!(results.total, 7);
    assert!(results.facets.organization.iter().any(|count| count.value == "Birch Shop" && count.count == 1));
}

#[test]
fn what_nobody_would_type_is_answered() {
    let index = whole();
    for query in [
        "redis ".repeat(10_000),
        "\"".repeat(5_000),
        "title:\"".repeat(5_000),
        "-a ".repeat(5_000),
        "证书".repeat(20_000),
        "🔥🔥 🧨".to_owned(),
        "شهادة منتهية الصلاحية".to_owned(),
        "\u{202e}sider\u{202c} e\u{301}".to_owned(),
        "a.b-c/d_".repeat(10_000),
        "x".repeat(100_000),
        "* ** -* title:* \"*\" year:*".to_owned(),
    ] {
        search(&index, &query);
    }
    assert_eq!(search(&index, &"redis ".repeat(10_000)).total, search(&index, "redis ").total);
    assert_eq!(search(&index, "🔥").total, 0);
    assert_eq!(search(&index, "\"\" \"").total, 10, "nothing is asked for");
}

#[test]
fn an_empty_index_answers() {
    let index = SearchIndex::in_memory().expect("an index");
    assert_eq!(search(&index, "redis").total, 0);
    assert_eq!(search(&index, "").total, 0);
    index.apply(vec![change(&LIBRARY[0])], at(1)).expect("applied");
    assert_eq!(search(&index, "").total, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_query_fails(
        any in any::<String>(),
        made in "(-?(\"|tech:|org:|title:|cause:|fix:|has:rule|pattern:|year:[<>]?=?|证书|pool|\\*|-| |[a-z.:/@]{1,6}|20[0-9]{2})){0,8}",
    ) {
        let index = INDEX.get_or_init(whole);
        search(index, &any);
        search(index, &made);
    }
}

static INDEX: std::sync::OnceLock<SearchIndex> = std::sync::OnceLock::new();
