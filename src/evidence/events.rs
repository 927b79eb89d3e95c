//! Events of a Kubernetes cluster: the table that `kubectl describe` ends with, the one of `kubectl get events`, and
//! objects of kind Event.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Object;
use super::lines::Lines;
use super::mask::pattern;

/// How a cluster grades its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// As it should be.
    Normal,
    /// Something may be wrong.
    Warning,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// How the cluster grades it.
    pub event_type: EventType,
    /// `FailedScheduling`.
    pub reason: String,
    /// What happened, on one line or several.
    pub message: String,
    /// How often it happened.
    pub count: u32,
    /// What it happened to, as far as it is said: `pod/web-1`, or the name in what `kubectl describe` printed above.
    pub object: Option<String>,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// Its bytes; of an object of kind Event, those of its first line.
    pub span: Range<usize>,
}

/// A table's events and the lines it takes.
#[derive(Debug, Default)]
pub(super) struct EventTables {
    pub(super) events: Vec<Event>,
    /// Heads and rows, in order.
    pub(super) lines: Vec<Range<u32>>,
}

/// Columns of the tables, as their heads are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Type,
    Reason,
    Age,
    Object,
    Message,
    Count,
    Other,
}

impl Column {
    fn named(head: &str) -> Self {
        match head.to_ascii_uppercase().as_str() {
            "TYPE" => Self::Type,
            "REASON" => Self::Reason,
            "AGE" | "LAST SEEN" | "LASTSEEN" => Self::Age,
            "OBJECT" => Self::Object,
            "MESSAGE" => Self::Message,
            "COUNT" => Self::Count,
            _ => Self::Other,
        }
    }
}

/// The head of a table: its columns and the bytes at which they begin.
#[derive(Debug)]
struct Head {
    columns: Vec<(Column, usize)>,
}

impl Head {
    fn of(line: &str) -> Option<Self> {
        let upper = line.len() <= 400 && line.contains("REASON") && line.contains("MESSAGE") && line.contains("TYPE");
        let title = line.len() <= 400 && line.contains("Reason") && line.contains("Message") && line.contains("Type");
        if !upper && !title {
            return None;
        }
        let columns: Vec<(Column, usize)> = cells(line).map(|(at, cell)| (Column::named(cell), at)).collect();
        (columns.len() >= 4).then_some(Self { columns })
    }

    /// The cells of a row: by position where the row keeps to it, by gaps of two blanks where it does not.
    fn row<'l>(&self, line: &'l str) -> Vec<(Column, &'l str)> {
        let is_kept = self.columns.iter().all(|&(_, at)| {
            line.get(at..).is_some_and(|rest| !rest.is_empty()) && (at == 0 || line.as_bytes()[at - 1] == b' ')
        });
        if is_kept {
            let ends = self.columns.iter().skip(1).map(|&(_, at)| at).chain([line.len()]);
            return self.columns.iter().zip(ends).map(|(&(column, at), end)| (column, line[at..end].trim())).collect();
        }
        let mut row: Vec<(Column, &str)> = Vec::new();
        for (index, (at, cell)) in cells(line).enumerate() {
            let Some(&(column, _)) = self.columns.get(index) else { break };
            let is_last = index + 1 == self.columns.len();
            row.push((column, if is_last { line[at..].trim() } else { cell }));
        }
        row
    }
}

/// Stretches of a line between gaps of two blanks or more, and where they begin.
fn cells(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    line.split("  ").filter_map(move |cell| {
        let start = at + (cell.len() - cell.trim_start().len());
        at += cell.len() + 2;
        (!cell.trim().is_empty()).then(|| (start, cell.trim()))
    })
}

/// A row without its head, of `describe` and of `get events`.
static LONE_ROW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^\s*(?:(Normal|Warning)\s{2,}([A-Z][A-Za-z]{2,63})\s{2,}((?:[0-9]+[smhdy])+(?: \(x[0-9]+ over [^)]{1,20}\))?|<[a-z]+>)\s{2,}\S[^\n]{0,80}?\s{2,}(\S.*)",
        r"|(?:\S{1,63}\s+)?(?:(?:[0-9]+[smhdy])+|<[a-z]+>)\s+(Normal|Warning)\s+([A-Z][A-Za-z]{2,63})\s+([a-z][a-z.]{1,80}/\S{1,253})\s+(\S.*))$",
    ))
});
static COUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(x([0-9]{1,9}) over "));

/// The events of the tables in a paste, in order.
pub(super) fn read(lines: Lines<'_>) -> EventTables {
    let mut tables = EventTables::default();
    let mut head: Option<Head> = None;
    let mut name: Option<String> = None;
    // Whether the next line may go on with a message.
    let mut is_open = false;
    for line in 1..=lines.count() {
        let text = lines.get(line);
        let content = text.trim();
        if let Some(rest) = text.strip_prefix("Name:").filter(|rest| rest.starts_with([' ', '\t'])) {
            name = Some(rest.trim().chars().take(253).collect());
        }
        let found = row(head.as_ref(), text, name.as_deref());
        if let Some(found) = found {
            let span = lines.span(line);
            tables.events.push(Event { line, span, ..found });
            tables.take(line);
            is_open = true;
        } else if let Some(begun) = Head::of(text) {
            head = Some(begun);
            tables.take(line);
            is_open = false;
        } else if content == "Events:" || (head.is_some() && is_rule(content)) {
            tables.take(line);
        } else if content.is_empty() {
            (head, is_open) = (None, false);
        } else if is_open && head.is_some() && text.starts_with("  ") {
            tables.go_on(line, lines);
        } else {
            (head, is_open) = (None, false);
        }
    }
    tables
}

impl EventTables {
    fn take(&mut self, line: u32) {
        match self.lines.last_mut() {
            Some(last) if last.end == line => last.end = line + 1,
            Some(_) | None => self.lines.push(line..line + 1),
        }
    }

    /// Adds a line to the message of the last event.
    fn go_on(&mut self, line: u32, lines: Lines<'_>) {
        if let Some(last) = self.events.last_mut() {
            last.message.push('\n');
            last.message.push_str(lines.get(line).trim());
            last.span.end = lines.span(line).end;
        }
        self.take(line);
    }
}

/// `----  ------`.
fn is_rule(content: &str) -> bool {
    content.starts_with("--") && content.bytes().all(|byte| byte == b'-' || byte == b' ')
}

/// A row of the table with this head, or one that is known without; line and span are still to be set.
fn row(head: Option<&Head>, text: &str, described: Option<&str>) -> Option<Event> {
    if !text.contains("Normal") && !text.contains("Warning") {
        return None;
    }
    if let Some(head) = head {
        let cells = head.row(text);
        let cell = |wanted: Column| cells.iter().find(|(column, _)| *column == wanted).map(|&(_, cell)| cell);
        let event_type = cell(Column::Type).and_then(event_type);
        if let (Some(event_type), Some(reason), Some(message)) =
            (event_type, cell(Column::Reason), cell(Column::Message))
        {
            let count = cell(Column::Count).and_then(|count| count.parse().ok());
            return Some(Event {
                event_type,
                reason: reason.to_owned(),
                message: message.to_owned(),
                count: count.unwrap_or_else(|| cell(Column::Age).map_or(1, count_of)),
                object: cell(Column::Object).or(described).map(str::to_owned),
                line: 0,
                span: 0..0,
            });
        }
    }
    let row = LONE_ROW.captures(text).filter(|_| text.len() <= 8192)?;
    let group = |index: usize| row.get(index).map(|group| group.as_str());
    Some(Event {
        event_type: group(1).or(group(5)).and_then(event_type)?,
        reason: group(2).or(group(6))?.to_owned(),
        message: group(4).or(group(8))?.to_owned(),
        count: group(3).map_or(1, count_of),
        object: group(7).or(described).map(str::to_owned),
        line: 0,
        span: 0..0,
    })
}

fn event_type(text: &str) -> Option<EventType> {
    match text {
        "Normal" => Some(EventType::Normal),
        "Warning" => Some(EventType::Warning),
        _ => None,
    }
}

/// Three of `2m (x3 over 5m)`.
fn count_of(age: &str) -> u32 {
    COUNT.captures(age).and_then(|count| count[1].parse().ok()).unwrap_or(1)
}

/// The events among objects, in order.
pub(super) fn of_objects(lines: Lines<'_>, objects: &[Object]) -> Vec<Event> {
    objects.iter().filter(|object| object.kind == "Event").filter_map(|object| of_object(lines, object)).collect()
}

fn of_object(lines: Lines<'_>, object: &Object) -> Option<Event> {
    let value = &object.value;
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let number =
        |pointer: &str| value.pointer(pointer).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
    let about = if value.get("regarding").is_some() { "/regarding" } else { "/involvedObject" };
    let kind = text(&format!("{about}/kind"));
    let name = text(&format!("{about}/name"));
    Some(Event {
        event_type: event_type(text("/type")?)?,
        reason: text("/reason")?.to_owned(),
        message: text("/message").or_else(|| text("/note")).unwrap_or_default().to_owned(),
        count: ["/count", "/series/count", "/deprecatedCount"].into_iter().find_map(number).unwrap_or(1),
        object: kind.zip(name).map(|(kind, name)| format!("{}/{name}", kind.to_lowercase())),
        line: object.line,
        span: lines.span(object.line),
    })
}
