//! Detection rules to take home: those of one failure, of a pattern with its stories, or of everything published, in the
//! formats of the tools that run them.

mod cre;
mod policies;
mod prometheus;

use crate::domain::{Category, FailureAddress, FailureKind, Record, Rule, RuleKind, Severity, Status};
use crate::store::{Connection, StoreError, pattern, record, rule};

/// A format, one for each kind of rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleFormat {
    /// A Prometheus rule file.
    Prometheus,
    /// A document of Common Reliability Enumerations.
    Cre,
    /// ValidatingAdmissionPolicies with their bindings.
    Policies,
}

impl RuleFormat {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Prometheus, Self::Cre, Self::Policies];

    /// The format that rules of a kind are taken home in.
    pub fn of(kind: RuleKind) -> Self {
        match kind {
            RuleKind::Metric => Self::Prometheus,
            RuleKind::Log => Self::Cre,
            RuleKind::Manifest => Self::Policies,
        }
    }

    /// The formats that some of these rules are taken home in.
    pub fn among(rules: &[Rule]) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|format| rules.iter().any(|rule| rule.kind == format.kind())).collect()
    }

    /// The kind of rule that it holds.
    pub fn kind(self) -> RuleKind {
        match self {
            Self::Prometheus => RuleKind::Metric,
            Self::Cre => RuleKind::Log,
            Self::Policies => RuleKind::Manifest,
        }
    }

    /// The name of its file, in addresses and in folders.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus.yml",
            Self::Cre => "cre.yaml",
            Self::Policies => "policies.yaml",
        }
    }

    /// The format of a file of that name.
    pub fn of_file(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.file_name() == name)
    }
}

/// One published failure with its rules, and what the files say about it.
#[derive(Debug, Clone)]
pub struct FailureRules {
    /// Its present address.
    pub address: FailureAddress,
    /// What it is called.
    pub title: String,
    /// Its fields as Markdown; the impact of a pattern is empty.
    pub told: Told,
    /// What kind of thing failed.
    pub category: Category,
    /// How bad it was, of a story.
    pub severity: Option<Severity>,
    /// Software and services.
    pub technologies: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
    /// Who wrote it, where it was not written here.
    pub author: Option<String>,
    /// Its rules without their examples, each with its number from 1.
    pub rules: Vec<(usize, Rule)>,
}

/// The prose of a failure.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are documented on Failure and Incident")]
pub struct Told {
    pub summary: String,
    pub root_cause: String,
    pub impact: String,
    pub remediation: String,
}

impl FailureRules {
    /// The same failure with only one of its rules; nothing where it has none of that number.
    pub fn only(mut self, number: usize) -> Option<Self> {
        self.rules.retain(|(found, _)| *found == number);
        (!self.rules.is_empty()).then_some(self)
    }

    fn of_kind(&self, kind: RuleKind) -> impl Iterator<Item = &(usize, Rule)> {
        self.rules.iter().filter(move |(_, rule)| rule.kind == kind)
    }
}

impl From<&Record> for FailureRules {
    fn from(record: &Record) -> Self {
        let failure = record.failure();
        let incident = match record {
            Record::Story(entry) => Some(&entry.content.incident),
            Record::Pattern(_) => None,
        };
        let numbered = failure.rules.iter().enumerate().map(|(index, rule)| {
            // Examples may be large, and no file holds them.
            (index + 1, Rule { fires_on: Vec::new(), silent_on: Vec::new(), also_fires: Vec::new(), ..rule.clone() })
        });
        Self {
            address: FailureAddress { kind: record.kind(), slug: record.slug().clone() },
            title: failure.title.to_string(),
            told: Told {
                summary: failure.summary.to_string(),
                root_cause: failure.root_cause.to_string(),
                impact: incident.map(|incident| incident.impact.to_string()).unwrap_or_default(),
                remediation: failure.remediation.to_string(),
            },
            category: failure.category,
            severity: incident.and_then(|incident| incident.severity),
            technologies: failure.technologies.iter().map(ToString::to_string).collect(),
            references: failure.references.iter().map(|reference| reference.url.to_string()).collect(),
            author: failure
                .provenance
                .as_ref()
                .and_then(|provenance| provenance.author.as_ref())
                .map(ToString::to_string),
            rules: numbered.collect(),
        }
    }
}

/// Everything published that has rules: patterns first, then stories, by slug.
pub async fn published(connection: &mut Connection) -> Result<Vec<FailureRules>, StoreError> {
    const PAGE: i64 = 200;
    let mut found: Vec<FailureRules> = Vec::new();
    let mut last = None;
    loop {
        let page = rule::published_after(connection, last, PAGE).await?;
        let Some(newest) = page.last() else { break };
        last = Some(newest.id());
        found.extend(page.iter().map(FailureRules::from));
    }
    sort(&mut found);
    Ok(found)
}

/// A published record with its rules, and of a pattern its published stories with theirs.
pub async fn with_stories(connection: &mut Connection, record: &Record) -> Result<Vec<FailureRules>, StoreError> {
    let mut found = vec![FailureRules::from(record)];
    match record.kind() {
        FailureKind::Story => {}
        FailureKind::Pattern => {
            let stories = pattern::instances(connection, &[record.id()]).await?;
            let stories = record::find_all(connection, &stories).await?;
            found.extend(stories.iter().filter(|story| story.status() == Status::Published).map(FailureRules::from));
        }
    }
    sort(&mut found);
    Ok(found)
}

fn sort(found: &mut [FailureRules]) {
    found.sort_by_cached_key(|rules| (rules.address.kind == FailureKind::Story, rules.address.slug.to_string()));
}

/// A file to take home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// The file, with a heading that says where it is from.
    pub text: String,
    /// How many rules are in it.
    pub rules: usize,
    /// What a person should know: rules that were left out and why, alerts of the same name.
    pub notes: Vec<String>,
}

/// Prints the rules of a format's kind. `base` is the address of this Casebook, without a slash at its end: every rule
/// leads back there.
pub fn print(format: RuleFormat, failures: &[FailureRules], base: &str) -> RuleFile {
    let (body, rules, notes) = match format {
        RuleFormat::Prometheus => prometheus::print(failures, base),
        RuleFormat::Cre => cre::print(failures, base),
        RuleFormat::Policies => policies::print(failures, base),
    };
    let noun = if rules == 1 { "rule" } else { "rules" };
    let mut text = format!("# {rules} {} {noun} from {base}\n", format.kind());
    for note in &notes {
        text.push_str(&format!("# {}\n", on_one_line(note)));
    }
    text.push_str(&body);
    RuleFile { text, rules, notes }
}

/// Whatever a reader of YAML takes for the end of a line would end the comment.
fn on_one_line(note: &str) -> String {
    note.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') { ' ' } else { c })
        .collect()
}
