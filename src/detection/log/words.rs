//! Words for people: how terms, counts and spans of time are named in verdicts and errors.

use super::term::Look;

/// Longer texts are cut in sentences.
const LONGEST: usize = 80;

/// A text short enough for a sentence, on one line.
pub(super) fn shortened(text: &str) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// `a line with "OutOfMemory"`, `a line that matches /exit(ed)?/`.
pub(super) fn line_for(look: &Look) -> String {
    format!("a line {}", condition(look, Number::One))
}

/// `3 more lines with "OutOfMemory"`; without any so far, `3 lines with …`.
pub(super) fn lines_missing(look: &Look, met: usize, count: usize) -> String {
    let missing = count - met;
    let more = if met > 0 { " more" } else { "" };
    match missing {
        1 if met == 0 => line_for(look),
        1 => format!("1 more line {}", condition(look, Number::One)),
        _ => format!("{missing}{more} lines {}", condition(look, Number::Many)),
    }
}

#[derive(Clone, Copy)]
enum Number {
    One,
    Many,
}

fn condition(look: &Look, number: Number) -> String {
    let (matches, is) = match number {
        Number::One => ("matches", "is"),
        Number::Many => ("match", "are"),
    };
    match look {
        Look::Value(value) => format!("with \"{}\"", shortened(value)),
        Look::Regex(pattern) => format!("that {matches} /{}/", shortened(pattern)),
        Look::Jq(program) => format!("of JSON that {is} chosen by jq '{}'", shortened(program)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_counted() {
        let look = Look::Value("OutOfMemory".to_owned());
        assert_eq!(lines_missing(&look, 0, 1), "a line with \"OutOfMemory\"");
        assert_eq!(lines_missing(&look, 0, 3), "3 lines with \"OutOfMemory\"");
        assert_eq!(lines_missing(&look, 2, 3), "1 more line with \"OutOfMemory\"");
        assert_eq!(lines_missing(&Look::Regex("a+".to_owned()), 1, 4), "3 more lines that match /a+/");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened(&"é".repeat(200)).chars().count(), LONGEST + 1);
        assert_eq!(shortened("a\nb"), "a b");
    }
}
