//! The language over objects, and what is refused when a rule is saved.

use super::{evaluated, refused, rule};

const DEPLOYMENT: &str = "
kind: Deployment
metadata: {name: frontend, namespace: web, creationTimestamp: null, labels: {app.kubernetes.io/name: frontend}}
spec:
  replicas: 3
  weight: 1.5
  big: 18446744073709551615
  paused: false
  template:
    spec:
      affinity: null
      containers:
      - {name: app, image: 'app:1', ports: [80, 443], resources: {limits: {memory: 1Gi, cpu: 500m}}}
      - {name: sidecar, image: 'sidecar:1', env: [{name: A, value: '1'}]}
";

fn holds(text: &str) -> Result<bool, String> {
    evaluated(text, DEPLOYMENT)
}

#[test]
fn fields_of_an_object_are_of_the_types_that_kubernetes_gives_them() {
    for text in [
        "object.kind == 'Deployment' && object.metadata.name == 'frontend' && object['kind'] == 'Deployment'",
        "object.spec.replicas == 3 && type(object.spec.replicas) == int && type(object.spec.weight) == double",
        "type(object.spec.big) == double && object.spec.big > 1e19",
        "!object.spec.paused && type(object.spec) == map && type(object.spec.template.spec.containers) == list",
        "object.metadata.labels['app.kubernetes.io/name'] == 'frontend' && 'app.kubernetes.io/name' in object.metadata.labels",
        "object.spec.template.spec.containers[0].ports == [80, 443] && [80, 443] == object.spec.template.spec.containers[0].ports",
        "object.spec.template.spec.containers[0].ports in [[80], [80, 443]]",
        "object.metadata.labels == {'app.kubernetes.io/name': 'frontend'}",
        "{'app.kubernetes.io/name': 'frontend'} == object.metadata.labels",
        "object.spec.template == object.spec.template && object.spec != object.metadata",
        "object.spec.template.spec.containers.map(c, c.name) == ['app', 'sidecar']",
        "object.spec.template.spec.containers.filter(c, has(c.env))[0].name == 'sidecar'",
        "object.spec.template.spec.containers[0].ports + [8080] == [80, 443, 8080]",
        "[1] + object.spec.template.spec.containers[0].ports == [1, 80, 443]",
        "size(object.spec.template.spec.containers) == 2 && object.metadata.labels.size() == 1",
        "object.spec.template.spec.containers[0].ports.sum() == 523 && object.spec.template.spec.containers[0].ports.isSorted()",
        "quantity(object.spec.template.spec.containers[0].resources.limits.memory).isGreaterThan(quantity('512Mi'))",
        "quantity(object.spec.template.spec.containers[0].resources.limits.cpu).compareTo(quantity('0.5')) == 0",
        "object.?spec.?strategy.?type.orValue('RollingUpdate') == 'RollingUpdate'",
        "object.spec.?replicas.orValue(1) > 1 && object.?spec.template.spec.?nodeName.hasValue() == false",
        "object.spec.template.spec.containers.exists(c, c.?env.orValue([]).exists(e, e.name == 'A'))",
        "sets.contains(object.spec.template.spec.containers.map(c, c.name), ['app'])",
        "object.spec.template.spec.containers.all(c, c.image.matches('^[a-z]+:[0-9]+$'))",
        "oldObject == null",
        "'%s %s'.format([object.kind, object.metadata.name]) == 'Deployment frontend'",
        "object.spec.template.spec.containers.map(c, c.image).join(',') == 'app:1,sidecar:1'",
        "optional.of(object.metadata.labels) == optional.of(object.metadata.labels)",
    ] {
        assert_eq!(holds(text), Ok(true), "{text}");
    }
}

#[test]
fn a_field_that_is_null_is_not_there() {
    for text in [
        "!has(object.spec.template.spec.affinity)",
        "!has(object.metadata.creationTimestamp)",
        "!('creationTimestamp' in object.metadata)",
        "object.metadata.all(k, k != 'creationTimestamp')",
        "!object.metadata.?creationTimestamp.hasValue()",
    ] {
        assert_eq!(holds(text), Ok(true), "{text}");
    }
}

#[test]
fn an_error_beside_an_answer_that_settles_it_does_not_count() {
    for (text, answer) in [
        ("object.spec.nothing > 1 || object.kind == 'Deployment'", true),
        ("object.kind == 'Deployment' || object.spec.nothing > 1", true),
        ("object.spec.nothing > 1 && object.kind == 'Service'", false),
        ("object.kind == 'Service' && object.spec.nothing > 1", false),
        ("object.spec.template.spec.containers.exists(c, c.env[0].name == 'A')", true),
        ("object.spec.template.spec.containers.all(c, c.env[0].name == 'B')", false),
        ("true ? true : object.nothing", true),
    ] {
        assert_eq!(holds(text), Ok(answer), "{text}");
    }
}

#[test]
fn an_expression_that_errs_says_how() {
    for (text, error) in [
        ("object.spec.nothing > 1", "there is no nothing; has(…) or .?nothing asks whether there is"),
        ("object.nothing || false", "there is no nothing; has(…) or .?nothing asks whether there is"),
        ("object.spec.template.spec.containers[5].name == ''", "the list has 2 elements, so not that one"),
        ("object.spec.replicas > object.kind", "found > with int, string, which CEL does not have"),
        ("object.kind.x == 1", "found . with string, string, which CEL does not have"),
        ("object.spec", "it gives a value of type map; expected true or false"),
        ("object.kind.exists(c, true)", "Unexpected type: got 'string', want 'iterable'"),
        ("1 / (object.spec.replicas - 3) == 1", "Division by zero of Int(1)"),
        (
            "quantity(object.kind).sign() == 1",
            "quantity(): found \"Deployment\"; expected a quantity such as 100m, 2, 1.5Gi or 1e3",
        ),
        ("1 in object.kind", "found in with int, string, which CEL does not have"),
        ("object.kind.sum() == 1", "found sum with string, which CEL does not have"),
    ] {
        assert_eq!(holds(text), Err(error.to_owned()), "{text}");
    }
}

#[test]
fn what_kubernetes_does_not_have_is_refused_with_its_place() {
    for (text, message) in [
        (
            "object.x == 1 &&\n  objct.y == 1",
            "line 2: column 3: found the variable objct; expected object, or a name that a macro binds",
        ),
        (
            "request.userInfo.username == 'x'",
            "line 1: column 1: found the variable request, which only a cluster has; expected object, the manifest itself",
        ),
        (
            "object.kind.reverse() == ''",
            "line 1: column 20: found a function reverse(), which CEL in Kubernetes does not have; docs/manifest-rules.md lists what there is",
        ),
        (
            "lists.range(3) == []",
            "line 1: column 12: found a function range(), which CEL in Kubernetes does not have; docs/manifest-rules.md lists what there is",
        ),
        (
            "object.l.flatten() == []",
            "line 1: column 17: found a function flatten(), which CEL in Kubernetes does not have; docs/manifest-rules.md lists what there is",
        ),
        (
            "cel.bind(x, 1, x == 1)",
            "line 1: column 9: found a function bind(), which CEL in Kubernetes does not have; docs/manifest-rules.md lists what there is",
        ),
        (
            "format.dns1123Label().validate(object.metadata.name).hasValue()",
            "line 1: column 31: found a function validate() in a form that Kubernetes has and rules here have not; docs/manifest-rules.md lists what there is",
        ),
        (
            "object.l.all(i, v, v > i)",
            "line 1: column 13: found a function all() in a form that Kubernetes has and rules here have not; docs/manifest-rules.md lists what there is",
        ),
        (
            "exists(object.l, x)",
            "line 1: column 7: found a function exists() in a form that Kubernetes has and rules here have not; docs/manifest-rules.md lists what there is",
        ),
        (
            "object.l.exists(x, x, 1, 2)",
            "line 1: column 16: found a function exists() in a form that Kubernetes has and rules here have not; docs/manifest-rules.md lists what there is",
        ),
        (
            "contains(object.kind, 'x')",
            "line 1: column 9: found contains(dyn, string); expected string.contains(string)",
        ),
        (
            "object.kind.contains('x', 'y')",
            "line 1: column 21: found dyn.contains(string, string); expected string.contains(string)",
        ),
        ("'x'.contains(1)", "line 1: column 13: found string.contains(int); expected string.contains(string)"),
        (
            "quantity('1').isLessThan(1)",
            "line 1: column 25: found quantity.isLessThan(int); expected quantity.isLessThan(quantity) or semver.isLessThan(semver)",
        ),
        ("object.kind.size() > '1'", "line 1: column 20: found int > string, which CEL does not have"),
        ("1 + 1.0 == 2.0", "line 1: column 3: found int + double, which CEL does not have"),
        ("!1", "line 1: column 1: found !int, which CEL does not have"),
        ("1 == 'a'", "line 1: column 3: found int == string, which are never equal; expected one type"),
        ("1 in 'abc'", "line 1: column 3: found int in string, which CEL does not have"),
        ("[1, 'a'] == []", "line 1: column 1: found a list of int and string; expected one type"),
        ("{'a': 1, 'b': 'x'} == {}", "line 1: column 1: found a map with values of int and string; expected one type"),
        ("true ? 1 : 'a'", "line 1: column 6: found int : string after ?; expected one type"),
        (
            "size(object.l)",
            "line 1: column 5: found an expression that gives an int; expected one that gives true or false",
        ),
        ("'abc'", "line 1: column 1: found an expression that gives a string; expected one that gives true or false"),
        ("[1].exists(x, 'a')", "line 1: column 15: found a condition that gives a string; expected true or false"),
        ("'abc'.all(x, true)", "line 1: column 10: found a macro over a string; expected a list or a map"),
        ("'abc'.x == 1", "line 1: column 6: found the field .x of a string, which has no fields"),
        ("Foo{a: 1} == object", "line 1: column 4: found Foo{…}; expected a map such as {\"key\": \"value\"}"),
        ("object.kind.matches('(')", "line 1: column 21: found the regular expression \"(\": unclosed group"),
        (
            "object.kind.matches('(?=a)')",
            "line 1: column 21: found the regular expression \"(?=a)\": look-around, including look-ahead and look-behind, is not supported",
        ),
        (
            "object.kind.matches('a{1000}{1000}')",
            "line 1: column 21: found a regular expression that is too large; expected a shorter one",
        ),
        ("duration('3 days') > duration('1s')", ""),
        (
            "ip('1.2.3').family() == 4",
            "line 1: column 3: ip(): found \"1.2.3\"; expected an address such as 10.0.0.1 or 2001:db8::1",
        ),
        (
            "object.l.exists(sets, sets.contains([1], [1]))",
            "line 1: column 36: found sets.contains(), where a macro binds sets; expected it to bind another name",
        ),
        ("has(object)", ""),
        ("object.", ""),
        ("object.kind = 'x'", ""),
        ("", "found nothing; expected a CEL expression"),
    ] {
        let refused = refused(text);
        assert!(
            refused == message || (message.is_empty() && refused.starts_with("line 1: column ")),
            "{text}\n {refused}"
        );
    }
}

#[test]
fn names_of_functions_can_be_names_of_variables() {
    for text in [
        "['1.2.3.4'].exists(ip, isIP(ip) && ip == '1.2.3.4')",
        "[{'ip': '::1'}].all(ip, ip.ip == '::1')",
        "[1].exists(quantity, quantity == 1) && [1].exists(size, size == 1)",
    ] {
        assert_eq!(holds(text), Ok(true), "{text}");
    }
}

#[test]
fn the_kinds_a_rule_can_be_about_are_read_from_it() {
    for (text, kinds) in [
        ("object.kind == 'Pod'", Some(vec!["Pod"])),
        ("'Pod' == object.kind && object.x == 1", Some(vec!["Pod"])),
        ("object.x == 1 && object.kind in ['Deployment', 'DaemonSet']", Some(vec!["DaemonSet", "Deployment"])),
        ("(object.kind == 'A' && object.x) || (object.kind == 'B' && object.y)", Some(vec!["A", "B"])),
        ("object.kind in ['A', 'B'] && object.kind != 'C' && object.kind == 'B'", Some(vec!["B"])),
        ("object.kind == 'A' || object.x", None),
        ("!(object.kind == 'A')", None),
        ("object.x == 1", None),
        ("object.spec.kind == 'A'", None),
        ("object.kind == 'A' ? true : false", None),
    ] {
        let owned = kinds.map(|kinds| kinds.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(rule(text).kinds(), owned.as_deref(), "{text}");
    }
}
