//! Kubernetes objects in pasted YAML and JSON.

/// One object with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// `Deployment`.
    pub kind: String,
    /// `metadata.name`, or nothing.
    pub name: Option<String>,
    /// `metadata.namespace`, or nothing.
    pub namespace: Option<String>,
    /// The whole of it.
    pub value: serde_json::Value,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The line of each field that has one of its own, by JSON pointer (`/spec/replicas`).
    pub lines: std::collections::BTreeMap<String, u32>,
}

/// The objects in a text, in order.
pub(super) fn read(_text: &str) -> Vec<Object> {
    Vec::new()
}
