//! `casebook check --manifests`: a team's own manifests, and the known failures that they make possible.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Check, Checked, counted};
use crate::cli::Failed;
use crate::cli::sarif::{Finding, Level};
use crate::detection::manifest::{ManifestRule, subject};
use crate::domain::{Failure, FailureAddress, FailureKind, RuleKind, Slug};
use crate::evidence::objects_in;
use crate::service::library;
use crate::story_file::FileFacts;

/// A manifest rule, with the failure that it comes from.
struct Known {
    rule: ManifestRule,
    /// `stories/…` or `patterns/…`, and the words of the rule: the same over versions.
    id: String,
    name: String,
    title: String,
    address: FailureAddress,
}

/// Runs every manifest rule of a folder of story files, or of the built-in ones, over the objects of manifests. What a
/// rule is true of is a warning, what cannot be read an error; neither keeps the rest from being looked at.
pub(super) fn check(paths: &[PathBuf], stories: Option<&Path>) -> Result<Checked, Failed> {
    let mut findings = Vec::new();
    let rules = rules(stories, &mut findings)?;
    let (mut files, mut objects) = (0, 0);
    for path in manifests(paths)? {
        files += 1;
        let file = path.display().to_string();
        match read(&path) {
            Ok(text) => objects += check_file(&file, &text, &rules, &mut findings),
            Err(error) => findings.push(Check::Manifest.finding(Level::Error, file, 1, error.to_string())),
        }
    }
    let counts = vec![
        counted(rules.len(), "manifest rule", "manifest rules"),
        counted(objects, "object", "objects"),
        counted(files, "file", "files"),
    ];
    Ok(Checked { findings, cross_table: Vec::new(), counts })
}

/// Checks the objects of one file, and gives their number.
fn check_file(file: &str, text: &str, rules: &[Known], findings: &mut Vec<Finding>) -> usize {
    let (objects, errors) = objects_in(text);
    for error in errors {
        findings.push(Check::Manifest.finding(Level::Error, file.to_owned(), error.line as usize, error.message));
    }
    for object in &objects {
        for known in rules {
            let Some(line) = known.rule.finds(object) else { continue };
            findings.push(Finding {
                file: file.to_owned(),
                line: line as usize,
                rule_id: known.id.clone(),
                about: known.name.clone(),
                level: Level::Warning,
                message: format!("{}: {} — see {} ({})", subject(object), known.name, known.title, known.address),
                help_uri: None,
            });
        }
    }
    objects.len()
}

/// The manifest rules of a folder, or of the library that is compiled in. What is wrong with their files is among the findings.
fn rules(stories: Option<&Path>, findings: &mut Vec<Finding>) -> Result<Vec<Known>, Failed> {
    let (library, errors) = match stories {
        Some(folder) => library::read_folder(folder).map_err(Failed::because("cannot read the story files"))?,
        None => library::built_in(),
    };
    let file = |path: &str| stories.unwrap_or(Path::new("")).join(path).display().to_string();
    for error in errors {
        findings.push(Check::StoryFile.finding(Level::Error, file(&error.file), error.line, error.message));
    }
    let patterns =
        library.patterns.iter().map(|(slug, pattern, facts)| (FailureKind::Pattern, slug, &pattern.failure, facts));
    let stories = library.stories.iter().map(|(slug, story, facts)| (FailureKind::Story, slug, &story.failure, facts));
    let mut rules = Vec::new();
    for (kind, slug, failure, facts) in patterns.chain(stories) {
        let address = FailureAddress { kind, slug: slug.clone() };
        let broken = compile(&address, failure, &mut rules);
        findings
            .extend(broken.into_iter().map(|(rule, message)| broken_rule(&file(&facts.path), facts, rule, &message)));
    }
    Ok(rules)
}

/// Compiles the manifest rules of a failure, and gives the numbers of those that cannot be, with the reasons.
fn compile(address: &FailureAddress, failure: &Failure, rules: &mut Vec<Known>) -> Vec<(usize, String)> {
    let mut broken = Vec::new();
    for (number, rule) in failure.rules.iter().enumerate().filter(|(_, rule)| rule.kind == RuleKind::Manifest) {
        match ManifestRule::compile(rule.text.as_str()) {
            Ok(compiled) => rules.push(Known {
                rule: compiled,
                id: format!("{address}/{}", Slug::from_title(rule.name.as_str(), &format!("rule-{}", number + 1))),
                name: rule.name.as_str().to_owned(),
                title: failure.title.as_str().to_owned(),
                address: address.clone(),
            }),
            Err(error) => broken.push((number, error.to_string())),
        }
    }
    broken
}

fn broken_rule(file: &str, facts: &FileFacts, rule: usize, message: &str) -> Finding {
    let field = format!("rules[{rule}].text");
    let line = facts.lines.of(&field);
    Check::RuleText.finding(Level::Error, file.to_owned(), line, format!("{field}: {message}"))
}

/// The files that are named, and the YAML and JSON files below the folders that are.
fn manifests(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failed> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut below = Vec::new();
            collect(path, &mut below)?;
            below.sort();
            files.append(&mut below);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// Links to folders are not followed: they may lead in a circle.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failed> {
    let cannot = || format!("cannot read the folder {}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(Failed::because(cannot()))? {
        let entry = entry.map_err(Failed::because(cannot()))?;
        let path = entry.path();
        let is_manifest =
            matches!(path.extension().and_then(|extension| extension.to_str()), Some("yaml" | "yml" | "json"));
        if entry.file_type().map_err(Failed::because(cannot()))?.is_dir() {
            collect(&path, files)?;
        } else if is_manifest && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> std::io::Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
}
