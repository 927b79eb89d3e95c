//! Where in a line its stamp stands: at the beginning, behind what collectors put there, in brackets, in a field.
//! Deliberately not anywhere: a date in the middle of a sentence does not make it a log line.

use super::Form;
use super::cursor::Cursor;
use super::fields::{JsonField, json_fields};
use super::written::{self, Written};

/// What stands before a stamp is short; past this many bytes nothing is looked for.
const REACH: usize = 256;
/// How many words may stand before a stamp: `[pod/web-1/app] INFO [main] 2026-03-14 15:04:05`.
const MOST_WORDS_BEFORE: usize = 3;

/// The names under which a line of JSON has its time.
const TIME_FIELDS: &[&str] = &[
    "time",
    "ts",
    "timestamp",
    "@timestamp",
    "t",
    "@t",
    "eventTime",
    "event_time",
    "datetime",
    "date",
    "asctime",
    "timeMillis",
    "stageTimestamp",
    "requestReceivedTimestamp",
    "creationTimestamp",
    "receiveTimestamp",
    "start_time",
    "time_iso8601",
    "time_local",
    "TimeCreated",
    "__REALTIME_TIMESTAMP",
    "instant",
    "metadata",
];

/// The names under which a line of `key=value` has its time, in the order in which they are looked for.
const TIME_KEYS: &[&str] = &["time=", "ts=", "timestamp=", "@timestamp=", "t=", "msg=audit("];

/// The stamp as written, the byte after it, and the form of the line. A line of JSON is all message: the byte is that at
/// which the object begins.
pub(super) fn find(line: &str) -> Option<(Written, usize, Form)> {
    let start = beginning(line);
    if let Some(found) = in_front(line, start) {
        return Some(found);
    }
    // What is indented belongs to what is above it, unless it is a log line that was pasted with an indent.
    if start == 0 || !line.starts_with([' ', '\t']) { deeper(line, start) } else { None }
}

/// The first byte that is neither space nor colour.
fn beginning(line: &str) -> usize {
    let mut cursor = Cursor::new(line, 0);
    cursor.word("\u{feff}".as_bytes());
    step_over_space(&mut cursor);
    cursor.at
}

/// Moves over spaces, tabs, and the escape sequences by which terminals change colour.
fn step_over_space(cursor: &mut Cursor<'_>) {
    loop {
        cursor.blank();
        let mut ahead = *cursor;
        if ahead.word(b"\x1b[").is_none() {
            return;
        }
        while matches!(ahead.peek(), b'0'..=b'9' | b';') {
            ahead.at += 1;
        }
        if ahead.one_of(b"m").is_none() {
            return;
        }
        *cursor = ahead;
    }
}

/// A stamp at the beginning, or behind a few words of the sort that loggers and collectors put in front.
fn in_front(line: &str, start: usize) -> Option<(Written, usize, Form)> {
    let mut cursor = Cursor::new(line, start);
    for words in 0..=MOST_WORDS_BEFORE {
        if cursor.peek() == b'{' {
            return in_json(line, cursor.at);
        }
        let mut inside = cursor;
        let is_bracketed = inside.one_of(b"[(").is_some();
        let from = inside.at;
        if let Some(written) = written::dated(&mut inside) {
            let form = if words == 0 && !is_bracketed { form(line, from, inside.at) } else { Form::Within };
            return Some((written, inside.at, form));
        }
        if let Some(written) = written::at_beginning(&mut inside) {
            return Some((written, inside.at, Form::Within));
        }
        step_over_word(&mut cursor)?;
    }
    None
}

/// Moves over one word that may stand before a stamp; nothing where it may not.
fn step_over_word(cursor: &mut Cursor<'_>) -> Option<()> {
    if cursor.at > REACH / 2 {
        return None;
    }
    if cursor.peek() == b'[' {
        cursor.at += 1 + cursor.rest().iter().take(REACH / 2).position(|&byte| byte == b']')?;
        step_over_space(cursor);
        return Some(());
    }
    if cursor.peek() == b'<' {
        // The priority of syslog, and the version of RFC 5424 behind it.
        cursor.at += 1;
        cursor.number(1..=3)?;
        cursor.one_of(b">")?;
        if cursor.word(b"1 ").is_none() {
            cursor.blank();
        }
        return Some(());
    }
    let length = cursor.rest().iter().take(REACH / 2).position(|byte| matches!(byte, b' ' | b'\t' | b'\x1b'))?;
    let word = &cursor.rest()[..length];
    let is_expected = may_stand_before(word);
    cursor.at += length;
    step_over_space(cursor);
    // Compose puts the name of the service and a bar before each line.
    (is_expected || cursor.peek() == b'|').then_some(())
}

/// Whether a word looks like a level, a name, an address or a separator rather than like part of a sentence.
fn may_stand_before(word: &[u8]) -> bool {
    // Load balancers of AWS begin with the protocol.
    const PLAIN: &[&[u8]] = &[b"|", b"-", b"http", b"https", b"h2", b"ws", b"wss", b"grpcs"];
    let Some(last) = word.last() else { return false };
    // `=ERROR REPORT====` of Erlang.
    if PLAIN.contains(&word) || word.ends_with(b"====") {
        return true;
    }
    // `E,` of Ruby; `ERROR`, `WARN:`.
    let bare = word.strip_suffix(b",").or_else(|| word.strip_suffix(b":")).unwrap_or(word);
    let bare = bare.strip_prefix(b"=").unwrap_or(bare);
    if bare.iter().all(u8::is_ascii_uppercase) {
        return true;
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:|#@%".contains(byte);
    *last != b':'
        && word.first().is_some_and(u8::is_ascii_alphanumeric)
        && word.iter().all(is_name)
        && word.iter().any(|byte| !byte.is_ascii_alphabetic())
}

/// Whether a stamp at the beginning of a line is set apart from the message.
fn form(line: &str, from: usize, end: usize) -> Form {
    let stamp = &line.as_bytes()[from..end];
    let length = stamp.len();
    let is_rfc3339 = length >= 20
        && stamp[4] == b'-'
        && stamp[10] == b'T'
        && stamp[13] == b':'
        && (stamp[length - 1] == b'Z' || (b"+-".contains(&stamp[length - 6]) && stamp[length - 3] == b':'));
    let mut cursor = Cursor::new(line, end);
    if !is_rfc3339 || cursor.one_of(b" ").is_none() {
        return Form::Within;
    }
    let message = cursor.at;
    let has_stream = cursor.word(b"stdout ").or_else(|| cursor.word(b"stderr ")).is_some();
    let is_tagged = has_stream && matches!(cursor.peek(), b'F' | b'P');
    if is_tagged && let Some(tag) = cursor.rest().iter().position(|&byte| byte == b' ') {
        return Form::Cri(cursor.at + tag + 1);
    }
    Form::Rfc3339(message)
}

/// A stamp further inside: `time=` of a logfmt line, `[14/Mar/2026:15:04:05 +0000]` of an access log.
fn deeper(line: &str, start: usize) -> Option<(Written, usize, Form)> {
    let bytes = &line.as_bytes()[..line.len().min(start + REACH)];
    if let Some(found) = in_pairs(line, start, bytes.len()) {
        return Some(found);
    }
    let brackets = bytes.iter().enumerate().skip(start).filter(|(_, byte)| **byte == b'[');
    for (at, _) in brackets.take(8) {
        let mut cursor = Cursor::new(line, at + 1);
        if let Some(written) = written::dated(&mut cursor) {
            return Some((written, cursor.at, Form::Within));
        }
    }
    None
}

fn in_pairs(line: &str, start: usize, end: usize) -> Option<(Written, usize, Form)> {
    let bytes = line.as_bytes();
    for at in start..end {
        if at > start && !matches!(bytes[at - 1], b' ' | b'\t') {
            continue;
        }
        for key in TIME_KEYS {
            let mut cursor = Cursor::new(line, at);
            if cursor.word(key.as_bytes()).is_none() {
                continue;
            }
            cursor.one_of(b"\"");
            if let Some(written) = written::dated(&mut cursor).or_else(|| written::epoch(&mut cursor)) {
                return Some((written, cursor.at, Form::Within));
            }
        }
    }
    None
}

fn in_json(line: &str, start: usize) -> Option<(Written, usize, Form)> {
    let mut time = None;
    let mut has_log = false;
    let mut has_stream = false;
    for field in json_fields(&line[start..]) {
        has_log |= field.key == "log" && field.value.starts_with('"');
        has_stream |= field.key == "stream" && matches!(field.bare(), "stdout" | "stderr");
        if time.is_none() && TIME_FIELDS.contains(&field.key) {
            time = of_field(&field);
        }
    }
    let form = if has_log && has_stream && start == beginning(line) { Form::Docker } else { Form::Within };
    Some((time?, start, form))
}

/// The time that a field holds: text, a number of any magnitude, or one of the nested shapes of MongoDB, Log4j and
/// Kubernetes.
fn of_field(field: &JsonField<'_>) -> Option<Written> {
    if field.value.starts_with('{') {
        return json_fields(field.value)
            .filter(|inner| matches!(inner.key, "$date" | "epochSecond" | "creationTimestamp"))
            .find_map(|inner| if inner.value.starts_with('{') { None } else { of_field(&inner) });
    }
    if matches!(field.key, "metadata" | "instant") {
        return None;
    }
    // Windows: `\/Date(1743448267142)\/`.
    let text = field.bare().trim_start_matches(['\\', '/']);
    let text = text.strip_prefix("Date(").unwrap_or(text);
    let mut cursor = Cursor::new(text, 0);
    written::dated(&mut cursor).or_else(|| written::epoch(&mut cursor).filter(|_| cursor.is_at_end_of_word()))
}
