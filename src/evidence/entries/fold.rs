//! Which lines without a stamp belong to the line above them.

/// What a line without a stamp looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing but space.
    Blank,
    /// A line that only a stack trace has: it belongs to the line above, whatever that is.
    Trace,
    /// Indented, or the end of something in brackets: it belongs to the log line above.
    Continued,
    /// The beginning of something else: a prompt, a fence, a manifest, the output of `kubectl describe`.
    Section,
    /// Anything else.
    Plain,
}

/// How lines begin that open something which is no longer the log above.
const SECTIONS: &[&str] = &[
    "```",
    "~~~",
    "---",
    "===",
    "$ ",
    "apiVersion:",
    "kind:",
    "Name:  ",
    "Namespace:  ",
    "Events:",
    "LAST SEEN ",
    "NAME  ",
    "NAMESPACE  ",
    "## ",
    "### ",
];

/// How lines of stack traces begin behind their indent, in Java, .NET, JavaScript, Python, Ruby, Go and Rust.
const TRACES: &[&str] = &[
    "at ",
    "Caused by: ",
    "Suppressed: ",
    "... ",
    "File \"",
    "Traceback (most recent call last)",
    "During handling of the above exception",
    "The above exception was the direct cause",
    "goroutine ",
    "created by ",
    "[signal ",
    "stack backtrace:",
    "--- End of ",
    "from /",
];

impl Look {
    /// What a line looks like.
    pub fn of(line: &str) -> Self {
        let inside = line.trim_start_matches([' ', '\t', '\r']);
        let is_indented = inside.len() < line.len();
        if inside.is_empty() {
            return Self::Blank;
        }
        if TRACES.iter().any(|start| inside.starts_with(start)) && (is_indented || !inside.starts_with("at ")) {
            return Self::Trace;
        }
        if is_indented || inside.starts_with(['}', ')', ']']) {
            return Self::Continued;
        }
        if SECTIONS.iter().any(|start| line.starts_with(start)) { Self::Section } else { Self::Plain }
    }
}

/// A log line has seldom more unindented lines below it than this. More of them are lines of a log without stamps, and
/// each is an entry: a rule that counts has to see them apart.
const MOST_PLAIN: usize = 20;

/// How many of the lines below a stamped line belong to it.
///
/// A log is read as its reference reads it: all lines up to the next stamp. A paste that mixes is not: what follows a
/// blank line belongs to the entry only where it goes on like a trace, and nothing does from a section on.
pub(super) fn folded(looks: &[Look]) -> usize {
    let mut plain = 0;
    let mut last = 0;
    // Where the unindented lines turn out too many, only what stands before the first of them is folded.
    let mut before_plain = None;
    let mut is_after_blank = false;
    for (index, look) in looks.iter().enumerate() {
        match look {
            Look::Blank => {
                is_after_blank = true;
                continue;
            }
            Look::Section => break,
            Look::Plain if is_after_blank => break,
            Look::Plain => {
                plain += 1;
                before_plain.get_or_insert(last);
            }
            Look::Trace | Look::Continued => {}
        }
        if plain > MOST_PLAIN {
            return before_plain.unwrap_or(0);
        }
        is_after_blank = false;
        last = index + 1;
    }
    last
}
