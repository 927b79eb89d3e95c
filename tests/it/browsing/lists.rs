//! Lists: what narrows, sorts, pages and searches them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{LOVEHOLIDAYS, assert_inert};
use crate::server::{self, Answer, Client, eventually, story};
use crate::submitting::{fields, send, set};

/// The slugs that a list shows, in its order.
fn hits(page: &Answer) -> Vec<String> {
    let links = page.attributes(".hits .hit-title a", "href");
    links.iter().map(|link| link.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

fn listed(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/stories?{query}"));
    assert_eq!(page.status, 200, "{query}: {}", page.text);
    hits(&page)
}

/// The values of a facet, each with its count and the address that chooses it.
fn facet(page: &Answer, name: &str) -> Vec<(String, u64, String)> {
    let group = format!(".facet[aria-labelledby='facet-{name}'] a.facet-option");
    let labels = page.texts(&format!("{group} .facet-label"));
    let counts = page.texts(&format!("{group} .facet-count"));
    let links = page.attributes(&group, "href");
    assert_eq!((labels.len(), counts.len()), (links.len(), links.len()));
    let number = |text: &String| text.trim_start_matches([',', ' ']).parse().expect("a count");
    labels
        .into_iter()
        .zip(counts.iter().map(number))
        .zip(links)
        .map(|((label, count), link)| (label, count, link))
        .collect()
}

fn total(page: &Answer) -> u64 {
    let text = page.texts(".results-total strong").concat();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no total: {text:?}"))
}

const JETSTACK: &str = "jetstack-opa-webhook-gke-upgrade";

const JW_PLAYER: &str = "jw-player-weave-scope-cryptominer";

const MINDTICKLE: &str = "mindtickle-eks-external-snat";

const MOONLIGHT: &str = "moonlight-pods-on-one-node";

#[tokio::test]
async fn every_facet_counts_what_choosing_it_shows() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let page = client.get("/stories");
    assert_eq!(total(&page), 5);
    let counted =
        |name| facet(&page, name).into_iter().map(|(label, count, _)| (label, count)).collect::<BTreeMap<_, _>>();
    assert_eq!(counted("severity").into_values().collect::<Vec<_>>(), [1, 2, 1, 1]);
    assert_eq!(counted("technology")["kubernetes"], 5);
    assert_eq!(counted("technology")["gke"], 3);
    assert_eq!(
        counted("year").into_iter().collect::<Vec<_>>(),
        [("2018".to_owned(), 1), ("2019".to_owned(), 1), ("2020".to_owned(), 1)]
    );
    assert_eq!(counted("organization").len(), 5);
    let mut checked = 0;
    for name in ["category", "technology", "severity", "organization", "year"] {
        for (label, count, link) in facet(&page, name) {
            assert_eq!(total(&client.get(&link)), count, "{name} {label}");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} values");
}

#[tokio::test]
async fn values_of_one_facet_add_up_and_facets_narrow_each_other() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let sorted = |query: &str| {
        let mut found = listed(client, query);
        found.sort();
        found
    };
    assert_eq!(sorted("category=capacity&category=network"), [LOVEHOLIDAYS, MINDTICKLE]);
    assert_eq!(sorted("category=capacity&category=network&severity=sev2"), [MINDTICKLE]);
    assert_eq!(sorted("technology=gke&technology=eks&severity=sev2&severity=sev1"), [JETSTACK, MINDTICKLE, MOONLIGHT]);
    assert_eq!(sorted("organization=jw+player"), [JW_PLAYER], "an organization is the same in any case");
    assert_eq!(sorted("year=2018&year=2020"), [JW_PLAYER, MINDTICKLE]);
    assert_eq!(sorted("category=dns"), Vec::<String>::new());

    // Counts of another facet are of what is narrowed; those of the same facet are of what each value would add.
    let page = client.get("/stories?severity=sev2");
    let categories: Vec<_> = facet(&page, "category").into_iter().map(|(label, count, _)| (label, count)).collect();
    assert_eq!(categories, [("Control plane".to_owned(), 1), ("Network".to_owned(), 1)]);
    assert_eq!(facet(&page, "severity").iter().map(|(_, count, _)| count).sum::<u64>(), 5);
    let (_, _, add) = facet(&page, "severity").into_iter().find(|(label, ..)| label == "SEV 1").expect("SEV 1");
    assert_eq!(total(&client.get(&add)), 3);
}

#[tokio::test]
async fn chips_show_what_a_list_is_narrowed_to_and_take_it_back() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let page = client.get("/stories?q=pods&category=capacity&technology=gke&sort=title");
    assert_eq!(page.texts(".chip .chip-facet"), ["Category", "Technology"]);
    let links = page.attributes(".chip", "href");
    assert_eq!(links, ["/stories?q=pods&technology=gke&sort=title", "/stories?q=pods&category=capacity&sort=title"]);
    assert_eq!(page.attributes(".chip-clear", "href"), ["/stories?q=pods&sort=title"]);
    let chosen = page.attributes("a.facet-option[aria-current=true]", "href");
    assert_eq!(chosen, links, "the chosen values lead back too");
    // The search form keeps them.
    let kept = page.attributes("input[type=hidden][form=browse-form]", "value");
    assert_eq!(kept, ["capacity", "gke", "title"]);
    assert_eq!(page.attributes(".browse-search input[type=search]", "value"), ["pods"]);
    // A choice that finds nothing can still be taken back.
    let page = client.get("/stories?category=dns&severity=sev1");
    assert_eq!(total(&page), 0);
    assert_eq!(page.attributes(".chip", "href"), ["/stories?severity=sev1", "/stories?category=dns"]);
    let ways = page.attributes(".empty a", "href");
    assert!(ways.iter().any(|way| !hits(&client.get(way)).is_empty()), "no way onward finds anything: {ways:?}");
}

#[tokio::test]
async fn lists_are_sorted_as_asked() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let newest = listed(client, "sort=newest");
    assert_eq!(newest[..3], [MINDTICKLE, MOONLIGHT, JW_PLAYER]);
    assert_eq!(newest.len(), 5, "stories without a date come last, and do come");
    assert_eq!(listed(client, ""), newest, "the newest incident first, unless asked otherwise");
    assert_eq!(listed(client, "sort=oldest")[..3], [JW_PLAYER, MOONLIGHT, MINDTICKLE]);
    let page = client.get("/stories?sort=title");
    let titles = page.texts(".hit-title");
    let mut sorted = titles.clone();
    sorted.sort_by_key(|title| title.to_lowercase());
    assert_eq!(titles, sorted);
    assert_eq!(page.texts(".sort [aria-current=true]"), ["Title"]);

    let path = "/stories/jetstack-opa-webhook-gke-upgrade/edit";
    let mut form = fields(&client.get(path));
    set(&mut form, "lessons", "Something was learned.");
    set(&mut form, "action", "save");
    assert_eq!(send(client, path, &form).status, 303);
    eventually(Duration::from_secs(2), "first of those updated", || listed(client, "sort=updated")[0] == JETSTACK);
}

#[tokio::test]
async fn a_long_list_has_pages_with_every_story_on_exactly_one() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let submitted: BTreeSet<String> = (0..45).map(|n| client.submit(&story(&format!("Paged {n}")))).collect();
    eventually(Duration::from_secs(3), "all indexed", || client.finds("paged").len() == 45);
    for query in ["", "q=paged&", "sort=title&"] {
        let mut seen = Vec::new();
        let mut next = Some(format!("/stories?{query}"));
        let mut ranges = Vec::new();
        while let Some(link) = next {
            let page = client.get(&link);
            assert_eq!(total(&page), 45);
            seen.extend(hits(&page));
            ranges.push(page.texts(".results-total > span").concat().trim_start_matches([',', ' ']).to_owned());
            assert_eq!(page.texts(".pages [aria-current=page]"), [ranges.len().to_string()]);
            next = page.attributes(".pages a[rel=next]", "href").into_iter().next();
        }
        assert_eq!(ranges, ["1–20", "21–40", "41–45"], "{query}");
        assert_eq!(seen.len(), 45, "{query}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), submitted, "{query}");
    }
    let beyond = client.get("/stories?page=9");
    assert_eq!(beyond.status, 200);
    assert_eq!(beyond.attributes(".empty a", "href"), ["/stories?page=3"]);
    assert_eq!(client.get("/stories?page=4294967295").status, 200);
}

#[tokio::test]
async fn a_search_marks_the_words_in_title_and_snippets() {
    let (node, _database) = server::with_library().await;
    let page = node.client.get("/stories?q=webhook+upgrade");
    assert_eq!(hits(&page)[0], JETSTACK);
    let first = page.texts(".hit:first-of-type .hit-title mark");
    assert!(first.iter().any(|mark| mark.eq_ignore_ascii_case("webhook")), "{first:?}");
    let snippets = page.texts(".hit-snippet mark");
    assert!(snippets.iter().any(|mark| mark.to_lowercase().contains("webhook")), "{snippets:?}");
    assert_eq!(page.attributes("#browse-query", "value"), ["webhook upgrade"]);
    let page = node.client.get("/stories?q=%E5%9C%B0%E5%9D%80%E6%AE%B5");
    assert_eq!(hits(&page).first().map(String::as_str), Some(LOVEHOLIDAYS));
    assert!(page.texts("mark").concat().contains("地址"), "{:?}", page.texts("mark"));
}

#[tokio::test]
async fn the_query_language_narrows_lists() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let found = |query: &str| {
        let query = serde_html_form::to_string([("q", query)]).expect("query");
        let mut found = listed(client, &query);
        found.sort();
        found
    };
    assert_eq!(found("tech:redis"), [MOONLIGHT]);
    assert_eq!(found("tech:eks tech:redis"), [MINDTICKLE, MOONLIGHT]);
    assert_eq!(found("tech:gke severity:sev2"), [JETSTACK]);
    assert_eq!(found("year:>2018"), [MINDTICKLE, MOONLIGHT]);
    assert_eq!(found("year:2018..2019"), [JW_PLAYER, MOONLIGHT]);
    assert_eq!(found("org:\"JW Player\""), [JW_PLAYER]);
    assert_eq!(found("kubernetes -tech:gke"), [JW_PLAYER, MINDTICKLE]);
    assert_eq!(found("\"Weave Scope\""), [JW_PLAYER]);
    assert_eq!(found("\"Scope Weave\""), Vec::<String>::new());
    assert_eq!(found("-kubernetes"), Vec::<String>::new());
    assert_eq!(found("category:scheduling"), [MOONLIGHT]);
    assert_eq!(found("webh").first().map(String::as_str), Some(JETSTACK), "the last word may be unfinished");
    // What is no qualifier is words; nothing is a mistake.
    for odd in ["tech:", "severity:sev9", "year:x..y", "\"", "-", "--", "AND OR NOT", "((", "a:b:c", "*", "~", "[", "^"]
    {
        found(odd);
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_used_is_named() {
    let (node, _database) = server::with_library().await;
    for (query, name) in [
        ("page=0", "page"),
        ("page=abc", "page"),
        ("page=-1", "page"),
        ("page=99999999999999999999", "page"),
        ("sort=upwards", "sort"),
        ("category=kapacity", "category"),
        ("severity=high", "severity"),
        ("year=x", "year"),
        ("technology=a%2Fb", "technology"),
        ("organization=a%0Ab", "organization"),
    ] {
        for path in ["/stories", "/patterns"] {
            if path == "/patterns" && !["page", "sort", "category", "technology"].contains(&name) {
                continue;
            }
            let page = node.client.get(&format!("{path}?{query}"));
            assert_eq!(page.status, 400, "{path}?{query}");
            let lead = page.texts(".lead").concat();
            assert!(lead.contains(&format!("\"{name}\"")), "{path}?{query}: {lead}");
            assert_inert(query, &page);
        }
    }
    // Forms send empty values.
    assert_eq!(node.client.get("/stories?q=&category=&page=&sort=").status, 200);
}

#[tokio::test]
async fn the_stories_of_a_pattern_are_a_list_with_an_address_and_a_chip() {
    let (node, _database) = server::with_library().await;
    let list = node.client.get("/stories?pattern=pod-ip-range-exhausted");
    assert_eq!(list.status, 200);
    let links = list.attributes("main h2 a, main h3 a", "href");
    assert_eq!(links, ["/stories/loveholidays-gke-pod-ip-exhaustion"]);
    assert!(list.texts(".chip").join(" ").contains("Pattern pod ip range exhausted"), "{:?}", list.texts(".chip"));
    let listed = node.client.get("/api/v1/stories?pattern=pod-ip-range-exhausted").json();
    assert_eq!(listed["total"], 1);
    assert_eq!(node.client.get("/stories?pattern=Not%20a%20slug").status, 400);
    let none = node.client.get("/api/v1/stories?pattern=no-such-pattern").json();
    assert_eq!(none["total"], 0);
}
