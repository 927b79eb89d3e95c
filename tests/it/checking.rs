//! `casebook check`: rules run on their examples and on those of one another, findings with lines, SARIF for code hosts.

use std::path::{Path, PathBuf};

use casebook::domain::Slug;
use casebook::domain::input::{AlsoFiresInput, PatternInput, RuleInput};
use casebook::story_file::print_pattern;

use crate::database::folder;
use crate::program::run;

/// A pattern with a rule that fires on a line with the word.
fn pattern(title: &str, word: &str, fires_on: &[&str]) -> PatternInput {
    let mut input = PatternInput::default();
    let failure = &mut input.failure;
    title.clone_into(&mut failure.title);
    for field in [&mut failure.summary, &mut failure.symptom, &mut failure.root_cause, &mut failure.remediation] {
        "Words.".clone_into(field);
    }
    "storage".clone_into(&mut failure.category);
    failure.rules = vec![RuleInput {
        kind: "log".to_owned(),
        name: format!("{word} in the log"),
        text: format!("set:\n  match:\n    - value: {word}\n"),
        fires_on: fires_on.iter().map(|text| (*text).to_owned()).collect(),
        ..RuleInput::default()
    }];
    input
}

fn put(folder: &Path, input: &PatternInput) -> PathBuf {
    let pattern = input.parse().expect("a pattern");
    let slug = Slug::from_title(pattern.failure.title.as_str(), "pattern");
    let path = folder.join(format!("patterns/{slug}.md"));
    std::fs::create_dir_all(folder.join("patterns")).expect("folder");
    std::fs::write(&path, print_pattern(&pattern)).expect("write");
    path
}

/// Runs a check and gives its exit status and standard output.
fn check(arguments: &[&str]) -> (i32, String) {
    let output = run(&[&["check"], arguments].concat(), "");
    (output.status.code().expect("a status"), String::from_utf8(output.stdout).expect("UTF-8"))
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The line of a file, from 1, on which a text first stands.
fn line_of(path: &Path, text: &str) -> usize {
    let file = std::fs::read_to_string(path).expect("read");
    1 + file.lines().position(|line| line.contains(text)).expect("the text")
}

#[test]
fn rules_that_do_what_their_examples_say_are_right() {
    let stories = folder("casebook-check");
    put(&stories, &pattern("One", "oops", &["oops\n", "an oops"]));
    let mut other = pattern("Two", "alas", &["alas"]);
    other.failure.rules[0].silent_on = vec!["at last".to_owned()];
    put(&stories, &other);
    let (status, text) = check(&[utf8(&stories), "--strict"]);
    assert_eq!((status, text.as_str()), (0, "all is right; 0 stories, 2 patterns, 2 rules, 4 examples run\n"));
}

#[test]
fn each_wrong_example_is_named_with_its_line_in_the_file() {
    let stories = folder("casebook-check");
    let mut input = pattern("One", "oops", &["oops", "first\nsecond, with neither"]);
    input.failure.rules[0].silent_on = vec!["fine\nan oops after all".to_owned()];
    let path = put(&stories, &input);
    let (status, text) = check(&[utf8(&stories)]);
    assert_eq!(status, 1, "{text}");
    let missed = format!("one.md:{}: error: rules[0].fires_on[1]: ", line_of(&path, "first"));
    assert!(text.contains(&missed), "{text}");
    let line = line_of(&path, "an oops after all");
    assert!(text.contains(&format!("one.md:{line}: error: rules[0].silent_on[0]: it fires on line 2")), "{text}");
    assert!(text.ends_with("2 errors; 0 stories, 1 pattern, 1 rule, 3 examples run\n"), "{text}");
}

#[test]
fn a_rule_that_does_not_compile_is_named_with_the_line_that_broke_it() {
    let stories = folder("casebook-check");
    let mut input = pattern("One", "oops", &[]);
    input.failure.rules[0].text = "set:\n  match:\n    - regex: '(oops'\n".to_owned();
    let path = put(&stories, &input);
    let (status, text) = check(&[utf8(&stories)]);
    assert_eq!(status, 1, "{text}");
    let (first, line) = (line_of(&path, "set:"), line_of(&path, "(oops"));
    let is_there = (first..=line).any(|line| text.contains(&format!("one.md:{line}: error: rules[0].text: ")));
    assert!(is_there, "{text}");
}

#[test]
fn a_rule_that_fires_on_another_failures_example_needs_a_reason() {
    let stories = folder("casebook-check");
    let mut first = pattern("One", "oops", &["oops"]);
    put(&stories, &first);
    put(&stories, &pattern("Two", "alas", &["alas and oops"]));
    let (status, text) = check(&[utf8(&stories)]);
    assert_eq!(status, 1, "{text}");
    assert!(
        text.contains("one.md:5: error: rules[0]: \"oops in the log\" fires on example 1 of rule 1 of patterns/two"),
        "{text}"
    );

    let reason = |on: &str, because: &str| AlsoFiresInput { on: on.to_owned(), because: because.to_owned() };
    first.failure.rules[0].also_fires =
        vec![reason("patterns/two", "one leads to the other"), reason("patterns/gone", "x")];
    put(&stories, &first);
    let (status, text) = check(&[utf8(&stories)]);
    assert_eq!(status, 0, "{text}");
    assert!(
        text.contains("note: rules[0]: \"oops in the log\" fires on")
            && text.contains("because: one leads to the other"),
        "{text}"
    );
    assert!(
        text.contains("warning: rules[0].also_fires[1]: the rule does not fire on an example of patterns/gone"),
        "{text}"
    );
    let (status, text) = check(&[utf8(&stories), "--strict", "--cross-table"]);
    assert_eq!(status, 1, "a warning is an error then");
    assert_eq!(text.lines().filter(|line| line.starts_with("cross-fire: ")).count(), 1, "{text}");
}

#[test]
fn what_is_missing_is_a_warning() {
    let stories = folder("casebook-check");
    put(&stories, &pattern("One", "oops", &[]));
    let mut bare = pattern("Two", "alas", &[]);
    bare.failure.rules.clear();
    put(&stories, &bare);
    let (status, text) = check(&[utf8(&stories)]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("warning: rules[0].fires_on: found no example"), "{text}");
    assert!(text.contains("two.md:1: warning: rules: found none"), "{text}");
    assert_eq!(check(&[utf8(&stories), "--strict"]).0, 1);
}

#[test]
fn sarif_says_the_same_as_the_lines() {
    let stories = folder("casebook check");
    put(&stories, &pattern("One", "oops", &["nothing", "oops"]));
    put(&stories, &pattern("Two", "alas", &[]));
    let file = stories.join("report.sarif");
    let (status, text) = check(&[utf8(&stories), "--sarif", utf8(&file)]);
    assert_eq!(status, 1, "{text}");
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).expect("read")).expect("JSON");
    let (status, printed) = check(&[utf8(&stories), "--sarif", "-"]);
    assert_eq!(status, 1);
    let printed: serde_json::Value = serde_json::from_str(&printed).expect("nothing but JSON");
    assert_eq!(printed, written);

    // What the schema of SARIF 2.1.0 requires, and what code hosts need to show a result beside its line.
    assert_eq!(written["version"], "2.1.0");
    let run = &written["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    let findings: Vec<&str> = text.lines().filter(|line| line.contains(".md:")).collect();
    assert_eq!(results.len(), findings.len());
    for (result, line) in results.iter().zip(findings) {
        let place = &result["locations"][0]["physicalLocation"];
        let (number, level) =
            (place["region"]["startLine"].as_u64().expect("a line"), result["level"].as_str().expect("a level"));
        let message = result["message"]["text"].as_str().expect("a text");
        assert!(line.ends_with(&format!(":{number}: {level}: {message}")), "{line}\n{result}");
        assert!(place["artifactLocation"]["uri"].as_str().expect("a URI").starts_with("file:///"), "{place}");
        let rule = &rules[result["ruleIndex"].as_u64().expect("an index") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(
            rule["helpUri"].as_str().expect("a link").ends_with(&format!("#{}", rule["id"].as_str().expect("an id")))
        );
    }
}

#[test]
fn what_cannot_be_checked_is_told_apart_from_what_is_wrong() {
    assert_eq!(check(&["no/such/folder"]).0, 2);
    assert_eq!(check(&["--from", "cre", "no/such/folder"]).0, 2);
    let empty = folder("casebook-check");
    assert_eq!(
        check(&[utf8(&empty)]),
        (0, "all is right; 0 stories, 0 patterns, 0 rules, 0 examples run\n".to_owned())
    );
    let nowhere = empty.join("no/such/report.sarif");
    assert_eq!(check(&[utf8(&empty), "--sarif", utf8(&nowhere)]).0, 2);
}

#[test]
fn a_folder_of_cre_rules_is_checked_where_it_is() {
    let rules = folder("casebook-check");
    let put = |name: &str, id: &str, word: &str, log: &str| {
        let text = format!(
            "rules:\n- cre: {{id: {id}, title: {word}}}\n  rule:\n    set:\n      event: {{source: x}}\n      match: [{word}]\n"
        );
        std::fs::create_dir(rules.join(name)).expect("folder");
        std::fs::write(rules.join(name).join("rule.yaml"), text).expect("write");
        std::fs::write(rules.join(name).join("test.log"), log).expect("write");
    };
    put("a", "CRE-2024-0001", "oops", "oops\n");
    put("b", "CRE-2024-0002", "alas", "alas, oops\n");
    put("c", "CRE-2024-0003", "woe", "fine\n");
    let (status, text) = check(&["--from", "cre", utf8(&rules), "--cross-table"]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("c/test.log:1: error: CRE-2024-0003: "), "{text}");
    let crossing = "a/rule.yaml:4: warning: CRE-2024-0001: \"oops\" fires on the log of CRE-2024-0002 \"alas\", line 1";
    assert!(text.contains(crossing), "{text}");
    let last =
        "1 error, 1 warning; 3 rules, 3 logs run, 1 rule fires on the logs of other rules, 1 log fires rules of others";
    assert_eq!(text.lines().last(), Some(last), "{text}");
}

#[test]
fn a_rule_that_fires_on_an_ordinary_day_is_wrong() {
    let stories = folder("casebook-check");
    let path = put(&stories, &pattern("One", "oops", &["oops"]));
    let logs = folder("casebook-ordinary");
    std::fs::write(logs.join("monday.log"), "all is well\n").expect("write");
    let (status, text) = check(&[utf8(&stories), "--ordinary", utf8(&logs)]);
    assert_eq!(status, 0, "{text}");
    assert!(text.ends_with("1 example run, 1 ordinary log of 1 line\n"), "{text}");
    std::fs::write(logs.join("tuesday.log"), b"fine\nnothing but an oops \xff\n").expect("write");
    let (status, text) = check(&[utf8(&stories), "--ordinary", utf8(&logs)]);
    assert_eq!(status, 1);
    let place = format!("{}:{}: error: rules[0]: \"oops in the log\" fires on", utf8(&path), line_of(&path, "- kind"));
    assert!(text.contains(&place), "{text}");
    assert!(text.contains("tuesday.log line 2"), "{text}");
    let (status, _) = check(&[utf8(&stories), "--ordinary", "no-such-log"]);
    assert_eq!(status, 2);
}

#[test]
fn a_story_is_begun_filled_in_and_checked_and_never_written_over() {
    let stories = folder("casebook-new");
    let title = "Pods: \"stuck\" # for hours";
    let new = |arguments: &[&str]| run(&[&["new"], arguments, &["--into", utf8(&stories)]].concat(), "");
    assert!(new(&["pattern", "Addresses run out"]).status.success());
    assert!(new(&["story", title]).status.success());
    let path = stories.join("pods-stuck-for-hours.md");
    let (status, text) = check(&[utf8(&stories)]);
    assert_eq!(status, 1);
    for missing in
        ["organization", "category", "## Summary", "## Symptom", "## Root cause", "## Remediation", "facts[0]"]
    {
        assert!(text.contains(&format!("error: {missing}")), "{missing} is not asked for:\n{text}");
    }
    assert!(!text.contains("title"), "the title is right:\n{text}");
    let before = std::fs::read(&path).expect("the story");
    let again = new(&["story", title]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    assert_eq!(std::fs::read(&path).expect("the story"), before);
    for nameless in ["没有地址的 ", "new", ""] {
        assert_eq!(new(&["story", nameless]).status.code(), Some(2), "{nameless}");
    }
    assert!(new(&["story", "没有地址", "--slug", "no-addresses"]).status.success());
}

#[test]
fn a_story_without_facts_is_reported_when_asked() {
    let stories = folder("casebook-check");
    let story = "---\ntitle: T\norganization: O\ncategory: dns\n---\n\n## Summary\n\ns\n\n## Symptom\n\ns\n\n## Root cause\n\n\
                 r\n\n## Remediation\n\nr\n";
    std::fs::write(stories.join("s.md"), story).expect("write");
    assert!(!check(&[utf8(&stories)]).1.contains("facts"));
    let (status, text) = check(&[utf8(&stories), "--facts"]);
    assert_eq!(status, 0);
    assert!(text.contains("s.md:1: warning: facts: found none"), "{text}");
    assert!(text.contains("0 facts looked up"), "{text}");
    assert_eq!(check(&[utf8(&stories), "--facts", "--strict"]).0, 1);
}

#[test]
fn the_page_of_the_library_is_what_the_command_writes() {
    let page = folder("casebook-page").join("library.md");
    std::fs::copy("docs/library.md", &page).expect("copy");
    let (status, text) = check(&["stories", "--page", utf8(&page)]);
    assert_eq!(status, 0, "{text}");
    let (kept, written) = (std::fs::read_to_string("docs/library.md"), std::fs::read_to_string(&page));
    assert!(kept.expect("kept") == written.expect("written"), "casebook check stories/ --page docs/library.md");
    std::fs::write(&page, "# Nothing is marked here\n").expect("write");
    assert_eq!(check(&["stories", "--page", utf8(&page)]).0, 2, "what is not marked is not overwritten");
    assert_eq!(std::fs::read_to_string(&page).expect("read"), "# Nothing is marked here\n");
}
