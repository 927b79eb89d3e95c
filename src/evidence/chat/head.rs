//! The line that a message begins with: its time, whoever speaks, and the beginning of what is said.

use super::when::{self, Written};

/// The beginning of a message.
pub(super) struct Head<'l> {
    pub(super) at: Written,
    pub(super) speaker: Option<Speaker>,
    pub(super) text: &'l str,
    /// Somebody whom the line names without their speaking: who came, who left.
    pub(super) also_named: Option<String>,
}

/// Whoever speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Speaker {
    /// Somebody whose name is not for a story.
    Person(String),
    /// A program, which may be named.
    Program(String),
}

/// What programs that speak in chats are called, as parts of their names in lower case.
const PROGRAMS: &[&str] = &[
    "bot",
    "alert",
    "pager",
    "grafana",
    "prometheus",
    "jenkins",
    "github",
    "gitlab",
    "datadog",
    "opsgenie",
    "sentry",
    "argocd",
    "zabbix",
    "nagios",
    "icinga",
    "webhook",
    "statuspage",
    "incident.io",
    "kibana",
    "cloudwatch",
    "pingdom",
    "splunk",
    "newrelic",
    "terraform",
    "buildkite",
    "circleci",
];

/// Words before a colon that nobody is called by.
const NOBODY: &[&str] = &[
    "error", "err", "warn", "warning", "info", "debug", "note", "update", "status", "fatal", "critical", "edit", "eta",
    "summary", "impact", "fyi", "tl;dr", "tldr", "ps", "todo", "action", "question", "answer", "http", "https",
];

/// The beginning of a message, if the line is one.
pub(super) fn read(line: &str) -> Option<Head<'_>> {
    time_first(line).or_else(|| time_last(line)).or_else(|| time_between(line))
}

/// `[14:03] ada: text`, `14:03 <ada> text`, `2026-01-05T14:03:00Z text`.
fn time_first(line: &str) -> Option<Head<'_>> {
    let start = line.trim_start();
    let inside = start.trim_start_matches(['[', '(']);
    let is_bracketed = inside.len() < start.len();
    let (at, end) = when::at_start(inside)?;
    let rest = &inside[end..];
    let rest = if is_bracketed { rest.strip_prefix([']', ')'])? } else { rest };
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let is_tabbed = rest.starts_with('\t');
    let rest = rest.trim_start_matches([' ', '\t', '|', '—', '–']);
    let rest = rest.strip_prefix("- ").unwrap_or(rest);
    let (speaker, text, also_named) = said(rest, is_bracketed, is_tabbed);
    Some(Head { at, speaker, text, also_named })
}

/// Who says what, of the rest of a line behind its time.
fn said(rest: &str, is_bracketed: bool, is_tabbed: bool) -> (Option<Speaker>, &str, Option<String>) {
    if let Some((nick, text)) = rest.strip_prefix('<').and_then(|inside| inside.split_once('>'))
        && is_name(nick.trim_matches(SIGNS))
    {
        return (Some(speaker(nick.trim_matches(SIGNS))), text.trim_start(), None);
    }
    // Somebody does something, or comes and goes.
    if let Some(text) = ["-!- ", "--> ", "<-- ", "*** ", "* "].iter().find_map(|sign| rest.strip_prefix(sign)) {
        let nick = text.split_whitespace().next().filter(|nick| is_name(nick));
        return (None, text, nick.map(str::to_owned));
    }
    if is_tabbed
        && let Some((nick, text)) = rest.split_once('\t')
        && is_name(nick.trim_matches(SIGNS))
    {
        return (Some(speaker(nick.trim_matches(SIGNS))), text, None);
    }
    // `rolled back: see below` names nobody: without brackets several words are a name only where they look like one.
    if let Some((name, text)) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|name| (name, "")))
        && is_name(name)
        && (is_bracketed || !name.contains(' ') || is_full_name(name))
    {
        return (Some(speaker(name)), text, None);
    }
    if is_bracketed && is_full_name(rest) {
        return (Some(speaker(rest)), "", None);
    }
    (None, rest, None)
}

/// What IRC programs put before the names of those who have a rank.
const SIGNS: [char; 6] = [' ', '@', '+', '%', '&', '~'];

/// `Ada Lovelace  2:03 PM`, `ada — Today at 14:03`, `Ada Lovelace [14:03]:`, with the text on the lines below.
fn time_last(line: &str) -> Option<Head<'_>> {
    let (at, start) = when::at_end(line)?;
    let before = &line[..start];
    let name = before.trim_end_matches([' ', '\t', '\u{a0}', '\u{202f}', '[', '(', '—', '–', '-', ',', '|']);
    let gap = &before[name.len()..];
    let is_apart = gap.chars().count() > 1 || gap.contains('\t') || at.day.is_some();
    let name = name.trim();
    let is_right = if is_apart { is_name(name) } else { is_full_name(name) && name.contains(' ') };
    is_right.then(|| Head { at, speaker: Some(speaker(name)), text: "", also_named: None })
}

/// `Ada Lovelace [14:03]: text`.
fn time_between(line: &str) -> Option<Head<'_>> {
    let open = line.find(['[', '(']).filter(|&open| open > 0 && open < 80)?;
    let name = line[..open].trim();
    let inside = &line[open + 1..];
    let (at, end) = when::at_start(inside)?;
    let text = inside[end..].strip_prefix([']', ')'])?;
    let text = text.strip_prefix(':').unwrap_or(text).trim_start();
    is_name(name).then(|| Head { at, speaker: Some(speaker(name)), text, also_named: None })
}

/// Whether a text may be what somebody is called: at most four words of letters, digits and a few signs.
fn is_name(text: &str) -> bool {
    let mut count = 0;
    let right = text.split_whitespace().all(|word| {
        count += 1;
        let is_mark = |c: char| c.is_alphanumeric() || "_.'’-@:()^\\[]{}`|".contains(c);
        count <= 5 && word.chars().all(is_mark)
    });
    let lower = text.to_lowercase();
    right
        && text.len() <= 80
        && text.chars().any(char::is_alphabetic)
        && !text.contains("://")
        && !NOBODY.contains(&lower.trim_matches(['*', '_']))
}

/// Whether a text looks like a first name with a last one, or one name alone: every word begins with a capital, or is of
/// a script that has none.
fn is_full_name(text: &str) -> bool {
    let is_big = |word: &str| word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase());
    is_name(text) && text.split_whitespace().count() <= 4 && text.split_whitespace().all(is_big)
}

fn speaker(name: &str) -> Speaker {
    let name = name.trim();
    for mark in [" APP", " BOT", " WORKFLOW", " [BOT]", " (bot)"] {
        if let Some(program) = name.strip_suffix(mark) {
            return Speaker::Program(program.trim().to_owned());
        }
    }
    let lower = name.to_lowercase();
    let is_program = PROGRAMS.iter().any(|part| lower.contains(part));
    if is_program { Speaker::Program(name.to_owned()) } else { Speaker::Person(name.to_owned()) }
}
