//! The review of a story that is being written against everything that is published.

use tokio::sync::mpsc;
use tokio::task::{JoinError, spawn_blocking};

use super::{Effect, Now, Probe, Reviewed, Trial, complaints, run_unit_tests, trials, unjustified};
use crate::domain::input::FieldError;
use crate::domain::{Entry, FailureAddress, FailureId, FailureKind, Rule, Slug, Story};
use crate::store::rule::{Ruled, with_examples};
use crate::store::{self, Connection, StoreError};

/// What came of a review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    /// The rules over their own examples.
    pub trials: Vec<Trial>,
    /// The rules over everything else, and what an edit of them changes.
    pub effect: Effect,
    /// What has to be mended before the story can be published.
    pub errors: Vec<FieldError>,
}

/// As much of a story as a review looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its rules.
    pub rules: Vec<Rule>,
    /// The patterns that it is an instance of.
    pub patterns: Vec<Slug>,
}

/// What a review is held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To show it: everything is tried.
    Try,
    /// To save: rules that are as they were saved are not tried again. What others published since is for them to
    /// justify, and no reason to refuse the mending of a typing error.
    Save,
}

/// Why a review came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that runs the rules ended early.
    #[error("the rules could not be run")]
    Thread(#[from] JoinError),
}

/// Reviews the rules of a story under the id that it has or will have, as an instance of some patterns. Everything published is read once, page by page, while the
/// rules run on a thread of their own.
pub async fn examine(
    connection: &mut Connection,
    now: Now,
    id: FailureId,
    written: Written,
    purpose: Purpose,
) -> Result<Examined, ReviewError> {
    let stored = store::story::find(connection, id).await?;
    let before = stored.as_ref().map(|stored| Written::from(&stored.content));
    let is_settled = purpose == Purpose::Save && before.as_ref() == Some(&written);
    let has_rules = !written.rules.is_empty() || before.is_some_and(|before| !before.rules.is_empty());
    if is_settled || !has_rules {
        return Ok(Examined::default());
    }
    let (pages, mut incoming) = mpsc::channel::<Vec<Ruled>>(2);
    let running = spawn_blocking(move || run(&written, stored.as_ref(), now, || incoming.blocking_recv()));
    let mut after = None;
    loop {
        let page = with_examples(connection, after, PAGE).await?;
        after = page.last().map(|last| last.id);
        if after.is_none() || pages.send(page).await.is_err() {
            break;
        }
    }
    drop(pages);
    Ok(running.await?)
}

/// Records a page: enough to hide the round trip, few enough that large examples do not fill the memory.
const PAGE: i64 = 50;

fn run(
    written: &Written,
    stored: Option<&Entry<Story>>,
    now: Now,
    mut next_page: impl FnMut() -> Option<Vec<Ruled>>,
) -> Examined {
    let Written { rules, patterns } = written;
    let mut trials = trials(rules, now);
    run_unit_tests([(rules.as_slice(), trials.as_mut_slice())]);
    let address = |stored: &Entry<Story>| FailureAddress { kind: FailureKind::Story, slug: stored.slug.clone() };
    let subject = Reviewed { address: stored.map(address), former: &[], patterns, rules };
    let old: Option<&[Rule]> = stored.map(|stored| &*stored.content.failure.rules);
    let mut probe = Probe::new(subject, old, now);
    while let Some(page) = next_page() {
        page.iter().for_each(|ruled| probe.pass(&Reviewed::from(ruled)));
    }
    let effect = probe.finish();
    let mut errors = complaints(rules, &trials);
    errors.extend(unjustified(&effect.cross_fire));
    Examined { trials, effect, errors }
}

impl From<&Story> for Written {
    fn from(story: &Story) -> Self {
        Self { rules: story.failure.rules.clone(), patterns: story.patterns.clone() }
    }
}

impl<'r> From<&'r Ruled> for Reviewed<'r> {
    fn from(ruled: &'r Ruled) -> Self {
        Self {
            address: Some(ruled.address.clone()),
            former: &ruled.former,
            patterns: &ruled.patterns,
            rules: &ruled.rules,
        }
    }
}
