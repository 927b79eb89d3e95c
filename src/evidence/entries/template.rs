//! A message with what changes from line to line taken out, so that lines of the same kind can be counted together.

use crate::evidence::stamp::fields::json_fields;

/// A template is for telling kinds of lines apart; this much of a message does.
const LONGEST: usize = 400;

/// The template of a line: `line` from behind its stamp on, as it is seen.
pub(super) fn of(line: &str) -> String {
    match message(line) {
        Some(message) => replaced(&message),
        None => replaced(line),
    }
}

/// The message proper of a line of JSON or of `key=value`.
fn message(line: &str) -> Option<String> {
    if let Some(at) = line.find('{').filter(|&at| line[..at].trim().is_empty()) {
        return json_fields(&line[at..])
            .find(|field| matches!(field.key, "msg" | "message" | "log" | "event" | "error"))
            .and_then(|field| field.decoded());
    }
    let at = line.find("msg=\"")? + "msg=\"".len();
    let end = line[at..].find("\" ").map_or(line.len(), |end| at + end);
    Some(line[at..end].trim_end_matches('"').to_owned())
}

/// Replaces numbers, ids, paths and quoted values.
fn replaced(message: &str) -> String {
    let message = message.trim();
    let message = &message[..message.floor_char_boundary(LONGEST)];
    let mut template = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' | '`' => quoted(rest, first).unwrap_or(first.len_utf8()),
            _ if is_of_word(first) => rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        let is_quoted = length > 1 && matches!(first, '"' | '\'' | '`');
        match first {
            _ if is_quoted => template.push_str("<quoted>"),
            ' ' | '\t' => {
                if !template.ends_with(' ') {
                    template.push(' ');
                }
            }
            _ if is_of_word(first) => push_word(&mut template, piece),
            _ => template.push(first),
        }
        rest = after;
    }
    template
}

/// The bytes of a quoted value, both quotes included; nothing where the quote is an apostrophe or is never closed.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let inside = &rest[1..];
    let end = inside.find(quote)?;
    let is_apostrophe = quote == '\'' && inside[end + 1..].starts_with(char::is_alphanumeric);
    (!is_apostrophe).then_some(end + 2)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || "-_./:%+@~".contains(c)
}

fn push_word(template: &mut String, word: &str) {
    let inside = word.trim_end_matches(['.', ':', '-', '/']);
    let tail = &word[inside.len()..];
    // A path, but not `and/or`.
    let is_path = inside.starts_with('/') || inside.matches('/').count() > 1 || inside.contains("://");
    let has_digit = inside.bytes().any(|byte| byte.is_ascii_digit());
    let letters = inside.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_hex = inside.len() > 7 && inside.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_path {
        template.push_str("<path>");
    } else if !has_digit {
        template.push_str(inside);
    } else if is_hex || inside.starts_with("0x") {
        template.push_str("<hex>");
    } else if letters <= 2 {
        // `15`, `3.5s`, `10.0.0.1:8080`, `64Mi`.
        template.push_str("<number>");
    } else {
        template.push_str("<id>");
    }
    template.push_str(tail);
}
