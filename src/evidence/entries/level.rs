//! How bad a log line says it is, in one vocabulary for all loggers.

use serde::Serialize;

use crate::evidence::stamp::fields::json_fields;

/// The level of a log line; later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Finer than debugging.
    Trace,
    /// For those who debug.
    Debug,
    /// Ordinary.
    Info,
    /// Ordinary, but worth a look.
    Notice,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
    /// Something went wrong and the program stopped, or must be looked at now.
    Critical,
}

/// The words of loggers, in lower case.
const WORDS: &[(&str, Level)] = &[
    ("trace", Level::Trace),
    ("trc", Level::Trace),
    ("finest", Level::Trace),
    ("finer", Level::Trace),
    ("debug", Level::Debug),
    ("dbg", Level::Debug),
    ("dbug", Level::Debug),
    ("debu", Level::Debug),
    ("fine", Level::Debug),
    ("verbose", Level::Debug),
    ("info", Level::Info),
    ("inf", Level::Info),
    ("information", Level::Info),
    ("normal", Level::Info),
    ("log", Level::Info),
    ("notice", Level::Notice),
    ("noti", Level::Notice),
    ("note", Level::Notice),
    ("warn", Level::Warning),
    ("warning", Level::Warning),
    ("wrn", Level::Warning),
    ("error", Level::Error),
    ("erro", Level::Error),
    ("err", Level::Error),
    ("eror", Level::Error),
    ("severe", Level::Error),
    ("critical", Level::Critical),
    ("crit", Level::Critical),
    ("fatal", Level::Critical),
    ("ftl", Level::Critical),
    ("panic", Level::Critical),
    ("alert", Level::Critical),
    ("emerg", Level::Critical),
    ("emergency", Level::Critical),
];

/// A level stands near the beginning of the message, within so many bytes.
const REACH: usize = 160;

impl Level {
    /// The level of a line as it is seen; the message is what stands behind its stamp.
    pub(super) fn of(line: &str, message: &str) -> Option<Self> {
        let from_json = line.find('{').filter(|&at| at < REACH).and_then(|at| Self::in_json(&line[at..]));
        // Kubelet's klog lines come behind a stamp of syslog.
        let behind_program = message.find("]: ").filter(|&at| at < REACH).map_or("", |at| &message[at + 3..]);
        from_json
            .or_else(|| Self::of_klog(line))
            .or_else(|| Self::of_klog(behind_program))
            .or_else(|| Self::in_words(line, message))
    }

    /// The level that a word means.
    fn of_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| *level)
    }

    fn in_json(line: &str) -> Option<Self> {
        json_fields(line).find_map(|field| {
            let value = field.bare().trim();
            match field.key {
                "level" | "severity" | "lvl" | "levelname" | "loglevel" | "log.level" | "Level" | "@l"
                | "level_name" => Self::of_word(value).or_else(|| Self::of_number(value)),
                // MongoDB has one letter.
                "s" => Self::of_letter(value.as_bytes()),
                "PRIORITY" => Self::of_priority(value),
                _ => None,
            }
        })
    }

    /// The numbers of bunyan and pino.
    fn of_number(value: &str) -> Option<Self> {
        Some(match value.parse::<u32>().ok()? {
            10..20 => Self::Trace,
            20..30 => Self::Debug,
            30..40 => Self::Info,
            40..50 => Self::Warning,
            50..60 => Self::Error,
            60..70 => Self::Critical,
            _ => return None,
        })
    }

    /// The numbers of syslog.
    fn of_priority(value: &str) -> Option<Self> {
        Some(match value.parse::<u32>().ok()? {
            0..=2 => Self::Critical,
            3 => Self::Error,
            4 => Self::Warning,
            5 => Self::Notice,
            6 => Self::Info,
            7 => Self::Debug,
            _ => return None,
        })
    }

    fn of_letter(word: &[u8]) -> Option<Self> {
        match word {
            [b'I'] => Some(Self::Info),
            [b'W'] => Some(Self::Warning),
            [b'E'] => Some(Self::Error),
            [b'F'] => Some(Self::Critical),
            [b'D'] => Some(Self::Debug),
            _ => None,
        }
    }

    fn of_klog(line: &str) -> Option<Self> {
        let start = line.trim_start().as_bytes().get(..6)?;
        let is_klog = start[1..5].iter().all(u8::is_ascii_digit) && (start[5] == b' ' || start[5].is_ascii_digit());
        if is_klog { Self::of_letter(&start[..1]) } else { None }
    }

    /// A level among the words: behind `level=`, in brackets, in capitals, or before a colon.
    fn in_words(line: &str, message: &str) -> Option<Self> {
        let mut is_first = true;
        // Some loggers put the level before the stamp.
        for part in [message, &line[..line.len() - message.len()]] {
            let end = part.floor_char_boundary(REACH);
            let bytes = part.as_bytes();
            let mut at = 0;
            for word in part[..end].split(|c: char| !c.is_ascii_alphabetic()) {
                let start = at;
                at += word.len();
                let after = bytes.get(at).copied().unwrap_or(b' ');
                // What parts words may be longer than a byte.
                at += part[at..].chars().next().map_or(0, char::len_utf8);
                if word.is_empty() {
                    continue;
                }
                let before = start.checked_sub(1).map_or(b' ', |at| bytes[at]);
                if let Some(level) = Self::of_word(word).filter(|_| is_marked(word, before, after, &part[..start])) {
                    return Some(level);
                }
                if is_first
                    && before == b' '
                    && after == b' '
                    && let Some(level) = Self::of_letter(word.as_bytes())
                {
                    return Some(level);
                }
                is_first = false;
            }
        }
        None
    }
}

/// Whether a word that could be a level stands as one, not as part of a sentence.
fn is_marked(word: &str, before: u8, after: u8, left: &str) -> bool {
    let is_apart = matches!(before, b' ' | b'\t' | b'[' | b'<' | b'(' | b'|' | b'=' | b'"' | b'/')
        && matches!(after, b' ' | b'\t' | b']' | b'>' | b')' | b'|' | b':' | b'"' | b',');
    let is_upper = word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_field = left.ends_with("level=") || left.ends_with("lvl=") || left.ends_with("severity=");
    let is_field = is_field || left.ends_with("level=\"");
    let is_bracketed = matches!((before, after), (b'[', b']') | (b'<', b'>') | (b'[', b' '));
    let is_leading = left.trim().is_empty();
    is_field || (is_apart && (is_upper || is_bracketed || (is_leading && matches!(after, b':' | b' ' | b'\t'))))
}
