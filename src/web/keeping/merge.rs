//! Merging duplicates: the record to keep is chosen, both are seen side by side, and one address leads to the other.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Asked, Refused, check_token, done, instances, open, path, reason, see_other};
use crate::domain::matching::Card;
use crate::domain::{Actor, FailureKind, Markdown, Record, Slug};
use crate::markdown::SafeHtml;
use crate::service::keeping::{self, KeepError};
use crate::web::error::PageError;
use crate::web::extract::{Form, Query};
use crate::web::failure::{self, Found, counted, noun_of, path_of, section_of};
use crate::web::page::{Shell, render};
use crate::web::state::AppState;

/// How many records are offered as the one to keep.
const OFFERED: usize = 6;

/// The choice, in the address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    into: String,
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    into: String,
    reason: String,
}

pub(super) async fn ask(
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    slug: web::Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<HttpResponse, PageError> {
    let record = match open(&state, &shell, **kind, &slug, "/merge").await? {
        Ok(record) => record,
        Err(instead) => return Ok(instead),
    };
    if chosen.into.trim().is_empty() {
        return choose(&state, shell, record, String::new(), None).await;
    }
    match kept(&state, &record, &chosen.into).await? {
        Ok(kept) => compare(&state, shell, record, kept, Asked::default()).await,
        Err(refused) => choose(&state, shell, record, chosen.into, Some(refused)).await,
    }
}

pub(super) async fn merge(
    request: HttpRequest,
    state: web::Data<AppState>,
    kind: web::Data<FailureKind>,
    shell: Shell,
    slug: web::Path<String>,
    by: Actor,
    Form(sent): Form<Sent>,
) -> Result<HttpResponse, PageError> {
    let record = match open(&state, &shell, **kind, &slug, "/merge").await? {
        Ok(record) => record,
        Err(instead) => return Ok(instead),
    };
    let kept = match kept(&state, &record, &sent.into).await? {
        Ok(kept) => kept,
        Err(refused) => return choose(&state, shell, record, sent.into, Some(refused)).await,
    };
    let outcome = async {
        check_token(&state, &request, &sent.csrf)?;
        let reason = reason(&sent.reason)?;
        done(&state, keeping::merge(&state.database, &*state.clock, record.id(), kept.id(), &reason, &by)).await
    };
    match outcome.await {
        Ok(kept) => Ok(see_other(format!("{}/{}", path_of(record.kind()), kept.slug))),
        Err(refused) if refused.field == Some("into") => choose(&state, shell, record, sent.into, Some(refused)).await,
        Err(refused) => {
            compare(&state, shell, record, kept, Asked { reason: sent.reason, refused: Some(refused) }).await
        }
    }
}

/// The record that somebody named to be kept: by its slug, its path, or a whole address.
async fn kept(state: &AppState, record: &Record, named: &str) -> Result<Result<Record, Refused>, PageError> {
    let kind = record.kind();
    let Some(mut slug) = slug_of(kind, named) else {
        return Ok(Err(Refused::at(
            "into",
            format!("Expected the address of a {}, such as {}.", noun_of(kind), path(record)),
        )));
    };
    // A former address leads to the present one, and that of a merged record to what it was merged into.
    for _ in 0..3 {
        match failure::find(state, kind, slug.as_str()).await? {
            Found::Here(found) if found.id() == record.id() => {
                let is_this = slug_of(kind, named).as_ref() == Some(record.slug());
                return Ok(Err(Refused::from(if is_this { KeepError::Itself } else { KeepError::Circle })));
            }
            Found::Here(found) => return Ok(Ok(*found)),
            Found::Moved(present) => slug = present,
            Found::Withdrawn(gone) => match gone.kept() {
                Some(kept) => slug = kept.slug.clone(),
                None => return Ok(Err(Refused::from(KeepError::KeptWithdrawn))),
            },
            Found::Missing => break,
        }
    }
    Ok(Err(Refused::at("into", format!("There is no {} at that address.", noun_of(kind)))))
}

/// What is named by `slug`, `/stories/slug` or `https://casebook.example.com/stories/slug?q=x#y`.
fn slug_of(kind: FailureKind, named: &str) -> Option<Slug> {
    let named = named.trim();
    let bare = named.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let folder = format!("{}/", path_of(kind));
    let slug = match bare.split_once(&folder) {
        Some((_, slug)) => slug,
        None => bare.strip_prefix(&folder[1..]).unwrap_or(bare),
    };
    Slug::parse(slug).ok()
}

async fn choose(
    state: &AppState,
    shell: Shell,
    record: Record,
    into: String,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageError> {
    let (title, symptom) = (record.failure().title.to_string(), record.failure().symptom.to_string());
    let found = state.searching(move |index| index.similar(&title, &symptom, OFFERED * 2)).await?;
    let alike = found
        .into_iter()
        .filter(|one| one.card.kind == record.kind() && one.card.id != record.id())
        .take(OFFERED)
        .map(|one| Alike { percent: percent(one.similarity), card: one.card })
        .collect();
    let asked = Asked { reason: String::new(), refused };
    let status = asked.status();
    let shell = shell.at(section_of(record.kind()));
    render(&ChoosePage { shell, record, alike, into, asked }, status)
}

/// How alike, from 0 to 1, for people.
fn percent(similarity: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
    let percent = (similarity.clamp(0.0, 1.0) * 100.0).round() as u8;
    percent
}

async fn compare(
    state: &AppState,
    shell: Shell,
    record: Record,
    kept: Record,
    asked: Asked,
) -> Result<HttpResponse, PageError> {
    let stories = instances(state, &record).await?;
    let status = asked.status();
    let shell = shell.at(section_of(record.kind()));
    render(&MergePage { shell, record, kept, stories, asked }, status)
}

/// A record that resembles the one to be merged.
struct Alike {
    card: Card,
    percent: u8,
}

#[derive(Template)]
#[template(path = "keeping/choose.html")]
struct ChoosePage {
    shell: Shell,
    record: Record,
    alike: Vec<Alike>,
    /// What was typed.
    into: String,
    asked: Asked,
}

impl ChoosePage {
    fn path(&self) -> String {
        path(&self.record)
    }

    fn noun(&self) -> &'static str {
        noun_of(self.record.kind())
    }
}

#[derive(Template)]
#[template(path = "keeping/merge.html")]
struct MergePage {
    shell: Shell,
    record: Record,
    kept: Record,
    /// How many published stories are instances of the one to be merged, of a pattern.
    stories: u32,
    asked: Asked,
}

/// A field of both records.
struct Beside {
    label: &'static str,
    merged: SafeHtml,
    kept: SafeHtml,
}

impl MergePage {
    fn path(&self) -> String {
        path(&self.record)
    }

    fn kept_path(&self) -> String {
        path(&self.kept)
    }

    fn noun(&self) -> &'static str {
        noun_of(self.record.kind())
    }

    fn facts(&self, record: &Record) -> String {
        let revisions = format!("revision {}", record.revision());
        match record {
            Record::Story(entry) => {
                let incident = &entry.content.incident;
                let started = incident.started_at.map(|at| at.for_people());
                let facts = [Some(incident.organization.to_string()), started, Some(revisions)];
                facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
            }
            Record::Pattern(entry) => format!("{} · {revisions}", entry.content.failure.category.label()),
        }
    }

    fn stories_that_name_it(&self) -> String {
        counted(u64::from(self.stories), "story names", "stories name")
    }

    /// The fields that tell whether both speak of the same.
    fn beside(&self) -> Vec<Beside> {
        let (merged, kept) = (self.record.failure(), self.kept.failure());
        let field = |label, merged: &Markdown, kept: &Markdown| Beside {
            label,
            merged: failure::prose(merged),
            kept: failure::prose(kept),
        };
        vec![
            field("Summary", &merged.summary, &kept.summary),
            field("Symptom", &merged.symptom, &kept.symptom),
            field("Root cause", &merged.root_cause, &kept.root_cause),
            field("Remediation", &merged.remediation, &kept.remediation),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{percent, slug_of};
    use crate::domain::FailureKind;

    #[test]
    fn a_record_is_named_by_its_slug_its_path_or_its_address() {
        for named in
            ["dns-down", " /stories/dns-down ", "stories/dns-down", "https://casebook.example/stories/dns-down/?a=b#c"]
        {
            assert_eq!(
                slug_of(FailureKind::Story, named).as_ref().map(|slug| slug.as_str()),
                Some("dns-down"),
                "{named}"
            );
        }
        for named in ["", "/patterns/dns-down", "DNS down", "/stories/"] {
            assert_eq!(slug_of(FailureKind::Story, named), None, "{named}");
        }
    }

    #[test]
    fn likeness_is_told_in_percent() {
        assert_eq!([percent(0.0), percent(0.333), percent(1.0), percent(7.0)], [0, 33, 100, 100]);
    }
}
