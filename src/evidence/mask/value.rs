//! The value that stands after the name of a secret: where it ends, and whether it is one at all. `password: 12 bytes`,
//! `token: ${TOKEN}` and `secret: not found` are none.

use std::ops::Range;

use super::found::has_digit_and_letter;
use super::pseudonym::is_pseudonym;

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// Its bytes, quotes left out.
    pub(super) span: Range<usize>,
    /// How it is written.
    pub(super) form: Form,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In quotes.
    Quoted,
    /// Without; it ends at a blank or a separator.
    Bare,
    /// The lines of a YAML block scalar.
    Block,
}

/// No value is looked through further than this for its end; what is longer is taken to here.
const LONGEST: usize = 8 * 1024;

/// The value that begins at `start`.
pub(super) fn read(text: &str, start: usize) -> Value {
    let rest = first_chars(&text[start..], LONGEST);
    for quote in ["\\\"", "\\'", "\"", "'", "`"] {
        let Some(inner) = rest.strip_prefix(quote) else { continue };
        let end = closing(inner, quote);
        let from = start + quote.len();
        return Value { span: from..from + end, form: Form::Quoted };
    }
    Value { span: start..start + bare_end(rest), form: Form::Bare }
}

/// Where the quote stands that ends a value, or where its line ends.
fn closing(inner: &str, quote: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in inner.char_indices() {
        if c == '\n' || (inner[at..].starts_with(quote) && !is_escaped) {
            return at;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    inner.len()
}

/// Where a value without quotes ends: at a blank, a quote, `&`, `;`, a written line end, or a comma before another field.
fn bare_end(rest: &str) -> usize {
    let end = rest.char_indices().find(|&(at, c)| {
        c.is_whitespace()
            || "\"'`&;<>".contains(c)
            || (c == '\\' && rest[at + 1..].starts_with(['n', 'r', 't', '"', '\'']))
            || (c == ',' && begins_a_field(&rest[at + 1..]))
    });
    let value = &rest[..end.map_or(rest.len(), |(at, _)| at)];
    if is_pseudonym(value) {
        return value.len();
    }
    let trimmed = value.trim_end_matches([',', '.', ':', ')', '}', ']']);
    // `[password-1]).` is a pseudonym in brackets.
    let with_bracket = trimmed.len() + usize::from(value[trimmed.len()..].starts_with(']'));
    if is_pseudonym(&value[..with_bracket]) { with_bracket } else { trimmed.len() }
}

fn begins_a_field(text: &str) -> bool {
    let text = text.trim_start_matches(' ');
    let key = text.find(|c: char| !c.is_ascii_alphanumeric() && !"_.-".contains(c)).unwrap_or(text.len());
    text.is_empty()
        || text.starts_with(['"', '\'', '{', '['])
        || (key > 0 && text[key..].trim_start().starts_with([':', '=']))
}

/// The lines of a block scalar whose indicator (`|`, `>-`) stands at `start`: those that are deeper than `indentation`.
pub(super) fn read_block(text: &str, start: usize, indentation: usize) -> Option<Value> {
    let rest = &text[start..];
    let line = rest.split('\n').next().unwrap_or_default();
    let indicator = line.split('#').next().unwrap_or_default().trim();
    let is_block =
        indicator.starts_with(['|', '>']) && indicator[1..].bytes().all(|byte| b"+-123456789".contains(&byte));
    if !is_block {
        return None;
    }
    let from = start + line.len();
    let mut end = from;
    for line in rest[line.len()..].split_inclusive('\n').skip(1) {
        let depth = line.len() - line.trim_start_matches(' ').len();
        if !line.trim().is_empty() && depth <= indentation {
            break;
        }
        end += line.len();
    }
    let block = text.get(from..(end + 1).min(text.len())).unwrap_or(&text[from..end]);
    let lead = block.len() - block.trim_start().len();
    let span = from + lead..from + block.trim_end().len().max(lead);
    (!span.is_empty()).then_some(Value { span, form: Form::Block })
}

/// Whether a value is written out: not a reference to one, not a placeholder, not a word like `null`, and
/// not a key in PEM, which is found as a whole.
pub(super) fn is_written_out(value: &str) -> bool {
    const WORDS: [&str; 14] = [
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "redacted",
        "hidden",
        "masked",
        "unset",
        "empty",
        "omitted",
        "required",
        "missing",
    ];
    const REFERENCES: [&str; 23] = [
        "-----begin",
        "${",
        "$(",
        "%s",
        "%v",
        "%q",
        "%d",
        "%{",
        "%(",
        "<",
        "{",
        "(",
        "[redacted",
        "[filtered",
        "[hidden",
        "[masked",
        "[private",
        "process.env",
        "os.environ",
        "secretref",
        "file:",
        "vault:",
        "env:",
    ];
    let plain = value.to_ascii_lowercase();
    let is_symbol = !value.contains(char::is_alphanumeric) || value.starts_with('=');
    let is_stars = plain.starts_with("***") || plain.chars().all(|c| c == 'x' || c == '.' || c == '*');
    !(is_symbol
        || is_stars
        || WORDS.contains(&plain.as_str())
        || REFERENCES.iter().any(|reference| plain.starts_with(reference))
        || is_variable(value)
        || is_path(value)
        || is_call(value)
        || is_pseudonym(value))
}

/// `$DB_PASSWORD`.
fn is_variable(value: &str) -> bool {
    value.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    })
}

fn is_path(value: &str) -> bool {
    let is_rooted = value.starts_with('/') || value.starts_with("./") || value.starts_with("~/");
    // Base64 may begin with a slash too; it has capitals, digits and no dots.
    let is_base64 = value.len() >= 20
        && !value.contains('.')
        && has_digit_and_letter(value)
        && value.bytes().any(|byte| byte.is_ascii_uppercase());
    is_rooted && !is_base64
}

/// `getenv("TOKEN")`, `parse(input)`: code, not a value.
fn is_call(value: &str) -> bool {
    let name = value.find(|c: char| !c.is_ascii_alphanumeric() && !"_.:".contains(c)).unwrap_or(value.len());
    name > 0 && value[name..].starts_with('(')
}

/// Whether a value looks random enough to be a secret where the words around it are prose.
pub(super) fn looks_random(value: &str) -> bool {
    let has_sign = value.contains(|c: char| "!@#$%^&*+=".contains(c));
    value.len() >= 6 && (has_digit_and_letter(value) || has_sign)
}

/// Whether a value could be the name of a Kubernetes object: lower case, with dashes, or a word.
pub(super) fn looks_like_a_name(value: &str) -> bool {
    let is_lower =
        value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-./".contains(&byte));
    is_lower && (value.contains(['-', '/']) || !value.contains(|c: char| c.is_ascii_digit()))
}

/// At most the first `most` bytes, cut on a character boundary.
pub(in crate::evidence) fn first_chars(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
