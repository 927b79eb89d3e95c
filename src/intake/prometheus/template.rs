//! Texts with templates of Prometheus in them, as people can read them without an alert at hand.

/// Puts a name in brackets in place of each template: `{{ $labels.instance }}` is `[instance]`. Lines that only repeat the
/// value or the labels are dropped.
pub(super) fn plain(text: &str) -> String {
    let mut readable = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        readable.push_str(before);
        let (action, after) = after.split_once("}}").unwrap_or((after, ""));
        readable.push_str(&stand_in(action.trim_matches(|c: char| c.is_whitespace() || c == '-')));
        rest = after;
    }
    readable.push_str(rest);
    let lines = readable.lines().map(str::trim_end).filter(|line| !is_dump(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn stand_in(action: &str) -> String {
    const CONTROL: &[&str] = &["if", "else", "end", "range", "with", "define", "template", "block"];
    if CONTROL.contains(&action.split_whitespace().next().unwrap_or_default()) || action.contains(":=") {
        return String::new();
    }
    let name_after = |mark: &str| {
        let after = action.split_once(mark)?.1;
        let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
        Some(&after[..end]).filter(|name| !name.is_empty())
    };
    let label = name_after("$labels.").or_else(|| name_after(".Labels."));
    match label {
        Some(label) => format!("[{label}]"),
        None if action.contains("$value") || action.contains(".Value") => "[value]".to_owned(),
        None if action.contains("$labels") => "[labels]".to_owned(),
        None => "[…]".to_owned(),
    }
}

/// `VALUE = [value]`.
fn is_dump(line: &str) -> bool {
    line.split_once('=').is_some_and(|(name, value)| {
        let name = name.trim();
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_uppercase())
            && matches!(value.trim(), "[value]" | "[labels]")
    })
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn templates_become_names() {
        for (text, expected) in [
            ("Redis down (instance {{ $labels.instance }})", "Redis down (instance [instance])"),
            ("has only {{ printf \"%.2f\" $value }}% left", "has only [value]% left"),
            ("Down.\n  VALUE = {{ $value }}\n  LABELS = {{ $labels }}", "Down."),
            ("{{ with query \"up\" }}{{ . | first | value }}{{ end }} up", "[…] up"),
            ("{{- $x := 1 -}}{{ .Labels.job }} in {{ $labels.ns | title }}", "[job] in [ns]"),
            ("open {{ $labels.a", "open [a]"),
            ("", ""),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
