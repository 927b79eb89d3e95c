//! Alerting rules of Prometheus as patterns: one for each alert, whichever files and groups its rules stand in.

mod template;

use std::collections::BTreeSet;

use super::draft::Draft;
use super::yaml::{self, Node};
use super::{Origin, Refused, Taken, category, excerpt, reference, technology, words};
use crate::domain::input::RuleInput;
use crate::domain::rule::RuleText;
use crate::domain::{Line, Rule, RuleKind, Technology, Title};

/// One alerting rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertingRule {
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// Its alert.
    pub alert: String,
    /// The name of its group.
    pub group: String,
    /// Its label `severity`.
    pub severity: Option<String>,
    /// Its annotations, templates and all.
    pub annotations: Vec<(String, String)>,
    /// It as a rule of Casebook: the YAML as it was written.
    pub rule: Rule,
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// The alerting rules.
    pub rules: Vec<AlertingRule>,
    /// What looks like an alerting rule and is none.
    pub refused: Vec<Refused>,
    /// How many recording rules there are: they say nothing about failures.
    pub recording: usize,
}

/// Reads a file of rule groups, or objects of the kind `PrometheusRule`, in YAML or JSON. Nothing, where it is neither.
pub fn read(text: &str) -> Option<File> {
    let mut file = File::default();
    let documents = match yaml::read(text) {
        Ok(documents) => documents,
        Err(error) => {
            file.refused.push(Refused { line: error.line, id: String::new(), why: error.to_string() });
            return Some(file);
        }
    };
    let mut holders: Vec<&Node> = Vec::new();
    documents.iter().for_each(|document| collect_holders(document, &mut holders));
    for holder in &holders {
        for group in holder.get("groups").map(Node::items).unwrap_or_default() {
            read_group(text, group, &mut file);
        }
    }
    (!holders.is_empty()).then_some(file)
}

/// The values that have `groups`: the document itself, the `spec` of a `PrometheusRule`, or those of a list of them.
fn collect_holders<'n>(document: &'n Node, holders: &mut Vec<&'n Node>) {
    if document.get("groups").is_some() {
        holders.push(document);
    } else if let Some(spec) = document.get("spec").filter(|spec| spec.get("groups").is_some()) {
        holders.push(spec);
    } else {
        let items = document.get("items").map(Node::items).unwrap_or_default();
        holders.extend(items.iter().filter_map(|item| item.get("spec")).filter(|spec| spec.get("groups").is_some()));
    }
}

fn read_group(text: &str, group: &Node, file: &mut File) {
    let name = group.text_at("name").unwrap_or_default();
    for entry in group.get("rules").map(Node::items).unwrap_or_default() {
        if entry.get("record").is_some() {
            file.recording += 1;
            continue;
        }
        let alert = entry.text_at("alert").map(str::trim).unwrap_or_default();
        match alerting_rule(text, entry, alert, name) {
            Ok(rule) => file.rules.push(rule),
            Err(why) => file.refused.push(Refused { line: entry.line, id: alert.to_owned(), why }),
        }
    }
}

fn alerting_rule(text: &str, entry: &Node, alert: &str, group: &str) -> Result<AlertingRule, String> {
    if alert.is_empty() {
        return Err("found neither alert nor record; expected the name of an alert".to_owned());
    }
    let rule_text = excerpt::with(text, entry, None).ok_or("the rule cannot be written as YAML of its own")?;
    let pairs = |key| entry.get(key).map(Node::entries).unwrap_or_default();
    let severity = pairs("labels").iter().find(|(name, _)| name == "severity").and_then(|(_, value)| value.text());
    let annotations = pairs("annotations")
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
        .collect();
    let name = Draft::default().short("alert", &words::phrase(alert));
    Ok(AlertingRule {
        line: entry.line,
        alert: alert.to_owned(),
        group: group.to_owned(),
        severity: severity.map(str::to_owned),
        annotations,
        rule: Rule {
            kind: RuleKind::Metric,
            name: Line::parse(&name).map_err(|invalid| format!("alert: {invalid}"))?,
            text: RuleText::parse(&rule_text).map_err(|invalid| format!("rule: {invalid}"))?,
            fires_on: Vec::new(),
            silent_on: Vec::new(),
            also_fires: Vec::new(),
        },
    })
}

/// The pattern of an alert, made of all its rules: `rules` are not empty. `place` are words of where they stand, such as
/// the path of their file, that may name a technology.
pub fn pattern(rules: &[&AlertingRule], place: &str, origin: &Origin) -> Result<Taken, String> {
    let first = rules.first().ok_or("no rule")?;
    let mut draft = Draft::default();
    let texts = Annotations::of(rules);
    let title = draft.title(&title(&first.alert, &texts.summary));
    if title != first.alert {
        draft.input.aliases = vec![draft.line("alert", &first.alert, Title::MAX)];
    }
    draft.provenance(&first.alert, "", origin.source.as_ref(), origin);
    let summary = draft.prose("summary", &texts.summary, &format!("The alert {}.", first.alert));
    let symptom = draft.prose("description", &texts.symptom, &format!("The alert {} fires.", first.alert));
    let unstated = "The source states no remediation.";
    let unstated =
        if texts.runbooks.is_empty() { unstated } else { "The source's runbook, linked below, says what to do." };
    let remediation = draft.prose("runbook", &texts.remediation, unstated);
    references(&mut draft, &texts);
    let category = category::guess(&[&first.alert, &summary]);
    let technologies = technologies(first, place);
    let rules = draft.at_most("rules", rules.to_vec());
    let failure = &mut draft.input.failure;
    failure.rules = rule_inputs(&rules);
    failure.category = category.to_string();
    failure.technologies = technologies.iter().map(ToString::to_string).collect();
    failure.title = title;
    failure.summary = summary;
    failure.symptom = symptom;
    "The source states no cause.".clone_into(&mut failure.root_cause);
    failure.remediation = remediation;
    draft.finish(|pattern, remarks| Taken {
        id: first.alert.clone(),
        pattern,
        lines: rules.iter().map(|rule| rule.line).collect(),
        category_is_guessed: true,
        remarks,
    })
}

/// The name of an alert as a phrase: with the summary's capitals, where that begins with the same words.
fn title(alert: &str, summary: &str) -> String {
    let phrase = words::phrase(alert);
    let bare = |text: &str| words::words(text).collect::<String>().to_lowercase();
    let beginning = summary.split(['(', '[', ':']).next().unwrap_or_default().trim();
    if bare(beginning) == bare(alert) { beginning.to_owned() } else { phrase }
}

/// What the alert, its group and its place name; Prometheus only where the alert itself is about it.
fn technologies(rule: &AlertingRule, place: &str) -> Vec<Technology> {
    let own = technology::named_in(&rule.alert);
    let around = technology::named_in(&rule.group).into_iter().chain(technology::named_in(place));
    let others: Vec<_> = around.filter(|technology| technology.as_str() != "prometheus").collect();
    let mut seen = BTreeSet::new();
    own.into_iter().chain(others).filter(|technology| seen.insert(technology.clone())).collect()
}

/// The rules, each with a name of its own: with the severity where there are several, and a number where that is not enough.
fn rule_inputs(rules: &[&AlertingRule]) -> Vec<RuleInput> {
    let mut names = BTreeSet::new();
    let name_of = |alerting: &AlertingRule| {
        let plain = alerting.rule.name.to_string();
        match &alerting.severity {
            Some(severity) if rules.len() > 1 => format!("{plain} ({})", template::plain(severity)),
            Some(_) | None => plain,
        }
    };
    rules
        .iter()
        .map(|alerting| {
            let name = name_of(alerting);
            let numbered = (2..).map(|number| format!("{name} {number}"));
            let name = std::iter::once(name.clone()).chain(numbered).find(|name| names.insert(name.clone()));
            RuleInput {
                kind: RuleKind::Metric.to_string(),
                name: Draft::default().short("name", &name.unwrap_or_default()),
                text: alerting.rule.text.to_string(),
                ..RuleInput::default()
            }
        })
        .collect()
}

/// What the annotations of the rules of one alert say, for people.
#[derive(Default)]
struct Annotations {
    summary: String,
    symptom: String,
    remediation: String,
    /// Web addresses, with what each leads to.
    runbooks: Vec<(String, &'static str)>,
}

impl Annotations {
    fn of(rules: &[&AlertingRule]) -> Self {
        let mut descriptions: Vec<String> = Vec::new();
        let mut remediations: Vec<String> = Vec::new();
        let mut said = Self::default();
        for (name, value) in rules.iter().flat_map(|rule| &rule.annotations) {
            let text = template::plain(value);
            let is_link = value.starts_with("http://") || value.starts_with("https://");
            match name.as_str() {
                "runbook_url" | "runbook" | "playbook" if is_link => said.link(value, "Runbook"),
                "dashboard_url" | "dashboard" if is_link => said.link(value, "Dashboard"),
                _ if is_link => said.link(value, ""),
                "summary" | "title" if said.summary.is_empty() => said.summary = text,
                "description" | "message" | "summary" | "title" => add_new(&mut descriptions, text),
                "runbook" | "playbook" | "action" | "mitigation" | "remediation" | "resolution" => {
                    add_new(&mut remediations, text);
                }
                _ => {}
            }
        }
        descriptions.retain(|text| *text != said.summary);
        if said.summary.is_empty() && !descriptions.is_empty() {
            said.summary.clone_from(&descriptions[0]);
        }
        said.symptom = if descriptions.is_empty() { said.summary.clone() } else { descriptions.join("\n\n") };
        said.remediation = remediations.join("\n\n");
        said
    }

    fn link(&mut self, address: &str, title: &'static str) {
        if self.runbooks.iter().all(|(known, _)| known != address) {
            self.runbooks.push((address.to_owned(), title));
        }
    }
}

fn add_new(texts: &mut Vec<String>, text: String) {
    if !text.is_empty() && !texts.contains(&text) {
        texts.push(text);
    }
}

fn references(draft: &mut Draft, texts: &Annotations) {
    let mut references = Vec::new();
    for (address, title) in &texts.runbooks {
        match reference::input(address, title) {
            Some(reference) => references.push(reference),
            None => {
                let shown = draft.line("annotations", address, 80);
                draft.remarks.push(format!("annotations: \"{shown}\" is no web address by itself and was left out"));
            }
        }
    }
    draft.input.failure.references = draft.at_most("annotations", references);
}

#[cfg(test)]
mod tests {
    use super::{AlertingRule, File, pattern, read};
    use crate::intake::{Origin, Taken};

    const TWO_SEVERITIES: &str = "groups:\n- name: node-exporter\n  rules:\n  - record: a:b\n    expr: up\n  # soon\n  \
        - alert: NodeRAIDDegraded\n    expr: 'a > 1'  # half\n    labels: {severity: warning}\n    annotations:\n      \
        summary: 'Node RAID degraded (instance {{ $labels.instance }})'\n      description: \"It is.\\n  VALUE = {{ $value }}\"\n      \
        runbook_url: https://example.com/raid\n      grafana: 'https://example.com/{{ $labels.x }}'\n  \
        - alert: NodeRAIDDegraded\n    expr: a > 2\n    labels: {severity: critical}\n    annotations: {runbook: Replace the disk.}\n  \
        - alert: NodeRAIDDegraded\n    expr: a > 3\n    labels: {severity: critical}\n  - expr: b\n";

    fn file(text: &str) -> File {
        read(text).expect("a file of rules")
    }

    fn taken(file: &File) -> Taken {
        let rules: Vec<&AlertingRule> = file.rules.iter().collect();
        let origin = Origin { source: None, license: None };
        pattern(&rules, "rules/ceph/ceph.yml", &origin).expect("a pattern")
    }

    #[test]
    fn the_rules_of_one_alert_are_one_pattern() {
        let file = file(TWO_SEVERITIES);
        assert_eq!((file.recording, file.refused.len(), file.refused[0].line), (1, 1, 22));
        let taken = taken(&file);
        let failure = &taken.pattern.failure;
        assert_eq!(failure.title.as_str(), "Node RAID degraded");
        assert_eq!(taken.pattern.aliases[0].as_str(), "NodeRAIDDegraded");
        let names: Vec<_> = failure.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(
            names,
            ["Node RAID degraded (warning)", "Node RAID degraded (critical)", "Node RAID degraded (critical) 2",]
        );
        assert_eq!(failure.summary.as_str(), "Node RAID degraded (instance [instance])");
        assert_eq!(failure.symptom.as_str(), "It is.");
        assert_eq!(failure.remediation.as_str(), "Replace the disk.");
        assert_eq!(failure.references[0].url.as_str(), "https://example.com/raid");
        let technologies: Vec<_> = failure.technologies.iter().map(crate::domain::Technology::as_str).collect();
        assert_eq!(technologies, ["node-exporter", "ceph"]);
        assert!(failure.rules[0].text.as_str().starts_with("alert: NodeRAIDDegraded\nexpr: 'a > 1'  # half\nlabels:"));
        assert_eq!(taken.remarks.len(), 1, "{:?}", taken.remarks);
    }

    #[test]
    fn objects_of_the_operator_and_lists_of_them_are_read_in_yaml_and_json() {
        let object =
            "kind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules:\n    - {alert: A, expr: up == 0}\n";
        assert_eq!(file(object).rules[0].rule.text.as_str(), "{alert: A, expr: up == 0}");
        let json = r#"{"kind": "List", "items": [{"spec": {"groups": [{"rules": [{"alert": "A", "expr": "up"}]}]}}]}"#;
        assert_eq!(taken(&file(json)).id, "A");
        assert_eq!(read("apiVersion: v1\nkind: Service\nspec: {ports: []}\n"), None);
        assert_eq!(file("{{ if .Values.x }}\na: [\n").refused.len(), 1);
    }
}
