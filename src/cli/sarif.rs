//! What a check found, as lines for people and as SARIF 2.1.0 (the OASIS standard), which code hosts show beside a change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::{Failed, say};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It has to be mended.
    Error,
    /// It may be mended.
    Warning,
    /// It is good to know.
    Note,
}

impl Level {
    /// The word for it, in lines and in SARIF alike.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that a check found. Findings sort by file, line and rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    /// The file, as it can be opened from here, with `/` between folders.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What was checked, stable over versions: `example-missed`, `stories/moonlight-pods-on-one-node/anti-affinity`.
    pub rule_id: String,
    /// What was checked, in a few words; the same for every finding of a rule.
    pub about: String,
    /// How bad it is.
    pub level: Level,
    /// What was found and what was expected.
    pub message: String,
    /// The web address at which the rule is explained.
    pub help_uri: Option<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.level.as_str(), self.message)
    }
}

/// Writes the findings as a SARIF log to a file, or to standard output for `-`.
pub(super) fn write(findings: &[Finding], to: &Path) -> Result<(), Failed> {
    let text = format!("{:#}", log(findings));
    if to.as_os_str() == "-" {
        say(&text);
        return Ok(());
    }
    std::fs::File::create(to)
        .and_then(|mut file| writeln!(file, "{text}"))
        .map_err(Failed::because(format!("cannot write the SARIF report to {}", to.display())))
}

/// The findings as one run of a SARIF log.
fn log(findings: &[Finding]) -> Value {
    let mut rules: BTreeMap<&str, (usize, Value)> = BTreeMap::new();
    let mut results = Vec::with_capacity(findings.len());
    for finding in findings {
        let next = rules.len();
        let (index, _) = rules.entry(&finding.rule_id).or_insert_with(|| (next, descriptor(finding)));
        results.push(json!({
            "ruleId": finding.rule_id,
            "ruleIndex": *index,
            "level": finding.level.as_str(),
            "message": { "text": finding.message },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": uri(&finding.file) },
                "region": { "startLine": finding.line.max(1) },
            }}],
        }));
    }
    let mut rules: Vec<(usize, Value)> = rules.into_values().collect();
    rules.sort_by_key(|(index, _)| *index);
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "casebook",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.into_iter().map(|(_, rule)| rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(finding: &Finding) -> Value {
    let mut rule = json!({ "id": finding.rule_id, "shortDescription": { "text": finding.about } });
    if let Some(uri) = &finding.help_uri {
        rule["helpUri"] = uri.as_str().into();
    }
    rule
}

/// A path as a URI reference: relative as it is, absolute with its scheme.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    let path = path.strip_prefix("./").unwrap_or(path);
    // A colon in the first segment of a relative reference would be read as the end of a scheme.
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").unwrap_or_default();
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{Finding, Level, log, uri};

    fn finding(rule_id: &str, line: usize) -> Finding {
        Finding {
            file: "stories/a b.md".to_owned(),
            line,
            rule_id: rule_id.to_owned(),
            about: "A rule fires on what it must fire on".to_owned(),
            level: Level::Error,
            message: "rules[0].fires_on[1]: the rule is silent".to_owned(),
            help_uri: Some("https://example.com/rules".to_owned()),
        }
    }

    #[test]
    fn a_line_is_what_editors_and_compilers_write() {
        let line = finding("example-missed", 7).to_string();
        assert_eq!(line, "stories/a b.md:7: error: rules[0].fires_on[1]: the rule is silent");
    }

    #[test]
    fn every_result_points_at_its_rule() {
        let log = log(&[finding("b", 1), finding("a", 2), finding("b", 3)]);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), 2);
        for result in run["results"].as_array().expect("results") {
            let index = result["ruleIndex"].as_u64().expect("number") as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
        let place = &run["results"][1]["locations"][0]["physicalLocation"];
        assert_eq!(
            (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
            (&"stories/a%20b.md".into(), &2.into())
        );
    }

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("./stories/a.md"), "stories/a.md");
        assert_eq!(uri("/tmp/a:b/é.md"), "file:///tmp/a%3Ab/%C3%A9.md");
    }
}
