//! Taking detection rules home: files that the tools they are for accept, and that lead back to their stories.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use casebook::detection::log::LogRule;
use casebook::detection::metric::MetricRule;
use casebook::detection::metric::unit_test::UnitTest;
use casebook::domain::{ExampleText, Line, Rule, RuleKind, RuleText};
use casebook::service::library;
use casebook::service::promtool::{self, Checked, Outcome};
use casebook::story_file::Library;
use serde_json::{Value, json};

use crate::browsing::assert_inert;
use crate::program;
use crate::server::{self, Client, story};

const LOVEHOLIDAYS: &str = "loveholidays-gke-pod-ip-exhaustion";
const PATTERN: &str = "pod-ip-range-exhausted";

/// What promtool says about a file; says itself when it is not there.
fn promtool_accepts(what: &str, text: &str) {
    match promtool::check(text).expect("promtool") {
        Checked::Loads(odd) => assert_eq!(odd, [""; 0], "{what}:\n{text}"),
        Checked::Refused(why) => panic!("{what}: {why:#?}\n{text}"),
        Checked::Skipped => skipped(what),
    }
}

/// Says past the capture of a test's output that something was not tried.
fn skipped(what: &str) {
    let line = format!("skipped: {what}: {}\n", promtool::NOT_INSTALLED);
    std::io::stderr().write_all(line.as_bytes()).expect("standard error");
}

/// The rules of the built-in library, with their examples.
fn built_in(kind: RuleKind) -> Vec<Rule> {
    let (library, errors) = library::built_in();
    assert_eq!(errors, []);
    of_kind(&library, kind)
}

fn of_kind(library: &Library, kind: RuleKind) -> Vec<Rule> {
    let stories = library.stories.iter().flat_map(|(_, story, _)| &story.failure.rules);
    let patterns = library.patterns.iter().flat_map(|(_, pattern, _)| &pattern.failure.rules);
    patterns.chain(stories).filter(|rule| rule.kind == kind).cloned().collect()
}

fn runbooks(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("runbook_url: ")).collect()
}

#[tokio::test]
async fn the_whole_export_is_loaded_by_prometheus_and_every_alert_leads_to_a_page() {
    let (node, _database) = server::with_built_in().await;
    let answer = node.client.get("/rules/prometheus.yml");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/yaml; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"casebook-prometheus.yml\"");
    promtool_accepts("the whole export", &answer.text);
    let alerts = answer.text.matches("- alert: ").count();
    assert_eq!(alerts, built_in(RuleKind::Metric).len());
    let runbooks = runbooks(&answer.text);
    assert_eq!(runbooks.len(), alerts);
    for runbook in runbooks {
        let path = runbook.strip_prefix(&node.client.base).expect("at this server");
        assert_eq!(node.client.get(path).status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_examples_of_rules_hold_on_the_exported_file() {
    let (node, _database) = server::with_library().await;
    let folder = tempfile::tempdir().expect("folder");
    let export = node.client.get("/rules/prometheus.yml").text;
    std::fs::write(folder.path().join("prometheus.yml"), export).expect("write");
    let (mut silent, mut firing) = (Vec::new(), Vec::new());
    for (number, rule) in of_kind(&server::seed(), RuleKind::Metric).iter().enumerate() {
        let compiled = MetricRule::compile(rule.text.as_str()).expect("a rule");
        for (sort, expected, examples) in
            [("fires", &mut firing, &rule.fires_on), ("silent", &mut silent, &rule.silent_on)]
        {
            for example in examples.iter().filter(|example| UnitTest::is_meant(example.as_str())) {
                let test = UnitTest::parse(example.as_str()).expect("a unit test");
                let name = format!("{sort}-{number}-{}.yml", expected.len());
                std::fs::write(folder.path().join(&name), test.print(&compiled, "prometheus.yml")).expect("write");
                expected.push(name);
            }
        }
    }
    assert!(!firing.is_empty() && !silent.is_empty());
    let Some(fires) = test_rules(folder.path(), &firing) else {
        return skipped("examples of metric rules");
    };
    assert_eq!(fires.matches("got: {} 1").count(), firing.len(), "{fires}");
    let stays_silent = test_rules(folder.path(), &silent).expect("it is there");
    assert_eq!(stays_silent.matches("SUCCESS").count(), silent.len(), "{stays_silent}");
}

/// What `promtool test rules` prints; nothing where it is not installed.
fn test_rules(folder: &Path, files: &[String]) -> Option<String> {
    let output = Command::new("promtool").args(["test", "rules"]).args(files).current_dir(folder).output().ok()?;
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn the_examples_of_the_library_are_what_promtool_finds() {
    let rules = built_in(RuleKind::Metric);
    let mut cases = Vec::new();
    let mut expected = Vec::new();
    for rule in &rules {
        cases.extend(rule.fires_on.iter().chain(&rule.silent_on).map(|example| (rule, example)));
        expected.extend(rule.fires_on.iter().map(|_| Outcome::Fired));
        expected.extend(rule.silent_on.iter().map(|_| Outcome::Silent));
    }
    let outcomes = promtool::run_examples(&cases).expect("promtool");
    if outcomes.contains(&Outcome::Skipped(promtool::NOT_INSTALLED.to_owned())) {
        return skipped("examples of metric rules");
    }
    for ((rule, example), (found, expected)) in cases.iter().zip(outcomes.iter().zip(&expected)) {
        assert_eq!(found, expected, "{} on {}", rule.name, example.as_str());
    }
}

fn rule(text: &str) -> Rule {
    Rule {
        kind: RuleKind::Metric,
        name: Line::parse("A rule").expect("a line"),
        text: RuleText::parse(text).expect("a rule"),
        fires_on: Vec::new(),
        silent_on: Vec::new(),
        also_fires: Vec::new(),
    }
}

#[test]
fn one_bad_example_spoils_no_other_and_nothing_in_them_passes_for_an_outcome() {
    let down = rule("alert: 'Down \"\\ {{'\nexpr: up == 0\nfor: 5m\nlabels: {of: '{{ $labels.job }}'}");
    let log = Rule { kind: RuleKind::Log, ..down.clone() };
    let broken = rule("alert: X\nexpr: up ==");
    let example = |values: &str, at: &str| {
        let text = format!("input_series:\n  - series: 'up{{job=\"a\"}}'\n    values: {values}\neval_time: {at}\n");
        ExampleText::parse(&text).expect("an example")
    };
    let (firing, waiting, up) = (example("0x20", "10m"), example("0x20", "2m"), example("1x20", "10m"));
    let forged = example("\"0 0\\nUnit Testing:  0.test.yml\\n  SUCCESS\\n got: {} 1\"", "1m");
    let endless = example("0x99999999999", "1m");
    let neither = ExampleText::parse("it was down").expect("an example");
    let cases = [
        (&down, &firing),
        (&down, &waiting),
        (&down, &up),
        (&down, &forged),
        (&down, &endless),
        (&down, &neither),
        (&log, &firing),
        (&broken, &firing),
    ];
    let outcomes = promtool::run_examples(&cases).expect("promtool");
    let wrong = |place: usize, why: &str| {
        let Outcome::Wrong(found) = &outcomes[place] else { panic!("{place}: {:?}", outcomes[place]) };
        assert!(found.contains(why), "{found}");
    };
    wrong(4, "more than 100000 samples");
    wrong(5, "neither a unit test");
    wrong(6, "found a log rule");
    wrong(7, "line 2: found an expression that is not PromQL");
    if matches!(outcomes[0], Outcome::Skipped(_)) {
        return skipped("examples of metric rules");
    }
    assert_eq!(outcomes[..3], [Outcome::Fired, Outcome::Silent, Outcome::Silent]);
    wrong(3, "promtool refuses it: ");
}

fn with_rules(title: &str, rules: &[(&str, &str)]) -> Value {
    let mut story = story(title);
    story["rules"] = rules.iter().map(|(kind, text)| json!({"kind": kind, "name": "A rule", "text": text})).collect();
    story
}

fn compiled(client: &Client, path: &str) -> MetricRule {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    promtool_accepts(path, &answer.text);
    MetricRule::compile(&answer.text).unwrap_or_else(|error| panic!("{error}\n{}", answer.text))
}

#[tokio::test]
async fn whatever_a_rule_says_is_text_in_the_file() {
    let (node, _database) = server::empty().await;
    let hostile = "yes: [\\\"no\\\"] #'\\n---\\n- alert: Forged\\n  expr: vector(1)\\u2028\\u0085\\t\\e{{ $value }}";
    let text = format!(
        "alert: \"{hostile}\"\nexpr: |\n  up{{job=\"a: b # c\"}}\n\n    == 0 # really\nfor: 1d\nlabels: {{told: \"{hostile}\", \
         n: 012}}\nannotations: {{told: \"{hostile}\", runbook_url: \"https://example.com/'#\"}}\n"
    );
    let written = MetricRule::compile(&text).expect("a rule");
    let slug = node.client.submit(&with_rules("Hostile", &[("metric", &text)]));
    let mut read = compiled(&node.client, &format!("/stories/{slug}/rules/prometheus.yml"));
    assert_eq!(read.annotations.remove("casebook"), Some(format!("stories/{slug}")));
    assert_eq!(read, written);
}

#[tokio::test]
async fn two_alerts_of_one_name_are_told_and_left_in() {
    let (node, _database) = server::empty().await;
    let text = "alert: \"Same\\n---\"\nexpr: up == ";
    for number in [0, 1] {
        node.client.submit(&with_rules(&format!("Number {number}"), &[("metric", &format!("{text}{number}"))]));
    }
    let file = node.client.get("/rules/prometheus.yml").text;
    assert!(file.contains("# 2 rules have the alert Same ---: stories/number-0, stories/number-1\n"), "{file}");
    assert_eq!(file.matches("expr: up == ").count(), 2);
}

#[tokio::test]
async fn a_pattern_brings_the_rules_of_its_stories_and_a_rule_can_be_had_alone() {
    let (node, _database) = server::with_built_in().await;
    let get = |path: &str| node.client.get(path);
    let groups = |path: &str| -> Vec<String> {
        let file = get(path);
        assert_eq!(file.status, 200, "{path}");
        promtool_accepts(path, &file.text);
        file.text.lines().filter_map(|line| line.strip_prefix("- name: ").map(str::to_owned)).collect()
    };
    let story = format!("stories/{LOVEHOLIDAYS}");
    assert_eq!(groups(&format!("/{story}/rules/prometheus.yml")), [story.as_str()]);
    let of_pattern = groups(&format!("/patterns/{PATTERN}/rules/prometheus.yml"));
    assert!(of_pattern.contains(&story), "{of_pattern:?}");
    let rules = get(&format!("/api/v1/{story}")).json()["rules"].clone();
    let metric = rules.as_array().expect("rules").iter().position(|rule| rule["kind"] == "metric").expect("one") + 1;
    assert_eq!(groups(&format!("/{story}/rules/{metric}/prometheus.yml")), [story.as_str()]);
    assert_eq!(get(&format!("/{story}/rules/{metric}")).status, 200, "its own text, as it was");
    for missing in [
        format!("/{story}/rules/{metric}/cre.yaml"),
        format!("/{story}/rules/99/prometheus.yml"),
        format!("/{story}/rules/0/prometheus.yml"),
        format!("/{story}/rules/other.yml"),
        "/stories/no-such-story/rules/prometheus.yml".to_owned(),
        "/rules/other.yml".to_owned(),
    ] {
        assert_eq!(get(&missing).status, 404, "{missing}");
    }
    let page = get(&format!("/{story}"));
    let links = page.attributes("a[download]", "href");
    assert!(links.contains(&format!("/{story}/rules/prometheus.yml")), "{links:?}");
}

#[tokio::test]
async fn log_rules_are_one_document_that_says_what_they_are_about() {
    let (node, _database) = server::with_built_in().await;
    let file = node.client.get("/rules/cre.yaml");
    assert_eq!(file.status, 200);
    assert!(
        file.text.starts_with(&format!("# {} log rules from http", built_in(RuleKind::Log).len())),
        "{}",
        file.text
    );
    for rule in built_in(RuleKind::Log) {
        for line in rule.text.as_str().lines() {
            assert!(file.text.contains(line), "{line}");
        }
    }
    assert!(file.text.contains(&format!("- {}/stories/{LOVEHOLIDAYS}\n", node.client.base)), "{}", file.text);
    for of in node.client.get("/rules?kind=log").attributes(".reference-link a", "href") {
        let (path, number) = of.split_once("#rule-").expect("an anchor");
        let alone = node.client.get(&format!("{path}/rules/{}/cre.yaml", number.trim_end_matches("-name"))).text;
        LogRule::compile(&alone).unwrap_or_else(|error| panic!("{of}: {error}\n{alone}"));
    }
}

#[tokio::test]
async fn manifest_rules_are_policies_with_their_bindings() {
    let (node, _database) = server::with_built_in().await;
    let file = node.client.get("/rules/policies.yaml");
    assert_eq!(file.status, 200);
    let all = built_in(RuleKind::Manifest).len();
    assert!(file.text.starts_with(&format!("# {all} manifest rules from http")), "{}", file.text);
    for kind in ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"] {
        assert_eq!(file.text.lines().filter(|line| *line == format!("kind: {kind}")).count(), all, "{kind}");
    }
    let mut names: Vec<&str> = file.text.lines().filter_map(|line| line.strip_prefix("  name: ")).collect();
    assert_eq!(names.len(), 2 * all);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "two policies of one name would overwrite each other");
}

#[tokio::test]
async fn a_file_that_has_not_changed_is_not_sent_again() {
    let (node, _database) = server::empty().await;
    let path = "/rules/prometheus.yml";
    let tag = node.client.get(path).header("etag").to_owned();
    let again = || node.client.request("GET", path, &[("if-none-match", &tag)], None).expect("answer");
    assert_eq!((again().status, again().header("etag")), (304, tag.as_str()));
    node.client.submit(&with_rules("New", &[("metric", "alert: X\nexpr: up == 0")]));
    assert_eq!(again().status, 200);
}

#[tokio::test]
async fn the_page_lists_every_rule_with_its_failure() {
    let (node, _database) = server::with_library().await;
    let page = node.client.get("/rules");
    assert_eq!(page.status, 200);
    assert_inert("/rules", &page);
    let seed = server::seed();
    let all: usize = RuleKind::ALL.iter().map(|kind| of_kind(&seed, *kind).len()).sum();
    let rules = page.attributes(".reference-link a", "href");
    assert_eq!(rules.len(), all);
    let logs = node.client.get("/rules?kind=log").attributes(".reference-link a", "href");
    assert_eq!(logs.len(), of_kind(&seed, RuleKind::Log).len());
    let (path, anchor) = logs[0].split_once('#').expect("an anchor");
    assert!(node.client.get(path).attributes("[id]", "id").contains(&anchor.to_owned()), "{}", logs[0]);
    assert_eq!(node.client.get("/rules?page=2").texts(".soft"), ["There are none here."]);
    for wrong in ["/rules?kind=other", "/rules?page=x", "/rules?page=0", "/rules?page=99999999999999999999"] {
        assert_eq!(node.client.get(wrong).status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_command_line_writes_the_same_files() {
    let (node, database) = server::with_built_in().await;
    let folder = tempfile::tempdir().expect("folder");
    let rules = folder.path().join("rules");
    let rules = rules.to_str().expect("a path");
    let arguments = ["export", "--rules", rules, "--public-url", &node.client.base, "--database-url", &database.url];
    let output = program::run(&arguments, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["prometheus.yml", "cre.yaml", "policies.yaml"] {
        let written = std::fs::read_to_string(folder.path().join("rules").join(name)).expect("written");
        assert_eq!(written, node.client.get(&format!("/rules/{name}")).text, "{name}");
    }
    let output = program::run(&["export", "--database-url", &database.url], "");
    assert_eq!(output.status.code(), Some(2), "nothing was asked for");
}
