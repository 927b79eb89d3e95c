//! Stack traces: Java, .NET, Node, Python, Go, Rust. Each is one signal, named by what was thrown.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::lines::Lines;
use super::mask::pattern;

/// One stack trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What was thrown, by its type (`java.lang.OutOfMemoryError`), or `panic` and `fatal error` in Go and Rust.
    pub exception: String,
    /// What it said.
    pub message: String,
    /// Its bytes, from the line that names what was thrown, or `Traceback`, to its last frame.
    pub span: Range<usize>,
    /// Its lines, from 1; the last is excluded.
    pub lines: Range<u32>,
}

/// `com.example.ThingException: message`, after whatever a logger puts before it.
static THROWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?-u:\b)((?:[A-Za-z_][A-Za-z0-9_$]{0,80}\.){0,12}[A-Z][A-Za-z0-9_$]{0,80}(?:Exception|Error|Throwable|Failure|Fault))",
        r"(?::[ \t]*(.*))?$",
    ))
});
/// `    at com.example.Thing.run(Thing.java:12)`, `    at run (/app/x.js:1:2)`, `   at App.Run() in /x.cs:line 3`.
static AT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s+at \S.{0,400}"));
static MORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*(?:\.\.\. [0-9]{1,6} (?:more|common frames omitted)|Caused by: |Suppressed: |---> |--- End of )")
});
static PYTHON_ENDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^([A-Za-z_][A-Za-z0-9_.]{0,200})(?::[ \t]*(.*))?$"));
static GO_PANIC: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(panic|fatal error): (.*)$"));
static GO_FRAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:goroutine [0-9]+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[.*\]:|\t\S.*:[0-9]+(?: \+0x[0-9a-f]+)?|created by \S.*|\[signal .*\]|\S[^\s(]*(?:\(.*\))?\.?\S*\(.*\)|exit status [0-9]+|panic: .*|\t?panic\(.*)$",
    )
});
static RUST_PANIC: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"thread '[^']{0,200}' (?:\([0-9]+\) )?panicked at (.*)$"));
static RUST_FRAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:stack backtrace:|\s+[0-9]+: .*|\s+at \S.*|note: .*backtrace.*)$"));

/// The traces of a paste, in order.
pub(super) fn read(lines: Lines<'_>) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut line = 1;
    while line <= lines.count() {
        let text = lines.get(line);
        // Lines of a megabyte are not frames; a pattern need not look at them.
        let found = (text.len() <= 4096).then(|| begin(lines, line, text)).flatten();
        line = found.as_ref().map_or(line + 1, |trace| trace.lines.end.max(line + 1));
        traces.extend(found);
    }
    traces
}

fn begin(lines: Lines<'_>, line: u32, text: &str) -> Option<Trace> {
    if text.contains("Traceback (most recent call last)") {
        return python(lines, line);
    }
    if let Some(panic) = text.starts_with(['p', 'f']).then(|| GO_PANIC.captures(text)).flatten() {
        let end = go_end(lines, line);
        return (end > line + 1).then(|| trace(lines, line..end, &panic[1], &panic[2]));
    }
    if let Some(panic) = text.contains("panicked at").then(|| RUST_PANIC.captures(text)).flatten() {
        return Some(rust(lines, line, &panic[1]));
    }
    let is_followed = line < lines.count() && AT.is_match(first(lines.get(line + 1)));
    if is_followed && !AT.is_match(text) {
        let end = frames_end(lines, line + 1, |text| AT.is_match(text) || MORE.is_match(text));
        let thrown = THROWN.captures(text);
        let group = |index: usize| thrown.as_ref().and_then(|thrown| thrown.get(index)).map(|group| group.as_str());
        return group(1).map(|exception| trace(lines, line..end, exception, group(2).unwrap_or_default()));
    }
    None
}

fn trace(lines: Lines<'_>, range: Range<u32>, exception: &str, message: &str) -> Trace {
    Trace {
        exception: exception.to_owned(),
        message: message.trim().to_owned(),
        span: lines.span_of(&range),
        lines: range,
    }
}

fn first(text: &str) -> &str {
    super::mask::first_chars(text, 4096)
}

/// The first line from here on that is no frame.
fn frames_end(lines: Lines<'_>, from: u32, is_frame: impl Fn(&str) -> bool) -> u32 {
    (from..=lines.count()).find(|&line| !is_frame(first(lines.get(line)))).unwrap_or(lines.count() + 1)
}

/// Python names what was thrown last, at the depth of `Traceback`; further tracebacks may follow it.
fn python(lines: Lines<'_>, line: u32) -> Option<Trace> {
    let mut end = line + 1;
    let mut thrown = None;
    while end <= lines.count() {
        let text = first(lines.get(end));
        let is_frame = text.starts_with([' ', '\t']);
        let is_between = text.is_empty()
            || text.starts_with("Traceback (most")
            || text.starts_with("During handling of the above")
            || text.starts_with("The above exception was");
        let goes_on = is_frame || (thrown.is_some() && is_between);
        if !goes_on {
            let Some(ends) = PYTHON_ENDS.captures(text).filter(|_| thrown.is_none()) else { break };
            let message = ends.get(2).map_or("", |message| message.as_str());
            thrown = Some((ends[1].to_owned(), message.to_owned(), end));
        } else if text.starts_with("Traceback (most") {
            thrown = None;
        } else if let Some((.., last)) = &thrown
            && text.is_empty()
            && !is_followed(lines, end)
        {
            end = last + 1;
            break;
        }
        end += 1;
    }
    let (exception, message, last) = thrown?;
    Some(trace(lines, line..end.min(last + 1), &exception, &message))
}

/// Whether another traceback follows the blank line.
fn is_followed(lines: Lines<'_>, blank: u32) -> bool {
    let next = lines.get((blank + 1).min(lines.count()));
    next.starts_with("During handling of")
        || next.starts_with("The above exception was")
        || next.starts_with("Traceback (")
}

/// Blank lines stand between goroutines.
fn go_end(lines: Lines<'_>, line: u32) -> u32 {
    let mut end = line + 1;
    let mut at = end;
    while at <= lines.count() {
        let text = first(lines.get(at));
        if GO_FRAME.is_match(text) {
            end = at + 1;
        } else if !text.is_empty() || at > end {
            break;
        }
        at += 1;
    }
    end
}

/// Since Rust 1.73 the message stands on the line below; before, in quotes on the same.
fn rust(lines: Lines<'_>, line: u32, rest: &str) -> Trace {
    let quoted = rest.strip_prefix('\'').and_then(|rest| rest.rsplit_once('\''));
    let (message, frames) = match quoted {
        Some((message, _)) => (message, line + 1),
        None if line < lines.count() => (first(lines.get(line + 1)), line + 2),
        None => ("", line + 1),
    };
    let end = frames_end(lines, frames, |text| RUST_FRAME.is_match(text));
    trace(lines, line..end.min(lines.count() + 1), "panic", message)
}
