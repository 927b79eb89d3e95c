//! Alerts in pasted JSON: Alertmanager's webhook and API, Prometheus' API.

use std::collections::BTreeMap;

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The label `alertname`.
    pub name: String,
    /// All labels, `alertname` included.
    pub labels: BTreeMap<String, String>,
    /// All annotations.
    pub annotations: BTreeMap<String, String>,
    /// Whether it was resolved when it was sent.
    pub is_resolved: bool,
    /// The line on which its name stands, from 1, and the bytes of the name.
    pub line: u32,
    /// The bytes of its name in the paste.
    pub span: std::ops::Range<usize>,
}

/// The alerts in a text, in order.
pub(super) fn read(_text: &str) -> Vec<Alert> {
    Vec::new()
}
