//! Messages as rows of a timeline: in UTC, without names.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::head::Speaker;
use super::names::Names;
use super::when::Day;
use super::{Chat, Message};

/// What a log leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumed {
    /// The day on which it begins, in its own zone.
    pub day: Option<NaiveDate>,
    /// The zone of times that name none.
    pub zone: FixedOffset,
}

/// One row of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `2026-01-05T14:03Z`; `14:03 UTC` where nobody says on which day.
    pub at: String,
    /// What was said, behind the role of who said it.
    pub text: String,
}

/// Reads a zone: `UTC`, `Z`, `+08:00`, `+0530`, `-8`, `UTC+2`.
pub fn zone(text: &str) -> Option<FixedOffset> {
    let text = text.trim();
    let name = text.get(..3).filter(|name| name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("gmt"));
    let text = if name.is_some() { text[3..].trim() } else { text };
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return FixedOffset::east_opt(0);
    }
    // Typed with the sign that typographers like.
    let (sign, digits) = match text.chars().next()? {
        '+' => (1, &text[1..]),
        '-' => (-1, &text[1..]),
        '−' => (-1, &text['−'.len_utf8()..]),
        _ => return None,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') {
        return None;
    }
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((hours, minutes)), 4..=5) if minutes.len() == 2 => (hours, minutes),
        (None, 1..=2) => (digits, "0"),
        (None, 4) => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then(|| FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)))?
}

/// A time that lies this far before the one of the message above is of the next day; a little before, out of order.
const TURN_OF_DAY: TimeDelta = TimeDelta::hours(6);

impl Chat {
    /// The messages as rows, in the order in which they stand.
    pub fn rows(&self, assumed: Assumed) -> Vec<Row> {
        let names = Names::new(self.names.iter().map(String::as_str));
        let mut day = assumed.day;
        let mut last: Option<NaiveTime> = None;
        let mut rows = Vec::with_capacity(self.messages.len());
        for message in &self.messages {
            let named = message.at.day.or(message.day);
            day = match (named.and_then(|named| settled(named, day, assumed.day)), last) {
                (Some(named), _) => Some(named),
                (None, Some(last)) if last - message.at.time > TURN_OF_DAY => day.and_then(|day| day.succ_opt()),
                (None, _) => day,
            };
            last = Some(message.at.time);
            let zone = message.at.zone.unwrap_or(assumed.zone);
            rows.push(Row { at: at(day, message.at.time, zone), text: told(message, &names) });
        }
        rows
    }

    /// A line that could not be read, without names.
    pub fn unread_without_names(&self) -> Vec<super::Unread> {
        let names = Names::new(self.names.iter().map(String::as_str));
        let told = |unread: &super::Unread| super::Unread { line: unread.line, text: names.replaced(&unread.text) };
        self.unread.iter().map(told).collect()
    }
}

fn settled(named: Day, current: Option<NaiveDate>, assumed: Option<NaiveDate>) -> Option<NaiveDate> {
    match named {
        Day::Full(day) => Some(day),
        Day::Yearless { month, day } => NaiveDate::from_ymd_opt(current.or(assumed)?.year(), month, day),
        Day::Today => assumed,
        Day::Yesterday => assumed?.pred_opt(),
    }
}

fn at(day: Option<NaiveDate>, time: NaiveTime, zone: FixedOffset) -> String {
    let in_utc = |local: NaiveDateTime| local.and_local_timezone(zone).single().map(|at| at.with_timezone(&Utc));
    let minute = |format: &str, local: NaiveDateTime| {
        in_utc(local).map_or_else(|| time.format("%H:%M").to_string(), |at| at.format(format).to_string())
    };
    match day {
        Some(day) => minute("%Y-%m-%dT%H:%MZ", day.and_time(time)),
        // Any day will do to move a time of day into another zone.
        None => minute("%H:%M UTC", NaiveDate::default().and_time(time)),
    }
}

fn told(message: &Message, names: &Names) -> String {
    let text = names.replaced(&message.text);
    let speaker = match &message.speaker {
        None => return text,
        Some(Speaker::Person(_)) => "An engineer",
        Some(Speaker::Program(name)) => name,
    };
    // A block of code has to begin on a line of its own.
    let gap = if text.starts_with("```") { "\n\n" } else { " " };
    format!("{speaker}:{gap}{text}")
}
