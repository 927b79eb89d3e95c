//! The manifest rules of the built-in stories: examples, exports, and a team's own manifests.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use casebook::detection::manifest::{ManifestRule, Source, policy};
use casebook::domain::{Rule, RuleKind};
use casebook::evidence::objects_in;
use casebook::service::library;
use serde_json::Value;

/// Every manifest rule, with the slug and the title of what it comes from.
fn built_in() -> Vec<(String, String, Rule)> {
    let (library, errors) = library::built_in();
    assert!(errors.is_empty(), "{errors:?}");
    let patterns = library.patterns.into_iter().map(|(slug, pattern, _)| (slug, pattern.failure));
    let stories = library.stories.into_iter().map(|(slug, story, _)| (slug, story.failure));
    let failures = patterns.chain(stories);
    let rules: Vec<_> = failures
        .flat_map(|(slug, failure)| {
            let title = failure.title.as_str().to_owned();
            failure.rules.into_iter().map(move |rule| (slug.to_string(), title.clone(), rule))
        })
        .filter(|(.., rule)| rule.kind == RuleKind::Manifest)
        .collect();
    assert!(rules.len() >= 5);
    rules
}

#[test]
fn built_in_rules_are_true_of_their_examples_and_can_tell_of_their_counterexamples() {
    for (slug, _, rule) in built_in() {
        let compiled = ManifestRule::compile(rule.text.as_str()).unwrap_or_else(|error| panic!("{slug}: {error}"));
        assert!(compiled.kinds().is_some(), "{slug}: {} says what kinds it is about", rule.name);
        for (examples, expected) in [(&rule.fires_on, true), (&rule.silent_on, false)] {
            for example in examples {
                let (objects, errors) = objects_in(example.as_str());
                assert!(errors.is_empty() && !objects.is_empty(), "{slug}: {errors:?}");
                let answers: Vec<_> = objects.iter().map(|object| compiled.evaluate(object)).collect();
                assert!(answers.iter().all(Result::is_ok), "{slug}: {}: {answers:?}", rule.name);
                assert_eq!(answers.contains(&Ok(true)), expected, "{slug}: {}\n{}", rule.name, example.as_str());
            }
        }
    }
}

/// The policy of a rule, read back from its YAML.
fn exported(slug: &str, title: &str, rule: &Rule) -> Value {
    let compiled = ManifestRule::compile(rule.text.as_str()).expect("a rule");
    let url = format!("https://casebook.example/stories/{slug}");
    let yaml = policy(&compiled, &Source { slug, title, rule: rule.name.as_str(), url: &url });
    let documents: Vec<Value> = serde_saphyr::from_multiple(&yaml).expect("YAML");
    let [policy, binding] = <[Value; 2]>::try_from(documents).expect("a policy and its binding");
    assert_eq!(binding["spec"]["policyName"], policy["metadata"]["name"]);
    policy
}

#[test]
fn the_policies_of_built_in_rules_refuse_what_the_rules_are_true_of() {
    let mut names = std::collections::BTreeSet::new();
    for (slug, title, rule) in built_in() {
        let policy = exported(&slug, &title, &rule);
        let expression = policy["spec"]["validations"][0]["expression"].as_str().expect("an expression");
        let allowed = ManifestRule::compile(expression).expect("CEL");
        for example in &rule.fires_on {
            let objects = objects_in(example.as_str()).0;
            assert!(objects.iter().any(|object| allowed.evaluate(object) == Ok(false)), "{slug}");
        }
        let spec = &policy["spec"];
        let names_resources = spec["matchConstraints"]["resourceRules"][0]["resources"][0] != "*";
        assert!(names_resources || spec["matchConditions"].is_array(), "{slug}: {}", rule.name);
        assert!(names.insert(policy["metadata"]["name"].to_string()), "{slug}: a name twice");
    }
}

#[test]
fn another_parser_accepts_the_exported_expressions() {
    let python = std::env::var("CASEBOOK_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_parser =
        Command::new(&python).args(["-c", "import celpy"]).output().is_ok_and(|output| output.status.success());
    if !has_parser {
        println!("skipped: {python} cannot import celpy (pip install cel-python)");
        return;
    }
    let expressions: Vec<String> = built_in()
        .iter()
        .flat_map(|(slug, title, rule)| {
            let policy = exported(slug, title, rule);
            let validation = &policy["spec"]["validations"][0];
            ["expression", "messageExpression"]
                .map(|field| validation[field].as_str().expect("an expression").to_owned())
        })
        // The optional syntax is younger than cel-python's grammar.
        .map(|expression| expression.replace(".?", "."))
        .chain(["object.spec.replicas > ".to_owned()])
        .collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cel/accepts.py");
    let mut parser =
        Command::new(&python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
    let input = serde_json::to_string(&expressions).expect("JSON");
    parser.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    let output = parser.wait_with_output().expect("python ends");
    let refused: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let refused: Vec<&str> = refused.iter().filter_map(|one| one["expression"].as_str()).collect();
    assert_eq!(refused, ["object.spec.replicas > "], "only what is no CEL is refused");
}

const MANIFEST: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
  namespace: web
spec:
  replicas: 3
  template:
    spec:
      containers: [{name: app, image: 'app:1'}]
";

fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = crate::program::casebook();
    let output = command.arg("check").args(arguments).current_dir(folder).output().expect("it runs");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn a_teams_manifests_are_checked_and_each_finding_cites_what_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("deploy/web");
    std::fs::create_dir_all(&below).expect("folders");
    std::fs::write(below.join("frontend.yaml"), MANIFEST).expect("written");
    std::fs::write(below.join("README.md"), "no manifest").expect("written");

    let (code, lines) = check(folder.path(), &["--manifests", "deploy"]);
    let wanted = "deploy/web/frontend.yaml:11: warning: Deployment web/frontend: More than one replica, and nothing keeps them apart — see ";
    assert!(lines.starts_with(wanted), "{lines}");
    assert!(
        lines.contains("(patterns/replicas-share-one-node)\n") && lines.contains(", 2 objects, 1 file\n"),
        "{lines}"
    );
    assert_eq!(code, Some(1));

    let (code, log) = check(folder.path(), &["--manifests", "deploy", "--sarif", "-"]);
    let log: Value = serde_json::from_str(&log).expect("SARIF");
    assert_eq!(log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 11);
    assert_eq!(code, Some(1));

    std::fs::write(below.join("frontend.yaml"), MANIFEST.replace("replicas: 3", "replicas: 1")).expect("written");
    let (code, lines) = check(folder.path(), &["--manifests", "deploy/web/frontend.yaml"]);
    assert!(lines.starts_with("all is right; ") && code == Some(0), "{lines}");
}

#[test]
fn what_is_broken_is_reported_with_its_line_and_the_rest_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.yaml"), format!("{MANIFEST}---\na: [\nb: }}\n")).expect("written");
    std::fs::write(folder.path().join("b.json"), [0xff, 0xfe]).expect("written");
    let (code, lines) = check(folder.path(), &["--manifests", "a.yaml", "b.json", "missing.yaml"]);
    assert!(lines.contains("a.yaml:11: warning: Deployment web/frontend: "), "{lines}");
    for error in ["a.yaml:1", "b.json:1: error: ", "missing.yaml:1: error: "] {
        assert!(lines.lines().any(|line| line.starts_with(error) && line.contains(": error: ")), "{error}\n{lines}");
    }
    assert_eq!(code, Some(2));
}

#[test]
fn a_teams_own_stories_can_be_what_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.yaml"), MANIFEST).expect("written");
    let stories = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    let (code, lines) = check(folder.path(), &["--manifests", "a.yaml", "--stories", &stories.display().to_string()]);
    assert!(lines.contains("(patterns/replicas-share-one-node)") && code == Some(1), "{lines}");
    let (code, _) = check(folder.path(), &["--manifests", "a.yaml", "--stories", "nowhere"]);
    assert_eq!(code, Some(2));
    let (code, _) = check(folder.path(), &["--manifests", "a.yaml", "--stories"]);
    assert_eq!(code, Some(2));
}
