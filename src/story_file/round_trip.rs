//! Tests that printing loses nothing, whatever the text, and that there is one spelling for every record.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{parse_pattern, parse_story, print_pattern, print_story};
use crate::domain::input::{
    ActionItemInput, AlsoFiresInput, CheckInput, FactInput, FailureInput, PatternInput, ProvenanceInput,
    ReferenceInput, RuleInput, StoryInput, TimelineInput, TranslationInput,
};
use crate::domain::{
    Category, DetectedBy, Line, Markdown, Marker, Pattern, ReferenceKind, RuleKind, Severity, Story, Title, Trigger,
};

const FRAGMENTS: &[&str] = &[
    "a",
    "B c",
    "word",
    " ",
    "  ",
    "   ",
    "\t",
    "## ",
    "##",
    "### x",
    "\\",
    "\\## x",
    "---",
    "...",
    "- ",
    "- **a** (key) b",
    "(",
    "(key) ",
    ")",
    "**",
    "*",
    "_",
    ": ",
    ":",
    " #",
    "#",
    "'",
    "\"",
    "```",
    "~~~",
    "yes",
    "no",
    "null",
    "~",
    "true",
    "1",
    "2019",
    "1e5",
    "0x1f",
    "|",
    ">",
    "|2",
    "&a",
    "*a",
    "!t",
    "!!str",
    "%YAML",
    "@",
    "`",
    "[",
    "]",
    "{",
    "}",
    ",",
    "?",
    "? ",
    "<<",
    "\u{feff}",
    "\u{2028}",
    "\u{a0}",
    "\u{3000}",
    "\u{202e}",
    "\u{200b}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{1fffe}",
    "🌍",
    "没有",
    "مرحبا",
    "é",
    "e\u{301}",
    "\u{e0001}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{10ffff}",
];

const LINE_ENDS: &[&str] = &[
    "\n", "\n\n", "\n## ", "\n---\n", "\n  ", "\n\t", "\n \n", "\r\n", "\r", "\u{85}", "\u{1b}", "\u{7f}", "\u{b}",
    "\n```\n",
];

fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(FRAGMENTS).prop_map(str::to_owned), 1 => ".{1,6}", 1 => "[a-z ]{1,40}"]
}

fn line() -> impl Strategy<Value = String> {
    vec(fragment(), 1..6)
        .prop_map(|parts| parts.concat().replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), "x"))
        .prop_filter("one line", |text| Line::parse(text).is_ok() && Title::parse(text).is_ok())
}

fn markdown() -> impl Strategy<Value = String> {
    let part = prop_oneof![2 => fragment(), 1 => select(LINE_ENDS).prop_map(str::to_owned)];
    vec(part, 1..12)
        .prop_map(|parts| parts.concat().replace('\0', ""))
        .prop_filter("some text", |text| Markdown::parse(text).is_ok_and(|text| !text.is_empty()))
}

fn maybe(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    option::of(text).prop_map(Option::unwrap_or_default)
}

fn one_of<T: ToString + 'static>(values: &'static [T]) -> impl Strategy<Value = String> {
    (0..values.len()).prop_map(|index| values[index].to_string())
}

fn technology() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9.][a-z0-9.+#_-]{0,10}",
        select(&["null", "true", "1.5", "c#", ".net", "y"][..]).prop_map(str::to_owned)
    ]
}

fn slug() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}", Just("null".to_owned()), Just("404".to_owned())]
        .prop_filter("reserved", |slug| crate::domain::Slug::parse(slug).is_ok())
}

fn address() -> impl Strategy<Value = String> {
    "https?://[a-z]{1,5}(:[0-9]{2})?(/[a-z:#?&=%*,{}\\[\\]|@!~()-]{0,10})?"
}

fn failure_address() -> impl Strategy<Value = String> {
    (select(&["stories", "patterns"][..]), slug()).prop_map(|(folder, slug)| format!("{folder}/{slug}"))
}

fn rule() -> impl Strategy<Value = RuleInput> {
    let also = (failure_address(), line()).prop_map(|(on, because)| AlsoFiresInput { on, because });
    let examples = || vec(markdown(), 0..3);
    (one_of(RuleKind::ALL), line(), markdown(), examples(), examples(), vec(also, 0..2)).prop_map(
        |(kind, name, text, fires_on, silent_on, also_fires)| RuleInput {
            kind,
            name,
            text,
            fires_on,
            silent_on,
            also_fires,
        },
    )
}

fn check() -> impl Strategy<Value = CheckInput> {
    (line(), line(), maybe(failure_address())).prop_map(|(command, means, apart_from)| CheckInput {
        command,
        means,
        apart_from,
    })
}

fn provenance() -> impl Strategy<Value = ProvenanceInput> {
    prop_oneof![
        Just(ProvenanceInput::default()),
        (maybe(line()), maybe(address()), maybe(line()), line())
            .prop_map(|(id, source, author, license)| ProvenanceInput { id, source, author, license })
    ]
}

/// Rules, checks, references, translations.
type Entries = (Vec<RuleInput>, Vec<CheckInput>, Vec<ReferenceInput>, Vec<TranslationInput>);

fn entries() -> impl Strategy<Value = Entries> {
    let language = || select(&["zh", "pt-BR", "no", "de"][..]).prop_map(str::to_owned);
    let reference = (one_of(ReferenceKind::ALL), maybe(line()), address(), maybe(address()), maybe(language()))
        .prop_map(|(kind, title, url, archived, language)| ReferenceInput { kind, title, url, archived, language });
    let translation = (language(), line(), maybe(markdown()), markdown())
        .prop_map(|(language, title, summary, symptom)| TranslationInput { language, title, summary, symptom });
    (vec(rule(), 0..3), vec(check(), 0..3), vec(reference, 0..3), vec(translation, 0..2))
}

fn failure() -> impl Strategy<Value = FailureInput> {
    let prose = (line(), markdown(), markdown(), markdown(), markdown());
    let rest = (vec(line(), 0..3), one_of(Category::ALL), vec(technology(), 0..4), entries(), provenance());
    (prose, rest).prop_map(|(prose, rest)| {
        let (title, summary, symptom, root_cause, remediation) = prose;
        let (contributing_factors, category, technologies, entries, provenance) = rest;
        let (rules, checks, references, translations) = entries;
        FailureInput {
            title,
            summary,
            symptom,
            root_cause,
            contributing_factors,
            remediation,
            rules,
            checks,
            category,
            technologies,
            references,
            translations,
            provenance,
        }
    })
}

fn timeline() -> impl Strategy<Value = Vec<TimelineInput>> {
    let row = (line(), maybe(one_of(Marker::ALL)), markdown());
    vec(row.prop_map(|(at, marker, text)| TimelineInput { at, marker, text }), 0..4)
}

fn action_items() -> impl Strategy<Value = Vec<ActionItemInput>> {
    let item = (line(), maybe(line()), maybe("20[0-9]{2}-0[1-9]-1[0-9]"), maybe(address()), any::<bool>());
    vec(item.prop_map(|(text, owner, due, link, done)| ActionItemInput { text, owner, due, link, done }), 0..3)
}

/// A fact of each reference.
fn facts(references: &[ReferenceInput], claim: &str) -> Vec<FactInput> {
    let source = |one: &ReferenceInput| if one.archived.is_empty() { &one.url } else { &one.archived }.clone();
    let fact = |one| FactInput { claim: claim.to_owned(), source: source(one), passage: claim.to_owned() };
    references.iter().map(fact).collect()
}

fn story() -> impl Strategy<Value = Story> {
    let moment = || maybe("2019|2019-0[1-9]|2019-02-0[1-9]|2019-02-01T1[0-9]:30Z");
    let times = (moment(), maybe(line()));
    let kinds = (maybe(one_of(Severity::ALL)), maybe(one_of(Trigger::ALL)), maybe(one_of(DetectedBy::ALL)));
    let prose = (line(), maybe(markdown()), maybe(markdown()));
    let lists = (timeline(), action_items(), vec(slug(), 0..3));
    (failure(), times, kinds, prose, lists).prop_map(|(failure, times, kinds, prose, lists)| {
        let input = StoryInput {
            facts: facts(&failure.references, &prose.0),
            failure,
            organization: prose.0,
            started_at: times.0.clone(),
            detected_at: times.0.clone(),
            resolved_at: times.0,
            duration: times.1,
            severity: kinds.0,
            trigger: kinds.1,
            detected_by: kinds.2,
            impact: prose.1,
            timeline: lists.0,
            lessons: prose.2,
            action_items: lists.1,
            patterns: lists.2,
            ..StoryInput::default()
        };
        input.parse().expect("the strategies give valid fields")
    })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    (failure(), vec(line(), 0..3)).prop_map(|(failure, aliases)| {
        PatternInput { failure, aliases, ..PatternInput::default() }.parse().expect("the strategies give valid fields")
    })
}

proptest! {
    #[test]
    fn a_story_survives_its_file(story in story()) {
        let printed = print_story(&story);
        let parsed = parse_story("s.md", &printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&story), "{}", printed);
        prop_assert_eq!(parsed.map(|parsed| print_story(&parsed)), Ok(printed));
    }

    #[test]
    fn a_pattern_survives_its_file(pattern in pattern()) {
        let printed = print_pattern(&pattern);
        let parsed = parse_pattern("p.md", &printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&pattern), "{}", printed);
        prop_assert_eq!(parsed.map(|parsed| print_pattern(&parsed)), Ok(printed));
    }

    #[test]
    fn windows_line_ends_make_no_difference(story in story()) {
        let printed = print_story(&story).replace('\n', "\r\n");
        prop_assert_eq!(parse_story("s.md", &format!("\u{feff}{printed}")), Ok(story));
    }

    #[test]
    fn any_text_is_read_without_panic(text in "(?s).{0,200}", body in markdown()) {
        let _ = parse_story("s.md", &text);
        let _ = parse_story("s.md", &format!("---\n{text}\n---\n{body}"));
        let _ = parse_pattern("p.md", &format!("---\n{body}\n---\n## Timeline\n{text}"));
    }
}
