//! Unit tests of metric rules: series as they would be scraped, and the moment at which the alert fires or is silent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::duration::milliseconds;
use super::{MetricRule, RuleError, export};

/// An example that is a unit test: a part of a test group as `promtool test rules` reads it, see
/// <https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/>.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitTest {
    /// The time between two samples, and between two evaluations of the rule.
    #[serde(default = "one_minute")]
    interval: String,
    /// What is scraped.
    input_series: Vec<Series>,
    /// When the alert is looked for, counted from the first sample.
    eval_time: String,
    /// Labels that the server adds, for templates that use them.
    #[serde(default)]
    external_labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    series: String,
    values: String,
}

fn one_minute() -> String {
    "1m".to_owned()
}

/// promtool makes all samples at once, and `0x1000000000` is short to write.
const MOST_SAMPLES: f64 = 100_000.0;

impl UnitTest {
    /// Whether an example is meant to be a unit test; otherwise it is a pasted alert.
    pub fn is_meant(text: &str) -> bool {
        text.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with("input_series:"))
    }

    /// Reads a unit test; the expressions in it are promtool's to check.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let options = serde_saphyr::options! { with_snippet: false };
        let test: Self = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| wrong(format!("found YAML that is not a unit test of a metric rule: {error}")))?;
        let duration = |name: &str, text: &str| {
            milliseconds(text)
                .ok_or_else(|| wrong(format!("found {name} {text:?}; expected a duration such as 30s, 5m or 1d12h")))
        };
        let interval = duration("interval", &test.interval)?;
        let steps = duration("eval_time", &test.eval_time)? / interval;
        let samples: f64 =
            test.input_series.iter().flat_map(|series| series.values.split_whitespace()).map(samples).sum();
        if interval == 0.0 || steps > MOST_SAMPLES || samples > MOST_SAMPLES {
            return Err(wrong(format!(
                "found a unit test with more than {MOST_SAMPLES} samples or evaluations; expected a longer interval"
            )));
        }
        Ok(test)
    }

    /// Prints the test file for one rule in `rule_file`. It succeeds when the alert is silent; when it fires, promtool
    /// says that it got `{} 1`.
    pub fn print(&self, rule: &MetricRule, rule_file: &str) -> String {
        let name = rule.alert.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let file = TestFile {
            rule_files: [rule_file],
            evaluation_interval: &self.interval,
            tests: [Group {
                interval: &self.interval,
                input_series: self.input_series.iter().map(Series::on_one_line).collect(),
                external_labels: &self.external_labels,
                promql_expr_test: [Question {
                    expr: format!("group(ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}})"),
                    eval_time: &self.eval_time,
                    exp_samples: [],
                }],
            }],
        };
        export::yaml(&file)
    }
}

impl Series {
    /// Line breaks mean nothing here, and promtool's answer is read by lines.
    fn on_one_line(&self) -> Self {
        Self { series: self.series.replace(['\n', '\r'], " "), values: self.values.replace(['\n', '\r'], " ") }
    }
}

/// How many samples a part of `values` stands for: `1+2x10` is the first and ten more.
fn samples(part: &str) -> f64 {
    let times = part.rsplit_once('x').and_then(|(_, times)| times.parse::<f64>().ok());
    times.unwrap_or_default() + 1.0
}

fn wrong(message: String) -> RuleError {
    RuleError { line: None, message }
}

#[derive(Serialize)]
struct TestFile<'t> {
    rule_files: [&'t str; 1],
    evaluation_interval: &'t str,
    tests: [Group<'t>; 1],
}

#[derive(Serialize)]
struct Group<'t> {
    interval: &'t str,
    input_series: Vec<Series>,
    external_labels: &'t BTreeMap<String, String>,
    promql_expr_test: [Question<'t>; 1],
}

#[derive(Serialize)]
struct Question<'t> {
    expr: String,
    eval_time: &'t str,
    exp_samples: [(); 0],
}

#[cfg(test)]
mod tests {
    use super::UnitTest;

    const TEST: &str = "\
interval: 5m
input_series:
  - series: 'kube_node_info{node=\"a\"}'
    values: 1+0x20 _x3
eval_time: 1h
";

    #[test]
    fn a_unit_test_is_told_from_a_pasted_alert() {
        assert!(UnitTest::is_meant(TEST));
        assert!(!UnitTest::is_meant("{\"alerts\": [{\"labels\": {\"alertname\": \"X\"}}]}"));
        let test = UnitTest::parse(TEST).expect("a test");
        assert_eq!((test.interval.as_str(), test.eval_time.as_str()), ("5m", "1h"));
        assert_eq!(UnitTest::parse(&TEST.replace("interval: 5m\n", "")).expect("a test").interval, "1m");
    }

    #[test]
    fn a_test_that_promtool_would_choke_on_is_refused() {
        for (from, to, expected) in [
            ("1+0x20", "1+0x9000000000", "found a unit test with more than"),
            ("interval: 5m", "interval: 0s", "found a unit test with more than"),
            ("eval_time: 1h", "eval_time: 200y", "found a unit test with more than"),
            ("eval_time: 1h", "eval_time: soon", "found eval_time \"soon\"; expected a duration"),
            ("eval_time: 1h", "", "found YAML that is not a unit test of a metric rule: missing field `eval_time`"),
            (
                "eval_time: 1h",
                "eval_time: 1h\nalert: X",
                "found YAML that is not a unit test of a metric rule: unknown field",
            ),
        ] {
            let error = UnitTest::parse(&TEST.replace(from, to)).expect_err("refused").to_string();
            assert!(error.starts_with(expected), "{to} gives {error}");
        }
    }
}
