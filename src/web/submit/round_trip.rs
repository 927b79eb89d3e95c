//! What the page shows, sent as a browser would send it, is what was typed.

use actix_web::test::TestRequest;
use askama::Template;
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};

use super::notice::Notice;
use super::page::FormPage;
use crate::domain::input::StoryInput;
use crate::domain::{FailureId, Policy};
use crate::web::form::view::Mode;
use crate::web::form::{Filled, FormView};
use crate::web::page::{Shell, Visit};
use crate::web::state::Settings;

fn render(form: FormView) -> String {
    let settings = Settings::new(Policy::TRYING, ".".into());
    let request = TestRequest::with_uri("/stories/new").to_http_request();
    let shell = Shell::new(&Visit::of(&request, &settings), &settings);
    FormPage::new(shell, form, Notice::None).render().expect("the page renders")
}

fn filled(input: StoryInput) -> Filled {
    Filled { input, ..Filled::empty(FailureId::new()) }
}

/// The fields of the form as a browser would send them with the last button.
fn sent(html: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(html);
    let controls = Selector::parse("#story-form :is(input, textarea, select)").expect("a selector");
    page.select(&controls).filter_map(|control| Some((control.attr("name")?.to_owned(), value(control)?))).collect()
}

fn value(control: ElementRef<'_>) -> Option<String> {
    let chosen = Selector::parse("option[selected]").expect("a selector");
    let first = Selector::parse("option").expect("a selector");
    match control.value().name() {
        "textarea" => Some(control.text().collect()),
        "select" => {
            let option = control.select(&chosen).next().or_else(|| control.select(&first).next())?;
            Some(option.attr("value").unwrap_or_default().to_owned())
        }
        _ if control.attr("type") == Some("checkbox") && control.attr("checked").is_none() => None,
        _ => Some(control.attr("value").unwrap_or_default().to_owned()),
    }
}

fn there_and_back(input: StoryInput) -> Filled {
    body_of(&render(FormView::new(Mode::New, filled(input), None)))
}

fn body_of(html: &str) -> Filled {
    let body = serde_html_form::to_string(sent(html)).expect("a form");
    Filled::parse(body.as_bytes()).expect("readable")
}

fn full() -> StoryInput {
    serde_json::from_value(serde_json::json!({
        "title": "A \"title\" <script>alert(1)</script> & more", "summary": "s\n\ntwo", "symptom": "\n    code\n```\n</textarea>\n```",
        "root_cause": "r", "remediation": "1. one\n2. two", "category": "capacity", "organization": "Ex & Co",
        "technologies": ["gke", "node.js"], "contributing_factors": ["one, with a comma", "two"],
        "started_at": "2019-02", "detected_at": "2019-02-01", "resolved_at": "2019-02-01T14:30Z", "duration": "about a week",
        "severity": "sev2", "trigger": "capacity", "detected_by": "staff", "impact": "7%", "lessons": "- l",
        "timeline": [{"at": "Friday", "marker": "trigger", "text": "a\nb"}, {"at": "T+1", "text": "c"}],
        "action_items": [{"text": "do", "owner": "me", "due": "2020-01-01", "done": true}, {"text": "then"}],
        "rules": [
            {"kind": "metric", "name": "n", "text": "  a: 1\n  b: 2", "silent_on": ["fine", "\tat a\n\n  b"]},
            {"kind": "log", "name": "m", "text": "t", "fires_on": [" one", "two"], "silent_on": ["three"],
             "also_fires": [{"on": "patterns/x", "because": "y"}, {"on": "stories/z", "because": "<b>"}]},
        ],
        "checks": [{"command": "kubectl get 'x' | wc", "means": "m"}, {"command": "c", "means": "n", "apart_from": "patterns/x"}],
        "provenance": {"id": "X-1", "source": "https://example.com/x", "author": "A & B", "license": "MIT"},
        "references": [{"kind": "fix", "title": "t", "url": "https://example.com/?a=1&b=2"},
            {"kind": "report", "url": "https://example.com", "archived": "https://example.org/copy", "language": "de"}],
        "facts": [{"claim": "a & b", "source": "https://example.org/copy", "passage": "<b>Timeline</b>"}],
        "translations": [{"language": "zh", "title": "没有地址的 Pod", "summary": "地址用完了", "symptom": "部署停滞了"}],
        "patterns": ["pod-ip-range-exhausted"]
    }))
    .expect("shape")
}

#[test]
fn a_story_with_every_field_comes_back_as_it_was() {
    let input = full();
    assert!(input.parse().is_ok(), "{:?}", input.parse());
    assert_eq!(there_and_back(input.clone()).input, input);
}

#[test]
fn an_empty_form_comes_back_empty() {
    assert_eq!(there_and_back(StoryInput::default()).input, StoryInput::default());
}

#[test]
fn what_no_menu_has_is_kept_until_it_is_mended() {
    let mut input = full();
    input.failure.category = "kapacity".to_owned();
    input.timeline[0].marker = "climax".to_owned();
    input.failure.technologies = vec!["a/b".to_owned()];
    assert_eq!(there_and_back(input.clone()).input, input);
}

#[test]
fn ten_thousand_rows_are_shown_in_part_and_kept_in_whole() {
    let mut input = full();
    input.timeline = (0..10_000)
        .map(|n| crate::domain::input::TimelineInput {
            at: format!("T+{n}"),
            marker: String::new(),
            text: "x\ty".to_owned(),
        })
        .collect();
    let html = render(FormView::new(Mode::New, filled(input.clone()), None));
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
    assert_eq!(there_and_back(input.clone()).input, input);
}

#[test]
fn every_complaint_leads_to_an_element_that_is_open() {
    let mut input = StoryInput::default();
    input.timeline.push(crate::domain::input::TimelineInput { text: "t".to_owned(), ..Default::default() });
    input.started_at = "soon".to_owned();
    input.patterns = vec!["No Slug".to_owned()];
    input.failure.contributing_factors = vec!["x".repeat(400)];
    input.failure.provenance.author = "Somebody".to_owned();
    input.failure.checks.push(crate::domain::input::CheckInput { means: "m".to_owned(), ..Default::default() });
    input.failure.rules.push(crate::domain::input::RuleInput {
        name: "n".to_owned(),
        fires_on: vec!["\0".to_owned()],
        silent_on: vec!["x".to_owned(); 21],
        also_fires: vec![crate::domain::input::AlsoFiresInput { on: "x".to_owned(), ..Default::default() }],
        ..Default::default()
    });
    let errors = input.parse().expect_err("wrong");
    let html = render(FormView::new(Mode::New, filled(input), None).with_errors(&errors));
    let page = Html::parse_document(&html);
    let links = Selector::parse("#complaints a").expect("a selector");
    let hrefs: Vec<&str> = page.select(&links).filter_map(|link| link.attr("href")).collect();
    assert_eq!(hrefs.len(), errors.len());
    for href in hrefs {
        let target = page.select(&Selector::parse(href).expect("an id")).next();
        let target = target.unwrap_or_else(|| panic!("nothing has the id {href}"));
        let folded = target.ancestors().filter_map(ElementRef::wrap).filter(|above| above.value().name() == "details");
        for details in folded {
            assert!(details.attr("open").is_some(), "{href} is folded away");
        }
    }
    let title = page.select(&Selector::parse("title").expect("a selector")).next().expect("a title");
    assert!(title.text().collect::<String>().starts_with("Error: "));
}

#[test]
fn a_row_that_only_asks_for_a_reason_is_told_apart_from_one_that_was_typed() {
    let mut asking = filled(full());
    let row = |on: &str| crate::domain::input::AlsoFiresInput { on: on.to_owned(), because: String::new() };
    asking.input.failure.rules[0].also_fires = vec![row("patterns/asked"), row("patterns/typed")];
    asking.asked.insert((0, "patterns/asked".to_owned()));
    let back = body_of(&render(FormView::new(Mode::New, asking, None)));
    assert_eq!(back.input.failure.rules[0].also_fires, [row("patterns/typed")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_is_typed_into_a_field_comes_back(text in "[ a<>&\"'\\n`好\\\\]{0,40}") {
        let mut input = full();
        input.failure.symptom.clone_from(&text);
        let example = if text.trim().is_empty() { "x" } else { &text };
        input.failure.rules[1].fires_on[0] = example.to_owned();
        input.failure.rules[1].also_fires[0].because = example.replace('\n', " ");
        input.failure.title = text.replace('\n', " ");
        prop_assert_eq!(there_and_back(input.clone()).input, input);
    }
}
