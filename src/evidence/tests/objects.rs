//! Kubernetes objects are found wherever in a paste they stand, with their lines.

use serde_json::json;

use super::read;
use crate::evidence::{Object, objects_in};

fn named(objects: &[Object]) -> Vec<String> {
    objects
        .iter()
        .map(|object| format!("{}/{}@{}", object.kind, object.name.as_deref().unwrap_or("-"), object.line))
        .collect()
}

fn found(text: &str) -> Vec<String> {
    named(&read(text).objects)
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n";

#[test]
fn documents_lists_and_arrays_are_taken_apart() {
    assert_eq!(found(&format!("{POD}---\n{}", POD.replace("web", "db"))), ["Pod/web@1", "Pod/db@6"]);
    let list = "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n- apiVersion: v1\n  \
                kind: Pod\n  metadata:\n    name: b\nkind: List\n";
    assert_eq!(found(list), ["Pod/a@3", "Pod/b@7"]);
    let json = r#"{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}"#;
    let signals = read(json);
    assert_eq!(named(&signals.objects), ["Pod/a@1", "Pod/b@1"]);
    assert_eq!(signals.objects[0].value, json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}));
    let array = "[\n\t{\"apiVersion\": \"v1\", \"kind\": \"Pod\"},\n\t{\"apiVersion\": \"v1\", \"kind\": \"Node\"}\n]";
    assert_eq!(found(array), ["Pod/-@2", "Node/-@3"]);
}

#[test]
fn objects_stand_in_the_middle_of_prose_and_logs() {
    let yaml = "We rolled this out:\n\n```yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n```\nand then:\n\
                2024-05-17T12:00:00Z ERROR it: broke\n";
    assert_eq!(found(yaml), ["Deployment/web@4"]);
    let indented = format!("see:\n\n    {}\nError: it broke\n    at once", POD.trim_end().replace('\n', "\n    "));
    assert_eq!(found(&indented), ["Pod/web@3"]);
    let directly = format!("kubectl get pod web -o yaml\n{POD}error: lost connection: it broke\npanic: oh no\n");
    assert_eq!(found(&directly), ["Pod/web@2"]);
    let json = "got {\"apiVersion\": \"v1\",\n \"kind\": \"Pod\"} [see above\n{not json}\n";
    assert_eq!(found(json), ["Pod/-@1"]);
    let wrapped = "event [oops {\"apiVersion\": \"v1\", \"kind\": \"Pod\"} ] done";
    assert_eq!(found(wrapped), ["Pod/-@1"]);
}

#[test]
fn of_a_cut_paste_the_whole_objects_count() {
    let list = format!(
        "apiVersion: v1\nitems:\n- {}\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: \"cu",
        POD.trim_end().replace('\n', "\n  ")
    );
    assert_eq!(found(&list), Vec::<String>::new(), "a list that does not say that it is one");
    let list = list.replacen("apiVersion: v1\n", "apiVersion: v1\nkind: List\n", 1);
    assert_eq!(found(&list), ["Pod/web@4"]);
    let from_the_middle = format!("    image: x\n  kind: Pod\n- {}", POD.replace('\n', "\n  "));
    assert_eq!(found(&from_the_middle), ["Pod/web@3"]);
    let json = r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"b","ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"x"}]}"#;
    assert_eq!(found(json), ["Pod/a@1"]);
    assert_eq!(found("kind: Pod\nmetadata:\n  name: web"), Vec::<String>::new());
}

#[test]
fn what_describe_prints_is_no_object() {
    let described =
        "Name:         web\nNamespace:    default\nAPI Version:  v1\nKind:         Pod\nMetadata:\n  Name:  web\n";
    assert_eq!(found(described), Vec::<String>::new());
}

#[test]
fn every_field_has_its_line() {
    let text = "\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n    a/b~c: x\nspec:\n  \
                replicas: 2\n  template:\n    spec:\n      containers:\n      - name: a\n        args: [x,\n          y]\n      \
                - name: b\n";
    let signals = read(text);
    let [object] = signals.objects.as_slice() else { panic!("one object") };
    let line = |pointer: &str| object.lines.get(pointer).copied();
    assert_eq!(line(""), Some(3));
    assert_eq!(line("/metadata/annotations/a~1b~0c"), Some(8));
    assert_eq!(line("/spec/replicas"), Some(10));
    assert_eq!(line("/spec/template/spec/containers/0"), Some(14));
    assert_eq!(line("/spec/template/spec/containers/0/args/1"), Some(16));
    assert_eq!(line("/spec/template/spec/containers/1/name"), Some(17));
    assert_eq!(object.value.pointer("/spec/replicas"), Some(&json!(2)));
    assert_eq!(object.line_of("/spec/template/spec/affinity/x"), 12);
}

#[test]
fn anchors_aliases_and_merge_keys_are_followed() {
    let text = "apiVersion: v1\nkind: ConfigMap\nx: &x\n  a: 1\n  b: 2\ndata:\n  <<: *x\n  b: 3\nagain: *x\n";
    let signals = read(text);
    let object = &signals.objects[0];
    assert_eq!(object.value["data"], json!({"a": 1, "b": 3}));
    assert_eq!(object.value["again"], json!({"a": 1, "b": 2}));
    assert_eq!(object.lines.get("/data/a"), Some(&7));
    assert_eq!(object.lines.get("/again"), Some(&9));
    assert_eq!(object.lines.get("/again/a"), None);
    assert_eq!(object.line_of("/again/a"), 9);
}

#[test]
fn a_broken_manifest_is_reported_with_its_line() {
    let text = format!(
        "# values\nreplicas: 2\n---\n{POD}---\nkind: Pod\nspec:\n  x: [1\n---\nkind: Pod\n---\n{POD}  y: {{{{ .Values.y }}}}\n"
    );
    let (objects, errors) = objects_in(&text);
    assert_eq!(named(&objects), ["Pod/web@4"]);
    let lines: Vec<u32> = errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [11, 13, 19], "{errors:?}");
    assert!(errors[1].message.contains("apiVersion"), "{errors:?}");
    assert!(errors[2].message.contains("helm template"), "{errors:?}");
    let block = "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nspec: {}\n{{- end }}\n";
    assert!(objects_in(block).1[0].message.contains("helm template"), "{:?}", objects_in(block).1);
    let (objects, errors) =
        objects_in("{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}\n{\"apiVersion\":\"v1\",\"kind\":\"Node\"}\n");
    assert_eq!((named(&objects), errors), (vec!["Pod/-@1".to_owned(), "Node/-@2".to_owned()], Vec::new()));
    let (_, errors) = objects_in("{\"apiVersion\":\"v1\",\n\"kind\":\"Pod\"\n\"x\":1}");
    assert_eq!(errors.first().map(|error| error.line), Some(3), "{errors:?}");
    assert!(objects_in("\u{feff}%YAML 1.2\n---\n").1.is_empty());
}

#[test]
fn an_alias_bomb_is_refused_and_its_neighbours_are_read() {
    let mut bomb = "apiVersion: v1\nkind: ConfigMap\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 10].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let (objects, errors) = objects_in(&format!("{bomb}---\n{POD}"));
    assert_eq!(named(&objects), ["Pod/web@16"]);
    assert!(errors[0].message.contains("aliases"), "{errors:?}");
    assert_eq!(found(&format!("{bomb}---\n{POD}")), ["Pod/web@16"]);
    let chain: String = (1..5000).map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1)).collect();
    assert!(objects_in(&format!("apiVersion: v1\nkind: X\na0: &a0 [x]\n{chain}")).1[0].message.contains("nested"));
}
