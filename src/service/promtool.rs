//! Prometheus' own tool, where it is installed: checks exported rules and runs the examples of metric rules.
//!
//! It is started without a shell, in a folder of its own, and stopped when it takes too long. `CASEBOOK_PROMTOOL` names
//! the program where it is not on the path.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use chrono::DateTime;

use crate::detection::metric::MetricRule;
use crate::detection::metric::export;
use crate::detection::metric::unit_test::UnitTest;
use crate::domain::matching::Verdict;
use crate::domain::{ExampleText, Rule, RuleKind};
use crate::evidence::Signals;

/// The longest that promtool may take, all its processes together.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Why metric examples were skipped.
pub const NOT_INSTALLED: &str = "promtool is not installed: the metric examples were not run";

/// What came of one example of a metric rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The rule fires on it.
    Fired,
    /// The rule does not fire on it.
    Silent,
    /// It was not run, and why, as a sentence.
    Skipped(String),
    /// It, or the rule, cannot be run at all: what is wrong with it, as a sentence.
    Wrong(String),
}

/// What promtool says about a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// Prometheus would load it; what is odd all the same, such as a rule that is there twice.
    Loads(Vec<String>),
    /// Prometheus would not load it, and why.
    Refused(Vec<String>),
    /// promtool is not installed.
    Skipped,
}

/// Why promtool gave no answer; nothing that the rules are to blame for.
#[derive(Debug, thiserror::Error)]
pub enum PromtoolError {
    /// It could not be started, or its files could not be written.
    #[error("promtool could not be run")]
    Start(#[from] io::Error),
    /// It took too long and was stopped.
    #[error("promtool gave no answer within {} s", .0.as_secs())]
    TooSlow(Duration),
}

/// Runs examples of metric rules: outcome `n` is that of case `n`. Unit tests share one process of promtool, and are
/// skipped with the reason where it is not installed; pasted alerts need none. Blocks, for [`LIMIT`] at the longest.
///
/// Rules of other kinds are [`Outcome::Wrong`], and so is an example that is neither a unit test nor an alert.
pub fn run_examples(cases: &[(&Rule, &ExampleText)]) -> Result<Vec<Outcome>, PromtoolError> {
    let mut tests = Vec::new();
    let mut outcomes: Vec<Outcome> = cases
        .iter()
        .enumerate()
        .map(|(case, (rule, example))| {
            prepare(rule, example.as_str(), &mut |rule, test| tests.push(PreparedTest { case, rule, test }))
                .unwrap_or_else(Outcome::Wrong)
        })
        .collect();
    let until = Instant::now() + LIMIT;
    for tests in tests.chunks(MOST_TESTS) {
        for (test, outcome) in tests.iter().zip(run_tests(tests, until)?) {
            outcomes[test.case] = outcome;
        }
    }
    Ok(outcomes)
}

/// Checks a rule file as `promtool check rules` does. Blocks, for [`LIMIT`] at the longest.
pub fn check(rule_file: &str) -> Result<Checked, PromtoolError> {
    let folder = Folder::new()?;
    folder.write("rules.yml", rule_file)?;
    let Some(answer) = folder.run(&["check", "rules", "rules.yml"], Instant::now() + LIMIT)? else {
        return Ok(Checked::Skipped);
    };
    let is_news = |line: &&str| {
        !line.is_empty() && !line.starts_with("Checking ") && !line.starts_with("SUCCESS") && *line != "FAILED:"
    };
    let told = answer.text.lines().map(str::trim).filter(is_news);
    let told = told.map(|line| line.strip_prefix("rules.yml: ").unwrap_or(line).to_owned()).collect();
    Ok(if answer.status.success() { Checked::Loads(told) } else { Checked::Refused(told) })
}

/// Each test has two files, and a process takes only so many arguments.
const MOST_TESTS: usize = 1_000;

/// A unit test that waits for promtool.
struct PreparedTest {
    case: usize,
    rule: MetricRule,
    test: UnitTest,
}

/// Runs what needs no promtool, and hands on what does.
fn prepare(rule: &Rule, example: &str, test: &mut dyn FnMut(MetricRule, UnitTest)) -> Result<Outcome, String> {
    match rule.kind {
        RuleKind::Metric => {}
        RuleKind::Log | RuleKind::Manifest => {
            return Err(format!("found a {} rule; only metric rules have examples for promtool", rule.kind));
        }
    }
    let compiled = MetricRule::compile(rule.text.as_str()).map_err(|error| error.to_string())?;
    if UnitTest::is_meant(example) {
        test(compiled, UnitTest::parse(example).map_err(|error| error.to_string())?);
        return Ok(Outcome::Skipped(NOT_INSTALLED.to_owned()));
    }
    // The moment only settles stamps of logs that lack a year.
    let signals = Signals::read(example, DateTime::UNIX_EPOCH);
    if signals.alerts.is_empty() {
        return Err("found neither a unit test (input_series and eval_time) nor a pasted alert".to_owned());
    }
    Ok(match compiled.run(&signals) {
        Some(Verdict::Fired(_)) => Outcome::Fired,
        Some(Verdict::Contradicted { .. } | Verdict::Partial { .. }) | None => Outcome::Silent,
    })
}

/// Every test is a file of its own beside a file with its rule alone, so that nothing spoils another's outcome.
fn run_tests(tests: &[PreparedTest], until: Instant) -> Result<Vec<Outcome>, PromtoolError> {
    let folder = Folder::new()?;
    let mut names = Vec::with_capacity(tests.len());
    for (number, PreparedTest { rule, test, .. }) in tests.iter().enumerate() {
        let (rule_file, test_file) = (format!("{number}.rules.yml"), format!("{number}.test.yml"));
        folder.write(&rule_file, &export::bare(rule))?;
        folder.write(&test_file, &test.print(rule, &rule_file))?;
        names.push(test_file);
    }
    let arguments: Vec<&str> = ["test", "rules"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let Some(answer) = folder.run(&arguments, until)? else {
        return Ok(tests.iter().map(|_| Outcome::Skipped(NOT_INSTALLED.to_owned())).collect());
    };
    let told = by_test(&answer.text);
    Ok(names.iter().map(|name| outcome(told.get(name.as_str()).map(Vec::as_slice).unwrap_or_default())).collect())
}

/// What promtool says, by the name of the test file: trimmed lines.
fn by_test(text: &str) -> HashMap<&str, Vec<&str>> {
    let mut tests: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut current = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix("Unit Testing:") {
            Some(name) => current = name.trim(),
            None => tests.entry(current).or_default().push(line),
        }
    }
    tests
}

fn outcome(lines: &[&str]) -> Outcome {
    match lines {
        ["SUCCESS", ..] => Outcome::Silent,
        // What the question that UnitTest::print asks is answered with when the alert fires.
        _ if lines.iter().any(|line| line.starts_with("got: {} ")) => Outcome::Fired,
        ["FAILED:", details @ ..] => Outcome::Wrong(format!("promtool refuses it: {}", details.join(" "))),
        [] => Outcome::Wrong("promtool said nothing about it".to_owned()),
        other => Outcome::Wrong(format!("promtool says: {}", other.join(" "))),
    }
}

/// A folder that only this user can enter, and that goes when it is dropped.
struct Folder(PathBuf);

/// What promtool answered.
struct Answer {
    status: ExitStatus,
    text: String,
}

impl Folder {
    /// Where its output goes; both streams into one, since outcomes and complaints belong together.
    const OUTPUT: &str = "output";
    /// promtool repeats what it got; more than this is not read.
    const LONGEST_OUTPUT: u64 = 4 * 1024 * 1024;

    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("casebook-promtool-{}", uuid::Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        fs::write(self.0.join(name), text)
    }

    /// Runs promtool in the folder; nothing where it is not installed.
    fn run(&self, arguments: &[&str], until: Instant) -> Result<Option<Answer>, PromtoolError> {
        let output = File::create(self.0.join(Self::OUTPUT))?;
        let started = Command::new(program()?)
            .args(arguments)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() >= until {
                child.kill()?;
                child.wait()?;
                return Err(PromtoolError::TooSlow(LIMIT));
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Ok(Some(Answer { status, text: read_bounded(&self.0.join(Self::OUTPUT))? }))
    }
}

/// What to start. A path is taken from here, since the program is started elsewhere; a bare name is looked for.
fn program() -> io::Result<PathBuf> {
    match std::env::var_os("CASEBOOK_PROMTOOL").map(PathBuf::from).filter(|named| !named.as_os_str().is_empty()) {
        Some(named) if named.components().count() > 1 => std::path::absolute(named),
        Some(named) => Ok(named),
        None => Ok(PathBuf::from("promtool")),
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays lies in the folder for temporary files.
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

fn read_bounded(path: &Path) -> io::Result<String> {
    use io::Read;
    let mut bytes = Vec::new();
    File::open(path)?.take(Folder::LONGEST_OUTPUT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
