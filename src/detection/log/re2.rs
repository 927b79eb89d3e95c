//! Go's regular expressions (RE2) rewritten for Rust's, so that a pattern means here what it means to CRE's own tools.
//!
//! The two differ in what `\d`, `\w`, `\s` and `\b` hold (ASCII in Go), in what is literal (`{`, `\<`, `[` in a class),
//! and in a few escapes (`\Q…\E`, `\012`).

use std::fmt::Write as _;

/// Rewrites a pattern. The error says what Go would refuse too.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut translator =
        Translator { rest: pattern, out: String::with_capacity(pattern.len() + 16), names: Vec::new() };
    translator.pattern()?;
    Ok(translator.out)
}

/// Repetitions above this are refused, as in Go.
const MOST_REPEATS: u32 = 1000;
/// What `\s` holds: unlike in Rust, no vertical tab.
const SPACE: &str = r"\t\n\x0C\r ";
const DIGIT: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
/// The classes that may stand in brackets as `[:name:]`; they mean the same in both.
const NAMED: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

struct Translator<'p> {
    rest: &'p str,
    out: String,
    names: Vec<&'p str>,
}

impl<'p> Translator<'p> {
    fn pattern(&mut self) -> Result<(), String> {
        let mut after_repeat = false;
        while let Some(next) = self.rest.chars().next() {
            let is_repeat = match next {
                '(' => {
                    self.group()?;
                    false
                }
                '[' => {
                    self.class()?;
                    false
                }
                '\\' => {
                    self.escape()?;
                    false
                }
                '*' | '+' | '?' => {
                    self.skip(1);
                    self.repeat(&next.to_string(), after_repeat)?;
                    true
                }
                '{' => self.braces(after_repeat)?,
                ')' | '|' | '^' | '$' | '.' => {
                    self.skip(1);
                    self.out.push(next);
                    false
                }
                _ => {
                    self.skip(next.len_utf8());
                    self.literal(next);
                    false
                }
            };
            after_repeat = is_repeat;
        }
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.skip(next.len_utf8());
        Some(next)
    }

    fn literal(&mut self, character: char) {
        self.out.push_str(&regex_syntax::escape(character.encode_utf8(&mut [0; 4])));
    }

    fn repeat(&mut self, operator: &str, after_repeat: bool) -> Result<(), String> {
        let is_lazy = self.take("?");
        if after_repeat {
            return Err(format!("found `{operator}` after another repetition; expected one repetition at most"));
        }
        self.out.push_str(operator);
        if is_lazy {
            self.out.push('?');
        }
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,5}`; anything else that begins with `{` is literal. Says whether it was a repetition.
    fn braces(&mut self, after_repeat: bool) -> Result<bool, String> {
        let Some((least, most, length)) = bounds(self.rest) else {
            self.skip(1);
            self.literal('{');
            return Ok(false);
        };
        if least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS || most < least) {
            let found = &self.rest[..length];
            return Err(format!(
                "found the repetition `{found}`; expected at most {MOST_REPEATS}, the smaller number first"
            ));
        }
        let operator = &self.rest[..length];
        self.rest = &self.rest[length..];
        self.repeat(operator, after_repeat)?;
        Ok(true)
    }

    fn group(&mut self) -> Result<(), String> {
        self.skip(1);
        if !self.take("?") {
            self.out.push('(');
            return Ok(());
        }
        if self.rest.starts_with(['=', '!']) || self.rest.starts_with("<=") || self.rest.starts_with("<!") {
            return Err("found look-around, `(?=` or the like; expected an expression without it".to_owned());
        }
        if self.take("P<") || self.take("<") {
            let (name, rest) = self.rest.split_once('>').ok_or("found a group's name without `>`")?;
            let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_word || self.names.contains(&name) {
                return Err(format!("found the group's name `{name}`; expected letters, digits and _, each name once"));
            }
            self.names.push(name);
            self.rest = rest;
            // In Rust a name cannot begin with a digit; such a group keeps its number only.
            if name.starts_with(|first: char| first.is_ascii_digit()) {
                self.out.push('(');
            } else {
                let _ = write!(self.out, "(?P<{name}>");
            }
            return Ok(());
        }
        self.flags()
    }

    /// `i)`, `-s:` and the like, after `(?`.
    fn flags(&mut self) -> Result<(), String> {
        let refused = || "found `(?` with something else than the flags i, m, s and U, a name or `:`".to_owned();
        let end = self.rest.find([')', ':']).ok_or_else(refused)?;
        let flags = &self.rest[..end];
        let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
        let is_known = |flags: &str| flags.bytes().all(|flag| matches!(flag, b'i' | b'm' | b's' | b'U'));
        if !is_known(on) || !is_known(off) || flags.ends_with('-') {
            return Err(refused());
        }
        // Rust refuses a flag that is named twice, which says no more than once.
        let once =
            |flags: &str| ['i', 'm', 's', 'U'].into_iter().filter(|&flag| flags.contains(flag)).collect::<String>();
        let (off, mut on) = (once(off), once(on));
        on.retain(|flag| !off.contains(flag));
        let is_group = self.rest[end..].starts_with(':');
        self.skip(end + 1);
        let off = if off.is_empty() { String::new() } else { format!("-{off}") };
        if is_group {
            let _ = write!(self.out, "(?{on}{off}:");
        } else if !(on.is_empty() && off.is_empty()) {
            let _ = write!(self.out, "(?{on}{off})");
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        if self.take(r"\Q") {
            let (quoted, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
            quoted.chars().for_each(|character| self.literal(character));
            self.rest = rest;
            return Ok(());
        }
        let bounds = [(r"\A", r"\A"), (r"\z", r"\z"), (r"\b", r"(?-u:\b)"), (r"\B", r"(?-u:\B)")];
        if let Some((_, rewritten)) = bounds.into_iter().find(|(written, _)| self.take(written)) {
            self.out.push_str(rewritten);
            return Ok(());
        }
        if let Some(class) = self.escaped_class()? {
            self.out.push_str(&class);
            return Ok(());
        }
        let character = self.escaped_character()?;
        self.literal(character);
        Ok(())
    }

    /// `\d`, `\W`, `\pN`, `\p{^Greek}`: a class of its own, inside and outside of brackets.
    fn escaped_class(&mut self) -> Result<Option<String>, String> {
        let held = [("d", DIGIT), ("s", SPACE), ("w", WORD)];
        for (letter, held) in held {
            if self.take(&format!(r"\{letter}")) {
                return Ok(Some(format!("[{held}]")));
            }
            if self.take(&format!(r"\{}", letter.to_ascii_uppercase())) {
                return Ok(Some(format!("[^{held}]")));
            }
        }
        let mut is_negated = self.rest.starts_with(r"\P");
        if !is_negated && !self.rest.starts_with(r"\p") {
            return Ok(None);
        }
        self.skip(2);
        let refused = || r"found `\p` without a name; expected one such as \pN or \p{Greek}".to_owned();
        let name = if self.take("{") {
            let (name, rest) = self.rest.split_once('}').ok_or_else(refused)?;
            self.rest = rest;
            name.to_owned()
        } else {
            self.next().ok_or_else(refused)?.to_string()
        };
        let bare = name.strip_prefix('^');
        is_negated ^= bare.is_some();
        let name = bare.unwrap_or(&name);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(format!(r"found the class of characters `{name}`; expected a name such as \pN or \p{{Greek}}"));
        }
        Ok(Some(format!(r"\{}{{{name}}}", if is_negated { 'P' } else { 'p' })))
    }

    /// One character behind a backslash, which is the next in the pattern.
    fn escaped_character(&mut self) -> Result<char, String> {
        self.skip(1);
        let next = self.next().ok_or(r"found `\` at the end; expected a character after it")?;
        let simple = [('a', '\x07'), ('f', '\x0C'), ('n', '\n'), ('r', '\r'), ('t', '\t'), ('v', '\x0B')];
        if let Some((_, character)) = simple.into_iter().find(|&(letter, _)| letter == next) {
            return Ok(character);
        }
        match next {
            'x' => self.hexadecimal(),
            '0'..='7' if next == '0' || self.rest.starts_with(|digit| matches!(digit, '0'..='7')) => {
                let mut code = next as u32 - '0' as u32;
                for _ in 0..2 {
                    let Some(digit) = self.rest.chars().next().and_then(|digit| digit.to_digit(8)) else { break };
                    self.skip(1);
                    code = code * 8 + digit;
                }
                char::from_u32(code).ok_or_else(|| "found a character that does not exist".to_owned())
            }
            '1'..='9' => Err(format!(r"found `\{next}`, a back-reference; expected an expression without any")),
            _ if next.is_ascii() && !next.is_ascii_alphanumeric() => Ok(next),
            _ => Err(format!(r"found `\{next}`, which is no escape of RE2; expected one that is")),
        }
    }

    fn hexadecimal(&mut self) -> Result<char, String> {
        let refused = || r"found `\x` without a character's number; expected \x7F or \x{10FFFF}".to_owned();
        let digits = if self.take("{") {
            let (digits, rest) = self.rest.split_once('}').ok_or_else(refused)?;
            self.rest = rest;
            digits
        } else {
            let digits = self.rest.get(..2).ok_or_else(refused)?;
            self.skip(2);
            digits
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_number);
        code.and_then(char::from_u32).ok_or_else(refused)
    }

    fn class(&mut self) -> Result<(), String> {
        self.skip(1);
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut is_first = true;
        while is_first || !self.rest.starts_with(']') {
            is_first = false;
            if let Some(named) = self.named_class()? {
                self.out.push_str(&named);
                continue;
            }
            if let Some(class) = self.escaped_class()? {
                self.out.push_str(&class);
                continue;
            }
            let low = self.class_character()?;
            let mut high = low;
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") && self.rest.len() > 1 {
                self.skip(1);
                high = self.class_character()?;
            }
            if high < low {
                return Err(format!("found the range `{low}-{high}`; expected the smaller character first"));
            }
            let _ = write!(self.out, r"\x{{{:X}}}-\x{{{:X}}}", u32::from(low), u32::from(high));
        }
        self.skip(1);
        self.out.push(']');
        Ok(())
    }

    fn class_character(&mut self) -> Result<char, String> {
        if self.rest.starts_with('\\') {
            return self.escaped_character();
        }
        self.next().ok_or_else(|| "found `[` without `]`; expected both".to_owned())
    }

    /// `[:alpha:]` or `[:^alpha:]` inside brackets.
    fn named_class(&mut self) -> Result<Option<String>, String> {
        let Some((name, _)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(None);
        };
        if !NAMED.contains(&name.trim_start_matches('^')) || name.starts_with("^^") {
            return Err(format!("found the class of characters `[:{name}:]`; expected one such as [:alpha:]"));
        }
        self.skip(name.len() + 4);
        Ok(Some(format!("[:{name}:]")))
    }
}

/// The bounds of a repetition in braces, and its length; nothing where it is none.
fn bounds(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let end = text.find('}')?;
    let inside = &text[1..end];
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let has_zero_before = digits.len() > 1 && digits.starts_with('0');
        (is_number && !has_zero_before).then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match inside.split_once(',') {
        None => (number(inside)?, Some(number(inside)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((least, most, end + 1))
}

#[cfg(test)]
mod tests;
