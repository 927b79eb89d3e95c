//! The two parts of a file, and the sections of the second. Only a line that begins with `##` in its first column
//! opens a section, so that no code fence left open can swallow the ones after it.

use super::Problem;

/// Fields that are sections, with their headings, in the order in which they are written.
pub(super) const STORY: &[(&str, &str)] = &[
    ("summary", "Summary"),
    ("symptom", "Symptom"),
    ("impact", "Impact"),
    ("root_cause", "Root cause"),
    ("remediation", "Remediation"),
    ("timeline", "Timeline"),
    ("lessons", "Lessons"),
];

/// The sections of a pattern.
pub(super) const PATTERN: &[(&str, &str)] =
    &[("summary", "Summary"), ("symptom", "Symptom"), ("root_cause", "Root cause"), ("remediation", "Remediation")];

/// The two parts of a file.
pub(super) struct Parts<'t> {
    pub(super) front_matter: &'t str,
    pub(super) body: &'t str,
    /// The line that closes the front matter.
    pub(super) closing_line: usize,
}

/// One section: its field, the line of its heading, and its text.
pub(super) struct Section {
    pub(super) field: &'static str,
    pub(super) line: usize,
    pub(super) text: String,
}

/// Finds the front matter between the first line and the next that is `---`.
pub(super) fn split(text: &str) -> Result<Parts<'_>, Problem> {
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let is_fence = line.trim_end() == "---";
        if index == 0 && !is_fence {
            let found = crate::domain::Invalid::new(line.trim_end(), "the line --- that opens the front matter");
            return Err(Problem::new(1, found.to_string()));
        }
        if index > 0 && is_fence {
            let opening = text.find('\n').map_or(text.len(), |newline| newline + 1);
            let body = &text[at + line.len()..];
            return Ok(Parts { front_matter: &text[opening..at], body, closing_line: index + 1 });
        }
        at += line.len();
    }
    let message = match text.is_empty() {
        true => "found an empty file; expected front matter and sections",
        false => "found front matter without an end; expected a second line of ---",
    };
    Err(Problem::new(1, message))
}

/// Cuts the body into sections; what is unknown, repeated or outside a section is a problem.
pub(super) fn read(
    body: &str,
    lines_before: usize,
    known: &'static [(&'static str, &'static str)],
) -> (Vec<Section>, Vec<Problem>) {
    let mut sections: Vec<Section> = Vec::new();
    let mut problems = Vec::new();
    // Text under a heading that is a problem belongs to no section, and is not another problem.
    let mut open: Option<Section> = None;
    let mut text_is_lost = false;
    for (index, line) in body.split('\n').enumerate() {
        let number = lines_before + index + 1;
        if let Some(heading) = heading(line) {
            sections.extend(open.take());
            text_is_lost = true;
            let field = known.iter().find(|(_, name)| *name == heading).map(|(field, _)| *field);
            let first = sections.iter().find(|section| Some(section.field) == field);
            match (field, first) {
                (None, _) => problems.push(unknown(number, heading, known)),
                (Some(_), Some(first)) => problems.push(Problem::new(
                    number,
                    format!("## {heading}: found this section again; expected it once (first on line {})", first.line),
                )),
                (Some(field), None) => open = Some(Section { field, line: number, text: String::new() }),
            }
        } else if let Some(section) = &mut open {
            section.text.push_str(line.strip_prefix('\\').filter(|_| looks_like_heading(line)).unwrap_or(line));
            section.text.push('\n');
        } else if !text_is_lost && !line.trim().is_empty() {
            text_is_lost = true;
            let expected = "a section, such as ## Summary, before any text";
            problems.push(Problem::new(number, crate::domain::Invalid::new(line, expected).to_string()));
        }
    }
    sections.extend(open);
    (sections, problems)
}

/// Writes text so that no line of it opens a section: the reverse of what `read` does.
pub(super) fn escape(text: &str) -> String {
    let escaped =
        text.split('\n').map(|line| if looks_like_heading(line) { format!("\\{line}") } else { line.to_owned() });
    escaped.collect::<Vec<_>>().join("\n")
}

fn unknown(line: usize, heading: &str, known: &[(&str, &str)]) -> Problem {
    let names: Vec<&str> = known.iter().map(|(_, name)| *name).collect();
    let expected = format!(
        "a section: {}. Inside a section use ### and below, and write a line of code or text that begins with ## as \\##",
        names.join(", ")
    );
    Problem::new(line, format!("##: {}", crate::domain::Invalid::new(heading, expected)))
}

fn heading(line: &str) -> Option<&str> {
    let name = line.strip_prefix("##")?;
    (name.is_empty() || name.starts_with([' ', '\t'])).then_some(name.trim())
}

fn looks_like_heading(line: &str) -> bool {
    heading(line.trim_start_matches('\\')).is_some()
}
