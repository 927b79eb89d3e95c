//! Log rules as a document of Common Reliability Enumerations, for preq and whatever else reads them.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value};

/// A log rule with what the document says about its failure. The fields are those of the reference's schema.
#[derive(Debug, Clone, Serialize)]
pub struct CreRule<'r> {
    /// The rule's own text; printed as it was written.
    #[serde(skip)]
    pub text: &'r str,
    /// Unique within the document.
    pub id: String,
    /// 0 (critical) to 3 (low).
    pub severity: u8,
    /// What the rule recognises.
    pub title: String,
    /// What kind of thing fails.
    pub category: String,
    /// Who wrote it.
    pub author: String,
    /// What it is about.
    pub description: String,
    /// Why it happens.
    pub cause: String,
    /// What users feel.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub impact: String,
    /// What ends it.
    pub mitigation: String,
    /// Software and services.
    pub tags: Vec<String>,
    /// Where to read on: the story or pattern itself first.
    pub references: Vec<String>,
}

#[derive(Serialize)]
struct Item<'r> {
    cre: &'r CreRule<'r>,
    metadata: Metadata<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Value>,
}

#[derive(Serialize)]
struct Metadata<'r> {
    kind: &'static str,
    id: &'r str,
    r#gen: u8,
}

/// Prints a document; the answer names each rule whose text cannot be told apart from what surrounds it, by its place.
pub fn document(rules: &[CreRule<'_>]) -> (String, Vec<usize>) {
    let mut left_out = Vec::new();
    let mut items = String::new();
    for (place, rule) in rules.iter().enumerate() {
        match item(rule) {
            Some(text) => items.push_str(&text),
            None => left_out.push(place),
        }
    }
    let document = if items.is_empty() { "rules: []\n".to_owned() } else { format!("rules:\n{items}") };
    (document, left_out)
}

fn item(cre: &CreRule<'_>) -> Option<String> {
    let shape = serde_saphyr::from_str::<Map<String, Value>>(cre.text).ok()?;
    let is_bare = !shape.contains_key("rules") && !shape.contains_key("terms");
    let rule = standing_alone(shape)?;
    as_written(cre, &rule).filter(|_| is_bare).or_else(|| printed(cre, Some(rule)))
}

fn printed(cre: &CreRule<'_>, rule: Option<Value>) -> Option<String> {
    let metadata = Metadata { kind: "casebook", id: &cre.id, r#gen: 1 };
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(&[Item { cre, metadata, rule }], options).ok()
}

/// The item with the rule's own text, comments and all: indented as a whole, YAML means the same. Where it does not
/// (a text may end early, with three dots), nothing.
fn as_written(cre: &CreRule<'_>, rule: &Value) -> Option<String> {
    let mut item = printed(cre, None)?;
    item.push_str("  rule:\n");
    for line in cre.text.lines().filter(|line| line.trim_end() != "---") {
        let indent = if line.trim().is_empty() { "" } else { "    " };
        writeln!(item, "{indent}{line}").ok()?;
    }
    let read = serde_saphyr::from_str::<Vec<Value>>(&item).ok()?;
    (read.len() == 1 && read[0].get("rule") == Some(rule)).then_some(item)
}

/// The rule of a whole document, or one with terms beside it, with the terms put where they are used.
fn standing_alone(mut document: Map<String, Value>) -> Option<Value> {
    let terms = document.remove("terms").unwrap_or_default();
    let mut rule = match document.remove("rules") {
        Some(Value::Array(mut rules)) => rules.pop()?.get_mut("rule")?.take(),
        Some(_) => return None,
        None => Value::Object(document),
    };
    if let Some(terms) = terms.as_object() {
        put_terms(&mut rule, terms);
    }
    Some(rule)
}

fn put_terms(value: &mut Value, terms: &Map<String, Value>) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| put_terms(field, terms)),
        Value::Array(items) => {
            for item in items {
                match item.as_str().and_then(|name| terms.get(name)) {
                    Some(term) => *item = term.clone(),
                    None => put_terms(item, terms),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{CreRule, document};

    fn rule<'r>(id: &str, text: &'r str) -> CreRule<'r> {
        CreRule {
            text,
            id: id.to_owned(),
            severity: 1,
            title: "Addresses ran out".to_owned(),
            category: "capacity".to_owned(),
            author: "Casebook".to_owned(),
            description: "Pods wait.\n\nAll of them: [yes]".to_owned(),
            cause: "The range is full.".to_owned(),
            impact: String::new(),
            mitigation: "1. Add a range.".to_owned(),
            tags: vec!["gke".to_owned()],
            references: vec!["https://casebook.example.com/stories/x".to_owned()],
        }
    }

    const BARE: &str = "# seen twice\nset:\n  event:\n    source: cre.log.gke\n\n  match:\n    - value: |-\n        IP_SPACE\n\n        EXHAUSTED\n";
    const WITH_TERMS: &str =
        "set:\n  match: [full, other]\n  negate: [{value: full}]\nterms:\n  full: {regex: 'a: \"b\"', count: 2}\n";
    const ENDS_EARLY: &str = "set:\n  match: [x]\n...\n";
    const WHOLE: &str = "rules:\n  - cre: {id: CRE-1}\n    rule:\n      set:\n        match: [x]\n";

    #[test]
    fn rules_are_printed_as_they_were_written() {
        let (text, left_out) = document(&[rule("stories/x#1", BARE)]);
        assert_eq!(left_out, [0; 0]);
        assert!(text.contains("    # seen twice\n    set:\n      event:\n"), "{text}");
        let read: Value = serde_saphyr::from_str(&text).expect("YAML");
        let written: Value = serde_saphyr::from_str(BARE).expect("YAML");
        assert_eq!(read["rules"][0]["rule"], written);
        assert_eq!(read["rules"][0]["cre"]["description"], "Pods wait.\n\nAll of them: [yes]");
    }

    #[test]
    fn terms_and_whole_documents_become_rules_that_stand_alone() {
        let (text, left_out) = document(&[
            rule("a#1", WITH_TERMS),
            rule("b#1", WHOLE),
            rule("c#1", "set: ["),
            rule("d#1", "x"),
            rule("e#1", ENDS_EARLY),
        ]);
        assert_eq!(left_out, [2, 3]);
        let read: Value = serde_saphyr::from_str(&text).expect("YAML");
        assert_eq!(read["rules"][0]["rule"]["set"]["match"], json!([{"regex": "a: \"b\"", "count": 2}, "other"]));
        assert_eq!(read["rules"][1]["rule"], json!({"set": {"match": ["x"]}}));
        assert_eq!(read["rules"][2]["rule"], json!({"set": {"match": ["x"]}}));
        assert_eq!(document(&[]).0, "rules: []\n");
    }
}
