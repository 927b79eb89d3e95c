//! Matching evidence: what is known is found with its reasons, what is not is not.

use proptest::prelude::*;

use super::unrelated::UNRELATED;
use super::whole;
use crate::domain::matching::{Confidence, Evidence, Field, Matches, Outcome};
use crate::search::SearchIndex;

fn diagnose(index: &SearchIndex, evidence: &str) -> Matches {
    index.diagnose(&Evidence::parse(evidence).expect("evidence"), &[], 10).expect("diagnosed")
}

#[test]
fn descriptions_in_other_words_find_their_failure_first() {
    let index = whole();
    let descriptions = [
        (
            "the shop's payment page is frozen, no free db connections although the database does nothing",
            "checkout-pool-ran-dry",
        ),
        ("nobody can sign in, the apps complain that the SSL cert is expired", "login-certificate-expired"),
        (
            "name lookups in our k8s cluster are slow, five seconds, since the machines got a new version",
            "coredns-ndots",
        ),
        (
            "people are thrown out of their session all the time, cache memory is full and keys get kicked out",
            "redis-eviction-storm",
        ),
        ("jvm container keeps restarting, ran out of memory, exit 137", "java-service-oomkilled"),
        ("consumer lag of hours, messages handled twice, kafka keeps rebalancing", "kafka-rebalance-loop"),
        ("control plane is slow, etcd heartbeat late and a new leader all the time", "etcd-disk-latency"),
        ("容器内存溢出，不断重启", "java-service-oomkilled"),
        ("集群里域名解析特别慢，要等五秒", "coredns-ndots"),
        ("客户端报错说证书已经过期，连不上", "expired-certificate"),
    ];
    let mut missed = Vec::new();
    for (evidence, slug) in descriptions {
        let matches = diagnose(&index, evidence);
        let first = matches.matches.first().map(|one| one.card.slug.to_string());
        let family = matches.matches.first().map(|one| one.also.iter().any(|card| card.slug.as_str() == slug));
        if !(first.as_deref() == Some(slug) || family == Some(true)) {
            missed.push((evidence, first));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn unrelated_texts_are_unknown_and_nothing_is_marked() {
    let index = whole();
    for evidence in UNRELATED {
        let matches = diagnose(&index, evidence);
        let proposed: Vec<_> =
            matches.matches.iter().map(|one| (one.card.slug.to_string(), one.score, &one.reasons)).collect();
        assert_eq!(matches.outcome, Outcome::Unknown, "{evidence}: {proposed:?}");
        assert!(matches.matches.is_empty() && matches.marks.is_empty());
    }
}

#[test]
fn two_words_of_a_title_are_enough_to_be_possible() {
    let matches = diagnose(&whole(), "pool exhausted");
    assert_eq!(matches.outcome, Outcome::Possible);
    assert_eq!(matches.matches[0].card.slug.as_str(), "connection-pool-exhausted");
}

#[test]
fn a_pattern_and_its_stories_are_one_result() {
    let matches = diagnose(&whole(), "x509: certificate has expired, every login failed on mobile apps");
    assert_eq!(matches.matches[0].card.slug.as_str(), "login-certificate-expired");
    assert_eq!(matches.matches[0].confidence, Confidence::Strong);
    assert_eq!(matches.outcome, Outcome::Known);
    let also: Vec<&str> = matches.matches[0].also.iter().map(|card| card.slug.as_str()).collect();
    assert_eq!(also, ["expired-certificate"]);
    assert!(matches.matches.iter().skip(1).all(|one| one.card.slug.as_str() != "expired-certificate"));
}

#[test]
fn reasons_name_the_field_the_words_as_written_and_their_lines() {
    let evidence = "first line says nothing\nRedis says MAXMEMORY reached\nUsers logged out, evicted keys climbing";
    let matches = diagnose(&whole(), evidence);
    let reason = &matches.matches[0].reasons[0];
    assert_eq!(matches.matches[0].card.slug.as_str(), "redis-eviction-storm");
    assert_eq!(reason.field, Field::Symptom);
    assert!(reason.terms.contains(&"MAXMEMORY".to_owned()), "{reason:?}");
    assert_eq!(reason.lines, [2, 3]);
    let marked: Vec<&str> = matches.marks.iter().map(|mark| &evidence[mark.range.clone()]).collect();
    assert!(marked.contains(&"MAXMEMORY") && marked.contains(&"evicted"), "{marked:?}");
}

#[test]
fn one_telling_line_in_a_long_log_is_found() {
    let mut log: Vec<String> = (0..3000)
        .map(|n| {
            format!(
                "2023-04-01T10:{:02}:{:02}Z INFO handled request {:08x} for tenant t{} in {} ms",
                n / 60 % 60,
                n % 60,
                n * 7919,
                n % 17,
                n % 90
            )
        })
        .collect();
    log[1500] = "2023-04-01T10:25:00Z ERROR sqlalchemy.exc.TimeoutError: QueuePool limit of size 20 reached, connection timed out".to_owned();
    let matches = diagnose(&whole(), &log.join("\n"));
    assert_eq!(matches.matches.first().map(|one| one.card.slug.as_str()), Some("checkout-pool-ran-dry"));
    assert!(matches.matches[0].reasons[0].lines.contains(&1501), "{:?}", matches.matches[0].reasons[0]);
}

#[test]
fn one_slip_or_a_long_tail_of_unknown_words_does_not_sink_a_match() {
    let index = whole();
    let first = |evidence: &str| diagnose(&index, evidence).matches.first().map(|one| one.card.slug.to_string());
    let expected = Some("kafka-rebalance-loop".to_owned());
    assert_eq!(first("kafka consumer groups rebalancng without end, orders processed twice"), expected);
    assert_eq!(
        first(
            "hi all, Zofia from Gdansk here, my colleague Tomasz saw kafka consumer groups rebalancing, orders processed twice, lag of hours"
        ),
        expected
    );
}

#[test]
fn an_empty_index_knows_nothing() {
    let index = SearchIndex::in_memory().expect("an index");
    let matches = diagnose(&index, "connection pool exhausted");
    assert_eq!((matches.outcome, matches.matches.len()), (Outcome::Unknown, 0));
}

#[test]
fn a_megabyte_of_noise_is_answered() {
    let mut noise = String::new();
    let mut state = 1_u64;
    while noise.len() < Evidence::MAX - 100 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.push_str(&format!("{:x}{} ", state >> 40, if state >> 60 == 0 { "\n" } else { "" }));
    }
    assert_eq!(diagnose(&whole(), &noise).outcome, Outcome::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn marks_lie_on_characters_in_order_and_without_overlap(evidence in "([a-z证书过期サー서버👩. \n]{0,8}(certificate|expired|CrashLoopBackOff|证书已过期|kube-dns|pool){1,2}[ \n.-]?){1,12}") {
        let index = INDEX.get_or_init(whole);
        let matches = diagnose(index, &evidence);
        let mut last = 0;
        for range in matches.marks.into_iter().map(|mark| mark.range) {
            prop_assert!(range.start >= last && range.start < range.end);
            prop_assert!(evidence.get(range.clone()).is_some());
            last = range.end;
        }
    }
}

static INDEX: std::sync::OnceLock<SearchIndex> = std::sync::OnceLock::new();
