//! `casebook check DIR`: everything that is wrong with a folder of story files or CRE rules, for people and for CI.

mod stories;
mod pictures;
mod cre;
mod crossing;
mod manifests;
mod ordinary;
mod page;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::sarif::{self, Finding, Level};
use super::{Failed, complain, say};

/// Arguments of `casebook check`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder of story files, or of CRE rules
    #[arg(value_name = "DIR", required_unless_present = "manifests", conflicts_with = "manifests")]
    folder: Option<PathBuf>,
    /// Run every manifest rule over Kubernetes manifests instead: files, folders, or - for standard input
    ///
    /// Exit status 0 when no rule is true of them, 1 when one is, 2 when something cannot be read.
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["from", "cross_table", "strict", "facts", "ordinary", "page"])]
    manifests: Vec<PathBuf>,
    /// With --manifests: the folder of story files whose rules are run; without it, those of the built-in stories
    #[arg(long, value_name = "DIR", requires = "manifests")]
    stories: Option<PathBuf>,
    /// The folder holds rules in a format of others
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<Format>,
    /// Print every rule that fires on an example of another failure, justified or not
    #[arg(long)]
    cross_table: bool,
    /// Report stories that do not say which of their facts were looked up, and where
    #[arg(long)]
    facts: bool,
    /// Run every rule over the logs of ordinary days too, files or folders: a rule that fires there is an error
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with = "from")]
    ordinary: Vec<PathBuf>,
    /// Write what the folder holds, and the cross table, into a Markdown file, between two marks in it
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    page: Option<PathBuf>,
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
    /// Write what was found as SARIF 2.1.0 too; - writes it to standard output instead of the lines
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

/// Formats of others that can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Common Reliability Enumerations: YAML rules with the logs that they fire on beside them
    Cre,
}

/// What came of a check.
pub(super) struct Checked {
    /// What is not as it should be.
    pub findings: Vec<Finding>,
    /// Every rule that fires on a foreign example, a line each.
    pub cross_table: Vec<String>,
    /// What was checked, and what could not be: phrases for the last line.
    pub counts: Vec<String>,
}

/// Prints every finding as `file:line: level: message`. Exit status 1 when there is an error among them.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let Some(folder) = &options.folder else {
        return Ok(match report(options, manifests::check(&options.manifests, options.stories.as_deref())?)? {
            (0, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::from(1),
            _ => ExitCode::from(2),
        });
    };
    let checked = match options.from {
        None => stories::check(folder, options)?,
        Some(Format::Cre) => cre::check(folder)?,
    };
    let (errors, warnings) = report(options, checked)?;
    let is_wrong = errors > 0 || (options.strict && warnings > 0);
    Ok(if is_wrong { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Prints what was found, and gives the number of errors and of warnings.
fn report(options: &Options, mut checked: Checked) -> Result<(usize, usize), Failed> {
    checked.findings.sort();
    let findings = &checked.findings;
    if let Some(to) = &options.sarif {
        sarif::write(findings, to)?;
    }
    // What is for programs is not mixed with what is for people.
    let is_for_programs = options.sarif.as_deref() == Some(Path::new("-"));
    let print = if is_for_programs { complain } else { say };
    findings.iter().for_each(|finding| print(&finding.to_string()));
    if options.cross_table {
        checked.cross_table.iter().for_each(|line| print(line));
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let told: Vec<String> = [(errors, "error", "errors"), (warnings, "warning", "warnings")]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| counted(count, one, many))
        .collect();
    let verdict = if told.is_empty() { "all is right".to_owned() } else { told.join(", ") };
    print(&format!("{verdict}; {}", checked.counts.join(", ")));
    Ok((errors, warnings))
}

/// What is checked: the id of each check, which stays the same over versions, and what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    StoryFile,
    RuleText,
    Example,
    CrossFire,
    JustifiedCrossFire,
    UnneededReason,
    OrdinaryFire,
    NoFacts,
    NoRules,
    NoExamples,
    CreFile,
    Manifest,
    Picture,
}

impl Check {
    fn id(self) -> &'static str {
        match self {
            Self::StoryFile => "story-file",
            Self::RuleText => "rule-text",
            Self::Example => "example",
            Self::CrossFire => "cross-fire",
            Self::JustifiedCrossFire => "justified-cross-fire",
            Self::UnneededReason => "unneeded-reason",
            Self::OrdinaryFire => "ordinary-fire",
            Self::NoFacts => "no-facts",
            Self::NoRules => "no-rules",
            Self::NoExamples => "no-examples",
            Self::CreFile => "cre-file",
            Self::Manifest => "manifest",
            Self::Picture => "picture",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::StoryFile => "A story file says what docs/story-files.md asks for",
            Self::RuleText => "A rule compiles",
            Self::Example => "A rule fires on its examples and is silent on its counterexamples",
            Self::CrossFire => "A rule is silent on the examples of failures that are not related to its own",
            Self::JustifiedCrossFire => "A rule says why it fires on an example of another failure",
            Self::UnneededReason => "A reason for firing on another failure's examples is needed",
            Self::OrdinaryFire => "A rule is silent on the logs of ordinary days",
            Self::NoFacts => "A story says which of its facts were looked up, and where",
            Self::NoRules => "A failure has a detection rule",
            Self::NoExamples => "A rule has an example to fire on",
            Self::CreFile => "A file of CRE rules can be read as patterns",
            Self::Manifest => "A manifest can be read",
            Self::Picture => "The pictures that a text shows lie beside it, and can be read",
        }
    }

    fn finding(self, level: Level, file: String, line: usize, message: String) -> Finding {
        Finding {
            file,
            line,
            rule_id: self.id().to_owned(),
            about: self.about().to_owned(),
            level,
            message,
            help_uri: Some(format!("{}/blob/main/docs/check.md#{}", env!("CARGO_PKG_REPOSITORY"), self.id())),
        }
    }
}

/// `1 rule`, `2 rules`.
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
