//! Reading a story: its page, its Markdown file and its detection rules as files.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::error::PageError;
use super::failure::{self, Found, TimelineRow};
use super::keeping::{self, Around};
use super::page::{Section, Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::matching::{Card, Link};
use crate::domain::{
    Entry, FailureId, FailureKind, Language, Markdown, Permission, Record, RevisionNumber, Slug, Status, Story,
    Translation,
};
use crate::markdown::SafeHtml;
use crate::story_file;

/// How many related stories and patterns a page shows.
const RELATED: usize = 4;

/// Adds the routes. `/stories/new` and the like must have been added before: `{slug}` takes every word.
pub(super) fn routes() -> Vec<At> {
    vec![
        at("/stories/{slug}.md").get(Permission::Read, markdown_file),
        at("/stories/{slug}/rules/{number}").get(Permission::Read, rule_file),
        at("/stories/{slug}").get(Permission::Read, show),
    ]
}

async fn show(
    state: web::Data<AppState>,
    shell: Shell,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    // The form leads here after a save.
    let shown = if request.query_string() == "saved=1" { Shown::JustSaved } else { Shown::Newest };
    match failure::find(&state, FailureKind::Story, &slug).await? {
        Found::Here(record) => {
            let mut around = keeping::read(&state, shell.member(), &record).await;
            if shown == Shown::JustSaved {
                around.since = None;
            }
            page(&state, shell, *record, shown, around).await
        }
        Found::Moved(slug) => Ok(failure::moved(FailureKind::Story, &slug, "")),
        Found::Withdrawn(gone) => gone.page(&state, shell).await,
        Found::Missing => failure::missing(&state, shell, FailureKind::Story, &slug).await,
    }
}

async fn markdown_file(state: web::Data<AppState>, slug: web::Path<String>) -> Result<HttpResponse, PageError> {
    match failure::find(&state, FailureKind::Story, &slug).await? {
        Found::Here(record) => {
            let entry = expect_story(*record)?;
            let text = story_file::print_story(&entry.content);
            Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(text))
        }
        Found::Moved(slug) => Ok(failure::moved(FailureKind::Story, &slug, ".md")),
        Found::Withdrawn(gone) => gone.led_on(".md"),
        Found::Missing => Err(PageError::NotFound(format!("story called {slug}"))),
    }
}

async fn rule_file(state: web::Data<AppState>, path: web::Path<(String, String)>) -> Result<HttpResponse, PageError> {
    let (slug, number) = path.into_inner();
    let number = failure::rule_number(&number)?;
    match failure::find(&state, FailureKind::Story, &slug).await? {
        Found::Here(record) => failure::rule_file(record.slug(), &record.failure().rules, number),
        Found::Moved(slug) => Ok(failure::moved(FailureKind::Story, &slug, &format!("/rules/{number}"))),
        Found::Withdrawn(gone) => Err(gone.refusal()),
        Found::Missing => Err(PageError::NotFound(format!("story called {slug}"))),
    }
}

/// On what occasion a story is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// As it stands.
    Newest,
    /// As it stands, to whoever just saved it.
    JustSaved,
    /// As it once was; the newest revision is this one.
    Earlier(RevisionNumber),
    /// As it would be, to whoever writes it: nothing of it has an address yet.
    Preview,
}

/// The page of a story as of some revision, with what is said around it.
pub(super) async fn page(
    state: &AppState,
    shell: Shell,
    record: Record,
    shown: Shown,
    around: Around,
) -> Result<HttpResponse, PageError> {
    let entry = expect_story(record)?;
    let (patterns, related) = beside(state, &shell, &entry).await?;
    render(&StoryPage { shell: shell.at(Section::Stories), entry, shown, patterns, related, around }, StatusCode::OK)
}

/// The content of the page that a story would have, for whoever writes or reviews it. Where the index cannot be asked,
/// its patterns are named by their addresses.
pub(super) async fn preview(state: &AppState, shell: Shell, id: FailureId, story: Story) -> Result<String, PageError> {
    let now = state.clock.now();
    let slug = Slug::from_title(story.failure.title.as_str(), "story");
    let entry = Entry {
        id,
        slug,
        status: Status::Draft,
        revision: RevisionNumber::FIRST,
        created_at: now,
        updated_at: now,
        published_at: None,
        content: story,
    };
    let by_address = |slug: &Slug| Link { title: slug.to_string(), slug: slug.clone() };
    let (patterns, related) = beside(state, &shell, &entry)
        .await
        .unwrap_or_else(|_away| (entry.content.patterns.iter().map(by_address).collect(), Vec::new()));
    let page = StoryPage { shell, entry, shown: Shown::Preview, patterns, related, around: Around::default() };
    Ok(page.as_main().render()?)
}

/// What stands beside a story: its patterns by their titles, and what is related to it.
async fn beside(state: &AppState, shell: &Shell, entry: &Entry<Story>) -> Result<(Vec<Link>, Vec<Card>), PageError> {
    let (id, slugs) = (entry.id, entry.content.patterns.clone());
    let spoken = shell.spoken.clone();
    state
        .searching(move |index| {
            let mut related = index.related(id, RELATED + slugs.len())?;
            // Its own patterns stand among the facts already.
            related.retain(|card| card.kind == FailureKind::Story || !slugs.contains(&card.slug));
            related.truncate(RELATED);
            spoken.tell(&mut related);
            let named = |slug| {
                let mut card = index.card(FailureKind::Pattern, &slug)?;
                spoken.tell(card.as_mut());
                Ok(Link { title: card.map_or_else(|| slug.to_string(), |card| card.title), slug })
            };
            Ok((slugs.into_iter().map(named).collect::<Result<Vec<_>, _>>()?, related))
        })
        .await
}

/// A record that was looked for among stories.
pub(super) fn expect_story(record: Record) -> Result<Entry<Story>, PageError> {
    match record {
        Record::Story(entry) => Ok(entry),
        Record::Pattern(entry) => Err(PageError::Internal(format!("pattern {} was found as a story", entry.id).into())),
    }
}

#[derive(Template)]
#[template(path = "story/page.html", blocks = ["main"])]
struct StoryPage {
    shell: Shell,
    entry: Entry<Story>,
    shown: Shown,
    patterns: Vec<Link>,
    related: Vec<Card>,
    around: Around,
}

impl StoryPage {
    /// The number of the newest revision, where this is not it.
    fn newest(&self) -> Option<RevisionNumber> {
        match self.shown {
            Shown::Earlier(newest) => Some(newest),
            Shown::Newest | Shown::JustSaved | Shown::Preview => None,
        }
    }

    /// Whether it is what everybody finds at its address.
    fn is_live(&self) -> bool {
        matches!(self.shown, Shown::Newest | Shown::JustSaved)
    }

    fn path(&self) -> String {
        format!("/stories/{}", self.entry.slug)
    }

    fn noun(&self) -> &'static str {
        failure::noun_of(FailureKind::Story)
    }

    fn html(&self, text: &Markdown) -> SafeHtml {
        failure::prose(text)
    }

    /// What stands there in the reader's language.
    fn told(&self) -> Option<&Translation> {
        self.shell.spoken.choose(&self.entry.content.failure.translations)
    }

    /// The same, where the summary is translated too.
    fn told_summary(&self) -> Option<&Translation> {
        self.told().filter(|told| !told.summary.is_empty())
    }

    fn timeline(&self) -> Vec<TimelineRow<'_>> {
        failure::timeline(&self.entry.content.timeline)
    }

    fn language<'a>(&self, language: &'a Language) -> &'a str {
        failure::language_name(language)
    }

    /// The headings that this story has, as anchor and words.
    fn sections(&self) -> Vec<(&'static str, &'static str)> {
        let story = &self.entry.content;
        let failure = &story.failure;
        [
            ("summary", "Summary", true),
            ("symptom", "Symptom", true),
            ("impact", "Impact", !story.incident.impact.is_empty()),
            ("root-cause", "Root cause", true),
            ("remediation", "Remediation", true),
            ("timeline", "Timeline", !story.timeline.is_empty()),
            ("checks", "How to be sure", !failure.checks.is_empty()),
            ("detection-rules", "Detection rules", !failure.rules.is_empty()),
            ("lessons", "Lessons", !story.lessons.is_empty()),
            ("action-items", "Action items", !story.action_items.is_empty()),
            ("references", "References", !failure.references.is_empty() || failure.provenance.is_some()),
            ("translations", "Translations", !failure.translations.is_empty()),
            ("facts", "Facts looked up", !story.facts.is_empty()),
            ("related", "Related", !self.related.is_empty() && self.is_live()),
        ]
        .into_iter()
        .filter_map(|(anchor, label, is_there)| is_there.then_some((anchor, label)))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{FromRequest, test, web};

    use crate::domain::input::StoryInput;
    use crate::domain::{Record, RevisionNumber};
    use crate::web::browse::tests::{link, page_of, published, state, texts};
    use crate::web::page::Shell;

    const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>";

    fn hostile() -> Record {
        let input = serde_json::json!({
            "title": HOSTILE, "category": "dns", "technologies": ["c++"], "organization": HOSTILE, "summary": HOSTILE,
            "symptom": HOSTILE, "root_cause": HOSTILE, "remediation": HOSTILE, "impact": HOSTILE, "lessons": HOSTILE,
            "duration": HOSTILE, "started_at": "2019-02", "contributing_factors": [HOSTILE],
            "timeline": [{"at": HOSTILE, "marker": "key", "text": HOSTILE}],
            "action_items": [{"text": HOSTILE, "owner": HOSTILE}],
            "rules": [{"kind": "log", "name": HOSTILE, "text": HOSTILE, "fires_on": [HOSTILE, HOSTILE],
                       "silent_on": [HOSTILE], "also_fires": [{"on": "patterns/x", "because": HOSTILE}]}],
            "checks": [{"command": HOSTILE, "means": HOSTILE, "apart_from": "patterns/x"}],
            "provenance": {"id": HOSTILE, "author": HOSTILE, "license": HOSTILE},
            "references": [{"kind": "report", "title": HOSTILE, "url": "https://example.com/", "language": "en"}],
            "translations": [{"language": "ar", "title": HOSTILE, "summary": HOSTILE, "symptom": HOSTILE}],
            "facts": [{"claim": HOSTILE, "source": "https://example.com/", "passage": HOSTILE}],
        });
        published(serde_json::from_value::<StoryInput>(input).expect("shape").parse().expect("a story"))
    }

    async fn shown(record: Record, newest: Option<RevisionNumber>) -> scraper::Html {
        let state = web::Data::new(state(std::slice::from_ref(&record)));
        let request = test::TestRequest::get().app_data(state.clone()).to_http_request();
        let shell = Shell::extract(&request).await.expect("a shell");
        let shown = newest.map_or(super::Shown::Newest, super::Shown::Earlier);
        page_of(super::page(&state, shell, record, shown, super::Around::default()).await.expect("a page")).await
    }

    #[actix_web::test]
    async fn whatever_is_written_in_any_field_is_shown_as_text() {
        let page = shown(hostile(), None).await;
        assert_eq!(texts(&page, "h1"), [HOSTILE]);
        assert!(texts(&page, "main script, main img").is_empty());
        let shown = page.root_element().text().filter(|text| text.contains("alert(1)")).count();
        assert!(shown >= 30, "only {shown} of the fields are there");
    }

    #[actix_web::test]
    async fn every_heading_of_the_contents_is_on_the_page() {
        let page = shown(hostile(), None).await;
        let anchors = texts(&page, ".contents a");
        assert_eq!(anchors.len(), 13);
        assert_eq!(anchors, texts(&page, ".record-body h2"));
        assert_eq!(texts(&page, ".record-body h2[id] a[href^='#']").len(), 13);
        assert_eq!(texts(&page, "[lang=ar][dir=auto]").len(), 1);
        assert_eq!(link(&page, ".facts-box .tag").as_deref(), Some("/stories?technology=c%2B%2B"));
        assert_eq!(texts(&page, ".facts-box time[datetime='2019-02']"), ["February 2019"]);
    }

    #[actix_web::test]
    async fn what_a_rule_was_tried_on_is_folded_below_it() {
        let page = shown(hostile(), None).await;
        assert_eq!(texts(&page, ".rule-examples > summary"), ["Fires on 2 examples, silent on 1"]);
        assert_eq!(texts(&page, ".rule-examples .example"), [HOSTILE; 3]);
        assert!(texts(&page, "details.rule-examples[open]").is_empty());
        assert_eq!(texts(&page, ".rule-also"), [format!("Also fires on patterns/x: {HOSTILE}")]);
        assert_eq!(link(&page, ".check-apart a").as_deref(), Some("/patterns/x"));
        assert_eq!(texts(&page, ".provenance"), [format!("Text by {HOSTILE}, {HOSTILE}, after {HOSTILE}")]);
    }

    #[actix_web::test]
    async fn a_reader_of_another_language_gets_title_summary_and_symptom_in_it() {
        let record = published(
            serde_json::from_value::<StoryInput>(serde_json::json!({
                "title": "Pods without addresses", "category": "capacity", "organization": "Example",
                "summary": "The range was used up.", "symptom": "Pods hung.", "root_cause": "r", "remediation": "r",
                "translations": [{"language": "zh", "title": "没有地址的 Pod", "summary": "地址用完了。", "symptom": "卡住了。"}],
            }))
            .expect("shape")
            .parse()
            .expect("a story"),
        );
        let state = web::Data::new(state(std::slice::from_ref(&record)));
        let request = test::TestRequest::get()
            .app_data(state.clone())
            .insert_header(("accept-language", "zh-CN,zh;q=0.9,en;q=0.8"))
            .to_http_request();
        let shell = Shell::extract(&request).await.expect("a shell");
        let page = page_of(
            super::page(&state, shell, record.clone(), super::Shown::Newest, super::Around::default())
                .await
                .expect("a page"),
        )
        .await;
        assert_eq!(texts(&page, "h1[lang=zh]"), ["没有地址的 Pod"]);
        assert_eq!(texts(&page, ".title-original[lang=en]"), ["Pods without addresses"]);
        assert_eq!(texts(&page, ".lead-section [lang=zh] p"), ["地址用完了。"]);
        assert!(texts(&page, "#original [lang=en] p").contains(&"Pods hung.".to_owned()));
        let english = shown(record, None).await;
        assert_eq!(texts(&english, "h1"), ["Pods without addresses"]);
        assert!(texts(&english, "#original").is_empty());
    }

    #[actix_web::test]
    async fn an_earlier_revision_says_so_and_leads_to_the_newest() {
        let page = shown(hostile(), Some(RevisionNumber(3))).await;
        assert!(texts(&page, ".notice-earlier")[0].starts_with("Revision 1 of 3"));
        assert!(link(&page, ".notice-links a[href$='/revisions/1..3']").is_some());
        assert!(link(&page, ".record-actions a[href$='/edit']").is_none());
    }
}
