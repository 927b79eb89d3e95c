//! What is exported is what Kubernetes reads, and says the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Source, policy};
use super::{object, rule};

const SOURCE: Source<'_> = Source {
    slug: "replicas-share-one-node",
    title: "All replicas share one node",
    rule: "More than one replica, and nothing keeps them apart",
    url: "https://casebook.example/patterns/replicas-share-one-node",
};

/// The documents of an export: the policy and its binding.
fn exported(text: &str, source: &Source<'_>) -> (Value, Value) {
    let yaml = policy(&rule(text), source);
    let read: Vec<Value> = serde_saphyr::from_multiple(&yaml).unwrap_or_else(|error| panic!("{yaml}\n{error}"));
    <[Value; 2]>::try_from(read).map(|[policy, binding]| (policy, binding)).expect("two documents")
}

#[test]
fn a_rule_is_exported_as_a_policy_that_refuses_what_it_is_true_of() {
    let text = "object.kind in ['Deployment', 'StatefulSet'] // both\n&& object.spec.replicas > 1 // at the end";
    let yaml = policy(&rule(text), &SOURCE);
    insta::assert_snapshot!(yaml, @r#"
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata:
      name: "replicas-share-one-node-more-than-one-replica-and-nothing-keeps-them-apart"
      annotations:
        casebook/rule: "More than one replica, and nothing keeps them apart"
        casebook/story: "All replicas share one node"
        casebook/url: "https://casebook.example/patterns/replicas-share-one-node"
    spec:
      failurePolicy: Ignore
      matchConstraints:
        resourceRules:
          - apiGroups: ["apps"]
            apiVersions: ["v1"]
            operations: ["CREATE", "UPDATE"]
            resources: ["deployments", "statefulsets"]
      validations:
        - expression: |-
            !(
            object.kind in ['Deployment', 'StatefulSet'] // both
            && object.spec.replicas > 1 // at the end
            )
          message: "All replicas share one node: More than one replica, and nothing keeps them apart. See https://casebook.example/patterns/replicas-share-one-node"
          messageExpression: "object.kind + ' ' + object.metadata.?name.orValue('without a name') + ' — ' + 'All replicas share one node: More than one replica, and nothing keeps them apart. See https://casebook.example/patterns/replicas-share-one-node'"
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata:
      name: "replicas-share-one-node-more-than-one-replica-and-nothing-keeps-them-apart"
      annotations:
        casebook/rule: "More than one replica, and nothing keeps them apart"
        casebook/story: "All replicas share one node"
        casebook/url: "https://casebook.example/patterns/replicas-share-one-node"
    spec:
      policyName: "replicas-share-one-node-more-than-one-replica-and-nothing-keeps-them-apart"
      # Add Deny, or put it in place of Warn, to refuse what the rule is true of.
      validationActions: ["Warn", "Audit"]
    "#);
    let (policy, binding) = exported(text, &SOURCE);
    assert_eq!(binding["spec"]["policyName"], policy["metadata"]["name"]);
    assert_eq!(binding["spec"]["validationActions"], json!(["Warn", "Audit"]));

    let expression = policy["spec"]["validations"][0]["expression"].as_str().expect("an expression");
    let allowed = rule(expression);
    for (yaml, is_allowed) in [
        ("{kind: Deployment, spec: {replicas: 2}}", true),
        ("{kind: Deployment, spec: {replicas: 1}}", false),
        ("{kind: Pod}", false),
    ] {
        let object = object(yaml);
        assert_eq!(rule(text).evaluate(&object), Ok(is_allowed), "{yaml}");
        assert_eq!(allowed.evaluate(&object), Ok(!is_allowed), "{yaml}");
    }
    let message = policy["spec"]["validations"][0]["messageExpression"].as_str().expect("an expression");
    let named =
        format!("({message}).startsWith('Deployment web — All replicas share one node: More than one replica')");
    assert_eq!(rule(&named).evaluate(&object("{kind: Deployment, metadata: {name: web}}")), Ok(true));
}

#[test]
fn resources_follow_from_the_kinds() {
    let rules = |text: &str| exported(text, &SOURCE).0["spec"]["matchConstraints"]["resourceRules"].clone();
    let operations = json!(["CREATE", "UPDATE"]);
    assert_eq!(
        rules("object.kind in ['Pod', 'Deployment', 'Service']"),
        json!([
            {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": operations, "resources": ["deployments"]},
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": operations, "resources": ["pods", "services"]},
        ])
    );
    let any = json!([{"apiGroups": ["*"], "apiVersions": ["*"], "operations": operations, "resources": ["*"]}]);
    assert_eq!(rules("object.spec.replicas > 1"), any);
    assert_eq!(rules("object.kind in ['Pod', 'Rollout']"), any);

    let (policy, _) = exported("object.kind in ['Pod', 'Rollout']", &SOURCE);
    let condition = json!([{"name": "kind", "expression": "object.kind in ['Pod', 'Rollout']"}]);
    assert_eq!(policy["spec"]["matchConditions"], condition);
    assert_eq!(exported("object.spec.replicas > 1", &SOURCE).0["spec"].get("matchConditions"), None);
}

#[test]
fn two_rules_of_a_story_get_two_names() {
    let name =
        |rule| exported("true", &Source { rule, ..SOURCE }).0["metadata"]["name"].as_str().expect("a name").to_owned();
    assert_eq!(name("Open to all!"), "replicas-share-one-node-open-to-all");
    assert_eq!(name("(nothing)"), "replicas-share-one-node-nothing");
    assert_ne!(name("没有反亲和性"), name("没有拓扑约束"));
    assert_ne!(name(&format!("{}a", "word ".repeat(50))), name(&format!("{}b", "word ".repeat(50))));
}

proptest! {
    #[test]
    fn no_words_break_the_export(title in any::<String>(), words in any::<String>(), literal in any::<String>()) {
        let source = Source { title: &title, rule: &words, ..SOURCE };
        let text = format!("object.kind == {} // {}", json!(literal), words.replace(['\n', '\r'], " "));
        if super::super::ManifestRule::compile(&text).is_ok() {
            let (policy, _) = exported(&text, &source);
            let annotations = &policy["metadata"]["annotations"];
            prop_assert_eq!(&annotations["casebook/story"], &json!(title));
            prop_assert_eq!(&annotations["casebook/rule"], &json!(words));
            let name = policy["metadata"]["name"].as_str().unwrap_or("");
            let is_dns = name.len() < 254 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            prop_assert!(is_dns && !name.starts_with('-') && !name.ends_with('-'), "{}", name);
            let wanted = format!("!(\n{}\n)", text.trim());
            prop_assert_eq!(&policy["spec"]["validations"][0]["expression"], &json!(wanted));
            prop_assert!(super::super::ManifestRule::compile(&wanted).is_ok());
            let message = policy["spec"]["validations"][0]["messageExpression"].as_str().unwrap_or("");
            let compiled = super::super::ManifestRule::compile(&format!("({message}) != ''"));
            prop_assert!(compiled.is_ok(), "{} {:?}", message, compiled);
        }
    }
}
