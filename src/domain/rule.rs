//! Detection rules: machine-checkable statements that recognise a failure. Typed text here; `detection` compiles and runs it.

use serde::{Deserialize, Serialize};

use super::invalid::parsed_text;
use super::vocabulary::vocabulary;
use super::{FailureAddress, Invalid, Line};

vocabulary! {
    /// Which language a rule is written in, and so what it looks at.
    RuleKind: "a kind of rule" {
        Log = "log", "Log", "CRE rule (YAML) over log lines";
        Manifest = "manifest", "Manifest", "CEL expression over one Kubernetes object";
        Metric = "metric", "Metric", "Prometheus alerting rule (YAML)";
    }
}

/// The text of a rule: 1 byte to 16 KiB, `\n` line ends, no NUL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleText(String);

impl RuleText {
    /// The longest rule, in bytes.
    pub const MAX: usize = 16 * 1024;

    /// Parses the text of a rule; its grammar is not looked at here.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let markdown = super::Markdown::parse(text)?;
        let text = markdown.as_str();
        if text.is_empty() || text.len() > Self::MAX {
            return Err(Invalid::described(
                format!("{} bytes", text.len()),
                format!("the text of a rule: 1 to {} bytes", Self::MAX),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Evidence that a rule must or must not fire on: 1 byte to 256 KiB, `\n` line ends, no NUL, no blank lines around it.
/// Of a metric rule it may also be a unit test: YAML with `input_series` and `eval_time`, as promtool reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExampleText(String);

impl ExampleText {
    /// The longest example, in bytes.
    pub const MAX: usize = 256 * 1024;
    /// The most examples of each sort that one rule may have.
    pub const MOST: usize = 20;

    /// Parses an example; whether the rule fires on it is not looked at here.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = super::text::tidied(text)?;
        if text.is_empty() || text.len() > Self::MAX {
            return Err(Invalid::described(
                format!("{} bytes", text.len()),
                format!("an example of 1 to {} bytes", Self::MAX),
            ));
        }
        Ok(Self(text))
    }
}

parsed_text!(RuleText, ExampleText);

/// A written reason why a rule fires on an example of a failure that is not related to its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlsoFires {
    /// Whose examples.
    pub on: FailureAddress,
    /// Why that is right, or bearable.
    pub because: Line,
}

/// One detection rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Which language it is in.
    pub kind: RuleKind,
    /// What it recognises, in a few words.
    pub name: Line,
    /// The rule itself.
    pub text: RuleText,
    /// Evidence that it must fire on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fires_on: Vec<ExampleText>,
    /// Evidence that it must not fire on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silent_on: Vec<ExampleText>,
    /// Other failures whose examples it fires on, with the reason: a rule that does so without one is not published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_fires: Vec<AlsoFires>,
}
