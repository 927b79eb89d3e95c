//! The YAML of an alerting rule, read as strictly as Prometheus reads it: one bad rule would keep the whole exported file
//! from being loaded.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_saphyr::{Location, Spanned};

use super::duration::milliseconds;
use super::{MetricRule, RuleError, expression, template};

/// Text, and where it stands.
type Text = Spanned<String>;

/// An alerting rule as it is written. `record` is here to be told apart from a slip.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    record: Option<Text>,
    alert: Option<Text>,
    expr: Option<Text>,
    r#for: Option<Text>,
    keep_firing_for: Option<Text>,
    labels: Option<BTreeMap<String, Option<Text>>>,
    annotations: Option<BTreeMap<String, Option<Text>>>,
}

/// A rule file. What it says about its groups is for a server to keep, not for a rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that they are not refused as unknown")]
struct Group {
    name: Option<String>,
    interval: Option<String>,
    query_offset: Option<String>,
    limit: Option<String>,
    #[serde(default)]
    rules: Vec<Spanned<Written>>,
}

pub(super) fn compile(text: &str) -> Result<MetricRule, RuleError> {
    match Shape::of(text) {
        Shape::Nothing => {
            Err(RuleError { line: None, message: "found no rule; expected YAML with alert and expr".to_owned() })
        }
        Shape::Rule => check(text, read::<Written>(text)?),
        Shape::List => only(text, read::<Vec<Spanned<Written>>>(text)?),
        Shape::File => only(text, read::<File>(text)?.groups.into_iter().flat_map(|group| group.rules).collect()),
    }
}

/// How much stands around the rule.
enum Shape {
    Nothing,
    Rule,
    List,
    File,
}

impl Shape {
    fn of(text: &str) -> Self {
        let told = |line: &&str| !line.is_empty() && !line.starts_with('#') && *line != "---";
        match text.lines().map(str::trim).find(told) {
            None => Self::Nothing,
            Some(line) if line.starts_with("- ") || line == "-" => Self::List,
            Some(line) if line.starts_with("groups:") => Self::File,
            Some(_) => Self::Rule,
        }
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, RuleError> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let told = error.to_string();
        let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _where)| what);
        let message = match told.strip_prefix("duplicate mapping key: ").and_then(|rest| rest.split(',').next()) {
            Some(key) => format!("found {key} twice; expected it once"),
            None => format!("found YAML that is not an alerting rule: {told}"),
        };
        RuleError { line: error.location().and_then(line), message }
    })
}

fn only(text: &str, mut rules: Vec<Spanned<Written>>) -> Result<MetricRule, RuleError> {
    match (rules.pop(), rules.last()) {
        (Some(rule), None) => check(text, rule.value),
        (Some(second), Some(_)) => {
            Err(at(&second.defined, format!("found {} rules; expected one, each on its own", rules.len() + 1)))
        }
        (None, _) => Err(RuleError { line: None, message: "found no rule in the list; expected one".to_owned() }),
    }
}

fn check(text: &str, written: Written) -> Result<MetricRule, RuleError> {
    if let Some(record) = written.record {
        return Err(at(
            &record.defined,
            "found a recording rule (record); expected an alerting rule (alert), since only alerts recognise a failure",
        ));
    }
    let alert = required(written.alert, "alert, the name of the alert")?;
    let expr = required(written.expr, "expr, the PromQL expression")?;
    expression::check(&expr.value).map_err(|fault| RuleError {
        line: line(expr.defined).map(|first| first + fault.at.map_or(0, |at| lines_before(text, &expr, at))),
        message: fault.at.map_or(fault.message.clone(), |at| format!("{}, {}", fault.message, place(&expr.value, at))),
    })?;
    let duration = |written: Option<Text>| {
        written
            .map(|text| match milliseconds(&text.value) {
                Some(_) => Ok(text.value),
                None => Err(not_a_duration(&text)),
            })
            .transpose()
    };
    Ok(MetricRule {
        alert: alert.value,
        expr: expr.value,
        hold_for: duration(written.r#for)?,
        keep_firing_for: duration(written.keep_firing_for)?,
        labels: templates(written.labels, "label")?,
        annotations: templates(written.annotations, "annotation")?,
    })
}

fn required(text: Option<Text>, what: &str) -> Result<Text, RuleError> {
    match text {
        Some(text) if !text.value.trim().is_empty() => Ok(text),
        Some(text) => Err(at(&text.defined, format!("found nothing; expected {what}"))),
        None => Err(RuleError { line: None, message: format!("expected {what}") }),
    }
}

fn templates(
    written: Option<BTreeMap<String, Option<Text>>>,
    what: &str,
) -> Result<BTreeMap<String, String>, RuleError> {
    let mut templates = BTreeMap::new();
    for (name, text) in written.unwrap_or_default() {
        let location = text.as_ref().map(|text| text.defined);
        let fault = |message| RuleError { line: location.and_then(line), message };
        if !is_label_name(&name) || (what == "label" && name == "__name__") {
            return Err(fault(format!(
                "found the {what} {name:?}; expected a name of letters, digits and _, not beginning with a digit"
            )));
        }
        let value = text.map(|text| text.value).unwrap_or_default();
        template::check(&value).map_err(|message| fault(format!("in the {what} {name}: {message}")))?;
        templates.insert(name, value);
    }
    Ok(templates)
}

fn not_a_duration(text: &Text) -> RuleError {
    at(&text.defined, format!("found {:?}; expected a duration such as 30s, 5m or 1d12h", text.value))
}

fn is_label_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn at(location: &Location, message: impl Into<String>) -> RuleError {
    RuleError { line: line(*location), message: message.into() }
}

fn line(location: Location) -> Option<u32> {
    u32::try_from(location.line()).ok().filter(|line| *line > 0)
}

/// Where a byte of the expression is, for people: expressions are often one long line.
fn place(expr: &str, byte: usize) -> String {
    let character = expr.get(..byte).unwrap_or_default().chars().count() + 1;
    format!("at character {character} of the expression")
}

/// How many lines of the rule's text lie between the beginning of a scalar and a byte of its value. YAML folds white
/// space but keeps all else in order, so what is not white space is counted.
fn lines_before(text: &str, scalar: &Text, byte: usize) -> u32 {
    let span = scalar.defined.span();
    let Some(source) = span.byte_offset().and_then(|start| text.get(usize::try_from(start).ok()?..)) else { return 0 };
    let value = scalar.value.get(..byte).unwrap_or_default();
    let passed = value.chars().filter(|c| !c.is_whitespace()).count();
    let reached = source.char_indices().filter(|(_, c)| !c.is_whitespace()).nth(passed);
    let lines = source[..reached.map_or(0, |(at, _)| at)].matches('\n').count();
    u32::try_from(lines).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::MetricRule;

    #[track_caller]
    fn refused(text: &str) -> String {
        MetricRule::compile(text).expect_err("not a rule").to_string()
    }

    const WHOLE: &str = "\
alert: PodRangeNearlyGivenOut
expr: count(kube_node_info) / 256 > 0.8
for: 1h30m
keep_firing_for: 5m
labels:
  severity: warning
  shard: 3
annotations:
  summary: 'Only {{ $value | humanizePercentage }} left on {{ $labels.cluster }}'
  empty:
";

    #[test]
    fn a_whole_rule_is_read_and_values_are_the_text_they_are_written_in() {
        let rule = MetricRule::compile(WHOLE).expect("a rule");
        assert_eq!(rule.alert, "PodRangeNearlyGivenOut");
        assert_eq!(rule.expr, "count(kube_node_info) / 256 > 0.8");
        assert_eq!((rule.hold_for.as_deref(), rule.keep_firing_for.as_deref()), (Some("1h30m"), Some("5m")));
        assert_eq!(rule.labels["shard"], "3");
        assert_eq!(rule.annotations["empty"], "");
    }

    #[test]
    fn an_item_of_a_list_and_a_file_with_one_rule_are_the_same_rule() {
        let rule = MetricRule::compile(WHOLE);
        let indented = WHOLE.replace('\n', "\n  ");
        assert_eq!(MetricRule::compile(&format!("# from our repository\n- {indented}")), rule);
        let indented = WHOLE.replace('\n', "\n          ");
        let file = format!("---\ngroups:\n  - name: pods\n    interval: 30s\n    rules:\n        - {indented}");
        assert_eq!(MetricRule::compile(&file), rule);
    }

    #[test]
    fn what_is_not_one_alerting_rule_is_refused_with_its_line() {
        for (text, expected) in [
            ("", "found no rule; expected YAML with alert and expr"),
            ("alert: X", "expected expr, the PromQL expression"),
            ("expr: up", "expected alert, the name of the alert"),
            ("alert: ''\nexpr: up", "line 1: found nothing; expected alert, the name of the alert"),
            ("alert: X\nexpr: up\nfro: 5m", "line 3: found YAML that is not an alerting rule: unknown field `fro`"),
            ("alert: X\nexpr: up\nexpr: up", "line 3: found expr twice"),
            ("record: job:up\nexpr: up", "line 1: found a recording rule (record)"),
            ("alert: X\nexpr: up\nfor: 5 minutes", "line 3: found \"5 minutes\"; expected a duration such as 30s"),
            ("alert: X\nexpr: up\nlabels:\n  a-b: c", "line 4: found the label \"a-b\""),
            ("alert: X\nexpr: up\nlabels:\n  __name__: c", "line 4: found the label \"__name__\""),
            ("alert: X\nexpr: up\nannotations:\n  a: b\n  c: '{{ $x }}'", "line 5: in the annotation c: "),
            ("- alert: X\n  expr: up\n- alert: Y\n  expr: up", "line 3: found 2 rules; expected one"),
            ("groups: []", "found no rule in the list"),
            ("alert: X\nexpr: up)", "line 2: found ) without the ( it would close, at character 3 of the expression"),
            ("alert: X\nexpr: {{ up }}", "line 2: found YAML that is not an alerting rule"),
            ("alert: [", "line 1: found YAML"),
        ] {
            assert!(refused(text).starts_with(expected), "{text:?} gives {}", refused(text));
        }
    }

    #[test]
    fn a_fault_in_an_expression_of_many_lines_is_told_with_its_own_line() {
        for opening in ["|", ">-", "|+", ""] {
            let text = format!("alert: X\nexpr: {opening}\n  sum(a)\n    /\n\n  sum(b]\nfor: 5m\n");
            assert!(refused(&text).starts_with("line 6: "), "{opening:?} gives {}", refused(&text));
        }
    }
}
