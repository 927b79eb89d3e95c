//! What a line says, without what every line of its log begins with.

/// Words for how bad something is, as they stand before a message.
const LEVELS: &[&str] = &[
    "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "erro", "eror", "fatal", "panic",
    "critical", "crit", "severe", "alert", "emerg", "verbose", "stdout", "stderr", "log",
];

/// The names under which structured lines have their message, and what went wrong besides.
const MESSAGE: &[&str] = &["msg", "message", "log", "event", "error", "err", "exception", "reason"];

/// The longest message that is looked at.
const LONGEST: usize = 4_096;

/// The message of a line, which begins at `start` behind its stamp.
pub(super) fn of(line: &str, start: usize) -> &str {
    let is_syslog = line.as_bytes().first().is_some_and(u8::is_ascii_uppercase)
        && line.get(1..4).is_some_and(|letters| letters.ends_with(' '))
        && start >= 15;
    let text = line.get(start..).unwrap_or_default().trim();
    let text = &text[..text.floor_char_boundary(LONGEST)];
    if let Some(message) = of_fields(text) {
        return message;
    }
    let text = if is_syslog { behind_host(text) } else { text };
    let bare = behind_front(text);
    if bare.is_empty() { text } else { bare }
}

/// The value of the field that holds the message, of a line of JSON or of `key=value`; as it is written, escapes and
/// all, since that is what terms are tried on.
fn of_fields(text: &str) -> Option<&str> {
    let is_json = text.starts_with('{');
    MESSAGE.iter().find_map(|name| {
        let key = if is_json { format!("\"{name}\"") } else { format!("{name}=\"") };
        let at = text
            .match_indices(&key)
            .map(|(at, _)| at)
            .find(|&at| is_json || at == 0 || text[..at].ends_with([' ', '\t']))?;
        let rest = &text[at + key.len()..];
        let value = if is_json { rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')? } else { rest };
        let value = &value[..closing(value)?];
        value.chars().any(char::is_alphabetic).then_some(value)
    })
}

/// The byte of the quote that ends a value.
fn closing(value: &str) -> Option<usize> {
    let mut is_escaped = false;
    value.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

/// Syslog names the host, and then who speaks: `web-1 kernel: `, `web-1 sshd[812]: `.
fn behind_host(text: &str) -> &str {
    let Some((_, rest)) = text.split_once(' ') else { return text };
    let speaker = rest.split(' ').next().unwrap_or_default();
    if speaker.ends_with(':') { rest } else { text }
}

/// What stands behind levels, numbers, and brackets that hold a level, a thread or a process.
fn behind_front(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ",;|:-–>=*#".contains(c));
        if let Some(inside) = rest.strip_prefix(['[', '(', '<'])
            && let Some(end) = inside.as_bytes().iter().take(80).position(|byte| b"])>".contains(byte))
            && !inside[..end].contains(' ')
            && !inside[end + 1..].trim().is_empty()
        {
            rest = &inside[end + 1..];
            continue;
        }
        let word = rest.split([' ', '\t', ':', '|', ']', ',']).next().unwrap_or_default();
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        // `Error: it broke` is a message; `ERROR it broke` has a level.
        let is_front =
            is_number || is_level(word) && (word == word.to_uppercase() || !rest[word.len()..].starts_with(": "));
        if !is_front || word.len() == rest.len() {
            return rest.trim_end();
        }
        rest = rest[word.len()..].trim_start_matches([']', ',', '|']);
    }
}

/// Whether a word says how bad a line is.
fn is_level(word: &str) -> bool {
    LEVELS.contains(&word.trim().to_lowercase().as_str())
}
