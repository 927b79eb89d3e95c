//! Reading: lists with their facets, pages of stories and patterns, histories, and what every answer has in common.

mod fragment;
mod lists;
mod records;
mod answers;

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use scraper::Selector;
use ureq::http::HeaderMap;

use crate::server::Answer;

/// Checks that a page holds nothing that could run, load or lead astray but the modules and links of its own making.
#[track_caller]
pub fn assert_inert(what: &str, page: &Answer) {
    const REFUSED: [&str; 13] = [
        "style", "iframe", "frame", "object", "embed", "base", "applet", "video", "audio", "source", "math",
        "template", "noscript",
    ];
    for element in page.html().tree.nodes().filter_map(|node| node.value().as_element().cloned()) {
        let name = element.name().to_lowercase();
        assert!(!REFUSED.contains(&name.as_str()), "{what}: a <{name}> on the page");
        if name == "script" {
            let source = element.attr("src").unwrap_or_default();
            assert!(is_hashed(source), "{what}: a script from {source:?}");
            assert_eq!(element.attr("type"), Some("module"), "{what}: {source}");
        }
        if name == "meta" {
            assert_eq!(element.attr("http-equiv"), None, "{what}");
        }
        for (attribute, value) in element.attrs() {
            let attribute = attribute.to_lowercase();
            assert!(
                !attribute.starts_with("on") && attribute != "style" && attribute != "srcdoc",
                "{what}: {attribute}"
            );
            if ["href", "src", "action", "formaction", "poster", "data", "xlink:href", "ping"]
                .contains(&attribute.as_str())
            {
                let harmless = ["/", "#", "?", "https://", "http://", "mailto:"]
                    .iter()
                    .any(|start| value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start)));
                assert!(harmless && !value.starts_with("//"), "{what}: <{name} {attribute}={value:?}>");
                let leaves = !value.starts_with(['/', '#', '?']);
                assert!(name == "a" || name == "link" || !leaves, "{what}: <{name}> goes to {value}");
            }
        }
    }
    let inside = Selector::parse("script").expect("selector");
    for script in page.html().select(&inside) {
        assert_eq!(script.text().collect::<String>().trim(), "", "{what}: an inline script");
    }
}

/// Whether an address is that of a file with eight digits of its hash in its name.
fn is_hashed(address: &str) -> bool {
    let name = address.strip_prefix("/static/").unwrap_or_default();
    let parts: Vec<&str> = name.split('.').collect();
    parts.len() == 3 && parts[1].len() == 8 && parts[1].bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Checks that what points at an element of the page finds it, and that no id is given twice.
#[track_caller]
fn assert_joined(what: &str, page: &Answer) {
    let html = page.html();
    let mut ids = BTreeSet::new();
    let mut wanted = BTreeSet::new();
    for element in html.tree.nodes().filter_map(|node| node.value().as_element().cloned()) {
        if let Some(id) = element.attr("id") {
            assert!(ids.insert(id.to_owned()), "{what}: two elements are called {id}");
        }
        for attribute in ["for", "aria-labelledby", "aria-describedby", "aria-controls", "form"] {
            wanted.extend(element.attr(attribute).unwrap_or_default().split_whitespace().map(str::to_owned));
        }
        if let Some(anchor) = element.attr("href").and_then(|href| href.strip_prefix('#')) {
            wanted.insert(anchor.to_owned());
        }
    }
    let lost: Vec<_> = wanted.difference(&ids).filter(|id| !id.is_empty()).collect();
    assert!(lost.is_empty(), "{what}: nothing is called {lost:?}");
}

const LOVEHOLIDAYS: &str = "loveholidays-gke-pod-ip-exhaustion";

#[test]
fn the_checks_of_a_page_find_what_they_look_for() {
    let page =
        |body: &str| Answer { status: 200, headers: HeaderMap::new(), text: format!("<!doctype html><body>{body}") };
    let refused = |check: fn(&str, &Answer), body: &str| catch_unwind(|| check("a sample", &page(body))).is_err();
    for harmful in [
        "<script>alert(1)</script>",
        "<script src=/static/x.js type=module></script>",
        "<script src=https://evil.example/x.0123abcd.js type=module></script>",
        "<img src=x onerror=alert(1)>",
        "<p style=position:fixed>",
        "<a href=javascript:alert(1)>",
        "<a href=//evil.example>",
        "<form action=https://evil.example>",
        "<img src=https://evil.example/x.gif>",
        "<style>*{}</style>",
        "<iframe src=/>",
        "<meta http-equiv=refresh>",
    ] {
        assert!(refused(assert_inert, harmful), "{harmful} was taken for harmless");
    }
    assert!(!refused(
        assert_inert,
        "<script src=/static/x.0123abcd.js type=module></script><a href=https://example.com>x</a>"
    ));
    for loose in ["<p id=a><p id=a>", "<label for=b>", "<a href='#c'>", "<p aria-describedby='d'>"] {
        assert!(refused(assert_joined, loose), "{loose} was taken for joined");
    }
    assert!(!refused(assert_joined, "<label for=a><input id=a><a href='#a'>"));
}
