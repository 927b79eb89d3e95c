//! Pages of stories and patterns, their files and their histories.

use std::collections::BTreeSet;

use casebook::domain::{Markdown, Slug, Story};
use casebook::{markdown, story_file};
use scraper::{Html, Selector};

use super::{LOVEHOLIDAYS, assert_inert, assert_joined};
use crate::server::{self, Client, seed, story};
use crate::submitting::{fields, send, set};

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
    let library = seed();
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
        assert_lists_are_shown(&node.client, slug, story);
        for pattern in &story.patterns {
            let links = page.attributes(".facts-box a", "href");
            assert!(links.contains(&format!("/patterns/{pattern}")), "{slug}: {links:?}");
        }
    }
    assert_eq!(library.stories.len(), 5);
}

/// Checks the parts of a story's page that repeat.
fn assert_lists_are_shown(client: &Client, slug: &Slug, story: &Story) {
    let failure = &story.failure;
    let page = client.get(&format!("/stories/{slug}"));
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
        let file = client.get(&format!("/stories/{slug}/rules/{}", number + 1));
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
}

#[tokio::test]
async fn a_pattern_page_lists_its_stories_and_has_every_field() {
    let (node, _database) = server::with_library().await;
    let library = seed();
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
    let library = seed();
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
