//! Whether a line was written by someone or printed by something, where nothing else tells.

use std::sync::LazyLock;

use regex::Regex;

use super::mask::{first_chars, pattern};
use super::parts::PartKind;

/// What loggers begin with, or put near the beginning: a time, a level, klog's letter, a JSON record, logfmt.
static LOGGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?-u)^\s*(?:[\[(<]?[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T\] ]|[\[(]?[0-9]{1,2}:[0-9]{2}:[0-9]{2}|[IWEF][0-9]{4} [0-9]{2}:|[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:",
        r"|\{\x22|[\[<]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|SEVERE|PANIC)\b[\]>:]?|(?:level|lvl|ts|time|msg)=)",
        r"|\b(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)\b|\blevel=[a-z]",
    ))
});

/// What a program's output looks like: a field, a table, a prompt, a fence, brackets.
static PRINTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:[$#%>] \S|```|[{}\[\]]|- \S|[A-Za-z][A-Za-z0-9 _./()-]{0,60}:(?:\s{2,}\S|$)|[A-Za-z_][A-Za-z0-9_.-]{0,60}[=:]\s?\S+$)|\S\s{3,}\S|\|",
    )
});

/// The kind of a line that nothing claimed. `above` and `below` are the kinds of the lines next to it, if they are known
/// and no blank line stands between.
pub(super) fn kind_of(line: &str, above: Option<PartKind>, below: Option<PartKind>) -> PartKind {
    let start = first_chars(line, 200);
    if LOGGED.is_match(start) {
        return PartKind::Log;
    }
    // A fence belongs to what it fences.
    if start.trim_start().starts_with("```") {
        return below.or(above).unwrap_or(PartKind::Output);
    }
    if is_sentence(start) {
        return PartKind::Prose;
    }
    match above {
        Some(PartKind::Log) => PartKind::Log,
        Some(PartKind::Alerts | PartKind::Output) => PartKind::Output,
        Some(PartKind::Prose) if !PRINTED.is_match(start) => PartKind::Prose,
        Some(PartKind::Prose | PartKind::Objects | PartKind::Events | PartKind::Trace) | None => {
            if PRINTED.is_match(start) { PartKind::Output } else { PartKind::Prose }
        }
    }
}

/// Several words, most of them plain, and nothing that lays out a table or a field.
fn is_sentence(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| !word.is_empty());
    let (mut all, mut plain) = (0, 0);
    for word in words {
        all += 1;
        let bare = word.trim_matches(|c: char| ",.;:!?()\"'`*_".contains(c));
        plain += usize::from(!bare.is_empty() && bare.chars().all(|c| c.is_alphabetic() || "-'’".contains(c)));
    }
    all >= 4 && plain * 10 >= all * 6 && !PRINTED.is_match(text) && !text.starts_with([' ', '\t'])
}
