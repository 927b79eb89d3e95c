//! Every function against what Kubernetes documents of it.

use proptest::prelude::*;

use super::{evaluated, refused};

/// Each line is true.
fn all_true(lines: &str) {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert_eq!(evaluated(line, "{}"), Ok(true), "{line}");
    }
}

#[test]
fn text_is_searched_cut_and_put_together() {
    all_true(
        r#"
        "Größe".size() == 5 && size("Größe") == 5
        "hello".contains("ell") && "hello".startsWith("he") && "hello".endsWith("lo")
        "TacoCat".lowerAscii() == "tacocat" && "TacoCät".upperAscii() == "TACOCäT"
        "  x ".trim() == "x"
        "a,b,c".split(",") == ["a", "b", "c"] && "a,b,c".split(",", 2) == ["a", "b,c"]
        ["a", "b"].join() == "ab" && ["a", "b"].join("-") == "a-b" && [].join("-") == ""
        "hello hello".replace("he", "we") == "wello wello" && "hello hello".replace("he", "we", 1) == "wello hello"
        "ab".replace("", "_") == "_a_b_"
        "tacocat".substring(4) == "cat" && "tacocat".substring(0, 4) == "taco"
        "hello mellow".indexOf("ello") == 1 && "hello mellow".indexOf("jello") == -1 && "hello mellow".indexOf("ello", 2) == 7
        "hello mellow".lastIndexOf("ello") == 7 && "hello mellow".lastIndexOf("ello", 6) == 1 && "äöü".indexOf("ü") == 2
        "hello".charAt(4) == "o" && "hello".charAt(5) == ""
        "%s has %d".format([dyn("x"), dyn(3)]) == "x has 3" && "%.2f".format([1.5]) == "1.50"
        strings.quote("a\"b") == "\"a\\\"b\""
        "a" + "b" == "ab" && "a" < "b" && !("b" < "a")
        "#,
    );
}

#[test]
fn patterns_are_searched_for_anywhere_in_the_text() {
    all_true(
        r#"
        "foobar".matches("foo.*") && "foobar".matches("oba") && !"foobar".matches("^oba") && matches("a1", r"\d$")
        "abc 123".find("[0-9]+") == "123" && "abc".find("[0-9]+") == ""
        "1 22 333".findAll("[0-9]+") == ["1", "22", "333"] && "1 22 333".findAll("[0-9]+", 2) == ["1", "22"]
        "abc".findAll("[0-9]") == [] && "123".findAll("[0-9]", 0) == [] && "12".findAll("[0-9]", -1) == ["1", "2"]
        "nginx:1.2".matches("^" + "nginx" + ":")
        "#,
    );
}

#[test]
fn lists_are_summed_sorted_and_searched() {
    all_true(
        "
        [1, 2, 3].isSorted() && ['a', 'b', 'b', 'c'].isSorted() && ![2.0, 1.0].isSorted() && [].isSorted() && [1].isSorted()
        [1, 3].sum() == 4 && [1.5, 2.5].sum() == 4.0 && [].sum() == 0 && [duration('1m'), duration('1s')].sum() == duration('61s')
        [3, 1, 2].min() == 1 && [3, 1, 2].max() == 3 && ['b', 'a'].min() == 'a'
        [1, 2, 2, 3].indexOf(2) == 1 && [1, 2, 2, 3].lastIndexOf(2) == 2 && [1.0].indexOf(1.1) == -1
        [1, 2] + [3] == [1, 2, 3] && [1, 2][1] == 2 && size([1, 2]) == 2 && [1, 2].size() == 2
        2 in [1, 2] && !(3 in [1, 2]) && 'a' in {'a': 1} && !('b' in {'a': 1})
        [[1], [2]] == [[1], [2]] && {'a': [1]} == {'a': [1]} && {'a': 1} != {'a': 2}
        sets.contains([1, 2, 3], [2, 3]) && sets.contains([], []) && !sets.contains([1], [1, 2])
        sets.equivalent([1, 2, 2], [2, 1]) && !sets.equivalent([1], [1, 2])
        sets.intersects([1], [1, 2]) && !sets.intersects([], [1]) && !sets.intersects([1], [2])
        ",
    );
    assert_eq!(evaluated("[].min() == 1", "{}"), Err("min(): the list is empty".to_owned()));
}

#[test]
fn macros_go_through_lists_and_maps() {
    all_true(
        "
        [1, 2].all(x, x > 0) && [].all(x, false) && [1, 2].exists(x, x == 2) && ![].exists(x, true)
        [1, 2, 2].exists_one(x, x == 1) && ![1, 2, 2].exists_one(x, x == 2)
        [1, 2].map(x, x * 2) == [2, 4] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6] && [1, 2].filter(x, x > 1) == [2]
        {'a': 1, 'b': 2}.all(k, k in ['a', 'b']) && {'b': 2}.map(k, k) == ['b']
        has({'a': 1}.a) && !has({'a': 1}.b)
        [[1, 2], [3]].exists(l, l.exists(x, x == 3))
        ",
    );
}

#[test]
fn optional_values_are_asked_for_and_made_up_for() {
    all_true(
        "
        optional.of(1).hasValue() && !optional.none().hasValue() && optional.of(1).value() == 1
        optional.none().orValue(2) == 2 && optional.of(1).or(optional.of(2)).value() == 1
        {'a': {'b': 1}}.?a.?b.orValue(0) == 1 && {'a': {'b': 1}}.?x.b.orValue(0) == 0 && [1][?3].orValue(9) == 9
        !optional.ofNonZeroValue('').hasValue() && optional.ofNonZeroValue('a').hasValue()
        {'a': 2}.?a.optMap(x, x * 2).orValue(0) == 4 && optional.of(1).optFlatMap(x, optional.none()) == optional.none()
        [?optional.none(), 1] == [1] && {?'a': optional.none()} == {}
        ",
    );
    assert!(evaluated("optional.none().value() == 1", "{}").is_err());
}

#[test]
fn values_are_converted_and_compared_across_kinds_of_numbers() {
    all_true(
        "
        int('7') == 7 && int(7.9) == 7 && int(7u) == 7 && uint(7) == 7u && double('1.5') == 1.5 && string(7) == '7'
        string(true) == 'true' && bool('true') && bytes('a') == b'a' && string(b'a') == 'a' && dyn(1) == 1
        1 < 1.5 && 2u > 1 && 1.0 <= 1 && 5 / 2 == 2 && 5 % 2 == 1 && -3 < 0 && 2 * 3 - 1 == 5
        type(1) == int && type('a') == string && type([]) == list && type(null) == null_type && type(type(1)) == type
        duration('1h30m').getMinutes() == 90 && duration('90s') > duration('1m') && duration('1m') + duration('1s') == duration('61s')
        timestamp('2024-02-29T12:30:00Z').getFullYear() == 2024 && timestamp('2024-02-29T12:30:00Z').getMonth() == 1
        timestamp('2024-02-29T12:30:00Z').getDate() == 29 && timestamp('2024-02-29T12:30:00Z').getDayOfWeek() == 4
        timestamp('2024-02-29T00:00:00Z') - timestamp('2024-02-28T00:00:00Z') == duration('24h')
        timestamp('2024-02-29T23:00:00Z').getHours('Europe/Berlin') == 0
        (1 < 2 ? 'a' : 'b') == 'a'
        ",
    );
}

#[test]
fn quantities_are_exact() {
    all_true(
        "
        quantity('1Gi') == quantity('1024Mi') && quantity('1k') == quantity('1000') && quantity('1e3') == quantity('1E3')
        quantity('100m').isLessThan(quantity('0.2')) && quantity('200M').isGreaterThan(quantity('190Mi'))
        quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('1').compareTo(quantity('2')) == -1
        quantity('2').compareTo(quantity('1')) == 1 && quantity('50k').add(20) == quantity('50020')
        quantity('50k').add(quantity('20')) == quantity('50020') && quantity('50k').sub(20000) == quantity('30k')
        quantity('50k').sub(quantity('60k')) == quantity('-10k') && quantity('-1').sign() == -1 && quantity('0').sign() == 0
        quantity('50000000G').isInteger() && !quantity('50m').isInteger() && quantity('50k').asInteger() == 50000
        quantity('50.703k').asApproximateFloat() == 50703.0 && quantity('100m').asApproximateFloat() == 0.1
        isQuantity('1.3G') && isQuantity('1.3Gi') && isQuantity('.5') && isQuantity('5.') && isQuantity('+1') && isQuantity('1E')
        !isQuantity('1,3G') && !isQuantity('10000k m') && !isQuantity('Three') && !isQuantity('Mi') && !isQuantity('1ki')
        !isQuantity('') && !isQuantity('.') && !isQuantity('1e') && !isQuantity('1 ') && !isQuantity('1.2.3') && !isQuantity('1e+')
        quantity('1E') == quantity('1000P') && quantity('1e-3') == quantity('1m') && quantity('0.5Ki') == quantity('512')
        quantity('1n').add(quantity('0.1n')) == quantity('2n') && quantity('-0.1n') == quantity('-1n') && quantity('0n').sign() == 0
        quantity('0.12345678901234567890123456789Ei') == quantity('142335986942043633.765524428')
        quantity('9999E') == quantity('9223372036854775807') && quantity('-9999E') == quantity('-9223372036854775807')
        quantity('1e999999999999') == quantity('9223372036854775807') && quantity('1e-999999999999') == quantity('1n')
        ",
    );
    assert_eq!(
        evaluated("quantity('50m').asInteger() == 0", "{}"),
        Err("asInteger(): found a quantity that is not a whole number of 64 bits".to_owned())
    );
    assert_eq!(
        refused("quantity('Three').sign() == 1"),
        "line 1: column 9: quantity(): found \"Three\"; expected a quantity such as 100m, 2, 1.5Gi or 1e3"
    );
}

#[test]
fn addresses_and_networks_are_compared() {
    all_true(
        "
        isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP(':::1') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')
        !isIP('010.0.0.1') && ip('127.0.0.1').family() == 4 && ip('::1').family() == 6 && ip('1.2.3.4') == ip('1.2.3.4')
        ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD') && !ip.isCanonical('2001:db8::0:0:0:abcd')
        ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified() && !ip('127.0.0.1').isUnspecified()
        ip('127.0.0.1').isLoopback() && ip('::1').isLoopback() && !ip('192.168.0.1').isLoopback()
        ip('224.0.0.1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()
        ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast() && !ip('fd80::1').isLinkLocalUnicast()
        ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && ip('2001:db8::abcd').isGlobalUnicast()
        !ip('ff00::1').isGlobalUnicast() && string(ip('::1')) == '::1' && string(cidr('10.0.0.1/8')) == '10.0.0.1/8'
        isCIDR('192.168.0.0/16') && isCIDR('::/0') && !isCIDR('192.168.0.0/33') && !isCIDR('192.168.0.0/') && !isCIDR('10.0.0.0/08')
        cidr('192.168.0.0/24').containsIP(ip('192.168.0.1')) && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))
        cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP('::1')
        cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24')) && !cidr('192.168.1.0/24').containsCIDR('192.168.0.0/16')
        cidr('0.0.0.0/0').containsCIDR('10.0.0.0/8') && cidr('::/0').containsIP('::1') && cidr('1.2.3.4/32').containsIP('1.2.3.4')
        cidr('192.168.0.1/24').ip() == ip('192.168.0.1') && cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24')
        cidr('192.168.0.0/16').prefixLength() == 16
        ",
    );
}

#[test]
fn urls_are_taken_apart() {
    all_true(
        "
        isURL('https://user:pass@example.com:80/path?query=val#fragment') && isURL('/absolute-path') && !isURL('../relative-path')
        !isURL('https://a:b:c/') && !isURL('') && !isURL('example.com') && isURL('mailto:someone@example.com') && !isURL('/%zz')
        url('/path').getScheme() == '' && url('HTTPS://example.com/').getScheme() == 'https'
        url('https://example.com:80/').getHost() == 'example.com:80' && url('https://[::1]:80/').getHost() == '[::1]:80'
        url('/path').getHost() == '' && url('https://[::1]/').getHost() == '[::1]'
        url('https://example.com:80/').getHostname() == 'example.com' && url('https://[::1]:80/').getHostname() == '::1'
        url('https://example.com:80/').getPort() == '80' && url('https://example.com/').getPort() == ''
        url('https://example.com/path').getEscapedPath() == '/path' && url('https://example.com').getEscapedPath() == ''
        url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'
        url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}
        url('https://example.com/path?key with spaces=value with spaces').getQuery() == {'key with spaces': ['value with spaces']}
        url('https://example.com/path?').getQuery() == {} && url('https://u:p@example.com/').getHost() == 'example.com'
        ",
    );
}

#[test]
fn versions_are_ordered() {
    all_true(
        "
        isSemver('1.0.0') && isSemver('0.1.0-alpha.1+b.7') && !isSemver('v1.0') && !isSemver('1.0') && !isSemver('01.0.0') && !isSemver('hello')
        isSemver('v1.0', true) && semver('01.01.01', true) == semver('1.1.1') && semver('v1', true) == semver('1.0.0')
        !isSemver('1-rc', true) && semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3
        semver('1.2.3').compareTo(semver('1.2.3')) == 0 && semver('1.2.3').compareTo(semver('2.0.0')) == -1
        semver('1.10.0').isGreaterThan(semver('1.9.0')) && semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))
        semver('1.0.0-alpha').isLessThan(semver('1.0.0-alpha.1')) && semver('1.0.0-2').isLessThan(semver('1.0.0-10'))
        semver('1.0.0-9').isLessThan(semver('1.0.0-a'))
        ",
    );
}

/// A quantity as a fraction of whole numbers: what it is worth times 10^9 is numerator / denominator.
fn rational(whole: u64, fraction: &str, suffix: &str) -> (u128, u128) {
    let digits: u128 = format!("{whole}{fraction}").parse().expect("digits");
    let (times, parts): (u128, u128) = match suffix {
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "" => (1, 1),
        "k" => (1_000, 1),
        "M" => (1_000_000, 1),
        "m" => (1, 1_000),
        "u" => (1, 1_000_000),
        "n" => (1, 1_000_000_000),
        other => panic!("{other}"),
    };
    (digits * times * 1_000_000_000, 10_u128.pow(fraction.len() as u32) * parts)
}

fn parts() -> impl Strategy<Value = (u64, String, &'static str)> {
    let suffix = prop::sample::select(vec!["Ki", "Mi", "Gi", "", "k", "M", "m", "u", "n"]);
    (0_u64..1_000_000_000, "[0-9]{0,6}", suffix)
}

proptest! {
    #[test]
    fn quantities_compare_as_the_fractions_they_are(left in parts(), right in parts()) {
        let write = |(whole, fraction, suffix): &(u64, String, &str)| format!("{whole}.{fraction}{suffix}");
        // Rounded up to a billionth, as Kubernetes does.
        let value = |(whole, fraction, suffix): &(u64, String, &str)| {
            let (numerator, denominator) = rational(*whole, fraction, suffix);
            numerator.div_ceil(denominator)
        };
        let (a, b) = (value(&left), value(&right));
        let order = a.cmp(&b) as i8;
        let text = format!("quantity('{}').compareTo(quantity('{}')) == {order}", write(&left), write(&right));
        prop_assert_eq!(evaluated(&text, "{}"), Ok(true), "{}", text);
        let sum = format!("quantity('{}').add(quantity('{}')) == quantity('{}n')", write(&left), write(&right), a + b);
        prop_assert_eq!(evaluated(&sum, "{}"), Ok(true), "{}", sum);
        let sign = (a as i128 - b as i128).signum();
        let difference = format!("quantity('{}').sub(quantity('{}')).sign() == {sign}", write(&left), write(&right));
        prop_assert_eq!(evaluated(&difference, "{}"), Ok(true), "{}", difference);
    }
}
