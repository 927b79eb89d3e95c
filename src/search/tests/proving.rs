//! What rules say decides first: who is a candidate, who stands for a pattern, the order, the confidence, the marks and
//! the check to run next.

use uuid::Uuid;

use super::library::LIBRARY;
use super::{Made, at, change, whole};
use crate::domain::matching::{Confidence, Evidence, Finding, MarkKind, Matches, Outcome, Place, Proof, Verdict};
use crate::domain::{Check, FailureAddress, FailureId, Line, Rule, RuleKind, RuleText};
use crate::search::SearchIndex;

const POOL: &str = "connection-pool-exhausted";
const CHECKOUT: &str = "checkout-pool-ran-dry";
const CERTIFICATE: &str = "expired-certificate";
const LOGIN: &str = "login-certificate-expired";
const REDIS: &str = "redis-eviction-storm";
/// Meets the texts of the checkout story well, and of no other.
const POOL_LOG: &str = "TimeoutError: QueuePool limit of size 20 reached, connection timed out, checkout hung";

fn made(slug: &str) -> &'static Made {
    LIBRARY.iter().find(|made| made.slug == slug).unwrap_or_else(|| panic!("{slug} is not in the library"))
}

fn line(text: &str) -> Line {
    Line::parse(text).expect("a line")
}

fn finding(slug: &str, verdict: Verdict) -> Finding {
    Finding { failure: made(slug).id(), rule: line("a rule"), kind: RuleKind::Log, verdict }
}

/// A rule that met these stretches of the evidence.
fn fired(slug: &str, evidence: &str, stretches: &[&str]) -> Finding {
    finding(slug, Verdict::Fired(Proof { places: places(evidence, stretches), subject: None, remarks: Vec::new() }))
}

fn places(evidence: &str, stretches: &[&str]) -> Vec<Place> {
    let place = |stretch: &&str| {
        let start = evidence.find(stretch).unwrap_or_else(|| panic!("{stretch} is not in the evidence"));
        let line = evidence[..start].matches('\n').count() as u32 + 1;
        Place { line, span: start..start + stretch.len() }
    };
    stretches.iter().map(place).collect()
}

fn contradicted(slug: &str, evidence: &str, by: &str) -> Finding {
    let verdict = Verdict::Contradicted { by: format!("a line with {by:?}"), at: places(evidence, &[by]) };
    finding(slug, verdict)
}

fn partial(slug: &str) -> Finding {
    finding(slug, Verdict::Partial { met: Vec::new(), missing: vec!["a second line".to_owned()] })
}

fn diagnose(index: &SearchIndex, evidence: &str, findings: &[Finding]) -> Matches {
    index.diagnose(&Evidence::parse(evidence).expect("evidence"), findings, 10).expect("diagnosed")
}

fn slugs(matches: &Matches) -> Vec<(&str, Confidence)> {
    matches.matches.iter().map(|found| (found.card.slug.as_str(), found.confidence)).collect()
}

#[test]
fn a_rule_that_fires_proposes_its_failure_where_no_word_meets_it() {
    let evidence = "zzz qqq 4711";
    let matches = diagnose(&whole(), evidence, &[fired(REDIS, evidence, &["qqq"])]);
    assert_eq!(slugs(&matches), [(REDIS, Confidence::Fired)]);
    assert_eq!(matches.outcome, Outcome::Known);
    assert!(matches.matches[0].reasons.is_empty());
    let marks: Vec<_> = matches.marks.iter().map(|mark| (&evidence[mark.range.clone()], mark.kind)).collect();
    assert_eq!(marks, [("qqq", MarkKind::Fired)]);
}

#[test]
fn proof_comes_before_the_best_resemblance_which_keeps_its_own_confidence() {
    let evidence = format!("{POOL_LOG}\nOOM command not allowed");
    let index = whole();
    let before = diagnose(&index, &evidence, &[]);
    let after = diagnose(&index, &evidence, &[fired(REDIS, &evidence, &["OOM command"])]);
    assert_eq!(slugs(&before)[0].0, CHECKOUT);
    assert_eq!(slugs(&after)[0], (REDIS, Confidence::Fired));
    assert!(slugs(&after)[1..].contains(&slugs(&before)[0]), "{:?}", slugs(&after));
}

#[test]
fn beside_proof_a_resemblance_that_is_no_closer_is_left_out() {
    let evidence = "Name resolution took five seconds, SERVFAIL, kube-dns latency rose on all nodes\n\
                    the Kubernetes API server answered slowly, etcd leader changed";
    let index = whole();
    let others = |matches: &Matches| slugs(matches).iter().filter(|(slug, _)| *slug != "coredns-ndots").count();
    assert!(others(&diagnose(&index, evidence, &[])) > 0, "there is something to leave out");
    let matches = diagnose(&index, evidence, &[fired("coredns-ndots", evidence, &["SERVFAIL"])]);
    assert_eq!(slugs(&matches), [("coredns-ndots", Confidence::Fired)]);
}

#[test]
fn who_has_more_rules_that_fired_comes_first_then_who_resembles_more() {
    let evidence = POOL_LOG;
    let one = |slug| fired(slug, evidence, &["QueuePool"]);
    let matches = diagnose(&whole(), evidence, &[one(REDIS), one(CHECKOUT)]);
    assert_eq!(slugs(&matches), [(CHECKOUT, Confidence::Fired), (REDIS, Confidence::Fired)]);
    let matches = diagnose(&whole(), evidence, &[one(REDIS), one(REDIS), one(CHECKOUT)]);
    assert_eq!(slugs(&matches), [(REDIS, Confidence::Fired), (CHECKOUT, Confidence::Fired)]);
}

#[test]
fn a_story_that_fired_stands_for_its_pattern_and_a_pattern_that_fired_for_itself() {
    let evidence = POOL_LOG;
    let index = whole();
    let story = diagnose(&index, evidence, &[fired(CHECKOUT, evidence, &["limit"]), fired(POOL, evidence, &["limit"])]);
    assert_eq!(slugs(&story), [(CHECKOUT, Confidence::Fired)]);
    assert_eq!(story.matches[0].findings.len(), 2, "the pattern's rule is shown with it");
    assert_eq!(story.matches[0].also[0].slug.as_str(), POOL);
    let pattern = diagnose(&index, evidence, &[fired(POOL, evidence, &["limit"])]);
    assert_eq!(slugs(&pattern), [(POOL, Confidence::Fired)]);
    assert_eq!(pattern.matches[0].also[0].slug.as_str(), CHECKOUT, "the story that the words meet is beside it");
}

#[test]
fn what_contradicts_takes_one_step_of_confidence_and_is_shown() {
    let evidence = "x509: certificate has expired, every login failed on mobile apps\nrenewal succeeded";
    let index = whole();
    assert_eq!(slugs(&diagnose(&index, evidence, &[]))[0], (LOGIN, Confidence::Strong));
    for of in [LOGIN, CERTIFICATE] {
        let matches = diagnose(&index, evidence, &[contradicted(of, evidence, "renewal succeeded")]);
        assert_eq!(slugs(&matches)[0], (LOGIN, Confidence::Possible), "contradicted by a rule of {of}");
        assert_eq!(matches.outcome, Outcome::Possible);
        assert!(matches.matches[0].findings[0].is_contradicted());
    }
}

#[test]
fn what_contradicts_one_rule_does_not_outweigh_another_that_fired() {
    let evidence = "certificate has expired\nrenewal succeeded";
    let said = [contradicted(LOGIN, evidence, "renewal"), fired(LOGIN, evidence, &["expired"])];
    let matches = diagnose(&whole(), evidence, &said);
    assert_eq!(slugs(&matches)[0], (LOGIN, Confidence::Fired));
    let findings = &matches.matches[0].findings;
    assert!(findings[0].proof().is_some() && findings[1].is_contradicted(), "fired first: {findings:?}");
}

#[test]
fn neither_a_part_of_a_rule_nor_a_contradiction_lifts_a_failure_over_the_bar() {
    let evidence = "mix the flour, no such failure";
    let said = [partial(REDIS), contradicted(LOGIN, evidence, "no such")];
    let matches = diagnose(&whole(), evidence, &said);
    assert_eq!((matches.outcome, matches.matches.len(), matches.marks.len()), (Outcome::Unknown, 0, 0));
    let matches = diagnose(&whole(), POOL_LOG, &[partial(CHECKOUT)]);
    assert_eq!(slugs(&matches), slugs(&diagnose(&whole(), POOL_LOG, &[])));
    assert_eq!(matches.matches[0].findings.len(), 1, "what it also expects is shown where it is listed");
}

#[test]
fn a_rule_of_a_failure_that_is_no_longer_published_proposes_nothing() {
    let evidence = "qqq";
    let mut stray = fired(REDIS, evidence, &["qqq"]);
    stray.failure = FailureId(Uuid::from_u128(4711));
    assert_eq!(diagnose(&whole(), evidence, &[stray]).outcome, Outcome::Unknown);
}

#[test]
fn evidence_that_fires_everything_is_answered() {
    let evidence = POOL_LOG;
    let said: Vec<Finding> = LIBRARY.iter().map(|made| fired(made.slug, evidence, &["limit"])).collect();
    let matches = diagnose(&whole(), evidence, &said);
    assert!(matches.matches.iter().all(|found| found.confidence == Confidence::Fired));
    assert_eq!(matches.matches.len(), LIBRARY.len() - 2, "two stories are folded into their patterns");
}

fn check(command: &str, apart_from: Option<&str>) -> Check {
    Check {
        command: line(command),
        means: line("what it means"),
        apart_from: apart_from.map(|address| FailureAddress::parse(address).expect("an address")),
    }
}

/// The library with checks on some of its failures.
fn with_checks(checks: &[(&str, Vec<Check>)]) -> SearchIndex {
    let index = whole();
    let changes = checks.iter().map(|(slug, checks)| {
        let (id, document) = change(made(slug));
        let document = document.map(|mut document| {
            document.card.checks.clone_from(checks);
            document
        });
        (id, document)
    });
    index.apply(changes.collect(), at(2)).expect("applied");
    index
}

#[test]
fn the_next_check_is_the_one_that_tells_the_first_two_apart() {
    let evidence = POOL_LOG;
    let said = [fired(CHECKOUT, evidence, &["QueuePool"]), fired(REDIS, evidence, &["limit"])];
    let next = |checks: &[(&str, Vec<Check>)]| {
        let matches = diagnose(&with_checks(checks), evidence, &said);
        assert_eq!(slugs(&matches), [(CHECKOUT, Confidence::Fired), (REDIS, Confidence::Fired)]);
        matches.next.map(|next| (next.of.slug.to_string(), next.check.command.to_string()))
    };
    let some = |of: &str, command: &str| Some((of.to_owned(), command.to_owned()));
    let of_redis = format!("stories/{REDIS}");
    assert_eq!(next(&[]), None);
    assert_eq!(
        next(&[(CHECKOUT, vec![check("first", None), check("second", Some(&of_redis))])]),
        some(CHECKOUT, "second"),
        "the first match's check that names the second"
    );
    assert_eq!(
        next(&[
            (CHECKOUT, vec![check("first", None)]),
            (REDIS, vec![check("other", Some("patterns/connection-pool-exhausted"))])
        ]),
        some(REDIS, "other"),
        "the second match's check that names the first, by its pattern"
    );
    assert_eq!(
        next(&[(CHECKOUT, vec![check("same", None), check("own", None)]), (REDIS, vec![check("same", None)])]),
        some(CHECKOUT, "own"),
        "what both state tells nothing"
    );
    assert_eq!(next(&[(REDIS, vec![check("other", None)])]), None);
}

#[test]
fn the_rules_of_everything_in_the_index_can_be_read_and_follow_its_changes() {
    let index = whole();
    assert_eq!(index.rules().expect("read"), []);
    let rule = Rule {
        kind: RuleKind::Log,
        name: line("Pool is empty"),
        text: RuleText::parse("set:\n  match:\n    - value: QueuePool\n").expect("a text"),
        fires_on: Vec::new(),
        silent_on: Vec::new(),
        also_fires: Vec::new(),
    };
    let with_rule = |slug| {
        let (id, document) = change(made(slug));
        (id, document.map(|document| crate::search::Document { rules: vec![rule.clone()], ..document }))
    };
    index.apply(vec![with_rule(CHECKOUT), with_rule(REDIS)], at(2)).expect("applied");
    let mut expected = vec![(made(CHECKOUT).id(), vec![rule.clone()]), (made(REDIS).id(), vec![rule.clone()])];
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(index.rules().expect("read"), expected);
    index.apply(vec![(made(REDIS).id(), None), change(made(CHECKOUT))], at(3)).expect("applied");
    assert_eq!(index.rules().expect("read"), []);
}
