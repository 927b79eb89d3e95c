//! What a rule that fires points at.

use crate::domain::matching::Verdict;
use crate::evidence::Object;

use super::{object, rule, signals};

const TEXT: &str = "\
kind: Deployment
metadata:
  name: frontend
  namespace: web
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: app
      - name: sidecar
        securityContext:
          privileged: true
";

/// The object of the text, with the lines on which its fields stand.
fn deployment() -> Object {
    let mut deployment = object(TEXT);
    let lines = [
        ("/kind", 1),
        ("/metadata", 2),
        ("/metadata/name", 3),
        ("/metadata/namespace", 4),
        ("/spec", 5),
        ("/spec/replicas", 6),
        ("/spec/template", 7),
        ("/spec/template/spec", 8),
        ("/spec/template/spec/containers", 9),
        ("/spec/template/spec/containers/0/name", 10),
        ("/spec/template/spec/containers/1/name", 11),
        ("/spec/template/spec/containers/1/securityContext", 12),
        ("/spec/template/spec/containers/1/securityContext/privileged", 13),
    ];
    deployment.lines = lines.into_iter().map(|(pointer, line)| (pointer.to_owned(), line)).collect();
    deployment
}

/// The marked text, and the verdict's subject and remarks.
fn fired(text: &str, evidence: &str, objects: Vec<Object>) -> Option<(Vec<String>, Option<String>, Vec<String>)> {
    let verdict = rule(text).run(&signals(evidence, objects))?;
    let Verdict::Fired(proof) = verdict else { panic!("{verdict:?}") };
    let marked = proof.places.iter().map(|place| format!("{}: {}", place.line, &evidence[place.span.clone()]));
    Some((marked.collect(), proof.subject, proof.remarks))
}

#[test]
fn the_deepest_field_that_is_there_is_marked() {
    for (text, marked) in [
        ("object.spec.replicas > 1", "6: replicas: 3"),
        (
            "object.kind == 'Deployment' && has(object.spec.replicas) && !has(object.spec.template.spec.affinity)",
            "6: replicas: 3",
        ),
        ("object.kind == 'Deployment' && !has(object.spec.template.spec.affinity)", "8: spec:"),
        ("object.?spec.?replicas.orValue(1) == 3", "6: replicas: 3"),
        ("object['spec']['replicas'] == 3", "6: replicas: 3"),
        ("object.kind == 'Deployment'", "1: kind: Deployment"),
        ("object.metadata.name.startsWith('front')", "3: name: frontend"),
        ("true", "1: kind: Deployment"),
    ] {
        let (places, ..) = fired(text, TEXT, vec![deployment()]).expect("it fires");
        assert_eq!(places, [marked], "{text}");
    }
}

#[test]
fn the_element_that_meets_the_condition_is_marked() {
    for (text, marked) in [
        (
            "object.spec.template.spec.containers.exists(c, has(c.securityContext) && c.securityContext.privileged)",
            "13: privileged: true",
        ),
        ("object.spec.template.spec.containers.exists(c, c.name == 'sidecar')", "11: - name: sidecar"),
        ("object.spec.template.spec.containers.exists(c, c.name.matches('^side'))", "11: - name: sidecar"),
        ("[object.spec.template].exists(t, t.spec.containers.exists(c, c.name == 'app'))", "7: template:"),
        ("object.spec.template.spec.containers.all(c, c.name != 'x')", "9: containers:"),
    ] {
        let (places, ..) = fired(text, TEXT, vec![deployment()]).expect("it fires");
        assert_eq!(places, [marked], "{text}");
    }
}

#[test]
fn a_proof_names_its_object_and_the_others() {
    let named = |name: &str, line: u32| {
        let mut other = object(&format!("kind: Pod\nmetadata: {{name: {name}}}"));
        other.line = line;
        other
    };
    let evidence = "a\n  b\nc\n";
    let (places, subject, remarks) = fired("true", evidence, vec![deployment()]).expect("it fires");
    assert_eq!((places.len(), subject.as_deref(), remarks.len()), (1, Some("Deployment web/frontend"), 0));

    let (places, subject, remarks) =
        fired("object.kind == 'Pod'", evidence, vec![named("x", 2), deployment(), named("other", 3)])
            .expect("it fires");
    assert_eq!(places, ["2: b", "3: c"]);
    assert_eq!(subject.as_deref(), Some("Pod x"));
    assert_eq!(remarks, ["and 1 more object: Pod other"]);

    let many = (0..100).map(|number| named(&format!("p{number}"), 2)).collect();
    let (places, _, remarks) = fired("true", evidence, many).expect("it fires");
    assert_eq!(places, ["2: b"]);
    assert_eq!(remarks, ["and 99 more objects: Pod p1, Pod p2, Pod p3, Pod p4, Pod p5, …"]);
}

#[test]
fn objects_that_a_rule_errs_on_do_not_fire_it_and_do_not_keep_others_from_doing_so() {
    let bare = object("kind: Deployment");
    assert!(fired("object.spec.replicas > 1", TEXT, vec![bare.clone()]).is_none());
    assert!(fired("object.spec.replicas > 1", TEXT, vec![bare, deployment()]).is_some());
    assert!(fired("object.kind == 'Service'", TEXT, vec![deployment()]).is_none());
}

#[test]
fn an_object_without_a_name_is_called_by_its_kind() {
    let (_, subject, _) = fired("true", "kind: Pod", vec![object("kind: Pod")]).expect("it fires");
    assert_eq!(subject.as_deref(), Some("Pod"));
}
