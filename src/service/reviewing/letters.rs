//! Who is written to about a step, and in which words.

use chrono::{DateTime, Utc};

use super::{is_by, name};
use crate::domain::{Actor, Draft, Email, ReviewStep};
use crate::service::letters;
use crate::store::review::{self, Said};
use crate::store::{Connection, StoreError};

/// Writes the letters about a step. Nobody is written to about what they did themselves.
pub(super) async fn tell(
    connection: &mut Connection,
    actor: &Actor,
    draft: &Draft,
    said: Said<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(site) = letters::site(connection, now).await? else { return Ok(()) };
    let title = match draft.title.trim() {
        "" => "a draft without a title",
        title => title,
    };
    let subject = match said.step {
        ReviewStep::Submitted => format!("Handed in for review: {title}"),
        ReviewStep::Commented => format!("Commented: {title}"),
        ReviewStep::ChangesAsked => format!("Changes asked for: {title}"),
        ReviewStep::Published => format!("Published: {title}"),
        ReviewStep::Declined => format!("Declined: {title}"),
        ReviewStep::TakenBack => return Ok(()),
    };
    let body = body(&site, actor, draft, said);
    for recipient in recipients(connection, actor, draft, said.step).await? {
        letters::write(connection, &recipient, &subject, &body, now).await?;
    }
    Ok(())
}

async fn recipients(
    connection: &mut Connection,
    actor: &Actor,
    draft: &Draft,
    step: ReviewStep,
) -> Result<Vec<Email>, StoreError> {
    if step == ReviewStep::Submitted {
        return review::reviewers(connection, actor.account()).await;
    }
    match draft.author.filter(|_| !is_by(draft, actor)) {
        Some(author) => Ok(review::address_of(connection, author).await?.into_iter().collect()),
        None => Ok(Vec::new()),
    }
}

fn body(site: &str, actor: &Actor, draft: &Draft, said: Said<'_>) -> String {
    let who = name(actor, draft);
    let what = match said.step {
        ReviewStep::Submitted if draft.base.is_some() => format!("{who} handed in a change of a story for review."),
        ReviewStep::Submitted => format!("{who} handed in a story for review."),
        ReviewStep::Commented => format!("{who} commented on your draft."),
        ReviewStep::ChangesAsked => format!("{who} asked for changes to your draft. It is yours to write on again."),
        ReviewStep::Published => format!("{who} published your draft."),
        ReviewStep::Declined => format!("{who} declined your draft."),
        ReviewStep::TakenBack => String::new(),
    };
    let field = said.field.map(|field| format!("About {}:\n", field.replace('_', " "))).unwrap_or_default();
    let quoted: String = said.words.lines().map(|line| format!("> {line}\n")).collect();
    let words = if quoted.is_empty() { String::new() } else { format!("{field}{quoted}\n") };
    let id = draft.id;
    format!("{what}\n\n{words}{site}/review/{id}\n\n-- \nWhether you get such letters, you choose at {site}/account\n")
}
