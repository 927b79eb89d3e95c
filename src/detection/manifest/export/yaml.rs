//! YAML that no text can break out of.

/// A string in double quotes. JSON's escapes are YAML's, and what YAML does not print is escaped too.
pub(super) fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            _ if is_printable(character) => written.push(character),
            _ if u32::from(character) > 0xffff => written.push_str(&format!("\\U{:08X}", u32::from(character))),
            _ => written.push_str(&format!("\\u{:04X}", u32::from(character))),
        }
    }
    written.push('"');
    written
}

/// A list of strings on one line.
pub(super) fn quoted_list(texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// Text of several lines as people write it: each line indented by so many blanks. What such a block cannot hold is quoted.
pub(super) fn block(text: &str, indent: usize) -> String {
    let holds =
        text.chars().all(|c| c == '\n' || is_printable(c)) && !text.starts_with([' ', '\n']) && !text.ends_with('\n');
    if !holds {
        return quoted(text);
    }
    let mut written = String::from("|-");
    for line in text.split('\n') {
        written.push('\n');
        if !line.is_empty() {
            written.push_str(&" ".repeat(indent));
            written.push_str(line);
        }
    }
    written
}

/// What YAML may show as it is; a byte order mark and the line ends of Unicode it may not.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        && !('\u{200b}'..='\u{200f}').contains(&character)
        && !('\u{202a}'..='\u{202e}').contains(&character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{block, quoted};

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in any::<String>(), lines in "(?s)[ -~\n\t]{0,40}") {
            for text in [text, lines] {
                let yaml = format!("a: {}\nb:\n  - c: {}\nd: 1\n", quoted(&text), block(&text, 6));
                let read: serde_json::Value = serde_saphyr::from_str(&yaml).map_err(|e| TestCaseError::fail(format!("{yaml}: {e}")))?;
                prop_assert_eq!(&read["a"], &serde_json::json!(text), "{}", yaml);
                prop_assert_eq!(&read["b"][0]["c"], &serde_json::json!(text), "{}", yaml);
                prop_assert_eq!(&read["d"], &serde_json::json!(1));
            }
        }
    }
}
