//! The text of a rule to a syntax tree: what is nested too deeply is refused before the parser, which recurses, sees it.

use cel::IdedExpr;
use cel::common::ast::SourceInfo;

use super::super::RuleError;

/// How deep an expression may go: a bracket or a `? :` weighs 8, an operator in a chain (`a.b.c`, `1 + 2 + 3`) 1.
/// At the limit parser and evaluation need well under a megabyte of stack.
const MOST_DEPTH: usize = 256;
const BRACKET: usize = 8;

/// A parsed expression, with the places of its parts.
pub(super) struct Parsed {
    pub(super) tree: IdedExpr,
    source: SourceInfo,
}

impl Parsed {
    /// An error about a part of the expression.
    pub(super) fn error(&self, part: u64, message: impl std::fmt::Display) -> RuleError {
        match self.source.offset_for(part) {
            Some((start, _)) => error_at(&self.source.source, start as usize, message),
            None => RuleError { line: None, message: message.to_string() },
        }
    }
}

/// Parses an expression, macros expanded.
pub(super) fn parse(text: &str) -> Result<Parsed, RuleError> {
    if text.trim().is_empty() {
        return Err(RuleError { line: None, message: "found nothing; expected a CEL expression".to_owned() });
    }
    check_depth(text)?;
    // The parser counts brackets only; what it would let pass is refused above.
    let parser = super::library::environment().parser().max_recursion_depth((MOST_DEPTH / BRACKET) as u16 + 8);
    match parser.parse_with_source_info(text) {
        Ok((tree, source)) => Ok(Parsed { tree, source }),
        Err(errors) => Err(first_error(&errors)),
    }
}

fn error_at(text: &str, byte: usize, message: impl std::fmt::Display) -> RuleError {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    RuleError { line: Some(line as u32), message: format!("column {column}: {message}") }
}

fn first_error(errors: &cel::ParseErrors) -> RuleError {
    let Some(first) = errors.errors.first() else {
        return RuleError { line: None, message: "the expression cannot be read".to_owned() };
    };
    // The parser lists every token that could follow, a line's worth, which helps nobody.
    let message = first.msg.split(" expecting ").next().unwrap_or("");
    let message = message.trim_start_matches("Syntax error: ").replace("'<EOF>'", "the end of the expression");
    let (line, column) = first.pos;
    RuleError {
        line: u32::try_from(line).ok().filter(|&line| line > 0),
        message: format!("column {column}: {message}; expected a CEL expression"),
    }
}

/// What is open at a point of the text: a bracket, and in it what is being read.
struct Open {
    /// The bracket, and each `? :` in it.
    base: usize,
    /// The operators since the last separator.
    chain: usize,
}

/// Adds up the weight of what is open at each point of the text, and refuses what grows too deep.
fn check_depth(text: &str) -> Result<(), RuleError> {
    let bytes = text.as_bytes();
    let mut outer: Vec<Open> = Vec::new();
    let mut inner = Open { base: 0, chain: 0 };
    let mut outside = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'"' | b'\'' => at = end_of_string(text, start, Escapes::Are)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                at = start + word(&bytes[start..]);
                match (&text[start..at], bytes.get(at)) {
                    ("r" | "R" | "br" | "bR" | "Br" | "BR", Some(b'"' | b'\'')) => {
                        at = end_of_string(text, at, Escapes::AreNot)?;
                    }
                    ("in", _) => inner.chain += 1,
                    _ => {}
                }
            }
            b'0'..=b'9' => at = start + word(&bytes[start..]),
            b'/' if bytes.get(at) == Some(&b'/') => {
                at += bytes[at..].iter().position(|&b| b == b'\n').unwrap_or(bytes.len() - at);
            }
            b'(' | b'[' | b'{' => {
                // A call or an index is a link of the chain it stands in, too.
                inner.chain += 1;
                outside += inner.base + inner.chain;
                outer.push(std::mem::replace(&mut inner, Open { base: BRACKET, chain: 0 }));
            }
            b')' | b']' | b'}' => {
                if let Some(open) = outer.pop() {
                    outside -= open.base + open.chain;
                    inner = open;
                }
            }
            // The parts of a list stand beside each other.
            b',' => inner = Open { base: if outer.is_empty() { 0 } else { BRACKET }, chain: 0 },
            // `a && b && c` becomes a balanced tree.
            b'&' | b'|' | b':' => inner.chain = 0,
            b'?' => inner = Open { base: inner.base + BRACKET, chain: 0 },
            b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'!' => inner.chain += 1,
            b'=' if bytes.get(start.wrapping_sub(1)) == Some(&b'=') => inner.chain += 1,
            _ => {}
        }
        if outside + inner.base + inner.chain > MOST_DEPTH {
            let message = "found an expression that is nested too deeply, or a chain of operators that is too long; \
                           expected at most 28 brackets within each other and 256 operators in a row";
            return Err(error_at(text, start, message));
        }
    }
    Ok(())
}

fn word(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(bytes.len())
}

#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    Are,
    AreNot,
}

/// Where a string ends that begins with a quote at `start`. A string that the lexer could not read is an error here: it
/// would go on inside the string, and read as operators what was taken for text.
fn end_of_string(text: &str, start: usize, escapes: Escapes) -> Result<usize, RuleError> {
    let quote = &text[start..=start];
    let long = text[start..].starts_with(&quote.repeat(3));
    let quotes = quote.repeat(if long { 3 } else { 1 });
    let mut at = start + quotes.len();
    loop {
        let rest = text.get(at..).unwrap_or("");
        if rest.starts_with(&quotes) {
            return Ok(at + quotes.len());
        }
        match rest.chars().next() {
            None => return Err(error_at(text, start, "found a string that is not closed")),
            Some('\n' | '\r') if !long => {
                return Err(error_at(text, start, "found a string that is not closed on its line"));
            }
            Some('\\') if escapes == Escapes::Are => match escape(rest.as_bytes()) {
                Some(length) => at += length,
                None => {
                    let message = "found an escape that CEL does not have; expected \\\\ for a backslash, or a raw string \
                                   such as r'\\d+'";
                    return Err(error_at(text, at, message));
                }
            },
            Some(other) => at += other.len_utf8(),
        }
    }
}

/// The length of the escape that the bytes begin with.
fn escape(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize, count: usize, digit: fn(&u8) -> bool| {
        bytes.get(from..from + count).filter(|digits| digits.iter().all(digit)).map(|_| from + count)
    };
    match bytes.get(1)? {
        b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' | b'"' | b'\'' | b'`' | b'?' => Some(2),
        b'x' | b'X' => digits(2, 2, u8::is_ascii_hexdigit),
        b'u' => digits(2, 4, u8::is_ascii_hexdigit),
        b'U' => digits(2, 8, u8::is_ascii_hexdigit),
        b'0'..=b'3' => digits(2, 2, |b| matches!(b, b'0'..=b'7')).map(|_| 4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn message(text: &str) -> String {
        parse(text).err().expect("refused").to_string()
    }

    #[test]
    fn an_error_names_its_line_and_column() {
        assert_eq!(
            message("object.kind ==\n  == 'x'").split(';').next(),
            Some("line 2: column 3: extraneous input '=='")
        );
        assert!(message("  ").contains("found nothing"));
        assert!(message("a && 'é\n'").starts_with("line 1: column 6: found a string that is not closed"));
        assert!(message(r"a.matches('\d')").contains(r"raw string such as r'\d+'"));
    }

    #[test]
    fn strings_and_comments_are_not_counted() {
        let brackets = "(".repeat(2_000);
        for text in [
            format!("'{brackets}'"),
            format!("r'{brackets}\\'"),
            format!("\"\"\"{brackets}\n\"\"\""),
            format!("a // {brackets}\n"),
            format!("'\\'{brackets}'"),
            format!("b'{brackets}'"),
        ] {
            assert!(parse(&text).is_ok(), "{}", &text[..20]);
        }
    }

    #[test]
    fn what_is_nested_too_deeply_is_refused_and_never_overflows_the_stack() {
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{1:", "1", "}"),
            ("a(", "1", ")"),
            ("a.b(", "1", ")"),
            ("a[", "1", "]"),
            ("!", "a", ""),
            ("-", "1", ""),
            ("1+", "1", ""),
            ("a.", "a", ""),
            ("a in ", "a", ""),
            ("a==", "a", ""),
            ("a?a:", "a", ""),
            ("a?", "a", ":a"),
            ("a<", "a", ""),
            ("a.map(b,", "1", ")"),
            ("a.?", "b", ""),
            ("(", "", ""),
            ("a||", "a", ""),
            ("a&&", "a", ""),
            ("1,", "1", ""),
            ("[1,", "1", "]"),
            ("'\\q(", "", "'"),
            ("\"", "", "("),
            ("a.b().", "c", ""),
            ("1?[", "1", "]:1"),
            ("-1-", "1", ""),
            ("a[0]", "", ""),
            ("a{b:", "1", "}"),
        ] {
            for count in [20, 30, 300, 4_000] {
                let text = format!("{}{middle}{}", open.repeat(count), close.repeat(count));
                let read = parse(&text);
                assert!(read.is_err() || count < 300 || matches!(open, "a||" | "a&&"), "{open} {count}");
            }
        }
    }
}
