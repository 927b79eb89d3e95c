//! Detection rules: machine-checkable statements that recognise a failure. Kept as typed text here; nothing runs them yet.

use serde::{Deserialize, Serialize};

use super::invalid::parsed_text;
use super::vocabulary::vocabulary;
use super::{Invalid, Line};

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

parsed_text!(RuleText);

/// One detection rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Which language it is in.
    pub kind: RuleKind,
    /// What it recognises, in a few words.
    pub name: Line,
    /// The rule itself.
    pub text: RuleText,
}
