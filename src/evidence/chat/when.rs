//! Days and times as chat programs write them.

use std::sync::LazyLock;

use chrono::{FixedOffset, NaiveDate, NaiveTime};
use regex::{Captures, Regex};

use crate::evidence::mask::pattern;

/// A time of day, and what was written about its day and zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) day: Option<Day>,
    pub(super) time: NaiveTime,
    pub(super) zone: Option<FixedOffset>,
}

/// A day as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Full(NaiveDate),
    /// `January 5th`: the year is that of the day to assume.
    Yearless {
        month: u32,
        day: u32,
    },
    /// The day to assume.
    Today,
    /// The day before it.
    Yesterday,
}

/// The macro keeps the two patterns that hold a day alike; names of groups are unique in one pattern.
macro_rules! day {
    () => {
        concat!(
            r"(?:(?P<y>\d{4})[-/.](?P<mo>\d{2})[-/.](?P<d>\d{2})",
            r"|(?P<a>\d{1,2})(?P<sep>[/.])(?P<b>\d{1,2})[/.](?P<yy>\d{4}|\d{2})",
            r"|(?:(?i:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?i:day)?,?\s+)?",
            r"(?:(?P<name>(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})\.?\s+(?P<nd>\d{1,2})(?:st|nd|rd|th)?",
            r"|(?P<dn>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?P<name2>(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})\.?)",
            r"(?:,?\s+(?P<ny>\d{4}))?",
            r"|(?P<rel>(?i:today|yesterday)))",
        )
    };
}

macro_rules! time {
    () => {
        concat!(
            r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?",
            r"(?:\s?(?P<half>[AaPp])\.?[Mm]\b\.?)?(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})\b)?",
        )
    };
}

static MOMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(concat!("^(?:", day!(), r"(?:T|,?\s+(?:at\s+)?))?", time!())));
static LAST_MOMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(concat!("(?:", day!(), r"(?:T|,?\s+(?:at\s+)?))?", time!(), r"[\])]?:?\s*$")));
static DAY_ALONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(concat!(r"^[-—–=*\s]*(?:Day changed\s+(?:to\s+)?)?", day!(), r"[-—–=*\s]*$")));

/// The longest line of which the end, or all, is looked at: headings of messages are short.
const LONGEST: usize = 160;

/// The moment that a text begins with, and the byte after it.
pub(super) fn at_start(text: &str) -> Option<(Written, usize)> {
    let found = MOMENT.captures(&text[..text.floor_char_boundary(LONGEST)])?;
    let end = found.get(0)?.end();
    // `10:30:59x` and `1:2:3:4` are no times.
    let goes_on = text[end..].starts_with(|c: char| c.is_alphanumeric() || c == ':' && !text[end..].starts_with(": "));
    (!goes_on).then_some((written(&found)?, end))
}

/// The moment that a text ends with, in brackets or not, and the byte at which it begins.
pub(super) fn at_end(text: &str) -> Option<(Written, usize)> {
    if text.len() > LONGEST || !text.contains(':') {
        return None;
    }
    let found = LAST_MOMENT.captures(text)?;
    let start = found.get(0)?.start();
    let is_cut = text[..start].ends_with(|c: char| c.is_alphanumeric() || ":.-/".contains(c));
    (!is_cut).then_some((written(&found)?, start))
}

/// The day that is all that a line says.
pub(super) fn day_alone(line: &str) -> Option<Day> {
    // Most lines are not worth an expression.
    let may_be =
        line.bytes().any(|byte| byte.is_ascii_digit()) || ["oday", "esterday"].iter().any(|day| line.contains(day));
    if line.len() > LONGEST || !may_be {
        return None;
    }
    day(&DAY_ALONE.captures(line)?)
}

fn written(found: &Captures<'_>) -> Option<Written> {
    let hour = number(found, "h")?;
    let hour = match found.name("half").map(|half| half.as_str()) {
        Some("a" | "A") => (1..=12).contains(&hour).then_some(hour % 12)?,
        Some(_) => (1..=12).contains(&hour).then_some(hour % 12 + 12)?,
        None => hour,
    };
    let time = NaiveTime::from_hms_opt(hour, number(found, "m")?, number(found, "s").unwrap_or_default())?;
    let zone = match found.name("zone").map(|zone| zone.as_str()) {
        Some(zone) => Some(super::rows::zone(zone)?),
        None => None,
    };
    Some(Written { day: day(found), time, zone })
}

fn day(found: &Captures<'_>) -> Option<Day> {
    if let Some(relative) = found.name("rel") {
        return Some(if relative.as_str().eq_ignore_ascii_case("today") { Day::Today } else { Day::Yesterday });
    }
    if let Some(year) = number(found, "y") {
        return full(year, number(found, "mo")?, number(found, "d")?);
    }
    if let Some(first) = number(found, "a") {
        let second = number(found, "b")?;
        let year = number(found, "yy").map(|year| if year < 100 { 2000 + year } else { year })?;
        // With dots the day comes first; with slashes the month, unless there is no such month.
        let day_first = found.name("sep").is_some_and(|sep| sep.as_str() == ".") || first > 12;
        let (month, day) = if day_first { (second, first) } else { (first, second) };
        return full(year, month, day);
    }
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = found.name("name").or_else(|| found.name("name2"))?.as_str().to_ascii_lowercase();
    let month = (1..).zip(MONTHS).find(|(_, known)| name.starts_with(known)).map(|(month, _)| month)?;
    let day = number(found, "nd").or_else(|| number(found, "dn"))?;
    match number(found, "ny") {
        Some(year) => full(year, month, day),
        None => Some(Day::Yearless { month, day }),
    }
}

fn full(year: u32, month: u32, day: u32) -> Option<Day> {
    let year = i32::try_from(year).ok().filter(|year| (1970..=2100).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day).map(Day::Full)
}

fn number(found: &Captures<'_>, name: &str) -> Option<u32> {
    found.name(name)?.as_str().parse().ok()
}
