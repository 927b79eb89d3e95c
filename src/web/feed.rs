//! Atom feeds (RFC 4287): what was published or changed of late, and the revisions of one record.

use actix_web::{HttpRequest, HttpResponse, web};
use atom_syndication::{Category, Entry, Feed, FixedDateTime, Link, Person, Text};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::about;
use super::error::PageError;
use super::failure::{self, Found};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::{FailureId, FailureKind, Permission, Record, Revision, RevisionNumber};
use crate::markdown;
use crate::store::news::{self, News};
use crate::store::revision;

pub(super) fn routes() -> Vec<At> {
    let of_record = |kind: &FailureKind| {
        let path = format!("{}/{{slug}}/feed.atom", failure::path_of(*kind));
        at(path).knowing(*kind).get(Permission::Read, of_record)
    };
    [at("/feed.atom").get(Permission::Read, latest)].into_iter().chain(FailureKind::ALL.iter().map(of_record)).collect()
}

/// How many entries a feed has at most.
const ENTRIES: usize = 50;

/// How much of a summary an entry has, in characters.
const SUMMARY: usize = 600;

async fn latest(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse, PageError> {
    let news = state.reading(async |connection| news::latest(connection, ENTRIES as i64).await).await?;
    let base = about::address(&request, &state.settings);
    let feed = Feed {
        title: Text::plain("Casebook: stories and patterns"),
        id: format!("{base}/feed.atom"),
        entries: news.iter().map(|news| of_news(news, &base)).collect(),
        ..feed_at(&base, "/feed.atom", "/stories?sort=updated")
    };
    Ok(answer(feed))
}

async fn of_record(
    request: HttpRequest,
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let kind = **kind;
    let record = match failure::find(&state, kind, &slug).await? {
        Found::Here(record) => *record,
        Found::Moved(slug) => return Ok(failure::moved(kind, &slug, "/feed.atom")),
        Found::Withdrawn(gone) => return gone.led_on("/feed.atom"),
        Found::Missing => return Err(PageError::NotFound(format!("{kind} called {slug}"))),
    };
    let mut revisions = state.reading(async |connection| revision::list(connection, record.id()).await).await?;
    revisions.truncate(ENTRIES);
    let base = about::address(&request, &state.settings);
    let path = format!("{}/{}", failure::path_of(kind), record.slug());
    let feed = Feed {
        title: plain(&format!("Revisions of {}", record.failure().title)),
        id: urn(record.id().0),
        entries: revisions.iter().map(|revision| of_revision(&record, revision, &format!("{base}{path}"))).collect(),
        ..feed_at(&base, &format!("{path}/feed.atom"), &path)
    };
    Ok(answer(feed))
}

/// What both feeds have: where they are, where their page is, and an author for all entries, as the format wants it.
fn feed_at(base: &str, path: &str, page: &str) -> Feed {
    let own = Link { rel: "self".to_owned(), mime_type: Some(ATOM.to_owned()), ..link(format!("{base}{path}")) };
    let author = Person { name: "Casebook".to_owned(), ..Person::default() };
    Feed { authors: vec![author], links: vec![own, link(format!("{base}{page}"))], ..Feed::default() }
}

fn of_news(news: &News, base: &str) -> Entry {
    let address = format!("{base}{}/{}", failure::path_of(news.kind), news.slug);
    let kind = Category { term: news.kind.as_str().to_owned(), ..Category::default() };
    let category = Category { term: xml_text(&news.category), ..Category::default() };
    Entry {
        title: plain(&news.title),
        id: urn(news.id.0),
        updated: instant(news.updated_at),
        published: news.published_at.map(instant),
        categories: vec![kind, category],
        links: vec![link(address)],
        summary: Some(plain(&markdown::excerpt(&news.summary, SUMMARY))),
        ..Entry::default()
    }
}

fn of_revision(record: &Record, revision: &Revision, address: &str) -> Entry {
    let number = revision.number;
    let said = match &revision.note {
        Some(note) => format!("{note} (by {})", revision.by),
        None => format!("Saved by {}", revision.by),
    };
    // What changed is what a reader of a feed wants to see; the first revision changed nothing.
    let page = match number {
        RevisionNumber::FIRST => format!("{address}/revisions/1"),
        RevisionNumber(n) => format!("{address}/revisions/{}..{n}", n - 1),
    };
    Entry {
        title: plain(&format!("Revision {number}: {}", revision.title)),
        id: urn(revision_id(record.id(), number)),
        updated: instant(revision.saved_at),
        links: vec![link(page)],
        summary: Some(plain(&said)),
        ..Entry::default()
    }
}

/// The id of a revision, from that of its record: of version 8, which those of records are not, with the number in its
/// last bytes.
fn revision_id(id: FailureId, number: RevisionNumber) -> Uuid {
    let mut bytes = *id.0.as_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    for (byte, of_number) in bytes[12..].iter_mut().zip(number.0.to_be_bytes()) {
        *byte ^= of_number;
    }
    Uuid::from_bytes(bytes)
}

const ATOM: &str = "application/atom+xml";

fn answer(mut feed: Feed) -> HttpResponse {
    feed.updated = feed.entries.iter().map(|entry| entry.updated).max().unwrap_or(feed.updated);
    feed.lang = Some("en".to_owned());
    HttpResponse::Ok().content_type(format!("{ATOM}; charset=utf-8")).body(feed.to_string())
}

fn urn(id: Uuid) -> String {
    id.urn().to_string()
}

fn link(href: String) -> Link {
    Link { href, rel: "alternate".to_owned(), ..Link::default() }
}

fn plain(text: &str) -> Text {
    Text::plain(xml_text(text))
}

fn instant(at: DateTime<Utc>) -> FixedDateTime {
    at.fixed_offset()
}

/// XML cannot hold every character, not even escaped (XML 1.0, section 2.2).
fn xml_text(text: &str) -> String {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if fits(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    use super::{revision_id, xml_text};
    use crate::domain::{FailureId, RevisionNumber};

    #[test]
    fn every_revision_has_an_id_of_its_own_that_no_record_has() {
        let id = FailureId::new();
        let ids: Vec<_> = (1..=300).map(|number| revision_id(id, RevisionNumber(number))).collect();
        assert!(ids.iter().all(|one| one.get_version_num() == 8));
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), 300);
        assert_eq!(ids[4], revision_id(id, RevisionNumber(5)));
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_marked() {
        assert_eq!(xml_text("a\u{1}b\u{fffe}c\td\u{10ffff}"), "a\u{fffd}b\u{fffd}c\td\u{10ffff}");
    }
}
