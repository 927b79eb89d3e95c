//! Bodies as browsers send them, and as they do not.

use super::{Action, BodyError, Duplicates, EncodingFault, Filled, RevisionNumber};

fn parse(body: &str) -> Result<Filled, BodyError> {
    Filled::parse(body.as_bytes())
}

#[test]
fn an_empty_body_is_an_empty_form_with_an_id_of_its_own() {
    let (one, other) = (parse("").expect("fine"), parse("").expect("fine"));
    assert_eq!(one.input, crate::domain::input::StoryInput::default());
    assert_ne!(one.id, other.id);
    assert_eq!((one.action, one.base, one.duplicates), (Action::Save, None, Duplicates::Show));
}

#[test]
fn columns_become_rows_and_empty_rows_go_when_it_is_saved() {
    let body = "timeline_at=09%3A00&timeline_marker=trigger&timeline_text=a&timeline_at=&timeline_marker=&timeline_text=\
                &timeline_at=T%2B5&timeline_marker=&timeline_text=b%0D%0Ac";
    let saved = parse(body).expect("fine").input.timeline;
    assert_eq!(saved.len(), 2);
    assert_eq!((saved[0].at.as_str(), saved[0].marker.as_str()), ("09:00", "trigger"));
    assert_eq!((saved[1].at.as_str(), saved[1].text.as_str()), ("T+5", "b\r\nc"));
    let adding = parse(&format!("{body}&action=add:timeline")).expect("fine").input.timeline;
    assert_eq!(adding.len(), 3, "places must not move under a button's number");
}

#[test]
fn a_ragged_list_is_refused_with_its_lengths() {
    let error = parse("rules_kind=log&rules_kind=log&rules_name=a&rules_text=b&rules_text=c").expect_err("ragged");
    assert_eq!(error, BodyError::Ragged { list: "rules", lengths: "2, 1, 2".to_owned() });
}

#[test]
fn examples_find_their_rule_and_rows_that_only_ask_for_a_reason_go() {
    let body = "rules_kind=log&rules_name=a&rules_text=b&rules_kind=log&rules_name=c&rules_text=d\
                &fires_on_rule=1&fires_on_text=one&fires_on_rule=0&fires_on_text=&fires_on_rule=1&fires_on_text=two\
                &silent_on_rule=0&silent_on_text=three\
                &also_fires_rule=0&also_fires_asked=patterns/x&also_fires_on=patterns/x&also_fires_because=\
                &also_fires_rule=0&also_fires_asked=patterns/y&also_fires_on=patterns/y&also_fires_because=z\
                &also_fires_rule=0&also_fires_asked=&also_fires_on=patterns/typed&also_fires_because=";
    let rules = parse(body).expect("fine").input.failure.rules;
    assert_eq!((rules[0].fires_on.len(), rules[0].silent_on[0].as_str()), (0, "three"));
    assert_eq!(rules[1].fires_on, ["one", "two"]);
    let kept: Vec<&str> = rules[0].also_fires.iter().map(|also| also.on.as_str()).collect();
    assert_eq!(kept, ["patterns/y", "patterns/typed"]);
    let adding = parse(&format!("{body}&action=add:rules:0:fires_on")).expect("fine").input.failure.rules;
    assert_eq!((adding[0].fires_on.len(), adding[0].also_fires.len()), (1, 3));
    for bad in
        ["fires_on_rule=0&fires_on_text=x", "also_fires_rule=x&also_fires_asked=&also_fires_on=&also_fires_because="]
    {
        assert!(matches!(parse(bad), Err(BodyError::Hidden { .. })), "{bad} was accepted");
    }
}

#[test]
fn lists_on_one_field_are_split() {
    let filled = parse("technologies=GKE,+redis+,,&contributing_factors=one%0D%0A%0D%0A+two+&patterns=a&patterns=b")
        .expect("fine");
    assert_eq!(filled.input.failure.technologies, ["GKE", "redis"]);
    assert_eq!(filled.input.failure.contributing_factors, ["one", "two"]);
    assert_eq!(filled.input.patterns, ["a", "b"]);
}

#[test]
fn what_is_not_utf_8_is_refused_rather_than_replaced() {
    assert_eq!(parse("title=%ff").expect_err("not text"), BodyError::NotText(EncodingFault::NotUtf8));
    assert_eq!(Filled::parse(b"title=\xff").expect_err("not text"), BodyError::NotText(EncodingFault::NotUtf8));
    assert_eq!(parse("title=%E5%A5%BD").expect("fine").input.failure.title, "好");
    assert_eq!(parse("title=100%").expect_err("cut"), BodyError::NotText(EncodingFault::Malformed));
}

#[test]
fn a_nul_is_kept_for_the_complaint_beside_its_field() {
    let filled = parse("title=a%00b").expect("fine");
    assert_eq!(filled.input.parse().expect_err("NUL")[0].field, "title");
}

#[test]
fn hidden_fields_that_no_page_sends_are_refused() {
    for bad in ["id=7", "base=x", "base=0", "base=-1", "action=fly"] {
        assert!(matches!(parse(bad), Err(BodyError::Hidden { .. })), "{bad} was accepted");
    }
    assert_eq!(parse("base=3").expect("fine").base, Some(RevisionNumber(3)));
}

#[test]
fn more_than_a_mebibyte_of_text_is_refused() {
    let body = format!("symptom={}", "x".repeat(super::MAX_DECODED));
    assert!(matches!(parse(&body), Err(BodyError::TooLarge(_))));
    let many = "references_kind=fix&references_title=t&references_url=u&".repeat(201);
    assert!(matches!(parse(&many), Err(BodyError::TooManyRows { found: 201, most: 50, .. })));
}

#[test]
fn ten_thousand_rows_reach_the_domain_which_refuses_them() {
    let body = "timeline_at=T%2B1&timeline_marker=&timeline_text=x&".repeat(10_000);
    let errors = parse(&body).expect("readable").input.parse().expect_err("too many");
    let timeline = errors.iter().find(|error| error.field == "timeline").expect("named");
    assert_eq!(timeline.message, "found 10000 entries; expected at most 500");
}
