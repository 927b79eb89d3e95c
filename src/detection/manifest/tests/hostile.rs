//! Expressions and objects that mean harm: they end soon, and in an answer.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;

use super::super::ManifestRule;
use super::super::budget::{Budget, MOST_STEPS};
use super::{object, rule};
use crate::evidence::Object;
use crate::evidence::tests::processor::processor_time;

/// An object with a list of so many elements, a text of a megabyte, and a list of lists.
fn large() -> Object {
    let mut large = object("kind: List");
    large.value["items"] = (0..100_000).map(|number| serde_json::json!(format!("item-{number}"))).collect();
    large.value["numbers"] = (0..100_000).collect();
    large.value["text"] = "ab".repeat(500_000).into();
    large.value["rows"] = (0..300).map(|_| (0..300).collect::<serde_json::Value>()).collect();
    large
}

/// Far above what a busy machine needs in a debug build, and far below what is bounded.
const SOON: Duration = Duration::from_secs(20);

fn ends_soon(text: &str, large: &Object) -> Result<bool, String> {
    let rule = rule(text);
    let start = processor_time();
    // A part of the budget shows as much as the whole, and sooner.
    let answer = rule.is_true_of(large, &Budget::of(MOST_STEPS / 20, rule.patterns.clone()));
    let taken = processor_time().saturating_sub(start);
    assert!(taken < SOON, "{text}: {taken:?}");
    answer
}

#[test]
fn loops_within_loops_run_out_of_steps() {
    let large = large();
    let too_much = Err("it takes more than 2000000 steps on this object; expected loops over less".to_owned());
    for text in [
        "object.items.exists(a, object.items.exists(b, a + b == 'x'))",
        "object.items.all(a, object.items.all(b, object.items.all(c, a != '' && b != '' && c != '')))",
        "object.items.map(a, object.items.map(b, b)).size() == 0",
        "object.items.filter(a, object.items.exists_one(b, a == b)).size() == 0",
        "object.items.all(a, object == object)",
        "object.items.all(a, object.items in [object.items])",
        "object.items.all(a, a in object.items)",
        "object.items.all(a, object.text.contains(a))",
        "object.items.exists(a, object.text.matches('b$c'))",
        "object.items.exists(a, a.matches(a + '(x|y)*z{50}'))",
        "object.items.exists(a, object.text < object.text)",
        "object.items.all(a, object.items.indexOf('x') == -1)",
        "object.items.all(a, object.items.sum() == 1 || object.items.isSorted())",
        "object.items.all(a, object.items.join(',') == a)",
        "object.items.all(a, '%s'.format([object.rows]) == a)",
        "sets.intersects(object.items, object.numbers)",
        "sets.equivalent(object.items, object.items)",
        "object.items.all(a, object.text.size() > 0 && object.text.substring(1) != a)",
        "object.text.findAll('.').size() == 1",
        "object.text.findAll('a.*[^ab]|a').size() == 1",
        "object.items.all(a, object.text.indexOf('c') == -1 && object.text.lastIndexOf('c') == -1)",
        "[object.text + object.text].all(t, object.items.map(a, t).size() > 0)",
        "[object.text + object.text].all(t, object.items.all(a, {'t': t}.t != ''))",
        "[object.text + object.text].all(t, object.items.all(a, optional.of(t).hasValue()))",
        "[object.text + object.text].all(t, object.items.all(a, optional.of(t).optMap(x, x).hasValue()))",
        "object.items.all(a, object.text.split('').size() > 0)",
        // Once it is spent, what stands beside an error gets nothing more.
        "object.items.exists(a, object.items.exists(b, a + b == 'x')) || object.kind == 'List'",
        "object.kind == 'Other' || object.items.all(a, object.items.all(b, a + b != 'x')) || object.kind == 'List'",
    ] {
        assert_eq!(ends_soon(text, &large), too_much, "{text}");
    }
}

#[test]
fn texts_that_grow_stop_growing() {
    let large = large();
    let doubled = format!("[object.text]{}.size() == 1", ".map(a, a + a)".repeat(18));
    let squared = format!("[object.text]{}.size() == 1", ".map(a, a.replace('a', a))".repeat(3));
    let listed = format!("[[1, 1]]{}.size() == 1", ".map(a, a + a)".repeat(18));
    let nested = format!("[1]{}.size() == 1", ".map(a, [a, a])".repeat(18));
    let joined = "object.rows.map(r, r.map(c, object.text).join(object.text)).size() == 1";
    for text in [doubled.as_str(), &squared, &listed, &nested, joined] {
        assert!(ends_soon(text, &large).is_err(), "{text}");
    }
    assert_eq!(
        ends_soon("object.text.replace('a', 'aaaa') == ''", &large),
        Err("replace(): its result has 3000000 bytes; expected at most 1048576".to_owned())
    );
}

#[test]
fn an_honest_rule_over_a_large_object_has_steps_enough() {
    let large = large();
    for text in [
        "object.items.exists(i, i == 'item-99999') && object.items.all(i, i.startsWith('item-'))",
        "object.rows.all(row, row.all(cell, cell >= 0 && cell < 300)) && object.text.matches('^(ab)+$')",
        "'item-99999' in object.items && object.numbers.sum() > 0 && object.items.filter(i, i.endsWith('99')).size() == 1000",
    ] {
        assert_eq!(rule(text).evaluate(&large), Ok(true), "{text}");
    }
}

#[test]
fn the_budget_is_for_all_objects_together() {
    let text = "object.items.all(a, !a.contains('nothing'))";
    let (objects, rule) = ([large(), object("kind: Pod")], rule(text));
    let budget = Budget::of(2_500_000, rule.patterns.clone());
    let answers: Vec<_> = (0..3).map(|_| rule.is_true_of(&objects[0], &budget).is_ok()).collect();
    assert_eq!(answers, [true, true, false]);
    assert!(rule.is_true_of(&objects[1], &budget).is_err());
}

#[test]
fn the_deepest_expressions_run_in_a_megabyte_and_a_half_of_stack() {
    let brackets = |open: &str, middle: &str, close: &str, times: usize| {
        format!("{}{middle}{}", open.repeat(times), close.repeat(times))
    };
    // Of each, as many as are taken, and some more.
    let texts: Vec<String> = (1..60)
        .flat_map(|times| {
            [
                brackets("(", "true", ")", times),
                brackets("!(", "true", ")", times),
                brackets("[true].all(x, ", "x", ")", times),
                brackets("[true].map(x, x)[0] && [true].exists(x, ", "x", ")", times),
                format!("size({}) == 1", brackets("[", "1", "]", times)),
                format!("{}1 == 1", "1 + ".repeat(times)),
                format!("{}.size() == 1", brackets("{'a': ", "1", "}", times)),
                format!("{}true", "true ? true : ".repeat(times)),
                format!("object{} == optional.of(1)", ".?a".repeat(times)),
                format!("[1]{}.size() == 1", ".filter(x, true)".repeat(times)),
                format!("object{} == 1", ".a".repeat(4 * times)),
                vec!["object.kind == 'x'"; 14 * times].join(" || "),
            ]
        })
        .collect();
    let run = move || {
        for text in texts {
            match ManifestRule::compile(&text) {
                Ok(rule) => drop(rule.run(&super::signals("", vec![object("{}")]))),
                Err(error) => assert!(error.message.contains("too deeply"), "{text}: {error}"),
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(3 << 19).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}

#[test]
fn the_longest_rules_are_compiled_soon() {
    let limit = crate::domain::RuleText::MAX;
    for part in [
        "a.b.c == 'x' || ",
        "object.x ||",
        "1,",
        "[",
        "(",
        "'a',",
        "{1:",
        "!",
        "x.all(y, ",
        "a?b:",
        "/*",
        "\\",
        "\u{1f600}",
        "//\n",
        "a\n",
    ] {
        let text = part.repeat(limit / part.len());
        let start = processor_time();
        for text in [text.clone(), format!("[{text}1]"), format!("{text}true")] {
            drop(ManifestRule::compile(&text[..text.floor_char_boundary(limit)]));
        }
        let taken = processor_time().saturating_sub(start);
        assert!(taken < SOON, "{part}: {taken:?}");
    }
}

/// Pieces of expressions, put together without sense.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "object",
        ".spec",
        ".metadata",
        "['a']",
        "[0]",
        ".?x",
        "[?0]",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'a'",
        "\"b\"",
        "r'\\d'",
        "1",
        "1u",
        "-1",
        "1.5",
        "true",
        "null",
        " == ",
        " != ",
        " < ",
        " in ",
        " && ",
        " || ",
        " + ",
        " - ",
        " / ",
        " % ",
        "!",
        " ? ",
        " : ",
        ", ",
        ".exists(x, ",
        ".all(y, ",
        ".map(z, ",
        ".filter(x, ",
        "x",
        "y",
        "has(",
        "size(",
        ".size()",
        ".matches(",
        ".split(",
        ".join(",
        ".format([",
        "quantity('1Gi')",
        "ip('::1')",
        "cidr('::/0')",
        "url('/a')",
        "semver('1.2.3')",
        ".isLessThan(",
        ".add(",
        "duration('1h')",
        "timestamp('2024-01-01T00:00:00Z')",
        "optional.of(",
        "optional.none()",
        ".orValue(",
        ".optMap(x, ",
        "sets.contains(",
        ".substring(",
        ".charAt(",
        ".indexOf(",
        ".replace(",
        "int(",
        "string(",
        "type(",
        "9223372036854775807",
        "-9223372036854775808",
        "'é\u{1f600}'",
        ".getHours(",
        "'\\u0041'",
        "//",
        "\n",
    ]);
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

const OBJECT: &str = "{kind: Pod, metadata: {name: é, labels: {a: b}}, spec: {x: [1, [2.5, {y: null}]], z: 'text'}}";

/// Calls whose arguments are any text and any numbers.
const CALLS: &[&str] = &[
    "quantity(object.t).sign() == 1",
    "ip(object.t).family() == 4",
    "cidr(object.t).prefixLength() == 1",
    "url(object.t).getHost() == url(object.t).getHostname() + url(object.t).getPort() + url(object.t).getEscapedPath()",
    "url('https://x/?' + object.t).getQuery() == {}",
    "semver(object.t, true).major() == 1",
    "isSemver(object.t) && isURL(object.t) && isQuantity(object.t) && isIP(object.t) && isCIDR(object.t)",
    "duration(object.t).getHours() == 1",
    "timestamp(object.t).getDate() == 1",
    "int(object.t) == 1",
    "object.t.substring(object.o) == ''",
    "object.t.substring(object.o, object.n) == ''",
    "object.t.charAt(object.o) == ''",
    "object.t.indexOf('é', object.o) == 1",
    "object.t.lastIndexOf('é', object.o) == 1",
    "object.t.lastIndexOf(object.t, object.n) == 1",
    "object.t.split('', object.o) == []",
    "object.t.replace('', object.t, object.o) == ''",
    "object.t.format(object.l) == ''",
    "object.t.matches(object.t) && object.t.findAll(object.t, object.o) == []",
    "object.l.join(object.t) == ''",
    "object.n + object.n == 1 || object.n * object.n == 1 || -object.n == 1 || object.n % object.o == 0 || object.n / object.o == 0",
    "quantity('1').add(object.n).sub(object.n) == quantity('1')",
    "timestamp(object.n).getFullYear() == 1",
    "timestamp('2024-01-01T00:00:00Z').getHours(object.t) == 1",
    "duration('1s') + duration(string(object.n) + 's') == duration('1s')",
    "object.l[object.n] == '' || object.l[?object.o].hasValue()",
    "uint(object.n) == 1u || string(double(object.n)) == ''",
    "'%d %s %x %b %o %e %f'.format([dyn(object.n), dyn(object.t), dyn(object.t), dyn(object.n), dyn(object.n), dyn(1.5), dyn(2.5)]) == ''",
];

fn compiled() -> &'static [ManifestRule] {
    static COMPILED: LazyLock<Vec<ManifestRule>> = LazyLock::new(|| CALLS.iter().map(|call| rule(call)).collect());
    &COMPILED
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_a_rule_panic(text in prop_oneof![any::<String>(), "[ -~\n]{0,60}", pieces()]) {
        if let Ok(rule) = ManifestRule::compile(&text) {
            let object = object(OBJECT);
            let answer = rule.evaluate(&object);
            let fired = rule.run(&super::signals(OBJECT, vec![object]));
            prop_assert_eq!(fired.is_some(), answer == Ok(true));
        }
    }

    #[test]
    fn no_argument_makes_a_function_panic(text in any::<String>(), number in any::<i64>(), other in -3_i64..12) {
        let quoted = serde_json::to_string(&text).expect("a string");
        let yaml = format!("{{t: {quoted}, n: {number}, o: {other}, l: [{quoted}, é]}}");
        let Ok(_) = serde_saphyr::from_str::<serde_json::Value>(&yaml) else { return Ok(()) };
        let object = object(&yaml);
        for call in compiled() {
            drop(call.evaluate(&object));
        }
    }
}
