//! Text as YAML scalars: plain where every reader of YAML takes it for text, quoted or as a block otherwise.

/// Where a scalar stands; inside `[…]` more characters have a meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Block,
    Flow,
}

/// Text on one line.
pub(super) fn one_line(text: &str, place: Place) -> String {
    if is_plain(text, place) { text.to_owned() } else { quoted(text) }
}

/// How far the lines of a block are indented beyond what it stands in, in spaces.
const DEEPER: usize = 2;

/// Text as a literal block whose lines are indented by `indent`, where a block says it exactly. `indent` is
/// [`DEEPER`] than the list or the mapping that the block stands in.
///
/// The block ends in a newline that the text does not have; fields of many lines do not keep trailing newlines.
pub(super) fn many_lines(text: &str, indent: &str) -> String {
    let is_exact = !text.is_empty()
        && !text.ends_with(char::is_whitespace)
        && text.chars().all(|c| c == '\n' || c == '\t' || is_visible(c));
    if !is_exact {
        return quoted(text);
    }
    // Without the number, the indentation of the first line would be taken for the block's own, and a tab there is a
    // matter on which readers differ (libyaml refuses it). A log begins with either now and then.
    let mut block = if text.starts_with([' ', '\t', '\n']) { format!("|{DEEPER}") } else { "|".to_owned() };
    for line in text.split('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.push_str(indent);
            block.push_str(line);
        }
    }
    block
}

fn is_plain(text: &str, place: Place) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_alphanumeric() || c == '(' || c == '/');
    let has_flow_marks = place == Place::Flow && text.contains([',', '[', ']', '{', '}']);
    starts_well
        && !has_flow_marks
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && text.chars().all(|c| is_visible(c) && (c == ' ' || !c.is_whitespace()))
        && !means_something_else(text)
}

/// Whether a reader of YAML would take the text for a truth value, nothing, a number or a date.
fn means_something_else(text: &str) -> bool {
    const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan"];
    let is_numeric = text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '_' | ':' | '-' | '+' | 'x' | 'o' | 'T' | 'Z' | ' '));
    is_numeric || text.parse::<f64>().is_ok() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Characters that stand for themselves in a file: neither controls nor what is invisible or turns the direction
/// of the text around it.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}'
        )
        && (u32::from(c) & 0xfffe) != 0xfffe
}

fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_visible(c) => quoted.push(c),
            c if u32::from(c) <= 0xff => quoted.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if u32::from(c) <= 0xffff => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{Place, many_lines, one_line};

    #[test]
    fn text_is_plain_only_where_nobody_reads_it_as_something_else() {
        for plain in
            ["Pods without addresses", "c++", "(about a week)", "80% of it", "没有地址", "https://a.example/#x"]
        {
            assert_eq!(one_line(plain, Place::Block), plain);
        }
        for text in
            ["yes", "No", "null", "~", "2019", "1e5", "0x1f", "12:30", "2019-02-01", "- a", "a: b", "a #b", "a:"]
        {
            assert_eq!(one_line(text, Place::Block), format!("\"{text}\""));
        }
        assert_eq!(one_line("a, b", Place::Flow), "\"a, b\"");
        assert_eq!(one_line("'a\"\\\u{202e}\u{7}", Place::Block), "\"'a\\\"\\\\\\u202E\\x07\"");
    }

    #[test]
    fn many_lines_are_a_block_where_that_is_exact() {
        assert_eq!(many_lines("a:\n\n  - b ", "  "), "\"a:\\n\\n  - b \"");
        assert_eq!(many_lines("a:\n\n  - b", "  "), "|\n  a:\n\n    - b");
        assert_eq!(many_lines("  a\nb", "  "), "|2\n    a\n  b");
        assert_eq!(many_lines("\tat a\n\n\tat b", "    "), "|2\n    \tat a\n\n    \tat b");
        assert_eq!(many_lines("a\n\tat b", "  "), "|\n  a\n  \tat b");
    }
}
