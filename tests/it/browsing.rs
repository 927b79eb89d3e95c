//! Reading: lists with their facets, pages of stories and patterns, histories, and what every answer has in common.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use casebook::domain::Markdown;
use casebook::service::library;
use casebook::{markdown, story_file};
use scraper::{Html, Selector};

use crate::database::TestDatabase;
use crate::server::{self, Answer, Client, Node, NodeOptions, eventually, story};
use crate::submitting::{fields, send, set};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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
const LOVEHOLIDAYS: &str = "loveholidays-gke-pod-ip-exhaustion";
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
    let kept = page.attributes(".browse-search input[type=hidden]", "value");
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
async fn an_address_without_a_record_offers_ways_onward() {
    let (node, _database) = server::with_library().await;
    let page = node.client.get("/stories/gke-pod-ip-exhaustion-at-loveholidays");
    assert_eq!(page.status, 404);
    let links = page.attributes("main a", "href");
    assert!(links.contains(&format!("/stories/{LOVEHOLIDAYS}")), "{links:?}");
    assert!(!page.attributes("main form[role=search]", "action").is_empty());
    assert_eq!(node.client.get("/patterns/no-such-pattern").status, 404);
    let page = node.client.get("/no/such/page");
    assert_eq!(page.status, 404);
    assert!(page.attributes("main a", "href").contains(&"/stories".to_owned()));
    for kind in ["patterns", "stories"] {
        for rest in ["", ".md", "/revisions", "/revisions/1", "/revisions/1..2", "/rules/1"] {
            assert_eq!(node.client.get(&format!("/{kind}/no-such-record{rest}")).status, 404, "/{kind}{rest}");
        }
    }
    for rest in ["/revisions/0", "/revisions/9", "/revisions/x", "/revisions/1..9", "/rules/0", "/rules/99", "/rules/x"]
    {
        assert_eq!(node.client.get(&format!("/stories/{LOVEHOLIDAYS}{rest}")).status, 404, "{rest}");
    }
    assert_eq!(node.client.get(&format!("/patterns/{LOVEHOLIDAYS}")).status, 404, "a story is no pattern");
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What Markdown says once it is rendered.
fn rendered(text: &Markdown) -> String {
    let html = Html::parse_fragment(&markdown::to_html(text.as_str()).to_string());
    squeezed(&html.root_element().text().collect::<String>())
}

#[tokio::test]
async fn a_story_page_shows_every_field_of_every_seed_story() {
    let (node, _database) = server::with_library().await;
    let (library, _) = library::built_in();
    for (slug, story, _) in &library.stories {
        let page = node.client.get(&format!("/stories/{slug}"));
        let (failure, incident) = (&story.failure, &story.incident);
        assert_eq!(page.texts("h1"), [failure.title.as_str()]);
        let whole = page.texts("main").concat();
        let says = |text: &str| assert!(whole.contains(&squeezed(text)), "{slug} does not say: {text}");
        for text in [
            &failure.summary,
            &failure.symptom,
            &failure.root_cause,
            &failure.remediation,
            &incident.impact,
            &story.lessons,
        ] {
            says(&rendered(text));
        }
        for line in &failure.contributing_factors {
            says(line.as_str());
        }
        says(incident.organization.as_str());
        for label in [
            incident.severity.map(|it| it.label()),
            incident.trigger.map(|it| it.label()),
            incident.detected_by.map(|it| it.label()),
            Some(failure.category.label()),
        ] {
            says(label.unwrap_or_default());
        }
        for moment in [incident.started_at, incident.detected_at, incident.resolved_at].into_iter().flatten() {
            says(&moment.for_people());
            assert!(page.attributes("time", "datetime").contains(&moment.to_string()), "{slug}: {moment}");
        }
        says(&incident.duration_for_people().unwrap_or_default());
        assert_eq!(
            page.texts(".facts-box .tag"),
            failure.technologies.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "{slug}"
        );
        let rows = page.texts(".timeline-row");
        assert_eq!(rows.len(), story.timeline.len(), "{slug}");
        for (row, entry) in rows.iter().zip(&story.timeline) {
            assert!(row.contains(&rendered(&entry.text)), "{slug}: {row}");
            assert!(entry.marker.is_none_or(|marker| row.contains(marker.label())), "{slug}: {row}");
        }
        let codes = Selector::parse("figure.rule code").expect("selector");
        let html = page.html();
        let shown: Vec<String> = html.select(&codes).map(|code| code.text().collect()).collect();
        let written: Vec<&str> = failure.rules.iter().map(|rule| rule.text.as_str()).collect();
        assert_eq!(shown, written, "{slug}: rules are shown to the letter");
        assert_eq!(page.texts(".rule-name"), failure.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>());
        for (number, rule) in failure.rules.iter().enumerate() {
            let file = node.client.get(&format!("/stories/{slug}/rules/{}", number + 1));
            assert_eq!((file.status, file.text.trim_end()), (200, rule.text.as_str().trim_end()));
            assert!(file.header("content-disposition").starts_with("attachment"), "{slug}");
        }
        let links = page.attributes(".references a", "href");
        assert_eq!(links, failure.references.iter().map(|it| it.url.as_str()).collect::<Vec<_>>(), "{slug}");
        assert!(page.attributes(".references a", "rel").iter().all(|rel| rel == "nofollow noopener"), "{slug}");
        assert_eq!(page.attributes(".references a", "rel").len(), links.len());
        for translation in &failure.translations {
            let inside = format!("[lang='{}']", translation.language);
            let text = page.texts(&inside).concat();
            assert!(text.contains(translation.title.as_str()), "{slug} {inside}");
            assert!(text.contains(&rendered(&translation.symptom)), "{slug} {inside}");
        }
        assert!(!failure.translations.is_empty(), "{slug} has no translation to look for");
        assert_eq!(page.texts(".action-items .action-text").len(), story.action_items.len(), "{slug}");
        for pattern in &story.patterns {
            let links = page.attributes(".facts-box a", "href");
            assert!(links.contains(&format!("/patterns/{pattern}")), "{slug}: {links:?}");
        }
    }
    assert_eq!(library.stories.len(), 5);
}

#[tokio::test]
async fn a_pattern_page_lists_its_stories_and_has_every_field() {
    let (node, _database) = server::with_library().await;
    let (library, _) = library::built_in();
    for (slug, pattern, _) in &library.patterns {
        let page = node.client.get(&format!("/patterns/{slug}"));
        assert_eq!(page.texts("h1"), [pattern.failure.title.as_str()]);
        let whole = page.texts("main").concat();
        for alias in &pattern.aliases {
            assert!(whole.contains(alias.as_str()), "{slug}: {alias}");
        }
        let failure = &pattern.failure;
        for text in [&failure.summary, &failure.symptom, &failure.root_cause, &failure.remediation] {
            assert!(whole.contains(&rendered(text)), "{slug}: {text}");
        }
        let of_it = library.stories.iter().filter(|(_, story, _)| story.patterns.contains(slug));
        let of_it: BTreeSet<String> = of_it.map(|(story, ..)| format!("/stories/{story}")).collect();
        assert!(!of_it.is_empty(), "{slug} has no story");
        let links: BTreeSet<String> = page.attributes(".card-title a", "href").into_iter().collect();
        assert_eq!(links, of_it, "{slug}");
    }
}

#[tokio::test]
async fn the_markdown_of_a_story_is_the_file_it_came_from() {
    let (node, _database) = server::with_library().await;
    let (library, _) = library::built_in();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    for (slug, story, facts) in &library.stories {
        let file = node.client.get(&format!("/stories/{slug}.md"));
        assert_eq!(file.header("content-type"), "text/markdown; charset=utf-8");
        assert_eq!(file.text, std::fs::read_to_string(root.join(&facts.path)).expect("read"), "{slug}");
        assert_eq!(file.text, story_file::print_story(story));
    }
    for (slug, _, facts) in &library.patterns {
        let file = node.client.get(&format!("/patterns/{slug}.md"));
        assert_eq!(file.text, std::fs::read_to_string(root.join(&facts.path)).expect("read"), "{slug}");
    }
}

#[tokio::test]
async fn a_story_that_was_changed_has_a_history_that_can_be_compared() {
    let (node, _database) = server::empty().await;
    let client = &node.client;
    let mut first = story("A history");
    first["root_cause"] = "The quick brown fox jumps over the lazy dog.".into();
    let slug = client.submit(&first);
    let path = format!("/stories/{slug}");
    let edit = format!("{path}/edit");
    for (name, value, note) in
        [("root_cause", "The quick red fox jumps over the lazy dog.", "Its colour"), ("lessons", "Foxes jump.", "")]
    {
        let mut form = fields(&client.get(&edit));
        set(&mut form, name, value);
        set(&mut form, "note", note);
        set(&mut form, "action", "save");
        assert_eq!(send(client, &edit, &form).status, 303);
    }
    let history = client.get(&format!("{path}/revisions"));
    let heads = history.attributes(".revision-head a", "href");
    assert_eq!(heads, [path.clone(), format!("{path}/revisions/2"), format!("{path}/revisions/1")]);
    assert_eq!(history.texts(".revision-note"), ["Its colour"]);
    assert_eq!(history.attributes("input[name=from][checked]", "value"), ["2"]);
    assert_eq!(history.attributes("input[name=to][checked]", "value"), ["3"]);

    let chosen = client.get(&format!("{path}/revisions?from=2&to=1"));
    assert_eq!((chosen.status, chosen.header("location")), (303, format!("{path}/revisions/1..2").as_str()));
    let compared = client.get(chosen.header("location"));
    assert_eq!(compared.attributes(".diff-field", "id"), ["diff-root_cause"], "only what changed");
    let word = |selector: &str| compared.texts(selector).concat().replace("[removed:", "").replace("[added:", "");
    assert_eq!(word("#diff-root_cause del").trim_matches([' ', ']']), "brown");
    assert_eq!(word("#diff-root_cause ins").trim_matches([' ', ']']), "red");
    let both = client.get(&format!("{path}/revisions/1..3"));
    assert_eq!(both.attributes(".diff-field", "id"), ["diff-root_cause", "diff-lessons"]);

    let old = client.get(&format!("{path}/revisions/1"));
    assert!(old.texts(".notice-earlier").concat().contains("Revision 1 of 3"));
    assert!(old.texts("main").concat().contains("brown fox"));
    assert!(old.attributes(&format!("a[href='{edit}']"), "href").is_empty(), "only the newest can be edited");
    assert_eq!(client.get(&format!("{path}/revisions/3")).header("location"), path);
    for page in [history, compared, old] {
        assert_inert("history", &page);
        assert_joined("history", &page);
    }
}

#[tokio::test]
async fn every_page_that_can_be_reached_by_a_link_is_there_and_harmless() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let mut waiting: VecDeque<(String, String)> = VecDeque::from([("/".to_owned(), "the start".to_owned())]);
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut assets = BTreeSet::new();
    let mut pages = 0;
    while let Some((path, from)) = waiting.pop_front() {
        let page = client.get(&path);
        assert!([200, 301, 303].contains(&page.status), "{path}, linked from {from}: {}", page.status);
        let redirect = page.header("location").to_owned();
        let mut links = if redirect.is_empty() { Vec::new() } else { vec![redirect] };
        if page.header("content-type").starts_with("text/html") && page.status == 200 {
            pages += 1;
            assert_inert(&path, &page);
            assert_joined(&path, &page);
            links.extend(page.attributes("a[href], link[href]", "href"));
            assets.extend(page.attributes("link[rel=stylesheet], link[rel=icon]", "href"));
            assets.extend(page.attributes("script", "src"));
            assets.extend(page.attributes("img", "src"));
        }
        for link in links {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            // Two filters at once lead to pages like those with one.
            let is_ours = link.starts_with('/') && link.matches('=').count() <= 1;
            if is_ours && !link.starts_with("/static/") && seen.insert(link.clone()) {
                waiting.push_back((link, path.clone()));
            }
        }
    }
    assert!(pages > 60, "only {pages} pages were reached");
    assert!(seen.contains("/stories/new") && seen.contains("/opensearch.xml"), "{seen:?}");
    for asset in &assets {
        assert!(is_hashed(asset), "{asset}");
        let file = client.get(asset);
        assert_eq!(
            (file.status, file.header("cache-control")),
            (200, "public, max-age=31536000, immutable"),
            "{asset}"
        );
        let kind = match asset.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(file.header("content-type"), kind, "{asset}");
    }
    assert!(assets.len() >= 5, "{assets:?}");
    let other = assets.first().expect("an asset").replacen('.', ".00000000.", 1);
    assert_eq!(client.get(&other).status, 404);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_the_reader() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    let page = client.get("/");
    let asset = page.attributes("script", "src").remove(0);
    let mut answers = Vec::new();
    for path in [
        "/",
        "/stories",
        "/stories/new",
        "/patterns",
        "/about",
        "/healthz",
        "/readyz",
        "/robots.txt",
        "/opensearch.xml",
        "/favicon.ico",
        asset.as_str(),
        "/static/none.css",
        "/nowhere",
        "/stories?page=x",
        "/stories/none",
        "/api/v1/search?q=x",
        "/api/v1/stories/none",
        "/api/v1/nowhere",
        "/%00",
        "/%ff",
        "/stories/moonlight-pods-on-one-node.md",
        "/stories/moonlight-pods-on-one-node/revisions/1",
    ] {
        answers.push((format!("GET {path}"), client.get(path)));
    }
    answers.push(("HEAD /".to_owned(), client.request("HEAD", "/", &[], None).expect("answer")));
    for (method, path) in [("DELETE", "/"), ("PUT", "/api/v1/stories"), ("OPTIONS", "/stories"), ("POST", "/about")] {
        let body: Option<&[u8]> = (method == "POST" || method == "PUT").then_some(b"");
        answers.push((format!("{method} {path}"), client.request(method, path, &[], body).expect("answer")));
    }
    let headers = [("host", "evil.example")];
    answers.push(("another name".to_owned(), client.request("GET", "/", &headers, None).expect("answer")));
    answers.push(("a redirect".to_owned(), client.post_form("/", &[("evidence", "pods pending")])));
    for (what, answer) in answers {
        let what = format!("{what} ({})", answer.status);
        assert_eq!(answer.header("content-security-policy"), POLICY, "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{what}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{what}");
        assert_ne!(answer.header("cache-control"), "", "{what}");
        assert_eq!(answer.header("server"), "", "{what}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
        assert_eq!(answer.headers.get_all("content-security-policy").iter().count(), 1, "{what}");
    }
}

#[tokio::test]
async fn head_is_answered_like_get_without_the_body() {
    let (node, _database) = server::with_library().await;
    for path in [
        "/",
        "/stories?q=webhook",
        "/stories/moonlight-pods-on-one-node",
        "/stories/none",
        "/about",
        "/healthz",
        "/robots.txt",
        "/api/v1/search?q=webhook",
        "/api/v1/stories/none",
        "/stories?page=x",
        "/stories/moonlight-pods-on-one-node.md",
    ] {
        let get = node.client.get(path);
        let head = node.client.request("HEAD", path, &[], None).expect("answer");
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.text, "", "{path}");
        let names = |answer: &Answer| -> BTreeMap<String, String> {
            let headers = answer
                .headers
                .iter()
                .filter(|(name, _)| !["date", "set-cookie", "content-length"].contains(&name.as_str()));
            headers.map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned())).collect()
        };
        assert_eq!(names(&head), names(&get), "{path}");
    }
}

#[tokio::test]
async fn those_who_watch_the_server_are_told_how_it_is() {
    let (node, _database) = server::with_library().await;
    let health = node.client.get("/healthz");
    assert_eq!((health.status, health.text.as_str()), (200, "ok"));
    let ready = node.client.get("/readyz");
    assert_eq!(ready.status, 200);
    let ready = ready.json();
    assert_eq!((&ready["ready"], &ready["database"], &ready["index"]), (&true.into(), &"ok".into(), &"ok".into()));
    let robots = node.client.get("/robots.txt");
    assert_eq!((robots.status, robots.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(robots.text.contains("User-agent: *") && robots.text.contains("Disallow: /api/"), "{}", robots.text);
}

#[tokio::test]
async fn a_reader_gets_no_cookie_and_the_chosen_colours_are_kept() {
    let (node, _database) = server::with_library().await;
    let client = &node.client;
    for path in ["/", "/stories", "/stories/moonlight-pods-on-one-node", "/about"] {
        assert_eq!(client.get(path).header("set-cookie"), "", "{path}");
    }
    let chosen = client.post_form("/theme", &[("theme", "dark"), ("return", "/stories?q=dns")]);
    assert_eq!((chosen.status, chosen.header("location")), (303, "/stories?q=dns"));
    assert_eq!(client.get("/stories").attributes("html", "data-theme"), ["dark"]);
    for astray in
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example"]
    {
        let answer = client.post_form("/theme", &[("theme", "light"), ("return", astray)]);
        let location = answer.header("location");
        assert!(answer.status == 400 || location == "/", "{astray} led to {location}");
    }
}

#[tokio::test]
async fn where_the_public_address_is_known_it_is_the_canonical_one() {
    let database = TestDatabase::new().await;
    let options = NodeOptions { public_url: Some("https://casebook.example.com".to_owned()), ..NodeOptions::default() };
    let node = Node::start(&database.url, options).await;
    let slug = node.client.submit(&story("Known by its address"));
    let page = node.client.get(&format!("/stories/{slug}?saved=1"));
    let canonical = page.attributes("link[rel=canonical]", "href");
    assert_eq!(canonical, [format!("https://casebook.example.com/stories/{slug}")]);
    let form = node.client.get("/stories/new");
    let cookie = form.header("set-cookie");
    assert!(cookie.starts_with("__Host-") && cookie.contains("Secure"), "{cookie}");
    let named = node.client.request("GET", "/", &[("host", "casebook.example.com")], None).expect("answer");
    assert_eq!(named.status, 200);
}

#[tokio::test]
async fn an_empty_library_says_so_and_invites_the_first_story() {
    let (node, _database) = server::empty().await;
    for path in ["/", "/stories", "/patterns", "/about", "/stories?q=dns", "/?q=dns"] {
        let page = node.client.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert_inert(path, &page);
        assert_joined(path, &page);
    }
    let page = node.client.get("/stories");
    assert!(page.attributes(".empty a", "href").contains(&"/stories/new".to_owned()));
}
