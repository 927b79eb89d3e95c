//! Tests of what people are told when a file is wrong: all of it, at the right lines.

use super::{FileError, parse_pattern, parse_story};

const STORY: &str = "---
title: Pods without addresses
organization: Example
category: capacity
started_at: 2020-01-14
rules:
  - kind: log
    name: Addresses ran out
    text: |
      a: b
---

## Summary

s

## Symptom

s

## Root cause

r

## Remediation

r

## Timeline

- **09:30** (trigger) The upgrade began.
";

fn errors(text: &str) -> String {
    let errors = parse_story("s.md", text).expect_err("the file is wrong");
    errors.iter().map(FileError::to_string).collect::<Vec<_>>().join("\n")
}

fn errors_after(from: &str, to: &str) -> String {
    assert!(STORY.contains(from), "{from} is not in the story");
    errors(&STORY.replace(from, to))
}

#[test]
fn the_story_that_is_made_wrong_below_is_right() {
    assert_eq!(parse_story("s.md", STORY).map(|story| story.timeline.len()), Ok(1));
}

#[test]
fn front_matter_that_is_not_yaml_is_located_and_hides_no_error_in_the_sections() {
    let text = STORY.replace("category: capacity", "category: [capacity").replace("## Symptom", "## Sympton");
    insta::assert_snapshot!(errors(&text), @r#"
        s.md:5: found front matter that is not YAML: illegal placement of ':' indicator (column 11)
        s.md:11: ## Symptom: found nothing; expected some text
        s.md:17: ##: found "Sympton"; expected a section: Summary, Symptom, Impact, Root cause, Remediation, Timeline, Lessons. Inside a section use ### and below, and write a line of code or text that begins with ## as \##
        "#);
}

#[test]
fn files_without_two_parts_are_refused() {
    insta::assert_snapshot!(
        [errors(""), errors("# A title\n"), errors("---\ntitle: x\n## Summary\n")].join("\n"),
        @r##"
        s.md:1: found an empty file; expected front matter and sections
        s.md:1: found "# A title"; expected the line --- that opens the front matter
        s.md:1: found front matter without an end; expected a second line of ---
        "##
    );
}

#[test]
fn unknown_and_repeated_keys_are_errors() {
    insta::assert_snapshot!(errors_after("category: capacity", "titel: x\ncategory: capacity\ntitle: y"), @r#"
        s.md:4: titel: found an unknown key; expected one of title, organization, category, technologies, severity, started_at, detected_at, resolved_at, duration, trigger, detected_by, patterns, contributing_factors, action_items, references, rules, checks, translations, provenance, facts
        s.md:6: title: found this key again; expected it once (first on line 2)
        "#);
    insta::assert_snapshot!(errors_after("name: Addresses ran out", "nam: x"), @r#"
        s.md:7: rules[0].name: found nothing; expected one line of 1 to 300 characters
        s.md:8: rules[0].nam: found an unknown key; expected one of kind, name, text, fires_on, silent_on, also_fires
        "#);
}

#[test]
fn missing_keys_and_sections_are_errors() {
    insta::assert_snapshot!(errors_after("organization: Example\n", ""), @"s.md:1: organization: found nothing; expected one line of 1 to 300 characters");
    insta::assert_snapshot!(errors_after("## Root cause\n\nr\n", ""), @"s.md:11: ## Root cause: found nothing; expected some text");
    insta::assert_snapshot!(errors_after("## Root cause\n\nr\n", "## Root cause\n"), @"s.md:21: ## Root cause: found nothing; expected some text");
}

#[test]
fn unknown_and_repeated_sections_are_errors() {
    insta::assert_snapshot!(errors_after("## Timeline", "## Follow-up\n\ntext\n\n## Summary\n\ns\n\n## Timeline"), @r#"
        s.md:29: ##: found "Follow-up"; expected a section: Summary, Symptom, Impact, Root cause, Remediation, Timeline, Lessons. Inside a section use ### and below, and write a line of code or text that begins with ## as \##
        s.md:33: ## Summary: found this section again; expected it once (first on line 13)
        "#);
    insta::assert_snapshot!(errors_after("## Summary", "Hello.\nYou.\n\n## Summary"), @r#"s.md:13: found "Hello."; expected a section, such as ## Summary, before any text"#);
}

#[test]
fn wrong_values_are_errors() {
    insta::assert_snapshot!(errors_after("2020-01-14", "January 2020"), @r#"s.md:5: started_at: found "January 2020"; expected a date between 1970 and 2100: 2019, 2019-02, 2019-02-01, 2019-02-01T14:30Z or 2019-02-01T14:30+01:00"#);
    insta::assert_snapshot!(errors_after("capacity", "kapacity"), @r#"s.md:4: category: found "kapacity"; expected a category: capacity, configuration, deployment, dependency, network, dns, storage, security, scheduling, control-plane, observability, human-process"#);
    insta::assert_snapshot!(errors_after("kind: log", "kind: logs"), @r#"s.md:7: rules[0].kind: found "logs"; expected a kind of rule: log, manifest, metric"#);
}

#[test]
fn values_of_the_wrong_shape_are_errors() {
    let wrong = "title: [a, b]\ntechnologies: kubernetes\ncontributing_factors:\n  - fine\n  - Alerts: none\n\
                 action_items: [x]\nreferences:\n  - kind: [report]\n    url: https://a.example\n\
                 translations:\n  language: zh";
    insta::assert_snapshot!(errors_after("title: Pods without addresses", wrong), @r#"
        s.md:2: title: found a list; expected text (in quotes, if it begins with a bracket)
        s.md:3: technologies: found "kubernetes"; expected a list of text, such as [a, b]
        s.md:6: contributing_factors[1]: found keys and values; expected text (in quotes, if it has a colon followed by a space)
        s.md:7: action_items[0]: found "x"; expected keys and values: text, owner, due, link, done
        s.md:9: references[0].kind: found a list; expected text (in quotes, if it begins with a bracket)
        s.md:11: translations: found keys and values; expected a list of entries with language, title, summary, symptom
        "#);
}

#[test]
fn anchors_aliases_tags_and_second_documents_are_refused() {
    insta::assert_snapshot!(errors_after("title: Pods without addresses", "title: &a x\nduration: *a\ntrigger: !!str y"), @r#"
        s.md:2: found a YAML anchor (&); expected the value itself, written out
        s.md:3: found a YAML alias (*); expected the value itself, written out
        s.md:4: found a YAML tag (!); expected the value itself, written out
        s.md:4: trigger: found "y"; expected a trigger: binary-push, configuration-push, user-behaviour, processing-pipeline, service-provider, performance-decay, capacity, hardware
        "#);
    insta::assert_snapshot!(errors_after("category: capacity\n", "category: capacity\n...\nx: y\n"), @"s.md:6: found a second YAML document; expected one, between the two lines of ---");
}

#[test]
fn rows_that_are_no_rows_are_errors() {
    let rows = "* 09:30 The upgrade\n  began.\n- **09:40** Fine.\n\n  Still fine.\nNot a row.\n  Not another error.\n\
                - 09:50 No asterisks\n- **10:00** (UTC) What?\n- **10:10**\n- ** ** x\n- **x** (open";
    insta::assert_snapshot!(errors_after("- **09:30** (trigger) The upgrade began.", rows), @r#"
        s.md:31: timeline: found "* 09:30 The upgrade"; expected a row such as - **2020-01-14T09:30Z** (trigger) What happened, or the rest of a row indented by two spaces
        s.md:36: timeline: found "Not a row."; expected a row such as - **2020-01-14T09:30Z** (trigger) What happened, or the rest of a row indented by two spaces
        s.md:38: timeline: found "- 09:50 No asterisks"; expected a row such as - **2020-01-14T09:30Z** (trigger) What happened, or the rest of a row indented by two spaces
        s.md:39: timeline[1].marker: found "UTC"; expected a marker: trigger, detection, diagnosis, repair, key (a text that begins with a parenthesis has a backslash before it)
        s.md:40: timeline[2].text: found nothing; expected some text
        s.md:41: timeline[3].at: found nothing; expected one line of 1 to 300 characters
        s.md:42: timeline: found "(open"; expected a marker in parentheses, or text that begins with \(
        "#);
}

#[test]
fn everything_that_is_wrong_is_reported_at_once_in_the_order_of_lines() {
    let text = STORY
        .replace("capacity", "kapacity")
        .replace("2020-01-14", "soon")
        .replace("kind: log", "kind: logs\n    colour: red")
        .replace("## Symptom\n\ns\n", "")
        .replace("(trigger)", "(start)");
    insta::assert_snapshot!(errors(&text), @r#"
        s.md:4: category: found "kapacity"; expected a category: capacity, configuration, deployment, dependency, network, dns, storage, security, scheduling, control-plane, observability, human-process
        s.md:5: started_at: found "soon"; expected a date between 1970 and 2100: 2019, 2019-02, 2019-02-01, 2019-02-01T14:30Z or 2019-02-01T14:30+01:00
        s.md:7: rules[0].kind: found "logs"; expected a kind of rule: log, manifest, metric
        s.md:8: rules[0].colour: found an unknown key; expected one of kind, name, text, fires_on, silent_on, also_fires
        s.md:12: ## Symptom: found nothing; expected some text
        s.md:29: timeline[0].marker: found "start"; expected a marker: trigger, detection, diagnosis, repair, key (a text that begins with a parenthesis has a backslash before it)
        "#);
}

#[test]
fn keys_and_sections_of_stories_are_unknown_in_patterns() {
    let errors = parse_pattern("patterns/p.md", STORY).expect_err("a story is no pattern");
    let errors: Vec<String> = errors.iter().map(FileError::to_string).collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
        patterns/p.md:3: organization: found an unknown key; expected one of title, category, technologies, aliases, contributing_factors, references, rules, checks, translations, provenance
        patterns/p.md:5: started_at: found an unknown key; expected one of title, category, technologies, aliases, contributing_factors, references, rules, checks, translations, provenance
        patterns/p.md:29: ##: found "Timeline"; expected a section: Summary, Symptom, Root cause, Remediation. Inside a section use ### and below, and write a line of code or text that begins with ## as \##
        "#);
}

#[test]
fn scalars_are_the_text_they_are_written_in() {
    let text = STORY.replace("title: Pods without addresses", "title: 2019").replace("Example", "true");
    let story = parse_story("s.md", &text).expect("fine");
    assert_eq!((story.failure.title.as_str(), story.incident.organization.as_str()), ("2019", "true"));
    let text =
        STORY.replace("category: capacity", "category: capacity\nduration:\nseverity: ''\npatterns:\ntechnologies: []");
    let story = parse_story("s.md", &text).expect("empty values are absent");
    assert_eq!((story.incident.duration, story.patterns), (None, Vec::new()));
    let text = STORY
        .replace("category: capacity", "category: capacity\ndetected_by: !x\nreferences: [{kind: , title:, ? url}]");
    assert!(!errors(&text).contains('~'));
    let text = STORY.replace("category: capacity", "category: capacity\nduration: ~\n");
    assert_eq!(
        parse_story("s.md", &text).map(|story| story.incident.duration.map(String::from)),
        Ok(Some("~".to_owned()))
    );
}

#[test]
fn hostile_files_are_refused_quickly() {
    let start = std::time::Instant::now();
    for unit in
        ["[", "- ", "{a: ", "? ", "a: &a [*a]\n", "a:\n", "!", "\"", "'", "|\n", "- **a** (", "## Summary\n", "# "]
    {
        let flood = unit.repeat(200_000 / unit.len());
        assert!(parse_story("s.md", &format!("---\n{flood}\n---\n{flood}")).is_err(), "{unit}");
    }
    // Quadratic time would be minutes.
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}
