//! What a reviewer looks at before publishing, as far as a machine can look at it: each point met, worth a look or
//! missing, with its place. Nothing here blocks; what has to be right is refused when it is published.

mod names;
mod references;

use super::texts::{Kind, Text, label, texts};
use crate::domain::input::{FieldError, StoryInput};
use crate::evidence::mask::{SecretKind, mask};
use crate::search::Similar;
use crate::service::review::published::Examined;
use crate::web::failure::{counted, path_of};

/// The points in the order in which they are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Checklist {
    pub(super) items: Vec<Item>,
}

/// One point.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) standing: Standing,
    pub(super) title: &'static str,
    /// What was found; may be empty.
    pub(super) words: String,
    pub(super) places: Vec<Place>,
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) href: String,
    pub(super) label: String,
    /// What is there.
    pub(super) words: String,
}

/// How a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Met,
    Look,
    Missing,
}

impl Standing {
    /// For style sheets.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Look => "look",
            Self::Missing => "missing",
        }
    }

    /// For people.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Met => "Met",
            Self::Look => "Look at this",
            Self::Missing => "Missing",
        }
    }
}

/// What came of trying the rules.
#[derive(Debug, Clone)]
pub(super) enum Tried {
    /// They were run.
    Run(Box<Examined>),
    /// They cannot be read; what is wrong with them.
    Unreadable(Vec<FieldError>),
    /// They could not be run just now.
    NotRun,
}

/// The most places of one point.
const MOST_PLACES: usize = 12;

impl Checklist {
    /// Looks at a draft; `similar` is what is published already.
    pub(super) fn of(input: &StoryInput, tried: &Tried, similar: &[Similar]) -> Self {
        let texts = texts(input);
        let mut items = vec![
            filled(input),
            rules(input, tried),
            references::item(&input.failure.references),
            secrets(&texts),
            names::item(input, &texts),
            duplicates(similar),
        ];
        items.iter_mut().for_each(|item| item.places.truncate(MOST_PLACES));
        Self { items }
    }

    /// How many points are not met.
    pub(super) fn open(&self) -> usize {
        self.items.iter().filter(|item| item.standing != Standing::Met).count()
    }
}

impl Item {
    fn met(title: &'static str, words: impl Into<String>) -> Self {
        Self { standing: Standing::Met, title, words: words.into(), places: Vec::new() }
    }
}

impl Place {
    /// A field of the story on the same page.
    fn field(field: &str, words: impl Into<String>) -> Self {
        Self { href: format!("#field-{field}"), label: label(field).to_owned(), words: words.into() }
    }

    fn text(text: &Text<'_>, words: impl Into<String>) -> Self {
        Self { href: format!("#field-{}", text.field), label: text.place(), words: words.into() }
    }
}

fn filled(input: &StoryInput) -> Item {
    const TITLE: &str = "Symptom, root cause, remediation and a rule";
    let failure = &input.failure;
    let fields = [
        ("symptom", failure.symptom.trim().is_empty()),
        ("root_cause", failure.root_cause.trim().is_empty()),
        ("remediation", failure.remediation.trim().is_empty()),
        ("rules", failure.rules.is_empty()),
    ];
    let places: Vec<Place> =
        fields.into_iter().filter(|(_, is_empty)| *is_empty).map(|(field, _)| Place::field(field, "missing")).collect();
    if places.is_empty() {
        return Item::met(TITLE, "All four are there.");
    }
    Item { standing: Standing::Missing, title: TITLE, words: String::new(), places }
}

fn rules(input: &StoryInput, tried: &Tried) -> Item {
    const TITLE: &str = "Rules do what their examples want";
    let errors = |errors: &[FieldError]| Item {
        standing: Standing::Missing,
        title: TITLE,
        words: "It cannot be published before this is mended.".to_owned(),
        places: errors.iter().map(|error| Place::field("rules", error.message.clone())).collect(),
    };
    let examples: usize = input.failure.rules.iter().map(|rule| rule.fires_on.len() + rule.silent_on.len()).sum();
    let look = |words: &str| Item {
        standing: Standing::Look,
        title: TITLE,
        words: words.to_owned(),
        places: vec![Place::field("rules", "")],
    };
    match tried {
        Tried::Unreadable(wrong) => errors(wrong),
        Tried::Run(examined) if !examined.errors.is_empty() => errors(&examined.errors),
        Tried::NotRun => look("They could not be run just now."),
        Tried::Run(_) if input.failure.rules.is_empty() => Item::met(TITLE, "There is no rule to run."),
        Tried::Run(examined) if !examined.effect.blast.is_empty() => {
            look("They change what is found in the examples of other failures; it is listed below.")
        }
        Tried::Run(_) if examples == 0 => look("No rule has an example that it could be run on."),
        Tried::Run(_) => Item::met(
            TITLE,
            format!(
                "Run on {}, and on those of everything published.",
                counted(examples as u64, "example", "examples")
            ),
        ),
    }
}

fn secrets(texts: &[Text<'_>]) -> Item {
    const TITLE: &str = "No secrets";
    let mut places = Vec::new();
    let mut standing = Standing::Met;
    for text in texts {
        let mut kinds: Vec<SecretKind> = mask(text.text).replaced.into_iter().map(|one| one.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.is_empty() {
            continue;
        }
        let found = if kinds.iter().any(|kind| kind.is_credential()) { Standing::Missing } else { Standing::Look };
        standing = standing.max(found);
        places.push(Place::text(text, kinds.iter().map(|kind| kind.label()).collect::<Vec<_>>().join(", ")));
    }
    match standing {
        Standing::Met => Item::met(TITLE, "Nothing looks like a password, a token or an address."),
        Standing::Look => Item { standing, title: TITLE, words: "What says who or where:".to_owned(), places },
        Standing::Missing => {
            Item { standing, title: TITLE, words: "What looks as if it opened something:".to_owned(), places }
        }
    }
}

fn duplicates(similar: &[Similar]) -> Item {
    const TITLE: &str = "Not here already";
    if similar.is_empty() {
        return Item::met(TITLE, "Nothing published resembles it.");
    }
    let place = |one: &Similar| Place {
        href: format!("{}/{}", path_of(one.card.kind), one.card.slug),
        label: one.card.title.clone(),
        words: format!("{:.0} % alike", one.similarity * 100.0),
    };
    let words = "Is it one of these, or another time that it happened?".to_owned();
    Item { standing: Standing::Look, title: TITLE, words, places: similar.iter().map(place).collect() }
}

/// Whether a text is written for people.
fn is_prose(text: &Text<'_>) -> bool {
    text.kind == Kind::Prose
}

#[cfg(test)]
mod tests {
    use super::{Checklist, Standing, Tried};
    use crate::domain::input::{ReferenceInput, RuleInput, StoryInput};

    fn standing(input: &StoryInput) -> Vec<Standing> {
        let tried = Tried::Run(Box::default());
        Checklist::of(input, &tried, &[]).items.into_iter().map(|item| item.standing).collect()
    }

    fn whole() -> StoryInput {
        let mut input = StoryInput::default();
        let failure = &mut input.failure;
        failure.symptom = "Requests failed.".to_owned();
        failure.root_cause = "A limit was reached.".to_owned();
        failure.remediation = "1. Raise it.".to_owned();
        failure.rules = vec![RuleInput { fires_on: vec!["limit reached".to_owned()], ..RuleInput::default() }];
        failure.references =
            vec![ReferenceInput { url: "https://example.com/report".to_owned(), ..ReferenceInput::default() }];
        input
    }

    #[test]
    fn a_whole_draft_meets_every_point() {
        assert_eq!(standing(&whole()), [Standing::Met; 6]);
    }

    #[test]
    fn what_is_empty_is_missing_and_what_leaks_is_said() {
        let mut input = whole();
        input.failure.remediation = "  ".to_owned();
        assert_eq!(standing(&input)[0], Standing::Missing);
        input.failure.remediation = "Log in with password=hunter2hunter2".to_owned();
        assert_eq!(standing(&input)[3], Standing::Missing);
        input.failure.remediation = "Ask 203.0.114.7".to_owned();
        assert_eq!(standing(&input)[3], Standing::Look);
    }
}
