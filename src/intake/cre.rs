//! Rules of the Common Reliability Enumerations (prequel-dev/cre) as patterns. `docs/import.md` says what becomes of each field.

use std::collections::BTreeSet;

use super::category::{self, Read};
use super::draft::Draft;
use super::yaml::{self, Content, Node};
use super::{Found, Origin, Refused, Taken, excerpt, reference, technology};
use crate::domain::input::RuleInput;
use crate::domain::{RuleKind, Title};

/// The keys of `cre` that have a place of their own in a pattern.
const PLACED: &[&str] = &[
    "id",
    "title",
    "category",
    "author",
    "description",
    "cause",
    "impact",
    "mitigation",
    "references",
    "applications",
];

/// Reads a file. Nothing, where it is no file of rules at all.
pub fn read(text: &str, origin: &Origin) -> Option<Found> {
    let mut found = Found::default();
    let documents = match yaml::read(text) {
        Ok(documents) => documents,
        Err(error) => {
            let refused = Refused { line: error.line, id: String::new(), why: error.to_string() };
            return Some(Found { refused: vec![refused], ..found });
        }
    };
    let files: Vec<&Node> = documents.iter().filter(|document| document.get("rules").is_some()).collect();
    for file in &files {
        for rule in file.get("rules").map(Node::items).unwrap_or_default() {
            let id = rule.get("cre").and_then(|cre| cre.text_at("id")).unwrap_or_default().trim();
            let taken = pattern(text, rule, file.get("terms"), origin);
            found.add(rule.line, id, taken);
        }
    }
    (!files.is_empty()).then_some(found)
}

fn pattern(text: &str, entry: &Node, terms: Option<&Node>, origin: &Origin) -> Result<Taken, String> {
    let cre = entry.get("cre").ok_or("found no key cre; expected what the rule is about")?;
    let rule = entry.get("rule").ok_or("found no key rule; expected a set or a sequence")?;
    let mut draft = Draft::default();
    let stated_id = cre.text_at("id").map(str::trim);
    let id = stated_id.or(entry.get("metadata").and_then(|metadata| metadata.text_at("id"))).unwrap_or_default();
    let title = cre.text_at("title").or(stated_id).ok_or("found neither a title nor an id")?;
    let title = draft.title(title);
    let tags: Vec<&str> = cre.get("tags").map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect();
    let stated = cre.text_at("category").unwrap_or_default();
    let (category, category_is_guessed) = match category::of_cre(stated, &title, &tags) {
        Read::Stated(category) => (category, false),
        Read::Guessed(category) => (category, true),
    };
    let source = origin.source.clone();
    let author = cre.text_at("author").unwrap_or_default();
    draft.provenance(id, author, source.as_ref(), origin);
    draft.input.aliases = stated_id.into_iter().map(|id| draft.line("id", id, Title::MAX)).collect();
    prose(&mut draft, cre, &also_stated(cre, &tags));
    references(&mut draft, cre);
    applications(&mut draft, cre, &tags);
    let rule_text = rule_text(text, rule, terms).ok_or("the rule cannot be written as YAML of its own")?;
    let failure = &mut draft.input.failure;
    failure.category = category.to_string();
    failure.rules = vec![RuleInput {
        kind: RuleKind::Log.to_string(),
        name: title.clone(),
        text: rule_text,
        ..RuleInput::default()
    }];
    failure.title = title;
    draft.finish(|pattern, remarks| Taken {
        id: id.to_owned(),
        pattern,
        lines: vec![rule.line],
        category_is_guessed,
        remarks,
    })
}

fn prose(draft: &mut Draft, cre: &Node, also_stated: &str) {
    let field = |key| cre.text_at(key).unwrap_or_default().trim_end();
    // In a hurry, the first paragraph is read; one that leads to a list is none without it.
    let description = field("description");
    let (first, rest) = description.split_once("\n\n").unwrap_or((description, ""));
    let (summary, rest) = if first.trim_end().ends_with(':') { (description, "") } else { (first, rest) };
    let said: Vec<&str> = [rest, field("impact")].into_iter().filter(|part| !part.trim().is_empty()).collect();
    let symptom = match (said.as_slice(), description.trim()) {
        ([], "") => "The source describes no symptom.".to_owned(),
        ([], _) => description.to_owned(),
        (said, _) => said.join("\n\n"),
    };
    let symptom = draft.prose("impact", &format!("{symptom}\n\n{also_stated}"), "");
    let summary = draft.prose("description", summary, "The source has no description.");
    let root_cause = draft.prose("cause", field("cause"), "The source states no cause.");
    let remediation = draft.prose("mitigation", field("mitigation"), "The source states no remediation.");
    let failure = &mut draft.input.failure;
    failure.symptom = symptom;
    failure.summary = summary;
    failure.root_cause = root_cause;
    failure.remediation = remediation;
}

/// What the source says besides, in one paragraph: ratings, tags, and fields that are not known here.
fn also_stated(cre: &Node, tags: &[&str]) -> String {
    const RATINGS: [&str; 5] = ["critical", "high", "medium", "low", "info"];
    let mut parts = Vec::new();
    for (key, value) in cre.entries().iter().filter(|(key, _)| !PLACED.contains(&key.as_str())) {
        let Some(text) = value.text() else { continue };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        parts.push(match (key.as_str(), text.parse::<usize>().ok().and_then(|rating| RATINGS.get(rating))) {
            ("severity", Some(word)) => format!("severity {word}"),
            ("impactScore", _) => format!("impact {text} of 10"),
            ("mitigationScore", _) => format!("effort of mitigation {text} of 10"),
            ("tags", _) => continue,
            _ => format!("{key} {text}"),
        });
    }
    let category = cre.text_at("category").map(|category| format!("category {category}"));
    parts.extend(category);
    if !tags.is_empty() {
        parts.push(format!("tags {}", tags.join(", ")));
    }
    if parts.is_empty() { String::new() } else { format!("The source also states: {}.", parts.join("; ")) }
}

fn references(draft: &mut Draft, cre: &Node) {
    let addresses = cre.get("references").map(Node::items).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut references = Vec::new();
    for address in addresses.iter().filter_map(Node::text).map(str::trim).filter(|address| seen.insert(*address)) {
        match reference::input(address, "") {
            Some(reference) => references.push(reference),
            None => {
                let shown = draft.line("references", address, 80);
                draft.remarks.push(format!("references: \"{shown}\" is no web address and was left out"));
            }
        }
    }
    draft.input.failure.references = draft.at_most("references", references);
}

fn applications(draft: &mut Draft, cre: &Node, tags: &[&str]) {
    let mut technologies = Vec::new();
    let mut factors = Vec::new();
    for application in cre.get("applications").map(Node::items).unwrap_or_default() {
        let Some(name) = application.text_at("name").or(application.text()).map(str::trim) else { continue };
        let known = technology::of_application(name);
        if known.is_empty() {
            let shown = draft.short("applications", name);
            draft.remarks.push(format!("applications: no technology could be made of \"{shown}\""));
        }
        technologies.extend(known);
        let version = application.text_at("version").map(str::trim).filter(|version| *version != "*");
        factors.extend(version.map(|version| format!("Known of {name}, version {version}")));
    }
    technologies.extend(tags.iter().flat_map(|tag| technology::named_in(tag)));
    let mut seen = BTreeSet::new();
    technologies.retain(|technology| seen.insert(technology.clone()));
    let technologies = draft.at_most("applications", technologies);
    draft.input.failure.technologies = technologies.iter().map(ToString::to_string).collect();
    let factors = factors.iter().map(|factor| draft.short("applications", factor)).collect();
    draft.input.failure.contributing_factors = draft.at_most("applications", factors);
}

/// The rule as YAML of its own, with the terms that it uses.
fn rule_text(text: &str, rule: &Node, terms: Option<&Node>) -> Option<String> {
    let mut strings = BTreeSet::new();
    collect_strings(rule, &mut strings);
    let terms = terms.map(Node::entries).unwrap_or_default();
    let used: Vec<(&str, &Node)> = terms
        .iter()
        .filter(|(name, _)| strings.contains(name.as_str()))
        .map(|(name, term)| (name.as_str(), term))
        .collect();
    let extra = (!used.is_empty() && rule.get("terms").is_none()).then_some(("terms", used.as_slice()));
    excerpt::with(text, rule, extra)
}

fn collect_strings<'n>(node: &'n Node, strings: &mut BTreeSet<&'n str>) {
    match &node.content {
        Content::Text { text, .. } => {
            strings.insert(text);
        }
        Content::List(items) => items.iter().for_each(|item| collect_strings(item, strings)),
        Content::Map(entries) => entries.iter().for_each(|(_, value)| collect_strings(value, strings)),
    }
}
