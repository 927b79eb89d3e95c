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
    let also_stated = also_stated(&mut draft, cre, &tags);
    prose(&mut draft, cre, &also_stated);
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
fn also_stated(draft: &mut Draft, cre: &Node, tags: &[&str]) -> String {
    const RATINGS: [&str; 5] = ["critical", "high", "medium", "low", "info"];
    let mut parts = Vec::new();
    let others = cre.entries().iter().filter(|(key, _)| !PLACED.contains(&key.as_str()) && key != "tags");
    for (key, value) in others.filter_map(|(key, _)| Some((key, cre.get(key)?))) {
        let Some(text) = value.text() else {
            let key = draft.line("key", key, 80);
            draft.remarks.push(format!("{key}: it is not known here, and more than a text, and was left out"));
            continue;
        };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        parts.push(match (key.as_str(), text.parse::<usize>().ok().and_then(|rating| RATINGS.get(rating))) {
            ("severity", Some(word)) => format!("severity {word}"),
            ("impactScore", _) => format!("impact {text} of 10"),
            ("mitigationScore", _) => format!("effort of mitigation {text} of 10"),
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

#[cfg(test)]
mod tests {
    use super::read;
    use crate::domain::{Category, Line, ReferenceKind};
    use crate::intake::{Found, Origin};

    const RULES: &str = "rules:\n- cre:\n    id: CRE-2024-0016\n    severity: 1\n    title: Agent fails\n    category: observability-problem\n    \
        author: Prequel\n    description: |\n      It fails.\n\n      It fails again.\n    cause: Nobody knows.\n    \
        tags: [known-problem, k8s]\n    impact: Metrics are missing.\n    impactScore: 4\n    owner: {team: x}\n    \
        note: see below\n    references:\n      - https://github.com/a/b/issues/1\n      - the manual\n    applications:\n      \
        - name: \"Google Kubernetes Engine (GKE)\"\n        version: 1.28.x\n      - name: thing\n        version: '*'\n  \
        metadata: {id: x, gen: 1}\n  rule:\n    set:  # any\n      event: {source: cre.log.agent}\n      match:\n        - oops\n\
        - cre: {title: No rule}\n- rule: {set: {match: [a]}}\n- cre: {id: CRE-2024-0017}\n  rule: {set: {match: [a]}}\n\
        terms:\n  oops: {regex: 'Oops!'}\n  other: x\n";

    fn found(text: &str) -> Found {
        let origin = Origin { source: None, license: Line::parse("Apache-2.0").ok() };
        read(text, &origin).expect("a file of rules")
    }

    #[test]
    fn each_field_has_its_place() {
        let found = found(RULES);
        let taken = &found.taken[0];
        let failure = &taken.pattern.failure;
        assert_eq!((taken.id.as_str(), taken.lines.as_slice()), ("CRE-2024-0016", &[28][..]));
        assert_eq!((failure.category, taken.category_is_guessed), (Category::Observability, false));
        assert_eq!(failure.summary.as_str(), "It fails.");
        let stated = "The source also states: severity high; impact 4 of 10; note see below; category observability-problem; \
                      tags known-problem, k8s.";
        assert_eq!(failure.symptom.as_str(), format!("It fails again.\n\nMetrics are missing.\n\n{stated}"));
        assert_eq!(failure.root_cause.as_str(), "Nobody knows.");
        assert_eq!(failure.remediation.as_str(), "The source states no remediation.");
        let technologies: Vec<_> = failure.technologies.iter().map(crate::domain::Technology::as_str).collect();
        assert_eq!(technologies, ["gke", "thing", "kubernetes"]);
        assert_eq!(failure.contributing_factors[0].as_str(), "Known of Google Kubernetes Engine (GKE), version 1.28.x");
        assert_eq!(failure.references.len(), 1);
        assert_eq!(failure.references[0].kind, ReferenceKind::Discussion);
        assert_eq!(taken.pattern.aliases[0].as_str(), "CRE-2024-0016");
        let provenance = failure.provenance.as_ref().expect("provenance");
        assert_eq!(provenance.author.as_ref().map(Line::as_str), Some("Prequel"));
        assert_eq!(provenance.license.as_str(), "Apache-2.0");
        let lost = "owner: it is not known here, and more than a text, and was left out";
        assert_eq!(taken.remarks, [lost, "references: \"the manual\" is no web address and was left out"]);
    }

    #[test]
    fn the_rule_comes_with_the_terms_that_it_uses_as_they_were_written() {
        let text = found(RULES).taken[0].pattern.failure.rules[0].text.to_string();
        let expected = "set:  # any\n  event: {source: cre.log.agent}\n  match:\n    - oops\nterms:\n  oops:\n    {regex: 'Oops!'}";
        assert_eq!(text, expected);
    }

    #[test]
    fn one_bad_rule_does_not_keep_the_others_out() {
        let found = found(RULES);
        let refused: Vec<_> = found.refused.iter().map(|one| (one.line, one.why.as_str())).collect();
        assert_eq!(
            refused,
            [
                (32, "found no key rule; expected a set or a sequence"),
                (33, "found no key cre; expected what the rule is about"),
            ]
        );
        let bare = &found.taken[1];
        assert_eq!((bare.pattern.failure.title.as_str(), bare.category_is_guessed), ("CRE-2024-0017", true));
        assert_eq!(bare.pattern.failure.symptom.as_str(), "The source describes no symptom.");
    }

    #[test]
    fn what_is_no_file_of_rules_is_passed_over_and_broken_yaml_is_not() {
        let origin = Origin { source: None, license: None };
        assert_eq!(read("categories:\n- name: x\n", &origin), None);
        assert_eq!(read("", &origin), None);
        let broken = read("rules: [\n", &origin).expect("broken");
        assert!(broken.refused[0].why.starts_with("found something that is not YAML"), "{broken:?}");
        assert!(found("rules: []\n").taken.is_empty());
    }
}
