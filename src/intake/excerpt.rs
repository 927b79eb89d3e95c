//! A value of a YAML text as a text of its own: cut out as its author wrote it, comments included, where the cutting
//! keeps its meaning; written anew where it does not.

use super::yaml::{self, Content, Node};

/// The text of a value, and of others beside it under keys that it does not have: `extra`, under one key.
pub(super) fn with(text: &str, value: &Node, extra: Option<(&str, &[(&str, &Node)])>) -> Option<String> {
    let Content::Map(entries) = &value.content else { return None };
    let mut wanted = entries.clone();
    let mut cut_out = cut(text, value);
    if let Some((key, others)) = extra {
        cut_out.push_str(&format!("\n{key}:"));
        for (name, other) in others {
            let lead = if is_block(other) { "\n    " } else { " " };
            cut_out.push_str(&format!("\n  {}:{lead}{}", quoted(name), cut(text, other).replace('\n', "\n    ")));
        }
        let others = others.iter().map(|(name, other)| ((*name).to_owned(), (*other).clone())).collect();
        let span = 0..0;
        wanted.push((key.to_owned(), Node { line: 0, span, content: Content::Map(others) }));
    }
    let wanted = Node { line: 0, span: 0..0, content: Content::Map(wanted) };
    [cut_out, printed(&wanted)].into_iter().find(|candidate| {
        // What was cut out must say the same by itself: an alias of something outside, say, does not.
        yaml::read(candidate).is_ok_and(|documents| matches!(documents.as_slice(), [only] if *only == wanted))
    })
}

/// The bytes of a value with the indentation of its first line taken from all, and a comment behind its last.
fn cut(text: &str, value: &Node) -> String {
    let before = text.get(..value.span.start).unwrap_or_default();
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text.get(value.span.end..).unwrap_or_default().lines().next().unwrap_or_default();
    let end = if rest.trim_start().starts_with('#') { value.span.end + rest.len() } else { value.span.end };
    let lines = text.get(value.span.start..end).unwrap_or_default().lines();
    let dedented = lines.enumerate().map(|(index, line)| {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        if index == 0 { line } else { &line[spaces.min(column)..] }
    });
    dedented.collect::<Vec<_>>().join("\n")
}

/// Whether a value is written over lines by indentation, and so cannot follow its key on the same line.
fn is_block(value: &Node) -> bool {
    match &value.content {
        Content::Text { .. } => false,
        Content::List(_) | Content::Map(_) => true,
    }
}

fn printed(value: &Node) -> String {
    match &value.content {
        Content::Text { text, is_plain: true } => text.clone(),
        Content::Text { text, is_plain: false } => quoted(text),
        Content::List(items) if items.is_empty() => "[]".to_owned(),
        Content::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Content::List(items) => {
            let items = items.iter().map(|item| format!("- {}", printed(item).replace('\n', "\n  ")));
            items.collect::<Vec<_>>().join("\n")
        }
        Content::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let lead = if is_block(value) { "\n  " } else { " " };
                format!("{}:{lead}{}", quoted(key), printed(value).replace('\n', "\n  "))
            });
            entries.collect::<Vec<_>>().join("\n")
        }
    }
}

/// A word as it is, anything else in double quotes: the escapes of JSON are YAML's too.
fn quoted(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if is_word { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::{printed, with};
    use crate::intake::yaml::read;

    fn of(text: &str, key: &str, term: Option<&str>) -> String {
        let document = read(text).expect("YAML").pop().expect("a document");
        let terms = document.get("terms");
        let used: Vec<_> = term.iter().filter_map(|term| Some((*term, terms?.get(term)?))).collect();
        with(text, document.get(key).expect("the key"), term.map(|_| ("terms", used.as_slice()))).expect("a text")
    }

    #[test]
    fn a_value_is_cut_out_as_it_was_written() {
        let text = "a:\n  rule:\n    set:  # any order\n\n      match:\n      # the panic\n      - 'x: y'\n      - regex: |\n          p\n  \
                    other: 1\n";
        let document = read(text).expect("YAML").pop().expect("a document");
        let rule = document.get("a").and_then(|a| a.get("rule")).expect("rule");
        let expected = "set:  # any order\n\n  match:\n  # the panic\n  - 'x: y'\n  - regex: |\n      p";
        assert_eq!(with(text, rule, None).as_deref(), Some(expected));
    }

    #[test]
    fn terms_come_along() {
        let text = "rule:\n  set:\n    match: [oops]\nterms:\n  oops:\n    value: 'o o'  # twice\n  z: x\n";
        let expected = "set:\n  match: [oops]\nterms:\n  oops:\n    value: 'o o'  # twice";
        assert_eq!(of(text, "rule", Some("oops")), expected);
    }

    #[test]
    fn what_cannot_be_cut_out_is_written_anew() {
        let text = "t: &t [a, 'b c']\nrule: {set: {match: *t, count: 3}}\n";
        assert_eq!(of(text, "rule", None), "set:\n  match:\n    - a\n    - \"b c\"\n  count: 3");
        let node = read("- 'tab\there'\n- {}\n- []\n- true\n- 'true'\n").expect("YAML").pop().expect("a document");
        assert_eq!(read(&printed(&node)).expect("YAML"), [node]);
    }
}
