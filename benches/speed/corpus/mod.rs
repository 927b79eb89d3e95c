//! A library of made-up incidents, the same on every run: each is a pure function of its number, so that a million of
//! them are never held in memory.

pub mod questions;
mod vocabulary;

use casebook::domain::{
    Category, Entry, Failure, FailureId, Incident, Line, Markdown, Moment, RevisionNumber, Rule, RuleKind, RuleText,
    Severity, Slug, Status, Story, Technology, Title,
};
use casebook_benches::dice::Dice;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use self::vocabulary::Vocabulary;
use crate::Outcome;

/// How many of the incidents have a log rule, whatever the size.
pub const RULES: usize = 5_000;

const TECHNOLOGIES: [&str; 24] = [
    "kubernetes",
    "postgresql",
    "kafka",
    "redis",
    "nginx",
    "etcd",
    "envoy",
    "istio",
    "mysql",
    "elasticsearch",
    "docker",
    "aws",
    "gke",
    "terraform",
    "prometheus",
    "rabbitmq",
    "cassandra",
    "consul",
    "vault",
    "haproxy",
    "mongodb",
    "grpc",
    "linux",
    "java",
];

/// How many organizations the incidents are spread over; a few have most of them.
const ORGANIZATIONS: f64 = 500.0;

/// The incidents numbered from 0 to, and without, `size`.
pub struct Corpus {
    /// How many there are.
    pub size: usize,
    vocabulary: Vocabulary,
}

impl Corpus {
    pub fn new(size: usize) -> Self {
        Self { size, vocabulary: Vocabulary::new() }
    }

    /// All of them, in order.
    pub fn entries(&self) -> impl Iterator<Item = Outcome<Entry<Story>>> {
        (0..self.size as u64).map(|number| self.entry(number))
    }

    /// One of them, as the database would give it.
    pub fn entry(&self, number: u64) -> Outcome<Entry<Story>> {
        let content = self.story(number)?;
        let slug = Slug::from_title(content.failure.title.as_str(), "failure").numbered(u32::try_from(number)?);
        let saved = DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(i64::try_from(number)?);
        Ok(Entry {
            id: id(number),
            slug,
            status: Status::Published,
            revision: RevisionNumber::FIRST,
            created_at: saved,
            updated_at: saved,
            published_at: Some(saved),
            content,
        })
    }

    /// What an incident says; 150 to 250 words.
    pub fn story(&self, number: u64) -> Outcome<Story> {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9) ^ 0x5eed);
        let mut title = String::new();
        let title_words = 6 + dice.below(5);
        self.vocabulary.write(&mut title, &mut dice, title_words);
        let symptom = format!("{} Logged was `{}`.", self.prose(&mut dice, 40), self.marker(number));
        let failure = Failure {
            title: Title::parse(&title)?,
            summary: Markdown::parse(&self.prose(&mut dice, 25))?,
            symptom: Markdown::parse(&symptom)?,
            root_cause: Markdown::parse(&self.prose(&mut dice, 40))?,
            contributing_factors: Vec::new(),
            remediation: Markdown::parse(&self.steps(&mut dice))?,
            rules: self.rule(number)?.into_iter().collect(),
            checks: Vec::new(),
            category: skewed(&mut dice, Category::ALL),
            technologies: technologies(&mut dice)?,
            references: Vec::new(),
            translations: Vec::new(),
            provenance: None,
        };
        Ok(Story {
            failure,
            incident: incident(&mut dice, &self.prose(&mut dice_of(number), 20))?,
            timeline: Vec::new(),
            lessons: Markdown::parse(&self.prose(&mut dice, 25))?,
            action_items: Vec::new(),
            patterns: Vec::new(),
            facts: Vec::new(),
        })
    }

    /// What the logs of an incident have, and those of hardly any other.
    pub fn marker(&self, number: u64) -> String {
        let mut dice = Dice(number ^ 0xacc1_de47);
        let words = &self.vocabulary;
        let identifier = words.identifier(&mut dice).to_owned();
        let (first, last) = (words.rare(&mut dice).to_owned(), words.rare(&mut dice).to_owned());
        format!("{identifier}: {first} {} {last}", words.word(&mut dice))
    }

    /// The numbers of the incidents that have a rule.
    fn rule_every(&self) -> u64 {
        (self.size / RULES).max(1) as u64
    }

    fn rule(&self, number: u64) -> Outcome<Option<Rule>> {
        let every = self.rule_every();
        if !number.is_multiple_of(every) || number / every >= RULES as u64 {
            return Ok(None);
        }
        let marker = self.marker(number);
        let mut dice = Dice(number ^ 0x4ead);
        let text = match number / every % 5 {
            0 => {
                let (first, last) = marker.rsplit_once(' ').unwrap_or_default();
                let first = first.split(' ').nth(1).unwrap_or_default();
                format!("set:\n  match:\n    - regex: \"{first}.+{last}\"\n")
            }
            1 => format!(
                "set:\n  window: 5m\n  match:\n    - value: \"{marker}\"\n    - value: \"{}\"\n      count: 2\n",
                self.vocabulary.rare(&mut dice)
            ),
            2 => format!(
                "set:\n  window: 10s\n  match:\n    - value: \"{marker}\"\n    - value: error\n  negate:\n    - \"{} stopped\"\n",
                self.vocabulary.word(&mut dice)
            ),
            _ => format!("set:\n  match:\n    - value: \"{marker}\"\n"),
        };
        Ok(Some(Rule {
            kind: RuleKind::Log,
            name: Line::parse(&format!("The log says {marker}"))?,
            text: RuleText::parse(&text)?,
            fires_on: Vec::new(),
            silent_on: Vec::new(),
            also_fires: Vec::new(),
        }))
    }

    /// Sentences of about so many words together.
    fn prose(&self, dice: &mut Dice, words: u64) -> String {
        let mut text = String::new();
        let mut left = words * 3 / 4 + dice.below(words / 2 + 1);
        while left > 0 {
            let sentence = (6 + dice.below(10)).min(left);
            self.vocabulary.write(&mut text, dice, sentence);
            text.push('.');
            left -= sentence;
        }
        text
    }

    fn steps(&self, dice: &mut Dice) -> String {
        (1..=3).map(|step| format!("{step}. {}\n", self.prose(dice, 10))).collect()
    }
}

/// The id of an incident: below that of everything that is submitted.
pub fn id(number: u64) -> FailureId {
    FailureId(Uuid::from_u128(u128::from(number) + 1))
}

/// All text of a story, as a search engine without fields takes it.
pub fn whole_text(story: &Story) -> String {
    let failure = &story.failure;
    let mut text = String::with_capacity(2_048);
    let parts = [
        failure.title.as_str(),
        failure.symptom.as_str(),
        failure.summary.as_str(),
        failure.root_cause.as_str(),
        failure.remediation.as_str(),
        story.incident.impact.as_str(),
        story.lessons.as_str(),
        story.incident.organization.as_str(),
        failure.category.label(),
    ];
    for part in parts.into_iter().chain(failure.technologies.iter().map(Technology::as_str)) {
        text.push_str(part);
        text.push('\n');
    }
    text
}

fn dice_of(number: u64) -> Dice {
    Dice(number ^ 0x1a9ac7)
}

fn incident(dice: &mut Dice, impact: &str) -> Outcome<Incident> {
    let organization = ORGANIZATIONS.powf(dice.share()) as u64;
    let day = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(15_300 + dice.below(5_300) as i64);
    Ok(Incident {
        organization: Line::parse(&format!("Organization {organization}"))?,
        started_at: Some(Moment::parse(&day.format("%Y-%m-%d").to_string())?),
        detected_at: None,
        resolved_at: None,
        duration: None,
        severity: (dice.below(5) > 0).then(|| skewed(dice, Severity::ALL)),
        trigger: None,
        detected_by: None,
        impact: Markdown::parse(impact)?,
    })
}

fn technologies(dice: &mut Dice) -> Outcome<Vec<Technology>> {
    let mut chosen: Vec<Technology> = Vec::new();
    for _ in 0..1 + dice.below(3) {
        let technology = Technology::parse(skewed(dice, &TECHNOLOGIES))?;
        if !chosen.contains(&technology) {
            chosen.push(technology);
        }
    }
    Ok(chosen)
}

/// One of some things, the first ones more often.
fn skewed<T: Copy>(dice: &mut Dice, of: &[T]) -> T {
    let share = dice.share();
    of[((share * share * of.len() as f64) as usize).min(of.len() - 1)]
}
