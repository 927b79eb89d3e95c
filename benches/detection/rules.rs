//! The rules to measure with: known ones, and as many more as wanted made from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use casebook::detection::log::LogRule;
use casebook::detection::{BookRule, Compiled};
use casebook::domain::{FailureId, Line, Rule, RuleKind};
use regex::Regex;

use casebook_benches::dice::Dice;

/// The texts of the public rules, or of those in the built-in stories.
pub fn known() -> Vec<String> {
    match public() {
        Some(folders) => folders.iter().filter_map(|folder| rule_of(folder)).collect(),
        None => built_in().iter().map(|rule| rule.text.as_str().to_owned()).collect(),
    }
}

/// The logs that these rules fire on.
pub fn examples() -> Vec<String> {
    let Some(folders) = public() else {
        let examples = built_in().into_iter().flat_map(|rule| rule.fires_on);
        return examples.map(|example| example.as_str().to_owned()).collect();
    };
    let texts = folders.into_iter().filter_map(|folder| std::fs::read(folder.join("test.log")).ok());
    let texts = texts.map(|bytes| String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
    texts.filter(|text| !text.trim().is_empty()).collect()
}

/// So many rules: the known ones first, then the same over and over with other words in what they look for.
pub fn varied(known: &[String], count: usize) -> Vec<String> {
    let term = Regex::new(r#"(?m)^\s*(?:- )?(?:(?:value|regex):|- ["'])(?:.*)$"#).expect("a regex");
    let word = Regex::new(r"\b[A-Za-z]{4,}\b").expect("a regex");
    let terms = |text: &str| term.find_iter(rule_part(text)).map(|found| found.as_str().to_owned()).collect::<Vec<_>>();
    let words: Vec<String> = known
        .iter()
        .flat_map(|text| terms(text))
        .flat_map(|term| word.find_iter(&term).map(|found| found.as_str().to_owned()).collect::<Vec<_>>())
        .filter(|word| !matches!(word.as_str(), "value" | "regex"))
        .collect();
    let mut dice = Dice(42);
    let mut rules: Vec<String> = known.iter().take(count).cloned().collect();
    for text in known.iter().cycle().take(count.saturating_mul(4)) {
        if rules.len() >= count || words.is_empty() {
            break;
        }
        let part = rule_part(text);
        let varied = term.replace_all(part, |term: &regex::Captures<'_>| {
            let exchanged = word.replace_all(&term[0], |found: &regex::Captures<'_>| {
                let is_kept = matches!(&found[0], "value" | "regex") || dice.below(2) == 0;
                if is_kept { found[0].to_owned() } else { words[dice.below(words.len() as u64) as usize].clone() }
            });
            exchanged.into_owned()
        });
        let rule = format!("{}{varied}", &text[..text.len() - part.len()]);
        if LogRule::compile(&rule).is_ok() {
            rules.push(rule);
        }
    }
    rules
}

/// The rules, compiled; those that are none are left out.
pub fn compiled(texts: &[String]) -> Vec<BookRule> {
    let name = Line::parse("a rule").expect("a line");
    texts
        .iter()
        .filter_map(|text| LogRule::compile(text).ok())
        .map(|rule| BookRule {
            failure: FailureId::new(),
            name: name.clone(),
            kind: RuleKind::Log,
            compiled: Arc::new(Compiled::Log(rule)),
        })
        .collect()
}

/// The part of a document in which terms stand.
pub fn rule_part(text: &str) -> &str {
    match text.find("\n    rule:").or_else(|| text.find("\n  rule:")).or_else(|| text.find("\n  - rule:")) {
        Some(at) => &text[at..],
        None => text,
    }
}

fn public() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("shared/data/cre-dev"))
        .find(|folder| folder.is_dir())?;
    let entries = std::fs::read_dir(folder).ok()?;
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|folder| folder.join("test.log").is_file());
    folders.sort();
    Some(folders)
}

fn rule_of(folder: &Path) -> Option<String> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let file = files.filter(|file| file.extension().is_some_and(|extension| extension == "yaml")).min()?;
    std::fs::read_to_string(file).ok()
}

/// The log rules of the built-in stories.
fn built_in() -> Vec<Rule> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stories");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.is_file());
    files.sort();
    let stories = files.into_iter().filter_map(|file| {
        let text = std::fs::read_to_string(&file).ok()?;
        casebook::story_file::parse_story(&file.display().to_string(), &text).ok()
    });
    stories.flat_map(|story| story.failure.rules).filter(|rule| rule.kind == RuleKind::Log).collect()
}
